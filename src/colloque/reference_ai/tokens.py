"""Checks the JSON Web Token a CDS Client presents, as CDS Hooks 2.0.1 asks ("Trusting CDS Clients")."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ["ES384", "RS384", "ES256"]
LEEWAY = 5.0
LONGEST_LIFE = 3600.0
MOST_REMEMBERED = 100_000


class TokenError(Exception):
    """The call is not authenticated; the message says why, in words fit for a log."""


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise TokenError(f"{name} must be a text that is not empty")
    return value


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise TokenError(f"{name} must be seconds since 1970")
    return float(value)


class Trust:
    """The clients this service listens to: one issuer, its public keys, and the audiences, one of which its tokens must name.

    Remembers the `jti` of each accepted token until it expires, so that a token serves once. `now` gives seconds since 1970.
    """

    def __init__(self, keys: KeySet, issuer: str, audiences: Collection[str], now: Callable[[], float]) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audiences = frozenset(audiences)
        self._now = now
        self._seen: dict[str, float] = {}

    @classmethod
    def from_jwks(cls, jwks: Any, issuer: str, audiences: Collection[str], now: Callable[[], float]) -> Trust:
        """Trust in the public keys of a JWK Set; raises ValueError when it holds none, or a private or symmetric one."""
        keys = jwks.get("keys") if isinstance(jwks, dict) else None
        if not isinstance(keys, list) or not keys:
            raise ValueError("the JWK Set holds no key")
        for key in keys:
            if not isinstance(key, dict) or key.get("kty") not in {"EC", "RSA"} or not key.get("kid"):
                raise ValueError("each key must be EC or RSA and have a kid")
            if "d" in key:
                raise ValueError("the JWK Set holds a private key; give public keys only")
        return cls(KeySet.import_key_set(jwks), issuer, audiences, now)

    def check(self, authorization: str | None) -> None:
        """Accepts a `Bearer` token once; raises TokenError otherwise."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenError("no bearer token")
        try:
            decoded = jwt.decode(token.strip(), self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise TokenError("the signature does not hold") from error
        if not decoded.header.get("kid"):
            raise TokenError("the header names no kid")
        self._check_claims(decoded.claims)

    def _check_claims(self, claims: Mapping[str, Any]) -> None:
        now = self._now()
        if _text(claims, "iss") != self._issuer:
            raise TokenError("unknown issuer")
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if not any(isinstance(one, str) and one in self._audiences for one in named):
            raise TokenError("meant for another audience")
        issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
        if issued > now + LEEWAY:
            raise TokenError("issued in the future")
        if expires <= now - LEEWAY:
            raise TokenError("expired")
        if expires - issued > LONGEST_LIFE:
            raise TokenError("valid for more than an hour")
        self._remember(_text(claims, "jti"), expires + LEEWAY, now)

    def _remember(self, jti: str, until: float, now: float) -> None:
        if self._seen.get(jti, 0.0) > now:
            raise TokenError("already used")
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen = {one: limit for one, limit in self._seen.items() if limit > now}
        if len(self._seen) >= MOST_REMEMBERED:
            raise TokenError("too many tokens at once")
        self._seen[jti] = until
