"""Sealing: what a person's key protects, and the master key that wraps the persons' keys.

A sealed value is `nonce (12 bytes) ‖ AES-256-GCM ciphertext and tag` (NIST SP 800-38D). The associated data names what the
bytes are (`b"identity"`, `b"suggestion"`…) and whose, so that a sealed value moved to another row does not open.
Randomness comes in as an argument; callers pass `secrets.token_bytes`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from colloque.kernel.errors import TamperedError

NONCE_BYTES = 12
KEY_BYTES = 32

RandomBytes = Callable[[int], bytes]


@lru_cache(maxsize=4096)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(key: bytes, plaintext: bytes, *, about: bytes, random_bytes: RandomBytes) -> bytes:
    """Encrypt under a 32-byte key, bound to what it is `about`."""
    nonce = random_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plaintext, about)


def unseal(key: bytes, sealed: bytes, *, about: bytes) -> bytes:
    """Decrypt what `seal` made. Raises `TamperedError` for another key, another subject or changed bytes."""
    try:
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise TamperedError("Sealed data does not open with this key.", code="unsealable") from error


@dataclass(frozen=True)
class Keyring:
    """The master key of an installation, kept outside the database; wraps person keys and makes blind indexes."""

    master: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.master) != KEY_BYTES:
            raise ValueError("The master key must be 32 bytes.")

    def wrap(self, key: bytes, *, about: bytes, random_bytes: RandomBytes) -> bytes:
        """A person's key, encrypted under the master key."""
        return seal(self.master, key, about=b"wrapped-key\x00" + about, random_bytes=random_bytes)

    def unwrap(self, wrapped: bytes, *, about: bytes) -> bytes:
        """The person's key again. Raises `TamperedError`."""
        return unseal(self.master, wrapped, about=b"wrapped-key\x00" + about)

    def blind_index(self, text: str, *, about: str) -> bytes:
        """32 bytes by which an identifier is found again without the database holding it (HMAC-SHA-256)."""
        derived = hmac.digest(self.master, b"blind-index\x00" + about.encode(), hashlib.sha256)
        return hmac.digest(derived, text.encode(), hashlib.sha256)
