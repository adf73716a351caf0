"""The only module that imports the HTTP library, so that changing to its successor is one line."""

import httpx

__all__ = ("SharedHttp", "httpx")


class SharedHttp:
    """The client that all services share; it is made when somebody first wants it, because that takes a while.

    Deadlines are the callers' own. Redirects are not followed: no carrier's interface has a reason to send our
    credentials elsewhere.
    """

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    def client(self) -> httpx.AsyncClient:
        """Return the client."""
        if self._client is None:
            limits = httpx.Limits(max_connections=200, max_keepalive_connections=50)
            self._client = httpx.AsyncClient(timeout=None, follow_redirects=False, limits=limits)  # noqa: S113 - callers set deadlines
        return self._client

    async def close(self) -> None:
        """Close the client, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()
