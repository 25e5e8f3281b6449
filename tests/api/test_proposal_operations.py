"""Proposals by the REST API: public to read, proposed by those who prepare rules, told as the pages tell them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from colloque.acts.actions import replay_proposal
from colloque.charter.models import RuleProposal
from colloque.kernel.vocabulary import Profession, Role
from colloque.people.models import Account, Membership
from tests.acts.cytology import Story
from tests.acts.world import LONG_AGO
from tests.api.test_charter_operations import AGE
from tests.api.test_operations import get, post

pytestmark = pytest.mark.django_db
PREPARING = {Role.DIRECTOR, Role.ADMINISTRATOR, Role.FACILITATOR, Role.ETHICS_MEMBER}


def _body(**more: Any) -> dict[str, Any]:
    return {"kind": "new", "purpose": "Entendu à l’atelier.", "origin": "consultation", "cedar": AGE, **more}


def test_a_program_proposes_and_everybody_reads(story: Story) -> None:
    made = post(story.director, "/charter/proposals", _body())
    assert made.status_code == 201, made.content
    one = made.json()
    assert (one["rule"], one["standing"], one["title"]) == ("age", "to-replay", "Pas après 55 ans")
    assert one["authors"] == [story.director.full_name]
    assert "simulate" in one["steps"]
    public = get(None, f"/charter/proposals/{one['id']}")
    assert public.status_code == 200
    assert (public.json()["authors"], public.json()["steps"]) == ([], [])
    assert [line["id"] for line in get(None, "/establishments/tilleuls/charter/proposals").json()] == [one["id"]]
    assert get(None, f"/charter/proposals/{one['id']}/replay").status_code == 404, "nothing was replayed yet"
    story.started()
    replay_proposal(RuleProposal.objects.get(), by=story.director, at=timezone.now())
    inside, outside = (get(who, f"/charter/proposals/{one['id']}/replay") for who in (story.director, None))
    assert inside.status_code == outside.status_code == 200
    assert outside.json()["result"]["cases"] == []
    assert inside.json()["acts"] == 1
    assert inside.json()["is_current"]
    assert inside.json()["words"]


def test_what_cannot_be_proposed_is_told(story: Story) -> None:
    for body, status in (
        (_body(cedar=AGE.replace("forbid", "forbit")), 400),
        (_body(cedar=""), 400),
        (_body(purpose=" "), 400),
        (_body(purpose="a\x00b"), 400),
        (_body(kind="repeal", rule="nothing-of-the-kind", cedar=""), 409),
        (_body(kind="change"), 409),
        (_body(kind="upheaval"), 422),
    ):
        answer = post(story.director, "/charter/proposals", body)
        assert answer.status_code == status, (body, answer.content)
        assert set(answer.json()) == {"code", "message", "path"}
    assert not RuleProposal.objects.exists()
    assert get(None, f"/charter/proposals/{uuid4()}").status_code == 404
    assert get(None, f"/charter/proposals/{uuid4()}/replay").status_code == 404
    assert get(None, "/establishments/nowhere/charter/proposals").status_code == 404


def test_only_who_prepares_rules_proposes(story: Story) -> None:
    for role in Role:
        if role in {Role.PATIENT, Role.TRUSTED_PERSON}:
            continue
        account = Account.objects.create_user(f"{role.value}@example.org", given_name="Camille", family_name="Roy")
        Membership.objects.create(
            account=account, establishment=story.world.house, role=role, valid_from=LONG_AGO,
            profession=Profession.NURSE if role is Role.CARER else "",
        )  # fmt: skip
        body = _body(cedar=AGE.replace('"age"', f'"age-{role.value}"'))
        assert post(account, "/charter/proposals", body).status_code == (201 if role in PREPARING else 404), role
    for account in (story.carer, story.patient, story.stranger):
        assert post(account, "/charter/proposals", _body()).status_code == 404
