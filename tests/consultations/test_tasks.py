"""The living map, computed over real rows: what it knows, when it is due, and that it never overtakes the end."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import connection, transaction

from colloque.consultations.actions.mapping import MAPS_KEPT, map_now, refresh_map
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, MapVersion, ModerationEntry, Signal, Vote
from colloque.consultations.queries.votes import read_votes
from colloque.consultations.tasks import maps_due, note_signals
from tests.consultations.story import NOW, Story, participant, statement

pytestmark = pytest.mark.django_db


def people_vote(story: Story, people: int = 30, statements: int = 12) -> None:
    """Two camps who answer nearly everything, each their own way."""
    random = Random(4)
    for number in range(4, statements + 1):
        statement(story.consultation, number, f"Affirmation {number}.")
    for number in range(1, people + 1):
        participant(story.consultation, number)
    Vote.objects.bulk_create(
        Vote(
            consultation=story.consultation, participant_number=person, statement_number=number, at=NOW,
            value=(1 if (person + number) % 2 else -1) if random.random() < 0.9 else 0,
        )
        for person in range(1, people + 1)
        for number in range(1, statements + 1)
    )  # fmt: skip


def test_votes_are_read_as_they_are(story: Story) -> None:
    people_vote(story)
    read = {(int(v["person"]), int(v["statement"])): int(v["value"]) for v in read_votes(story.consultation.id)}
    rows = Vote.objects.values_list("participant_number", "statement_number", "value")
    assert read == {(person, number): value for person, number, value in rows}


def test_what_is_remembered_gives_the_same_map_as_everything_read_again(story: Story) -> None:
    """New people, changed answers, a new statement, an answer taken back: the sums that were kept are those of the votes."""
    people_vote(story)
    random = Random(7)
    known, _ = refresh_map(story.consultation.id, at=NOW)
    assert known is not None
    for turn in range(1, 6):
        at = NOW + timedelta(minutes=2 * turn)
        statement(story.consultation, 100 + turn, f"Une phrase de la fois {turn}.")
        Vote.objects.filter(participant_number__lt=4, statement_number=turn).update(
            value=random.choice((1, 0, -1)), at=at
        )
        Vote.objects.bulk_create(
            Vote(
                consultation=story.consultation,
                participant_number=person,
                statement_number=number,
                at=at,
                value=1 - turn % 3,
            )
            for person, number in ((40 + turn, 1), (40 + turn, 3), (2, 100 + turn))
        )
        if turn == 3:
            Vote.objects.filter(participant_number=9, statement_number=2).delete()
        known, version = refresh_map(story.consultation.id, at=at, known=known)
        assert known is not None
        assert version is not None
        assert known.votes.count == Vote.objects.count(), "an answer taken back counts no more"
        again = MapVersion.objects.exclude(pk=version.pk).order_by("-number").first()
        assert again is not None
        MapVersion.objects.filter(pk=version.pk).delete()
        anew = map_now(story.consultation, at=at)
        assert (anew.result, bytes(anew.placements or b"")) == (version.result, bytes(version.placements or b""))


def test_a_map_is_made_when_people_have_voted_and_not_again_for_nothing(story: Story) -> None:
    assert maps_due() == []
    people_vote(story)
    assert maps_due() == [story.consultation.id]
    seen, version = refresh_map(story.consultation.id, at=NOW + timedelta(seconds=1))
    assert version is not None
    assert (version.number, version.votes) == (1, 360)
    assert len(version.result["groups"]) == 2
    assert maps_due() == []
    assert refresh_map(story.consultation.id, at=NOW, known=seen)[1] is None


def test_moderation_makes_a_map_due(story: Story) -> None:
    people_vote(story)
    seen, _ = refresh_map(story.consultation.id, at=NOW)
    story.consultation.statements.filter(number=2).update(state=StatementState.REJECTED)
    ModerationEntry.objects.create(
        consultation=story.consultation, statement=story.statements[1], decision="rejected", reason="off-topic",
        at=NOW + timedelta(minutes=1),
    )  # fmt: skip
    assert maps_due() == [story.consultation.id]
    _, version = refresh_map(story.consultation.id, at=NOW + timedelta(minutes=2), known=seen)
    assert version is not None
    assert [one["is_moderated_out"] for one in version.result["statements"]][1]


def test_the_same_votes_give_the_same_bytes(story: Story) -> None:
    people_vote(story)
    made = [refresh_map(story.consultation.id, at=NOW)[1] for _ in range(2)]
    assert made[0] is not None
    assert made[1] is not None
    assert (made[0].result, bytes(made[0].placements or b"")) == (made[1].result, bytes(made[1].placements or b""))


def test_a_closed_consultation_keeps_its_last_map(story: Story) -> None:
    people_vote(story)
    Consultation.objects.update(state=ConsultationState.CLOSED, closed_at=NOW)
    assert maps_due() == []
    assert refresh_map(story.consultation.id, at=NOW)[1] is None
    assert not MapVersion.objects.exists()


def test_nobody_and_nothing(story: Story) -> None:
    """A map of no votes is a map, should somebody ask for one."""
    assert read_votes(story.consultation.id).size == 0
    _, version = refresh_map(story.consultation.id, at=NOW)
    assert version is not None
    assert version.votes == 0


def test_old_maps_thin_out(story: Story) -> None:
    """The newest stay whole; of older ones, one an hour."""
    people_vote(story, people=8)
    refresh_map(story.consultation.id, at=NOW)
    first = MapVersion.objects.get()
    for number in range(2, 121):
        first.pk, first.number, first.computed_at = None, number, NOW + timedelta(minutes=number)
        first.save(force_insert=True)
    refresh_map(story.consultation.id, at=NOW + timedelta(minutes=121))
    numbers = sorted(MapVersion.objects.values_list("number", flat=True))
    assert numbers[-MAPS_KEPT:] == list(range(122 - MAPS_KEPT, 122))
    assert numbers[:-MAPS_KEPT] == [59], "the last map of each full hour before"


@pytest.mark.principle("D3")
def test_coordinated_votes_are_shown_and_stay(story: Story) -> None:
    """Twenty people with one person's answers, in one minute: two signs that name nobody, and every vote still there."""
    people_vote(story, people=30, statements=30)
    Vote.objects.update(at=NOW - timedelta(hours=3))
    for minute in range(1, 7):
        Vote.objects.filter(participant_number=minute).update(at=NOW - timedelta(minutes=30 * minute))
    Vote.objects.filter(participant_number__gt=6).update(at=NOW - timedelta(days=3))
    copied = list(Vote.objects.filter(participant_number=2))
    Vote.objects.bulk_create(
        Vote(
            consultation=story.consultation, participant_number=100 + clone, statement_number=one.statement_number,
            value=one.value, at=NOW,
        )
        for clone in range(20)
        for one in copied
    )  # fmt: skip
    votes = Vote.objects.count()
    for _ in range(2):
        assert note_signals(story.consultation.id, read_votes(story.consultation.id), at=NOW) == 2
    signs = {sign.kind: sign.figures for sign in Signal.objects.all()}
    assert signs["clones"] == {"people": 21, "answers": 30, "votes": 630}
    assert signs["burst"] == {"people": 20, "votes": 600}
    assert Signal.objects.count() == 2, "a sign seen twice is one sign"
    assert Vote.objects.count() == votes


@pytest.mark.django_db(transaction=True)
def test_two_processes_compute_one_map(story: Story) -> None:
    """While one computes, the other passes by."""
    people_vote(story, people=8)
    found: list[MapVersion | None] = []

    def other() -> None:
        try:
            found.append(refresh_map(story.consultation.id, at=datetime.now(UTC))[1])
        finally:
            connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"map/{story.consultation.id}"])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
    assert found == [None]
