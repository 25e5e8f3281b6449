"""Computing the opinion map of a consultation from its votes, and keeping it."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import connection, transaction
from django.db.models import Max

from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, Placements, StatementStatus, VoteTable
from colloque.consultations.core.state import StatementState
from colloque.consultations.models import Consultation, MapVersion


def vote_table(consultation: Consultation) -> VoteTable:
    """Every vote of a consultation, as the map reads it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT participant_number, statement_number, value FROM consultations_vote WHERE consultation_id = %s",
            [consultation.pk],
        )
        rows = cursor.fetchall()
    people, statements, values = zip(*rows, strict=True) if rows else ((), (), ())
    return VoteTable.from_votes(people, statements, values)


@transaction.atomic
def map_now(consultation: Consultation, *, at: datetime) -> MapVersion:
    """Compute the map of all votes from the beginning and keep it after the ones before, whose letters it takes over.

    A statement that is not published, or was merged, counts as passed by everyone (Polis). Two computations follow each other.
    """
    from colloque.consultations.core.opinion.engine import compute_map

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"map/{consultation.pk}"])
    before = consultation.maps.order_by("-number").first()
    previous = msgspec.convert(before.result, OpinionMap, strict=False) if before is not None else None
    placed = Placements.from_bytes(bytes(before.placements)) if before is not None and before.placements else None
    statuses = [
        StatementStatus(number, state != StatementState.PUBLISHED, is_meta)
        for number, state, is_meta in consultation.statements.values_list("number", "state", "is_meta")
    ]
    settings = MapSettings(small_group=consultation.min_group_shown)
    made, places = compute_map(vote_table(consultation), statuses, settings, previous, placed)
    last = consultation.maps.aggregate(last=Max("number"))["last"] or 0
    return MapVersion.objects.create(
        consultation=consultation,
        number=last + 1,
        computed_at=at,
        engine=made.engine,
        seed=made.seed,
        votes=made.votes,
        result=msgspec.to_builtins(made),
        placements=places.to_bytes(),
    )
