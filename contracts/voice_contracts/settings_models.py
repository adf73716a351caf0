"""Settings of the language models that answer: who serves which."""

# ruff: noqa: RUF009 -- `setting` declares a field, it does not share a value

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from voice_contracts.secret import Secret
from voice_contracts.settings_rules import Hidden, MapOf, Section, setting
from voice_contracts.settings_terms import NAME, URL

__all__ = ("ModelProviderSettings", "ModelsSettings")


@attrs.frozen(kw_only=True)
class ModelProviderSettings:
    """One service, under the id by which `responseModel` names it."""

    base_url: str | None = setting(
        URL,
        shown_default="the vendor's for `openai` and `anthropic`",
        shown_default_zh="`openai` 和 `anthropic` 为官方地址",
        doc="Where it is; with an OpenAI-compatible API the URL ends in `/v1`.",
        doc_zh="服务地址；OpenAI 兼容接口以 `/v1` 结尾。",
    )
    api_key: Secret | None = setting(
        Hidden(),
        shown_default="`OPENAI_API_KEY` for `openai`, `ANTHROPIC_API_KEY` for `anthropic`",
        shown_default_zh="`openai` 取 `OPENAI_API_KEY`，`anthropic` 取 `ANTHROPIC_API_KEY`",
        doc="Its key.",
        doc_zh="密钥。",
    )
    api: str | None = setting(
        NAME,
        shown_default="`anthropic-messages` for `anthropic`, else `openai-completions`",
        shown_default_zh="`anthropic` 为 `anthropic-messages`，其余为 `openai-completions`",
        doc="The protocol it speaks, in the words of the host's file.",
        doc_zh="接口协议，写法与宿主配置相同。",
    )


@attrs.frozen(kw_only=True)
class ModelsSettings:
    """The host's `models`; keys that only the host uses are left alone."""

    providers: Mapping[str, ModelProviderSettings] = setting(
        MapOf(NAME, Section(ModelProviderSettings, open=True)),
        MappingProxyType({}),
        doc="Services by id.",
        doc_zh="按 ID 列出的模型服务。",
    )
