"""A proposal replayed on recorded acts: what the page says first, what it hides, who reads single cases."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from colloque.acts import actions
from colloque.acts.actions import keeping, replaying
from colloque.acts.models import Act
from colloque.acts.queries.kept import year_of
from colloque.charter import actions as charter
from colloque.charter.core.constitution import packaged
from colloque.charter.core.proposals import BallotValue, ProposalKind
from colloque.charter.models import ReplayRecord, ReplayRun, RuleProposal
from colloque.charter.queries import charter_of
from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import ConflictError, NotFoundError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Role
from colloque.ledger.models import Entry
from tests.acts.world import World, a_person, a_world
from tests.charter.acts import act as facts_like
from tests.charter.committee import Committee, committee, proposed
from tests.people.houses import member

pytestmark = pytest.mark.django_db

OPTIONS = packaged("options")
CLOSED = '@id("over-55-closed")' + OPTIONS.split('@id("over-55-closed")')[1]
OF_PACEMAKERS = 'principal, action == Action::"pacemaker-setting",'
ASKS = '@id("over-55-asks-yes")' + OPTIONS.split('@id("over-55-asks-yes")')[1].split("@id(")[0]


def _acts(world: World, *, people: int = 30, each: int = 3) -> None:
    """Acts on people of 30 to 88 years; every other person has said yes, the others want a human beside them."""
    now, charter_in_force = timezone.now(), charter_of(world.charter.id)
    rows = []
    for n in range(people):
        person = a_person(world.house, world.unit)
        choice = ChoiceAnswer.YES if n % 2 else ChoiceAnswer.WITH_HUMAN
        for m in range(each):
            facts = facts_like(
                ActKind.WEIGHT,
                person__age=30 + 2 * n,
                person__choice=choice,
                person__id=person.id,
                project__id=world.project.id,
                moment__hour=9 + m,
            )
            verdict = charter_in_force.decide(facts)
            assert verdict.is_permitted, verdict
            rows.append(
                Act(
                    establishment=world.house,
                    unit=world.unit,
                    project=world.project,
                    service=world.service,
                    person=person,
                    owner=world.carer,
                    charter=world.charter,
                    act_kind=ActKind.WEIGHT,
                    state="expired",
                    requested_at=now - timedelta(days=1 + n + 30 * m),
                    facts=canonical_json(facts),
                    verdict=canonical_json(verdict),
                    rules=list(verdict.rules),
                    entry=uuid4(),
                )
            )
    Act.objects.bulk_create(rows)


@pytest.fixture
def world() -> World:
    made = a_world()
    _acts(made)
    return made


@pytest.fixture
def sitting(world: World) -> Committee:
    return committee(world.house)


def _text(client: Client, proposal: RuleProposal) -> str:
    answer = client.get(f"/charter/proposals/{proposal.id}/replay/")
    assert answer.status_code == 200
    return str(answer.content.decode()).replace("\u00a0", " ").replace("\u202f", " ").replace("&#x27;", "'")


@pytest.mark.principle("B6", "B11")
def test_the_two_forms_of_a_rule_on_age_show_whom_they_would_touch(client: Client, sitting: Committee) -> None:
    now = timezone.now()
    closed, asks = proposed(sitting, CLOSED, at=now), proposed(sitting, ASKS, at=now)
    for proposal in (closed, asks):
        assert "Elle n’a pas encore été rejouée" in _text(client, proposal)
        assert actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    refusal, opt_in = _text(client, closed), _text(client, asks)
    assert "elle aurait arrêté 51 actes (57 %)." in refusal
    assert "Pour 51 des actes arrêtés, la personne avait dit oui." in refusal, "with a human beside them is a yes"
    assert "elle aurait demandé une condition de plus pour 24 actes (27 %)." in opt_in
    assert "sur 90 actes demandés" in refusal
    assert "De 65 à 74 ans" in refusal
    assert "Pèse-t-elle plus sur certains ?" in refusal
    record = ReplayRecord.objects.get(proposal=closed)
    assert (record.acts, record.report["replay"]["newly_refused"]) == (90, 51)
    assert not ReplayRun.objects.exists()
    assert sum(b'"kind":"rule.simulated"' in bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)) == 2
    charter.open_vote(closed, closes_at=now + timedelta(days=1), by=sitting.nurse, at=now)


def test_the_page_is_read_by_all_and_single_cases_by_the_committee(client: Client, sitting: Committee) -> None:
    now = timezone.now()
    proposal = proposed(sitting, CLOSED, at=now)
    client.force_login(sitting.thinker)
    assert client.post(f"/charter/proposals/{proposal.id}/replay/run/").status_code == 302
    inside = _text(client, proposal)
    assert "Des cas à lire" in inside
    assert "Pas d’IA après 55 ans" in inside
    for person, act in Act.objects.values_list("person_id", "id"):
        assert str(person) not in inside
        assert str(act) not in inside
    assert "Jeanne" not in inside
    client.logout()
    outside = _text(client, proposal)
    assert "Des cas à lire" not in outside
    assert "elle aurait arrêté 51 actes" in outside
    client.cookies["django_language"] = "en"
    english = _text(client, proposal)
    assert "it would have stopped 51 acts (57%)" in english, "what was replayed in French is read in English"


def _kept_again(record: ReplayRecord, report: dict[str, Any]) -> None:
    """A later replay of the same proposal with another result: what was kept cannot be changed."""
    record.pk, record.report, record.at = uuid4(), report, record.at + timedelta(seconds=1)
    record._state.adding = True
    record.save()


def test_a_result_holds_values_and_one_kept_with_its_sentences_still_reads(client: Client, sitting: Committee) -> None:
    now = timezone.now()
    proposal = proposed(sitting, CLOSED, at=now)
    actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    record = ReplayRecord.objects.get()
    assert set(record.report) == {"v", "replay", "said_yes", "possible", "troubles"}
    said = {"v": 1, "sentence": {"fr": "Une phrase d’alors.", "en": "A sentence of then."}}
    _kept_again(record, record.report | said)
    finding = "elle aurait arrêté 51 actes (57 %). Pour 51 des actes arrêtés, la personne avait dit oui."
    page = _text(client, proposal)
    assert finding in page
    assert "Une phrase d’alors." not in page
    told = client.get(f"/api/v1/charter/proposals/{proposal.id}/replay").json()["words"]
    assert finding in told.replace("\u00a0", " "), told
    counts = record.report["replay"] | {"newly_refused": 7, "acts": 4567}
    _kept_again(record, record.report | {"replay": counts, "said_yes": 0})
    assert "sur 4 567 actes demandés, elle aurait arrêté 7 actes (moins de 1 %)." in _text(client, proposal)


def test_small_numbers_are_hidden(client: Client) -> None:
    world = a_world()
    _acts(world, people=14, each=1)
    sitting = committee(world.house)
    now = timezone.now()
    proposal = proposed(sitting, CLOSED.replace("55", "54"), at=now)
    actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    page = _text(client, proposal)
    assert "moins de 5 actes" in page
    assert "caché" in page
    assert ReplayRecord.objects.get().report["replay"]["newly_refused"] is None


def test_a_house_without_acts_says_that_there_is_no_past(client: Client) -> None:
    sitting = committee(a_world().house)
    proposal = proposed(sitting, CLOSED, at=timezone.now())
    actions.replay_proposal(proposal, by=sitting.nurse, at=timezone.now())
    assert "Aucun acte n’a encore été enregistré ici" in _text(client, proposal)


def test_who_may_not_prepare_a_rule_cannot_replay_it(client: Client, sitting: Committee, world: World) -> None:
    proposal = proposed(sitting, CLOSED, at=timezone.now())
    client.force_login(world.carer)
    assert client.post(f"/charter/proposals/{proposal.id}/replay/run/").status_code == 404
    with pytest.raises(NotFoundError):
        actions.replay_proposal(proposal, by=world.carer, at=timezone.now())
    charter.withdraw(proposal, by=sitting.thinker, at=timezone.now())
    with pytest.raises(ConflictError):
        actions.replay_proposal(proposal, by=sitting.nurse, at=timezone.now())


def test_a_long_replay_runs_behind_the_page_and_is_told_of(
    client: Client, sitting: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[dict[str, Any]] = []

    class Held(threading.Thread):
        def start(self) -> None:
            begun.append({})

    monkeypatch.setattr(replaying, "AT_ONCE", 10)
    monkeypatch.setattr(threading, "Thread", Held)
    proposal = proposed(sitting, CLOSED, at=timezone.now())
    client.force_login(sitting.nurse)
    for _ in range(2):
        client.post(f"/charter/proposals/{proposal.id}/replay/run/")
    assert len(begun) == 1, "a second visitor waits for the first replay"
    charter.move_run(proposal, 40, timezone.now())
    answer = client.get(f"/charter/proposals/{proposal.id}/replay/")
    assert answer["Refresh"] == "3"
    assert "40 actes lus sur 90" in answer.content.decode().replace("\u00a0", " ")
    ReplayRun.objects.update(moved_at=timezone.now() - timedelta(minutes=9))
    client.post(f"/charter/proposals/{proposal.id}/replay/run/")
    assert len(begun) == 2, "a run lost with its process does not block the next"


def test_a_replay_on_a_charter_that_changed_meanwhile_is_not_kept(sitting: Committee) -> None:
    now = timezone.now()
    proposal = proposed(sitting, CLOSED, at=now)
    repeal = proposed(sitting, "", kind=ProposalKind.REPEAL, rule_id="anaesthesia-closed", at=now)
    actions.replay_proposal(repeal, by=sitting.nurse, at=now)
    base = ReplayRecord.objects.get().base
    charter.open_vote(repeal, closes_at=now + timedelta(days=1), by=sitting.nurse, at=now)
    for account in sitting.members:
        charter.cast_ballot(repeal, BallotValue.YES, by=account, at=now)
    day = timezone.localdate(now)
    charter.adopt(repeal, adopted_from=day, review_on=day + timedelta(days=9), by=sitting.director, at=now)
    with pytest.raises(ConflictError):
        charter.record_replay(proposal, base=base, since=now, until=now, acts=0, report={}, by=sitting.nurse, at=now)


def test_the_table_leads_to_no_act_and_counts_by_unit_sex_and_month(world: World) -> None:
    table = keeping.table_of(year_of(world.house, timezone.now()))
    assert table.height == 90
    assert set(table["unit"].cast(str).unique().to_list()) == {"Jardin"}
    assert {"sex", "month"} <= set(table.columns)
    written = {str(value) for column in table for value in column.cast(str, strict=False).unique().to_list()}
    assert written.isdisjoint(str(act) for act in Act.objects.values_list("id", flat=True))


def test_somebody_elsewhere_cannot_replay(client: Client, sitting: Committee) -> None:
    proposal = proposed(sitting, CLOSED, at=timezone.now())
    elsewhere = a_world(slug="saint-roch")
    client.force_login(member("dir@saint-roch.example.org", elsewhere.house, Role.DIRECTOR))
    assert client.post(f"/charter/proposals/{proposal.id}/replay/run/").status_code == 404


def test_a_replay_that_changes_nothing_says_so_without_tables_of_noughts(client: Client, sitting: Committee) -> None:
    proposal = proposed(sitting, CLOSED.replace("principal, action,", OF_PACEMAKERS), at=timezone.now())
    actions.replay_proposal(proposal, by=sitting.nurse, at=timezone.now())
    page = _text(client, proposal)
    assert "elle n’aurait rien changé aux 90 actes demandés." in page
    assert "Qui, quoi, quand" not in page
    assert "Même sans passé" in page, "what could happen is still told"


@pytest.mark.principle("B11")
def test_a_rule_that_closes_everything_or_does_nothing_is_told_before_the_vote(
    client: Client, sitting: Committee
) -> None:
    now = timezone.now()
    words = '@fr("Plus rien.")\n@en("Nothing any more.")\n@origin("Essai")\n'
    everything = proposed(sitting, f'@id("all-closed")\n{words}forbid (principal, action, resource);', at=now)
    nothing = proposed(
        sitting, f'@id("again")\n{words}forbid (principal, action == Action::"anaesthesia", resource);', at=now
    )
    for proposal in (everything, nothing):
        actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    assert "« Plus rien » ferme tout : avec elle, plus aucun acte ne peut être permis." in _text(client, everything)
    assert "« Plus rien » ne change rien : « Pas d’IA pour l’anesthésie »" in _text(client, nothing)
    client.cookies["django_language"] = "en"
    assert "“Nothing any more” closes everything" in _text(client, everything)
