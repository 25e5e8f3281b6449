"""The living map: while people vote, the map follows, computed in a process of its own so that no vote waits for it.

A thread of each server process looks every second whether an open consultation has votes or moderation that its map does not
know. If so, and nobody works yet anywhere, it starts one worker. The worker computes, keeps what it computed as `MapVersion`,
and ends after a while without work, or with the server that started it, however that ended. Maps may take a fifth of the
time at most: a map that takes a second is refreshed every five.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
import psycopg
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, transaction
from django.db.models import Max, Min

from colloque.consultations.core.moderation import SignalKind
from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, Placements, StatementStatus, VoteTable
from colloque.consultations.core.signals import Minute, bursts, clones
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.models import Consultation, MapVersion, Signal, Vote
from colloque.kernel.errors import ColloqueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 1.0
SHARE_OF_TIME: Final = 0.2
WORKER_IDLE_SECONDS: Final = 300.0
STOP_WITHIN_SECONDS: Final = 3.0
MAPS_KEPT: Final = 20
"""The newest maps of a consultation that are kept whole; of older ones, one an hour."""

_WORKER_LOCK: Final = 0x434F_4C4C_4D41_5053
_START: Final = "import django; django.setup(); from colloque.consultations.tasks import work; work()"

_DUE = """
SELECT c.id FROM consultations_consultation c
LEFT JOIN LATERAL (
    SELECT m.computed_at AS at FROM consultations_mapversion m WHERE m.consultation_id = c.id ORDER BY m.number DESC LIMIT 1
) last ON true
WHERE c.state = 'open' AND (
    EXISTS (SELECT FROM consultations_vote v WHERE v.consultation_id = c.id
        AND v.at > COALESCE(last.at, '-infinity') - %s::interval)
    OR EXISTS (SELECT FROM consultations_moderationentry e WHERE e.consultation_id = c.id
        AND e.at > COALESCE(last.at, '-infinity') - %s::interval))
"""

_NOBODY_WORKS = """
SELECT NOT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.classid = %s AND l.objid = %s AND l.granted)
"""

_COPY_VOTES = """
COPY (SELECT participant_number, statement_number, value FROM consultations_vote WHERE consultation_id = %s)
TO STDOUT (FORMAT binary)
"""
_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2

_FORGET_OLD_MAPS = """
DELETE FROM consultations_mapversion WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY number DESC) AS place,
            row_number() OVER (PARTITION BY date_trunc('hour', computed_at) ORDER BY number DESC) AS of_the_hour
        FROM consultations_mapversion WHERE consultation_id = %s
    ) kept WHERE place > %s AND of_the_hour > 1)
"""

_VOTES_A_MINUTE = """
SELECT date_trunc('minute', at) AS minute, count(*), count(DISTINCT participant_number) FROM consultations_vote
WHERE consultation_id = %s AND at > %s GROUP BY minute ORDER BY minute
"""
_SIGNS_OF: Final = timedelta(days=1)
SIGNS_EVERY_SECONDS: Final = 60.0

_MARGIN: Final = "2 seconds"
"""A vote carries the moment before it was written: one written while a map was being read may be older than that map."""


def maps_due(margin: str = "0 seconds") -> list[UUID]:
    """The open consultations with votes or moderation that their newest map does not know."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [margin, margin])
        return [row[0] for row in cursor.fetchall()]


