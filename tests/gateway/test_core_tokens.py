"""A token counts only when everything about it holds; no token can bring or name a key of its own."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from colloque.gateway.core.tokens import LONGEST_LIFE, TokenError, import_keys, take_apart, verify
from tests.gateway.ehr import ec_key, public_jwks, rsa_key

NOW = 1_790_000_000
AUDIENCE = "https://colloque.example/cds/tilleuls/cds-services/aide.lecture"
CLAIMS: dict[str, Any] = {
    "iss": "https://ehr.example.org",
    "aud": AUDIENCE,
    "iat": NOW - 1,
    "exp": NOW + 200,
    "jti": "0a1b2c3d",
}


def base64url(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: dict[str, Any] | bytes, claims: dict[str, Any] | bytes, key: Any = None) -> str:
    """A compact JWS signed as RS384 over exactly these bytes."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signed = f"{base64url(header)}.{base64url(claims)}"
    private: Any = (key or rsa_key()).private_key
    return f"{signed}.{base64url(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA384()))}"


HEADER = {"alg": "RS384", "kid": "rsa-1", "typ": "JWT"}


def refused(token: str, now: float = NOW) -> str:
    with pytest.raises(TokenError) as error:
        verify(take_apart(f"Bearer {token}"), import_keys(public_jwks()), AUDIENCE, now)
    return error.value.code


def believed(token: str, now: float = NOW) -> None:
    verify(take_apart(f"Bearer {token}"), import_keys(public_jwks()), AUDIENCE, now)


@pytest.mark.parametrize(("alg", "key"), [("RS384", rsa_key), ("ES384", ec_key)])
def test_both_algorithms_of_the_specification_count(alg: str, key: Any) -> None:
    believed(jwt.encode({"alg": alg, "kid": key().kid, "typ": "JWT"}, CLAIMS, key(), algorithms=[alg]))


def test_an_audience_may_stand_in_a_list_but_must_be_exact() -> None:
    believed(compact(HEADER, {**CLAIMS, "aud": ["https://other.example", AUDIENCE]}))
    for wrong in (f"{AUDIENCE}/", AUDIENCE.upper(), f"{AUDIENCE}/feedback", [], ["https://other.example"]):
        assert refused(compact(HEADER, {**CLAIMS, "aud": wrong})) == "token-audience"


@pytest.mark.cds_hooks("2.0-201")
def test_an_unsigned_token_is_refused() -> None:
    for alg in ("none", "None", "NONE", ""):
        header = base64url({"alg": alg, "kid": "rsa-1", "typ": "JWT"})
        assert refused(f"{header}.{base64url(CLAIMS)}.") == "token-malformed"
        assert refused(f"{header}.{base64url(CLAIMS)}.{base64url(b'x')}") == "token-algorithm"


@pytest.mark.cds_hooks("2.0-203")
def test_the_public_key_as_a_shared_secret_is_refused() -> None:
    pem = rsa_key().public_key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
        signed = f"{base64url({'alg': alg, 'kid': 'rsa-1', 'typ': 'JWT'})}.{base64url(CLAIMS)}"
        assert refused(f"{signed}.{base64url(hmac.digest(pem, signed.encode(), digest))}") == "token-algorithm"


def test_other_algorithms_and_keys_of_another_kind_are_refused() -> None:
    undesignated = RSAKey.import_key(
        {k: v for k, v in rsa_key().as_dict(private=True).items() if k not in ("alg", "use")}
    )
    for alg in ("RS256", "RS512", "PS384"):
        header = {"alg": alg, "kid": "rsa-1", "typ": "JWT"}
        assert refused(jwt.encode(header, CLAIMS, undesignated, algorithms=[alg])) == "token-algorithm"
    assert refused(compact({**HEADER, "kid": "ec-1"}, CLAIMS)) == "token-algorithm"
    assert refused(compact({**HEADER, "alg": "ES384"}, CLAIMS)) == "token-algorithm"


@pytest.mark.parametrize("kid", ["", "rsa-2", "../rsa-1", "rsa-1\x00", "' OR 1=1 --", "/dev/null"])
def test_a_kid_only_looks_up_a_registered_key(kid: str) -> None:
    assert refused(compact({**HEADER, "kid": kid}, CLAIMS)) == "token-key-unknown"


