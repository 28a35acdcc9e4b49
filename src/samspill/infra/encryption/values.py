"""One value, encrypted and bound to its row; and the keyed hash that a number is looked up by.

    3f9ac21b.AbCd…    key id, then nonce, ciphertext and tag in base64url

`bound_to` is authenticated and not stored: a value that was copied to another row or column does not open.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os

from cryptography.exceptions import InvalidTag

from samspill.infra.encryption import keyring
from samspill.infra.encryption.keyring import Key, Keyring
from samspill.kernel.outcome import ToldError

_NONCE_BYTES = 12


class NotOpened(ToldError):  # noqa: N818 - it says what happened
    """A stored value does not open: it was changed, or belongs to another row."""

    code = "not_opened"


def encrypt(text: str, *, bound_to: str) -> str:
    """Return a text under the key that writes; every time another ciphertext."""
    return encrypt_with(keyring.ring().writes, text, bound_to=bound_to)


def encrypt_with(key: Key, text: str, *, bound_to: str) -> str:
    """Return a text under one key."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + key.cipher.encrypt(nonce, text.encode("utf-8"), bound_to.encode("utf-8"))
    return f"{key.id}.{base64.urlsafe_b64encode(sealed).rstrip(b'=').decode('ascii')}"


def decrypt(value: str, *, bound_to: str) -> str:
    """Return the text of a stored value.

    Raises:
        NotOpened: it was changed, or belongs to another row.
        KeyringError: its key is not among those in use.
    """
    return decrypt_with(keyring.ring(), value, bound_to=bound_to)


def decrypt_with(ring: Keyring, value: str, *, bound_to: str) -> str:
    """Return the text of a stored value, with keys that were fetched once for many."""
    key_id, _, encoded = value.partition(".")
    key = ring.reads(key_id)
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        opened = key.cipher.decrypt(
            raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound_to.encode("utf-8")
        )
    except (InvalidTag, binascii.Error, ValueError):
        message = "A stored value was changed, or belongs to another row."
        raise NotOpened(message, "Restore the row from backup") from None
    return opened.decode("utf-8")


def key_of(value: str) -> str:
    """Return the id of the key that a stored value stands under."""
    return value.partition(".")[0]


def keyed_hash(text: str, *, key: Key) -> bytes:
    """Return the 32 bytes that a text is found by; without the key they can not be worked out from it."""
    return hmac.digest(key.secret, text.encode("utf-8"), "sha256")


def renewed(value: str, *, bound_to: str) -> str:
    """Return a stored value under the key that writes; the same one when it is."""
    if key_of(value) == keyring.ring().writes.id:
        return value
    return encrypt(decrypt(value, bound_to=bound_to), bound_to=bound_to)
