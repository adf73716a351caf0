"""Write the pages with what each carrier can do, or check (`--check`) that they are up to date.

The adapters are asked, wired as the container wires them: nothing here knows what any of them can do.
"""

import functools
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from voice_contracts.settings_merge import with_value
from voice_contracts.settings_reading import read_settings
from voice_domain.ports.carrier import Capabilities
from voice_entrypoints.container import Container
from voice_entrypoints.wiring_carriers import CARRIERS

__all__ = ("main", "pages")

FOLDER = Path(__file__).resolve().parent / "carriers"
# What a carrier cannot be made without; of accounts that do not exist.
ACCOUNTS: Mapping[str, Mapping[str, str]] = {
    "mock": {},
    "twilio": {"accountSid": "AC1", "authToken": "t"},
    "telnyx": {
        "apiKey": "k",
        "connectionId": "1",
        "publicKey": "Vu3PpSpG3sMXpWXqwAm1XlVDnVBmqKvoi8q1Le2Dl0w=",
    },
    "plivo": {"authId": "MA1", "authToken": "t"},
    "aliyun": {"accessKeyId": "id", "accessKeySecret": "s"},
}
# Settings on which an ability may depend: the key that readers know, and what is set to see the difference.
SWITCHES: Mapping[str, Mapping[tuple[str, ...], Any]] = {
    "streaming.enabled": {
        ("streaming", "enabled"): True,
        ("streaming", "providers"): {"openai": {"apiKey": "sk"}},
        ("tts", "openai"): {"apiKey": "sk"},
    },
    "aliyun.ttsCode": {("aliyun", "ttsCode"): "TTS_1"},
}
ABILITIES: Mapping[str, tuple[str, str]] = {
    "native_speech": ("reads texts with voices of its own", "用自带的声音播报文本"),
    "native_listening": ("transcribes the counterpart itself", "自带语音识别"),
    "media_stream": ("streams the audio both ways", "双向媒体流"),
    "live_speech": ("speaks into a running call", "通话中随时插话播报"),
    "digits": ("presses keys", "发送按键"),
    "transfer": ("hands the counterpart over", "转接"),
    "inbound": ("tells of calls to our number", "来电"),
    "reject": ("refuses a call without answering it", "不接听而拒绝来电"),
}


@attrs.frozen
class Language:
    """The words of one page."""

    is_chinese: bool
    intro: str
    ability: str
    yes: str
    no: str
    only_with: str
    not_with: str
    outro: str


ENGLISH = Language(
    is_chinese=False,
    intro="""# What each carrier can do

[中文](README.zh-CN.md) · made from what the adapters declare by `docs/render_carriers.py`; do not edit.
""",
    ability="It …",
    yes="yes",
    no="no",
    only_with="with `{}`",
    not_with="not with `{}`",
    outro="""What a carrier cannot do is refused with a sentence that says so, before anything is asked of it.
Where a call is not streamed, the carrier's own voice speaks and its own ear listens.

Pages: [Twilio](twilio.md), [Telnyx](telnyx.md), [Plivo](plivo.md), [Aliyun](aliyun.md). Another carrier is brought
by a package of its own: see [writing-an-adapter.md](../writing-an-adapter.md).
""",
)
CHINESE = Language(
    is_chinese=True,
    intro="""# 各运营商的能力

[English](README.md) · 由 `docs/render_carriers.py` 根据适配器的声明生成，请勿手工修改。
""",
    ability="能力",
    yes="是",
    no="否",
    only_with="设置 `{}` 时",
    not_with="设置 `{}` 时不可用",
    outro="""运营商做不到的事，会在发出请求之前以一句明确的话拒绝。没有媒体流的通话，由运营商自己的声音播报、自己识别。

页面：[Twilio](twilio.zh-CN.md)、[Telnyx](telnyx.zh-CN.md)、[Plivo](plivo.zh-CN.md)、[阿里云](aliyun.zh-CN.md)。
其他运营商由单独的软件包提供，见[编写适配器](../writing-an-adapter.zh-CN.md)。
""",
)


@functools.cache
def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    able = {name: {key: _capabilities(name, key) for key in ("", *SWITCHES)} for name in CARRIERS}
    return {"README.md": _page(ENGLISH, able), "README.zh-CN.md": _page(CHINESE, able)}


def _capabilities(name: str, switch: str) -> Capabilities:
    document: Mapping[str, Any] = {
        "provider": name,
        "fromNumber": "+15550000000",
        "publicUrl": "https://voice.example.com/voice/webhook",
        name: dict(ACCOUNTS[name]),
    }
    for path, value in SWITCHES.get(switch, {}).items():
        document = with_value(document, path, value)
    container = Container(settings=read_settings(document, {}).require(), home=Path())
    return container.carrier().capabilities


def _page(language: Language, able: Mapping[str, Mapping[str, Capabilities]]) -> str:
    columns = f"| {language.ability} | {' | '.join(f'`{name}`' for name in able)} |\n"
    line = "|---" * (len(able) + 1) + "|\n"
    rows = [
        f"| {words[language.is_chinese]} | "
        + " | ".join(_cell(language, variants, ability) for variants in able.values())
        + " |\n"
        for ability, words in ABILITIES.items()
    ]
    return f"{language.intro}\n{columns}{line}{''.join(rows)}\n{language.outro}"


def _cell(language: Language, variants: Mapping[str, Capabilities], ability: str) -> str:
    usual = getattr(variants[""], ability)
    for switch, able in variants.items():
        if getattr(able, ability) != usual:
            return (language.not_with if usual else language.only_with).format(switch)
    return language.yes if usual else language.no


def main(arguments: list[str]) -> int:
    """Write what differs, or with `--check` only name it. Returns 1 if a check found a difference."""
    checking = "--check" in arguments
    stale = 0
    for name, text in pages().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{'stale' if checking else 'written'}: docs/carriers/{name}")
        if not checking:
            path.write_text(text, encoding="utf-8")
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
