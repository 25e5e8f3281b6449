"""What a call must be for each hook, and the official requests, good and bad."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.gateway.core.calls import HOOKS, MAX_PREFETCH_KEYS, read_call
from colloque.gateway.core.problems import CallError
from tests.gateway.ehr import PATIENT, a_call

SOMEBODY = "4b2f0c1e-7a55-4f1b-9d70-0f6f2f4c9a11"
OTHER = "9d0a6c52-1c7e-4f0e-8a35-3b1d9d3c7e22"


def read(call: Any, hook: str = "patient-view") -> Any:
    return read_call(call if isinstance(call, bytes) else msgspec.json.encode(call), hook)


def problems(call: Any, hook: str = "patient-view") -> dict[str, str]:
    with pytest.raises(CallError) as error:
        read(call, hook)
    assert error.value.status == 400
    return {problem.path: problem.code for problem in error.value.problems}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_call_of_each_hook_is_read(hook: str) -> None:
    call = read(a_call(hook), hook)
    assert (call.hook, call.patient, call.user) == (hook, PATIENT, "Practitioner/nurse-1")
    assert call.resources["patient"]["gender"] == "female"


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("name", ["userId", "patientId", "selections", "draftOrders", "appointments", "encounterId"])
def test_each_required_context_field_must_be_there(hook: str, name: str) -> None:
    call = a_call(hook)
    if name not in call["context"]:
        pytest.skip("This hook's context does not need it.")
    del call["context"][name]
    assert problems(call, hook) == {
        f"context.{name}": "missing"
        if name not in ("userId", "patientId")
        else {"userId": "not-a-user", "patientId": "not-an-id"}[name]
    }


def test_members_that_a_later_version_adds_are_left_in_peace() -> None:
    call = a_call(prefetchSettings={"max": 3}, requestedLanguages=["fr"], extension={"org.example": {"a": 1}})
    call["context"]["newThing"] = {"a": [1]}
    assert read(call).patient == PATIENT


def test_an_authorization_for_the_record_is_accepted_and_not_kept() -> None:
    token = {"access_token": "secret-of-the-record", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read"}
    read_back = read(a_call(fhirServer="https://ehr.example.org/fhir", fhirAuthorization=token))
    assert "secret-of-the-record" not in repr(read_back)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe{}", "not-json"),
        (b"<html>", "not-json"),
        (b"[" * 100_000, "wrong-type"),
        (b'{"hook":' * 100_000, "wrong-type"),
        (b'{"context":' + b'{"a":' * 100_000, "not-json"),
        (b"null", "wrong-type"),
        (b"[]", "wrong-type"),
        (b'"text"', "wrong-type"),
        (b"{}", "missing"),
    ],
)
def test_what_is_no_call_is_refused(body: bytes, code: str) -> None:
    assert set(problems(body).values()) == {code}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hook": "order-sign"}, {"hook": "wrong-hook"}),
        ({"hook": 3}, {"hook": "wrong-type"}),
        ({"hookInstance": ""}, {"hookInstance": "not-a-uuid"}),
        ({"hookInstance": "not-one"}, {"hookInstance": "not-a-uuid"}),
        ({"context": {"patientId": "Patient/1"}}, {"context.patientId": "not-an-id"}),
        ({"context": {"patientId": ""}}, {"context.patientId": "not-an-id"}),
        ({"context": {"patientId": "x" * 65}}, {"context.patientId": "not-an-id"}),
        ({"context": {"patientId": 7}}, {"context.patientId": "not-an-id"}),
        ({"context": {"userId": "nurse-1"}}, {"context.userId": "not-a-user"}),
        ({"context": {"userId": "Device/1"}}, {"context.userId": "not-a-user"}),
        ({"context": {"encounterId": "Encounter/1"}}, {"context.encounterId": "not-an-id"}),
        ({"prefetch": []}, {"prefetch": "wrong-type"}),
        ({"prefetch": {"patient": {}}}, {"prefetch.patient": "not-a-resource"}),
        ({"prefetch": {"patient": []}}, {"prefetch.patient": "not-a-resource"}),
        ({"prefetch": {"patient": "x"}}, {"prefetch.patient": "not-a-resource"}),
        ({"prefetch": {"patient": {"resourceType": 4}}}, {"prefetch.patient": "not-a-resource"}),
        ({"prefetch": {"a b": {"resourceType": 4}}}, {"prefetch": "not-a-resource"}),
        (
            {"prefetch": {"p": {"resourceType": "Patient", "birthDate": "X2002-09-26"}}},
            {"prefetch.p.birthDate": "not-a-date"},
        ),
        (
            {"prefetch": {"p": {"resourceType": "Patient", "id": "somebody-else"}}},
            {"prefetch.p.id": "other-person"},
        ),
        (
            {"prefetch": {"o": {"resourceType": "Observation", "subject": {"reference": "Patient/somebody-else"}}}},
            {"prefetch.o.subject": "other-person"},
        ),
        (
            {
                "prefetch": {
                    "o": {"resourceType": "AllergyIntolerance", "patient": {"reference": "http://x/fhir/Patient/2"}}
                }
            },
            {"prefetch.o.patient": "other-person"},
        ),
        (
            {"prefetch": {"o": {"resourceType": "Observation", "subject": {"reference": f"urn:uuid:{SOMEBODY}"}}}},
            {"prefetch.o.subject": "other-person"},
        ),
        (
            {
                "prefetch": {
                    "b": {
                        "resourceType": "Bundle",
                        "entry": [
                            {"fullUrl": f"urn:uuid:{SOMEBODY}", "resource": {"resourceType": "Patient", "id": "b"}},
                            {
                                "resource": {
                                    "resourceType": "Condition",
                                    "subject": {"reference": f"URN:UUID:{SOMEBODY}"},
                                }
                            },
                        ],
                    }
                }
            },
            {"prefetch.b.entry[0].resource.id": "other-person", "prefetch.b.entry[1].resource.subject": "other-person"},
        ),
        (
            {
                "prefetch": {
                    "b": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "b"}}]}
                }
            },
            {"prefetch.b.entry[0].resource.id": "other-person"},
        ),
        ({"prefetch": {"b": {"resourceType": "Bundle", "entry": {}}}}, {"prefetch.b.entry": "wrong-type"}),
        (
            {"prefetch": {"b": {"resourceType": "Bundle", "entry": [3]}}},
            {"prefetch.b.entry[0].resource": "not-a-resource"},
        ),
        ({"prefetch": {f"k{n}": None for n in range(MAX_PREFETCH_KEYS + 1)}}, {"prefetch": "too-many"}),
    ],
)
def test_each_thing_that_is_wrong_has_its_place(changes: dict[str, Any], expected: dict[str, str]) -> None:
    call = a_call(context=changes.pop("context", {}))
    assert problems({**call, **changes}) == expected


def test_a_bundle_that_names_its_patient_by_a_urn_is_about_this_patient() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": f"urn:uuid:{SOMEBODY}", "resource": {"resourceType": "Patient", "id": PATIENT}},
            {"fullUrl": f"urn:uuid:{OTHER}", "resource": {"resourceType": "Group", "id": "g"}},
            {"resource": {"resourceType": "Observation", "subject": {"reference": f"urn:uuid:{SOMEBODY}"}}},
            {"resource": {"resourceType": "Observation", "subject": {"reference": f"urn:uuid:{OTHER}"}}},
        ],
    }
    elsewhere = {"resourceType": "Observation", "subject": {"reference": f"urn:uuid:{SOMEBODY}"}}
    call = a_call("patient-view")
    call["prefetch"] = {"b": bundle, "o": elsewhere}
    assert read_call(msgspec.json.encode(call), "patient-view").patient == PATIENT


def test_each_synthetic_record_is_about_its_own_patient_and_about_no_other(shared_data: Path) -> None:
    """Synthea names everybody by `urn:uuid:`, the patient by their own id."""
    records = [json.loads(f.read_text("utf-8")) for f in sorted((shared_data / "fhir" / "synthea").glob("*.json"))]
    ids = [next(e["resource"]["id"] for e in r["entry"] if e["resource"]["resourceType"] == "Patient") for r in records]
    for record, own, other in zip(records, ids, ids[1:] + ids[:1], strict=True):
        about = [e["resource"] for e in record["entry"] if "subject" in e["resource"]][:200]
        for patient in (own, other):
            call = a_call("patient-view")
            call["context"]["patientId"] = patient
            call["prefetch"] = {"about": {"resourceType": "Bundle", "entry": [{"resource": one} for one in about]}}
            if patient == own:
                assert read_call(msgspec.json.encode(call), "patient-view").patient == own
            else:
                with pytest.raises(CallError) as refused:
                    read_call(msgspec.json.encode(call), "patient-view")
                assert {problem.code for problem in refused.value.problems} == {"other-person"}


def test_bundles_do_not_nest_without_end() -> None:
    bundle: dict[str, Any] = {"resourceType": "Bundle"}
    for _ in range(200):
        bundle = {"resourceType": "Bundle", "entry": [{"resource": bundle}]}
    assert set(problems(a_call(prefetch={"b": bundle})).values()) == {"too-deep"}


def test_a_prefetch_the_client_could_not_fill_is_absent() -> None:
    assert "patient" not in read(a_call(prefetch={"patient": None})).resources


def test_references_in_selections_are_type_and_id() -> None:
    call = a_call("order-select")
    call["context"]["selections"] = ["order-1", "MedicationRequest/order-1", "MedicationRequest/"]
    assert problems(call, "order-select") == {
        "context.selections[0]": "not-a-reference",
        "context.selections[2]": "not-a-reference",
    }
    call["context"]["selections"] = []
    assert problems(call, "order-select") == {"context.selections": "not-a-list"}


def test_appointments_are_appointments() -> None:
    call = a_call("appointment-book")
    call["context"]["appointments"]["entry"].append({"resource": {"resourceType": "Slot"}})
    assert problems(call, "appointment-book") == {"context.appointments.entry[1].resource": "wrong-resource"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.sampled_from(sorted(HOOKS)))
def test_any_json_is_read_or_refused_in_the_standards_shape(value: Any, hook: str) -> None:
    with pytest.raises(CallError) as error:
        read(value, hook)
    assert error.value.status == 400


@given(
    st.dictionaries(st.sampled_from(["userId", "patientId", "draftOrders", "selections", "encounterId"]), json_values)
)
def test_any_context_is_read_or_refused(context: dict[str, Any]) -> None:
    for hook in HOOKS:
        call = a_call(hook)
        call["context"].update(context)
        with contextlib.suppress(CallError):
            read(call, hook)


GOOD = {
    "cdshooks-request-pv-good.json": "patient-view",
    "cdshooks-request-patient-view-good.json": "patient-view",
    "cdshooks-request-order-select-good.json": "order-select",
    "cdshooks-request-order-sign-good.json": "order-sign",
}
BAD = {
    "cdshooks-request-patient-view-bad.json": {
        "context.patientId": "not-an-id",
        "context.encounterId": "not-an-id",
        "prefetch.item1": "not-a-resource",
        "prefetch.item2": "not-a-resource",
    },
    "cdshooks-request-order-select-bad.json": {
        "context.patientId": "not-an-id",
        "context.encounterId": "not-an-id",
        "context.selections[0]": "not-a-reference",
        "prefetch.item1": "not-a-resource",
    },
    "cdshooks-request-order-sign-bad-1.json": {
        "context.patientId": "not-an-id",
        "prefetch.item1.birthDate": "not-a-date",
    },
    "cdshooks-request-order-sign-bad-2.json": {
        "context.patientId": "not-an-id",
        "prefetch.item1": "not-a-resource",
    },
    "cdshooks-request-order-select-extensions.json": {"context.draftOrders": "missing"},
}
"""What a service must refuse of each official bad request.

