"""What Aliyun can read aloud: the characters it does not take, and how long a text may be."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from voice_domain.errors import VoiceError

__all__ = ("LONGEST_TEXT", "UnspeakableTextError", "checked_text", "spoken_text")

LONGEST_TEXT: Final = 1000
"""Characters of a template with its variables filled in, and of one text in a conversation."""

# help.aliyun.com/document_detail/114042.html: these may not occur. Each is read like what stands for it here.
_STAND_INS: Mapping[str, str] = MappingProxyType(
    {
        "@": "＠",
        "=": "＝",
        ":": "：",
        '"': "”",
        "$": "＄",
        "{": "（",
        "}": "）",
        "^": " ",
        "*": " ",
        "¥": "￥",
    }
)
_TRANSLATION: Final = str.maketrans(dict(_STAND_INS))


class UnspeakableTextError(VoiceError):
    """A text that Aliyun would refuse, or read in part."""

    kind: ClassVar[str] = "invalid_params"


def checked_text(text: str) -> str:
    """Return *text* on one line, as a variable of a template takes it.

    Raises:
        UnspeakableTextError: if it is blank, longer than `LONGEST_TEXT`, or has a character that may not occur.
    """
    line = _on_one_line(text)
    if not line:
        raise UnspeakableTextError(
            "通知内容为空，请填写 message；The message is empty: write what is to be said"
        )
    if len(line) > LONGEST_TEXT:
        raise UnspeakableTextError(
            f"通知内容有 {len(line)} 个字符，语音模板最多 {LONGEST_TEXT} 个，请缩短；"
            f"The message has {len(line)} characters, a template takes {LONGEST_TEXT}: shorten it"
        )
    found = " ".join(sorted(set(line) & set(_STAND_INS)))
    if found:
        raise UnspeakableTextError(
            f"通知内容含有语音模板变量不允许的字符 {found}，请改写（例如 15:30 写成 15点30分）；"
            f"The message has characters that a template's variable may not hold ({found}): write it without them"
        )
    return line


def spoken_text(text: str) -> str:
    """Return *text* for a conversation: on one line, and with what may not occur replaced by what sounds alike.

    Nobody can rewrite an answer while the callee waits, so that it is not refused but cut after `LONGEST_TEXT`.
    """
    return _on_one_line(text.translate(_TRANSLATION))[:LONGEST_TEXT]


def _on_one_line(text: str) -> str:
    plain = "".join(" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    return " ".join(plain.split())
