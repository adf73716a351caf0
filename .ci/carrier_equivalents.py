"""Mutants that change nothing anybody could notice, by their names, and why."""

__all__ = ("EQUIVALENT",)

_TYPE = (
    """'!' for '': content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()"""
)
_WRITTEN = (
    "_WRITTEN: Final = "
    'tuple(chr(octet) if chr(octet) in _UNRESERVED else f"%{octet:02X}" for octet in range(256))'
)
_TRUNK = '_CHINESE_WITHOUT_TRUNK = re.compile(r"0|1[3-9]|[48]00|9[56]")'

EQUIVALENT: dict[str, str] = {
    f"twilio/signature {_TYPE}": "what does not say its type is no form, whatever else it is taken for",
    f"plivo/signature {_TYPE}": "what does not say its type is no form, whatever else it is taken for",
    f"aliyun/signature 257 for 256: {_WRITTEN}": "no octet is 256",
    f"voice_domain/numbering_plan '0|1[3-¤]|[48]00|9[56]': {_TRUNK}": "only digits come here, and none is above 9",
    """voice_domain/dialled_text '!' for '': return next((char for char in number if char not in _SEPARATORS """
    """and not char.isspace()), "")""": "it is only asked whether the first mark is a plus sign or a digit",
    "mock/webhooks 1 for 0: return LineEnded(0, EndReason(cause) if known else EndReason.COMPLETED, cause)": (
        "the moment is filled in afterwards"
    ),
    "http/replay 9 for 8: _SWEEP: Final = 8": "any number above one keeps expired answers from piling up",
}
