"""Whole tables of acts against `Charter.decide`, act by act."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from benchmarks.decide import acts, more_rules
from colloque.charter.core.acts_table import facts_table
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.evaluation import evaluate
from colloque.charter.core.facts import Facts
from colloque.charter.core.rules import read_rules
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, VerdictKind
from tests.charter.acts import act
from tests.charter.strategies import facts, rule_texts

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
STARTER = Charter.compile(1, packaged("starter"), keeps=False)
PERMIT_ALL = '@id("all") @fr("Oui.") @en("Yes.") @origin("essai") permit (principal, action, resource);\n'


def _same(charter: Charter, many: list[Facts]) -> None:
    verdicts = evaluate(charter, facts_table(many), rows_at_once=64)
    for row, these in enumerate(many):
        assert verdicts.verdict(row) == charter.decide(these), these


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(st.lists(facts(), min_size=1, max_size=30))
def test_a_table_is_decided_as_each_act_is(many: list[Facts]) -> None:
    _same(STARTER, many)


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(st.data())
def test_any_charter_decides_a_table_as_each_act(data: st.DataObject) -> None:
    texts = [data.draw(rule_texts(f"drawn-{n}")) for n in range(4)]
    own = [text for text in texts if not read_rules(text)[1]]
    assume(own)
    charter = Charter.compile(1, "\n".join(own) + (PERMIT_ALL if data.draw(st.integers(0, 3)) else ""), keeps=False)
    _same(charter, data.draw(st.lists(facts(), min_size=1, max_size=8)))


ODD: list[dict[str, Any]] = [
    {"person__age": "eighty"},
    {"person__age": 2**70},
    {"person__age": -1},
    {"person__age": True},
    {"person__situations": ["minor"]},
    {"person__situations": frozenset({"minor", "wandering"})},
    {"person__choice": "maybe"},
    {"person__choice": None},
    {"presence__human_present": "yes"},
    {"presence__attested_by": 5},
    {"carer__id": 5},
    {"carer__profession": "wizard"},
    {"moment__hour": None},
    {"moment__hour": 3.5},
    {"explicit_yes__given": None},
    {"establishment__outage": 1},
    {"project__status": "resting"},
    {"project__acts": ["companion"]},
    {"project__acts": frozenset({"weaving"})},
    {"project": None},
    {"person": None},
    {"moment": None},
]


@pytest.mark.parametrize("kind", [ActKind.TELECONSULTATION, ActKind.COMPANION, ActKind.GLUCOSE])
def test_facts_that_are_not_facts_refuse_as_they_do_one_by_one(kind: ActKind) -> None:
    whole = [act(kind), *(act(kind, **broken) for broken in ODD)]
    keeping = Charter(1, STARTER.rules)
    assert sum(bool(keeping.decide(these).errors) for these in whole) > 10
    _same(keeping, whole)


def test_an_act_of_a_kind_that_is_none_is_refused() -> None:
    broken = msgspec.structs.replace(act(), act_kind="weaving")
    assert STARTER.decide(broken).errors == ("evaluation",)
    _same(STARTER, [act(), broken])


def test_the_rule_that_changed_is_the_only_one_computed() -> None:
    many = acts(500)
    table = facts_table(many)
    before = evaluate(Charter.compile(1, packaged("starter")), table)
    after = Charter.compile(2, packaged("starter") + more_rules(1))
    kept = evaluate(after, table, before)
    for rule_id, held in before.parts[0].holds.items():
        assert kept.parts[0].holds[rule_id] is held, "the mask of a rule that did not change is the one kept"
    assert [kept.verdict(row) for row in range(500)] == [after.decide(these) for these in many]
    with pytest.raises(InvalidInputError, match="another table"):
        evaluate(after, facts_table(many), before)


def test_masks_can_be_kept_in_a_file_and_used_again(tmp_path: Path) -> None:
    many = acts(700)
    table = facts_table(many)
    before = evaluate(Charter.compile(1, packaged("starter")), table, rows_at_once=256)
    before.masks().write_parquet(tmp_path / "masks.parquet")
    masks = pl.read_parquet(tmp_path / "masks.parquet")
    after = Charter.compile(2, packaged("starter") + more_rules(1))
    again = evaluate(after, table, masks=masks, rows_at_once=128)
    assert [again.verdict(row) for row in range(700)] == [after.decide(these) for these in many]
    wrong = masks.with_columns(pl.selectors.boolean().not_())
    assert evaluate(after, table, masks=wrong).count(VerdictKind.PERMITTED) == 0, "kept masks are those that are used"
    with pytest.raises(InvalidInputError, match="another table"):
        evaluate(after, facts_table(many[:5]), masks=masks)


def test_masks_and_counts_say_the_same_across_parts() -> None:
    many = acts(1_000)
    table = facts_table(many)
    one, other = evaluate(STARTER, table), evaluate(STARTER, table, rows_at_once=128)
    for rule_id in one.rule_ids:
        assert one.decided(rule_id).equals(other.decided(rule_id)), rule_id
    for kind in VerdictKind:
        expected = [STARTER.decide(these).kind is kind for these in many]
        assert other.where(kind).to_list() == expected
        assert other.count(kind) == sum(expected)


def test_no_acts_at_all() -> None:
    verdicts = evaluate(STARTER, facts_table([]))
    assert verdicts.where(VerdictKind.REFUSED).len() == 0


def test_facts_unknown_in_the_whole_table_may_have_no_column() -> None:
    draw = random.Random(4)
    kinds = draw.choices(list(ActKind), k=60)
    unknown = {"person__age": None, "person__situations": None, "presence__human_present": None, "carer__id": None}
    many = [act(kind, **unknown) for kind in kinds]
    table = facts_table(many)
    fewer = table.drop(
        "person.age", "presence.human_present", "carer.id", pl.selectors.starts_with("person.situations")
    )
    verdicts = evaluate(STARTER, fewer)
    assert [verdicts.verdict(row) for row in range(60)] == [STARTER.decide(these) for these in many]
