"""Write the settings pages and the settings schema, or check (`--check`) that they are up to date."""

import json
import sys
from pathlib import Path

import attrs

from voice_contracts.settings import Settings
from voice_contracts.settings_document import plain
from voice_contracts.settings_rules import (
    Choice,
    Field,
    Flag,
    Free,
    Hidden,
    ListOf,
    MapOf,
    Number,
    Rule,
    Section,
    Text,
    Whole,
    fields_of,
)
from voice_contracts.settings_schema import settings_schema
from voice_contracts.settings_spellings import SPELLINGS

__all__ = ("main", "pages")

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = "contracts/voice_contracts/schemas/settings.schema.json"


@attrs.frozen
class Language:
    """The words of one page."""

    is_chinese: bool
    intro: str
    columns: str
    top: str
    comma: str
    entry: str
    old_title: str
    old_columns: str
    dropped: str
    required: str
    on_mock: str
    none: str


ENGLISH = Language(
    is_chinese=False,
    intro="""# Settings

[中文](settings.zh-CN.md) · made from the declarations by `docs/render_settings.py`; do not edit.

A settings file is JSON5. The first of these that exists is read: `--config FILE`, `$VOICECALL_CONFIG`,
`~/.voicecall/config.json5`, `~/.openclaw/openclaw.json`, `~/.moltbot/moltbot.json`, `~/.clawdbot/config.json`;
without any the carrier is `mock`. `$VOICECALL_HOME` moves `~/.voicecall`, called `<home>` below.

Two shapes are understood: the keys below at the top of the file, or in `plugins.entries["voice-call"].config` of a
host's file, whose other keys are left alone. `messages.tts` and `models` stand at the top in both; `tts` is laid over
`messages.tts`: objects merge, lists and scalars replace.

An environment variable counts where the key is absent and the variable is not blank; those of a carrier count only if
that carrier is selected. In place of any text may stand a reference: `{source: "env", id: "NAME"}` or
`{source: "file", id: "/run/secrets/name"}`. Unknown keys, wrong types and missing credentials are all reported at
once; `voicecall config check` does it without starting anything. Secrets are shown as `***` wherever settings are
printed. An editor checks the file with the schema that `voicecall config schema` prints.
""",
    columns="| Key | Rule | Default | Environment | Meaning |\n|---|---|---|---|---|\n",
    top="Top level",
    comma=", ",
    entry="each",
    old_title="Old spellings",
    old_columns="| Old | Today |\n|---|---|\n",
    dropped="ignored",
    required="required",
    on_mock="`{}` with `mock`",
    none="–",
)

CHINESE = Language(
    is_chinese=True,
    intro="""# 设置

[English](settings.md) · 由 `docs/render_settings.py` 根据声明生成，请勿手工修改。

配置文件为 JSON5，按以下顺序读取第一个存在的文件：`--config 文件`、`$VOICECALL_CONFIG`、`~/.voicecall/config.json5`、
`~/.openclaw/openclaw.json`、`~/.moltbot/moltbot.json`、`~/.clawdbot/config.json`；都没有时使用 `mock`。
`$VOICECALL_HOME` 可更改 `~/.voicecall` 的位置，下文写作 `<home>`。

支持两种写法：把下列键直接写在文件顶层；或写在宿主配置的 `plugins.entries["voice-call"].config` 中，
宿主的其他键不受影响。
两种写法中 `messages.tts` 和 `models` 都位于文件顶层；`tts` 覆盖在 `messages.tts` 之上：对象合并，列表和单值替换。

键不存在且环境变量非空白时使用环境变量；运营商的环境变量只在选用该运营商时读取。任何文本都可以改用引用：
`{source: "env", id: "变量名"}` 或 `{source: "file", id: "/run/secrets/文件"}`。
未知的键、错误的类型、缺少的凭据会一次全部报告；`voicecall config check` 只检查、不启动。
输出设置时密钥一律显示为 `***`。`voicecall config schema` 输出供编辑器校验用的 JSON Schema。
""",
    columns="| 键 | 规则 | 默认值 | 环境变量 | 说明 |\n|---|---|---|---|---|\n",
    top="顶层",
    comma="，",
    entry="每项",
    old_title="旧写法",
    old_columns="| 旧 | 新 |\n|---|---|\n",
    dropped="忽略",
    required="必填",
    on_mock="使用 `mock` 时为 `{}`",
    none="–",
)

_PLAIN_RULES: dict[type, tuple[str, str]] = {
    Flag: ("true or false", "true 或 false"),
    Whole: ("whole number", "整数"),
    Number: ("number", "数值"),
    Text: ("text", "文本"),
    Hidden: ("secret", "密钥"),
    Section: ("object", "对象"),
    Free: ("object", "对象"),
}


