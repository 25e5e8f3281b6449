"""The aid and Colloque agree: its declaration is understood, its data leave as declared, and its answers are read whole."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import uuid4

import pytest

from colloque.acts.core.answer import Answer, AnswerStatus, check_answer
from colloque.kernel.vocabulary import Autonomy
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.inputs import prefetch_of, read_inputs, read_readings
from colloque.projects.core.intended_use import read_intended_use
from colloque.projects.core.model_card import read_model_card
from colloque.projects.core.service import checked_service
from colloque.reference_ai.declaration import declaration
from colloque.reference_ai.score import Label, Model, Status
from colloque.reference_ai.synthetic import case, observation
from tests.reference_ai.service import Service, request_with, searchset


@pytest.fixture(scope="module")
def declared(model: Model) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(declaration(model)))
    return made


def test_the_declaration_is_understood(declared: dict[str, Any], model: Model) -> None:
    service = declared["service"]
    checked_service(slug=service["slug"], remote_id=service["remote_id"], hook=service["hook"])
    assert len(read_inputs(service["inputs"])) == len(model.measured)
    assert {reading.code for reading in read_readings(service["readings"])} == {label.value for label in Label}
    assert read_intended_use(declared["intended_use"]).is_declared
    assert read_model_card(declared["model_card"]).unsaid == ()


def test_it_declares_the_prefetch_it_asks_for(declared: dict[str, Any], service: Service) -> None:
    offered, _checklist = service.get("/cds-services").body["services"]
    assert {key: one["query"] for key, one in declared["service"]["prefetch"].items()} == offered["prefetch"]


@pytest.mark.principle("A7", "A8")
@pytest.mark.parametrize("status", list(Status))
def test_what_a_carer_types_reaches_it_and_what_it_says_is_read_whole(
    declared: dict[str, Any], service: Service, model: Model, status: Status
) -> None:
    values = case(model, Label.MALIGNANT, status, random.Random(6)).values
    prefetch = prefetch_of(read_inputs(declared["service"]["inputs"]), values, "Patient/1")
    leaving = Declaration(declared["service"]["prefetch"]).minimise(prefetch, lambda _reference: "p-1")
    assert leaving.missing == ()
    reply = service.post(request_with(leaving.prefetch["cytology"]))
    read = check_answer(
        json.dumps(reply.body).encode(), autonomy=Autonomy.SUGGESTS, endpoint=service.address, new_id=uuid4
    )
    assert isinstance(read, Answer), read
    assert read.status is AnswerStatus(status.value)
    assert read.stripped == ()
    (card,) = read.cards
    assert card.stripped == ()
    assert card.word is not None
    assert card.word.label == reply.answer["label"]
    assert len(card.word.contributions) == len(reply.answer["contributions"])
    assert card.word.never_taught
    assert card.word.labelled_by
    if status is Status.ANSWERED:
        assert card.word.label in {reading["code"] for reading in declared["service"]["readings"]}
        assert card.word.like_cases is not None
        assert card.word.like_cases.wrong == reply.answer["like_cases"]["wrong"]
        assert all(one.reference is not None and one.max for one in card.word.contributions)


def test_what_a_record_holds_besides_does_not_leave(declared: dict[str, Any], model: Model) -> None:
    held = observation(model, case(model, Label.BENIGN, Status.ANSWERED, random.Random(8)).values, "Patient/1")
    held |= {"note": [{"text": "Jeanne Exemple"}], "effectiveDateTime": "2026-01-02", "performer": [{"display": "X"}]}
    leaving = Declaration(declared["service"]["prefetch"]).minimise(
        {"cytology": searchset(held)}, lambda _reference: "p-1"
    )
    text = json.dumps(leaving.prefetch)
    for secret in ("Exemple", "2026", "performer", "Patient"):
        assert secret not in text
    assert len(leaving.prefetch) == 1


@pytest.mark.principle("A8")
def test_the_declared_intended_use_closes_the_door_before_the_aid_does(declared: dict[str, Any], model: Model) -> None:
    use = read_intended_use(declared["intended_use"])
    values = dict(case(model, Label.BENIGN, Status.ANSWERED, random.Random(8)).values)
    assert use.check(67, "female", (), values) == ()
    code = model.measured[0].code
    assert use.check(67, "female", (), {**values, code: model.highest[0] * 1.01}) == (f"above:{code}",)
    assert use.check(17, "female", (), values) == ("age-below:18",)
    del values[code]
    assert use.check(67, "female", (), values) == (f"missing:{code}",)