`EXPECTED.json` lists more, which is a FHIR validator's business and does not decide whether a service can answer: unknown
extensions, codes outside a value set, bundle entries without `fullUrl` and the relative references in them, unknown
properties of the `extension` member.
"""
A_VALIDATORS = (
    "extension", "fullUrl", "System URI", "was not found in the value set", "Relative Reference", "Unrecognized property",
)  # fmt: skip


@pytest.fixture(scope="module")
def official(shared_data: Path) -> Path:
    return shared_data / "cds-hooks" / "test-cases"


@pytest.mark.parametrize("name", GOOD)
def test_official_good_requests_are_read(official: Path, name: str) -> None:
    body = (official / name).read_bytes()
    call = read_call(body, GOOD[name])
    sent = json.loads(body)
    assert call.patient == sent["context"]["patientId"]
    assert set(call.resources) >= {key for key, value in sent.get("prefetch", {}).items() if value is not None}


@pytest.mark.parametrize("name", BAD)
def test_official_bad_requests_get_the_errors_that_concern_a_service(official: Path, name: str) -> None:
    body = (official / name).read_bytes()
    assert problems(body, json.loads(body)["hook"]) == BAD[name]


def test_every_expected_error_is_ours_or_a_validators(official: Path) -> None:
    expected = json.loads((official / "EXPECTED.json").read_text())
    for case in expected:
        if case["file"] not in BAD:
            continue
        ours = [e for e in case["errors"] if not any(words in e[2] for words in A_VALIDATORS)]
        assert len(ours) == len(BAD[case["file"]]), (case["file"], ours)
