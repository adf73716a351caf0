"""The only module that imports the HTTP library, so that changing to its successor is one line."""

import httpx

__all__ = ("httpx",)
