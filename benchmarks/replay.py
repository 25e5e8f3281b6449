"""A proposed charter replayed on the acts that happened, against Cedar's own batch call on the same acts.

Forty rules, those of `benchmarks.decide`; the proposal adds a rule on age. Acts are drawn as there, a year of them in columns.
Cedar answers each act one after the other at a speed that does not depend on their number: it is timed on a sample of the same
acts, parsed once beforehand, with nothing counted but the call itself; its answers on the sample must be equal to ours. Ours is
timed on all acts, from columns to a verdict and its rules for each.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from functools import partial
from time import perf_counter
from typing import Any
from uuid import UUID

import cedarpy
import numpy as np
import polars as pl

from benchmarks.decide import RULES, acts, more_rules
from benchmarks.governed.installation import fresh
from benchmarks.report import Goal, Report, fastest, run
from colloque.charter.core.acts_table import checked_acts, facts_table, word_columns
from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.entities import action_entities
from colloque.charter.core.evaluation import Verdicts, evaluate
from colloque.charter.core.facts import Facts
from colloque.charter.core.formulas import ACTS, SITUATIONS
from colloque.charter.core.replay import replay
from colloque.charter.core.schema import CONTEXT, ENUMERATIONS, PRINCIPAL, RESOURCE, Attribute
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, Autonomy, ChoiceAnswer, Profession

MILLION = 1_000_000
MANY = 10 * MILLION
YEAR_OF_A_HOSPITAL, A_DAY = 3 * MILLION, 8_200
IN_A_BATCH = 2_000
SIX = ("act_kind", "unit", "age_band", "sex", "month", "hour")
NOT_OVER_55 = (
    '@id("not-over-55") @fr("Pas après 55 ans.") @en("Not over 55.") @origin("mesure") '
    "forbid (principal, action, resource) unless { resource has age && resource.age <= 55 };\n"
)


def charters() -> tuple[Charter, Charter]:
    """The forty rules, and the same with a rule on age."""
    own = packaged("starter") + more_rules(RULES - len(Charter.compile(1, packaged("starter")).rules))
    return Charter.compile(1, own), Charter.compile(2, own + NOT_OVER_55)


def a_year(count: int) -> pl.DataFrame:
    """Acts as `benchmarks.decide` draws them, in columns; with the person, the unit, the sex and the month of each."""
    draw = np.random.default_rng(20261123)

    def words(values: list[str], size: int = count, chance: Any = None) -> pl.Series:
        codes = draw.choice(len(values), size, p=chance).astype(np.uint8)
        return pl.Series(values, dtype=pl.Enum(values)).gather(pl.Series(codes).cast(pl.UInt32))

    def small(low: int, high: int, dtype: Any) -> pl.Series:
        return pl.Series(draw.integers(low, high, count, dtype=dtype))

    def texts(prefix: str, codes: Any, different: int) -> pl.Series:
        names = pl.Series([f"{prefix}{n}" for n in range(different)], dtype=pl.Categorical)
        return names.gather(pl.Series(codes))

    named = [autonomy.value for autonomy in Autonomy]
    levels = pl.Series(named, dtype=pl.Enum(named))
    projects = draw.integers(0, 4, count, dtype=np.uint32)
    carers = draw.integers(0, 20, count, dtype=np.uint32)
    present = pl.Series(draw.random(count, dtype=np.float32) < 0.5)
    columns: dict[str, Any] = {
        "act_kind": words([kind.value for kind in ActKind]),
        "project.id": texts("project-", projects, 4),
        "project.status": pl.repeat("live", count, dtype=pl.Enum(["draft", "live", "suspended"]), eager=True),
        "project.track": pl.repeat("bedside", count, dtype=pl.Enum(["system", "bedside"]), eager=True),
        "project.autonomy": levels.gather(pl.Series(projects)),
        "person.id": texts("person-", draw.integers(0, 40_000, count, dtype=np.uint32), 40_000),
        "person.age": small(0, 106, np.uint8),
        "person.choice": words([answer.value for answer in ChoiceAnswer]),
        "person.human_minutes_today": small(0, 601, np.uint16),
        "person.robot_minutes_today": small(0, 91, np.uint8),
        "carer.id": texts("carer-", carers, 20),
        "carer.profession": words([profession.value for profession in Profession]),
        "carer.attested": pl.repeat(value=True, n=count, dtype=pl.Boolean, eager=True),
        "carer.on_duty": pl.repeat(value=True, n=count, dtype=pl.Boolean, eager=True),
        "moment.hour": small(0, 24, np.uint8),
        "moment.weekday": small(1, 8, np.uint8),
        "own_assessment.made": pl.Series(draw.random(count, dtype=np.float32) < 0.7),
        "explicit_yes.given": pl.Series(draw.random(count, dtype=np.float32) < 0.3),
        "establishment.outage": pl.repeat(value=False, n=count, dtype=pl.Boolean, eager=True),
        "unit": words([f"unit-{n}" for n in range(20)]),
        "sex": words(["female", "male"]),
        "month": words([f"2026-{n:02}" for n in range(1, 13)]),
    }
    columns["presence.human_present"] = pl.select(pl.when(present).then(True)).to_series()
    columns["presence.attested_by"] = pl.select(pl.when(present).then(columns["carer.id"])).to_series()
    for name in word_columns(ACTS):
        columns[name] = pl.repeat(value=True, n=count, dtype=pl.Boolean, eager=True)
    for name in word_columns(SITUATIONS):
        columns[name] = pl.Series(draw.random(count, dtype=np.float32) < 0.06)
    return checked_acts(pl.DataFrame(columns))


def _typed(attribute: Attribute, value: Any) -> Any:
    kind = attribute.type.removeprefix("Set<").removesuffix(">")
    if isinstance(value, frozenset):
        return [{"__entity": {"type": kind, "id": one}} for one in sorted(value)]
    if kind in ENUMERATIONS:
        return {"__entity": {"type": kind, "id": value}}
    return str(value) if isinstance(value, UUID) else value


def _known(attributes: Any, source: object) -> dict[str, Any]:
    found = ((name, attribute, getattr(source, name)) for name, attribute in attributes.items())
    return {name: _typed(attribute, value) for name, attribute, value in found if value is not None}


class Batch:
    """Cedar's batch call on some acts: policies and entities parsed once, requests written beforehand."""

    def __init__(self, charter: Charter, many: list[Facts]) -> None:
        self.policies = cedarpy.PolicySet.from_str("\n".join(rule.cedar for rule in charter.rules))
        named = json.loads(cedarpy.policies_to_json_str("\n".join(rule.cedar for rule in charter.rules)))
        self.ids = {key: policy["annotations"]["id"] for key, policy in named["staticPolicies"].items()}
        entities: dict[str, Any] = {}
        self.requests = []
        for facts in many:
            principal = {"type": "AiSystem", "id": str(facts.project.id)}
            person = {"type": "Person", "id": str(facts.person.id)}
            entities[principal["id"]] = {"uid": principal, "attrs": _known(PRINCIPAL, facts.project), "parents": []}
            entities[person["id"]] = {"uid": person, "attrs": _known(RESOURCE, facts.person), "parents": []}
            for entity in action_entities(facts.act_kind):
                entities.setdefault(json.dumps(entity["uid"]), entity)
            traits = ACT_TRAITS[facts.act_kind]
            context = {
                name: _known(fields, traits if name == "act" else getattr(facts, name))
                for name, fields in CONTEXT.items()
            }
            action = {"type": "Action", "id": facts.act_kind.value}
            self.requests.append(
                {"principal": principal, "action": action, "resource": person, "context": json.dumps(context)}
            )
        self.entities = cedarpy.Entities.from_json_str(json.dumps(list(entities.values())))

    def answer(self) -> list[Any]:
        """Cedar's answers."""
        return cedarpy.is_authorized_batch(self.requests, self.policies, self.entities)

    def must_equal(self, verdicts: Verdicts) -> None:
        """Decision, reasons and errors of each act are those of our masks. Raises `AssertionError`."""
        effects = {rule.id: rule.effect for rule in verdicts.charter.rules}
        for row, result in enumerate(self.answer()):
            held, errs = verdicts.by_rule(row)
            forbids = {rule_id for rule_id in held if effects[rule_id] == "forbid"}
            assert {self.ids[reason] for reason in result.diagnostics.reasons} == (forbids or set(held)), row
            assert len(result.diagnostics.errors) == len(errs), row
            assert result.allowed is (bool(held) and not forbids), row


