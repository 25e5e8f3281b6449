"""The aid over HTTP: discovery, one card for each status, missing and wrong data, hostile requests."""

from __future__ import annotations

import copy
import json
import random
import re
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE
from colloque.reference_ai.score import Label, Model, Status
from colloque.reference_ai.service import LARGEST_BODY
from colloque.reference_ai.synthetic import case, observation
from tests.reference_ai.service import SOURCE, Reply, Service, request_with, searchset
from tests.shared import SHARED

HINTS = {
    "fr": ("bénin", "malin", "maligne"),
    "en": ("benign", "malignant"),
}


def made(model: Model, status: Status, label: Label = Label.MALIGNANT, seed: int = 4) -> dict[str, Any]:
    return observation(model, case(model, label, status, random.Random(seed)).values, "Patient/p-1")


def test_starts_within_the_time_a_demonstration_has(service: Service) -> None:
    assert service.seconds_to_start < 5


def test_discovery_describes_each_service(service: Service) -> None:
    reply = service.get("/cds-services")
    described, _checklist = reply.body["services"]
    assert described["id"] == "breast-cytology"
    assert described["hook"] == "patient-view"
    assert described["prefetch"] == {
        "cytology": "Observation?patient={{context.patientId}}"
        f"&code={CODE_SYSTEM}|{OBSERVATION_CODE}&_sort=-date&_count=1"
    }
    assert "démonstration" in described["description"]
    assert (
        "Demonstration" in service.get("/cds-services", **{"Accept-Language": "en"}).body["services"][0]["description"]
    )


@pytest.mark.principle("A7")
@pytest.mark.parametrize("label", list(Label))
def test_an_answer_says_what_weighed_how_sure_what_it_ignores_and_who_labelled(
    service: Service, model: Model, label: Label
) -> None:
    sent = made(model, Status.ANSWERED, label)
    reply = service.post(request_with(searchset(sent)))
    answer, detail = reply.answer, reply.card["detail"]
    assert answer["status"] == "answered"
    assert answer["possible"] == [answer["label"]]
    assert answer["level"] == model.level
    values = {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in sent["component"]}
    assert {one["code"]: one["value"] for one in answer["measurements"]} == values, "it shows all that it used"
    assert sum(one["points"] for one in answer["contributions"]) == answer["total"]["points"]
    for one in answer["contributions"]:
        assert 0 <= one["points"] <= one["max"]
        assert one["fr"] in detail, "what weighed is on the card"
    like = answer["like_cases"]
    assert like["of"] == 100
    assert like["measured_on"] >= 50
    assert like["wrong"] <= like["at_most"]
    assert str(like["measured_on"]) in detail
    assert "569 ponctions" in answer["never_taught"]["fr"]
    assert answer["never_taught"]["fr"] in detail
    assert answer["labelled_by"]["fr"] in detail
    assert answer["model"] == {"name": "breast-cytology", "version": model.version}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_card_is_a_card(service: Service, model: Model, status: Status, language: str) -> None:
    reply = service.post(request_with(made(model, status)), **{"Accept-Language": language})
    card = reply.card
    assert reply.headers["content-type"] == "application/json"
    assert len(card["summary"]) <= 140
    assert card["summary"] == reply.answer["summary"][language]
    assert card["indicator"] in {"info", "warning"}
    assert uuid.UUID(card["uuid"])
    assert card["source"]["label"]
    assert set(card["source"]["topic"]) == {"system", "code", "display"}
    assert "systemActions" not in reply.body
    for suggestion in card.get("suggestions", []):
        assert set(suggestion) == {"label", "uuid"}, "a suggestion carries no action"
    assert ("suggestions" in card) == ("selectionBehavior" in card) == (status is Status.ANSWERED)