def test_keys_brought_along_are_never_read() -> None:
    mine = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
    brought = {"jwk": mine.as_dict(private=False), "jku": "https://evil.example/keys", "x5u": "https://evil.example/c"}
    assert refused(compact({**HEADER, **brought}, CLAIMS, mine)) == "token-signature"
    believed(compact({**HEADER, "jku": "https://evil.example/keys", "x5c": ["AAAA"]}, CLAIMS))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": NOW}, "token-expired"),
        ({"exp": NOW - 1}, "token-expired"),
        ({"iat": NOW + 6}, "token-from-the-future"),
        ({"exp": NOW + LONGEST_LIFE + 100}, "token-lives-too-long"),
        ({"iat": NOW - 200, "exp": NOW + 200}, "token-lives-too-long"),
        ({"jti": ""}, "token-id"),
        ({"jti": "x" * 201}, "token-id"),
        ({"jti": "a\x00b"}, "token-id"),
        ({"jti": 7}, "token-malformed"),
        ({"iss": None}, "token-malformed"),
        ({"exp": "soon"}, "token-malformed"),
        ({"exp": True}, "token-malformed"),
        ({"aud": {"a": 1}}, "token-malformed"),
    ],
)
def test_each_claim_counts(changes: dict[str, Any], code: str) -> None:
    assert refused(compact(HEADER, {**CLAIMS, **changes})) == code


@pytest.mark.parametrize("left_out", ["iss", "aud", "exp", "iat", "jti"])
def test_no_claim_may_be_left_out(left_out: str) -> None:
    claims = {name: value for name, value in CLAIMS.items() if name != left_out}
    assert refused(compact(HEADER, claims)) == "token-malformed"


def test_five_seconds_of_difference_between_clocks_are_forgiven() -> None:
    believed(compact(HEADER, {**CLAIMS, "iat": NOW + 5}))


@pytest.mark.parametrize(
    ("header", "claims"),
    [
        (b'{"alg":"none","alg":"RS384","kid":"rsa-1","typ":"JWT"}', json.dumps(CLAIMS).encode()),
        (
            json.dumps(HEADER).encode(),
            b'{"aud":"https://x","aud":"%s","iss":"i","iat":%d,"exp":%d,"jti":"j"}'
            % (AUDIENCE.encode(), NOW - 1, NOW + 200),
        ),
    ],
)
def test_a_member_written_twice_is_refused(header: bytes, claims: bytes) -> None:
    assert refused(compact(header, claims)) == "token-duplicate-member"


@pytest.mark.parametrize("extra", [{"crit": ["exp"]}, {"b64": False}, {"typ": "at+jwt"}])
def test_headers_that_change_the_meaning_are_refused(extra: dict[str, Any]) -> None:
    assert refused(compact({**HEADER, **extra}, CLAIMS)) == "token-header"


def test_a_changed_token_is_refused() -> None:
    token = compact(HEADER, CLAIMS)
    header, claims, signature = token.split(".")
    other = base64url({**CLAIMS, "jti": "another"})
    assert refused(f"{header}.{other}.{signature}") == "token-signature"
    assert refused(f"{header}.{claims}.{base64url(b'0' * 256)}") == "token-signature"
    es = jwt.encode({"alg": "ES384", "kid": "ec-1", "typ": "JWT"}, CLAIMS, ec_key(), algorithms=["ES384"])
    head, body, _ = es.split(".")
    for forged in (bytes(96), b"\xff" * 96, b"x" * 95, b"x" * 97):
        assert refused(f"{head}.{body}.{base64url(forged)}") == "token-signature"


@pytest.mark.parametrize("padded", ["=", "==", " ", "\n", "+", "/"])
def test_base64_is_taken_strictly(padded: str) -> None:
    assert refused(compact(HEADER, CLAIMS) + padded) == "token-malformed"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "bearer  x", "Bearer a.b"])
def test_what_is_no_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(TokenError) as error:
        take_apart(header)
    assert error.value.code in {"token-missing", "token-malformed"}


@given(st.text(max_size=300))
def test_any_text_is_refused_in_peace(text: str) -> None:
    with pytest.raises(TokenError):
        take_apart(f"Bearer {text}")


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_any_parts_are_refused_in_peace(header: bytes, claims: bytes, signature: bytes) -> None:
    with pytest.raises(TokenError):
        take_apart(f"Bearer {base64url(header)}.{base64url(claims)}.{base64url(signature)}")


def test_keys_for_other_algorithms_are_left_out() -> None:
    keys = [
        {**rsa_key().as_dict(private=False), "kid": "signing-256", "alg": "RS256"},
        OctKey.generate_key(256, {"kid": "shared"}).as_dict(private=True),
        *public_jwks()["keys"],
    ]
    assert set(import_keys({"keys": keys})) == {"rsa-1", "ec-1"}
