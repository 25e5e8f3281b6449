"""What time does to acts: what asked for something and got nothing is cleared after a day. Nothing ever becomes a yes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from colloque.acts.access import act_for
from colloque.acts.core.state import ActState
from colloque.acts.models import Act
from colloque.acts.queries.page import ASKING_LASTS
from colloque.ledger.actions import record
from colloque.patients.actions import note_opening
from colloque.people.models import Account

BATCH = 200


def expire_asking(*, at: datetime) -> int:
    """End the acts that have asked for 24 hours and clear the data that waited; how many were ended.

    May run in several processes at once: each act is ended by one of them.
    """
    ended = 0
    while True:
        batch = _expire_some(at)
        ended += batch
        if batch < BATCH:
            return ended


def note_visit(act_id: UUID, *, by: Account, at: datetime) -> None:
    """Note for the person that a carer saw their name on the page of an act. Raises `NotFoundError`."""
    act = act_for(by, act_id, at)
    if act.person.erased_at is None:
        note_opening(act.person, by=by, at=at)


@transaction.atomic
def _expire_some(at: datetime) -> int:
    waiting = (
        Act.objects.select_for_update(skip_locked=True)
        .filter(state=ActState.ASKING.value, requested_at__lte=at - ASKING_LASTS)
        .order_by("requested_at", "id")[:BATCH]
    )
    count = 0
    for act in waiting:
        act.state, act.closed_at, act.sealed_input = ActState.EXPIRED.value, at, None
        act.entry = record("act.expired", subject=act.person_id, payload={"act": str(act.id)})
        act.save(update_fields=["state", "closed_at", "sealed_input", "entry"])
        count += 1
    return count
