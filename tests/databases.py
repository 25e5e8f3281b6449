"""The migrated database from which the others of a session are copied: migrating takes seconds, copying does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MIGRATED = "migrated"
_SOURCE = Path(__file__).resolve().parents[1] / "src"


def migrate(database_url: str) -> None:
    """Run `colloque migrate` on a database. Raises `subprocess.CalledProcessError`."""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "colloque", "migrate"],
        env={**os.environ, "PYTHONPATH": str(_SOURCE), "DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=240,
    )
