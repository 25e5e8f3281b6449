"""The form of every benchmark: a table for a person, and with `--json` one JSON object on the last line for a program."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec


class Goal(NamedTuple):
    """What a figure or a ratio should be: at least or at most this."""

    at_least: float | None = None
    at_most: float | None = None

    def is_met(self, value: float) -> bool:
        """Whether the value is on the right side."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def words(self) -> str:
        """The goal as a person reads it."""
        bounds = [(sign, bound) for sign, bound in (("≥", self.at_least), ("≤", self.at_most)) if bound is not None]
        return ", ".join(f"{sign} {bound:,g}" for sign, bound in bounds)


class Report(msgspec.Struct):
    """What was measured. A ratio is how many times the named alternative, measured in the same run, is slower.

    `words` explains a figure or ratio; `compared_with` names the alternative, `notes` what else a reader must know.
    """

    benchmark: str
    figures: dict[str, float]
    ratios: dict[str, float]
    goals: Mapping[str, Goal]
    words: Mapping[str, str]
    compared_with: str = ""
    notes: Sequence[str] = ()

    def as_json(self) -> str:
        """One line."""
        measured = {**self.figures, **self.ratios}
        goals = {
            key: {
                **({"at_least": goal.at_least} if goal.at_least is not None else {}),
                **({"at_most": goal.at_most} if goal.at_most is not None else {}),
                "measured": rounded(measured[key]),
                "met": goal.is_met(measured[key]),
            }
            for key, goal in self.goals.items()
        }
        return json.dumps(
            {
                "benchmark": self.benchmark,
                "machine": machine(),
                "compared_with": self.compared_with,
                "figures": {key: rounded(value) for key, value in self.figures.items()},
                "ratios": {key: rounded(value) for key, value in self.ratios.items()},
                "goals": goals,
                "words": dict(self.words),
                "notes": list(self.notes),
            },
            ensure_ascii=False,
        )

    def as_table(self) -> str:
        """Lines for a person."""
        against = f", compared with {self.compared_with}" if self.compared_with else ""
        lines = [
            f"{self.benchmark}{against}",
            f"  on {', '.join(f'{key} {value}' for key, value in machine().items())}",
        ]
        wide = max((len(key) for key in (*self.figures, *self.ratios)), default=0)
        for unit, values in ((" ", self.figures), ("×", self.ratios)):
            for key, value in values.items():
                goal = self.goals.get(key)
                verdict = "" if goal is None else f"  goal {goal.words()} {'met' if goal.is_met(value) else 'MISSED'}"
                lines.append(
                    f"  {key:<{wide}} {rounded(value):>13,.10g} {unit}{verdict}  {self.words.get(key, '')}".rstrip()
                )
        return "\n".join([*lines, *(f"  - {note}" for note in self.notes)])


def rounded(value: float) -> float:
    """Three significant digits."""
    return float(f"{value:.3g}")


def machine() -> dict[str, str | int | float]:
    """The size of the machine, without anything that names it, and how busy it was already."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    processor = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "processor": processor,
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which a share of the sorted values lies (nearest rank)."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def timed(work: Callable[[], object], repeats: int = 5) -> float:
    """Median seconds of doing `work`."""
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def fastest(work: Callable[[], object], repeats: int = 15) -> float:
    """Least seconds of doing `work`: for what only needs the processor, the moment least disturbed by others."""
    return min(timed(work, 1) for _ in range(repeats))


def run(name: str, measure: Callable[[bool], Report]) -> None:
    """Read the command line, measure (`measure(quick)`), and print."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}")
    parser.add_argument("--quick", action="store_true", help="a shorter run, for a first look")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    options = parser.parse_args()
    report = measure(options.quick)
    print(report.as_table())
    if options.json:
        print(report.as_json())
