"""The account's numbers and applications: what the console shows, and the API changes.

www.plivo.com/docs/account/api/number, …/application
"""

from collections.abc import Mapping
from typing import Any

import attrs

from voice_contracts.twins.http import Answer, Request, json_answer
from voice_contracts.twins.plivo.account import Application, PlivoAccount
from voice_contracts.twins.plivo.numbers import read_number, written
from voice_contracts.twins.plivo.orders import Body
from voice_contracts.twins.plivo.refusals import API_ID, RefusedCommandError
from voice_contracts.twins.service import json_body

__all__ = ("Applications",)

_GONE = RefusedCommandError(404, "not found")


class Applications:
    """What each number's application says at the moment; each number has one of its own, or none."""

    def __init__(self, account: PlivoAccount) -> None:
        self._folder = f"/v1/Account/{account.auth_id}"
        self._applications = dict(account.numbers)
        self._numbers = {str(place): number for place, number in enumerate(sorted(account.numbers), start=1)}

    def of(self, number: str) -> Application | None:
        """Return the application of a number, E.164; None if it has none."""
        return self._applications.get(number)

    def answer_number(self, request: Request, name: str) -> Answer:
        """Answer a request about a number.

        Raises:
            RefusedCommandError: if it is not the account's, or was to be changed.
        """
        number = read_number(name)
        if request.method != "GET":
            raise RefusedCommandError(405, "method not allowed")
        if number is None or number not in self._applications:
            raise _GONE
        return json_answer(200, self._number(number))

    def answer_application(self, request: Request, name: str) -> Answer:
        """Answer a request about an application.

        Raises:
            RefusedCommandError: if there is none of that name, or it cannot be changed like that.
        """
        number = self._numbers.get(name, "")
        application = self._applications.get(number)
        if application is None:
            raise _GONE
        if request.method == "POST":
            self._applications[number] = _changed(application, json_body(request))
            return json_answer(202, {"api_id": API_ID, "message": "changed"})
        if request.method != "GET":
            raise RefusedCommandError(405, "method not allowed")
        return json_answer(200, self._application(name, application))

    def _number(self, number: str) -> dict[str, Any]:
        place = next(place for place, each in self._numbers.items() if each == number)
        application = self._applications[number]
        return {
            "api_id": API_ID,
            "active": True,
            "application": None if application is None else f"{self._folder}/Application/{place}/",
            "number": written(number),
            "resource_uri": f"{self._folder}/Number/{written(number)}/",
            "voice_enabled": True,
        }

    def _application(self, name: str, application: Application) -> dict[str, Any]:
        return {
            "api_id": API_ID,
            "answer_method": application.answer_method,
            "answer_url": application.answer_url,
            "app_id": name,
            "app_name": "twin",
            "default_app": False,
            "enabled": True,
            "fallback_answer_url": application.fallback_url or "",
            "fallback_method": application.fallback_method,
            "hangup_method": application.hangup_method,
            "hangup_url": application.hangup_url or "",
            "log_incoming_messages": application.logs_messages,
            "message_method": application.message_method,
            "message_url": application.message_url or "",
            "resource_uri": f"{self._folder}/Application/{name}/",
        }


def _changed(application: Application, members: Mapping[str, Any]) -> Application:
    """Return what a change makes of an application: an address that is left out stays.

    A method or a flag that is left out gets the default that the documentation gives it.
    """
    body = Body(members)
    answer, hangup = body.callback("answer"), body.callback("hangup")
    fallback = body.callback("fallback_answer", method="fallback_method")
    return attrs.evolve(
        application,
        answer_url=application.answer_url if answer is None else answer.url,
        answer_method=body.choice("answer_method", ("GET", "POST"), "POST"),
        hangup_url=application.hangup_url if hangup is None else hangup.url,
        hangup_method=body.choice("hangup_method", ("GET", "POST"), "POST"),
        fallback_url=application.fallback_url if fallback is None else fallback.url,
        fallback_method=body.choice("fallback_method", ("GET", "POST"), "POST"),
        message_url=body.text("message_url") or application.message_url,
        message_method=body.choice("message_method", ("GET", "POST"), "POST"),
        logs_messages=members.get("log_incoming_messages", True) is not False,
    )
