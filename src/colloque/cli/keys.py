"""All keys of an installation, made together: the ledger's, and the one of the web sessions."""

from __future__ import annotations

import secrets
from pathlib import Path

from colloque.ledger.keys import create_keys, write_once

SESSION_SECRET = "django-secret.key"  # noqa: S105 (a file's name)


def create_all_keys(folder: Path, *, origin: str, witness: str | None = None) -> list[str]:
    """Make the keys that are missing in the folder and name the files made; see `ledger.keys.create_keys`."""
    made = create_keys(folder, origin=origin, witness=witness)
    if write_once(folder / SESSION_SECRET, secrets.token_urlsafe(48)):
        made.append(SESSION_SECRET)
    return made
