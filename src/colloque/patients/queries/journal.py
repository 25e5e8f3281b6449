"""What happened around a person's choices, situation and file, for their journal; acts of AI are told in `acts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Situation
from colloque.patients.core.disclosure import is_said_with_somebody
from colloque.patients.core.trust import Power
from colloque.patients.models import (
    Choice,
    Opening,
    Person,
    Presence,
    SituationRecord,
    TalkRequest,
    TrainingChoice,
    TrustedLink,
)


class JournalKind(StrEnum):
    """What a line of the journal tells."""

    CHOICE = "choice"
    CHOICE_WITHDRAWN = "choice-withdrawn"
    TRAINING_CHOICE = "training-choice"
    SITUATION = "situation"
    SITUATION_ENDED = "situation-ended"
    PRESENCE = "presence"
    OPENING = "opening"
    TRUST = "trust"
    TRUST_ENDED = "trust-ended"
    TALK_ASKED = "talk-asked"
    TALK_HELD = "talk-held"


@dataclass(frozen=True)
class JournalLine:
    """One line: when, what, by whom (a name), and whether by the person themselves.

    `act_kind` and `project` say what a choice is about (both empty: all AI). `situation` is empty where the word is said by
    a human rather than read alone: then `needs_exchange` is true. `until` ends a presence or is the time promised for a
    talk; `other` is a second name (who is trusted, who will talk). `source` is the row told, by which its entry in the
    ledger is found.
    """

    at: datetime
    kind: JournalKind
    by: str
    in_person: bool = False
    answer: ChoiceAnswer | None = None
    act_kind: ActKind | None = None
    project: str = ""
    situation: Situation | None = None
    needs_exchange: bool = False
    until: datetime | None = None
    other: str = ""
    powers: tuple[Power, ...] = ()
    source: str = ""


def journal_of(person: Person) -> list[JournalLine]:
    """Everything but the acts of AI, the latest first: answers, situations, presences, openings of the file, trust, talks."""
    lines = [*_choices(person), *_situations(person), *_visits(person), *_trust(person), *_talks(person)]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _choices(person: Person) -> Iterator[JournalLine]:
    rows = list(Choice.objects.filter(person=person).select_related("given_by", "project"))
    given = {(row.act_kind, row.project_id, row.given_at) for row in rows}
    for row in rows:
        kind = ActKind(row.act_kind) if row.act_kind else None
        project = row.project.name if row.project else ""
        mine, answer = row.given_by_id == person.account_id, ChoiceAnswer(row.answer)
        name = row.given_by.full_name
        yield JournalLine(
            row.given_at, JournalKind.CHOICE, name, mine, answer, act_kind=kind, project=project, source=str(row.id)
        )
        if row.replaced_at is not None and (row.act_kind, row.project_id, row.replaced_at) not in given:
            yield JournalLine(
                row.replaced_at,
                JournalKind.CHOICE_WITHDRAWN,
                "",
                answer=answer,
                act_kind=kind,
                project=project,
                source=str(row.id),
            )
    for training in TrainingChoice.objects.filter(person=person).select_related("given_by"):
        mine = training.given_by_id == person.account_id
        answer = ChoiceAnswer.YES if training.allowed else ChoiceAnswer.NO
        name = training.given_by.full_name
        yield JournalLine(training.given_at, JournalKind.TRAINING_CHOICE, name, mine, answer, source=str(training.id))


def _situations(person: Person) -> Iterator[JournalLine]:
    for row in SituationRecord.objects.filter(person=person).select_related("declared_by", "ended_by"):
        situation = Situation(row.situation)
        gentle = is_said_with_somebody(situation)
        told = None if gentle else situation
        name = row.declared_by.full_name
        yield JournalLine(
            row.since, JournalKind.SITUATION, name, situation=told, needs_exchange=gentle, source=str(row.id)
        )
        if row.until is not None:
            ended_by = row.ended_by.full_name if row.ended_by else ""
            yield JournalLine(
                row.until,
                JournalKind.SITUATION_ENDED,
                ended_by,
                situation=told,
                needs_exchange=gentle,
                source=str(row.id),
            )


def _visits(person: Person) -> Iterator[JournalLine]:
    for presence in Presence.objects.filter(person=person).select_related("carer"):
        name = presence.carer.full_name
        yield JournalLine(presence.since, JournalKind.PRESENCE, name, until=presence.until, source=str(presence.id))
    for opening in Opening.objects.filter(person=person).select_related("account"):
        yield JournalLine(opening.at, JournalKind.OPENING, opening.account.full_name, source=str(opening.id))


def _trust(person: Person) -> Iterator[JournalLine]:
    for link in TrustedLink.objects.filter(person=person).select_related("account"):
        name, powers = link.account.full_name, tuple(Power(word) for word in link.powers)
        yield JournalLine(
            link.since, JournalKind.TRUST, "", in_person=True, other=name, powers=powers, source=str(link.id)
        )
        if link.until is not None:
            yield JournalLine(link.until, JournalKind.TRUST_ENDED, "", other=name, source=str(link.id))


def _talks(person: Person) -> Iterator[JournalLine]:
    for request in TalkRequest.objects.filter(person=person).select_related("carer", "asked_by", "closed_by"):
        kind = ActKind(request.act_kind) if request.act_kind else None
        yield JournalLine(
            request.asked_at,
            JournalKind.TALK_ASKED,
            request.asked_by.full_name,
            request.asked_by_id == person.account_id,
            act_kind=kind,
            until=request.deadline,
            other=request.carer.full_name,
            source=str(request.id),
        )
        if request.closed_at is not None and request.closed_by is not None:
            yield JournalLine(
                request.closed_at,
                JournalKind.TALK_HELD,
                request.closed_by.full_name,
                act_kind=kind,
                source=str(request.id),
            )
