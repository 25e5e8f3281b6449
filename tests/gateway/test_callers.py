"""Who may call, with what token and in what shape; and what a refusal never repeats."""

from __future__ import annotations

import contextlib

import msgspec
import pytest

from colloque.acts.models import Act, UsedToken
from colloque.people.models import ClientSystem
from tests.gateway.ehr import ORIGIN, a_call, public_jwks
from tests.gateway.scenes import Scene


@pytest.mark.cds_hooks("2.0-208")
def test_pages_of_declared_origins_may_call_and_no_others(scene: Scene) -> None:
    path = scene.ehr.path()
    for origin, allowed in ((ORIGIN, True), ("https://evil.example", False), ("null", False)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        preflight = scene.ehr.request("OPTIONS", path, headers=asked)
        assert preflight.status == 204
        assert ("access-control-allow-origin" in preflight.headers) is allowed
        if allowed:
            assert preflight.headers["access-control-allow-origin"] == ORIGIN
            assert "Authorization" in preflight.headers["access-control-allow-headers"]
        answer = scene.ehr.call(Origin=origin)
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers
    refused = scene.ehr.call(b"{", Origin=ORIGIN)
    assert refused.headers["access-control-allow-origin"] == ORIGIN, "a page must be able to read what went wrong"


@pytest.mark.cds_hooks("2.0-176", "2.0-199")
def test_every_call_brings_a_token_of_a_registered_system(scene: Scene) -> None:
    assert scene.ehr.call(token=None).problems == {"Authorization": "token-missing"}
    answer = scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), iss="https://unknown.example"))
    assert (answer.status, answer.problems) == (401, {"Authorization": "token-issuer"})
    assert answer.headers["www-authenticate"] == "Bearer"
    for alg in ("RS384", "ES384"):
        assert scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg=alg)).status == 200


def test_a_token_counts_once_even_in_a_crowd(scene: Scene) -> None:
    from concurrent.futures import ThreadPoolExecutor

    token = scene.ehr.token(scene.ehr.path())
    with ThreadPoolExecutor(8) as crowd:
        statuses = sorted(answer.status for answer in crowd.map(lambda _: scene.ehr.call(token=token), range(8)))
    assert statuses == [200, *[401] * 7]
    assert scene.ehr.call(token=token).problems == {"Authorization": "token-used"}
    assert len(scene.ai.received) == 1
    assert Act.objects.filter(establishment=scene.world.house).count() == 1


@pytest.mark.parametrize("body", [b"{", b'{"hook":"order-sign"}', msgspec.json.encode(a_call(prefetch={}))])
def test_a_token_is_used_up_by_a_call_that_comes_to_nothing(scene: Scene, body: bytes) -> None:
    token = scene.ehr.token(scene.ehr.path())
    assert scene.ehr.call(body, token=token).status in (400, 412)
    assert scene.ehr.call(token=token).problems == {"Authorization": "token-used"}
    assert scene.ai.received == []
    assert UsedToken.objects.filter(system_id=scene.ehr.system).count() == 1


def test_a_token_for_another_service_or_for_feedback_does_not_count(scene: Scene) -> None:
    for path in (
        scene.ehr.path("aide.autre"),
        scene.ehr.path(feedback=True),
        "/cds/elsewhere/cds-services/aide.lecture",
    ):
        assert scene.ehr.call(token=scene.ehr.token(path)).problems == {"Authorization": "token-audience"}


def test_a_system_or_a_key_withdrawn_counts_at_the_next_call(scene: Scene) -> None:
    assert scene.ehr.call().status == 200
    only_ec = {"keys": [key for key in public_jwks()["keys"] if key["kid"] == "ec-1"]}
    ClientSystem.objects.filter(id=scene.ehr.system).update(jwks=only_ec)
    assert scene.ehr.call().problems == {"Authorization": "token-key-unknown"}
    assert scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg="ES384")).status == 200
    ClientSystem.objects.filter(id=scene.ehr.system).update(is_active=False)
    answer = scene.ehr.call(token=scene.ehr.token(scene.ehr.path(), alg="ES384"))
    assert (answer.status, answer.problems) == (401, {"Authorization": "token-issuer"})
    assert len(scene.ai.received) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/xml"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_only_plain_json_is_read(scene: Scene, headers: dict[str, str], status: int) -> None:
    assert scene.ehr.call(**headers).status == status


def test_a_body_of_ten_megabytes_is_refused(scene: Scene) -> None:
    with contextlib.suppress(
        BrokenPipeError, ConnectionResetError
    ):  # the server may hang up before everything was sent
        assert scene.ehr.call(b"x" * 10_000_000).problems == {"": "too-large"}
    assert scene.ehr.call().status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/cds/{slug}/cds-services/aide.lecture", 405),
        ("POST", "/cds/{slug}/cds-services", 405),
        ("PUT", "/cds/{slug}/cds-services/aide.lecture", 405),
        ("DELETE", "/cds/{slug}/cds-services", 405),
        ("GET", "/cds/{slug}/", 404),
        ("GET", "/cds/{slug}/cds-services/a/b/c", 404),
        ("POST", "/cds/{slug}/cds-services/aide.lecture/other", 404),
        ("GET", "/cds/", 404),
    ],
)
def test_other_ways_to_ask_are_refused_in_the_standards_shape(
    scene: Scene, method: str, path: str, status: int
) -> None:
    answer = scene.ehr.request(method, path.format(slug=scene.ehr.slug))
    assert answer.status == status
    assert answer.json["resourceType"] == "OperationOutcome"


def test_our_own_public_key_is_published_for_ai_services(scene: Scene) -> None:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    (key,) = scene.ehr.request("GET", "/cds/jwks.json").json["keys"]
    assert "d" not in key
    scene.ehr.call()
    token = scene.ai.tokens[0].removeprefix("Bearer ")
    claims = jwt.decode(token, KeySet.import_key_set({"keys": [key]}), algorithms=["ES256"]).claims
    assert claims["aud"] == f"{scene.ai.url}/cds-services/reading"
    assert claims["iss"] == scene.ehr.url
    assert claims["exp"] - claims["iat"] <= 300


@pytest.mark.principle("G5")
def test_errors_and_logs_hold_nothing_that_was_sent(scene: Scene) -> None:
    secret = "Aubry-1960-05-12"
    bodies = [
        b'{"hook": "%s"}' % secret.encode(),
        msgspec.json.encode(a_call(context={"patientId": f"{secret}/x"})),
        msgspec.json.encode(a_call(context={"patientId": secret}, prefetch={})),
        msgspec.json.encode(a_call(hookInstance=secret)),
        msgspec.json.encode({**a_call(), "prefetch": {secret + "/": {"resourceType": secret}}}),
    ]
    for body in bodies:
        answer = scene.ehr.call(body)
        assert secret.encode() not in answer.body
    answer = scene.ehr.call(token=f"{secret}.a.b")
    assert secret.encode() not in answer.body
    assert secret not in scene.installation.log()
