"""« J'aimerais en parler à quelqu'un » : a named carer comes back, before a stated time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, UnavailableError
from colloque.kernel.vocabulary import ActKind, Role
from colloque.ledger.actions import record
from colloque.patients.access import may_care, require_caring, require_speaking
from colloque.patients.actions.held import hold
from colloque.patients.core.talk import deadline_of
from colloque.patients.core.trust import Power
from colloque.patients.models import Person, TalkRequest
from colloque.people.access import current_memberships
from colloque.people.models import Account


@transaction.atomic
def ask_to_talk(person: Person, *, act_kind: ActKind | None = None, by: Account, at: datetime) -> TalkRequest:
    """Ask to talk about an AI with somebody; names a carer and a time. Asked twice about the same, it is one request.

    The carer is the person's referent, else the one of their unit with the fewest requests waiting. Raises `NotFoundError` for
    whoever may not speak for the person, `UnavailableError` where no carer is named in the house at all.
    """
    held = hold(person)
    require_speaking(by, held, Power.ASK_TO_TALK, at)
    kind = act_kind.value if act_kind else ""
    waiting = TalkRequest.objects.select_related("carer").filter(person=held, act_kind=kind, closed_at__isnull=True)
    if (request := waiting.first()) is not None:
        return request
    local = at.astimezone(ZoneInfo(held.establishment.timezone))
    request = TalkRequest.objects.create(
        person=held,
        act_kind=kind,
        carer=_carer_for(held, at),
        asked_by=by,
        asked_at=at,
        deadline=deadline_of(local),
    )
    record(
        "talk.asked",
        subject=held.id,
        payload={
            "request": str(request.id),
            "act_kind": kind,
            "carer": str(request.carer_id),
            "deadline": request.deadline.isoformat(),
            "by": str(by.id),
        },
    )
    return request


@transaction.atomic
def close_talk(request: TalkRequest, *, by: Account, at: datetime) -> None:
    """Say that one has talked with the person. Any carer of theirs may. Raises `ConflictError` if somebody already has."""
    held = hold(request.person)
    require_caring(by, held, at)
    current = TalkRequest.objects.select_for_update().get(id=request.id)
    if current.closed_at is not None:
        raise ConflictError(gettext("Quelqu’un a déjà parlé avec cette personne."), code="already-talked")
    current.closed_at = at
    current.closed_by = by
    current.save(update_fields=["closed_at", "closed_by"])
    record("talk.held", subject=held.id, payload={"request": str(current.id), "by": str(by.id)})


def _carer_for(person: Person, at: datetime) -> Account:
    if person.referent is not None and may_care(person.referent, person, at):
        return person.referent
    carers = current_memberships(at).filter(establishment_id=person.establishment_id, role=Role.CARER.value)
    near = carers.filter(unit=person.unit_id) if person.unit_id else carers.none()
    for memberships in (near, carers.filter(unit__isnull=True), carers):
        found = (
            Account.objects.filter(id__in=memberships.values("account"))
            .annotate(waiting=Count("talk_requests", filter=Q(talk_requests__closed_at__isnull=True)))
            .order_by("waiting", "id")
            .first()
        )
        if found is not None:
            return found
    raise UnavailableError(
        gettext("Personne n’est encore désigné pour vous rappeler. Parlez-en à la première personne que vous voyez."),
        code="nobody-to-talk",
    )
