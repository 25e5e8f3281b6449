"""What waits for somebody: people who asked to talk, people who asked to be erased."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from colloque.kernel.vocabulary import ActKind, Role
from colloque.patients.access import may_speak, persons_cared_for
from colloque.patients.core.erasure import ErasureState
from colloque.patients.core.trust import Power
from colloque.patients.models import ErasureRequest, Person, TalkRequest
from colloque.patients.queries.persons import names_of
from colloque.people.access import Viewer
from colloque.people.models import Account


@dataclass(frozen=True)
class TalkLine:
    """Somebody asked to talk: about what (`None`: AI in general), promised by whom and for when."""

    id: UUID
    person: UUID
    name: str
    act_kind: ActKind | None
    carer: str
    is_mine: bool
    asked_at: datetime
    deadline: datetime
    is_late: bool


@dataclass(frozen=True)
class ErasureLine:
    """Somebody asked to be erased. `name` is empty once it is done."""

    id: UUID
    name: str
    state: ErasureState
    asked_at: datetime
    deadline: datetime
    handled_at: datetime | None
    reason: str


def talk_requests_for(viewer: Viewer, at: datetime) -> list[TalkLine]:
    """The requests to talk that wait for a carer: their own first, then late ones of others they care for, soonest first."""
    persons = persons_cared_for(viewer, at)
    rows = TalkRequest.objects.filter(person__in=persons, closed_at__isnull=True).select_related("carer")
    shown = [row for row in rows if row.carer_id == viewer.account.id or row.deadline <= at]
    names = names_of([row.person_id for row in shown])
    lines = [_talk_line(row, names[row.person_id], viewer.account.id, at) for row in shown]
    return sorted(lines, key=lambda line: (not line.is_mine, line.deadline))


def own_talk_requests(person: Person, at: datetime) -> list[TalkLine]:
    """The requests of a person that have not been answered yet, for the person."""
    rows = (
        TalkRequest.objects.filter(person=person, closed_at__isnull=True).select_related("carer").order_by("deadline")
    )
    return [_talk_line(row, "", None, at) for row in rows]


@dataclass(frozen=True)
class Talking:
    """Who calls a person back and when, and whether the viewer may still ask to talk `about` this question."""

    talks: tuple[TalkLine, ...]
    about: str
    may_ask: bool


def talking_of(person: Person, account: Account, about: ActKind | None, at: datetime) -> Talking:
    """What a page of choices says about talking, for whoever looks at it."""
    talks = own_talk_requests(person, at)
    may_ask = may_speak(account, person, Power.ASK_TO_TALK, at) and all(asked.act_kind is not about for asked in talks)
    return Talking(tuple(talks), about.value if about else "", may_ask)


def _talk_line(row: TalkRequest, name: str, viewer: UUID | None, at: datetime) -> TalkLine:
    return TalkLine(
        id=row.id,
        person=row.person_id,
        name=name,
        act_kind=ActKind(row.act_kind) if row.act_kind else None,
        carer=row.carer.full_name,
        is_mine=row.carer_id == viewer,
        asked_at=row.asked_at,
        deadline=row.deadline,
        is_late=row.deadline <= at,
    )


def erasure_requests_for(viewer: Viewer) -> list[ErasureLine]:
    """The requests to be erased in a house, those that wait first. Empty for whoever does not protect data there."""
    if not viewer.has(Role.DATA_PROTECTION_OFFICER):
        return []
    rows = list(ErasureRequest.objects.filter(establishment=viewer.house).order_by("asked_at"))
    names = names_of([row.person_id for row in rows if row.person_id is not None])
    lines = [_erasure_line(row, names.get(row.person_id, "") if row.person_id else "") for row in rows]
    return sorted(lines, key=lambda line: line.state is not ErasureState.ASKED)


def erasure_line(request: ErasureRequest) -> ErasureLine:
    """One request, for whoever protects data."""
    return _erasure_line(request, names_of([request.person_id])[request.person_id] if request.person_id else "")


def own_erasure_request(person: Person) -> ErasureLine | None:
    """The latest request of a person to be erased, for the person."""
    row = ErasureRequest.objects.filter(person=person).order_by("-asked_at").first()
    return None if row is None else _erasure_line(row, "")


def _erasure_line(row: ErasureRequest, name: str) -> ErasureLine:
    return ErasureLine(row.id, name, ErasureState(row.state), row.asked_at, row.deadline, row.handled_at, row.reason)
