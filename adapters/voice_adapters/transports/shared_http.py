"""The HTTP client that all services share."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voice_adapters.transports.http_library import httpx

__all__ = ("SharedHttp",)


class SharedHttp:
    """The client that all services share; it is made when somebody first wants it, because that takes a while.

    Deadlines are the callers' own. Redirects are not followed: no carrier's interface has a reason to send our
    credentials elsewhere.
    """

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    def client(self) -> "httpx.AsyncClient":
        """Return the client."""
        if self._client is None:
            # Most commands never speak HTTP, and the library takes its time.
            from voice_adapters.transports.cookieless_client import CookielessClient
            from voice_adapters.transports.http_library import httpx

            limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
            self._client = CookielessClient(timeout=None, follow_redirects=False, limits=limits)
        return self._client

    async def close(self) -> None:
        """Close the client, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