def read_votes(consultation: UUID) -> NDArray[Any]:
    """Every vote of a consultation as a NumPy table with fields `person`, `statement`, `value`, in no order.

    Read as PostgreSQL's binary copy, so that millions of votes take no Python object each.
    """
    import numpy as np

    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(_COPY_VOTES, [consultation]) as copy:
        data = b"".join(bytes(block) for block in copy)
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("p", ">i4"),
            ("person", ">i4"),
            ("s", ">i4"),
            ("statement", ">i4"),
            ("v", ">i4"),
            ("value", ">i2"),
        ]
    )
    rows = np.frombuffer(data, row, (len(data) - _HEADER_BYTES - _TRAILER_BYTES) // row.itemsize, _HEADER_BYTES)
    votes = np.empty(len(rows), [("person", "i4"), ("statement", "i4"), ("value", "i1")])
    for name in votes.dtype.names or ():
        votes[name] = rows[name]
    return votes


def print_of(votes: NDArray[Any]) -> tuple[int, int]:
    """What two equal sets of votes have in common whatever their order, and different ones hardly ever."""
    import numpy as np

    pairs = votes["person"].astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15) + votes["statement"].astype(np.uint64)
    mixed = (pairs ^ pairs >> np.uint64(29)) * (votes["value"].astype(np.int64) + 2).astype(np.uint64)
    return len(votes), int(mixed.sum(dtype=np.uint64))


def _stored(version: MapVersion | None) -> tuple[OpinionMap | None, Placements | None]:
    if version is None:
        return None, None
    placed = Placements.from_bytes(bytes(version.placements)) if version.placements else None
    return msgspec.convert(version.result, OpinionMap, strict=False), placed


@transaction.atomic
def refresh_map(
    consultation_id: UUID, *, at: datetime, known: tuple[int, int] | None = None, threads: int = 1
) -> tuple[tuple[int, int] | None, MapVersion | None]:
    """Compute the map of an open consultation and keep it; gives the print of the votes, and the map where one was kept.

    None is kept where the votes are still those of the print `known` and no statement changed since the last map, where the
    consultation is no longer open, or where another process computes it now. The last map gives letters and orientation.
    """
    import numpy as np

    from colloque.consultations.core.opinion.engine import compute_map

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"map/{consultation_id}"])
        if not cursor.fetchone()[0]:
            return known, None
    consultation = Consultation.objects.filter(pk=consultation_id, state=ConsultationState.OPEN).first()
    if consultation is None:
        return known, None
    before = consultation.maps.order_by("-number").first()
    votes = read_votes(consultation_id)
    found = print_of(votes)
    moderated = consultation.moderation_entries.aggregate(last=Max("at"))["last"]
    if known == found and before is not None and (moderated is None or moderated < before.computed_at):
        return found, None
    statuses = [
        StatementStatus(number, state != StatementState.PUBLISHED, is_meta)
        for number, state, is_meta in consultation.statements.values_list("number", "state", "is_meta")
    ]
    table = VoteTable.from_votes(*(np.ascontiguousarray(votes[name]) for name in ("person", "statement", "value")))
    settings = MapSettings(small_group=consultation.min_group_shown)
    made, places = compute_map(table, statuses, settings, *_stored(before), threads=threads)
    last = consultation.maps.aggregate(last=Max("number"))["last"] or 0
    version = MapVersion.objects.create(
        consultation=consultation,
        number=last + 1,
        computed_at=at,
        engine=made.engine,
        seed=made.seed,
        votes=made.votes,
        result=msgspec.to_builtins(made),
        placements=places.to_bytes(),
    )
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_OLD_MAPS, [consultation_id, MAPS_KEPT])
    return found, version


