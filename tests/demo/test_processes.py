"""`colloque demo` as one runs it: what it starts is stopped with it, and copies do not disturb each other."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
READY, STOPPED = 120, 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Copy:
    """One copy of the demonstration, in a process group of its own."""

    def __init__(self, state: Path, port: int, *more: str) -> None:
        self.state, self.port = state, port
        self.said = state / f"{port}-{time.monotonic_ns()}.out"
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "colloque", "demo", "--port", str(port), *more],
                env={
                    **{k: v for k, v in os.environ.items() if not k.startswith(("COLLOQUE_", "DATABASE_"))},
                    "COLLOQUE_STATE_DIR": str(state),
                    "PYTHONPATH": str(ROOT / "src"),
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def words(self) -> str:
        return self.said.read_text("utf-8")

    def wait_for(self, words: str, seconds: float = READY) -> None:
        until = time.monotonic() + seconds
        while words not in self.words:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.words}"
            assert time.monotonic() < until, f"« {words} » was not said within {seconds} s:\n{self.words}"
            time.sleep(0.05)

    def started(self) -> list[psutil.Process]:
        """Everything it started: its children, and its PostgreSQL, which is nobody's child."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        pid = self.state / f"demo-{self.port}" / "postgres" / "postmaster.pid"
        if pid.is_file():
            database = psutil.Process(int(pid.read_text().split()[0]))
            found += [database, *database.children(recursive=True)]
        return list(dict.fromkeys(found))

    def ends_with(self, sign: signal.Signals, *, to_the_group: bool = False) -> None:
        started = self.started()
        assert any(one.name() == "postgres" for one in started), "the embedded PostgreSQL was among what it started"
        (os.killpg if to_the_group else os.kill)(self.process.pid, sign)
        assert self.process.wait(STOPPED) == 0, self.words
        _gone, alive = psutil.wait_procs(started, timeout=5)
        assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == [], f"{sign.name} left these behind"
        assert not is_open(self.port)
        assert "Traceback" not in self.words, self.words


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="colloque-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_copies_start_and_stop_without_leaving_anything_behind(state: Path) -> None:
    """One installation, several ports: each signal stops all of its own copy and nothing of another's."""
    one, other = Copy(state, free_port()), Copy(state, free_port())
    copies = [one, other]
    try:
        one.wait_for("une année")
        early = Copy(state, one.port)
        copies.append(early)
        assert early.process.wait(60) == 2
        assert f"Another copy is getting the demonstration ready on port {one.port}." in early.words
        assert f"PORT={one.port + 1} make demo" in early.words

        one.wait_for("Prêt en")
        other.wait_for("Prêt en")
        again = Copy(state, one.port)
        copies.append(again)
        assert again.process.wait(60) == 0
        assert f"The demonstration is already running on port {one.port}." in again.words
        assert f"http://127.0.0.1:{one.port}/demo/enter/nurse/" in again.words

        somebody = build_opener(HTTPCookieProcessor())  # a browser without scripts
        with somebody.open(f"http://127.0.0.1:{one.port}/demo/enter/nurse/", timeout=20) as home:
            assert "Bonjour Sarah" in home.read().decode()

        one.ends_with(signal.SIGTERM)
        assert is_open(other.port), "the copy beside it goes on"
        other.ends_with(signal.SIGINT, to_the_group=True)  # as a terminal does on Ctrl-C

        began = time.monotonic()
        once_more = Copy(state, one.port)
        copies.append(once_more)
        once_more.wait_for("Prêt en")
        assert time.monotonic() - began < 30, "the story is not lived twice in a day"
        once_more.ends_with(signal.SIGHUP)

        interrupted = Copy(state, other.port, "--fresh")
        copies.append(interrupted)
        interrupted.wait_for("une année")
        interrupted.ends_with(signal.SIGTERM)
    finally:
        for copy in copies:
            if copy.process.poll() is None:
                copy.process.terminate()
                try:
                    copy.process.wait(STOPPED)
                except subprocess.TimeoutExpired:
                    copy.process.kill()
                    copy.process.wait()


def test_a_port_of_another_program_is_said(state: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_program:
        port = other_program.getsockname()[1]
        copy = Copy(state, port)
        assert copy.process.wait(60) == 2
        assert f"Port {port} is taken by another program. Choose another: PORT={port + 1} make demo." in copy.words


def test_another_machine_is_refused(state: Path) -> None:
    copy = Copy(state, free_port(), "--host", "0.0.0.0")
    assert copy.process.wait(60) == 2
    assert "serves only on this machine" in copy.words
