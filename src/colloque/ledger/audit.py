"""The database checked against itself: nothing recorded is missing from the log, nothing in the log is without its record."""

from __future__ import annotations

from itertools import pairwise

from django.db import connection, transaction

from colloque.kernel.errors import ColloqueError
from colloque.ledger.core.notes import open_checkpoint
from colloque.ledger.core.tiles import WIDTH, Tile, right_edge, tiles_of
from colloque.ledger.core.tree import Frontier, root_of
from colloque.ledger.queries import checkpoints, installation_keys

_QUESTIONS = (
    (
        (
            "SELECT count(*) FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_leaf l WHERE l.entry_id = e.id) "
            "AND NOT EXISTS (SELECT 1 FROM ledger_pending p WHERE p.entry_id = e.id)"
        ),
        "{} entries are neither numbered nor waiting: they would never be signed.",
    ),
    (
        "SELECT count(*) FROM ledger_leaf l WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = l.entry_id)",
        "{} numbered entries were removed.",
    ),
    (
        "SELECT count(*) FROM ledger_pending p WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.id = p.entry_id)",
        "{} waiting entries do not exist.",
    ),
    (
        "SELECT count(*) FROM ledger_pending p JOIN ledger_leaf l ON l.entry_id = p.entry_id",
        "{} entries wait although they have a number.",
    ),
    (
        (
            "SELECT count(*) FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id "
            "WHERE l.hash <> sha256('\\x00'::bytea || e.leaf)"
        ),
        "{} entries are not the ones that were numbered.",
    ),
    (
        (
            "SELECT 7 - count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal "
            "AND t.tgenabled = 'O' AND pg_table_is_visible(c.oid) AND t.tgname IN ('ledger_entry_append_only', "
            "'ledger_leaf_append_only', 'ledger_tile_append_only', 'ledger_checkpoint_append_only', 'ledger_tile_grows', "
            "'ledger_checkpoint_is_cosigned', 'ledger_entry_enqueue')"
        ),
        "{} of the guards that keep the ledger append-only are missing or switched off.",
    ),
)


def audit() -> list[str]:
    """What does not hold, in sentences; empty when the database agrees with itself. Reads one state of the whole ledger."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [*_counts(), *_tree()]


def _counts() -> list[str]:
    faults = []
    with connection.cursor() as cursor:
        for question, sentence in _QUESTIONS:
            cursor.execute(question)
            (count,) = cursor.fetchone()
            if count:
                faults.append(sentence.format(count))
    return faults


def _tree() -> list[str]:
    keys, faults = installation_keys(), []
    signed = {}
    stored = list(checkpoints())
    for one in stored:
        try:
            signed[one.size] = open_checkpoint(one.note, keys.log.verifier, keys.witnesses).checkpoint
        except ColloqueError as error:
            faults.append(f"The checkpoint of {one.size} entries: {error.message}")
    for size, checkpoint in signed.items():
        if checkpoint.size != size:
            faults.append(f"The checkpoint of {size} entries is signed for {checkpoint.size}.")
    for earlier, later in pairwise(stored):
        if earlier.at > later.at:
            faults.append(f"The checkpoint of {later.size} entries is dated before the one it follows.")
    return [*faults, *_positions({size: one.root for size, one in signed.items()})]


def _positions(roots: dict[int, bytes]) -> list[str]:
    faults: list[str] = []
    frontier, hashes = Frontier(), []
    levels: dict[int, list[bytes]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT position, hash FROM ledger_leaf ORDER BY position")
        for position, digest in iter(cursor.fetchone, None):
            if position != frontier.size:
                return [f"Number {frontier.size} is missing in the log."]
            frontier.push(bytes(digest))
            hashes.append(bytes(digest))
            if frontier.size in roots and roots[frontier.size] != frontier.root():
                faults.append(f"The checkpoint of {frontier.size} entries is not a beginning of this log.")
    size = frontier.size
    if size != max(roots, default=0):
        faults.append(f"{size} entries are numbered, {max(roots, default=0)} are signed.")
    levels[0] = hashes
    edge = {(tile.level, tile.number): tile for tile in right_edge(size)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT path, data FROM ledger_tile")
        known = {path: bytes(data) for path, data in cursor.fetchall()}
    for tile in tiles_of(size):
        part = levels[tile.level][tile.number * WIDTH : tile.number * WIDTH + tile.width]
        if known.pop(Tile(tile.level, tile.number).path, b"") != b"".join(part):
            faults.append(f"The tile {tile.path} does not hold the hashes of the log.")
        if (tile.level, tile.number) not in edge:
            levels.setdefault(tile.level + 1, []).append(root_of(part))
    faults += [f"The tile {path} belongs to no part of the log." for path in known]
    return faults