def note_signals(consultation: UUID, votes: NDArray[Any], *, at: datetime) -> int:
    """Keep the signs of coordinated voting there are now, and give how many; nothing else follows from them.

    Bursts are looked for in the last day, clones among all votes. A sign that lasts is one sign, that grows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VOTES_A_MINUTE, [consultation, at - _SIGNS_OF])
        minutes = [Minute(*row) for row in cursor.fetchall()]
    found = [
        (SignalKind.BURST, one.since, one.until, {"votes": one.votes, "people": one.people}) for one in bursts(minutes)
    ]
    for group in clones(votes["person"], votes["statement"], votes["value"]):
        rows = Vote.objects.filter(consultation=consultation, participant_number__in=group.members)
        when = rows.aggregate(since=Min("at"), until=Max("at"))
        if when["since"] is not None:
            figures = {"people": group.people, "answers": group.answers, "votes": group.people * group.answers}
            found.append((SignalKind.CLONES, when["since"], when["until"], figures))
    for kind, since, until, figures in found:
        told = {"until": until, "figures": figures}
        Signal.objects.update_or_create(
            consultation_id=consultation, kind=kind, since=since, defaults=told, create_defaults={**told, "seen_at": at}
        )
    return len(found)


class Refreshing:
    """What a worker remembers between two rounds: which votes it saw, and how soon each map may take time again."""

    def __init__(self) -> None:
        self._prints: dict[UUID, tuple[int, int]] = {}
        self._not_before: dict[UUID, float] = {}
        self._signs_at: dict[UUID, float] = {}

    def round(self) -> int:
        """Bring every map that is due up to date; how many were kept."""
        kept = 0
        for consultation in maps_due(_MARGIN):
            begin = time.monotonic()
            if begin < self._not_before.get(consultation, 0.0):
                continue
            found, version = refresh_map(consultation, at=datetime.now(UTC), known=self._prints.get(consultation))
            if found is not None:
                self._prints[consultation] = found
            if (
                version is not None
                and begin - self._signs_at.get(consultation, -SIGNS_EVERY_SECONDS) >= SIGNS_EVERY_SECONDS
            ):
                self._signs_at[consultation] = begin
                note_signals(consultation, read_votes(consultation), at=datetime.now(UTC))
            spent = time.monotonic() - begin
            self._not_before[consultation] = begin + max(LOOK_EVERY_SECONDS, spent / SHARE_OF_TIME)
            kept += version is not None
        return kept


def work() -> None:
    """The worker: compute maps until there is nothing to do for a while, or until standard input ends."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    os.nice(5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_WORKER_LOCK])
        if not cursor.fetchone()[0]:
            return
    refreshing, last_work = Refreshing(), time.monotonic()
    try:
        while time.monotonic() - last_work < WORKER_IDLE_SECONDS:
            if refreshing.round():
                last_work = time.monotonic()
            time.sleep(LOOK_EVERY_SECONDS)
    except DatabaseError as error:
        log.error("Maps are not refreshed for now: %s", error)  # noqa: TRY400 - a server starts another worker


def _end_with_stdin() -> None:
    """The server holds the other end and writes nothing: when it is gone, so are we, in the middle of whatever."""
    sys.stdin.buffer.read()
    os._exit(0)


def keep_maps_alive(stop: threading.Event) -> None:
    """Start a worker whenever a map is due and nobody works, until `stop` is set; meant for one thread of each server process.

    Survives restarts of the database, whose loss also ends the worker. What goes wrong is logged once, and again when over.
    """
    worker: subprocess.Popen[bytes] | None = None
    is_failing = False
    while not stop.wait(LOOK_EVERY_SECONDS):
        try:
            if worker is not None and worker.poll() is not None:
                worker = None
            close_old_connections()
            if worker is None and _is_work_for_nobody():
                worker = subprocess.Popen([sys.executable, "-W", "ignore", "-c", _START], stdin=subprocess.PIPE)
            is_failing = False
        except Exception as error:  # whatever happened, the next round may work; ending here would freeze the maps
            if not is_failing and isinstance(error, DatabaseError | ColloqueError | OSError):
                log.error("Maps are not refreshed for now: %s", error)  # noqa: TRY400 - it says its cause
            elif not is_failing:
                log.exception("Maps are not refreshed for now")
            is_failing = True
            connection.close()
    connection.close()
    if worker is not None and worker.stdin is not None:
        worker.stdin.close()
        try:
            worker.wait(STOP_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()


def _is_work_for_nobody() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NOBODY_WORKS, [_WORKER_LOCK >> 32, _WORKER_LOCK & 0xFFFF_FFFF])
        is_free = cursor.fetchone()[0]
    return bool(is_free) and bool(maps_due())
