"""Who may tell us something: Aliyun signs nothing, so that whoever knows the callback address is believed."""

import hashlib
import hmac
from collections.abc import Callable

import attrs

from voice_domain.ports.webhook_reader import NotAuthenticError, WebhookRequest

__all__ = ("CallbackToken",)


@attrs.frozen
class CallbackToken:
    """The secret last segment of the callback address."""

    reveal: Callable[[], str] = attrs.field(repr=False)
    """Gives the token; asked for when it is first needed, for it may have to be made."""

    def authenticate(self, request: WebhookRequest) -> str:
        """Return a key made from all that the request tells, the same for the same request.

        Raises:
            NotAuthenticError: if its path does not end with the token.
        """
        token = self.reveal()
        last = request.path.rstrip("/").rpartition("/")[2]
        if not token or not hmac.compare_digest(last.encode("utf-8", "replace"), token.encode()):
            raise NotAuthenticError(
                "回调地址不正确：请在控制台填写网关的 callbackUrl；"
                "its path is not the secret one: enter the gateway's callbackUrl into the console"
            )
        told = hashlib.sha256(repr(sorted(request.query.items())).encode())
        told.update(request.body)
        return f"aliyun:{told.hexdigest()}"
