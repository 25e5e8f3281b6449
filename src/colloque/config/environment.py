"""Reading settings from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

CONNECT_SECONDS = "3"
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
        "ENGINE": "colloque.config.postgresql",
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


class IdentityProvider(NamedTuple):
    """An OpenID Connect provider people may sign in with.

    `second_factor_acr` and `second_factor_amr` are the words of its tokens that mean two factors were checked; none: never.
    """

    id: str
    name: str
    server: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    acr_values: str
    token_auth_method: str
    national_identifier_claim: str
    second_factor_acr: frozenset[str]
    second_factor_amr: frozenset[str]

    def as_allauth(self) -> dict[str, object]:
        """The same as allauth wants it in `SOCIALACCOUNT_PROVIDERS`."""
        asked = {"acr_values": self.acr_values} if self.acr_values else {}
        return {
            "provider_id": self.id,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.client_secret,
            "settings": {
                "server_url": self.server,
                "token_auth_method": self.token_auth_method,
                "oauth_pkce_enabled": True,
                "scope": list(self.scopes),
                "auth_params": asked,
            },
        }


def identity_providers(environment: Mapping[str, str]) -> list[IdentityProvider]:
    """The provider that `COLLOQUE_OIDC_…` describe, or none.

    Raises `ValueError` where something is missing, and for a server without https outside this machine.
    """
    server = environment.get("COLLOQUE_OIDC_SERVER", "").rstrip("/")
    if not server:
        return []
    parts = urlsplit(server)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost"}:
        raise ValueError("COLLOQUE_OIDC_SERVER must be an https:// address.")
    if not environment.get("COLLOQUE_OIDC_CLIENT_ID") or not environment.get("COLLOQUE_OIDC_CLIENT_SECRET"):
        raise ValueError("COLLOQUE_OIDC_SERVER also needs COLLOQUE_OIDC_CLIENT_ID and COLLOQUE_OIDC_CLIENT_SECRET.")

    def words(name: str, default: str = "") -> list[str]:
        return environment.get(name, default).replace(",", " ").split()

    return [
        IdentityProvider(
            environment.get("COLLOQUE_OIDC_ID", "oidc"),
            environment.get("COLLOQUE_OIDC_NAME", "votre fournisseur d’identité"),
            server,
            environment["COLLOQUE_OIDC_CLIENT_ID"],
            environment["COLLOQUE_OIDC_CLIENT_SECRET"],
            tuple(words("COLLOQUE_OIDC_SCOPES", "openid profile email")),
            environment.get("COLLOQUE_OIDC_ACR_VALUES", ""),
            environment.get("COLLOQUE_OIDC_TOKEN_AUTH", "client_secret_post"),
            environment.get("COLLOQUE_OIDC_NATIONAL_ID_CLAIM", "SubjectNameID"),
            frozenset(words("COLLOQUE_OIDC_SECOND_FACTOR_ACR")),
            frozenset(words("COLLOQUE_OIDC_SECOND_FACTOR_AMR")),
        )
    ]
