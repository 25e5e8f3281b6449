"""A project goes no further than its need until those concerned were heard, and waits while carers doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from colloque.consultations.core.state import ConsultationState
from colloque.kernel.errors import NotAllowedError, NotFoundError
from colloque.kernel.vocabulary import ProjectStatus, Role
from colloque.ledger.queries import entries_about
from colloque.people.models import Account
from colloque.projects.actions import NotReadyError, attach_statement, lift, make_live, suspend
from colloque.projects.core.lifecycle import Requirement
from colloque.projects.models import Project
from colloque.projects.queries import is_in_doubt, missing_of
from tests.people.houses import NOW, member
from tests.projects.consulted import ENOUGH, NEED, TRUST, attached, consulted, said
from tests.projects.story import Story, ready_project

LATER = NOW + timedelta(hours=1)
SignIn = Callable[[Account], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Whoever asks, signed in."""

    def enter(account: Account) -> Client:
        client = Client()
        client.force_login(account)
        return client

    return enter


@pytest.fixture
def need(story: Story) -> Project:
    """An AI of which everything is declared, and about which nobody was asked."""
    return ready_project(story.house, story.lead, slug="sommeil", name="Aide au sommeil")


@pytest.mark.principle("D1")
def test_no_project_goes_further_than_its_need_before_those_concerned_were_heard(story: Story, need: Project) -> None:
    trusted = said(need, story.lead, residents=0)
    attached(need, trusted, TRUST, by=story.lead, asks_for_trust=True)
    assert missing_of(need, LATER) == (Requirement.CONSULTATION,), "carers alone do not speak for patients"
    with pytest.raises(NotReadyError) as refused:
        make_live(need, by=story.director, at=LATER)
    assert refused.value.missing == (Requirement.CONSULTATION,)
    attached(need, said(need, story.lead), NEED, by=story.lead)
    assert make_live(need, by=story.director, at=LATER).status == ProjectStatus.LIVE


@pytest.mark.principle("D1")
@pytest.mark.parametrize(
    "lacking",
    [
        {"residents": ENOUGH - 1},
        {"carers": ENOUGH - 1},
        {"state": ConsultationState.OPEN},
        {"state": ConsultationState.CLOSED},
    ],
    ids=["few residents", "few carers", "still open", "no reply yet"],
)
def test_a_consultation_counts_once_people_came_and_the_house_replied(
    story: Story, need: Project, lacking: dict[str, Any]
) -> None:
    attached(need, said(need, story.lead, **lacking), NEED, by=story.lead)
    assert Requirement.CONSULTATION in missing_of(need, LATER)


def test_what_people_said_of_another_project_or_in_another_house_opens_nothing(story: Story, need: Project) -> None:
    assert Requirement.CONSULTATION in missing_of(need, LATER), "the other project of the house was consulted on"
    elsewhere = ready_project(
        story.houses.saint_roch, member("l@roch.example", story.houses.saint_roch, Role.PROJECT_LEAD)
    )
    theirs = consulted(elsewhere, elsewhere.lead)
    with pytest.raises(NotFoundError):
        attach_statement(need, theirs.statements.get(number=NEED).id, by=story.lead, at=LATER)
    assert Requirement.CONSULTATION in missing_of(need, LATER)


@pytest.mark.principle("E6")
def test_while_carers_doubt_the_project_waits(story: Story, need: Project) -> None:
    held = said(need, story.lead, carers=10, agree=5)
    attached(need, held, NEED, by=story.lead)
    assert missing_of(need, LATER) == (Requirement.TRUST,), "nobody asked them yet"
    attached(need, held, TRUST, by=story.lead, asks_for_trust=True)
    with pytest.raises(NotReadyError) as refused:
        make_live(need, by=story.director, at=LATER)
    assert refused.value.missing == (Requirement.TRUST,)
    again = said(need, story.lead, carers=10, agree=6, closed_at=NOW + timedelta(days=30))
    attached(need, again, TRUST, by=story.lead, asks_for_trust=True)
    assert make_live(need, by=story.director, at=LATER).status == ProjectStatus.LIVE


@pytest.mark.principle("E6")
def test_doubt_that_comes_later_is_shown_with_the_way_to_stop_and_holds_back_what_was_stopped(
    story: Story, sign_in: SignIn
) -> None:
    project = make_live(story.draft, by=story.director, at=LATER)
    page = reverse("projects:project", args=[project.id])
    client = sign_in(story.director)
    assert "Les soignants doutent" not in client.get(page).content.decode()
    later = said(project, story.lead, carers=10, agree=2, closed_at=LATER)
    attached(project, later, TRUST, by=story.lead, asks_for_trust=True)
    assert is_in_doubt(project)
    shown = client.get(page).content.decode()
    assert "Les soignants doutent" in shown
    assert reverse("projects:suspend", args=[project.id]) in shown
    suspend(project, "Les soignants doutent.", by=story.director, at=LATER)
    with pytest.raises(NotReadyError):
        lift(project, "On reprend.", by=story.director, at=LATER)


def test_what_was_live_before_stays_live_and_may_go_on_after_a_stop(story: Story, need: Project) -> None:
    Project.objects.filter(id=need.id).update(status=ProjectStatus.LIVE.value, live_since=NOW)
    suspend(need, "Une panne.", by=story.director, at=LATER)
    lift(need, "Réparé.", by=story.director, at=LATER)
    need.refresh_from_db()
    assert need.status == ProjectStatus.LIVE


def test_fewer_carers_than_may_be_told_neither_trust_nor_doubt(story: Story, need: Project) -> None:
    held = said(need, story.lead, carers=ENOUGH - 1, agree=ENOUGH - 1)
    attached(need, held, TRUST, by=story.lead, asks_for_trust=True)
    assert Requirement.TRUST in missing_of(need, LATER)
    assert not is_in_doubt(need)


def test_only_carers_answers_count_for_trust(story: Story, need: Project) -> None:
    held = said(need, story.lead, residents=30, carers=ENOUGH, agree=0)
    attached(need, held, NEED, by=story.lead, asks_for_trust=True)  # everybody agreed to this one
    assert Requirement.TRUST not in missing_of(need, LATER)
    attached(need, held, TRUST, by=story.lead, asks_for_trust=True)
    assert Requirement.TRUST in missing_of(need, LATER), "thirty residents who agree outweigh no carer who does not"


def test_the_form_says_that_a_statement_is_the_barometer_and_the_ledger_keeps_it(
    story: Story, need: Project, sign_in: SignIn
) -> None:
    held = said(need, story.lead)
    found = held.statements.get(number=TRUST)
    client, address = sign_in(story.lead), reverse("projects:attach", args=[found.id])
    assert "baromètre" in client.get(address).content.decode()
    assert client.post(address, {"project": str(need.id), "asks_for_trust": "on"}).status_code == 302
    assert Requirement.TRUST not in missing_of(need, LATER)
    kinds = [entry.kind for entry in entries_about(story.house.id)]
    assert kinds[0] == "consultation.outcome-linked"
    with pytest.raises((NotAllowedError, NotFoundError)):
        attach_statement(need, found.id, asks_for_trust=True, by=story.nurse, at=LATER)
