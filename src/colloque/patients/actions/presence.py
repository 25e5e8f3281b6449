"""« Je suis là » : a carer attests to be beside a person, for a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from colloque.ledger.actions import record
from colloque.patients.access import require_caring
from colloque.patients.actions.held import hold
from colloque.patients.core.presence import USUAL_MINUTES, lasting
from colloque.patients.models import Person, Presence
from colloque.people.access import nothing_here
from colloque.people.models import Account


@transaction.atomic
def attest_presence(person: Person, *, by: Account, at: datetime, minutes: int = USUAL_MINUTES) -> Presence:
    """Attest to be beside a person from now on, for 1 to 240 minutes; a presence of the same carer is prolonged.

    Raises `NotFoundError` for whoever is not their carer, `InvalidInputError` for another duration.
    """
    held = hold(person)
    until = at + lasting(minutes)
    require_caring(by, held, at)
    current = Presence.objects.filter(person=held, carer=by, since__lte=at, until__gt=at).order_by("-until").first()
    if current is not None:
        current.until = until
        current.save(update_fields=["until"])
    else:
        current = Presence.objects.create(person=held, carer=by, since=at, until=until)
    record(
        "presence.attested",
        subject=held.id,
        payload={"presence": str(current.id), "carer": str(by.id), "until": until.isoformat()},
    )
    return current


@transaction.atomic
def end_presence(person: Person, *, by: Account, at: datetime) -> None:
    """Say that one is leaving; only one's own presence can be ended. Raises `NotFoundError` where there is none."""
    held = hold(person)
    mine = list(Presence.objects.filter(person=held, carer=by, since__lte=at, until__gt=at))
    if not mine:
        raise nothing_here()
    for presence in mine:
        presence.until = max(at, presence.since + timedelta(microseconds=1))
        presence.save(update_fields=["until"])
    record("presence.ended", subject=held.id, payload={"presence": str(mine[0].id), "carer": str(by.id)})
