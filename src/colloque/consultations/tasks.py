"""The living map: while people vote, the map follows, computed in a process of its own so that no vote waits for it.

A thread of each server process looks every second whether an open consultation has votes or moderation that its map does not
know. If so, and nobody works yet anywhere, it starts one worker; the first worker of a server starts as soon as something is
open, and has the inner loops compiled, so that nobody who votes waits for that. The worker computes, keeps what it computed
as `MapVersion`, and ends after a while without work, or with the server that started it, however that ended. Maps may take
a fifth of the time at most: a map that takes a second is refreshed every five.
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

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.db.models import Max, Min

from colloque.consultations.actions.mapping import Remembered, refresh_map
from colloque.consultations.core.moderation import SignalKind
from colloque.consultations.core.opinion.warm import warm
from colloque.consultations.core.signals import Minute, bursts, clones
from colloque.consultations.core.state import ConsultationState
from colloque.consultations.models import Consultation, Signal, Vote
from colloque.consultations.queries.votes import read_votes
from colloque.kernel.errors import ColloqueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 1.0
SHARE_OF_TIME: Final = 0.2
WORKER_IDLE_SECONDS: Final = 300.0
STOP_WITHIN_SECONDS: Final = 3.0

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
    """What a worker remembers between two rounds: the votes with their sums, and how soon each map may take time again."""

    def __init__(self) -> None:
        self._known: dict[UUID, Remembered] = {}
        self._not_before: dict[UUID, float] = {}
        self._signs_at: dict[UUID, float] = {}

    def round(self) -> int:
        """Bring every map that is due up to date; how many were kept."""
        kept = 0
        for consultation in maps_due(_MARGIN):
            begin = time.monotonic()
            if begin < self._not_before.get(consultation, 0.0):
                continue
            found, version = refresh_map(consultation, at=datetime.now(UTC), known=self._known.get(consultation))
            if found is not None:
                self._known[consultation] = found
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
    warm()
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
    """The server holds the other end and writes nothing: when it is gone, so are we, in the middle of whatever.

    Past Python's own buffer, whose lock this thread would hold while the process ends by itself.
    """
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(0)


def keep_maps_alive(stop: threading.Event) -> None:
    """Start a worker whenever a map is due and nobody works, until `stop` is set; meant for one thread of each server process.

    Survives restarts of the database, whose loss also ends the worker. What goes wrong is logged once, and again when over.
    """
    worker: subprocess.Popen[bytes] | None = None
    is_failing, is_warm = False, False
    while not stop.wait(LOOK_EVERY_SECONDS):
        try:
            if worker is not None and worker.poll() is not None:
                worker = None
            close_old_connections()
            if worker is None and _is_work_for_nobody(is_warm=is_warm):
                is_warm = True
                worker = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-c", _START],
                    stdin=subprocess.PIPE,
                    start_new_session=True,  # a Ctrl-C is for the server, which tells its worker
                )
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


def _is_work_for_nobody(*, is_warm: bool) -> bool:
    """Whether no worker is there and a map is due; or, before the first one, whether people may vote somewhere soon."""
    with connection.cursor() as cursor:
        cursor.execute(_NOBODY_WORKS, [_WORKER_LOCK >> 32, _WORKER_LOCK & 0xFFFF_FFFF])
        is_free = cursor.fetchone()[0]
    if not is_free:
        return False
    return bool(maps_due()) or (not is_warm and Consultation.objects.filter(state=ConsultationState.OPEN).exists())
