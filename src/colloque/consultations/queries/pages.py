"""What the pages of a consultation show, to the public and to whoever takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from colloque.consultations.access import is_open
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, Participant, Statement, Vote
from colloque.people.access import nothing_here
from colloque.people.models import Establishment


@dataclass(frozen=True)
class Listed:
    """One line of a list of consultations. `waiting`: statements to be read, for whoever animates."""

    consultation: Consultation
    people: int
    statements: int
    waiting: int = 0

    @property
    def over_at(self) -> datetime | None:
        """When people stopped taking part: the closing, else the last day."""
        return self.consultation.closed_at or self.consultation.closes_at


@dataclass(frozen=True)
class PublicList:
    """The consultations of a house that everybody may see: those open first, then the latest."""

    house: Establishment
    open: Sequence[Listed]
    over: Sequence[Listed]


def public_list(slug: str, at: datetime) -> PublicList:
    """The public consultations of a house, as they stand at a moment. Raises `NotFoundError`."""
    house = Establishment.objects.filter(slug=slug).first()
    if house is None:
        raise nothing_here()
    rows = Consultation.objects.filter(establishment=house, is_listed=True).exclude(state=ConsultationState.DRAFT)
    lines = _listed(rows)
    return PublicList(
        house,
        [line for line in lines if is_open(line.consultation, at)],
        [line for line in lines if not is_open(line.consultation, at)],
    )


def animated_list(house: Establishment) -> list[Listed]:
    """Every consultation of a house, the latest first, for those who animate."""
    return _listed(Consultation.objects.filter(establishment=house))


def _listed(rows: object) -> list[Listed]:
    came = Participant.objects.filter(consultation=OuterRef("pk"))
    answered = Vote.objects.filter(consultation=OuterRef("consultation"), participant_number=OuterRef("number"))
    counted = came.filter(Q(consultation__closed_at__isnull=True) | Exists(answered))  # as `taking_part` counts them
    people = counted.order_by().values("consultation")
    statements = Statement.objects.filter(consultation=OuterRef("pk")).order_by().values("consultation")
    published = statements.filter(state=StatementState.PUBLISHED)
    waiting = statements.filter(state=StatementState.WAITING)
    found = (
        rows.select_related("establishment")  # type: ignore[attr-defined]
        .annotate(
            people=Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0),
            published=Coalesce(Subquery(published.annotate(n=Count("pk")).values("n")), 0),
            to_read=Coalesce(Subquery(waiting.annotate(n=Count("pk")).values("n")), 0),
        )
        .order_by("-number")
    )
    return [Listed(row, row.people, row.published, row.to_read) for row in found]


@dataclass(frozen=True)
class Answered:
    """A statement I answered, and how."""

    statement: Statement
    value: int
    at: datetime


@dataclass(frozen=True)
class Progress:
    """How far I am: statements I answered, of those that can be answered now."""

    answered: int
    of: int

    @property
    def left(self) -> int:
        """How many are left."""
        return max(0, self.of - self.answered)


def progress(consultation: Consultation, participant: Participant) -> Progress:
    """How far a participant is; answers to statements withdrawn since do not count."""
    published = Statement.objects.filter(consultation=consultation, state=StatementState.PUBLISHED)
    voted = Vote.objects.filter(consultation=consultation, participant_number=participant.number)
    numbers = voted.values("statement_number")
    counted = published.aggregate(of=Count("pk"), answered=Count("pk", filter=Q(number__in=numbers)))
    return Progress(counted["answered"], counted["of"])


def my_votes(consultation: Consultation, participant: Participant) -> list[Answered]:
    """What a participant answered, in the order of the statements."""
    votes = {
        vote.statement_number: vote
        for vote in Vote.objects.filter(consultation=consultation, participant_number=participant.number)
    }
    statements = Statement.objects.filter(consultation=consultation, number__in=votes).order_by("number")
    return [Answered(one, votes[one.number].value, votes[one.number].at) for one in statements]


def my_vote(consultation: Consultation, participant: Participant, number: int) -> Answered | None:
    """What a participant answered to one statement."""
    vote = Vote.objects.filter(
        consultation=consultation, participant_number=participant.number, statement_number=number
    ).first()
    statement = Statement.objects.filter(consultation=consultation, number=number).first()
    return Answered(statement, vote.value, vote.at) if vote is not None and statement is not None else None


def votable(consultation: Consultation, number: int) -> Statement | None:
    """A statement that can be answered now, by its number."""
    return Statement.objects.filter(consultation=consultation, number=number, state=StatementState.PUBLISHED).first()


def published_statements(consultation: Consultation) -> list[Statement]:
    """The statements people vote on, in their order."""
    return list(consultation.statements.filter(state=StatementState.PUBLISHED).order_by("number"))


def own_statements(participant: Participant) -> list[Statement]:
    """What a participant proposed, the latest first, with what became of it."""
    return list(participant.statements.select_related("merged_into").order_by("-number"))


def seeds_of(consultation: Consultation) -> list[Statement]:
    """Every statement of a draft, in its order."""
    return list(consultation.statements.order_by("number"))
