"""An installation that faults happen to: its database, keys, servers and AI, each a real process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from django.db import connection
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from colloque.acts.ai import read_signer
from colloque.config.environment import database_from_url
from tests.faults.cluster import Cluster
from tests.gateway.ehr import Answer, Ehr
from tests.journeys.server import ROOT

READY_WITHIN_S = 40.0
STOPS_WITHIN_S = 15.0
SERVICE = "fall-checklist"

Process: TypeAlias = "subprocess.Popen[bytes]"


def free_port() -> int:
    """A loopback port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """One installation. `known` holds what tests need of the rows in it: slug, system, service, issuer, patients."""

    folder: Path
    cluster: Cluster
    known: dict[str, Any] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    ai_port: int = field(default_factory=free_port)
    processes: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The public address, whichever server answers behind it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> Path:
        """The folder of its keys."""
        return self.folder / "keys"

    @property
    def environment(self) -> dict[str, str]:
        """What each of its processes is told."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("COLLOQUE_", "DJANGO_", "DATABASE_"))}
        return {
            **kept,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONWARNINGS": "ignore",
            "DATABASE_URL": self.cluster.url,
            "COLLOQUE_STATE_DIR": str(self.folder / "state"),
            "COLLOQUE_KEYS_DIR": str(self.keys),
            "COLLOQUE_PUBLIC_URL": self.url,
            "COLLOQUE_ORIGIN": "faults.invalid/ledger",
        }

    def ehr(self, port: int | None = None) -> Ehr:
        """The record system, calling one of the servers; tokens name the public address."""
        return BehindOneAddress(
            url=self.url,
            slug=self.known["slug"],
            issuer=self.known["issuer"],
            system=self.known["system"],
            service=self.known["service"],
            port=port or self.port,
        )

    def command(self, *arguments: str, seconds: float = 60, **told: str) -> subprocess.CompletedProcess[str]:
        """One `colloque` command to its end, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "colloque", *arguments],
            env={**self.environment, **told},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def launch(
        self, port: int | None = None, *, log: str = "server.log", before: tuple[str, ...] = (), **told: str
    ) -> Process:
        """Start a server without waiting for it."""
        with (self.folder / log).open("ab") as written:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "colloque", "serve", "--port", str(port or self.port)],
                env={**self.environment, **told},
                cwd=self.folder,
                stdout=written,
                stderr=written,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def serve(self, port: int | None = None) -> Process:
        """Start a server and wait until it answers. Raises `AssertionError` with the end of its log."""
        process = self.launch(port)
        self.wait_for_server(process, port)
        return process

    def wait_for_server(self, process: Process, port: int | None = None) -> None:
        """Wait until a server answers anything. Raises `AssertionError` with the end of its log."""
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port or self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError(f"The server did not come up (exit {process.poll()}):\n{self.log()[-3_000:]}")

    def start_ai(self) -> Process:
        """The reference AI, which listens to our signed tokens only, on the address that the project declares."""
        trust = self.folder / "trusted-by-the-ai.json"
        trust.write_text(json.dumps(read_signer(self.keys, self.url).jwks()), encoding="utf-8")
        address = f"http://127.0.0.1:{self.ai_port}"
        process = subprocess.Popen(
            [
                sys.executable, "-m", "colloque.reference_ai", "--port", str(self.ai_port), "--trust", str(trust),
                "--issuer", self.url, "--audience", f"{address}/cds-services/{SERVICE}",
            ],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert b"listens on" in line, line
        return process

    def log(self, name: str = "server.log") -> str:
        """What the servers wrote."""
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def end(self) -> None:
        """End everything this installation started."""
        for process in self.processes:
            kill(process)
        self.cluster.end()
        embedded = self.folder / "state" / "postgres" / "postmaster.pid"
        if embedded.exists():
            os.kill(int(embedded.read_text(encoding="ascii").split("\n")[0]), signal.SIGQUIT)


@dataclass
class BehindOneAddress(Ehr):
    """A record system that reaches one server among several behind the public address."""

    port: int = 0

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        timeout: float = 30,
    ) -> Answer:
        """Any HTTP request to that server; tokens keep naming the public address."""
        there = Ehr(f"http://127.0.0.1:{self.port}", self.slug, self.issuer, self.system, self.service)
        return there.request(method, path, body, headers, timeout=timeout)


def kill(process: Process) -> None:
    """End a process of ours at once, also one that stands still."""
    if process.poll() is None:
        process.kill()
    process.wait(STOPS_WITHIN_S)
    if process.stdout is not None:
        process.stdout.close()


def terminate(process: Process, within: float) -> float:
    """Ask a process to end, and give the seconds it took. Raises `subprocess.TimeoutExpired`."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(within)
    return time.monotonic() - began


@contextlib.contextmanager
def rows_of(house: House, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django's connection and keys of the test's own process are those of the installation."""
    held = dict(connection.settings_dict)
    with blocker.unblock(), override_settings(COLLOQUE_KEYS_DIR=house.keys):
        connection.close()
        connection.settings_dict.update({**database_from_url(house.cluster.url), "CONN_MAX_AGE": 0})
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(held)


def copy_of(house: House, folder: Path) -> House:
    """An installation of a test's own, made from one that is stopped: other folder, other ports, same keys and rows."""
    cluster = house.cluster.copy_to(folder)
    shutil.copytree(house.keys, folder / "keys")
    return House(folder, cluster, dict(house.known))
