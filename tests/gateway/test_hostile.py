"""Whatever is thrown at the gateway over HTTP: an answer in the standard's shape, in time, with nothing of what was sent."""

from __future__ import annotations

import copy
import hmac
import http.client
import json
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.gateway.ehr import Answer, Ehr, a_call, ec_key, rsa_key
from tests.gateway.played_ai import played_ai
from tests.gateway.scenes import Scene

SECRET = "Aubry-1960-05-12"
MOST_SECONDS = 5.0
"""A call waits at most two seconds for the played AI; the rest is the machine's other work."""

fuzz = settings(
    deadline=None,
    max_examples=120,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        SECRET,
        f"Patient/{SECRET}",
        "\x00",
        "",
        "patient-1",
        "Practitioner/nurse-1",
        "{{context.patientId}}",
        "\u202e",
        "é",
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60)
targets = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?"), max_size=40)
climbing = st.lists(
    st.sampled_from(
        ["cds", "cds-services", "..", ".", "%2e%2e", "%00", "%ff", "a" * 300, "feedback", "none.none", "x", ""]
    ),
    max_size=6,
).map("/".join)
members = st.dictionaries(st.sampled_from(["hook", "context", "feedback", "zq"]), json_values)
resources = st.dictionaries(
    st.sampled_from(
        ["resourceType", "id", "subject", "code", "valueQuantity", "entry", "component", "birthDate", "gender"]
    ),
    st.sampled_from(["Patient", "Observation", "Bundle", SECRET, "2020-01-01"]) | json_values,
    max_size=5,
)


@pytest.fixture
def quiet(scene: Scene) -> Iterator[Scene]:
    """The scene; afterwards the server's log holds no trace of a failure and nothing of what was sent."""
    before = len(scene.installation.log())
    yield scene
    written = scene.installation.log()[before:]
    assert "Traceback" not in written, written[-3_000:]
    assert "A call failed" not in written, written[-3_000:]
    assert SECRET not in written


def checked(ask: Callable[[], Answer]) -> Answer:
    """The answer, once it has the shape that every answer has."""
    began = time.monotonic()
    answer = ask()
    assert time.monotonic() - began < MOST_SECONDS
    assert answer.status < 500, (answer.status, answer.body[:300])
    assert SECRET.encode() not in answer.body, answer.body
    assert b"Traceback" not in answer.body
    if answer.body:
        assert answer.headers["content-type"] == "application/json"
        content = answer.json
        if answer.status != 200:
            assert content["resourceType"] == "OperationOutcome"
            assert content["issue"]
            assert all(issue["details"]["coding"][0]["code"] for issue in content["issue"])
    return answer


def raw(ehr: Ehr, method: str, target: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    """A request with a target and headers that a client library would not let pass."""
    connection = http.client.HTTPConnection(ehr.url.removeprefix("http://"), timeout=MOST_SECONDS)
    try:
        connection.putrequest(method, "/", skip_host=True, skip_accept_encoding=True)
        connection._buffer[0] = f"{method} {target} HTTP/1.1".encode("latin-1")  # type: ignore[attr-defined]
        connection.putheader("Host", ehr.url.removeprefix("http://"))
        for name, value in headers.items():
            connection._buffer.append(f"{name}: {value}".encode("latin-1"))  # type: ignore[attr-defined]
        connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body or None)
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


@fuzz
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    st.tuples(
        st.sampled_from(["", "{house}", "{house}/cds-services", "{house}/cds-services/aide.lecture"]),
        targets | climbing,
    ),
    st.dictionaries(
        st.sampled_from(["Authorization", "Content-Type", "Origin", "Accept-Language", "Content-Encoding", "Cookie"])
        | st.text("abcdefgh-", min_size=1, max_size=10),
        header_values | st.sampled_from([f"Bearer {SECRET}", "application/json", "Bearer", "Bearer a.b.c", "en;q=x"]),
        max_size=6,
    ),
    st.binary(max_size=400),
)
def test_any_address_any_header(
    quiet: Scene, method: str, target: tuple[str, str], headers: dict[str, str], body: bytes
) -> None:
    path = f"/cds/{target[0].format(house=quiet.ehr.slug)}/{target[1]}"
    answer = checked(lambda: raw(quiet.ehr, method, path, headers, body))
    assert answer.status in (200, 204, 400, 401, 404, 405)
    assert answer.status != 200 or method in {"GET", "HEAD"}


