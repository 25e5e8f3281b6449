"""The application on somebody's telephone that shows codes of six digits."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PERIOD = 30


def code(secret: str, lasts: float = 1.0) -> str:
    """What it shows; a code about to change is not copied, the next one is waited for. `lasts` in seconds."""
    left = PERIOD - time.time() % PERIOD
    if left < lasts:
        time.sleep(left)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD)))
