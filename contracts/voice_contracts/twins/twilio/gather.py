"""Gather: what it asks for, and how it tells what came (www.twilio.com/docs/voice/twiml/gather)."""

from voice_contracts.twins.document import Node
from voice_contracts.twins.gathering import Gathered, GatherPlan
from voice_contracts.twins.twilio.notices import Fields

__all__ = ("fields_of", "plan_of")

_AUTO_SECONDS = 1.0
"""How much silence `speechTimeout="auto"` takes for the end of an utterance."""
_LONGEST_SPEECH_SECONDS = 60


def plan_of(node: Node) -> GatherPlan:
    """Read a `Gather` that the grammar has accepted."""
    kinds = node.get("input", "dtmf").split()
    timeout = node.seconds("timeout", 5)
    pause = node.get("speechTimeout", str(timeout))
    return GatherPlan(
        keys="dtmf" in kinds,
        speech="speech" in kinds,
        timeout=timeout,
        key_timeout=timeout,
        speech_timeout=_AUTO_SECONDS if pause == "auto" else float(pause),
        longest_speech=node.seconds("maxSpeechTime", _LONGEST_SPEECH_SECONDS),
        most_keys=float(node.get("numDigits", "inf")),
        finish_on=node.get("finishOnKey", "#"),
        barge_in=node.get("bargeIn", "true") == "true",
    )


def fields_of(node: Node, came: Gathered) -> Fields:
    """Return what the action is told; for nothing, what stands for silence."""
    if came.has_keys:
        finish = (("FinishedOnKey", came.finished_on),) if came.finished_on else ()
        return (("Digits", came.keys), *finish, ("msg", "Gather End"))
    if came.spoken:
        sure = () if came.confidence is None else (("Confidence", f"{came.confidence:.7f}"),)
        return (("SpeechResult", came.spoken), *sure, ("Language", node.get("language", "en-US")))
    silence = {"speech": ("SpeechResult", ""), "dtmf": ("Digits", "")}
    return tuple(silence[kind] for kind in node.get("input", "dtmf").split())
