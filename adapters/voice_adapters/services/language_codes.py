"""The language of a locale in the words of speech services."""

__all__ = ("language_code",)

# Services know Chinese languages by one code of ISO 639-1.
_CHINESE = ("cmn", "yue", "zho")


def language_code(locale: str) -> str | None:
    """Return the ISO 639-1 code of *locale* (BCP 47), such as `zh` of `zh-CN`; None if its language has none."""
    language = locale.replace("_", "-").split("-", 1)[0].lower()
    if language in _CHINESE:
        return "zh"
    return language if len(language) == 2 and language.isascii() and language.isalpha() else None
