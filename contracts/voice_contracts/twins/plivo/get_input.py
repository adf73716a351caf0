"""GetInput: what it asks for, and how it tells what came (www.plivo.com/docs/voice/xml/get-input)."""

from voice_contracts.twins.document import Node
from voice_contracts.twins.gathering import Gathered, GatherPlan
from voice_contracts.twins.plivo.notices import Fields
from voice_contracts.twins.words import words_of

__all__ = ("fields_of", "interim_fields", "plan_of")

_AUTO_SPEECH_SECONDS = 1.0
_AUTO_KEY_SECONDS = 2.0
"""What `auto` stands for; Plivo does not say."""
_PRICE = "0.02000"


def plan_of(node: Node) -> GatherPlan:
    """Read a `GetInput` that the grammar has accepted. Its time counts from the end of the nested prompt on."""
    kinds = node.get("inputType").split()
    return GatherPlan(
        keys="dtmf" in kinds,
        speech="speech" in kinds,
        timeout=node.seconds("executionTimeout", 15),
        key_timeout=_end_seconds(node, "digitEndTimeout", _AUTO_KEY_SECONDS),
        speech_timeout=_end_seconds(node, "speechEndTimeout", _AUTO_SPEECH_SECONDS),
        most_keys=node.seconds("numDigits", 32),
        finish_on=node.get("finishOnKey", "#"),  # no key is called `none`
    )


def fields_of(came: Gathered) -> Fields:
    """Return what the action is told."""
    if came.has_keys:
        return (("InputType", "dtmf"), ("Digits", came.keys))
    sure = () if came.confidence is None else (("SpeechConfidenceScore", f"{came.confidence:.2f}"),)
    return (
        ("InputType", "speech"),
        ("Speech", came.spoken),
        *sure,
        ("BilledAmount", _PRICE),
        ("Digits", ""),
    )


def interim_fields(text: str, number: int) -> Fields:
    """Return what is told while somebody still speaks: the newest word may still change."""
    *stable, last = words_of(text)
    return (
        ("StableSpeech", "".join(stable)),
        ("UnstableSpeech", last),
        ("Stability", "0.9"),
        ("SequenceNumber", str(number)),
    )


def _end_seconds(node: Node, name: str, automatic: float) -> float:
    said = node.get(name, "auto")
    return automatic if said == "auto" else float(said)
