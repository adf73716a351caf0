"""Requests to Example's interface: JSON over HTTP."""

import json
from collections.abc import Mapping
from typing import Any

import attrs

from voice_adapters.transports.http_client import (
    HttpAnswer,
    HttpClient,
    HttpRequest,
    UnreachableError,
    is_passing,
)
from voice_domain.ports.carrier import CarrierError

__all__ = ("ExampleClient",)


@attrs.frozen(kw_only=True)
class ExampleClient:
    """Asks for things; `HttpClient` keeps deadlines and repeats what may be repeated."""

    http: HttpClient
    api_key: str = attrs.field(repr=False)
    base_url: str

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, gone_is_fine: bool = False
    ) -> dict[str, Any]:
        """Return the JSON object of the answer, empty for a call that is gone if *gone_is_fine*.

        Raises:
            CarrierError: if Example refused, or gave no answer.
        """
        request = HttpRequest(
            method=method,
            url=f"{self.base_url}{path}",
            repeatable=path != "/calls",  # dialling twice would be two calls
            headers={"authorization": f"Bearer {self.api_key}", "content-type": "application/json"},
            body=json.dumps(body or {}).encode(),
        )
        try:
            answer = await self.http.send(request)
        except UnreachableError as error:
            raise CarrierError("example", str(error), retryable=error.passing) from None
        if answer.succeeded:
            return answer.json_object()
        if gone_is_fine and answer.status in (404, 410):
            return {}
        raise _refusal(answer)


def _refusal(answer: HttpAnswer) -> CarrierError:
    told = answer.json_object()
    problem = str(told.get("message") or "it refused the request")
    return CarrierError(
        "example",
        problem,
        code=str(told.get("code") or ""),
        status=answer.status,
        retryable=is_passing(answer.status),
    )
