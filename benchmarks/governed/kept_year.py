"""A year of a 1 000-bed hospital on the replay page: three million acts kept as columns, those of today in their rows.

python -m benchmarks.governed.kept_year ACTS TODAY ROUNDS, in an installation with the rows of `benchmarks.governed.seed`.
Prints JSON.
"""

from __future__ import annotations

import json
import resource
import secrets
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import polars as pl

from benchmarks.governed.seed import LONG_AGO, SLUG, fill


def main() -> None:
    """Fill the installation, keep the year, replay."""
    import django

    django.setup()
    total, today, rounds = (int(word) for word in sys.argv[1:4])
    fill("http://127.0.0.1:9", {"keys": []})
    from colloque.acts.actions import replay_proposal
    from colloque.acts.queries.kept import year_of
    from colloque.charter.models import ReplayRecord
    from colloque.people.models import Establishment

    house = Establishment.objects.get(slug=SLUG)
    at = datetime.now(UTC)
    proposal, author = _proposal(house, at)
    begun = perf_counter()
    _keep(house, year_of(house, at), total)
    kept_in = perf_counter() - begun
    _rows_of_today(house, year_of(house, at), today, at)
    seconds, acts = [], 0
    for _ in range(rounds):
        begun = perf_counter()
        at_once = replay_proposal(proposal, by=author, at=datetime.now(UTC))
        seconds.append(perf_counter() - begun)
        acts = ReplayRecord.objects.latest("at").acts
        assert at_once, "the page would not wait"
    size = _stored()
    print(
        json.dumps(
            {
                "first": seconds[0],
                "seconds": min(seconds),
                "all": seconds,
                "acts": acts,
                "stored_mb": size,
                "filled_s": kept_in,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _stored() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(length(content)) / 1e6 FROM acts_keptacts")
        return float(cursor.fetchone()[0])


def _proposal(house: Any, at: datetime) -> tuple[Any, Any]:
    from benchmarks.replay import NOT_OVER_55, charters
    from colloque.charter.models import CharterVersion, RuleProposal
    from colloque.people.models import Account, Membership

    author = Account.objects.create(email="ethics@banc.example")
    Membership.objects.create(account=author, establishment=house, role="ethics-member", valid_from=LONG_AGO)
    before, _ = charters()
    cedar = "\n".join(rule.cedar for rule in before.rules if not rule.is_constitution) + "\n"
    CharterVersion.objects.create(
        establishment=house, number=2, cedar=cedar, proposed_by=author, proposed_at=LONG_AGO, adopted_by=author,
        adopted_at=LONG_AGO,
    )  # fmt: skip
    proposal = RuleProposal.objects.create(
        establishment=house, kind="new", rule_id="not-over-55", cedar=NOT_OVER_55, words_fr="Pas après 55 ans.",
        words_en="Not over 55.", purpose="Mesurer.", origin_kind="other", proposed_by=author, proposed_at=at,
    )  # fmt: skip
    proposal.authors.set([author])
    return proposal, author


def _keep(house: Any, year: Any, total: int) -> None:
    """The year's acts, as `benchmarks.replay` draws them, spread evenly over its days."""
    from benchmarks.replay import a_year
    from colloque.acts.actions.keeping import _keep as keep
    from colloque.charter.core.kept_acts import DAY, compact, days_since_1970
    from colloque.ledger.actions import subject_key
    from colloque.people.models import Unit

    units = [Unit.objects.create(establishment=house, slug=f"u-{n}", name=f"Service {n}") for n in range(20)]
    ids = pl.Series([str(unit.id) for unit in units])
    key, table = subject_key(house.id), a_year(total)
    table = table.with_columns(ids.gather(table["unit"].to_physical()).cast(pl.Categorical).alias("unit")).drop("month")
    first = min(span.since for span in year.spans)
    days = (max(span.until for span in year.spans) - first).days
    for span in year.spans:
        begin, end = (total * (day - first).days // days for day in (span.since, span.until))
        part = table.slice(begin, end - begin)
        held = pl.Series(DAY, [days_since_1970(first) + (begin + n) * days // total for n in range(part.height)])
        keep(house, span, compact(part.with_columns(held)), key)


def _rows_of_today(house: Any, year: Any, count: int, at: datetime) -> None:
    from benchmarks.decide import acts
    from colloque.acts.models import Act
    from colloque.charter.models import CharterVersion
    from colloque.kernel.canonical import canonical_json
    from colloque.kernel.sealing import seal
    from colloque.ledger.queries import find_subject_keys
    from colloque.patients.core.identity import Identity, Sex, about_identity, identity_bytes
    from colloque.patients.models import Identity as IdentityRow
    from colloque.patients.models import Person
    from colloque.projects.models import Service

    service = Service.objects.get(project__establishment=house)
    people: list[UUID] = list(Person.objects.filter(establishment=house).values_list("id", flat=True))
    keys = find_subject_keys(people)
    IdentityRow.objects.bulk_create(
        IdentityRow(
            person_id=person,
            sealed=seal(
                keys[person],
                identity_bytes(Identity("A", "B", None, Sex.FEMALE)),
                about=about_identity(person),
                random_bytes=secrets.token_bytes,
            ),
        )
        for person in people
    )
    charter = CharterVersion.objects.filter(establishment=house).latest("number")
    step = (at - year.newest) / max(count, 1)
    Act.objects.bulk_create(
        (
            Act(
                establishment=house, project=service.project, service=service, person_id=people[n % len(people)],
                charter=charter, act_kind=facts.act_kind, state="expired",
                requested_at=min(year.newest + n * step, at - timedelta(microseconds=1)), facts=canonical_json(facts),
                verdict=b"{}", entry=uuid4(),
            )
            for n, facts in enumerate(acts(count))
        ),
        batch_size=2_000,
    )  # fmt: skip


if __name__ == "__main__":
    main()
