"""Moderation: decisions, reasons, the public log, and what repeats."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from colloque.consultations.actions.moderation import (
    merge_statement,
    publish_statement,
    reject_statement,
    say_otherwise,
)
from colloque.consultations.core.moderation import ModerationReason
from colloque.consultations.core.state import STATEMENT_MOVES, ConsultationState, StatementState, statement_after
from colloque.consultations.models import Consultation, ModerationEntry, Statement
from colloque.consultations.queries.moderation import moderation_log, pairs, to_read
from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import Role
from colloque.ledger.models import Entry
from tests.consultations.story import NOW, Story, account, consultation, member, statement

pytestmark = pytest.mark.django_db


def waiting(story: Story, text: str = "Les robots de compagnie aident contre la solitude.") -> Statement:
    return statement(story.consultation, 9, text, StatementState.WAITING)


@pytest.mark.principle("D3")
def test_each_decision_has_a_line_that_everybody_reads(story: Story) -> None:
    one = waiting(story)
    before = Entry.objects.count()
    reject_statement(one, ModerationReason.OFF_TOPIC, by=story.facilitator, at=NOW, words="On parle ici de soins.")
    publish_statement(one, by=story.facilitator, at=NOW)
    assert Entry.objects.count() == before + 2
    page = Client().get(reverse("consultations:moderation-log", args=[story.consultation.id])).content.decode()
    assert "On parle ici de soins." in page
    assert "Elle parle d’autre chose" in page
    assert [line.decision for line in moderation_log(story.consultation)] == ["published", "rejected"]


def test_what_designates_a_person_is_erased_for_good(story: Story) -> None:
    one = waiting(story, "Mme Aubry ne veut pas du robot.")
    reject_statement(one, ModerationReason.PERSONAL_DATA, by=story.facilitator, at=NOW)
    one.refresh_from_db()
    assert one.text == ""
    assert (
        "Aubry"
        not in Client().get(reverse("consultations:moderation-log", args=[story.consultation.id])).content.decode()
    )
    with pytest.raises(ConflictError, match="effacé"):
        publish_statement(one, by=story.facilitator, at=NOW)


def test_an_insult_is_kept_from_view_and_shown_again_if_the_decision_is_taken_back(story: Story) -> None:
    one = waiting(story)
    reject_statement(one, ModerationReason.INSULT, by=story.facilitator, at=NOW)
    assert [line.text for line in moderation_log(story.consultation)] == [""]
    publish_statement(one, by=story.facilitator, at=NOW)
    assert {line.text for line in moderation_log(story.consultation)} == {one.text}


def test_two_that_say_the_same_are_proposed_and_united_by_a_person(story: Story) -> None:
    twin = statement(story.consultation, 8, "Un robot de compagnie aide contre la solitude.")
    one = waiting(story)
    [line] = to_read(story.consultation)
    assert [near.statement for near in line.twins] == [twin]
    merge_statement(one, 8, by=story.facilitator, at=NOW)
    one.refresh_from_db()
    assert (one.state, one.merged_into) == (StatementState.MERGED, twin)
    assert pairs(story.consultation) == []


@pytest.mark.parametrize("number", [9, 77, 10], ids=["itself", "none", "one that waits"])
def test_it_is_united_only_with_another_published_one(story: Story, number: int) -> None:
    one = waiting(story)
    statement(story.consultation, 10, "Une autre qui attend aussi.", StatementState.WAITING)
    with pytest.raises(InvalidInputError):
        merge_statement(one, number, by=story.facilitator, at=NOW)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.FACILITATOR, Role.DIRECTOR, Role.ETHICS_MEMBER}]
)
def test_nobody_else_moderates(story: Story, role: Role) -> None:
    other = member(story.house, account(f"{role}@tilleuls.example"), role)
    one = waiting(story)
    with pytest.raises(NotFoundError):
        publish_statement(one, by=other, at=NOW)
    with pytest.raises(NotFoundError):
        reject_statement(one, ModerationReason.INSULT, by=other, at=NOW)
    assert not ModerationEntry.objects.exists()


def test_nothing_moves_twice_nor_after_the_end(story: Story) -> None:
    one = waiting(story)
    publish_statement(one, by=story.facilitator, at=NOW)
    with pytest.raises(ConflictError, match="déjà pris"):
        publish_statement(one, by=story.facilitator, at=NOW)
    over = consultation(story.house, story.facilitator, number=2, state=ConsultationState.CLOSED)
    with pytest.raises(ConflictError):
        reject_statement(
            statement(over, 1, "Trop tard pour moi."), ModerationReason.INSULT, by=story.facilitator, at=NOW
        )


def test_easy_words_are_cleaned_and_beside_the_original(story: Story) -> None:
    said = say_otherwise(
        story.statements[0],
        easy=" Je veux\u202e un humain. ",
        easy_en="",
        text_en="I want a human.",
        by=story.facilitator,
        at=NOW,
    )
    assert (said.easy, said.text_en, said.text) == ("Je veux un humain.", "I want a human.", story.statements[0].text)
    with pytest.raises(InvalidInputError):
        say_otherwise(said, easy="a" * 281, easy_en="", text_en="", by=story.facilitator, at=NOW)


def test_every_move_of_a_statement_is_in_the_table() -> None:
    for state in StatementState:
        for wanted in StatementState:
            if wanted in STATEMENT_MOVES[state]:
                assert statement_after(state, wanted) is wanted
            else:
                with pytest.raises(ConflictError):
                    statement_after(state, wanted)


def test_what_waits_is_found_by_its_index(story: Story) -> None:
    Statement.objects.bulk_create(
        Statement(consultation=story.consultation, number=100 + n, text=f"Affirmation {n}.", submitted_at=NOW)
        for n in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE consultations_statement")
        cursor.execute(
            "EXPLAIN SELECT * FROM consultations_statement WHERE consultation_id = %s AND state = 'published'",
            [story.consultation.id],
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "statement_by_state" in plan, plan


@pytest.mark.principle("D3")
def test_once_voting_is_over_only_what_hurts_somebody_is_turned_away(story: Story) -> None:
    """Between the last day and the closing the result can be seen: nobody may choose what stays in it."""
    Consultation.objects.filter(pk=story.consultation.pk).update(closes_at=NOW + timedelta(days=1))
    after = NOW + timedelta(days=2)
    one, other = story.statements[0], story.statements[1]
    with pytest.raises(ConflictError, match="Les votes sont terminés"):
        reject_statement(one, ModerationReason.OFF_TOPIC, by=story.facilitator, at=after)
    with pytest.raises(ConflictError, match="Les votes sont terminés"):
        merge_statement(one, other.number, by=story.facilitator, at=after)
    assert reject_statement(one, ModerationReason.PERSONAL_DATA, by=story.facilitator, at=after).text == ""
