"""What is written about acts ends with the person's key, and nothing more is written of somebody who was erased."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.apps import apps
from django.test import Client
from django.utils.translation import override

from colloque.acts import actions, queries
from colloque.acts.models import Act, Decision
from colloque.charter.core.facts import Facts, PersonFacts
from colloque.kernel.errors import InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role, Situation
from colloque.patients.actions import ask_erasure, carry_out_erasure, declare_situation
from colloque.people import actions as people
from colloque.people.access import current_memberships
from colloque.people.models import Account, Establishment, Membership
from tests.acts.cytology import Story
from tests.acts.world import LONG_AGO, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)
HERS = "Jeanne m’a parlé de sa sœur Lucienne"


def erase(story: Story) -> None:
    """Jeanne asks, and whoever protects data does it."""
    officer = Account.objects.create_user("dpo@example.org", given_name="Anne", family_name="Roux")
    Membership.objects.create(
        account=officer, establishment=story.world.house, role=Role.DATA_PROTECTION_OFFICER, valid_from=LONG_AGO
    )
    carry_out_erasure(ask_erasure(story.world.person, by=story.patient, at=NOW), by=officer, at=NOW)


def everything_written() -> str:
    """Every value of every row of our rooms, as the database holds it."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("colloque.")]
    values = [value for model in ours for row in model._default_manager.values_list() for value in row]
    return "\n".join(bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in values)


def test_the_free_words_around_an_act_do_not_survive_the_person(story: Story) -> None:
    act = story.opened()
    actions.decide(
        act, outcome="set-aside", reasons=["seen-here"], words=HERS, patient_view=HERS, by=story.carer, at=NOW
    )
    actions.access_suggestion(act, purpose="care", words=HERS, by=story.carer, at=NOW)
    assert [one.words for one in queries.act_page(story.carer, act.id, NOW).accesses] == [HERS]
    erase(story)
    assert "Lucienne" not in everything_written()
    page = queries.act_page(story.carer, act.id, LATER)
    assert [one.words for one in page.accesses] == [""]
    assert page.decision is not None
    assert (page.decision.words, page.decision.patient_view) == ("", "")


def test_an_erased_person_is_called_so_in_the_language_of_whoever_reads(story: Story) -> None:
    act = story.opened()
    with override("en"):
        erase(story)
    assert not re.search("Personne effacée|Erased person|Aubry", everything_written()), (
        "a name, or words for one, is stored"
    )
    for language, words in (("fr", "Personne effacée"), ("en", "Erased person")):
        with override(language):
            assert Account.objects.get(id=story.patient.id).full_name == words
            assert queries.act_page(story.carer, act.id, LATER).person.name == words
    with override("en"):
        assert words in {line.person for line in queries.worklist(story.carer, LATER).open}


def test_nothing_more_is_written_of_somebody_who_was_erased(story: Story) -> None:
    decided, act = story.opened(), story.opened()
    actions.decide(decided, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=NOW)
    erase(story)
    with pytest.raises(NotFoundError):
        actions.access_suggestion(decided, purpose="care", words=HERS, by=story.carer, at=LATER)
    act = Act.objects.get(id=act.id)
    for field in ("words", "retained", "patient_view"):
        said: dict[str, Any] = {"outcome": "set-aside", "reasons": ["seen-here"], field: HERS}
        with pytest.raises(InvalidInputError) as refused:
            actions.decide(act, by=story.carer, at=LATER, **said)
        assert refused.value.path == "words"
    actions.decide(act, outcome="set-aside", reasons=["seen-here"], by=story.carer, at=LATER)
    assert Decision.objects.get(act=act).carer == story.carer, "the act does not wait for ever"


def test_the_facts_of_acts_describe_nobody_any_more(story: Story) -> None:
    act = story.opened()
    declare_situation(story.world.person, Situation.ISOLATED, by=story.carer, at=NOW)
    refused = story.started()
    before = Act.objects.get(id=act.id)
    assert b'"age"' in bytes(before.facts)
    assert b"isolated" in bytes(Act.objects.get(id=refused.id).facts)
    erase(story)
    for held in Act.objects.filter(person=story.world.person):
        facts = msgspec.json.decode(bytes(held.facts), type=Facts)
        assert facts.person == PersonFacts(id=story.world.person.id)
        assert held.sealed_input is None
    after = Act.objects.get(id=act.id)
    assert (bytes(after.verdict), after.rules, after.state) == (bytes(before.verdict), before.rules, before.state)
    kept, was = (msgspec.json.decode(bytes(one.facts), type=Facts) for one in (after, before))
    assert (kept.project, kept.act_kind, kept.carer, kept.moment) == (was.project, was.act_kind, was.carer, was.moment)


def test_an_erased_person_comes_in_by_no_door(story: Story, client: Client) -> None:
    house, account = story.world.house, story.patient
    administrator = Account.objects.create_user("admin@example.org")
    Membership.objects.create(account=administrator, establishment=house, role=Role.ADMINISTRATOR, valid_from=LONG_AGO)
    offer = people.Offer("fille@example.org", Role.TRUSTED_PERSON, "Nadia", "Aubry", about=story.world.person.id)
    waiting = people.invite(house, offer, by=administrator, at=NOW)
    link = people.make_access_link(account, house, by=administrator, at=NOW)
    address = account.email
    client.force_login(account)
    assert client.get("/my/choices/").status_code == 200
    erase(story)
    assert client.get("/my/choices/").status_code == 302, "the open session is over"
    with pytest.raises(NotFoundError):
        people.use_access_link(link.secret, "une autre phrase bien longue", at=LATER)
    with pytest.raises(NotFoundError):
        people.accept_with_password(waiting.secret, "une autre phrase bien longue", at=LATER)
    held = Account.objects.get(pk=account.pk)
    assert not held.is_active
    assert not held.has_usable_password()
    assert address not in everything_written()


def test_a_carer_who_was_cared_for_here_still_comes_in_as_a_carer(story: Story) -> None:
    elsewhere = Establishment.objects.create(slug="ailleurs", name="Ailleurs", kind=story.world.house.kind)
    Membership.objects.create(account=story.patient, establishment=elsewhere, role=Role.DIRECTOR, valid_from=LONG_AGO)
    erase(story)
    held = Account.objects.get(pk=story.patient.pk)
    assert held.is_active
    assert held.email == story.patient.email
    now = current_memberships(LATER).filter(account=held)
    assert [(one.establishment, one.role) for one in now] == [(elsewhere, Role.DIRECTOR.value)]
