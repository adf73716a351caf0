"""Rules that many settings share: E.164, URLs, paths, amounts."""

from typing import Final

from voice_contracts.settings_rules import Text, Whole

__all__ = (
    "AMOUNT",
    "AMOUNT_OR_OFF",
    "E164",
    "LOCALE",
    "NAME",
    "NUMBER_PATTERN",
    "PORT",
    "REGION",
    "URL",
    "URL_PATH",
)

_INT32_MOST = 2**31 - 1  # more milliseconds than 24 days are a slip of the keyboard

AMOUNT: Final = Whole(1, _INT32_MOST)
AMOUNT_OR_OFF: Final = Whole(0, _INT32_MOST)
PORT: Final = Whole(0, 65535)
"""TCP; 0 lets the system pick a free one."""

NAME: Final = Text()

E164: Final = Text(
    r"\+[1-9][0-9]{1,14}",
    "E.164 format, e.g. +15550001234",
    "E.164 格式的号码，例如 +15550001234",
    private=True,
)

NUMBER_PATTERN: Final = Text(
    r"\+[1-9][0-9]{0,14}\*?",
    "an E.164 number, e.g. +15550001234, or its beginning with a *, e.g. +1555*",
    "E.164 号码（如 +15550001234），或开头加 *（如 +1555*）",
    private=True,
)

URL: Final = Text(
    r"[hH][tT][tT][pP][sS]?://[^\s/?#@\\]+([/?#][^\s]*)?",
    "a URL with http:// or https:// and without a user name, e.g. https://example.com",
    "以 http:// 或 https:// 开头、不含用户名的网址，例如 https://example.com",
)

URL_PATH: Final = Text(
    r"/[^\s?#]*", "a path that starts with /, e.g. /voice/webhook", "以 / 开头的路径，例如 /voice/webhook"
)

# ISO 3166-1 alpha-2.
REGION: Final = Text(
    r"[A-Za-z]{2}", "a region's two letters (ISO 3166), e.g. US", "两个字母的地区代码（ISO 3166），例如 CN"
)

# BCP 47, without extensions: language, script, region, variants.
LOCALE: Final = Text(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{4,8})*",
    "a language tag (BCP 47), e.g. zh-CN",
    "语言标签（BCP 47），例如 zh-CN",
)