def pages() -> dict[str, str]:
    """Return the text of every generated file by its path from the project's root."""
    return {
        "docs/settings.md": _page(ENGLISH),
        "docs/settings.zh-CN.md": _page(CHINESE),
        SCHEMA: json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n",
    }


def _page(language: Language) -> str:
    parts = [language.intro]
    for title, holder, prefix in _sections(Settings, "", language):
        rows = [_row(field, prefix, language) for field in fields_of(holder) if _has_row(field)]
        if rows:
            heading = f"`{title}`" if prefix else language.top
            parts.append(f"## {heading}\n\n{language.columns}{''.join(rows)}")
    parts.append(_old_spellings(language))
    return "\n".join(parts)


def _sections(holder: type, prefix: str, language: Language) -> list[tuple[str, type, str]]:
    """List the tables of the page: title, class, and what its keys begin with."""
    found = [(prefix.rstrip("."), holder, prefix)]
    for field in fields_of(holder):
        start = f"{prefix}{field.wire}"
        match field.rule:
            case Section(inner) if not (
                prefix and field.wire == "tts"
            ):  # a number's own: the same table again
                found += _sections(inner, f"{start}.", language)
            case MapOf(_, Section(inner)):
                found += _sections(inner, f"{start}.<{'number' if start == 'numbers' else 'id'}>.", language)
            case ListOf(Section(inner)):
                found += _sections(inner, f"{start}[].", language)
            case _:
                pass
    return found


def _has_row(field: Field) -> bool:
    return not isinstance(field.rule, Section) or field.optional


def _row(field: Field, prefix: str, language: Language) -> str:
    env = ("、" if language.is_chinese else ", ").join(f"`{name}`" for name in field.env) or language.none
    doc = field.doc_zh if language.is_chinese else field.doc
    cells = (
        f"`{prefix}{field.wire}`",
        _rule(field.rule, language),
        _default(field, language),
        env,
        doc,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _rule(rule: Rule, language: Language) -> str:
    match rule:
        case ListOf(item):
            inner = "" if isinstance(item, Section) else _rule(item, language)
            name = "列表" if language.is_chinese else "list"
            return f"{name}{language.comma}{language.entry} {inner}" if inner else name
        case MapOf(_, value):
            inner = "" if isinstance(value, Section) else _rule(value, language)
            name = "对象" if language.is_chinese else "object"
            return f"{name}{language.comma}{language.entry} {inner}" if inner else name
        case Choice(words):
            return " ".join(f"`{word}`" for word in words)
        case Text(pattern, words, words_zh) if pattern:
            return words_zh if language.is_chinese else words
        case Whole(least, most) | Number(least, most):
            return _range(rule, least, most, language)
        case _:
            return _PLAIN_RULES[type(rule)][language.is_chinese]


def _range(rule: Rule, least: float, most: float, language: Language) -> str:
    name = _PLAIN_RULES[type(rule)][language.is_chinese]
    return f"{name} {least:g}…{most:.10g}" if most < 2**31 - 1 else f"{name} ≥ {least:g}"


def _default(field: Field, language: Language) -> str:
    if field.required:
        return language.required
    shown = field.shown_default_zh if language.is_chinese and field.shown_default_zh else field.shown_default
    if not shown:
        value = plain(field.default)
        shown = language.none if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"
    if field.on_mock is not None:
        mock = language.on_mock.format(json.dumps(field.on_mock, ensure_ascii=False))
        shown = f"{shown}{language.comma}{mock}"
    return shown


def _old_spellings(language: Language) -> str:
    prefixes = {holder: prefix for _, holder, prefix in reversed(_sections(Settings, "", language))}
    rows = []
    for holder, spellings in SPELLINGS.items():
        for spelling in spellings:
            new = (
                language.dropped if spelling.new is None else f"`{prefixes[holder]}{'.'.join(spelling.new)}`"
            )
            rows.append(f"| `{prefixes[holder]}{'.'.join(spelling.old)}` | {new} |\n")
    for _, holder, prefix in _sections(Settings, "", language):
        for field in fields_of(holder):
            if isinstance(field.rule, Choice):
                rows += [f'| `{prefix}{field.wire}: "{old}"` | `"{new}"` |\n' for old, new in field.rule.old]
    return f"## {language.old_title}\n\n{language.old_columns}{''.join(rows)}"


def main(arguments: list[str]) -> int:
    """Write what differs, or with `--check` only name it. Returns 1 if a check found a difference."""
    checking = "--check" in arguments
    stale = 0
    for name, text in pages().items():
        path = ROOT / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if checking else 'written'}: {name}")
        if not checking:
            path.write_text(text, encoding="utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
