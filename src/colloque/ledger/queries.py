"""Everything that reads the ledger: checkpoints, tiles, proofs, what was recorded about a person, and the log's health."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext

from colloque.kernel.errors import NotFoundError, TamperedError, UnavailableError
from colloque.ledger.core.entries import Event, SealedEntry, decode_leaf, open_entry, reveal
from colloque.ledger.core.notes import VerifierKey
from colloque.ledger.core.proofs import LogProof, WitnessRequest
from colloque.ledger.core.tiles import (
    WIDTH,
    EntryBundle,
    Tile,
    encode_entries,
    parse_path,
    range_root_from,
    right_edge,
    tiles_for,
)
from colloque.ledger.core.tree import (
    HASH_BYTES,
    consistency_ranges,
    inclusion_ranges,
    prove_consistency,
    prove_inclusion,
)
from colloque.ledger.keys import Keys, open_subject_key, read_keys
from colloque.ledger.models import Entry, Leaf, Pending, StoredCheckpoint, StoredTile, SubjectKey

PROMISED_DELAY = timedelta(seconds=60)
"""How long an entry may wait for its number before the log calls itself late."""


def installation_keys() -> Keys:
    """The keys of this installation. Raises `UnavailableError` with what to do."""
    return read_keys(Path(settings.COLLOQUE_KEYS_DIR))


@dataclass(frozen=True)
class Published:
    """A checkpoint of this log: its size, its root, the note to hand out (cosigned where it is), and since when."""

    size: int
    root: bytes
    note: bytes
    is_cosigned: bool
    oldest: datetime
    at: datetime


def _published(row: StoredCheckpoint) -> Published:
    note = bytes(row.note if row.cosigned is None else row.cosigned)
    return Published(row.size, bytes(row.root), note, row.cosigned is not None, row.oldest, row.at)


def latest_checkpoint() -> Published | None:
    """The newest checkpoint; None while nothing was ever recorded."""
    row = StoredCheckpoint.objects.order_by("-size").first()
    return _published(row) if row is not None else None


def checkpoints() -> Iterator[Published]:
    """Every checkpoint ever signed, from the first."""
    for row in StoredCheckpoint.objects.order_by("size").iterator(chunk_size=2_000):
        yield _published(row)


def read_tile(tile: Tile) -> bytes:
    """The bytes of a hash tile, as wide as asked. Raises `NotFoundError` when the log has not grown that far."""
    path = Tile(tile.level, tile.number).path
    data = StoredTile.objects.filter(path=path).values_list("data", flat=True).first()
    if data is None or len(data) < tile.width * HASH_BYTES:
        raise NotFoundError("There is no such tile.", code="no-tile")
    return bytes(data)[: tile.width * HASH_BYTES]


def read_tiles(tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    """Several hash tiles in one reading, each at least as wide as asked. Raises `TamperedError` when one is missing."""
    wanted = {Tile(tile.level, tile.number).path: tile for tile in tiles}
    rows = StoredTile.objects.filter(path__in=list(wanted)).values_list("path", "data")
    found = {wanted[path]: bytes(data) for path, data in rows}
    for tile in wanted.values():
        if len(found.get(tile, b"")) < tile.width * HASH_BYTES:
            raise TamperedError(f"The tile {tile.path} is missing.", code="no-tile")
    return found


def read_edge(size: int) -> dict[int, bytes]:
    """The partial tiles of the log at its current `size`, by level. Raises `TamperedError` when one is missing."""
    return {tile.level: data for tile, data in read_tiles(right_edge(size)).items()}


def read_entry_bundle(bundle: EntryBundle) -> bytes:
    """The entries of one bundle in the C2SP form. Raises `NotFoundError` when the log has not grown that far."""
    start = bundle.number * WIDTH
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.leaf FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id "
            "WHERE l.position >= %s AND l.position < %s ORDER BY l.position",
            [start, start + bundle.width],
        )
        leaves = [bytes(row[0]) for row in cursor.fetchall()]
    if len(leaves) < bundle.width:
        raise NotFoundError("There is no such entry bundle.", code="no-bundle")
    return encode_entries(leaves)


def read_path(path: str) -> bytes:
    """What stands at a C2SP path `tile/…`. Raises `InvalidInputError` for no such path, `NotFoundError` past the end."""
    found = parse_path(path)
    return read_tile(found) if isinstance(found, Tile) else read_entry_bundle(found)


def inclusion_proof(entry_id: UUID) -> LogProof:
    """Proof that an entry stands in the log, under the newest cosigned checkpoint that covers it, else the newest.

    Raises `NotFoundError` for an unknown entry, `UnavailableError` (code `not-integrated`) while it waits for its number.
    """
    position = Leaf.objects.filter(entry_id=entry_id).values_list("position", flat=True).first()
    if position is None:
        if Entry.objects.filter(id=entry_id).exists():
            raise UnavailableError(
                gettext("Cette ligne est écrite. Elle attend sa place dans le registre : redemandez dans une seconde."),
                code="not-integrated",
            )
        raise NotFoundError("There is no such entry.", code="no-entry")
    covering = StoredCheckpoint.objects.filter(size__gt=position)
    row = covering.filter(cosigned__isnull=False).order_by("-size").first() or covering.order_by("-size").first()
    if row is None:
        raise TamperedError("A numbered entry is under no checkpoint.", code="no-checkpoint")
    published = _published(row)
    stored = read_tiles(tiles_for(inclusion_ranges(position, published.size), published.size))
    hashes = prove_inclusion(position, published.size, range_root_from(published.size, stored.__getitem__))
    return LogProof(position, tuple(hashes), published.note)


def proof_export(entry_id: UUID) -> bytes:
    """The `.tlog-proof` file of an entry (c2sp.org/tlog-proof), with the public entry itself as its extra data.

    Raises what `inclusion_proof` raises.
    """
    proof = inclusion_proof(entry_id)
    leaf = Entry.objects.values_list("leaf", flat=True).get(id=entry_id)
    return LogProof(proof.index, proof.hashes, proof.checkpoint, extra=bytes(leaf)).encode()


def witness_request(old_size: int) -> WitnessRequest:
    """The request by which a witness that last saw `old_size` entries is asked to cosign the newest checkpoint.

    Raises `NotFoundError` while there is no checkpoint, `InvalidInputError` when the log is smaller than that.
    """
    row = StoredCheckpoint.objects.order_by("-size").first()
    if row is None:
        raise NotFoundError("Nothing was signed yet.", code="no-checkpoint")
    stored = read_tiles(tiles_for(consistency_ranges(old_size, row.size), row.size))
    hashes = prove_consistency(old_size, row.size, range_root_from(row.size, stored.__getitem__))
    return WitnessRequest(old_size, tuple(hashes), bytes(row.note))


@dataclass(frozen=True)
class Told:
    """One entry about a person. `event` is None once the person's key was erased; `position` None while it waits."""

    id: UUID
    recorded_at: datetime
    position: int | None
    kind: str
    event: Event | None


