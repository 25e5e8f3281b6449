"""A client system gives public keys; whatever else is pasted is refused, and a private key first of all."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from colloque.kernel.errors import InvalidInputError
from colloque.people.core.client_keys import issuer, origins, public_keys

RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "alg": "RS384", "use": "sig"})
CURVE = ECKey.generate_key("P-384", {"kid": "ec-1"})


def pasted(*keys: Any) -> str:
    return json.dumps({"keys": list(keys)})


def refusal(text: str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as refused:
        public_keys(text)
    return refused.value


def test_public_keys_are_kept_and_verify_a_signature() -> None:
    kept = public_keys(pasted({**RSA.as_dict(private=False), "x5c": ["…"]}, CURVE.as_dict(private=False)))
    assert [key["kid"] for key in kept["keys"]] == ["rsa-1", "ec-1"]
    assert "x5c" not in kept["keys"][0]
    token = jwt.encode({"alg": "RS384", "kid": "rsa-1"}, {"iss": "x"}, RSA, algorithms=["RS384"])
    assert jwt.decode(token, KeySet.import_key_set(kept), algorithms=["RS384"]).claims == {"iss": "x"}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key", [RSA.as_dict(private=True), CURVE.as_dict(private=True), OctKey.generate_key(256).as_dict()]
)
def test_a_private_or_shared_key_is_refused_without_being_repeated(key: dict[str, Any]) -> None:
    error = refusal(pasted(RSA.as_dict(private=False), key))
    assert (error.code, error.path) == ("private-key", "jwks.keys[1]")
    assert str(key.get("d", key.get("k"))) not in error.message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "jwks"),
        ("[]", "jwks.keys"),
        ("{}", "jwks.keys"),
        ('{"keys": []}', "jwks.keys"),
        ('{"keys": [1]}', "jwks.keys"),
        ("[" * 100_000, "jwks"),
        ("[" * 50_000, "jwks"),
        (pasted({"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}), "jwks.keys[0].n"),
        (pasted({"kty": "RSA", "kid": "a", "n": 5, "e": "AQAB"}), "jwks.keys[0]"),
        (pasted({"kty": "RSA", "kid": "a"}), "jwks.keys[0]"),
        (pasted({"kty": "EC", "kid": "a", "crv": "P-384", "x": "AA", "y": "AA"}), "jwks.keys[0]"),
        (pasted({"kty": "EC", "kid": "a", "crv": "secp256k1", "x": "AA", "y": "AA"}), "jwks.keys[0].crv"),
        (pasted(OKPKey.generate_key("Ed25519", {"kid": "a"}).as_dict(private=False)), "jwks.keys[0].kty"),
        (pasted({k: v for k, v in RSA.as_dict(private=False).items() if k != "kid"}), "jwks.keys[0].kid"),
        (pasted({**RSA.as_dict(private=False), "use": "enc"}), "jwks.keys[0].use"),
        (pasted(RSA.as_dict(private=False), RSA.as_dict(private=False)), "jwks.keys"),
        (pasted(*[RSA.as_dict(private=False)] * 21), "jwks.keys"),
        (
            pasted({"kty": "RSA", "kid": "a", "n": urlsafe_b64encode(b"\xff" * 255).decode(), "e": "AQAB"}),
            "jwks.keys[0].n",
        ),
    ],
)
def test_what_is_no_strong_public_key_is_refused_where_it_stands(text: str, path: str) -> None:
    assert refusal(text).path == path


@given(
    st.text()
    | st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(
        json.dumps
    )
)
def test_whatever_is_pasted_is_understood_or_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize("text", ["https://ehr.example/fhir", " https://sandbox.example ", "http://127.0.0.1:8080/"])
def test_issuers(text: str) -> None:
    assert issuer(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["", "ehr", "ftp://a", "https://", "https://a b", "https://[", "https://a/" + "x" * 500]
)
def test_what_is_no_issuer(text: str) -> None:
    with pytest.raises(InvalidInputError):
        issuer(text)


def test_origins_are_one_a_line_and_said_once() -> None:
    assert origins("https://EHR.example/\n\nhttps://ehr.example\nhttp://localhost:3000") == [
        "https://ehr.example",
        "http://localhost:3000",
    ]
    assert origins("  ") == []


@pytest.mark.parametrize(
    "text",
    ["http://ehr.example", "https://ehr.example/page", "*", "null", "https://u@ehr.example", "https://a:b", "https://"],
)
def test_what_is_no_origin(text: str) -> None:
    with pytest.raises(InvalidInputError):
        origins(text)
