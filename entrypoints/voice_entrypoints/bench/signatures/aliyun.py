"""Aliyun's signatures, which we make: of requests, with HMAC-SHA256."""

import hashlib
from typing import Final

from voice_adapters.carriers.aliyun.signature import AccessKey, RequestToSign, authorization
from voice_entrypoints.bench.signatures.contest import ARRANGED, REQUESTS, Check, Contest, fields_of

__all__ = ("CONTEST",)

_KEY_ID: Final = "bench-key"
_NOTHING: Final = hashlib.sha256(b"").hexdigest()


def _headers(number: int) -> dict[str, str]:
    return {
        "accept": "application/json",
        "host": "dyvmsapi.aliyuncs.com",
        "x-acs-action": "SmartCall",
        "x-acs-content-sha256": _NOTHING,
        "x-acs-date": "2026-01-01T00:00:00Z",
        "x-acs-signature-nonce": f"nonce-{number}",
        "x-acs-version": "2017-05-25",
    }


def _ours() -> Check:
    key = AccessKey(_KEY_ID, ARRANGED.secret)
    requests = [
        RequestToSign(method="POST", path="/", query=fields_of(number), headers=_headers(number))
        for number in range(REQUESTS)
    ]
    return lambda number: authorization(requests[number], key)


def _theirs() -> Check:
    from alibabacloud_openapi_util.client import Client
    from Tea.request import TeaRequest

    requests = []
    for number in range(REQUESTS):
        request = TeaRequest()
        request.method, request.pathname = "POST", "/"
        request.query, request.headers = fields_of(number), _headers(number)
        requests.append(request)
    return lambda number: Client.get_authorization(
        requests[number], "ACS3-HMAC-SHA256", _NOTHING, _KEY_ID, ARRANGED.secret
    )


CONTEST: Final = Contest("aliyun, signing a request", _ours, _theirs, "alibabacloud-openapi-util")
