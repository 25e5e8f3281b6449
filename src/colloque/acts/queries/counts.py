"""How often a rule of the charter decided lately, for anyone to read; small numbers of persons are not told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from colloque.kernel.vocabulary import VerdictKind
from colloque.people.access import nothing_here
from colloque.people.models import Establishment

PERIOD = timedelta(days=90)
FEWEST_PERSONS = 5
"""Below this many persons a count is not told (the usual threshold of French health statistics is 5 to 11)."""

_COUNT = """
SELECT convert_from(verdict, 'UTF8')::jsonb ->> 'kind', count(*), count(DISTINCT person_id)
FROM acts_act
WHERE establishment_id = %s AND requested_at > %s AND requested_at <= %s AND rules @> to_jsonb(%s::text)
GROUP BY 1
"""


@dataclass(frozen=True)
class Count:
    """Acts of one verdict; `acts` is None where too few persons are concerned to tell."""

    verdict: VerdictKind
    acts: int | None
    persons: int | None


@dataclass(frozen=True)
class RuleCounts:
    """What a rule decided between `since` and `until`, in the order refused, asks, permitted; empty if it never did."""

    since: datetime
    until: datetime
    fewest: int
    counts: tuple[Count, ...]


def rule_counts(slug: str, rule_id: str, at: datetime) -> RuleCounts:
    """What a rule decided in the last 90 days in an establishment. Raises `NotFoundError` for an unknown one."""
    house = Establishment.objects.filter(slug=slug).first()
    if house is None:
        raise nothing_here()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [house.id, at - PERIOD, at, rule_id])
        found = {VerdictKind(kind): (acts, persons) for kind, acts, persons in cursor.fetchall()}
    counts = tuple(
        Count(kind, *(found[kind] if found[kind][1] >= FEWEST_PERSONS else (None, None)))
        for kind in (VerdictKind.REFUSED, VerdictKind.ASKS, VerdictKind.PERMITTED)
        if kind in found
    )
    return RuleCounts(at - PERIOD, at, FEWEST_PERSONS, counts)
