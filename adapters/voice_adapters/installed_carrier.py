"""What a carrier from another package is given, and what it gives.

Such a package has an entry point in the group `voicecall.carriers`: its name is the word for `provider` in the
settings file, its object a `CarrierFactory`. Everything named here, the ports in `voice_domain.ports` and the client in
`voice_adapters.transports.http_client` are what it may rely on; a change of them is a line of the changelog.
"""

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import attrs

from voice_domain.e164 import PhoneNumber
from voice_domain.errors import VoiceError
from voice_domain.identity import CallId
from voice_domain.ports.carrier import Carrier
from voice_domain.ports.carrier_inspection import CarrierInspection
from voice_domain.ports.clock import Clock
from voice_domain.ports.media_dialect import MediaDialect

if TYPE_CHECKING:  # it takes its time, and a carrier without an HTTP interface needs none
    from voice_adapters.transports.http_client import HttpClient

__all__ = ("CarrierFactory", "CarrierSet", "CarrierSettingsError", "CarrierSupplies")


class CarrierSettingsError(VoiceError):
    """The carrier's own section of the settings cannot be used."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field} {problem}; {remedy}")
        self.field = field
        """The key with its section, such as `example.apiKey`; never its value."""


@attrs.frozen(kw_only=True)
class CarrierSupplies:
    """Everything that we lend to a carrier from another package. Nothing here connects or waits by itself."""

    name: str
    """The word in `provider`, which is also the name of the section; the carrier must have it as its `name`."""
    settings: Mapping[str, Any] = attrs.field(repr=False)
    """The section as it was written, empty if there is none; references to secrets are replaced by the secrets."""
    own_number: PhoneNumber
    """The number that our calls come from."""
    http: "Callable[[], HttpClient]"
    """Gives the client for the carrier's interface: deadlines, repetitions and `Retry-After` are its business."""
    clock: Clock
    webhook_url: Callable[[], str]
    """Gives the full public URL of the webhooks, whenever it is needed: a tunnel may change it.

    It raises NoPublicAddressError, which need not be caught, if there is none.
    """
    stream_url: Callable[[CallId], str | None]
    """Gives a fresh address for the media stream of a call, good for one connection within a minute.

    None where calls are not streamed; then the carrier has to speak and listen itself.
    """
    media_streams: bool
    """Whether calls are streamed, for `Capabilities.media_stream`."""
    kept_secret: Callable[[str], Callable[[], str]]
    """Returns what gives a random secret that is kept in the state folder in a file of that name."""

    def text(self, key: str, *, default: str | None = None) -> str:
        """Return the text of a key of the section; *default* if it is absent.

        Raises:
            CarrierSettingsError: if it is no text or blank, or is absent and has no default.
        """
        value = self.settings.get(key, default)
        if isinstance(value, str) and value.strip():
            return value.strip()
        problem = "is required" if value is None else "must be text that is not blank"
        raise CarrierSettingsError(f"{self.name}.{key}", problem, f"set {key} in the section {self.name}")

    def allow(self, *keys: str) -> None:
        """Check that the section has no keys but these.

        Raises:
            CarrierSettingsError: if it has another one; names the nearest.
        """
        for key in self.settings:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                remedy = (
                    f"write {near[0]}, or remove it" if near else f"known are {', '.join(keys) or 'none'}"
                )
                raise CarrierSettingsError(f"{self.name}.{key}", "is not a setting", remedy)


@attrs.frozen(kw_only=True)
class CarrierSet:
    """A carrier and what belongs to it."""

    carrier: Carrier
    """It plays whichever other roles of `voice_domain.ports` it can, and says so in its capabilities."""
    dialect: MediaDialect | None = None
    """How it words media streams; None for one whose audio does not come over a WebSocket."""
    needs_address: bool = True
    """Whether it has to reach us over the internet."""
    callback_url: Callable[[], str] | None = None
    """Gives what must be entered in its console; None if nothing must."""
    users_read: str = "en"
    """The language (ISO 639-1) in which its users look errors up; they are told in English too."""
    inspection: CarrierInspection | None = None
    """What `voicecall doctor` asks about the account; None if the carrier's interface tells nothing of it."""


CarrierFactory: TypeAlias = Callable[[CarrierSupplies], CarrierSet]
"""Makes the carrier. It stores what it needs and does nothing else; what it raises about settings is a
`CarrierSettingsError`."""
