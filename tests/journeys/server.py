"""A real server in its own process, on its own database and keys."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from colloque.ledger.keys import create_keys
from tests.databases import MIGRATED

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60.0


@dataclass
class Installation:
    """An installation that lives as long as the tests: where its database, keys and log are."""

    folder: Path
    database_url: str
    port: int

    @property
    def url(self) -> str:
        """The address people would type."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What each process of the installation is told."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COLLOQUE_", "DJANGO_", "DATABASE_"))}
        return {
            **kept,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "colloque.config.settings",
            "DATABASE_URL": self.database_url,
            "COLLOQUE_STATE_DIR": str(self.folder / "state"),
            "COLLOQUE_KEYS_DIR": str(self.folder / "keys"),
            "COLLOQUE_SECRET_KEY": "only-for-the-journeys-of-the-tests-never-elsewhere",
            "COLLOQUE_PUBLIC_URL": self.url,
            "COLLOQUE_ORIGIN": "journeys.invalid/ledger",
        }

    def run(self, *arguments: str, **told: str) -> str:
        """Run Python in the installation to its end; gives what it printed. Raises `RuntimeError` with its complaint."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *arguments],
            env={**self.environment, **told}, cwd=self.folder, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers. Raises `RuntimeError` with the end of its log."""
        log = (self.folder / "server.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "colloque", "serve", "--port", str(self.port)],
            env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/static/web/mark.svg", timeout=2):
                    return process
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        process.kill()
        process.wait()
        raise RuntimeError(f"The server did not answer:\n{self.log()[-4000:]}")

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")


def install(folder: Path, postgres: str, name: str) -> Installation:
    """A migrated, empty installation on a database of its own in the session's PostgreSQL, copied from its migrated one."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {}").format(psycopg.sql.Identifier(name)))
        made, copied = psycopg.sql.Identifier(name), psycopg.sql.Identifier(MIGRATED)
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(made, copied))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    installation = Installation(folder, postgres.replace("/postgres?", f"/{quote(name)}?"), port)
    create_keys(folder / "keys", origin="journeys.invalid/ledger")
    return installation
