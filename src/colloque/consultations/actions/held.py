"""Rows held for the length of a change, and numbers given one after the other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext

from colloque.consultations.access import is_open
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.models import Consultation, Idea, Participant, Statement
from colloque.kernel.errors import ConflictError
from colloque.people.access import nothing_here


def hold(consultation: Consultation) -> Consultation:
    """The consultation as it is now, kept as it is until the end of the transaction. Raises `NotFoundError`."""
    held = (
        Consultation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("establishment")
        .filter(pk=consultation.pk)
        .first()
    )
    if held is None:
        raise nothing_here()
    return held


def must_be_open(consultation: Consultation, at: datetime) -> None:
    """Let through what is open at this moment. Raises `ConflictError` with words for whoever takes part."""
    if is_open(consultation, at):
        return
    if consultation.state == ConsultationState.DRAFT:
        raise nothing_here()
    raise ConflictError(
        gettext("Cette consultation est terminée. Rien n’a été enregistré. Vous pouvez lire le résultat."),
        code="closed",
    )


def next_number(rows: type[Participant | Statement], consultation: Consultation) -> int:
    """The number after the highest one; two transactions never get the same. Numbers start at 1."""
    _one_after_the_other(consultation.pk, rows.__name__)
    highest = rows._default_manager.filter(consultation=consultation).aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def next_number_of_house(rows: type[Consultation | Idea], establishment_id: UUID) -> int:
    """The same, for what is numbered within an establishment."""
    _one_after_the_other(establishment_id, rows.__name__)
    found = rows._default_manager.filter(establishment_id=establishment_id)
    return (found.aggregate(highest=Max("number"))["highest"] or 0) + 1


def _one_after_the_other(scope: UUID, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{what}/{scope}"])
