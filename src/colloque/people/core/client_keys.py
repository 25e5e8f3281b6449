"""What a client system may be known by: an issuer, public keys and nothing but public keys, the origins of its pages."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from colloque.kernel.errors import InvalidInputError

KEYS_AT_MOST: Final = 20
BYTES_AT_MOST: Final = 64_000
RSA_BITS: Final = 2048
CURVES: Final = frozenset({"P-256", "P-384", "P-521"})
PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
KEPT_MEMBERS: Final = ("kty", "kid", "alg", "use", "n", "e", "crv", "x", "y")


def _wrong(message: str, path: str) -> InvalidInputError:
    return InvalidInputError(message, code="jwks", path=path)


def public_keys(text: str) -> dict[str, list[dict[str, str]]]:
    """The JWK Set in a pasted text, reduced to what verifying a signature needs.

    Each key is RSA of 2048 bits or more, or EC on P-256, P-384 or P-521, with its own `kid`. Raises `InvalidInputError`,
    first of all for a private or a shared key, which must never be pasted anywhere. Source: RFC 7517, RFC 7518 §3.
    """
    if len(text.encode()) > BYTES_AT_MOST:
        raise _wrong("The key set is too long.", "jwks")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong("The key set is not JSON.", "jwks") from error
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise _wrong('A key set reads {"keys": [ … ]} and holds at least one key.', "jwks.keys")
    if len(keys) > KEYS_AT_MOST:
        raise _wrong(f"A key set holds at most {KEYS_AT_MOST} keys.", "jwks.keys")
    kept = [_public(key, f"jwks.keys[{place}]") for place, key in enumerate(keys)]
    if len({key["kid"] for key in kept}) != len(kept):
        raise _wrong("Two keys have the same kid.", "jwks.keys")
    return {"keys": kept}


def _public(key: Mapping[str, Any], path: str) -> dict[str, str]:
    if key.get("kty") == "oct" or PRIVATE_MEMBERS & set(key):
        raise InvalidInputError(
            "This key is private. Whoever holds it can sign as that system: replace it there, and paste the public key here.",
            code="private-key",
            path=path,
        )
    kept = {name: key[name] for name in KEPT_MEMBERS if name in key}
    if not all(isinstance(member, str) and member for member in kept.values()):
        raise _wrong("A member of this key is not text.", path)
    if "kid" not in kept:
        raise _wrong("This key has no kid; a token could not say which key signed it.", f"{path}.kid")
    if kept.get("use", "sig") != "sig":
        raise _wrong("This key is not for signatures.", f"{path}.use")
    _check_strength(kept, path)
    return kept


def _check_strength(key: Mapping[str, str], path: str) -> None:
    try:
        if key.get("kty") == "RSA":
            if _bits(key["n"]) < RSA_BITS:
                raise _wrong(f"An RSA key has at least {RSA_BITS} bits.", f"{path}.n")
            _ = RSAKey.import_key(dict(key)).raw_value
        elif key.get("kty") == "EC":
            if key.get("crv") not in CURVES:
                raise _wrong("This curve is not one of P-256, P-384 and P-521.", f"{path}.crv")
            _ = ECKey.import_key(dict(key)).raw_value
        else:
            raise _wrong("A key is RSA or EC.", f"{path}.kty")
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _wrong("This key cannot be read.", path) from error


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()


def issuer(text: str) -> str:
    """The `iss` of a client system: an absolute address, as its tokens carry it. Raises `InvalidInputError`."""
    found = text.strip()
    parts = _parts(found, "issuer")
    if parts is None or parts[0] not in {"https", "http"} or not parts[1] or any(c.isspace() for c in found):
        raise InvalidInputError(
            "The issuer is the address that the system writes as `iss`, such as https://…", code="issuer", path="issuer"
        )
    if len(found) > 500:
        raise InvalidInputError("The issuer is too long.", code="issuer", path="issuer")
    return found


def origins(text: str) -> list[str]:
    """The origins, one a line, of pages that may call us from a browser.

    Only https, or http on a loopback address. Raises `InvalidInputError`. Source: RFC 6454 §6.
    """
    found: list[str] = []
    for place, line in enumerate(text.split()):
        parts = _parts(line.rstrip("/"), f"origins[{place}]")
        host = parts[1].rpartition("@")[2].partition(":")[0] if parts else ""
        is_secure = parts is not None and (
            parts[0] == "https" or (parts[0] == "http" and host in {"127.0.0.1", "localhost"})
        )
        if parts is None or not is_secure or not host or parts[2] or "@" in parts[1]:
            raise InvalidInputError(
                "An origin reads https://host or https://host:port, nothing after it.",
                code="origin",
                path=f"origins[{place}]",
            )
        origin = f"{parts[0]}://{parts[1].lower()}"
        if origin not in found:
            found.append(origin)
    return found


def _parts(text: str, path: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise InvalidInputError("This address cannot be read.", code="address", path=path) from error
    return (parts.scheme, parts.netloc, parts.path + parts.query + parts.fragment) if parts.scheme else None
