"""The checklist counts, claims nothing it has not measured, and refuses what it cannot read."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.acts.core.answer import Answer, check_answer
from colloque.kernel.vocabulary import Autonomy
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.inputs import prefetch_of, read_inputs, read_readings
from colloque.projects.core.intended_use import read_intended_use
from colloque.projects.core.model_card import read_model_card
from colloque.reference_ai.fall_checklist import CODE_SYSTEM, HIGHER_FROM, OBSERVATION_CODE, SIGNS, card, declaration
from tests.reference_ai.service import Service, request_with

PATH = "/cds-services/fall-checklist"
answers = st.fixed_dictionaries({sign.code: st.booleans() for sign in SIGNS})


def observation(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": CODE_SYSTEM, "code": OBSERVATION_CODE}]},
        "component": [
            {"code": {"coding": [{"system": CODE_SYSTEM, "code": code}]}, "valueBoolean": value}
            for code, value in given.items()
        ],
    }


def request(given: dict[str, Any]) -> dict[str, Any]:
    made = request_with(None)
    made["prefetch"] = {"signs": observation(given)}
    return made


@given(answers)
def test_one_more_sign_never_lowers_the_risk(given: dict[str, bool]) -> None:
    count = sum(given.values())
    made = card(given, "fr", ("a", "b"))["extension"]["com.colloque.answer"]
    assert made["label"] == ("higher" if count >= HIGHER_FROM else "lower")
    assert sum(one["points"] for one in made["contributions"]) == count


@pytest.mark.principle("A7")
def test_it_claims_no_figure_that_nobody_measured(service: Service) -> None:
    reply = service.post(request({sign.code: True for sign in SIGNS}), PATH)
    answer = reply.body["cards"][0]["extension"]["com.colloque.answer"]
    assert reply.status == 200
    assert not {"probability", "like_cases", "level"} & set(answer)
    assert "Personne n’a mesuré" in answer["never_taught"]["fr"]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([s.code for s in SIGNS] + ["other"]), st.one_of(st.booleans(), st.integers(), st.none())
    )
)
def test_incomplete_or_wrong_answers_are_refused_by_name(service: Service, given: dict[str, Any]) -> None:
    reply = service.post(request(given), PATH)
    complete = all(isinstance(given.get(sign.code), bool) for sign in SIGNS)
    assert reply.status == 200 if complete else reply.status in {400, 412}


def test_its_model_card_says_it_learned_nothing(service: Service) -> None:
    assert service.get("/model-card/fall-checklist").body["trained_on"]["en"].startswith("On nothing")


@settings(max_examples=20, deadline=None)
@given(answers)
def test_its_declaration_is_understood_and_its_answer_read_whole(service: Service, given: dict[str, bool]) -> None:
    declared = json.loads(json.dumps(declaration()))
    assert read_intended_use(declared["intended_use"]).is_declared
    assert read_model_card(declared["model_card"]).unsaid == ()
    assert len(read_readings(declared["service"]["readings"])) == 2
    prefetch = prefetch_of(read_inputs(declared["service"]["inputs"]), given, "Patient/1")
    leaving = Declaration(declared["service"]["prefetch"]).minimise(prefetch, lambda _reference: "p-1")
    assert leaving.missing == ()
    made = request_with(None)
    made["prefetch"] = leaving.prefetch
    reply = service.post(made, PATH)
    read = check_answer(
        json.dumps(reply.body).encode(), autonomy=Autonomy.INFORMS, endpoint=service.address, new_id=uuid4
    )
    assert isinstance(read, Answer), (read, reply)
    assert read.cards[0].word is not None
