"""Consultations for programs: the same figures as the pages, and as little of few people."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from colloque.consultations.actions.closing import close_consultation, note_became, reply
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.actions.moderation import reject_statement
from colloque.consultations.core.moderation import ModerationReason
from colloque.consultations.core.state import BecameKind, ConsultationState, OutcomeAnswer
from colloque.consultations.models import Consultation
from colloque.kernel.vocabulary import Role
from tests.consultations.story import NOW, Story, account, consultation, member
from tests.consultations.story import story as told
from tests.consultations.test_actions_closing import LATER, WHY, people

pytestmark = pytest.mark.django_db
PARTS = ("", "/statements", "/map", "/moderation", "/open-data")


@pytest.fixture
def house() -> Story:
    return told()


def get(path: str, status: int = 200) -> object:
    answer = Client().get(f"/api/v1{path}")
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def of(one: Consultation | UUID, part: str = "", status: int = 200) -> object:
    return get(f"/consultations/{one.id if isinstance(one, Consultation) else one}{part}", status)


def test_what_does_not_exist_is_not_found_as_on_the_pages(house: Story) -> None:
    draft = consultation(house.house, house.facilitator, number=2, state=ConsultationState.DRAFT)
    for part in PARTS:
        for one in (draft, uuid4()):
            assert of(one, part, 404)["code"] == "not-found"  # type: ignore[index]
    get("/establishments/nowhere/consultations", 404)
    of(house.consultation, "/map", 404)
    of(house.consultation, "/open-data", 404)
    assert [one["number"] for one in get("/establishments/les-tilleuls/consultations")] == [1]  # type: ignore[attr-defined]


@pytest.mark.principle("D3", "D4")
def test_while_people_vote_a_program_reads_rounded_figures(house: Story) -> None:
    map_now(people(house), at=NOW)
    page = of(house.consultation, "/map")
    assert page["is_rounded"]  # type: ignore[index]
    assert {"axes", "centre", "placements", "votes"}.isdisjoint(page)  # type: ignore[arg-type]
    figures = [one["everyone"] for one in page["statements"]]  # type: ignore[index]
    assert figures
    assert all(one["agree"] % 10 == one["disagree"] % 10 == one["seen"] % 5 == 0 for one in figures if one)


@pytest.mark.principle("D5", "D6")
def test_after_the_end_a_program_reads_findings_replies_and_where_they_led(house: Story) -> None:
    asked = people(house)
    reject_statement(asked.statements.get(number=10), ModerationReason.OFF_TOPIC, by=house.facilitator, at=NOW)
    close_consultation(asked, by=house.facilitator, at=LATER)
    director = member(house.house, account("h@tilleuls.example", "Hélène", "Vasseur"), Role.DIRECTOR)
    first = asked.statements.get(number=1)
    reply(first, OutcomeAnswer.ADOPTED, WHY, by=director, at=LATER + timedelta(days=1))
    note_became(house.house, first.id, BecameKind.CHARTER_PROPOSAL, uuid4(), by=house.facilitator, at=LATER)
    page = of(asked, "/map")
    said = {one["number"]: one for one in page["statements"]}  # type: ignore[index]
    assert said[1]["finding"] == "all-agree"
    assert said[2]["finding"] == "divides"
    assert said[1]["reply"]["answer"] == "adopted"
    assert [one["kind"] for one in said[1]["became"]] == ["charter-proposal"]
    assert 10 not in said
    assert [(one["statement"], one["reason"]) for one in of(asked, "/moderation")] == [(10, "off-topic")]  # type: ignore[attr-defined]
    files = of(asked, "/open-data")["files"]  # type: ignore[index]
    assert Client().get(files["votes.csv"]).status_code == 200
    assert of(asked)["state"] == "closed"  # type: ignore[index]
    assert len(of(asked, "/statements")) == 9  # type: ignore[arg-type]
