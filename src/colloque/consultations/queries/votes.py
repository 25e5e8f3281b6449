"""The votes of a consultation as the map reads them: whole columns, no Python object each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import psycopg
from django.db import connection

from colloque.consultations.core.opinion.values import VoteTable
from colloque.consultations.models import Vote

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COPY_VOTES: Final = """
COPY (SELECT participant_number, statement_number, value FROM consultations_vote WHERE consultation_id = %s AND at >= %s)
TO STDOUT (FORMAT binary)
"""
_HEADER_BYTES: Final = 19
_TRAILER_BYTES: Final = 2

_ANSWERED_SINCE: Final = """
SELECT asked.number, count(*) FROM unnest(%s::int[], %s::timestamptz[]) AS asked(number, since)
JOIN consultations_vote v ON v.consultation_id = %s AND v.statement_number = asked.number AND v.at > asked.since
GROUP BY asked.number
"""


def read_votes(consultation: UUID, since: datetime | None = None) -> NDArray[Any]:
    """Every vote of a consultation, or those given from a moment on, as a table with fields `person`, `statement`, `value`.

    In no order. Read as PostgreSQL's binary copy, so that millions of votes take no Python object each.
    """
    import numpy as np

    connection.ensure_connection()
    given = [consultation, since or "-infinity"]
    with psycopg.Cursor(connection.connection) as cursor, cursor.copy(_COPY_VOTES, given) as copy:
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


def table_of_votes(votes: NDArray[Any]) -> VoteTable:
    """The same votes in rows of people."""
    import numpy as np

    return VoteTable.from_votes(*(np.ascontiguousarray(votes[name]) for name in ("person", "statement", "value")))


def votes_counted(consultation: UUID) -> int:
    """How many votes stand."""
    return Vote.objects.filter(consultation=consultation).count()


def people_since(consultation: UUID, moment: datetime) -> int:
    """How many people gave or changed an answer after a moment."""
    later = Vote.objects.filter(consultation=consultation, at__gt=moment)
    return later.values("participant_number").distinct().count()


def answered_since(consultation: UUID, since: Mapping[int, datetime]) -> dict[int, int]:
    """For statements by number, how many people gave or changed their answer to it after the moment given for it."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED_SINCE, [list(since), list(since.values()), consultation])
        return dict(cursor.fetchall())
