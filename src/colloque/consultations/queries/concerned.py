"""What a room above asks before something of its own goes on: whether those concerned were heard, and whether carers trust it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from colloque.consultations.core.groups import AGREE, GroupOfPeople
from colloque.consultations.core.state import BecameKind, ConsultationState
from colloque.consultations.models import Consultation, OutcomeLink, Participant, Statement, Vote
from colloque.consultations.queries.codes import taking_part
from colloque.people.models import Establishment

TRUST: Final = "trust"
"""The part of an `OutcomeLink` whose statement asks carers whether they agree to work with the thing it leads to."""
CARERS: Final = (GroupOfPeople.CARERS, GroupOfPeople.DOCTORS)
_OVER: Final = (ConsultationState.CLOSED, ConsultationState.ANSWERED)


@dataclass(frozen=True)
class Hearing:
    """A consultation with a statement behind something: where it stands, and how many of each group answered anything.

    Groups of which fewer than `least` answered are too small to be told. Who said nothing of a group counts in none.
    """

    state: ConsultationState
    came: Mapping[GroupOfPeople, int]
    least: int


@dataclass(frozen=True)
class Trust:
    """How many carers answered a statement of trust when its consultation had closed, and how many of them agreed."""

    answered: int
    agreed: int
    least: int


def hearings_behind(establishment: Establishment, kind: BecameKind, thing: UUID) -> list[Hearing]:
    """The consultations of this house with a published statement behind a thing."""
    links = OutcomeLink.objects.filter(consultation__establishment=establishment, kind=kind, thing=thing)
    found = Consultation.objects.filter(Exists(links.filter(consultation=OuterRef("pk"))))
    return [
        Hearing(ConsultationState(held.state), _came(held), held.min_group_shown)
        for held in found.order_by("created_at", "pk")
    ]


def latest_trust(establishment: Establishment, kind: BecameKind, thing: UUID) -> Trust | None:
    """What carers answered to the statement of trust in a thing, in the consultation that closed last; none before one closed.

    Where several statements of it ask for trust, the one that found least.
    """
    links = OutcomeLink.objects.filter(
        consultation__establishment=establishment, consultation__state__in=_OVER, kind=kind, thing=thing, part=TRUST
    )
    latest = links.order_by("-consultation__closed_at", "-consultation_id").values_list("consultation", flat=True)[:1]
    asked = links.filter(consultation__in=list(latest)).select_related("statement__consultation")
    return min((_trust_in(link.statement) for link in asked), key=_share, default=None)


def _trust_in(statement: Statement) -> Trust:
    held = statement.consultation
    carers = Participant.objects.filter(consultation=held, number=OuterRef("participant_number"), group__in=CARERS)
    votes = Vote.objects.filter(Exists(carers), consultation=held, statement_number=statement.number)
    counted = Counter(votes.values_list("value", flat=True))
    return Trust(counted.total(), counted[AGREE], held.min_group_shown)


def _share(trust: Trust) -> float:
    return trust.agreed / trust.answered if trust.answered >= trust.least else -1.0


def _came(held: Consultation) -> dict[GroupOfPeople, int]:
    counted = taking_part(held).exclude(group="").order_by().values("group").annotate(people=Count("id"))
    return {GroupOfPeople(row["group"]): row["people"] for row in counted}
