"""What is said in the demonstration, by both sides, and what must come of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from voice_domain.ports.responder import ReplyRequest

__all__ = ("CALLEE", "SCENES", "Scene")

CALLEE: Final = "+15550005678"


@attrs.frozen(kw_only=True)
class Scene:
    """A conversation of which every word is known."""

    locale: str
    opening: str
    replies: tuple[str, ...]
    """What we answer, turn by turn."""
    steps: tuple[Mapping[str, Any], ...]
    """What the callee does, as `mock.script` of the settings."""

    @property
    def asked(self) -> tuple[str, ...]:
        """What the callee says, in order."""
        words = (step.get("say") or step.get("interrupt") for step in self.steps)
        return tuple(str(each) for each in words if each)

    def settings(self) -> dict[str, Any]:
        """Return a settings document in which this is played."""
        return {
            "provider": "mock",
            "locale": self.locale,
            "mock": {"ringMs": 300, "answerMs": 900, "script": [dict(step) for step in self.steps]},
            "recording": {"enabled": True},
            "tts": {"provider": "local"},
        }

    async def reply(self, _utterance: str, request: ReplyRequest) -> str | None:
        """Answer a turn, as a host's own responder does; None once the script is at its end."""
        return self.replies[request.turn - 1] if request.turn <= len(self.replies) else None

    def problem_with(self, record: Mapping[str, Any], *, ending: str) -> str:
        """Return in what *record*, the call at its end, differs from the script; empty if in nothing.

        *ending* is the end reason of a call that the callee hangs up.
        """
        if record.get("endReason") != ending:
            return f"the callee should have hung up, but the call ended with {record.get('endReason')}"
        transcript = record["transcript"]
        heard = tuple(entry["text"] for entry in transcript if entry["speaker"] == "user")
        if heard != self.asked:
            return f"{len(heard)} of the callee's {len(self.asked)} utterances were understood"
        wanted = (self.opening, *self.replies)
        ours = tuple(
            entry.get("intended") or entry["text"] for entry in transcript if entry["speaker"] == "bot"
        )
        if ours != wanted:
            return f"{len(ours)} of our {len(wanted)} utterances were said"
        if sum(bool(entry.get("interrupted")) for entry in transcript) != 1:
            return "the callee should have interrupted us exactly once"
        return ""


SCENES: Final[Mapping[str, Scene]] = MappingProxyType(
    {
        "en": Scene(
            locale="en-US",
            opening="Hello, this is Maple Dental. You have an appointment tomorrow at ten.",
            replies=(
                "Of course. At eleven we are free. Please bring your insurance card and be here a little early.",
                "Twelve Garden Street.",
                "Thank you. See you tomorrow!",
            ),
            steps=(
                {"afterMs": 250, "say": "Can I come at eleven?"},
                {"afterMs": 2600, "interrupt": "Sorry, where is it?"},
                {"afterMs": 250, "say": "Great, bye!"},
                {"afterMs": 200, "hangUp": True},
            ),
        ),
        "zh": Scene(
            locale="zh-CN",
            opening="您好，枫叶牙科提醒您：明天上午十点看牙。",
            replies=(
                "没问题，十一点有空位。请带上医保卡和您正在服用的药品清单，并且提前十分钟到，以便先填一张登记表。",
                "花园路十二号。",
                "好的，明天见！",
            ),
            steps=(
                {"afterMs": 250, "say": "能改到十一点吗？"},
                {"afterMs": 1800, "interrupt": "地址在哪里？"},
                {"afterMs": 250, "say": "再见！"},
                {"afterMs": 200, "hangUp": True},
            ),
        ),
    }
)
