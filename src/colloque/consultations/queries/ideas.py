"""Ideas, for everybody, for their author, and for those who answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from colloque.consultations.core.state import BecameKind, ConsultationState, IdeaState
from colloque.consultations.models import Consultation, Idea, Statement
from colloque.people.access import nothing_here
from colloque.people.models import Account, Establishment

MOST_SHOWN = 300


@dataclass(frozen=True)
class Told:
    """An idea and where to read what it became; `url` empty where that is not a page everybody may open."""

    idea: Idea
    url: str


def public_ideas(slug: str, *, is_signed_in: bool = False) -> tuple[Establishment, Sequence[Told]]:
    """The house and the ideas that are public, those not followed too, the latest first. Raises `NotFoundError`."""
    house = Establishment.objects.filter(slug=slug).first()
    if house is None:
        raise nothing_here()
    shown = Idea.objects.filter(establishment=house).exclude(state=IdeaState.WAITING)
    told = [idea for idea in shown.order_by("-number")[:MOST_SHOWN] if not _hidden(idea)]
    return house, _with_links(told, is_signed_in=is_signed_in)


def _hidden(idea: Idea) -> bool:
    """What was set aside and seems to point at somebody is shown to its author only."""
    return idea.state == IdeaState.SET_ASIDE and bool(idea.warnings)


def ideas_of(account: Account, house: Establishment) -> Sequence[Told]:
    """What somebody gave in this house, with what became of it, the latest first."""
    return _with_links(
        list(Idea.objects.filter(author=account, establishment=house).order_by("-number")[:MOST_SHOWN]),
        is_signed_in=True,
    )


def ideas_to_read(house: Establishment) -> list[Idea]:
    """What waits for an answer, the oldest first."""
    return list(Idea.objects.filter(establishment=house, state=IdeaState.WAITING).order_by("number")[:MOST_SHOWN])


def ideas_waiting(house: Establishment) -> tuple[int, datetime | None]:
    """How many ideas wait, and since when the oldest."""
    found = Idea.objects.filter(establishment=house, state=IdeaState.WAITING)
    return found.count(), found.order_by("given_at").values_list("given_at", flat=True).first()


def open_consultations(house: Establishment) -> list[Consultation]:
    """Where an idea can be put to the vote now."""
    return list(Consultation.objects.filter(establishment=house, state=ConsultationState.OPEN).order_by("-number"))


def idea_in(house: Establishment, idea_id: str) -> Idea | None:
    """An idea of the house by the id an address carries; nothing for what is no id."""
    try:
        return Idea.objects.filter(establishment=house, pk=UUID(idea_id)).first()
    except ValueError:
        return None


def _with_links(ideas: list[Idea], *, is_signed_in: bool) -> list[Told]:
    statements = Statement.objects.filter(
        pk__in=[cast(UUID, idea.became_id) for idea in ideas if idea.became_kind == BecameKind.STATEMENT]
    )
    of_statements = {one.pk: one for one in statements}
    consultations = Consultation.objects.filter(
        pk__in=[idea.became_id for idea in ideas if idea.became_kind == BecameKind.CONSULTATION]
    ).exclude(state=ConsultationState.DRAFT)
    public = set(consultations.values_list("pk", flat=True))
    return [Told(idea, _url(idea, of_statements, public, is_signed_in=is_signed_in)) for idea in ideas]


def _url(idea: Idea, statements: dict[UUID, Statement], consultations: set[UUID], *, is_signed_in: bool) -> str:
    """Where what it became is read; rooms above are known by the names of their addresses only."""
    if idea.became_id is None:
        return ""
    statement = statements.get(idea.became_id)
    if statement is not None:
        address = reverse("consultations:statements", args=[statement.consultation_id])
        return f"{address}#statement-{statement.number}"
    if idea.became_id in consultations:
        return reverse("consultations:join", args=[idea.became_id])
    names = {BecameKind.PROJECT.value: "projects:project", BecameKind.CHARTER_PROPOSAL.value: "charter:proposal"}
    try:
        return reverse(names[idea.became_kind], args=[idea.became_id]) if is_signed_in else ""
    except (KeyError, NoReverseMatch):
        return ""