@pytest.mark.principle("A8")
@pytest.mark.parametrize("status", [Status.ABSTAINED, Status.OUTSIDE])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_where_it_does_not_know_it_says_so_and_hints_at_nothing(
    service: Service, model: Model, status: Status, language: str
) -> None:
    replies = [
        service.post(request_with(made(model, status, label, seed)), **{"Accept-Language": language})
        for label in Label
        for seed in (1, 2)
    ]
    for reply in replies:
        answer, card = reply.answer, reply.card
        assert answer["status"] == status
        assert (answer["label"], answer["probability"], answer["like_cases"], answer["total"]) == (None,) * 4
        assert answer["contributions"] == []
        assert len(answer["possible"]) != 1
        said = (card["summary"] + card["detail"]).lower()
        assert not any(hint in said for hint in HINTS[language]), said
        assert {"fr": "pas de réponse", "en": "no answer"}[language] in card["summary"]
    assert len({(reply.card["summary"], reply.card["indicator"]) for reply in replies}) == 1, "the words betray a label"


@pytest.mark.principle("A8")
@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_an_image_of_another_scale_is_refused_by_the_aid_itself(service: Service, model: Model, factor: float) -> None:
    sent = made(model, Status.ANSWERED)
    powers = {feature.code: feature.length_power for feature in model.measured}
    for part in sent["component"]:
        part["valueQuantity"]["value"] *= factor ** powers[part["code"]["coding"][0]["code"]]
    reply = service.post(request_with(sent))
    assert reply.answer["status"] == "outside"
    assert reply.answer["beyond"], "it names the measurements that are beyond what it learned"


def test_an_observation_alone_or_in_a_bundle_is_read_the_same(service: Service, model: Model) -> None:
    sent = made(model, Status.ANSWERED)
    other = {"resourceType": "Observation", "status": "final", "code": {"text": "weight"}}
    alone = service.post(request_with(sent)).answer
    assert service.post(request_with(searchset(other, sent))).answer == alone


def test_nothing_but_the_measurements_is_read(service: Service, model: Model) -> None:
    sent = made(model, Status.ANSWERED)
    bare = service.post(request_with(sent)).answer
    crowded = copy.deepcopy(sent)
    crowded |= {
        "subject": {"reference": "Patient/x", "display": "Jeanne Exemple"},
        "effectiveDateTime": "1931-05-04",
        "performer": [{"display": "Docteur Exemple"}],
        "note": [{"text": "Jeanne Exemple, née en 1931"}],
    }
    request = request_with(searchset(crowded, {"resourceType": "Patient", "birthDate": "1931-05-04"}))
    request["prefetch"]["patient"] = {"resourceType": "Patient", "name": [{"family": "Exemple"}]}
    reply = service.post(request)
    assert reply.answer == bare
    assert "Exemple" not in json.dumps(reply.body)
    assert "1931" not in json.dumps(reply.body)


@pytest.mark.parametrize("nothing", [None, searchset(), {"resourceType": "Bundle", "type": "searchset"}])
def test_a_person_without_cytology_gets_no_card(service: Service, nothing: object) -> None:
    reply = service.post(request_with(nothing))
    assert (reply.status, reply.body) == (200, {"cards": []})


def refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.body["error"]) == (status, code), reply.body
    assert reply.body["message"]


def test_without_its_prefetch_it_answers_412(service: Service) -> None:
    request = request_with(None)
    request["prefetch"] = {"other": {}}
    refused(service.post(request), 412, "prefetch-missing")
    del request["prefetch"]
    refused(service.post(request), 412, "prefetch-missing")


def test_a_failed_search_is_not_an_absence(service: Service) -> None:
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
    refused(service.post(request_with(failed)), 412, "prefetch-failed")
    refused(service.post(request_with(searchset(failed))), 412, "prefetch-failed")


def test_a_missing_measurement_is_named(service: Service, model: Model) -> None:
    for number in range(len(model.measured)):
        sent = made(model, Status.ANSWERED)
        removed = sent["component"].pop(number)["code"]["coding"][0]["code"]
        reply = service.post(request_with(sent))
        refused(reply, 412, "missing")
        assert removed in reply.body["message"]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown", None, 4, []])
