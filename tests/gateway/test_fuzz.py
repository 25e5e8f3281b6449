"""Any bytes to any address of the gateway: never a 5xx, never a word of what was sent."""

from __future__ import annotations

import contextlib
import http.client
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.ehr import a_call
from tests.gateway.scenes import Scene
from tests.gateway.test_core_calls import json_values

FUZZ = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
MARK = "zq7Kx"

paths = st.sampled_from(["", "/", "/aide.lecture", "/aide.lecture/feedback", "/none.none", "/a/b/c", "/aide.lecture/x"])
methods = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
header_text = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=60)


def sent(scene: Scene, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
    """The status, after checking the answer."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError, http.client.BadStatusLine):
        answer = scene.ehr.request(method, path, body, headers)
        assert answer.status < 500, (method, path, body, answer.body)
        assert MARK.encode() not in answer.body
        if answer.status >= 400 and method != "HEAD" and answer.headers.get("content-type") == "application/json":
            assert answer.json["resourceType"] == "OperationOutcome"
        return answer.status
    return 0


def test_any_bytes_with_any_header(scene: Scene) -> None:
    @FUZZ
    @given(methods, paths, st.binary(max_size=400), header_text, header_text)
    def fuzz(method: str, path: str, body: bytes, authorization: str, kind: str) -> None:
        headers = {"Authorization": authorization, "Content-Type": kind or "application/json", "Origin": kind}
        sent(scene, method, f"/cds/{scene.ehr.slug}/cds-services{path}", body, headers)

    fuzz()
    assert scene.ehr.call().status == 200


def test_any_path(scene: Scene) -> None:
    @FUZZ
    @given(
        st.lists(
            st.sampled_from(["cds", "cds-services", "..", ".", "%2e%2e", "%00", "%ff", "é", "a" * 300, "feedback", ""]),
            max_size=6,
        )
    )
    def fuzz(parts: list[str]) -> None:
        path = "/cds/" + "/".join(part.encode("ascii", "ignore").decode() for part in parts)
        sent(scene, "POST", path, b"{}", {"Content-Type": "application/json"})

    fuzz()


def test_any_json_with_a_valid_token(scene: Scene) -> None:
    @FUZZ
    @given(
        st.sampled_from(["", "/feedback"]),
        st.dictionaries(st.sampled_from([MARK, "hook", "context", "feedback"]), json_values),
    )
    def fuzz(ending: str, value: dict[str, Any]) -> None:
        path = scene.ehr.path() + ending
        headers = {"Authorization": f"Bearer {scene.ehr.token(path)}", "Content-Type": "application/json"}
        assert sent(scene, "POST", path, msgspec.json.encode(value), headers) == 400

    fuzz()


def test_any_context_and_prefetch_with_a_valid_token(scene: Scene) -> None:
    """The prefetch reaches as far as the AI, so this also fuzzes what is minimised."""
    resources = st.dictionaries(
        st.sampled_from(
            ["resourceType", "id", "subject", "code", "valueQuantity", "entry", "component", "birthDate", "gender"]
        ),
        st.sampled_from(["Patient", "Observation", "Bundle", MARK, "2020-01-01"]) | json_values,
        max_size=5,
    )

    @FUZZ
    @given(
        st.dictionaries(st.sampled_from(["userId", "patientId", "encounterId", MARK]), json_values, max_size=2),
        st.dictionaries(st.sampled_from(["patient", "observations", "other"]), resources | json_values, max_size=3),
    )
    def fuzz(context: dict[str, Any], prefetch: dict[str, Any]) -> None:
        call = {**a_call(context=context), "prefetch": prefetch}
        headers = {"Authorization": f"Bearer {scene.ehr.token(scene.ehr.path())}", "Content-Type": "application/json"}
        assert sent(scene, "POST", scene.ehr.path(), msgspec.json.encode(call), headers) in (200, 400, 412)

    fuzz()
    assert scene.ehr.call().status == 200
    for line in scene.installation.log().splitlines():
        assert MARK not in line
        assert "ERROR" not in line or "A call failed" not in line, line
