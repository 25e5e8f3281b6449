"""Everything that changes the ledger: recording, persons' keys, erasure, numbering and signing, cosignatures."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, transaction

from colloque.kernel.errors import ColloqueError, InvalidInputError, NotFoundError, TamperedError, UnavailableError
from colloque.kernel.ids import new_id
from colloque.ledger.core.entries import HOUSE, Event, seal_entry
from colloque.ledger.core.notes import (
    Checkpoint,
    Note,
    Signature,
    open_checkpoint,
    parse_note,
    sign_checkpoint,
    verify_note,
)
from colloque.ledger.core.tiles import Tile, grow, root_of_edge, split_hashes
from colloque.ledger.core.tree import EMPTY_ROOT
from colloque.ledger.keys import Keys, new_subject_key, open_subject_key
from colloque.ledger.models import Entry, StoredCheckpoint, SubjectKey
from colloque.ledger.queries import has_pending, installation_keys, latest_checkpoint, read_edge, witness_request
from colloque.ledger.witness import cosign_request, last_seen

log = logging.getLogger(__name__)

BATCH = 5_000
"""Entries numbered in one transaction; more wait for the next, which follows at once."""

PAUSE_SECONDS = 0.4
"""Rest between two rounds of the integrator: with one round's work, well under the second that the log promises."""

COSIGN_EVERY_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 5.0

_INTEGRATOR_LOCK = 0x434F_4C4C_4F51_5545
_WITNESS_STATE = "witness.state"


def subject_key(subject: UUID) -> bytes:
    """The 32-byte key of a person, made on first use; inside a transaction it is held against erasure until the end.

    Raises `UnavailableError` without the master key, `TamperedError` when it is not the one that wrapped this key.
    """
    keyring = installation_keys().keyring
    made: bytes | None = None
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT wrapped FROM ledger_subject_key WHERE subject = %s FOR KEY SHARE", [subject])
            row = cursor.fetchone()
            if row is not None:
                return open_subject_key(keyring, subject, bytes(row[0]))
            _, made = new_subject_key(keyring, subject, secrets.token_bytes)
            cursor.execute(
                "INSERT INTO ledger_subject_key (subject, wrapped) VALUES (%s, %s) ON CONFLICT (subject) DO NOTHING",
                [subject, made],
            )
    raise UnavailableError("The key of this person is being erased. Try again.", code="key-contended")


def record(kind: str, *, subject: UUID, payload: Mapping[str, Any], rules: Sequence[str] = ()) -> UUID:
    """Add one entry to the log, in the transaction of the change it describes, and give its id.

    `subject` is the person concerned, or `HOUSE` where it concerns the installation and nobody; `payload` is plain JSON.
    Raises `TransactionManagementError` outside `transaction.atomic`, `InvalidInputError` for what cannot be an entry.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A ledger entry is recorded inside the transaction of the change it describes."
        )
    entry = seal_entry(
        Event(kind=kind, subject=subject, payload=payload, rules=tuple(rules)),
        entry_id=new_id(datetime.now(UTC), secrets.token_bytes),
        subject_key=subject_key(subject),
        random_bytes=secrets.token_bytes,
    )
    Entry.objects.create(id=entry.id, subject=entry.subject, leaf=entry.leaf, sealed=entry.sealed)
    return entry.id


def erase_subject(subject: UUID) -> UUID:
    """Delete a person's key, so that nothing sealed for them opens again, and record that an erasure took place.

    The entry names nobody. Raises `NotFoundError` when there is no key, `InvalidInputError` for `HOUSE`.
    """
    if subject == HOUSE:
        raise InvalidInputError("What concerns the installation itself is not erased.", code="erase-house")
    with transaction.atomic():
        deleted, _ = SubjectKey.objects.filter(subject=subject).delete()
        if not deleted:
            raise NotFoundError("There is nothing to erase.", code="nothing-to-erase")
        return record("subject-erased", subject=HOUSE, payload={})


@dataclass(frozen=True)
class Integration:
    """What one round of the integrator did: the size of the log now, and how many entries it numbered.

    `is_leader` is False when another process holds the lock; then nothing was done and `size` is unknown (-1).
    """

    size: int
    integrated: int
    is_leader: bool = True


# A batch is small beside the log: looking its entries up one by one is right at any size, reading the whole table never is.
_BECOME_LEADER = """
SELECT pg_try_advisory_xact_lock(%s), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('jit', 'off', true)
"""

_NUMBER_PENDING = """
WITH taken AS (
    DELETE FROM ledger_pending
    WHERE entry_id IN (SELECT entry_id FROM ledger_pending ORDER BY entry_id LIMIT %(limit)s)
    RETURNING entry_id
), numbered AS (
    SELECT e.id, e.recorded_at, sha256('\\x00'::bytea || e.leaf) AS hash,
           %(size)s + row_number() OVER (ORDER BY e.recorded_at, e.id) - 1 AS place
    FROM taken JOIN ledger_entry e ON e.id = taken.entry_id
), placed AS (
    INSERT INTO ledger_leaf (position, entry_id, hash) SELECT place, id, hash FROM numbered
)
SELECT (SELECT count(*) FROM taken), count(*), string_agg(hash, ''::bytea ORDER BY place),
       clock_timestamp() - min(recorded_at) FROM numbered