def test_a_result_that_was_withdrawn_is_not_read(service: Service, model: Model, status: object) -> None:
    sent = made(model, Status.ANSWERED) | {"status": status}
    refused(service.post(request_with(sent)), 412, "status")


@pytest.mark.parametrize(
    "unit",
    [{"code": "um"}, {"code": "mm"}, {"code": None}, {"system": None}, {"system": "urn:other"}, {"code": ["{pixel}"]}],
)
def test_another_unit_is_refused_never_converted(service: Service, model: Model, unit: dict[str, Any]) -> None:
    sent = made(model, Status.ANSWERED)
    quantity = sent["component"][0]["valueQuantity"]
    sent["component"][0]["valueQuantity"] = quantity | unit
    reply = service.post(request_with(sent))
    refused(reply, 400, "unit")
    assert reply.body["where"] == "prefetch.cytology.component[0].valueQuantity.code"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12.5", "not-a-number"),
        (True, "not-a-number"),
        (None, "not-a-number"),
        ([1], "not-a-number"),
        (-1, "impossible"),
        (10**400, "impossible"),
    ],
)
def test_a_value_that_is_no_measurement_is_refused(service: Service, model: Model, value: object, code: str) -> None:
    sent = made(model, Status.ANSWERED)
    sent["component"][0]["valueQuantity"]["value"] = value
    reply = service.post(request_with(sent))
    if value == 10**400:
        assert reply.status == 400, "a number too large is refused by the parser or by the reader"
    else:
        refused(reply, 400, code)


def test_a_measurement_given_twice_or_as_a_bound_is_refused(service: Service, model: Model) -> None:
    sent = made(model, Status.ANSWERED)
    sent["component"].append(sent["component"][0])
    refused(service.post(request_with(sent)), 400, "twice")
    sent = made(model, Status.ANSWERED)
    sent["component"][0]["valueQuantity"]["comparator"] = "<"
    refused(service.post(request_with(sent)), 400, "comparator")


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"0x10", b"01"])
def test_what_json_does_not_allow_is_not_json(service: Service, model: Model, number: bytes) -> None:
    sent = made(model, Status.ANSWERED)
    sent["component"][0]["valueQuantity"]["value"] = "HERE"
    body = json.dumps(request_with(sent)).encode().replace(b'"HERE"', number)
    assert service.post(body).status == 400


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"hook": "order-sign"}, "hook"),
        ({"hook": None}, "hook"),
        ({"hook": ["patient-view"]}, "hook"),
        ({"hookInstance": "not a uuid"}, "hookInstance"),
        ({"hookInstance": ""}, "hookInstance"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"context": {"userId": "Practitioner/1"}}, "context.patientId"),
        ({"context": {"userId": "Practitioner/1", "patientId": "  "}}, "context.patientId"),
        ({"context": {"userId": 3, "patientId": "p"}}, "context.userId"),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": "x"}, "prefetch"),
        ({"prefetch": {"cytology": "x"}}, "prefetch.cytology.resourceType"),
        ({"prefetch": {"cytology": {"resourceType": "Patient"}}}, "prefetch.cytology.resourceType"),
        ({"prefetch": {"cytology": {"resourceType": "Bundle", "entry": {}}}}, "prefetch.cytology.entry"),
    ],
)
def test_a_wrong_request_is_told_where(service: Service, change: dict[str, Any], where: str) -> None:
    reply = service.post(request_with(None) | change)
    assert (reply.status, reply.body["where"]) == (400, where), reply.body


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}" * 2])
def test_a_body_that_is_no_request_is_refused(service: Service, body: bytes) -> None:
    assert service.post(body).status == 400


def test_a_huge_body_is_refused_before_it_is_read_whole(service: Service) -> None:
    refused(service.post(b" " * (LARGEST_BODY + 1)), 413, "too-large")
    assert service.get("/cds-services").status == 200


