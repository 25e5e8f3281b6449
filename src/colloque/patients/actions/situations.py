"""What a person lives through: declared and ended by their carers, with names and dates."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Situation
from colloque.ledger.actions import record
from colloque.patients.access import require_caring
from colloque.patients.actions.held import hold
from colloque.patients.models import Person, SituationRecord
from colloque.people.models import Account


@transaction.atomic
def declare_situation(
    person: Person, situation: Situation, *, by: Account, at: datetime, since: datetime | None = None
) -> SituationRecord:
    """Declare a situation of a person, since `since` (now, unless earlier); the next call sees it.

    Raises `NotFoundError` for whoever is not their carer, `ConflictError` if it is already declared, `InvalidInputError` for a
    beginning in the future.
    """
    held = hold(person)
    require_caring(by, held, at)
    begins = since or at
    if begins > at:
        raise InvalidInputError(gettext("Cette date est dans le futur."), path="since")
    if SituationRecord.objects.filter(person=held, situation=situation.value, until__isnull=True).exists():
        raise ConflictError(gettext("Cette situation est déjà notée."), code="already-declared")
    declared = SituationRecord.objects.create(person=held, situation=situation.value, declared_by=by, since=begins)
    record(
        "situation.declared",
        subject=held.id,
        payload={
            "record": str(declared.id),
            "situation": situation.value,
            "since": begins.isoformat(),
            "by": str(by.id),
        },
    )
    return declared


@transaction.atomic
def end_situation(declared: SituationRecord, *, by: Account, at: datetime) -> None:
    """Say that a situation is over. Raises `NotFoundError` for whoever is not their carer, `ConflictError` if it already is."""
    held = hold(declared.person)
    require_caring(by, held, at)
    current = SituationRecord.objects.select_for_update().get(id=declared.id)
    if current.until is not None:
        raise ConflictError(gettext("Cette situation est déjà terminée."), code="already-ended")
    current.until = at
    current.ended_by = by
    current.save(update_fields=["until", "ended_by"])
    record(
        "situation.ended",
        subject=held.id,
        payload={"record": str(current.id), "situation": current.situation, "by": str(by.id)},
    )
