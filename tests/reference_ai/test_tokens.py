"""Who may call the aid: JSON Web Tokens as CDS Hooks asks, by real keys against the real service."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from colloque.reference_ai import tokens
from colloque.reference_ai.tokens import TokenError, Trust
from tests.reference_ai.service import CALL, Service, request_with, running

ISSUER = "https://colloque.example"
AUDIENCE = "https://aid.example" + CALL
NOW = 1_800_000_000.0
EC = ECKey.generate_key("P-384", {"kid": "ec", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
STRANGER = ECKey.generate_key("P-384", {"kid": "ec", "use": "sig"})
PUBLIC = KeySet([EC, RSA]).as_dict(private=False)


def claims(now: float = NOW, **changed: object) -> dict[str, Any]:
    whole = {"iss": ISSUER, "aud": AUDIENCE, "iat": int(now), "exp": int(now) + 60, "jti": str(uuid.uuid4())}
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}


def token(payload: dict[str, Any], key: Any = EC, alg: str = "ES384", **header: object) -> str:
    named = {"alg": alg, "typ": "JWT", "kid": key.kid, **header}
    return "Bearer " + jwt.encode({n: v for n, v in named.items() if v is not ...}, payload, key, algorithms=[alg])


@pytest.fixture
def trust() -> Trust:
    return Trust.from_jwks(PUBLIC, ISSUER, [AUDIENCE], lambda: NOW)


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")])
def test_either_recommended_algorithm_is_accepted(trust: Trust, key: Any, alg: str) -> None:
    trust.check(token(claims(), key, alg))
    trust.check(token(claims(aud=["https://other.example", AUDIENCE]), key, alg))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://stranger.example"},
        {"iss": ...},
        {"iss": 3},
        {"aud": "https://aid.example/cds-services/other"},
        {"aud": ...},
        {"aud": []},
        {"aud": {"x": AUDIENCE}},
        {"iat": ...},
        {"iat": int(NOW) + 6},
        {"iat": "now"},
        {"iat": True},
        {"exp": ...},
        {"exp": int(NOW) - 5},
        {"exp": int(NOW) + 4000},
        {"exp": 1e300},
        {"jti": ...},
        {"jti": ""},
        {"jti": 7},
    ],
)
def test_a_claim_that_does_not_hold_is_refused(trust: Trust, changed: dict[str, object]) -> None:
    with pytest.raises(TokenError):
        trust.check(token(claims(NOW, **changed)))


def test_clocks_may_differ_by_five_seconds(trust: Trust) -> None:
    trust.check(token(claims(iat=int(NOW) + 5)))
    trust.check(token(claims(iat=int(NOW) - 60, exp=int(NOW) - 4)))


def test_a_token_serves_once(trust: Trust) -> None:
    used = token(claims())
    trust.check(used)
    with pytest.raises(TokenError, match="already used"):
        trust.check(used)
    with pytest.raises(TokenError, match="already used"):
        trust.check(token(claims(jti=json.loads(_part(used, 1))["jti"]), RSA, "RS384"))


def test_spent_tokens_are_forgotten_only_once_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [NOW]
    trust = Trust.from_jwks(PUBLIC, ISSUER, [AUDIENCE], lambda: now[0])
    monkeypatch.setattr(tokens, "MOST_REMEMBERED", 3)
    for _ in range(3):
        trust.check(token(claims()))
    with pytest.raises(TokenError, match="too many"):
        trust.check(token(claims()))
    now[0] += 66
    trust.check(token(claims(now[0])))


def _part(authorization: str, number: int) -> bytes:
    part = authorization.removeprefix("Bearer ").split(".")[number]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _unsigned(payload: dict[str, Any]) -> str:
    parts = [json.dumps({"alg": "none", "typ": "JWT", "kid": "ec"}), json.dumps(payload)]
    return "Bearer " + ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts) + "."


def test_a_signature_that_does_not_hold_is_refused(trust: Trust) -> None:
    shared = OctKey.import_key(base64.urlsafe_b64encode(b"x" * 48).decode().rstrip("="), {"kid": "ec"})
    good = token(claims())
    head, body, signature = good.removeprefix("Bearer ").split(".")
    forged = json.loads(_part(good, 1)) | {"exp": int(NOW) + 600}
    other = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    for bad in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x.y.z",
        "Bearer " + "a" * 20_000,
        "Basic dXNlcjpwYXNz",
        good.removeprefix("Bearer "),
        f"Bearer {head}.{other}.{signature}",
        f"Bearer {head}.{body}.",
        _unsigned(claims()),
        token(claims(), STRANGER),
        token(claims(), EC, kid="unknown"),
        token(claims(), shared, "HS256"),
        token(claims(), RSA, "RS256"),
        token(claims(), RSA, "PS384"),
    ):
        with pytest.raises(TokenError):
            trust.check(bad)


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        [],
        {},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [{"kty": "oct", "k": "eA", "kid": "a"}]},
        {"keys": [EC.as_dict(private=True)]},
        {"keys": [{name: value for name, value in EC.as_dict(private=False).items() if name != "kid"}]},
    ],
)
def test_keys_that_are_not_public_keys_are_not_trusted(jwks: object) -> None:
    with pytest.raises(ValueError, match="key"):
        Trust.from_jwks(jwks, ISSUER, [AUDIENCE], lambda: NOW)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    file: Path = tmp_path_factory.mktemp("trust") / "jwks.json"
    file.write_text(json.dumps(PUBLIC), encoding="utf-8")
    with running("--trust", str(file), "--issuer", ISSUER, "--audience", AUDIENCE) as service:
        yield service


def test_a_guarded_aid_answers_only_a_valid_token(guarded: Service) -> None:
    good = token(claims(time.time()))
    reply = guarded.post(request_with(None), Authorization=good)
    assert (reply.status, reply.body) == (200, {"cards": []})
    for bad in (good, token(claims(time.time() - 3600)), token(claims(time.time()), STRANGER), "Bearer x"):
        reply = guarded.post(request_with(None), Authorization=bad)
        assert (reply.status, reply.body["error"]) == (401, "unauthenticated")
        assert reply.headers["www-authenticate"] == "Bearer"
        assert bad.split()[-1] not in json.dumps(reply.body)
    assert guarded.post(request_with(None)).status == 401


def test_who_is_not_known_learns_nothing_of_what_is_wrong_with_the_data(guarded: Service) -> None:
    assert guarded.post(b"not json").status == 401
    assert guarded.get("/cds-services").status == 200, "discovery is public"
