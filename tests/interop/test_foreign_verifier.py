"""A verifier that is not ours (Go, with the packages behind the Go checksum database) reads our bundles and trusts nothing."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from colloque.ledger.core.notes import Checkpoint, sign_checkpoint
from colloque.ledger.keys import Keys
from tests.ledger.bundles import files_of, make_bundle
from tests.ledger.conftest import keys  # noqa: F401 - a fixture

GO_SOURCES = Path("/usr/share/gocode")
MOD = GO_SOURCES / "src" / "golang.org" / "x" / "mod" / "sumdb" / "tlog"

pytestmark = pytest.mark.django_db

Run = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier, built from Debian's own sources, without a network."""
    if shutil.which("go") is None:
        pytest.skip("`go` is not on this machine: install Debian's golang-go and golang-golang-x-mod-dev.")
    assert MOD.is_dir(), "`go` is here but Debian's golang-golang-x-mod-dev is not: install it."
    folder = tmp_path_factory.mktemp("go")
    built = folder / "foreignverifier"
    source = Path(__file__).parent / "foreignverifier" / "main.go"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GO111MODULE": "off",
        "GOPATH": str(GO_SOURCES),
        "GOCACHE": os.environ.get("GOCACHE", str(folder / "cache")),
        "GOFLAGS": "",
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
    }
    done = subprocess.run(
        ["go", "build", "-o", str(built), str(source)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return built


@pytest.fixture
def foreign(program: Path, keys: Keys) -> Run:  # noqa: F811 - the fixture
    """Runs the foreign verifier on a bundle, with the log's key and the witness's."""
    assert keys.witness is not None
    arguments = [keys.log.verifier.encode(), keys.witness.verifier.encode()]

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), str(folder), *arguments], capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.mark.principle("G6")
def test_a_foreign_program_rebuilds_the_log_and_agrees(foreign: Run, tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "b", [1, 2, 300, 255, 70], opened=True)
    done = foreign(folder)
    assert (done.returncode, done.stdout) == (0, "628 entries, 5 checkpoints, 157 proofs hold\n"), done


@pytest.mark.principle("G6")
def test_a_foreign_program_rejects_one_flipped_byte(foreign: Run, tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "b", [3, 260], opened=True)
    assert foreign(folder).returncode == 0
    draw = random.Random(1)
    files = files_of(folder)
    text = files["checkpoint"].index(b"\n\n")
    places = {
        path: {0, len(files[path]) - 1, *(draw.randrange(len(files[path])) for _ in range(6))}
        for path in ("tile/0/000", "tile/0/001.p/7", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/7")
    }
    places["checkpoint"] = {*range(0, text, 7), text + 60, files["checkpoint"].index(b"witness.example"), text + 200}
    places["checkpoints.jsonl"] = {files["checkpoints.jsonl"].index(b"house") + 20}
    places["proofs/4.tlog-proof"] = {0, 30, 80, 200}
    for path, offsets in places.items():
        data = files[path]
        for at in offsets:
            (folder / path).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            done = foreign(folder)
            assert done.returncode == 1, f"byte {at} of {path}: {done.stdout}"
        (folder / path).write_bytes(data)
    assert foreign(folder).returncode == 0


@pytest.mark.principle("G6")
def test_a_foreign_program_rejects_a_past_that_was_signed_again(foreign: Run, tmp_path: Path, keys: Keys) -> None:  # noqa: F811
    folder = make_bundle(tmp_path / "b", [3, 4])
    forged = sign_checkpoint(Checkpoint(keys.log.name, 3, bytes(32)), keys.log).encode()
    lines = (folder / "checkpoints.jsonl").read_bytes().splitlines(keepends=True)
    lines[0] = json.dumps({**json.loads(lines[0]), "note": forged.decode()}).encode() + b"\n"
    (folder / "checkpoints.jsonl").write_bytes(b"".join(lines))
    done = foreign(folder)
    assert done.returncode == 1
    assert "consistency of 3 with 7" in done.stdout
