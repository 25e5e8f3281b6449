"""Links that open once: a secret a person holds, of which we keep only the digest, and a moment after which it is dead."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from colloque.kernel.sealing import RandomBytes

SECRET_BYTES: Final = 32
INVITATION_LASTS: Final = timedelta(days=7)
ACCESS_LASTS: Final = timedelta(hours=24)


class LinkState(StrEnum):
    """What became of a link."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def new_secret(random_bytes: RandomBytes) -> str:
    """43 characters that only the person who holds the link knows (256 random bits)."""
    return urlsafe_b64encode(random_bytes(SECRET_BYTES)).rstrip(b"=").decode()


def digest_of(secret: str) -> bytes:
    """What the database keeps of a secret: 32 bytes. The secret is random and long, so a plain SHA-256 is enough."""
    return hashlib.sha256(b"colloque/link\x00" + secret.encode()).digest()


def state_of(
    *, at: datetime, expires_at: datetime, used_at: datetime | None, withdrawn_at: datetime | None
) -> LinkState:
    """The state at a moment; a link used or withdrawn stays so whatever its date."""
    ended: Mapping[LinkState, bool] = {
        LinkState.USED: used_at is not None,
        LinkState.WITHDRAWN: withdrawn_at is not None,
        LinkState.EXPIRED: at >= expires_at,
    }
    return next((state for state, holds in ended.items() if holds), LinkState.OPEN)
