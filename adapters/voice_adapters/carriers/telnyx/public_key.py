"""The key that Telnyx's webhooks are signed with, in any form in which people paste it."""

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, ClassVar, Final

from voice_domain.errors import VoiceError
from voice_domain.ports.switchboard import UnavailableError

if TYPE_CHECKING:  # an extra: whoever does without it must still be able to import this
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ("BadPublicKeyError", "read_public_key")

_KEY_BYTES: Final = 32
# RFC 8410, section 4: SubjectPublicKeyInfo of an Ed25519 key is these bytes and then the key itself.
_DER_HEAD: Final = bytes.fromhex("302a300506032b6570032100")
_PEM_HEAD: Final = "-----BEGIN PUBLIC KEY-----"
_PEM_FOOT: Final = "-----END PUBLIC KEY-----"


class BadPublicKeyError(VoiceError):
    """The settings hold something that is no Ed25519 public key."""

    kind: ClassVar[str] = "invalid_settings"

    def __init__(self) -> None:
        super().__init__(
            "telnyx.publicKey is no Ed25519 public key; copy it from Account, Keys & Credentials, Public Key in "
            "Telnyx's portal (44 characters of base64; DER in base64 and PEM are taken too)"
        )


def read_public_key(text: str) -> "Ed25519PublicKey":
    """Return the key that *text* holds: base64 of its 32 bytes, or of its DER form, or a PEM block.

    Raises:
        BadPublicKeyError: if it holds none.
        UnavailableError: if the extra `telnyx` is not installed.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise UnavailableError(
            "Telnyx's signatures cannot be checked without the package cryptography; "
            "run: pip install 'voicecall[telnyx]'"
        ) from error
    raw = _decoded(text).removeprefix(_DER_HEAD)
    if len(raw) != _KEY_BYTES:
        raise BadPublicKeyError
    return Ed25519PublicKey.from_public_bytes(raw)


def _decoded(text: str) -> bytes:
    # An environment variable often holds the line ends of a PEM block as two characters each.
    plain = text.replace("\\n", "").strip()
    if plain.startswith(_PEM_HEAD):
        plain = plain.removeprefix(_PEM_HEAD).removesuffix(_PEM_FOOT)
    try:
        return b64decode("".join(plain.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadPublicKeyError from error
