"""The sentences that we say of our own accord, in every language that we speak."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ("LANGUAGES", "PHRASES", "language_of", "phrase")

LANGUAGES = ("en", "zh")

PHRASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "greeting": {"en": "Hello, how can I help you?", "zh": "您好，请问有什么可以帮您？"},
        "apology": {
            "en": "Sorry, I could not come up with an answer just now. Could you say that again?",
            "zh": "抱歉，我刚才没能回答您。请您再说一遍好吗？",
        },
        "deaf": {
            "en": "I am sorry, I cannot hear you at the moment, so I have to end this call. Goodbye.",
            "zh": "很抱歉，我现在听不到您的声音，只能先结束这次通话。再见。",
        },
        "goodbye": {
            "en": "I am sorry, we have to end this call now. Goodbye.",
            "zh": "很抱歉，我们现在需要结束通话。再见。",
        },
        "pairing": {
            "en": "This number is private. Your pairing code is {code}. I repeat: {code}. Goodbye.",
            "zh": "这是私人号码。您的配对码是 {code}。重复一遍：{code}。再见。",
        },
    }
)


def language_of(locale: str) -> str:
    """Return which of our languages serves *locale* (BCP 47); English when none does."""
    language = locale.split("-", 1)[0].lower()
    return language if language in LANGUAGES else "en"


def phrase(name: str, locale: str) -> str:
    """Return the sentence *name* in the language of *locale*.

    Raises:
        KeyError: if there is no sentence of that name.
    """
    return PHRASES[name][language_of(locale)]
