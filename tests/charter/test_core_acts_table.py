"""The table of acts: from facts of any release, to Parquet and back, whatever is wrong with it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from benchmarks.decide import acts
from colloque.charter.core import acts_table
from colloque.charter.core.acts_table import checked_acts, facts_table, read_acts, write_acts
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.evaluation import evaluate
from colloque.charter.core.facts import Facts
from colloque.charter.core.replay import replay
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import VerdictKind
from tests.charter.acts import act
from tests.charter.against_cedar import random_acts

STARTER = Charter.compile(1, packaged("starter"))
MANY = [*acts(150), *random_acts(150, 3)]


def test_facts_and_their_canonical_json_give_the_same_table() -> None:
    lines = [msgspec.json.encode(these) for these in MANY]
    as_mappings = [msgspec.json.decode(line) for line in lines]
    table = facts_table(MANY)
    assert table.equals(facts_table(lines))
    assert table.equals(facts_table(line.decode() for line in lines))
    assert table.equals(facts_table(as_mappings))


def test_stored_facts_are_read_the_short_way() -> None:
    """The long way gives the same table and takes several times as long; canonical facts never need it."""
    for these in MANY:
        assert acts_table._typed.decode(msgspec.json.encode(these)).act_kind == these.act_kind


def test_parquet_and_back(tmp_path: Path) -> None:
    table = facts_table(MANY, {"unit": ["Lilas", None] * 150, "month": ["2026-01"] * 300})
    path = tmp_path / "acts.parquet"
    write_acts(table, path)
    assert read_acts(path).equals(table)
    kept = io.BytesIO()
    write_acts(table, kept)
    kept.seek(0)
    assert read_acts(kept).equals(table)


def test_a_table_written_by_another_tool_is_decided_alike(tmp_path: Path) -> None:
    """Plain texts, wide numbers, columns in another order, no column of our own making."""
    table = facts_table(MANY)
    plain = table.drop("act_declared").with_columns(
        pl.selectors.by_dtype(pl.Int32).cast(pl.Int64),
        pl.selectors.categorical().cast(pl.String),
        pl.selectors.enum().cast(pl.String),
    )
    path = tmp_path / "acts.parquet"
    plain.select(sorted(plain.columns)).write_parquet(path)
    ours, theirs = evaluate(STARTER, table), evaluate(STARTER, read_acts(path))
    assert [ours.verdict(row) for row in range(300)] == [theirs.verdict(row) for row in range(300)]


def _older(these: Facts, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(these)
    for name, value in changes.items():
        part, _, field = name.partition("__")
        (row[part] if field else row)[field or part] = value
    return row


def test_facts_of_an_older_release_are_read_through_its_upgrade() -> None:
    """As though version 2 were current, and version 1 had called the situations a state."""
    row = _older(act())
    row["person"]["state"] = row["person"].pop("situations", [])

    def upgrade(old: dict[str, Any]) -> dict[str, Any]:
        person = dict(old["person"])
        person["situations"] = person.pop("state")
        return {**old, "person": person, "v": 2}

    unread = evaluate(STARTER, facts_table([row]))
    assert unread.verdict(0).kind is not VerdictKind.PERMITTED, "what is not known refuses"
    assert evaluate(STARTER, facts_table([row], upgrades={1: upgrade})).verdict(0) == STARTER.decide(act())


def test_words_that_no_longer_exist_refuse_and_are_counted() -> None:
    rows = [_older(act(), person__situations=["wandering"]), _older(act(), act_kind="weaving"), _older(act())]
    table = facts_table(rows * 6)
    verdicts = evaluate(STARTER, table)
    assert [verdicts.verdict(row).errors for row in range(3)] == [("evaluation",), ("evaluation",), ()]
    assert replay(STARTER, STARTER, table).unreadable == 12


def test_a_fact_that_no_longer_exists_is_not_read() -> None:
    assert evaluate(STARTER, facts_table([_older(act(), person__mood="fine")])).verdict(0) == STARTER.decide(act())


def test_facts_of_a_later_release_are_not_guessed() -> None:
    with pytest.raises(InvalidInputError, match="later release"):
        facts_table([_older(act(), v=2)])


@pytest.mark.parametrize("row", ["{", "[]", "3", b"\xff"])
def test_what_is_not_facts_is_said(row: str | bytes) -> None:
    with pytest.raises(InvalidInputError, match="not"):
        facts_table([row])


def test_further_columns_have_as_many_rows() -> None:
    with pytest.raises(InvalidInputError, match="unit"):
        facts_table(MANY, {"unit": ["Lilas"]})


def test_a_file_that_is_not_parquet(tmp_path: Path) -> None:
    path = tmp_path / "acts.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(InvalidInputError, match="Parquet"):
        read_acts(path)
    with pytest.raises(InvalidInputError, match="Parquet"):
        read_acts(tmp_path / "nowhere.parquet")


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda t: t.drop("act_kind"), "act_kind"),
        (lambda t: t.drop("moment.hour"), "moment.hour"),
        (lambda t: t.drop("project.status"), "project.status"),
        (lambda t: t.drop("person.situations/birth"), "person.situations/birth"),
        (lambda t: t.with_columns(pl.lit("old").alias("person.age")), "person.age"),
        (lambda t: t.with_columns(pl.lit(1).alias("carer.attested")), "carer.attested"),
        (lambda t: t.with_columns(pl.lit(1).alias("person.choice")), "person.choice"),
    ],
)
def test_a_table_that_is_not_one_of_acts_names_the_column(broken: Any, said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_acts(broken(facts_table(MANY)))
    assert said in caught.value.message


def test_a_number_out_of_range_is_unreadable_not_unknown() -> None:
    table = facts_table([act(), act()]).with_columns(pl.Series("person.age", [45, -3]))
    verdicts = evaluate(STARTER, checked_acts(table))
    assert verdicts.verdict(0) == STARTER.decide(act())
    assert verdicts.verdict(1).errors == ("evaluation",)
