"""Numbering and signing: every committed entry once, order stable, delay told, tampering refused, a witness that remembers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError, TamperedError, UnavailableError
from colloque.ledger.actions import accept_cosignatures, cosign, integrate, integrate_forever, record
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.core.notes import Checkpoint, KeyType, SignerKey, open_checkpoint, parse_note, sign_checkpoint
from colloque.ledger.core.notes import cosign as cosign_note
from colloque.ledger.core.proofs import LogProof
from colloque.ledger.core.tiles import EntryBundle, Tile, decode_entries
from colloque.ledger.core.tree import leaf_hash, root_of, verify_consistency
from colloque.ledger.keys import Keys
from colloque.ledger.models import Entry, Leaf, Pending, StoredCheckpoint
from colloque.ledger.queries import (
    checkpoints,
    has_pending,
    health,
    inclusion_proof,
    latest_checkpoint,
    proof_export,
    read_entry_bundle,
    read_path,
    read_tile,
    witness_request,
)
from tests.ledger.conftest import NOW

PERSON = UUID("018f0000-0000-7000-8000-00000000000a")


def record_some(number: int, subject: UUID = HOUSE) -> list[UUID]:
    with transaction.atomic():
        return [record("act-permitted", subject=subject, payload={"n": n}) for n in range(number)]


@pytest.mark.django_db
def test_the_log_is_the_tree_of_its_entries(keys: Keys) -> None:
    for number in (1, 3, 300, 0, 2):
        record_some(number)
        integrate(NOW)
    latest = latest_checkpoint()
    assert latest is not None
    leaves = decode_entries(read_entry_bundle(EntryBundle(0)) + read_entry_bundle(EntryBundle(1, 50)))
    assert len(leaves) == latest.size == 306
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert latest.root == root_of(hashes)
    assert read_tile(Tile(0, 1, 50)) == b"".join(hashes[256:])
    assert read_tile(Tile(1, 0, 1)) == root_of(hashes[:256])
    opened = open_checkpoint(latest.note, keys.log.verifier)
    assert opened.checkpoint == Checkpoint("colloque.example/house", 306, latest.root)
    assert [one.size for one in checkpoints()] == [1, 4, 304, 306], "a round without entries signs nothing"
    for one in checkpoints():
        assert one.root == root_of(hashes[: one.size])


@pytest.mark.django_db
@pytest.mark.principle("G6")
def test_every_entry_has_a_proof_that_anyone_can_check(keys: Keys) -> None:
    made = record_some(40)
    integrate(NOW, limit=25)
    with pytest.raises(UnavailableError, match="attend sa place"):
        inclusion_proof(made[-1])
    integrate(NOW)
    with pytest.raises(NotFoundError):
        inclusion_proof(uuid4())
    for entry_id in made:
        leaf = bytes(Entry.objects.get(id=entry_id).leaf)
        proof = LogProof.parse(proof_export(entry_id))
        proof.verify(leaf, keys.log.verifier)
        with pytest.raises(TamperedError):
            proof.verify(leaf + b" ", keys.log.verifier)


@pytest.mark.django_db
def test_paths_end_where_the_log_ends(keys: Keys) -> None:
    with pytest.raises(NotFoundError):
        read_path("tile/0/000.p/1")
    record_some(3)
    integrate(NOW)
    assert len(read_path("tile/0/000.p/3")) == 96
    assert read_path("tile/0/000.p/2") == read_path("tile/0/000.p/3")[:64]
    assert len(decode_entries(read_path("tile/entries/000.p/2"))) == 2
    beyond_any_number = "x999/" * 9 + "999"
    for path in (
        "tile/0/000.p/4",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/entries/000.p/4",
        f"tile/0/{beyond_any_number}",
        f"tile/entries/{beyond_any_number}",
        "tile/63/000.p/1",
    ):
        with pytest.raises(NotFoundError):
            read_path(path)
    with pytest.raises(InvalidInputError):
        read_path("tile/0/../000")


@pytest.mark.django_db
def test_the_delay_is_measured_and_told(keys: Keys) -> None:
    record_some(1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE ledger_entry SET recorded_at = recorded_at - interval '90 seconds'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    before = health()
    assert before.is_late
    assert (before.pending, before.size, before.signed_at) == (1, 0, None)
    assert 90 <= before.oldest_wait < 100
    integrate(datetime.now(UTC))
    after = health()
    assert (after.pending, after.size, after.is_late) == (0, 1, False)
    assert 90 <= after.longest_delay < 100
    latest = latest_checkpoint()
    assert latest is not None
    assert timedelta(seconds=90) <= latest.at - latest.oldest < timedelta(seconds=100)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_tile SET data = decode(repeat('00', 96), 'hex')",
        "DELETE FROM ledger_tile",
        "UPDATE ledger_tile SET data = substring(data FROM 1 FOR 64)",
        "UPDATE ledger_checkpoint SET note = 'x'",
        "UPDATE ledger_checkpoint SET note = overlay(note PLACING '4' FROM 24 FOR 1)",
        "INSERT INTO ledger_pending VALUES (gen_random_uuid())",
    ],
)
def test_a_changed_past_is_never_signed_over(keys: Keys, change: str) -> None:
    record_some(3)
    integrate(NOW)
    record_some(1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(change)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises((TamperedError, InvalidInputError)):
        integrate(NOW)
    assert StoredCheckpoint.objects.count() == 1
    assert Leaf.objects.count() == 3


@pytest.mark.django_db
def test_the_witness_answers_each_new_checkpoint_and_remembers(keys: Keys) -> None:
    assert keys.witness is not None
    assert cosign(NOW) is None, "nothing signed yet"
    for number in (2, 1, 300):
        record_some(number)
        integrate(NOW)
        assert cosign(NOW) == StoredCheckpoint.objects.latest("size").size
        assert cosign(NOW) is None, "once is enough"
    latest = latest_checkpoint()
    assert latest is not None
    assert latest.is_cosigned
    opened = open_checkpoint(latest.note, keys.log.verifier, [keys.witness.verifier])
    assert [one.at for one in opened.cosigned] == [NOW]
    entry = Entry.objects.order_by("id").first()
    assert entry is not None
    proof = inclusion_proof(entry.id)
    assert proof.checkpoint == latest.note, "a proof carries the cosigned checkpoint"


@pytest.mark.django_db
@pytest.mark.principle("G6")
def test_the_witness_refuses_a_log_put_back_or_rewritten(keys: Keys) -> None:
    record_some(5)
    integrate(NOW)
    cosign(NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in ("ledger_leaf", "ledger_tile", "ledger_checkpoint", "ledger_entry"):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET LOCAL session_replication_role = origin")
    record_some(4)
    integrate(NOW)
    with pytest.raises(TamperedError, match="lost or removed"):
        cosign(NOW)
    record_some(3)
    integrate(NOW)
    with pytest.raises(TamperedError, match="past was changed"):
        cosign(NOW)


@pytest.mark.django_db
def test_a_witness_elsewhere(keys: Keys) -> None:
    stranger = SignerKey("stranger.example/w", KeyType.COSIGNATURE_V1, bytes(32))
    far = SignerKey("witness.example/w2", KeyType.COSIGNATURE_V1, bytes(range(32)))
    (keys.folder / "witness.vkey").write_text(
        "".join(f"{key.verifier.encode()}\n" for key in (keys.witness, far) if key is not None)
    )
    from colloque.ledger.keys import read_keys

    read_keys.cache_clear()
    record_some(3)
    integrate(NOW)
    cosign(NOW)
    note = parse_note(witness_request(0).checkpoint)
    with pytest.raises(InvalidInputError, match="no cosignature"):
        accept_cosignatures([cosign_note(note, stranger, NOW)])
    record_some(1)
    integrate(NOW)
    assert accept_cosignatures([cosign_note(note, far, NOW)]) == 3, "an answer that comes late finds its checkpoint"
    row = StoredCheckpoint.objects.get(size=3)
    names = [signature.name for signature in parse_note(bytes(row.cosigned or b"")).signatures]
    assert names == ["colloque.example/house", "witness.example/w1", "witness.example/w2"]
    assert accept_cosignatures([cosign_note(note, far, NOW)]) == 3, "twice changes nothing"
    forged = sign_checkpoint(Checkpoint("colloque.example/house", 3, bytes(32)), keys.log)
    with pytest.raises(InvalidInputError):
        accept_cosignatures([cosign_note(forged, far, NOW)])


@pytest.mark.django_db
def test_a_witness_asked_from_another_size_says_so(keys: Keys) -> None:
    from colloque.ledger.witness import cosign_request

    assert keys.witness is not None
    record_some(3)
    integrate(NOW)
    cosign(NOW)
    record_some(1)
    integrate(NOW)
    state = keys.folder / "witness.state"
    with pytest.raises(ConflictError, match="last saw 3"):
        cosign_request(witness_request(1), state=state, log=keys.log.verifier, witness=keys.witness, at=NOW)
    verify_consistency(
        3,
        bytes(StoredCheckpoint.objects.get(size=3).root),
        4,
        bytes(StoredCheckpoint.objects.get(size=4).root),
        witness_request(3).hashes,
    )


def _write(number: int, *, keep: bool) -> list[UUID]:
    """Entries of one writer on a connection of its own: three a transaction, every third transaction rolled back."""
    made: list[UUID] = []
    try:
        for turn in range(number):
            batch: list[UUID] = []
            try:
                with transaction.atomic():
                    batch = [record("act-permitted", subject=PERSON, payload={"n": n}) for n in range(3)]
                    if keep and turn % 3 == 2:
                        raise RuntimeError("rolled back")
            except RuntimeError:
                continue
            made += batch
    finally:
        connection.close()
    return made


@pytest.mark.django_db(transaction=True)
@pytest.mark.principle("G6")
def test_many_writers_and_two_integrators_lose_nothing_and_double_nothing(keys: Keys) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []
    rounds: list[int] = []

    def integrator() -> None:
        try:
            while not stop.is_set():
                done = integrate(datetime.now(UTC), limit=40)
                if done.integrated:
                    rounds.append(done.size)
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)
        finally:
            connection.close()

    integrators = [threading.Thread(target=integrator) for _ in range(2)]
    for thread in integrators:
        thread.start()
    with ThreadPoolExecutor(6) as writers:
        made = [entry for part in writers.map(lambda _: _write(12, keep=True), range(6)) for entry in part]
    deadline = time.monotonic() + 30
    while Pending.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    for thread in integrators:
        thread.join(30)
    assert not failures, failures

    assert len(made) == 6 * 8 * 3
    placed = list(Leaf.objects.order_by("position").values_list("position", "entry_id"))
    assert [position for position, _ in placed] == list(range(len(made))), "numbers without gap"
    assert sorted(entry for _, entry in placed) == sorted(made), "each committed entry once, no rolled back one"
    assert sorted(rounds) == [one.size for one in checkpoints()], "one checkpoint a round"
    order = {entry: position for position, entry in placed}
    hashes = [leaf_hash(bytes(leaf)) for leaf in _leaves_in(order)]
    for one in checkpoints():
        assert one.root == root_of(hashes[: one.size]), "what was signed once stays the beginning"


def _leaves_in(order: dict[UUID, int]) -> list[bytes]:
    rows = sorted(Entry.objects.values_list("id", "leaf"), key=lambda row: order[row[0]])
    return [bytes(leaf) for _, leaf in rows]


@pytest.mark.django_db(transaction=True)
def test_a_writer_never_waits_for_the_integrator(keys: Keys) -> None:
    record_some(5)
    started, release = threading.Event(), threading.Event()

    def slow_integrator() -> None:
        try:
            with transaction.atomic():
                integrate(datetime.now(UTC))
                started.set()
                release.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_integrator)
    thread.start()
    assert started.wait(20)
    begin = time.monotonic()
    record_some(5)
    waited = time.monotonic() - begin
    competing = integrate(datetime.now(UTC))
    release.set()
    thread.join(20)
    assert waited < 2, "writers do not wait for numbers"
    assert not competing.is_leader, "one integrator at a time"
    assert integrate(datetime.now(UTC)).size == 10


@pytest.mark.django_db(transaction=True)
def test_the_integrator_outlives_a_lost_connection(keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=integrate_forever, args=(stop,))
    thread.start()
    try:
        record_some(2)
        _wait_for_size(2)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        record_some(3)
        _wait_for_size(5)
        assert latest_checkpoint() is not None
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_the_integrator_waits_out_what_it_did_not_expect(
    keys: Keys, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([ValueError("nobody thought of this"), ValueError("twice")])

    def failing_at_first() -> bool:
        error = next(failures, None)
        if error is not None:
            raise error
        return has_pending()

    monkeypatch.setattr("colloque.ledger.actions.has_pending", failing_at_first)
    stop = threading.Event()
    record_some(2)
    thread = threading.Thread(target=integrate_forever, args=(stop,))
    thread.start()
    try:
        _wait_for_size(2)
    finally:
        stop.set()
        thread.join(20)
    told = [record.message for record in caplog.records if record.name == "colloque.ledger.actions"]
    assert [line.partition(":")[0] for line in told] == [
        "The ledger cannot number entries for now",
        "The ledger numbers entries again.",
    ], "told once, and once when it is over"


def _wait_for_size(size: int) -> None:
    deadline = time.monotonic() + 20
    while health().size < size:
        assert time.monotonic() < deadline, f"the log did not grow to {size}"
        time.sleep(0.05)
