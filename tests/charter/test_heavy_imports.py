"""What replay and analysis need is loaded when they are asked for, never when the site starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("polars", "z3", "numba", "numpy")
SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_commands_start_without_polars_or_z3() -> None:
    program = f"import sys; from colloque.cli import build_parser; build_parser(); print(sorted(set(sys.modules) & set({HEAVY})))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_api_and_pages_start_without_polars_or_z3(tmp_path: Path) -> None:
    program = (
        "import sys, django; django.setup(); import colloque.config.urls; "
        f"print(sorted(set(sys.modules) & set({('polars', 'z3')})))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={
            "PYTHONPATH": str(SOURCE),
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "colloque.config.settings",
            "COLLOQUE_SECRET_KEY": "only-for-this-test",
            "COLLOQUE_STATE_DIR": str(tmp_path),
            "COLLOQUE_KEYS_DIR": str(tmp_path / "keys"),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr[-800:]