def ten_million(count: int) -> None:
    """Printed as JSON, in a process of its own so that its memory is its own: seconds and MB of a full report."""
    table = a_year(count)
    before, after = charters()
    seconds = []
    for _ in range(2):
        begun = perf_counter()
        report = replay(before, after, table, SIX)
        seconds.append(perf_counter() - begun)
    assert report.newly_refused
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {"seconds": seconds[0], "again": min(seconds), "peak_mb": peak, "data_mb": table.estimated_size("mb")}
        )
    )


def page_year(rounds: int) -> dict[str, Any]:
    """A year of a 1 000-bed hospital through the action behind the page, in an installation of its own."""
    with fresh() as made:
        told = made.module("benchmarks.governed.kept_year", str(YEAR_OF_A_HOSPITAL), str(A_DAY), str(rounds))
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def measure(quick: bool) -> Report:
    """Decide a million acts; ten million before and after, in a process of its own; then a hospital's year on the page."""
    command = [sys.executable, "-c", f"from benchmarks.replay import ten_million; ten_million({MANY})"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # first: a process inherits a peak
    whole = json.loads(done.stdout)
    page = page_year(3 if quick else 7)
    before, after = charters()
    table = a_year(MILLION)
    ours = fastest(partial(evaluate, after, table), 5 if quick else 15)
    kept = evaluate(before, table)
    changed = fastest(partial(evaluate, after, table, kept), 5 if quick else 15)
    sample = acts(10_000 if quick else 50_000)
    theirs = 0.0
    for first in range(0, len(sample), IN_A_BATCH):
        some = sample[first : first + IN_A_BATCH]
        batch = Batch(after, some)
        begun = perf_counter()
        batch.answer()
        theirs += (perf_counter() - begun) / len(sample)
        batch.must_equal(evaluate(after, facts_table(some)))
    threads = pl.thread_pool_size()
    return Report(
        "replay",
        {
            "acts_per_s": MILLION / ours,
            "changed_rule_ms": changed * 1e3,
            "seconds_10m": whole["seconds"],
            "peak_mb_10m": whole["peak_mb"],
            "data_mb_10m": whole["data_mb"],
            "cedarpy_acts_per_s": 1 / theirs,
            "page_year_seconds": page["seconds"],
            "page_year_first_seconds": page["first"],
            "page_year_peak_mb": page["peak_mb"],
            "page_year_stored_mb": page["stored_mb"],
        },
        {"cedarpy": theirs * MILLION / ours},
        {
            "cedarpy": Goal(at_least=800),
            "changed_rule_ms": Goal(at_most=30),
            "seconds_10m": Goal(at_most=3),
            "peak_mb_10m": Goal(at_most=3_000),
            "page_year_seconds": Goal(at_most=1),
        },
        {
            "acts_per_s": f"acts decided anew per second, {len(after.rules)} rules, {threads} threads",
            "changed_rule_ms": "a million acts when one rule changed and the masks of the others are kept",
            "seconds_10m": "ten million acts, before and after, report by six dimensions, from columns in memory",
            "peak_mb_10m": "greatest memory of that process, the table of acts and its making included",
            "data_mb_10m": "of which the table of acts",
            "cedarpy_acts_per_s": "acts Cedar's batch call answers per second",
            "page_year_seconds": f"replay page: {page['acts']:,} acts, {A_DAY:,} of them from their rows, all told and recorded",
            "page_year_first_seconds": "the same, the first time in a process",
            "page_year_peak_mb": "greatest memory of that process, its filling included",
            "page_year_stored_mb": "what the database keeps of that year, sealed",
            "cedarpy": "slower: cedarpy.is_authorized_batch on one thread, policies and entities parsed once",
        },
        compared_with="cedarpy.is_authorized_batch",
        notes=(
            f"cedarpy was timed on {len(sample):,} acts, {IN_A_BATCH:,} in a batch",
            "its decisions, reasons and errors on them equal ours",
            f"our time is for {MILLION:,} acts on {threads} threads; cedarpy uses one",
        ),
    )


if __name__ == "__main__":
    run("replay", measure)
