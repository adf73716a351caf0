"""Twilio's news of a call, and the least that takes it."""

from typing import Final

from voice_entrypoints.bench.webhooks.news import News
from voice_entrypoints.bench.webhooks.twilio.bare_app import bare_app
from voice_entrypoints.bench.webhooks.twilio.notices import ended, rang

__all__ = ("NEWS",)

NEWS: Final = News(ended=ended, rang=rang, bare=bare_app)
