"""The signed token of a client system: a compact JWS whose every claim is checked, at a moment given as an argument.

Only RS384 and ES384 count, with a key that the establishment registered for this issuer, found by `kid` in that issuer's own
set. Nothing in a token can bring or name another key: `jku`, `x5u`, `jwk` and `x5c` are never read.
Source: CDS Hooks 2.0.1, "Trusting CDS Clients"; RFC 7515, RFC 7519, RFC 8725.
"""

from __future__ import annotations

import json
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc.jwk import ECKey, RSAKey

LONGEST_TOKEN: Final = 8_192
LONGEST_LIFE: Final = 300
"""Seconds a token may be good for; the specification recommends five minutes at most."""
LEEWAY: Final = 5
LONGEST_ID: Final = 200
ES384_BYTES: Final = 96
KEPT_HEADERS: Final = 256

PublicKey: TypeAlias = "rsa.RSAPublicKey | ec.EllipticCurvePublicKey"


class TokenError(Exception):
    """The token does not count; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Header(msgspec.Struct, frozen=True):
    """What is read of the header; anything else in it is ignored, except `crit`, which no token may use here."""

    alg: str
    kid: str
    typ: str = "JWT"
    crit: Any = None
    b64: bool = True


class Claims(msgspec.Struct, frozen=True):
    """What is read of the payload; moments in seconds since 1970."""

    iss: str
    aud: str | list[str]
    exp: float
    iat: float
    jti: str


class Presented(msgspec.Struct, frozen=True):
    """A token taken apart, not yet believed."""

    header: Header
    claims: Claims
    signed: bytes
    signature: bytes


_headers = msgspec.json.Decoder(Header)
_claims = msgspec.json.Decoder(Claims)


def _decoded(part: bytes) -> bytes:
    """Base64url without padding (RFC 7515 §2), and nothing else."""
    if not part or b"+" in part or b"/" in part or b"=" in part:
        raise TokenError("token-malformed")
    try:
        return a2b_base64(part.translate(_TO_STANDARD) + b"=" * (-len(part) % 4), strict_mode=True)
    except Base64Error:
        raise TokenError("token-malformed") from None


_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TokenError("token-duplicate-member")
    return members


_strict = json.JSONDecoder(object_pairs_hook=_once)


def _has_members_once(part: bytes) -> None:
    try:
        text = part.decode("utf-8")
        found, end = _strict.raw_decode(text)
    except (ValueError, RecursionError):
        raise TokenError("token-malformed") from None
    if not isinstance(found, dict) or end != len(text):
        raise TokenError("token-malformed")


def take_apart(authorization: str | None) -> Presented:
    """The token of an `Authorization` header. Raises `TokenError` for anything that is not one well-formed compact JWS."""
    if not authorization:
        raise TokenError("token-missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenError("token-missing")
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise TokenError("token-malformed")
    parts = token.encode("ascii").split(b".")
    if len(parts) != 3:
        raise TokenError("token-malformed")
    header = _header_of(parts[0])
    claims_text, signature = _decoded(parts[1]), _decoded(parts[2])
    _has_members_once(claims_text)
    try:
        claims = _claims.decode(claims_text)
    except msgspec.MsgspecError:
        raise TokenError("token-malformed") from None
    return Presented(header, claims, parts[0] + b"." + parts[1], signature)


@lru_cache(maxsize=KEPT_HEADERS)
def _header_of(part: bytes) -> Header:
    """A caller's header is the same on each of its tokens."""
    text = _decoded(part)
    _has_members_once(text)
    try:
        header = _headers.decode(text)
    except msgspec.MsgspecError:
        raise TokenError("token-malformed") from None
    if header.crit is not None or not header.b64 or header.typ.upper() != "JWT":
        raise TokenError("token-header")
    return header


def import_keys(jwks: Mapping[str, Any]) -> dict[str, PublicKey]:
    """The public keys of a registered set by `kid`; a key of another type is left out."""
    keys: dict[str, PublicKey] = {}
    for jwk in jwks.get("keys", []):
        if jwk.get("kty") == "RSA" and jwk.get("alg", "RS384") == "RS384":
            rsa_key = RSAKey.import_key(dict(jwk)).public_key
            if isinstance(rsa_key, rsa.RSAPublicKey):
                keys[jwk["kid"]] = rsa_key
        elif jwk.get("kty") == "EC" and jwk.get("crv") == "P-384":
            ec_key = ECKey.import_key(dict(jwk)).public_key
            if isinstance(ec_key, ec.EllipticCurvePublicKey):
                keys[jwk["kid"]] = ec_key
    return keys


def verify(presented: Presented, keys: Mapping[str, PublicKey], audience: str, now: float) -> None:
    """Believe the token, or raise `TokenError`: signature, audience, and times at `now` (seconds since 1970)."""
    key = keys.get(presented.header.kid)
    if key is None:
        raise TokenError("token-key-unknown")
    try:
        if presented.header.alg == "RS384" and isinstance(key, rsa.RSAPublicKey):
            key.verify(presented.signature, presented.signed, _PKCS1, _SHA384)
        elif presented.header.alg == "ES384" and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_der(presented.signature), presented.signed, _ECDSA)
        else:
            raise TokenError("token-algorithm")
    except InvalidSignature:
        raise TokenError("token-signature") from None
    check_claims(presented.claims, audience, now)


_SHA384: Final = hashes.SHA384()
_PKCS1: Final = padding.PKCS1v15()
_ECDSA: Final = ec.ECDSA(_SHA384)


def _der(signature: bytes) -> bytes:
    if len(signature) != ES384_BYTES:
        raise TokenError("token-signature")
    half = ES384_BYTES // 2
    return encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))


def check_claims(claims: Claims, audience: str, now: float) -> None:
    """Audience and times. `iat` may run ahead by five seconds; a life beyond five minutes is refused."""
    named = claims.aud if isinstance(claims.aud, list) else [claims.aud]
    if audience not in named:
        raise TokenError("token-audience")
    if not claims.jti or len(claims.jti) > LONGEST_ID or "\x00" in claims.jti:
        raise TokenError("token-id")
    if claims.iat > now + LEEWAY:
        raise TokenError("token-from-the-future")
    if claims.exp <= now:
        raise TokenError("token-expired")
    if claims.exp - claims.iat > LONGEST_LIFE or claims.exp > now + LONGEST_LIFE + LEEWAY:
        raise TokenError("token-lives-too-long")
