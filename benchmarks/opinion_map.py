"""The opinion map: from votes to groups, z-tests and the statements that represent them.

The alternative is red-dwarf, the reference implementation of Polis's mathematics in Python, by its own entry point
(`run_pipeline`: PCA, k-means for two to five groups with silhouettes, z-tests, selection of statements). Both start from the
same votes in memory and try the same numbers of groups; ours tries each with resampling too. Each side runs in a process of
its own; its memory is the peak above what the loaded libraries and the votes took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.report import Goal, Report, percentile, run


class Size(NamedTuple):
    """People, statements, votes."""

    people: int
    statements: int
    votes: int


SIZES = {
    "20k": Size(20_000, 500, 1_000_000),
    "100k": Size(100_000, 1_000, 5_000_000),
    "50m": Size(1_000_000, 1_000, 50_000_000),
    "500m": Size(10_000_000, 1_000, 500_000_000),
}


def drawn(size: Size, is_shuffled: bool = False) -> tuple[Any, Any, Any]:
    """Votes of four camps (40, 30, 20 and 10 %), a quarter of them at random; columns in order of people, as a database
    keyed by person gives them, or shuffled."""
    import numpy as np

    draw = np.random.default_rng(20261123)
    camps = draw.choice(4, size.people, p=[0.4, 0.3, 0.2, 0.1])
    opinions = draw.choice(np.array([-1, 0, 1], np.int8), (4, size.statements), p=[0.42, 0.16, 0.42])
    each = size.votes // size.people
    people = np.repeat(np.arange(size.people, dtype=np.int32), each)
    statements, values = np.empty(size.votes, np.int32), np.empty(size.votes, np.int8)
    strides = np.array([1, 3, 7, 9, 11, 13, 17, 19, 21, 23])
    for low in range(0, size.people, 50_000):
        camp = camps[low : low + 50_000, None]
        asked = (
            draw.integers(0, size.statements, camp.shape) + np.arange(each) * draw.choice(strides, camp.shape)
        ) % size.statements
        votes = np.where(draw.random(asked.shape) < 0.25, draw.integers(-1, 2, asked.shape), opinions[camp, asked])
        statements[low * each : (low + len(camp)) * each] = asked.ravel()
        values[low * each : (low + len(camp)) * each] = votes.ravel()
    if is_shuffled:
        order = draw.permutation(size.votes)
        return people[order], statements[order], values[order]
    return people, statements, values


def _memory(key: str) -> float:
    """VmRSS or VmHWM of this process in megabytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _taken(work: Callable[[], object]) -> dict[str, float]:
    """Seconds of doing the work once, and the peak of memory meanwhile above what was there before."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _memory("VmRSS")
    begun = perf_counter()
    work()
    return {
        "seconds": perf_counter() - begun,
        "mb": _memory("VmHWM") - before,
        "peak_mb": _memory("VmHWM"),
        "load": os.getloadavg()[0],
    }


def ours(size: Size, repeats: int) -> dict[str, float]:
    """Table and map, the fastest of some runs; compiled before."""
    from colloque.consultations.core.opinion.engine import compute_map
    from colloque.consultations.core.opinion.values import MapSettings, VoteTable

    settings = MapSettings(k_max=5)
    compute_map(VoteTable.from_votes(*drawn(Size(3_000, 80, 60_000))), (), settings)
    votes = drawn(size)

    def whole() -> None:
        found, _ = compute_map(VoteTable.from_votes(*votes), (), settings)
        assert found.k >= 2, "there are camps to find"

    runs = [_taken(whole) for _ in range(repeats)]
    return {**min(runs, key=lambda each: each["seconds"]), "mb": max(each["mb"] for each in runs)}


def theirs(size: Size) -> dict[str, float]:
    """red-dwarf, once."""
    import warnings

    warnings.simplefilter("ignore")
    from reddwarf.implementations.polis import run_pipeline

    columns = (column.tolist() for column in drawn(size))
    votes = [
        {"participant_id": person, "statement_id": statement, "vote": vote, "modified": 0}
        for person, statement, vote in zip(*columns, strict=True)
    ]
    return _taken(lambda: run_pipeline(votes=votes, random_state=1))


def large(size: Size) -> dict[str, float]:
    """A million people or ten: the table, then the map; peak memory of the whole process, votes included."""
    import numpy as np

    from colloque.consultations.core.opinion.engine import compute_map
    from colloque.consultations.core.opinion.values import VoteTable

    compute_map(VoteTable.from_votes(*drawn(Size(3_000, 80, 60_000))), ())
    people, statements, values = drawn(size)
    begun = perf_counter()
    table = VoteTable.from_votes(people, statements, values)
    filled = perf_counter()
    del people, statements, values
    found, _ = compute_map(table, ())
    done = perf_counter()
    assert found.k >= 2
    assert found.people == size.people
    assert np.isfinite(found.variance_explained).all()
    return {"table": filled - begun, "map": done - filled, "peak_mb": _memory("VmHWM"), "load": os.getloadavg()[0]}


def refreshing(size: Size) -> dict[str, float]:
    """From a vote to refreshed axes, among the votes of many: median and one in twenty."""
    import numpy as np

    from colloque.consultations.core.opinion.covotes import LivingVotes
    from colloque.consultations.core.opinion.values import VoteTable

    living = LivingVotes(VoteTable.from_votes(*drawn(size)))
    draw = np.random.default_rng(1)
    taken = []
    for _ in range(60):
        vote = (int(draw.integers(size.people)), int(draw.integers(size.statements)), int(draw.integers(-1, 2)))
        begun = perf_counter()
        living.refresh([vote])
        taken.append((perf_counter() - begun) * 1e3)
    ordered = sorted(taken[10:])
    return {"ms": percentile(ordered, 0.5), "ms_p95": percentile(ordered, 0.95), "load": os.getloadavg()[0]}


def apart(task: str, name: str) -> dict[str, float]:
    """One task in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.opinion_map", "--task", task, "--size", name],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(quick: bool) -> Report:
    """Both sides at twenty thousand and a hundred thousand people; a million people; a vote.

    Red-dwarf is measured in the same run, or its ratio is left out: a quick run leaves out a hundred thousand people of
    red-dwarf's, and ten million of ours.
    """
    names = ("20k", "100k")
    mine = {name: apart("ours", name) for name in names}
    other = {name: apart("theirs", name) for name in (names[:1] if quick else names)}
    million, live = apart("large", "50m"), apart("refreshing", "100k")
    ten_million = {} if quick else apart("large", "500m")
    notes = [
        f"red-dwarf, {name}: {each['seconds']:.1f} s, {each['mb']:,.0f} MB, measured in this run under load {each['load']:.1f}"
        for name, each in other.items()
    ]
    notes += [f"red-dwarf, {name}: only a full run measures it" for name in names if name not in other]
    loads = [mine["20k"]["load"], mine["100k"]["load"], million["load"], live["load"]]
    notes += [f"ours under load {', '.join(f'{load:.1f}' for load in loads)} (20k, 100k, 50m, a vote)"]
    goals = {
        "seconds_50m": Goal(at_most=4),
        "peak_mb_50m": Goal(at_most=1536),
        "refresh_ms": Goal(at_most=10),
    }
    for name, goal in (("20k", 75), ("100k", 600)):
        if name in other:
            goals |= {f"people_{name}": Goal(at_least=goal), f"memory_{name}": Goal(at_least=10)}
    return Report(
        "opinion_map",
        {
            "seconds_20k": mine["20k"]["seconds"],
            "seconds_100k": mine["100k"]["seconds"],
            "seconds_50m": million["map"],
            "table_seconds_50m": million["table"],
            "peak_mb_50m": million["peak_mb"],
            "refresh_ms": live["ms"],
            "refresh_p95_ms": live["ms_p95"],
        }
        | ({"seconds_500m": ten_million["map"], "peak_mb_500m": ten_million["peak_mb"]} if ten_million else {}),
        {f"people_{name}": each["seconds"] / mine[name]["seconds"] for name, each in other.items()}
        | {f"memory_{name}": each["mb"] / max(1.0, mine[name]["mb"]) for name, each in other.items()},
        goals,
        {
            "seconds_20k": "20 000 people, 500 statements, 1 M votes: table and map",
            "seconds_100k": "100 000 people, 1 000 statements, 5 M votes: table and map",
            "seconds_50m": "1 M people, 1 000 statements, 50 M votes: from the table to the whole map",
            "table_seconds_50m": "the same votes into the table of last votes, in order of people",
            "peak_mb_50m": "peak memory of the whole process, votes included",
            "seconds_500m": "10 M people, 1 000 statements, 500 M votes: from the table to the whole map",
            "peak_mb_500m": "the same: peak memory of the whole process, votes included",
            "refresh_ms": "from a vote to refreshed axes, 100 000 people × 1 000 statements, median",
            "refresh_p95_ms": "the same, one in twenty takes longer",
            "people_20k": "slower: red-dwarf, whole pipeline",
            "people_100k": "slower: red-dwarf, whole pipeline",
            "memory_20k": "more memory: red-dwarf, above what the votes took",
            "memory_100k": "more memory: red-dwarf, above what the votes took",
        },
        compared_with="red-dwarf 0.4.0",
        notes=notes,
    )


if __name__ == "__main__":
    if "--task" in sys.argv:
        task, name = sys.argv[sys.argv.index("--task") + 1], sys.argv[sys.argv.index("--size") + 1]
        work: dict[str, Callable[[Size], dict[str, float]]] = {
            "ours": lambda size: ours(size, 3),
            "theirs": theirs,
            "large": large,
            "refreshing": refreshing,
        }
        print(json.dumps(work[task](SIZES[name])))
    else:
        run("opinion_map", measure)
