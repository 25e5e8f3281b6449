"""What a carer is told that AI may do is what the spine itself would decide on."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from colloque.acts.core.request import ActRequest
from colloque.acts.core.standing import facts_of
from colloque.acts.queries.standing import read_standing
from colloque.kernel.vocabulary import (
    ActKind,
    Autonomy,
    ChoiceAnswer,
    ProjectStatus,
    Requirement,
    Situation,
    VerdictKind,
)
from colloque.patients.actions import attest_presence, declare_situation, end_presence, give_choice
from colloque.patients.queries.possibilities import facts_now, possibilities_for
from colloque.people.access import Viewer, current_memberships
from tests.acts.world import NOW, World, a_carer, a_world

pytestmark = pytest.mark.django_db


def looking(world: World) -> Viewer:
    memberships = tuple(current_memberships(NOW).filter(account=world.carer).select_related("unit"))
    return Viewer(world.carer, world.house, memberships)


def assert_same_facts(world: World) -> None:
    viewer = looking(world)
    told = facts_now(world.person, viewer, NOW)
    assert told
    for service, facts in told:
        request = ActRequest(id=uuid4(), service=service.id, person=world.person.id, carer=world.carer.id, at=NOW)
        reading = read_standing(request, NOW)
        assert reading.standing.person is not None
        assert facts == facts_of(reading.standing, reading.service, reading.standing.person, NOW)


def test_the_facts_are_those_of_the_spine_whatever_happens() -> None:
    world = a_world(choice=None)
    assert_same_facts(world)
    for answer in (ChoiceAnswer.YES, ChoiceAnswer.WITH_HUMAN, ChoiceAnswer.NO):
        give_choice(world.person, answer, by=world.carer, at=NOW)
        assert_same_facts(world)
    declare_situation(world.person, Situation.END_OF_LIFE, by=world.carer, at=NOW - timedelta(days=1))
    assert_same_facts(world)
    attest_presence(world.person, by=world.carer, at=NOW)
    assert_same_facts(world)
    world.house.ai_outage = True
    world.house.save()
    world.person.establishment.refresh_from_db()
    assert_same_facts(world)
    world.project.status = ProjectStatus.SUSPENDED.value
    world.project.save()
    assert_same_facts(world)
    world.carer = a_carer(world.house, world.director, email="new@example.org", attested=False)
    assert_same_facts(world)


def test_the_verdict_comes_with_the_rules_in_words() -> None:
    world = a_world(choice=ChoiceAnswer.YES)
    (possible,) = possibilities_for(world.person, looking(world), NOW, "fr")
    assert possible.verdict is VerdictKind.PERMITTED
    give_choice(world.person, ChoiceAnswer.NO, by=world.carer, at=NOW)
    (refused,) = possibilities_for(world.person, looking(world), NOW, "fr")
    assert refused.verdict is VerdictKind.REFUSED
    assert refused.choice is ChoiceAnswer.NO
    assert refused.explanation.reasons
    assert all(reason.title for reason in refused.explanation.reasons)


@pytest.mark.principle("C1", "B5")
def test_a_changed_choice_is_what_the_next_call_reads() -> None:
    world = a_world(choice=ChoiceAnswer.YES)
    request = ActRequest(id=uuid4(), service=world.service.id, person=world.person.id, carer=world.carer.id, at=NOW)
    before = read_standing(request, NOW)
    give_choice(world.person, ChoiceAnswer.NO, by=world.carer, at=NOW)
    after = read_standing(request, NOW)
    assert before.standing.person is not None
    assert after.standing.person is not None
    assert after.standing.person.version > before.standing.person.version
    facts = facts_of(after.standing, after.service, after.standing.person, NOW)
    assert facts.person.choice is ChoiceAnswer.NO
    assert after.charter.decide(facts).kind is VerdictKind.REFUSED


@pytest.mark.principle("B4")
def test_a_robot_waits_for_a_named_human_and_stops_when_they_leave() -> None:
    world = a_world(kind=ActKind.WALKING_AID, choice=ChoiceAnswer.YES)
    world.project.autonomy = Autonomy.ACTS_UNDER_WATCH.value
    world.project.save()

    def asked() -> tuple[VerdictKind, tuple[Requirement, ...]]:
        request = ActRequest(id=uuid4(), service=world.service.id, person=world.person.id, carer=world.carer.id, at=NOW)
        reading = read_standing(request, NOW)
        assert reading.standing.person is not None
        verdict = reading.charter.decide(facts_of(reading.standing, reading.service, reading.standing.person, NOW))
        return verdict.kind, verdict.asks

    assert asked() == (VerdictKind.ASKS, (Requirement.HUMAN_PRESENCE,))
    attest_presence(world.person, by=world.carer, at=NOW - timedelta(minutes=5))
    assert asked() == (VerdictKind.PERMITTED, ())
    end_presence(world.person, by=world.carer, at=NOW)
    assert asked() == (VerdictKind.ASKS, (Requirement.HUMAN_PRESENCE,))
