"""The account's numbers, and where calls to them go.

www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping
from typing import Any

import attrs

from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.twilio.account import NumberSettings
from voice_contracts.twins.twilio.orders import Form
from voice_contracts.twins.twilio.refusals import refusal

__all__ = ("OwnedNumbers",)


class OwnedNumbers:
    """What the console shows, and the API changes."""

    def __init__(self, account_sid: str, numbers: Mapping[str, NumberSettings | None]) -> None:
        self._folder = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers"
        self._account_sid = account_sid
        self._settings = dict(numbers)
        self._sids = {f"PN{place:032x}": number for place, number in enumerate(numbers, start=1)}

    def settings_of(self, number: str) -> NumberSettings | None:
        """Return what is set up for calls to a number; None if nothing is."""
        return self._settings.get(number)

    def answer(self, request: Request, sid: str | None) -> Answer:
        """Answer a request about all numbers, or about the one with this SID."""
        if sid is None:
            return self._page(request) if request.method == "GET" else refusal(20004)
        number = self._sids.get(sid)
        if number is None:
            return refusal(20404)
        if request.method == "POST":
            self._change(number, Form(request.form))
        elif request.method != "GET":
            return refusal(20004)
        return json_answer(200, self._resource(sid))

    def _page(self, request: Request) -> Answer:
        wanted = Form(request.query_fields).one("PhoneNumber")
        # The filter looks for a part of the number.
        found = [self._resource(sid) for sid, number in self._sids.items() if (wanted or "") in number]
        page = {"end": max(len(found) - 1, 0), "first_page_uri": request.path, "next_page_uri": None}
        page |= {"page": 0, "page_size": 50, "previous_page_uri": None, "start": 0, "uri": request.path}
        return json_answer(200, {"incoming_phone_numbers": found, **page})

    def _change(self, number: str, form: Form) -> None:
        before = self._settings[number] or NumberSettings("")
        self._settings[number] = attrs.evolve(
            before,
            voice_url=form.url("VoiceUrl") or before.voice_url,
            voice_method=form.one("VoiceMethod") or before.voice_method,
            status_callback=form.url("StatusCallback") or before.status_callback,
            fallback_url=form.url("VoiceFallbackUrl") or before.fallback_url,
        )

    def _resource(self, sid: str) -> dict[str, Any]:
        number = self._sids[sid]
        settings = self._settings[number] or NumberSettings("")
        return {
            "sid": sid,
            "account_sid": self._account_sid,
            "api_version": "2010-04-01",
            "friendly_name": number,
            "phone_number": number,
            "status_callback": settings.status_callback or "",
            "status_callback_method": "POST",
            "trunk_sid": settings.trunk_sid,
            "uri": f"{self._folder}/{sid}.json",
            "voice_application_sid": "",
            "voice_fallback_url": settings.fallback_url or "",
            "voice_method": settings.voice_method,
            "voice_url": settings.voice_url,
        }
