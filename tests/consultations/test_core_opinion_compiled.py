"""Compiled loops run where nothing can be written, and do not hold up a server."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from colloque.consultations.core.opinion import compiled as compiled_module
from colloque.consultations.core.opinion.compiled import spread

FUNCTION = """
from compiled_copy import compiled

@compiled
def doubled(number):
    return 2 * number

print(doubled(21))
"""


def test_a_read_only_installation_computes_all_the_same(tmp_path: Path) -> None:
    shutil.copy(str(compiled_module.__file__), tmp_path / "compiled_copy.py")
    (tmp_path / "program.py").write_text(FUNCTION, encoding="utf-8")
    (tmp_path / "__pycache__").write_text(
        "a file where the folder would be: nothing can be kept here", encoding="utf-8"
    )
    nowhere = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null/cache", "PATH": ""}
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")], capture_output=True, text=True, check=False, env=nowhere
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "42"


def test_chunks_depend_on_the_data_alone_and_come_back_in_order() -> None:
    for threads in (1, 2, 5):
        assert spread(lambda low, high: (low, high), 10, 4, threads) == [(0, 4), (4, 8), (8, 10)]
    assert spread(lambda low, high: (low, high), 0, 4, 2) == []


def test_two_maps_may_be_computed_at_once() -> None:
    from colloque.consultations.core.opinion.engine import compute_map
    from tests.consultations.test_core_opinion_engine import population

    table, _ = population((80, 40), statements=30)
    once = compute_map(table, ())[0].to_json()
    with ThreadPoolExecutor(4) as pool:
        assert {made[0].to_json() for made in pool.map(lambda _: compute_map(table, ()), range(8))} == {once}
    assert np.isfinite(table.values).all()