@fuzz
@given(st.binary(max_size=300) | (json_values | members).map(msgspec.json.encode), st.booleans())
@example(b"[" * 100_000, False)
@example(b'{"hook":' * 50_000, False)
@example(b'{"feedback":' + b"[" * 100_000, True)
@example(b"1e999999", False)
@example(b'{"hook":"patient-view","hook":"order-sign"}', False)
@example(b'"\\ud800"', False)
@example(b"\xef\xbb\xbf{}", False)
def test_any_body_of_a_believed_caller(quiet: Scene, body: bytes, feedback: bool) -> None:
    answer = checked(lambda: quiet.ehr.post(quiet.ehr.path(feedback=feedback), body))
    assert answer.status == 400
    assert quiet.ai.received == []


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a JSON value, itself first."""
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in inside for place in places(inner, (*path, key)))]


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """The value with another thing at a place; `...` takes the thing away."""
    if not path:
        return {} if new is ... else new
    outcome = copy.deepcopy(value)
    holder = outcome
    for step in path[:-1]:
        holder = holder[step]
    if new is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = new
    return outcome


VALID_CALL = {
    **a_call(context={"encounterId": "encounter-1"}),
    "fhirServer": "https://ehr.example.org/fhir",
    "fhirAuthorization": {"access_token": SECRET},
    "extension": {"com.example": 1},
    "prefetch": {
        "patient": {
            "resourceType": "Patient",
            "id": "patient-1",
            "gender": "female",
            "birthDate": "1960-05-12",
            "name": [{"family": SECRET}],
        },
        "observations": {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Observation",
                        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
                        "subject": {"reference": "Patient/patient-1"},
                        "valueQuantity": {"value": 61.5, "unit": "kg"},
                    }
                }
            ],
        },
    },
}


def deep(depth: int) -> dict[str, Any]:
    """A value nested so deep."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": [value]}
    return value


