"""The report of a replay: its counts are those of the verdicts, and small ones do not show."""

from __future__ import annotations

from random import Random

import msgspec
import polars as pl
import pytest

from benchmarks.decide import acts
from colloque.charter.core.acts_table import facts_table
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.replay import NEWLY, ReplayReport, replay
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import VerdictKind

STARTER = packaged("starter")
NOT_OVER_55 = (
    '@id("not-over-55") @fr("Pas après 55 ans.") @en("Not over 55.") @origin("essai") '
    "forbid (principal, action, resource) unless { resource has age && resource.age <= 55 };\n"
)
BEFORE, AFTER = Charter.compile(1, STARTER), Charter.compile(2, STARTER + NOT_OVER_55)
ACTS = acts(3_000)


def a_table(seed: int = 1) -> pl.DataFrame:
    """Acts with a unit, a sex and a month, drawn anew for each seed."""
    draw = Random(seed)
    return facts_table(
        ACTS,
        {
            "act.id": [f"act-{n}" for n in range(len(ACTS))],
            "unit": [draw.choice(["Géraniums", "Lilas", "Nuit"]) for _ in ACTS],
            "sex": [draw.choice(["female", "male", None]) for _ in ACTS],
            "month": [draw.choice(["2026-01", "2026-02"]) for _ in ACTS],
        },
    )


TABLE = a_table()
REPORT = replay(BEFORE, AFTER, TABLE)


@pytest.mark.principle("B11")
def test_totals_are_those_of_the_verdicts() -> None:
    then, now = ([charter.decide(these).kind for these in ACTS] for charter in (BEFORE, AFTER))
    for kind, name in NEWLY.items():
        assert getattr(REPORT, name) == sum(b is kind and a is not kind for a, b in zip(then, now, strict=True))
    assert REPORT.before.refused == then.count(VerdictKind.REFUSED)
    assert REPORT.after is not None
    assert REPORT.after.asks == now.count(VerdictKind.ASKS)
    assert REPORT.newly_refused


def test_each_dimension_counts_every_act_once() -> None:
    assert [table.dimension for table in REPORT.tables] == [
        "act_kind",
        "unit",
        "age_band",
        "sex",
        "situation",
        "project",
        "month",
        "hour",
    ]
    for table in REPORT.tables:
        if not table.overlaps:
            assert sum(line.acts or 0 for line in table.lines) == len(ACTS), table.dimension
            assert sum(line.newly_refused or 0 for line in table.lines) == REPORT.newly_refused
    units = {line.value: line for line in REPORT.table("unit").lines}
    there = TABLE.filter(pl.col("unit") == "Lilas").height
    assert units["Lilas"].acts == there


def test_rules_say_how_often_they_decided_and_with_whom() -> None:
    lines = {line.rule: line for line in REPORT.rules}
    decided = [AFTER.decide(these) for these in ACTS]
    age = lines["not-over-55"]
    assert (age.status, age.before) == ("added", 0)
    assert age.after == sum("not-over-55" in verdict.rules for verdict in decided)
    by_band = {share.value: share.acts for share in age.with_whom if share.dimension == "age_band"}
    assert "18-34" not in by_band
    assert by_band["85+"] == sum(
        "not-over-55" in v.rules and (these.person.age or 0) >= 85 for v, these in zip(decided, ACTS, strict=True)
    )
    removed = {line.rule: line for line in replay(AFTER, BEFORE, TABLE).rules}["not-over-55"]
    assert (removed.status, removed.before, removed.after) == ("removed", age.after, 0)


def test_cases_are_acts_whose_verdict_changes() -> None:
    assert REPORT.cases
    for case in REPORT.cases:
        these = ACTS[int(case.act.removeprefix("act-"))]
        assert (BEFORE.decide(these).kind, AFTER.decide(these).kind) == (case.before, case.after)
        assert case.before is not case.after
        told = msgspec.json.encode(case).decode()
        assert str(these.person.id) not in told
        assert str(these.project.id) not in told


@pytest.mark.principle("E13")
def test_a_proposal_that_weighs_on_the_old_is_said_to() -> None:
    found = {(finding.dimension, finding.value): finding for finding in REPORT.findings}
    old = found["age_band", "85+"]
    assert old.effect == "newly_refused"
    assert old.rate > 2 * old.other_rate
    assert old.chance < 1e-6
    assert not any(dimension in {"sex", "unit"} for dimension, _ in found)


def test_the_report_is_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(REPORT), type=ReplayReport) == REPORT


def test_a_dimension_that_does_not_exist() -> None:
    with pytest.raises(InvalidInputError, match="colour"):
        replay(BEFORE, AFTER, TABLE, ("colour",))


def test_a_table_without_further_columns_has_fewer_dimensions() -> None:
    report = replay(BEFORE, AFTER, facts_table(ACTS[:50]))
    assert "unit" not in [table.dimension for table in report.tables]


def test_age_is_told_in_two_bands_where_finer_ones_would_all_be_hidden() -> None:
    like = next(one for one in ACTS if BEFORE.decide(one).kind is VerdictKind.PERMITTED)
    ages = [30, 40, 45, 50, 52, 54, 60, 62, 66, 68, 76, 78, 86, 88]
    few = [msgspec.structs.replace(like, person=msgspec.structs.replace(like.person, age=age)) for age in ages]
    assert {BEFORE.decide(one).kind for one in few} == {VerdictKind.PERMITTED}, "the drawn act is permitted at any age"
    lines = replay(BEFORE, AFTER, facts_table(few)).table("age_band").lines
    assert [(line.value, line.acts, line.newly_refused) for line in lines] == [("0-54", 6, 0), ("55+", 8, 8)]
    many = facts_table(few * 20)
    assert "65-74" in {line.value for line in replay(BEFORE, AFTER, many).table("age_band").lines}
    same = facts_table([one for one in few if one.person.age and one.person.age < 55])
    assert {line.value for line in replay(BEFORE, AFTER, same).table("age_band").lines} == {"18-34", "35-54"}
