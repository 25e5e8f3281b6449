"""The key of the web sessions, kept beside the ledger's keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def create_session_secret(folder: Path) -> bool:
    """Make `django-secret.key` in the keys' folder unless it is there; whether it was made. Mode 0600, never overwritten."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(folder / "django-secret.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return True
