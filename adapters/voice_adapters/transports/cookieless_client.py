"""An HTTP client that keeps no cookies: no service that we ask has any, and looking for them is half the work."""

from typing import Final

from voice_adapters.transports.http_library import httpx

__all__ = ("CookielessClient",)


class _NoCookies(httpx.Cookies):
    """Takes none out of an answer, so there are none to send."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them where they are."""


_NONE: Final = _NoCookies()


class CookielessClient(httpx.AsyncClient):
    """The library's client, but that what one answer sets no later request tells."""

    @property  # type: ignore[misc]  # nobody may set any
    def cookies(self) -> httpx.Cookies:
        """None."""
        return _NONE
