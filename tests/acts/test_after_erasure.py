"""What is written about acts ends with the person's key, and nothing more is written of somebody who was erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from colloque.acts import actions, queries
from colloque.acts.models import Act, Decision
from colloque.kernel.errors import InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.patients.actions import ask_erasure, carry_out_erasure
from colloque.people.models import Account, Membership
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
