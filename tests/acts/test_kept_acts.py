"""Finished days kept as columns: always what the rows would give, and nothing of somebody who was erased."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import polars as pl
import pytest
from django.utils import timezone
from polars.testing import assert_frame_equal

from colloque.acts import actions
from colloque.acts.actions import keeping
from colloque.acts.models import Act, KeptActs
from colloque.acts.queries import kept
from colloque.acts.queries.facts import facts_table_of, units_of
from colloque.charter.core import kept_acts
from colloque.charter.models import ReplayRecord
from colloque.kernel.canonical import canonical_json
from colloque.kernel.vocabulary import Role
from colloque.ledger.queries import find_subject_key
from colloque.patients.actions import ask_erasure, carry_out_erasure
from colloque.patients.models import Person
from tests.acts.test_replay import CLOSED, _acts
from tests.acts.world import World, a_world
from tests.charter.acts import act as facts_like
from tests.charter.committee import committee, proposed
from tests.people.houses import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(keeping, "KEEP_FROM", 10)
    made = a_world()
    _acts(made)
    return made


def _rebuilt(world: World, at: datetime) -> pl.DataFrame:
    year = kept.year_of(world.house, at)
    rows = facts_table_of(world.house.id, year.since, year.until)
    return kept_acts.joined([rows], year.first, units_of(world.house.id))


def _same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """Equal in every fact, whatever the width of numbers and the way words are listed."""

    def plain(table: pl.DataFrame) -> pl.DataFrame:
        odd = [name for name in table.columns if name.startswith("odd/") and not table[name].any()]
        words = [name for name in table.columns if table[name].dtype in (pl.Categorical, pl.Enum)]
        numbers = [name for name in table.columns if table[name].dtype.is_integer()]
        return (
            table.drop(odd)
            .with_columns(pl.col(words).cast(pl.String), pl.col(numbers).cast(pl.Int64))
            .select(sorted(set(table.columns) - set(odd)))
        )

    assert_frame_equal(plain(one), plain(other))


def _kept(world: World, at: datetime) -> pl.DataFrame:
    return keeping.table_of(kept.year_of(world.house, at))


def _late(world: World, at: datetime, person: Person | None = None) -> Act:
    facts = facts_like(person__id=(person or world.person).id, project__id=world.project.id, person__age=71)
    return Act.objects.create(
        establishment=world.house,
        project=world.project,
        service=world.service,
        person=person or world.person,
        owner=world.carer,
        charter=world.charter,
        act_kind=facts.act_kind,
        state="expired",
        requested_at=at,
        facts=canonical_json(facts),
        verdict=b"{}",
        entry=uuid4(),
    )


def test_what_is_kept_is_what_the_rows_give(world: World) -> None:
    now = timezone.now()
    first = _kept(world, now)
    _same(first, _rebuilt(world, now))
    assert first.height == 90
    assert KeptActs.objects.count() > 12
    read: list[int] = []
    again = keeping.table_of(kept.year_of(world.house, now), read.append)
    _same(again, first)
    assert sum(read) <= 3, "only the newest acts are read from their rows"
    assert keeping.acts_to_read(kept.year_of(world.house, now)) == sum(read)


def test_days_become_a_month_of_which_only_the_others_are_read(world: World) -> None:
    now = timezone.now()
    _kept(world, now)
    later = now + timedelta(days=40)
    read: list[int] = []
    table = keeping.table_of(kept.year_of(world.house, later), read.append)
    _same(table, _rebuilt(world, later))
    assert sum(read) <= 6
    ends = list(KeptActs.objects.order_by("since").values_list("since", "until"))
    assert all(until <= since for (_, until), (since, _) in pairwise(ends)), "parts never overlap"


def test_an_act_written_late_or_changed_makes_its_day_anew(world: World) -> None:
    now = timezone.now()
    before = _kept(world, now)
    parts = KeptActs.objects.count()
    late = _late(world, now - timedelta(days=50))
    assert KeptActs.objects.count() == parts - 1, "the database itself forgets the part"
    after = _kept(world, now)
    assert after.height == before.height + 1
    _same(after, _rebuilt(world, now))
    changed = facts_like(person__id=world.person.id, project__id=world.project.id, person__age=12)
    late.facts = canonical_json(changed)
    late.save()
    assert 12 in _kept(world, now)["person.age"].to_list()
    parts = KeptActs.objects.count()
    late.closed_at = now
    late.save()
    assert KeptActs.objects.count() == parts, "what is no fact changes nothing of what is kept"
    late.delete()
    _same(_kept(world, now), before)


@pytest.mark.principle("C13")
def test_nothing_kept_outlives_an_erasure(world: World) -> None:
    now = timezone.now()
    patient = member("jeanne@example.org", world.house, Role.PATIENT)
    world.person.account = patient
    world.person.save()
    officer = member("dpo@example.org", world.house, Role.DATA_PROTECTION_OFFICER)
    _late(world, now - timedelta(days=100))
    _late(world, now - timedelta(days=3))
    assert _kept(world, now)["person.age"].to_list().count(71) == 2
    carry_out_erasure(ask_erasure(world.person, by=patient, at=now), by=officer, at=now)
    key = find_subject_key(world.house.id)
    assert key is not None
    held = kept.held(kept.year_of(world.house, now))
    tables = [kept.read_part(world.house, span, key.key) for span in held]
    assert tables, "what has nothing of hers stays"
    assert all(table is not None and 71 not in table["person.age"].to_list() for table in tables)
    after = _kept(world, now)
    _same(after, _rebuilt(world, now))
    mine = after.filter(pl.col("person.id").cast(pl.String) == str(world.person.id))
    assert mine.height == 2
    assert mine["person.age"].null_count() == mine["sex"].null_count() == 2


def test_another_vocabulary_or_another_timezone_makes_all_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    before = _kept(world, now)
    monkeypatch.setattr(kept_acts, "LAYOUT", 2)
    year = kept.year_of(world.house, now)
    assert keeping.acts_to_read(year) == 90
    _same(_kept(world, now), before)
    shapes = set(KeptActs.objects.values_list("shape", flat=True))
    assert shapes == {kept.shape(world.house)}
    world.house.timezone = "Pacific/Noumea"
    world.house.save()
    _same(_kept(world, now), _rebuilt(world, now))


def test_what_was_tampered_with_is_read_from_the_rows(world: World) -> None:
    now = timezone.now()
    before = _kept(world, now)
    for part in KeptActs.objects.all():
        part.content = bytes(part.content)[:-1] + b"\x00"
        part.save()
    _same(_kept(world, now), before)


def test_what_is_kept_lies_sealed(world: World) -> None:
    _kept(world, timezone.now())
    for part in KeptActs.objects.all():
        assert b"person.age" not in bytes(part.content)
        assert b"PAR1" not in bytes(part.content)[:64]


def test_the_server_keeps_a_part_at_a_time(world: World) -> None:
    now = timezone.now()
    wanted = len(kept.year_of(world.house, now).spans)
    assert keeping.keep_one_part(at=now, at_most=0) + keeping.keep_one_part(at=now) >= 1
    for _ in range(wanted):
        keeping.keep_one_part(at=now)
    assert KeptActs.objects.count() == wanted
    assert keeping.keep_one_part(at=now) == 0


def test_a_replay_on_kept_acts_says_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sitting, now = committee(world.house), timezone.now()
    proposal = proposed(sitting, CLOSED, at=now)
    monkeypatch.setattr(keeping, "KEEP_FROM", 10_000)
    actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    monkeypatch.setattr(keeping, "KEEP_FROM", 10)
    for _ in range(2):
        actions.replay_proposal(proposal, by=sitting.nurse, at=now)
    reports = [row.report for row in ReplayRecord.objects.order_by("at")]
    assert len(reports) == 3
    assert reports[0]["replay"]["newly_refused"] == reports[1]["replay"]["newly_refused"] == 51
    told = [(report["replay"], report["said_yes"]) for report in reports]
    assert told[0] == told[1] == told[2]