@dataclass(frozen=True)
class OpenKey:
    """A person's key and the moment from which entries were sealed under it."""

    key: bytes
    since: datetime


def find_subject_key(subject: UUID) -> OpenKey | None:
    """The key of a person if there is one; None before the first entry and after erasure. Raises `TamperedError`."""
    row = SubjectKey.objects.filter(subject=subject).first()
    if row is None:
        return None
    return OpenKey(open_subject_key(installation_keys().keyring, subject, bytes(row.wrapped)), row.since)


def find_subject_keys(subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """The keys of several persons, by person, in one reading; whoever has none is left out. Raises `TamperedError`."""
    keyring = installation_keys().keyring
    rows = SubjectKey.objects.filter(subject__in=list(subjects)).values_list("subject", "wrapped")
    return {subject: open_subject_key(keyring, subject, bytes(wrapped)) for subject, wrapped in rows}


def _told(row: tuple[UUID, bytes, bytes, datetime, int | None], subject: UUID, opener: OpenKey | None) -> Told:
    entry_id, leaf, sealed, recorded_at, position = row
    entry = SealedEntry(id=entry_id, subject=subject, leaf=bytes(leaf), sealed=bytes(sealed))
    event = None
    if opener is not None:
        try:
            event = open_entry(entry, opener.key)
        except TamperedError:
            if recorded_at >= opener.since:
                raise
            # Sealed under a key that was erased before this person came back.
    return Told(entry_id, recorded_at, position, decode_leaf(entry.leaf).kind, event)


def entries_about(
    subject: UUID, *, limit: int = 200, before: UUID | None = None, kinds: Collection[str] = ()
) -> list[Told]:
    """What was recorded about a person, newest first; `before` continues from the id where a page ended.

    With `kinds`, entries of those kinds alone: a leaf says its kind, so no other entry is opened. Raises
    `TamperedError` when an entry does not open or is not what the log committed to.
    """
    clause = ""
    parameters: list[UUID | int | list[str]] = [subject]
    if before is not None:
        clause = "AND e.id < %s"
        parameters.append(before)
    if kinds:
        clause += " AND convert_from(e.leaf, 'UTF8')::json ->> 'kind' = ANY(%s)"
        parameters.append(sorted(kinds))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.leaf, e.sealed, e.recorded_at, l.position FROM ledger_entry e "  # noqa: S608 - no value put in
            f"LEFT JOIN ledger_leaf l ON l.entry_id = e.id WHERE e.subject = %s {clause} ORDER BY e.id DESC LIMIT %s",
            [*parameters, limit],
        )
        rows = cursor.fetchall()
    opener = find_subject_key(subject)
    return [_told(row, subject, opener) for row in rows]


