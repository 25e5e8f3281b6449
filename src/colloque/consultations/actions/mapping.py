"""Computing the opinion map of a consultation from its votes, and keeping it: in the end, and while people vote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Max

from colloque.consultations.core.living import Released, released
from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, Placements, StatementStatus
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, MapVersion
from colloque.consultations.queries.votes import (
    answered_since,
    people_since,
    read_votes,
    table_of_votes,
    votes_counted,
)

if TYPE_CHECKING:
    from colloque.consultations.core.opinion.covotes import LivingVotes
    from colloque.consultations.core.opinion.source import Source

MAPS_KEPT: Final = 20
"""The newest maps of a consultation that are kept whole; of older ones, one an hour, and the one whose figures are told."""

_READ_AGAIN: Final = timedelta(minutes=1)
"""A vote carries the moment before it was written: votes of the last minute are read once more."""

_FORGET_OLD_MAPS = """
DELETE FROM consultations_mapversion WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY number DESC) AS place,
            row_number() OVER (PARTITION BY date_trunc('hour', computed_at) ORDER BY number DESC) AS of_the_hour,
            row_number() OVER (PARTITION BY told IS NULL ORDER BY number DESC) AS of_its_kind, told
        FROM consultations_mapversion WHERE consultation_id = %s
    ) kept WHERE place > %s AND of_the_hour > 1 AND NOT (told IS NOT NULL AND of_its_kind = 1))
"""


@transaction.atomic
def map_now(consultation: Consultation, *, at: datetime) -> MapVersion:
    """Compute the map of all votes from nothing and keep it after the ones before, whose letters it takes over.

    Two computations follow each other.
    """
    from colloque.consultations.core.opinion.source import Held

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"map/{consultation.pk}"])
    return _kept(consultation, Held(table_of_votes(read_votes(consultation.pk))), at=at)


@dataclass(eq=False)
class Remembered:
    """The votes of one consultation as a worker holds them between two rounds, with their sums; and until when they were read."""

    votes: LivingVotes
    until: datetime


@transaction.atomic
def refresh_map(
    consultation_id: UUID, *, at: datetime, known: Remembered | None = None, threads: int = 1
) -> tuple[Remembered | None, MapVersion | None]:
    """Compute the map of an open consultation and keep it; gives the votes to remember, and the map where one was kept.

    Of votes that are `known` only those given since are read, and only their lines of the sums change. None is kept where no
    vote and no statement changed since the last map, where the consultation is no longer open, or where another process
    computes it now.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"map/{consultation_id}"])
        if not cursor.fetchone()[0]:
            return known, None
    consultation = Consultation.objects.filter(pk=consultation_id, state=ConsultationState.OPEN).first()
    if consultation is None:
        return known, None
    remembered, is_changed = _read(consultation_id, at, known)
    last = consultation.maps.aggregate(at=Max("computed_at"))["at"]
    moderated = consultation.moderation_entries.aggregate(at=Max("at"))["at"]
    if not is_changed and last is not None and (moderated is None or moderated < last):
        return remembered, None
    version = _kept(consultation, remembered.votes.source(threads), at=at, threads=threads)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_OLD_MAPS, [consultation_id, MAPS_KEPT])
    return remembered, version


def _read(consultation: UUID, at: datetime, known: Remembered | None) -> tuple[Remembered, bool]:
    """The votes as they are now, and whether they changed. Answers taken back leave no trace: the count gives them away."""
    from colloque.consultations.core.opinion.covotes import LivingVotes

    if known is not None:
        later = read_votes(consultation, known.until - _READ_AGAIN)
        changes = known.votes.take(
            zip(*(later[name].tolist() for name in ("person", "statement", "value")), strict=True)
        )
        if known.votes.count == votes_counted(consultation):
            return Remembered(known.votes, at), changes > 0
    return Remembered(LivingVotes(table_of_votes(read_votes(consultation))), at), True


def _kept(consultation: Consultation, votes: Source, *, at: datetime, threads: int = 0) -> MapVersion:
    """The map of these votes, kept as the next one. A statement that is not published counts as passed by everyone (Polis)."""
    from colloque.consultations.core.opinion.engine import map_of

    before = consultation.maps.order_by("-number").first()
    statuses = [
        StatementStatus(number, state != StatementState.PUBLISHED, is_meta)
        for number, state, is_meta in consultation.statements.values_list("number", "state", "is_meta")
    ]
    least = consultation.min_group_shown
    settings = MapSettings(small_group=least, least_group=least)
    made, places = map_of(votes, statuses, settings, *_stored(before), threads=threads)
    told = _told(consultation, made, at) if consultation.state == ConsultationState.OPEN else None
    return MapVersion.objects.create(
        consultation=consultation,
        number=before.number + 1 if before is not None else 1,
        computed_at=at,
        engine=made.engine,
        seed=made.seed,
        votes=made.votes,
        result=msgspec.to_builtins(made),
        placements=places.to_bytes(),
        told=msgspec.to_builtins(told, str_keys=True) if told is not None else None,
    )


def _stored(version: MapVersion | None) -> tuple[OpinionMap | None, Placements | None]:
    if version is None:
        return None, None
    placed = Placements.from_bytes(bytes(version.placements)) if version.placements else None
    return msgspec.convert(version.result, OpinionMap, strict=False), placed


def _told(consultation: Consultation, made: OpinionMap, at: datetime) -> Released | None:
    """The figures to tell of this map while people vote; None where too few people answered since the last ones told."""
    least = consultation.min_group_shown
    if made.people < least:
        return None
    last = consultation.maps.filter(told__isnull=False).order_by("-number").first()
    if last is None:
        return released(made, least, at, None, {})
    if people_since(consultation.pk, last.computed_at) < least:
        return None
    before = msgspec.convert(last.told, Released, strict=False, str_keys=True)
    return released(made, least, at, before, answered_since(consultation.pk, before.since))
