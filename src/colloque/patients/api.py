"""Persons in the REST API: what a person answers about AI, read and given as on their own pages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer
from colloque.patients.access import person_answered_for
from colloque.patients.actions import give_choice
from colloque.patients.core.trust import Power
from colloque.patients.queries import Question, questions_for
from colloque.people.access import Request
from colloque.people.api import CHANGED, READ, signed_in


class Given(StrEnum):
    """The answers that can be given."""

    YES = "yes"
    WITH_HUMAN = "with-human"
    ASK_EACH_TIME = "ask-each-time"
    NO = "no"


class ChoiceOut(Schema):
    """What holds for one kind of act, or for all AI where `act_kind` is null.

    `answered` is what was said to this very question.
    """

    act_kind: ActKind | None
    holds: ChoiceAnswer
    answered: ChoiceAnswer | None
    given_at: datetime | None
    given_by: str
    in_person: bool


class ChoiceIn(Schema):
    """An answer to one kind of act, or to all AI where `act_kind` is null."""

    act_kind: ActKind | None = None
    answer: Given = Field(examples=["with-human"])


router = Router(tags=["persons"], auth=signed_in)


@router.get(
    "/persons/{person_id}/choices",
    response={200: list[ChoiceOut], **READ},
    summary="What a person answers about AI",
)
def choices(request: HttpRequest, person_id: UUID) -> list[ChoiceOut]:
    """For the person, those they let see it, and their carers."""
    person = person_answered_for(cast(Request, request).viewer, person_id, Power.SEE_CHOICES, timezone.now())
    return [_told(question) for question in questions_for(person) if question.key != "learning"]


@router.post(
    "/persons/{person_id}/choices",
    response={200: list[ChoiceOut], **CHANGED},
    summary="Give an answer about AI; it holds from the next call on",
)
def choose(request: HttpRequest, person_id: UUID, given: ChoiceIn) -> list[ChoiceOut]:
    """For the person, those they let answer, and a carer who notes what the person said."""
    viewer, at = cast(Request, request).viewer, timezone.now()
    person = person_answered_for(viewer, person_id, Power.GIVE_CHOICES, at)
    give_choice(person, ChoiceAnswer(given.answer), act_kind=given.act_kind, by=viewer.account, at=at)
    return [_told(question) for question in questions_for(person) if question.key != "learning"]


def _told(question: Question) -> ChoiceOut:
    answered = question.answered
    return ChoiceOut(
        act_kind=question.act_kind,
        holds=question.holds,
        answered=answered.answer if answered else None,
        given_at=answered.given_at if answered else None,
        given_by=answered.given_by if answered else "",
        in_person=answered.in_person if answered else False,
    )
