"""What the settings mean for the domain: policies, rules, terms."""

import attrs

from voice_contracts.settings import MOCK_NUMBER, Settings
from voice_contracts.settings_locale import region_of_settings
from voice_contracts.settings_routes import RouteSettings
from voice_domain.dial_policy import DialPolicy
from voice_domain.e164 import PhoneNumber
from voice_domain.inbound_policy import InboundPolicy
from voice_domain.mode_rules import Mode
from voice_domain.quiet_hours import QuietHours
from voice_domain.session_key import SessionScope
from voice_domain.terms import CallTerms
from voice_domain.use_cases.admit_call import InboundRoute, InboundRules
from voice_domain.use_cases.place_call import OutboundRules

__all__ = ("call_terms", "dial_policy", "inbound_rules", "outbound_rules", "own_number")


def own_number(settings: Settings) -> PhoneNumber:
    """Return the number that our calls come from."""
    return PhoneNumber(settings.from_number or MOCK_NUMBER)


def call_terms(settings: Settings, *, endpoints_itself: bool) -> CallTerms:
    """Return the durations of a call; *endpoints_itself* says whether the transcriber finds endings."""
    return CallTerms(
        ring_ms=settings.ring_timeout_ms,
        max_ms=settings.max_duration_seconds * 1000,
        transcript_ms=settings.transcript_timeout_ms,
        silence_ms=0 if endpoints_itself else settings.silence_timeout_ms,
        response_ms=settings.response_timeout_ms,
        notify_hangup_ms=settings.outbound.notify_hangup_delay_seconds * 1000,
        stale_ms=settings.stale_call_reaper_seconds * 1000,
    )


def dial_policy(settings: Settings) -> DialPolicy:
    """Return who may be dialled, and when.

    Raises:
        InvalidPolicyError: if a region or a time zone does not exist.
    """
    outbound = settings.outbound
    quiet = None
    if outbound.quiet_hours is not None and outbound.quiet_hours.from_ and outbound.quiet_hours.to:
        hours = outbound.quiet_hours
        quiet = QuietHours(hours.from_ or "", hours.to or "", hours.timezone)
    countries = outbound.allow_countries
    return DialPolicy(
        allow_countries=None if countries is None else frozenset(countries),
        deny_numbers=outbound.deny_numbers,
        allow_numbers=outbound.allow_numbers,
        quiet_hours=quiet,
        max_calls_per_hour=outbound.max_calls_per_hour,
    )


def outbound_rules(settings: Settings, *, terms: CallTerms) -> OutboundRules:
    """Return the rules of calls that we place."""
    return OutboundRules(
        own_number=own_number(settings),
        policy=dial_policy(settings),
        terms=terms,
        enabled=settings.enabled,
        region=region_of_settings(settings),
        default_callee=settings.to_number,
        default_mode=Mode(settings.outbound.default_mode),
        locale=settings.locale,
        session_scope=SessionScope(settings.session_scope),
    )


def inbound_rules(settings: Settings, *, terms: CallTerms) -> InboundRules:
    """Return the rules of calls to our number."""
    return InboundRules(
        own_number=own_number(settings),
        policy=InboundPolicy(settings.inbound_policy),
        terms=terms,
        enabled=settings.enabled,
        allow_from=frozenset(PhoneNumber(number) for number in settings.allow_from),
        greeting=settings.inbound_greeting,
        locale=settings.locale,
        session_scope=SessionScope(settings.session_scope),
        routes={
            PhoneNumber(number): _inbound_route(route, terms) for number, route in settings.numbers.items()
        },
    )


def _inbound_route(route: RouteSettings, terms: CallTerms) -> InboundRoute:
    patience_ms = route.response_timeout_ms
    return InboundRoute(
        greeting=route.inbound_greeting,
        terms=None if patience_ms is None else attrs.evolve(terms, response_ms=patience_ms),
    )
