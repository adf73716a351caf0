"""What proves a sender is compared in a time that tells nothing."""

import re

from support.sources import sources

_PROOFS = re.compile(
    r"carriers\.(?!aliyun\.signature)\w+\.(signature|callback_token)$|http\.(webhook|private)_gate$|contracts\.secret$"
)
_CONSTANT = re.compile(r"compare_digest\(|\.verify\(")
_PLAIN = re.compile(r"(signature|digest|token|secret)s? *[!=]= *(?![\"'\d])|[!=]= *\w*(signature|digest)\b")


def test_what_proves_a_sender_is_compared_in_constant_time() -> None:
    proofs = [source for source in sources() if _PROOFS.search(source.name)]

    assert len(proofs) >= 7
    assert [source.name for source in proofs if not _CONSTANT.search(source.text)] == []
    assert [
        source.at(number)
        for source in proofs
        for number, line in enumerate(source.text.splitlines(), start=1)
        if _PLAIN.search(line)
    ] == []