@fuzz
@given(st.lists(st.tuples(st.sampled_from(places(VALID_CALL)), json_values | st.just(...)), min_size=1, max_size=3))
@example([(("prefetch", "patient", "birthDate"), "9999-12-31")])
@example([(("prefetch", "patient", "birthDate"), "0000")])
@example([(("prefetch", "observations", "entry", 0, "resource", "valueQuantity"), deep(100))])
@example([(("prefetch", "observations", "entry", 0, "resource", "valueQuantity"), deep(180))])
@example([(("prefetch", "observations", "entry", 0, "resource", "valueQuantity"), deep(240))])
@example([(("prefetch", "observations", "entry", 0, "resource", "valueQuantity"), deep(300))])
@example([(("prefetch", "observations", "entry", 0, "resource", "code"), deep(450))])
@example([(("prefetch", "observations", "entry", 0, "resource", "code"), [[]] * 20_000)])
@example([(("context", "encounterId"), deep(400))])
@example([(("hookInstance",), "\x00" * 36)])
@example([(("context", "userId"), "Practitioner/" + "a" * 5_000)])
def test_a_call_with_anything_anywhere(quiet: Scene, changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
    call = VALID_CALL
    for path, new in changes:
        if path in places(call):
            call = changed(call, path, new)
    received = len(quiet.ai.received)
    answer = checked(lambda: quiet.ehr.post(quiet.ehr.path(), call))
    assert answer.status in (200, 400, 412)
    if answer.status != 200:
        assert len(quiet.ai.received) == received, "what is not answered reached nobody"
    assert SECRET.encode() not in b"".join(quiet.ai.received[received:]) or undeclared_places_hold(changes)


@fuzz
@given(
    st.dictionaries(st.sampled_from(["userId", "patientId", "encounterId", "zq"]), json_values, max_size=2),
    st.dictionaries(st.sampled_from(["patient", "observations", "other"]), resources | json_values, max_size=3),
)
def test_a_call_with_any_context_and_any_resources(
    quiet: Scene, context: dict[str, Any], prefetch: dict[str, Any]
) -> None:
    """The prefetch reaches as far as the AI, so this is also about what is minimised."""
    answer = checked(lambda: quiet.ehr.post(quiet.ehr.path(), {**a_call(context=context), "prefetch": prefetch}))
    assert answer.status in (200, 400, 412)


def undeclared_places_hold(changes: list[tuple[tuple[str | int, ...], Any]]) -> bool:
    """Whether a change may itself have put the secret where declared data stand."""
    return any(SECRET in json.dumps(new) for _, new in changes if new is not ...)


def test_a_report_with_anything_anywhere(quiet: Scene) -> None:
    (card,) = quiet.ehr.call().cards
    report = {
        "card": card["uuid"],
        "outcome": "overridden",
        "outcomeTimestamp": "2026-03-02T09:30:00Z",
        "acceptedSuggestions": [{"id": card["uuid"]}],
        "overrideReason": {
            "reason": {"code": "patient-refuses", "system": "http://example.org"},
            "userComment": SECRET,
        },
    }

    @fuzz
    @given(st.lists(st.tuples(st.sampled_from(places(report)), json_values | st.just(...)), min_size=1, max_size=2))
    @example([(("outcomeTimestamp",), "0001-01-01T00:00:00+23:59")])
    @example([(("outcomeTimestamp",), "9999-12-31T23:59:59-23:59")])
    @example([(("overrideReason", "userComment"), "\x00")])
    @example([(("overrideReason", "reason", "system"), "\x00" * 500)])
    @example([(("overrideReason", "reason", "code"), "\x00")])
    @example([(("card",), "00000000-0000-0000-0000-000000000000")])
    def one(changes: list[tuple[tuple[str | int, ...], Any]]) -> None:
        sent: Any = report
        for path, new in changes:
            if path in places(sent):
                sent = changed(sent, path, new)
        answer = checked(lambda: quiet.ehr.feedback(sent))
        assert answer.status in (200, 400, 404)

    one()


def encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def signed(header: bytes, claims: bytes) -> str:
    """A token that our registered key truly signed, whatever stands in it."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = f"{encoded(header)}.{encoded(claims)}"
    signature = rsa_key().private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA384())  # type: ignore[union-attr]
    return f"{text}.{encoded(signature)}"


HEADER = b'{"alg":"RS384","kid":"rsa-1","typ":"JWT"}'


def refused(scene: Scene, token: str) -> None:
    """The token opens nothing, neither at the service nor at its feedback."""
    received = len(scene.ai.received)
    answer = checked(lambda: scene.ehr.call(token=token))
    assert answer.status in (400, 401), (answer.status, token[:200])
    assert len(scene.ai.received) == received


@fuzz
@given(
    st.sampled_from(["iss", "aud", "exp", "iat", "jti"]),
    json_values.filter(lambda value: not (isinstance(value, str) and value)),
)
@example("exp", 10**400)
@example("exp", 1e308)
@example("iat", -1e308)
@example("exp", True)
@example("aud", [])
@example("aud", ["*"])
@example("jti", "")
@example("jti", "\x00")
@example("jti", "j" * 201)
@example("iss", SECRET)
def test_a_signed_claim_with_anything_in_it(quiet: Scene, claim: str, value: Any) -> None:
    claims = {**quiet.ehr.claims(quiet.ehr.path()), claim: value}
    refused(quiet, signed(HEADER, json.dumps(claims).encode()))


@fuzz
@given(
    st.sampled_from(["RS384", "ES384"]),
    st.floats(0, 1),
    st.characters(min_codepoint=33, max_codepoint=126),
    st.sampled_from(["replace", "insert", "delete", "truncate"]),
)
def test_a_changed_token_is_never_believed(quiet: Scene, alg: str, share: float, new: str, how: str) -> None:
    token = quiet.ehr.token(quiet.ehr.path(), alg=alg)
    where = int(share * len(token.rpartition(".")[0]))  # not in the signature, whose last bits mean nothing in base64
    mutated = {
        "replace": token[:where] + new + token[where + 1 :],
        "insert": token[:where] + new + token[where:],
        "delete": token[:where] + token[where + 1 :],
        "truncate": token[: where or 1],
    }[how]
    if mutated != token:
        refused(quiet, mutated)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS256", "PS384", "ES256"])
def test_no_other_algorithm_opens(quiet: Scene, alg: str) -> None:
    """With the public key as the shared secret, in each form in which a library might take it, and with no signature."""
    claims = quiet.ehr.claims(quiet.ehr.path())
    text = f"{encoded(json.dumps({'alg': alg, 'kid': 'rsa-1'}).encode())}.{encoded(json.dumps(claims).encode())}"
    public = rsa_key().as_pem(private=False), rsa_key().as_der(private=False), rsa_key().as_dict(private=False)["n"]
    for secret in [one if isinstance(one, bytes) else str(one).encode() for one in public]:
        digest = {"HS384": "sha384", "HS512": "sha512"}.get(alg, "sha256")
        refused(quiet, f"{text}.{encoded(hmac.digest(secret, text.encode(), digest))}")
    refused(quiet, f"{text}.")
    refused(quiet, text)


def test_a_key_brought_along_or_named_by_address_is_never_taken(quiet: Scene) -> None:
    """A stranger's signature with the stranger's key in the header; nobody comes to fetch a key either."""
    stranger = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)
    with played_ai() as elsewhere, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/jwks.json"
        public = stranger.as_dict(private=False)
        for extra in (
            {"jwk": public},
            {"jku": url},
            {"x5u": url},
            {"jku": elsewhere.url, "kid": url},
            {"x5c": [encoded(stranger.as_der(private=False))]},
            {"jwk": public, "kid": "another"},
            {"kid": "../../../dev/null"},
            {"kid": "' OR 1=1 --"},
        ):
            header = {"alg": "RS384", "kid": "rsa-1", **extra}
            claims = quiet.ehr.claims(quiet.ehr.path())
            plain = json.dumps(header).encode(), json.dumps(claims).encode()
            text = f"{encoded(plain[0])}.{encoded(plain[1])}"
            real = jwt.encode({"alg": "RS384", "kid": "rsa-1"}, claims, stranger, algorithms=["RS384"])
            refused(quiet, f"{text}.{real.rpartition('.')[2]}")
            refused(quiet, real)
            from cryptography.hazmat.primitives import hashes
            from cryptography.hazmat.primitives.asymmetric import padding

            own = stranger.private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA384())  # type: ignore[union-attr]
            refused(quiet, f"{text}.{encoded(own)}")
        assert (
            quiet.ehr.call(
                token=signed(
                    json.dumps({"alg": "RS384", "kid": "rsa-1", "jku": url, "x5u": url, "jwk": public}).encode(),
                    json.dumps(quiet.ehr.claims(quiet.ehr.path())).encode(),
                )
            ).status
            == 200
        ), "our own key signed it; what else it names is not read"
        with pytest.raises(TimeoutError):
            listener.accept()
        assert elsewhere.paths == []


@pytest.mark.parametrize("member", ["iss", "aud", "exp", "iat", "jti", "more"])
def test_a_member_written_twice_is_never_believed(quiet: Scene, member: str) -> None:
    claims = {**quiet.ehr.claims(quiet.ehr.path()), "more": {"a": 1}}
    text = json.dumps(claims)
    twice = f'{text[:-1]}, "{member}": {json.dumps(claims[member])}}}'.encode()
    refused(quiet, signed(HEADER, twice))
    refused(quiet, signed(HEADER, text.replace('{"a": 1}', '{"a": 1, "a": 1}').encode()))
    refused(quiet, signed(b'{"alg":"RS384","kid":"rsa-1","alg":"RS384"}', text.encode()))


def test_a_curve_key_does_not_check_an_rsa_token_nor_the_other_way_round(quiet: Scene) -> None:
    claims = quiet.ehr.claims(quiet.ehr.path())
    es = jwt.encode({"alg": "ES384", "kid": "rsa-1"}, claims, ec_key(), algorithms=["ES384"])
    rs = jwt.encode({"alg": "RS384", "kid": "ec-1"}, claims, rsa_key(), algorithms=["RS384"])
    for token in (es, rs):
        refused(quiet, token)
    text = f"{encoded(json.dumps({'alg': 'ES384', 'kid': 'ec-1'}).encode())}.{encoded(json.dumps(claims).encode())}"
    for signature in (b"\x00" * 96, b"\xff" * 96, b"", b"\x00" * 95, b"\x30\x06\x02\x01\x00\x02\x01\x00"):
        refused(quiet, f"{text}.{encoded(signature)}")


@pytest.mark.parametrize("size", [8_193, 60_000, 1_000_000])
def test_a_huge_token_is_refused_without_work(quiet: Scene, size: int) -> None:
    for token in ("A" * size, ".." + "A" * size, signed(HEADER, b'{"a":"%s"}' % (b"A" * size))):
        try:
            answer = quiet.ehr.call(token=token)
        except (ConnectionError, http.client.BadStatusLine):
            continue  # the server may hang up on headers this long
        assert answer.status in (400, 401, 431), answer.status
    assert quiet.ehr.call().status == 200
