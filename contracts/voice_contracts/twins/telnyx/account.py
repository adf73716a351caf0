"""The account that the twin has, and what belongs to it."""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from voice_contracts.twins.callee import Callee

if TYPE_CHECKING:  # whoever only reads this needs no cryptography
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ("TelnyxAccount",)


@attrs.frozen
class TelnyxAccount:
    """Credentials, numbers, and who answers where."""

    api_key: str = attrs.field(default="KEY0000000000000000000000000000TWIN", repr=False)
    connection_id: str = "7267000000000000000"
    """The id of the Voice API application."""
    webhook_url: str = ""
    """What the portal says about it at first: told of calls to our numbers."""
    failover_url: str = ""
    """Told when that one fails."""
    numbers: frozenset[str] = frozenset()
    """The application's numbers; calls can only be placed from these."""
    callees: Mapping[str, Callee] = attrs.field(factory=dict)
    """Who answers a number; a key that ends in `*` is a prefix."""
    connections: Mapping[str, str] = attrs.field(factory=dict)
    """Numbers that belong to another connection, and its id."""
    is_active: bool = True
    """Whether the application is switched on."""
    outbound_profile: str | None = "1293384261075731499"
    """The outbound voice profile by which it places calls; None: it may place none."""
    webhook_version: str = "2"
    """The version of the webhooks that it sends, as the portal says."""
    signing_seed: bytes = attrs.field(default=b"telnyx-twin", repr=False)
    """What the signing key is made of."""

    def signing_key(self) -> "Ed25519PrivateKey":
        """Return the key that webhooks are signed with."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.signing_seed).digest())

    @property
    def public_key(self) -> str:
        """What the portal shows: base64 of 32 bytes."""
        return b64encode(self.signing_key().public_key().public_bytes_raw()).decode()