def open_one(entry_id: UUID) -> Told:
    """One entry, opened. Raises `NotFoundError`, and `TamperedError` as `entries_about` does."""
    entry = Entry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NotFoundError("There is no such entry.", code="no-entry")
    position = Leaf.objects.filter(entry_id=entry_id).values_list("position", flat=True).first()
    row = (entry.id, bytes(entry.leaf), bytes(entry.sealed), entry.recorded_at, position)
    return _told(row, entry.subject, find_subject_key(entry.subject))


def revealed(subject: UUID, size: int) -> Iterator[tuple[int, UUID, bytes, bytes]]:
    """Position, entry id, salt and canonical payload of a person's numbered entries below `size`, in the log's order.

    Raises `NotFoundError` when the person has no key, `TamperedError` for an entry that is not what was committed to.
    """
    opener = find_subject_key(subject)
    if opener is None:
        raise NotFoundError("There is nothing here that can be opened.", code="no-key")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.position, e.id, e.leaf, e.sealed FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id "
            "WHERE e.subject = %s AND l.position < %s AND e.recorded_at >= %s ORDER BY l.position",
            [subject, size, opener.since],
        )
        rows = cursor.fetchall()
    for position, entry_id, leaf, sealed in rows:
        entry = SealedEntry(id=entry_id, subject=subject, leaf=bytes(leaf), sealed=bytes(sealed))
        yield position, entry_id, *reveal(entry, opener.key)


@dataclass(frozen=True)
class Health:
    """How the log does: entries numbered and signed, entries that wait and since when, and the delay it promises to bound.

    Delays are in seconds; `longest_delay` is the longest wait of any entry numbered in the last day.
    """

    size: int
    signed_at: datetime | None
    cosigned_size: int
    pending: int
    oldest_wait: float
    longest_delay: float
    promised_delay: float

    @property
    def is_late(self) -> bool:
        """Whether an entry waits longer than promised."""
        return self.oldest_wait > self.promised_delay


def health() -> Health:
    """How the log does now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), COALESCE(EXTRACT(epoch FROM clock_timestamp() - min(e.recorded_at)), 0) "
            "FROM ledger_pending p JOIN ledger_entry e ON e.id = p.entry_id"
        )
        pending, oldest_wait = cursor.fetchone()
        cursor.execute(
            "SELECT COALESCE(EXTRACT(epoch FROM max(at - oldest)), 0) FROM ledger_checkpoint "
            "WHERE at > clock_timestamp() - interval '1 day'"
        )
        (longest,) = cursor.fetchone()
    latest = latest_checkpoint()
    cosigned = StoredCheckpoint.objects.filter(cosigned__isnull=False).aggregate(size=Max("size"))["size"]
    return Health(
        size=latest.size if latest is not None else 0,
        signed_at=latest.at if latest is not None else None,
        cosigned_size=cosigned or 0,
        pending=pending,
        oldest_wait=max(float(oldest_wait), 0.0),
        longest_delay=float(longest),
        promised_delay=PROMISED_DELAY.total_seconds(),
    )


def has_pending() -> bool:
    """Whether any entry waits for its number."""
    return Pending.objects.exists()


def subject_of(entry_id: UUID) -> UUID:
    """The person an entry concerns. Raises `NotFoundError`."""
    subject = Entry.objects.filter(id=entry_id).values_list("subject", flat=True).first()
    if subject is None:
        raise NotFoundError("There is no such entry.", code="no-entry")
    return subject


def verifier_keys() -> tuple[VerifierKey, tuple[VerifierKey, ...]]:
    """The public key of the log and those of its witnesses."""
    keys = installation_keys()
    return keys.log.verifier, keys.witnesses


def has_witness_here() -> bool:
    """Whether the witness's secret key lies on this machine, as in the demonstration: it then convinces no outsider."""
    return installation_keys().witness is not None