def test_other_media_types_methods_and_addresses_are_refused(service: Service) -> None:
    refused(service.post(b"<x/>", **{"Content-Type": "text/xml"}), 415, "not-json")
    refused(service.get("/cds-services/breast-cytology"), 405, "method")
    refused(service.get("/nothing"), 404, "not-found")
    refused(service.post({}, "/cds-services/other"), 404, "not-found")


@pytest.mark.skipif(
    not (SHARED / "data" / "cds-hooks").is_dir(), reason="The official CDS Hooks examples are not on this machine."
)
def test_the_official_requests_get_an_error_each_of_its_kind(service: Service) -> None:
    seen = {}
    for file in sorted((SHARED / "data" / "cds-hooks" / "test-cases").glob("cdshooks-request-*.json")):
        reply = service.post(file.read_bytes())
        seen[file.stem.removeprefix("cdshooks-request-")] = (reply.status, reply.body.get("error"))
    assert {name for name, told in seen.items() if told == (412, "prefetch-missing")} >= {"patient-view-good"}, seen
    assert all(status in {400, 412} for status, _ in seen.values()), seen
    assert all(told == (400, "wrong-hook") for name, told in seen.items() if name.startswith("order-")), seen


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
PLACES = [
    ("hook",),
    ("hookInstance",),
    ("context",),
    ("context", "patientId"),
    ("prefetch",),
    ("prefetch", "cytology"),
    *(
        ("prefetch", "cytology", *rest)
        for rest in (
            ("resourceType",),
            ("status",),
            ("code",),
            ("code", "coding"),
            ("code", "coding", 0),
            ("component",),
            ("component", 0),
            ("component", 0, "code"),
            ("component", 0, "code", "coding"),
            ("component", 0, "code", "coding", 0),
            ("component", 0, "code", "coding", 0, "code"),
            ("component", 0, "valueQuantity"),
            ("component", 0, "valueQuantity", "value"),
            ("component", 0, "valueQuantity", "code"),
        )
    ),
]


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), junk=JUNK)
def test_whatever_stands_anywhere_it_never_fails(
    service: Service, model: Model, place: tuple[str | int, ...], junk: object
) -> None:
    request: Any = request_with(made(model, Status.ANSWERED))
    holder = request
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = junk
    reply = service.post(request)
    assert reply.status in {200, 400, 412}, reply.body


def test_the_documented_request_and_answer_are_the_real_ones(service: Service) -> None:
    text = (SOURCE.parent / "docs" / "reference-ai" / "interface.md").read_text(encoding="utf-8")
    example = text.split("```json\n")[1].split("```")[0]
    answer = service.post(example.encode()).answer
    assert answer["status"] == "answered"
    told = set(re.findall(r"`([a-z_]+)`", text.split("## An answer")[1].split("## Errors")[0]))
    assert set(answer) <= told, set(answer) - told
    assert {key for one in answer["contributions"] for key in one} <= told
    assert set(answer["like_cases"]) <= told
    codes = set(re.findall(r"`([a-z-]+)`", text.split("## Errors")[1].split("## Cases")[0]))
    room = SOURCE / "colloque" / "reference_ai"
    source = (room / "service.py").read_text("utf-8") + (room / "measurements.py").read_text("utf-8")
    raised = set(re.findall(r'CallError\(\s*\d+, "([a-z-]+)"', source))
    raised |= set(re.findall(r'MeasurementError\(\s*"([a-z-]+)"', source))
    assert raised <= codes, raised - codes


def test_the_model_card_tells_everything_measured(service: Service, model: Model) -> None:
    card = service.get("/model-card").body
    assert card["figures"] == model.document["figures"]
    assert [one["code"] for one in card["measurements"]] == [feature.code for feature in model.measured]
    assert card["intended_use"]["fr"]
    assert card["not_for"]["fr"]
    assert card["data"]["cases"] == 569
