"""What the database itself refuses, whoever writes."""

from __future__ import annotations

import pytest
from django.db import Error, IntegrityError, connection, transaction

from colloque.consultations.core.moderation import ModerationDecision, ModerationReason
from colloque.consultations.core.state import OutcomeAnswer, StatementState
from colloque.consultations.models import ModerationEntry, Outcome, Participant, Statement, Vote
from tests.consultations.story import NOW, Story, participant

pytestmark = pytest.mark.django_db


def test_the_words_people_vote_on_do_not_change(story: Story) -> None:
    statement = story.statements[0]
    with pytest.raises(Error, match="words do not change"), transaction.atomic():
        Statement.objects.filter(pk=statement.pk).update(text="Tout autre chose.")
    Statement.objects.filter(pk=statement.pk).update(easy="Je veux un humain.")
    Statement.objects.filter(pk=statement.pk).update(text="", state=StatementState.REJECTED)


def test_the_moderation_log_and_the_replies_only_grow(story: Story) -> None:
    entry = ModerationEntry.objects.create(
        consultation=story.consultation,
        statement=story.statements[0],
        decision=ModerationDecision.REJECTED,
        reason=ModerationReason.OFF_TOPIC,
        at=NOW,
    )
    reply = Outcome.objects.create(
        consultation=story.consultation,
        statement=story.statements[0],
        answer=OutcomeAnswer.DECLINED,
        reasons="Ce n’est pas possible cette année.",
        signed_by=story.facilitator,
        at=NOW,
    )
    for rows in (ModerationEntry.objects.filter(pk=entry.pk), Outcome.objects.filter(pk=reply.pk)):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            rows.delete()
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            rows.update(at=NOW)


def test_a_rejection_has_a_reason(story: Story) -> None:
    with pytest.raises(IntegrityError, match="moderation_rejects_with_reason"):
        ModerationEntry.objects.create(
            consultation=story.consultation, statement=story.statements[0], decision="rejected", at=NOW
        )


def test_a_participant_has_one_vote_a_statement(story: Story) -> None:
    somebody = participant(story.consultation, 1)
    Vote.objects.create(consultation=story.consultation, participant_number=1, statement_number=1, value=1, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            consultation=story.consultation, participant_number=somebody.number, statement_number=1, value=-1, at=NOW
        )
    with pytest.raises(IntegrityError, match="vote_value_known"), transaction.atomic():
        Vote.objects.create(consultation=story.consultation, participant_number=1, statement_number=2, value=2, at=NOW)


def test_nothing_in_the_tables_says_whose_code_it_was() -> None:
    columns = {field.name for field in Participant._meta.get_fields()}
    assert "code" not in columns, "a participant must not lead to the code they came in with"
    assert "codes" not in columns


def test_votes_are_read_in_the_order_of_the_map() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'consultations_vote' AND indexdef LIKE '%%UNIQUE%%'"
        )
        found = [row[0] for row in cursor.fetchall()]
    assert len(found) == 1, f"one unique index, the key itself: {found}"
    assert "(consultation_id, participant_number, statement_number)" in found[0]
