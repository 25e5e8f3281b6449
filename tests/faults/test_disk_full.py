"""The disk of the database fills up under load: nothing is shown, nothing is half written, and space brings it all back."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.cluster import own_folder
from tests.faults.conftest import declare_ai
from tests.faults.evidence import assert_nothing_lost
from tests.faults.house import House, copy_of
from tests.faults.load import Load

pytestmark = pytest.mark.fault

DISK = "192m"
FULL_FOR_S = 2.0
RESUMES_WITHIN_S = 12.0


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A small filesystem of its own at this folder; skips, saying why, where this user may not mount one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"A full disk needs a small filesystem, and this user may not mount one: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take every byte that is left, and give the file that holds them."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    left = os.statvfs(folder)
    assert left.f_bavail * left.f_frsize < 1 << 12, "The disk is not full."
    return filler


@pytest.fixture
def cramped(furnished: House) -> Iterator[House]:
    """An installation that lies wholly on a small disk: database, keys, memory of the witness, logs."""
    with own_folder() as folder, small_disk(folder):
        made = copy_of(furnished, folder)
        try:
            made.cluster.start()
            declare_ai(made)
            yield made
        finally:
            made.end()


def test_a_full_disk_shows_nothing_and_loses_nothing(cramped: House, django_db_blocker: DjangoDbBlocker) -> None:
    house = cramped
    house.start_ai()
    server = house.serve()
    with Load(house) as load:
        load.wait_for(30, since=time.monotonic())
        filler = fill(house.folder)
        refused = _wait_for_refusals(load)
        time.sleep(FULL_FOR_S)
        full = load.between(refused, time.monotonic())
        filler.unlink()
        freed = time.monotonic()
        if not house.cluster.is_running():
            house.cluster.start()
        load.wait_for(30, since=freed, within=RESUMES_WITHIN_S)
        assert [o for o in full if o.status == 503], "The disk was full and every call was answered."
        assert {(o.status, o.code) for o in full if o.status != 200} == {(503, "database-away")}

        filler = fill(house.folder)
        _exhaust_the_write_ahead_log(house)
        crashed = time.monotonic()
        time.sleep(1.0)
        gone = load.between(crashed, time.monotonic())
        filler.unlink()
        if not house.cluster.is_running():
            house.cluster.start()
        load.wait_for(30, since=time.monotonic(), within=RESUMES_WITHIN_S)
        assert {o.status for o in gone} <= {200, 503}
    assert {o.status for o in load.outcomes} == {200, 503}, sorted({(o.status, o.code) for o in load.outcomes})
    assert server.poll() is None, "The server ended."
    assert assert_nothing_lost(house, load.outcomes, django_db_blocker) >= 90


def _wait_for_refusals(load: Load, within: float = 10.0) -> float:
    began = time.monotonic()
    while time.monotonic() - began < within:
        if any(o.status == 503 for o in load.between(began, time.monotonic())):
            return time.monotonic()
        time.sleep(0.05)
    raise AssertionError(f"The disk has been full for {within} s and every call was answered.")


def _exhaust_the_write_ahead_log(house: House) -> None:
    """Make the database need a new segment of its log where none fits: PostgreSQL stops at once rather than promise."""
    with contextlib.suppress(psycopg.Error), house.cluster.connect() as connection:
        for _ in range(20):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT txid_current()")
            time.sleep(0.05)
