"""Reading settings from environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

CONNECT_SECONDS = "5"
"""How long a page waits for a database that does not answer, unless DATABASE_URL says otherwise."""


def flag(name: str) -> bool:
    """Whether a variable says yes (1, true, yes, on)."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def csv(name: str, default: str) -> list[str]:
    """A list written with commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret_in(path: Path) -> str | None:
    """The one line of a secret file; None where there is none. Raises `ValueError` where it cannot be read."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ValueError(
            f"The key {path.name} in the keys folder (COLLOQUE_KEYS_DIR) cannot be read: {error.strerror}. "
            "Give the user who runs Colloque the right to read it."
        ) from error


def database_from_url(url: str) -> dict[str, object]:
    """Django's settings for a `postgresql://user:password@host:port/name?host=/socket/dir` address.

    An empty address gives a setting that connects nowhere. Raises `ValueError` for any other scheme.
    """
    parts = urlsplit(url or "postgresql:///")
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must be a postgresql:// address; Colloque needs PostgreSQL.")
    options = {"connect_timeout": CONNECT_SECONDS, **dict(parse_qsl(parts.query))}
    host = options.pop("host", "") or (parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "colloque",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }


class Mail(NamedTuple):
    """Django's settings for sending mail; without a host nothing is sent."""

    backend: str
    host: str
    port: int
    user: str
    password: str
    use_tls: bool
    use_ssl: bool


def mail_from_url(url: str) -> Mail:
    """The mail server at `smtp://user:password@host:587` (STARTTLS), `smtps://…:465`, or `smtp+plain://` for a local relay.

    Raises `ValueError` for any other scheme, and for a password that would travel in the clear.
    """
    if not url:
        return Mail("django.core.mail.backends.dummy.EmailBackend", "", 0, "", "", False, False)
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"} or not parts.hostname:
        raise ValueError("COLLOQUE_MAIL_URL must read smtp://, smtps:// or smtp+plain:// and name a host.")
    if parts.scheme == "smtp+plain" and parts.password:
        raise ValueError("COLLOQUE_MAIL_URL sends no password without encryption: use smtp:// or smtps://.")
    return Mail(
        "django.core.mail.backends.smtp.EmailBackend",
        parts.hostname,
        parts.port or {"smtp": 587, "smtps": 465, "smtp+plain": 25}[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtp",
        parts.scheme == "smtps",
    )