"""

_GROW_TILES = """
INSERT INTO ledger_tile (path, data) SELECT * FROM unnest(%s::text[], %s::bytea[])
ON CONFLICT (path) DO UPDATE SET data = EXCLUDED.data
"""


def integrate(now: datetime, limit: int = BATCH) -> Integration:
    """Number up to `limit` waiting entries, extend the tiles and sign a checkpoint dated `now`, in one transaction.

    Any process may call it at any time: one at a time works, the others return at once, and no writer ever waits for it.
    Raises `TamperedError`, signing nothing, when the stored tree does not lead to the last signed root.
    """
    keys = installation_keys()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BECOME_LEADER, [_INTEGRATOR_LOCK])
        if not cursor.fetchone()[0]:
            return Integration(-1, 0, is_leader=False)
        size, edge = _signed_edge(keys)
        cursor.execute(_NUMBER_PENDING, {"limit": limit, "size": size})
        taken, numbered, hashes, waited = cursor.fetchone()
        if taken != numbered:
            raise TamperedError("The waiting list names an entry that does not exist.", code="pending")
        if not numbered:
            return Integration(size, 0)
        growth = grow(size, edge, split_hashes(bytes(hashes)))
        tiles = {Tile(tile.level, tile.number).path: data for tile, data in growth.tiles.items()}
        cursor.execute(_GROW_TILES, [list(tiles), list(tiles.values())])
        note = sign_checkpoint(Checkpoint(keys.log.name, growth.size, growth.root), keys.log)
        StoredCheckpoint.objects.create(
            size=growth.size, root=growth.root, note=note.encode(), oldest=now - waited, at=now
        )
        return Integration(growth.size, numbered)


def _signed_edge(keys: Keys) -> tuple[int, dict[int, bytes]]:
    """Size and partial tiles of the log, once they are seen to lead to the root last signed."""
    last = latest_checkpoint()
    size, root = 0, EMPTY_ROOT
    if last is not None:
        signed = open_checkpoint(last.note, keys.log.verifier, keys.witnesses).checkpoint
        size, root = signed.size, signed.root
    edge = read_edge(size)
    if root_of_edge(edge) != root:
        raise TamperedError(f"The stored tiles do not lead to the signed root of {size} entries.", code="edge")
    return size, edge


def cosign(now: datetime) -> int | None:
    """Have the witness whose key lies here cosign the newest checkpoint, and give its size; None when nothing is to do.

    The witness keeps its own memory beside its key. Raises `ConflictError` or `TamperedError` when the log does not continue
    what the witness saw: the database was then put back to an older state, or rewritten.
    """
    keys = installation_keys()
    latest = latest_checkpoint()
    if keys.witness is None or latest is None or latest.is_cosigned:
        return None
    state = keys.folder / _WITNESS_STATE
    seen = last_seen(state, keys.log.verifier, keys.witness)
    if seen is not None and seen.size > latest.size:
        raise TamperedError(
            f"The witness saw {seen.size} entries, the database holds {latest.size}: entries were lost or removed.",
            code="witness-size",
        )
    request = witness_request(seen.size if seen is not None else 0)
    signature = cosign_request(request, state=state, log=keys.log.verifier, witness=keys.witness, at=now)
    return accept_cosignatures([signature])


def accept_cosignatures(signatures: Sequence[Signature]) -> int:
    """Keep cosignatures that known witnesses made of one of our recent checkpoints, and give its size.

    Raises `InvalidInputError` when they are of none of the last thousand checkpoints or by no known witness.
    """
    witnesses = installation_keys().witnesses
    with transaction.atomic():
        for row in StoredCheckpoint.objects.select_for_update().order_by("-size")[:1_000].iterator(chunk_size=50):
            note = parse_note(bytes(row.note if row.cosigned is None else row.cosigned))
            try:
                verified = verify_note(Note(note.text, tuple(signatures)), witnesses)
            except TamperedError:
                continue
            known = {(one.key.name, one.key.key_id) for one in verified}
            missing = known - {(signature.name, signature.key_id) for signature in note.signatures}
            fresh = [signature for signature in signatures if (signature.name, signature.key_id) in missing]
            if fresh:
                StoredCheckpoint.objects.filter(size=row.size).update(cosigned=note.with_signatures(fresh).encode())
            return row.size
    raise InvalidInputError(
        "This is no cosignature of a recent checkpoint of this log by a witness it knows.", code="cosignature"
    )


def integrate_forever(stop: threading.Event) -> None:
    """Keep numbering and signing until `stop` is set; meant for one thread of each server process.

    Survives restarts of the database. What goes wrong is logged once, and again when it is over.
    """
    pause, is_failing, cosign_due = PAUSE_SECONDS, False, 0.0
    while not stop.is_set():
        try:
            close_old_connections()
            more = has_pending() and integrate(datetime.now(UTC)).integrated >= BATCH
            if monotonic() >= cosign_due and not more:
                cosign(datetime.now(UTC))
                cosign_due = monotonic() + COSIGN_EVERY_SECONDS
            if is_failing:
                log.warning("The ledger numbers entries again.")
            pause, is_failing = PAUSE_SECONDS, False
            if more:
                continue
        except Exception as error:  # whatever happened, the next round may work; ending here would stop the log
            if not is_failing and isinstance(error, DatabaseError | ColloqueError):
                log.error("The ledger cannot number entries for now: %s", error)  # noqa: TRY400 - it says its cause
            elif not is_failing:
                log.exception("The ledger cannot number entries for now")
            pause, is_failing = min(pause * 2, LONGEST_PAUSE_SECONDS), True
            connection.close()
        stop.wait(pause)
    connection.close()
