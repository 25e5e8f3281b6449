"""The form of every benchmark: a table for a person, or one JSON object on the last line for a program."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec


class Goal(NamedTuple):
    """What a figure or a ratio should be: at least or at most this."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether the value is on the right side."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


class Report(msgspec.Struct):
    """What was measured. A ratio is how many times the named alternative, measured in the same run, is slower."""

    benchmark: str
    figures: Mapping[str, float]
    ratios: Mapping[str, float]
    goals: Mapping[str, Goal]
    words: Mapping[str, str]

    def as_json(self) -> str:
        """One line."""
        measured = {**self.figures, **self.ratios}
        goals = {
            key: {
                **({"at_least": goal.at_least} if goal.at_least is not None else {}),
                **({"at_most": goal.at_most} if goal.at_most is not None else {}),
                "met": goal.is_met(measured[key]),
            }
            for key, goal in self.goals.items()
        }
        return json.dumps(
            {
                "benchmark": self.benchmark,
                "machine": machine(),
                "figures": dict(self.figures),
                "ratios": dict(self.ratios),
                "goals": goals,
            }
        )

    def as_table(self) -> str:
        """Lines for a person."""
        lines = [f"{self.benchmark}, on {', '.join(f'{key} {value}' for key, value in machine().items())}"]
        for kind, values in (("", self.figures), (" times", self.ratios)):
            for key, value in values.items():
                goal = self.goals.get(key)
                verdict = "" if goal is None else (" (goal met)" if goal.is_met(value) else " (GOAL MISSED)")
                lines.append(f"  {key:<24} {value:>12,.1f}{kind}  {self.words.get(key, '')}{verdict}")
        return "\n".join(lines)


def machine() -> dict[str, str | int]:
    """The size of the machine, without anything that names it."""
    return {"cores": os.cpu_count() or 1, "system": platform.system(), "python": platform.python_version()}


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which a share of the sorted values lies (nearest rank)."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def run(name: str, measure: Callable[[bool], Report]) -> None:
    """Read the command line, measure (`measure(quick)`), and print."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--quick", action="store_true", help="a shorter run, for a first look")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    report = measure(options.quick)
    print(report.as_json() if options.json else report.as_table())
