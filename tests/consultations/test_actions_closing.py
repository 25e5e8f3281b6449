"""Closing: counted once, mapped, answered with reasons; and what is given away afterwards."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from datetime import timedelta
from random import Random
from uuid import uuid4

import msgspec
import pytest
from django.urls import reverse

from colloque.consultations.actions.closing import answer_consultation, close_consultation, note_became, reply
from colloque.consultations.actions.mapping import map_now
from colloque.consultations.core.groups import GroupOfPeople
from colloque.consultations.core.opinion.values import OpinionMap, Placements
from colloque.consultations.core.state import BecameKind, ConsultationState, OutcomeAnswer
from colloque.consultations.models import Closing, Consultation, Outcome, OutcomeLink, Participant, Vote
from colloque.consultations.queries.map import outcome_numbers, result_page
from colloque.consultations.queries.open_data import FILES, open_data_of, read_file
from colloque.consultations.queries.outcomes import said_behind
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.ledger.models import Entry
from tests.consultations.story import NOW, SENTENCES, Story, account, house, member, statement

LATER = NOW + timedelta(days=20)
WHY = "Nous le tenons déjà, et le logiciel l’applique à chaque acte."


def people(story: Story, *, each: int = 12) -> Consultation:
    """Two camps on the second statement, agreement on the others, in two groups of the house; ten statements in all."""
    for number in range(len(SENTENCES) + 1, 11):
        statement(story.consultation, number, f"Une phrase de plus, la n° {number}.")
    random = Random(11)
    rows, votes = [], []
    for number in range(1, 2 * each + 1):
        camp = number % 2
        group = GroupOfPeople.RESIDENTS if number % 3 else GroupOfPeople.CARERS
        rows.append(
            Participant(
                consultation=story.consultation,
                number=number,
                channel="link",
                group=group,
                joined_at=NOW + timedelta(days=number % 9, hours=number),
            )
        )
        for tid in range(1, 11):
            leans = 1 if camp else -1
            value = 1 if tid in {1, 3} else leans if tid in {2, 4, 5, 6, 7} else random.choice((1, 1, 0))
            value = -value if random.random() < 0.08 and tid > 3 else value
            votes.append(
                Vote(
                    consultation=story.consultation,
                    participant_number=number,
                    statement_number=tid,
                    value=value,
                    at=NOW,
                )
            )
    Participant.objects.bulk_create(rows)
    Vote.objects.bulk_create(votes)
    return story.consultation


@pytest.fixture
def director(story: Story) -> object:
    return member(story.house, account("helene@tilleuls.example", "Hélène", "Vasseur"), Role.DIRECTOR)


@pytest.mark.principle("D3")
def test_closing_counts_every_vote_once_and_keeps_the_final_map(story: Story) -> None:
    consultation = people(story)
    closed = close_consultation(consultation, by=story.facilitator, at=LATER)
    consultation.refresh_from_db()
    assert (consultation.state, consultation.closed_at) == (ConsultationState.CLOSED, LATER)
    assert closed.tally.votes == 240
    assert closed.tally.participants == 24
    assert Closing.objects.filter(consultation=consultation).count() == 1
    made = msgspec.convert(closed.map.result, OpinionMap, strict=False)
    assert (made.people, made.votes, made.k) == (24, 240, 2)
    placed = Placements.from_bytes(bytes(closed.map.placements or b""))
    assert sorted(placed.people.tolist()) == list(range(1, 25)), "everybody has one place"
    camps = {int(number) % 2: int(group) for number, group in zip(placed.people, placed.group, strict=True)}
    assert all(camps[int(n) % 2] == int(g) for n, g in zip(placed.people, placed.group, strict=True))
    with pytest.raises(ConflictError):
        close_consultation(consultation, by=story.facilitator, at=LATER)
    assert Entry.objects.count() == 2, "the tally and the map are in the ledger, once"


def test_only_whoever_animates_here_closes(story: Story) -> None:
    people(story)
    carer = member(story.house, account("sarah@tilleuls.example"), Role.CARER)
    with pytest.raises(NotFoundError):
        close_consultation(story.consultation, by=carer, at=LATER)
    story.consultation.refresh_from_db()
    assert story.consultation.state == ConsultationState.OPEN


@pytest.mark.principle("D5")
def test_the_house_owes_a_reasoned_reply_to_each_outcome(story: Story, director: object) -> None:
    closed = close_consultation(people(story), by=story.facilitator, at=LATER)
    consultation = closed.consultation
    wanted = outcome_numbers(closed.map, consultation.min_group_shown)
    assert {1, 3} <= set(wanted), "what unites"
    assert 2 in wanted, "what divides"
    statements = {one.number: one for one in consultation.statements.all()}
    with pytest.raises(ConflictError, match="sans réponse"):
        answer_consultation(consultation, by=director, at=LATER)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError):
        reply(statements[1], OutcomeAnswer.DECLINED, "Non.", by=director, at=LATER)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        reply(statements[1], OutcomeAnswer.ADOPTED, WHY, by=story.facilitator, at=LATER)
    assert not Outcome.objects.exists()
    for number in wanted:
        reply(statements[number], OutcomeAnswer.ADOPTED, WHY, by=director, at=LATER)  # type: ignore[arg-type]
    assert answer_consultation(consultation, by=director, at=LATER).state == ConsultationState.ANSWERED  # type: ignore[arg-type]


def test_a_statement_that_is_no_outcome_gets_no_reply_and_none_before_the_end(story: Story, director: object) -> None:
    consultation = people(story)
    first = consultation.statements.get(number=1)
    with pytest.raises(ConflictError):
        reply(first, OutcomeAnswer.ADOPTED, WHY, by=director, at=LATER)  # type: ignore[arg-type]
    closed = close_consultation(consultation, by=story.facilitator, at=LATER)
    other = next(n for n in range(1, 11) if n not in outcome_numbers(closed.map, 5))
    with pytest.raises(NotFoundError):
        reply(consultation.statements.get(number=other), OutcomeAnswer.ADOPTED, WHY, by=director, at=LATER)  # type: ignore[arg-type]


@pytest.mark.principle("D6")
def test_what_a_statement_became_shows_before_and_after_the_reply(story: Story, director: object) -> None:
    consultation = close_consultation(people(story), by=story.facilitator, at=LATER).consultation
    first, proposal, project = consultation.statements.get(number=1), uuid4(), uuid4()
    entries = Entry.objects.count()
    for kind, thing in (
        (BecameKind.CHARTER_PROPOSAL, proposal),
        (BecameKind.CHARTER_PROPOSAL, proposal),
        (BecameKind.PROJECT, project),
    ):
        assert note_became(story.house, first.id, kind, thing, by=story.facilitator, at=LATER) is not None
    assert OutcomeLink.objects.count() == 2, "said twice, kept once"
    assert Entry.objects.count() == entries + 2, "and so in the ledger"
    for answer in (OutcomeAnswer.ADOPTED, OutcomeAnswer.AMENDED):
        reply(first, answer, WHY, by=director, at=LATER + timedelta(days=1))  # type: ignore[arg-type]
    told = next(one for one in result_page(consultation).agreed if one.statement.number == 1)
    assert [one.kind for one in told.became] == [BecameKind.CHARTER_PROPOSAL, BecameKind.PROJECT]
    assert told.became[0].url == reverse("charter:proposal", args=[proposal])
    assert told.outcome is not None
    assert told.outcome.answer == OutcomeAnswer.AMENDED
    assert [one.number for one in said_behind(story.house, BecameKind.PROJECT, project)] == [1]


def test_another_house_says_nothing_of_our_statements(story: Story) -> None:
    consultation = close_consultation(people(story), by=story.facilitator, at=LATER).consultation
    first = consultation.statements.get(number=1)
    elsewhere = house("ailleurs", "Ailleurs")
    assert note_became(elsewhere, first.id, BecameKind.PROJECT, uuid4(), by=story.facilitator, at=LATER) is None
    thing = uuid4()
    note_became(story.house, first.id, BecameKind.PROJECT, thing, by=story.facilitator, at=LATER)
    assert said_behind(elsewhere, BecameKind.PROJECT, thing) == []


def test_a_map_computed_again_keeps_its_letters(story: Story) -> None:
    consultation = people(story)
    one, other = map_now(consultation, at=NOW), map_now(consultation, at=LATER)
    assert (one.number, other.number) == (1, 2)
    assert one.result["groups"] == other.result["groups"]
    assert one.placements == other.placements


@pytest.mark.principle("D4")
def test_small_numbers_are_protected_on_the_page(story: Story) -> None:
    consultation = people(story)
    Vote.objects.filter(participant_number__gt=4).delete()
    map_now(consultation, at=NOW)
    page = result_page(consultation)
    assert page.drawing == "", "four people are no map: each would know the others"
    assert all(group.is_hidden for group in page.groups)
    assert all(cell.shares is None for told in page.every for cell in told.cells)


def test_nothing_is_given_away_while_people_vote(story: Story) -> None:
    people(story)
    with pytest.raises(NotFoundError):
        open_data_of(story.consultation)


def test_the_open_data_hold_the_votes_and_no_small_class(story: Story) -> None:
    consultation = close_consultation(people(story), by=story.facilitator, at=LATER).consultation
    data = open_data_of(consultation)
    assert sum(len(person.votes) for person in data.people) == 240
    classes = Counter((one.opinion_group, one.group, one.profile, one.week) for one in data.people)
    assert min(classes.values()) >= consultation.min_group_shown
    archive = zipfile.ZipFile(io.BytesIO(read_file(consultation, "all.zip").data))
    assert {name.split("/")[1] for name in archive.namelist()} == set(FILES)
    votes = list(csv.DictReader(io.StringIO(read_file(consultation, "votes.csv").data.decode())))
    cast = Counter((one["comment-id"], one["vote"]) for one in votes)
    kept = Counter((str(v.statement_number), str(v.value)) for v in Vote.objects.all())
    assert cast == kept
    real = {
        p.number: dict(Vote.objects.filter(participant_number=p.number).values_list("statement_number", "value"))
        for p in Participant.objects.all()
    }
    same = sum(real[one.number + 1] == dict(one.votes) for one in data.people)
    assert same < len(data.people) / 2, "a number says nothing of the number inside the house"
    with pytest.raises(NotFoundError):
        read_file(consultation, "participants.xlsx")
