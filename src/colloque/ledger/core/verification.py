"""Checking a bundle against itself and against keys one trusts, without the people who made it.

Every entry is hashed again; every tile, every checkpoint ever signed, every signature, cosignature, opened entry and proof is
compared with what those hashes say. A fault names the file and, where it can, the entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from colloque.kernel.errors import ColloqueError, InvalidInputError, TamperedError, UnavailableError
from colloque.ledger.core.bundle import (
    ALWAYS,
    CHECKPOINT,
    CHECKPOINTS,
    KEYS,
    MANIFEST,
    OPENED,
    Manifest,
    decode_checkpoint_line,
    decode_keys,
    decode_opened_line,
    digest_of,
    proof_index,
    read_moment,
)
from colloque.ledger.core.entries import check_revealed, decode_leaf
from colloque.ledger.core.notes import SignedCheckpoint, Verified, VerifierKey, open_checkpoint
from colloque.ledger.core.proofs import LogProof
from colloque.ledger.core.tiles import HEIGHT, WIDTH, EntryBundle, Tile, decode_entries, split_hashes
from colloque.ledger.core.tree import HASH_BYTES, Frontier, root_of

Read = Callable[[str], bytes | None]
"""Gives the bytes of a file of the bundle by its path, None where there is no such file."""

MOST_FAULTS = 50


@dataclass(frozen=True)
class Fault:
    """Something that does not hold: where, at which entry if it is about one, and what."""

    path: str
    sentence: str
    index: int | None = None

    def __str__(self) -> str:
        at = f", entry {self.index}" if self.index is not None else ""
        return f"{self.path}{at}: {self.sentence}"


@dataclass(frozen=True)
class Dated:
    """A checkpoint of the bundle, its signatures checked, with when it was signed and what it says of delays."""

    signed: SignedCheckpoint
    at: datetime
    oldest: datetime


@dataclass
class Report:
    """What a verification found."""

    log: VerifierKey
    size: int = 0
    faults: list[Fault] = field(default_factory=list)
    checkpoints: list[Dated] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    proofs: int = 0
    witnessed: dict[VerifierKey, tuple[int, datetime]] = field(default_factory=dict)
    """For each witness, the largest size it cosigned and when."""

    @property
    def is_intact(self) -> bool:
        """Whether everything holds."""
        return not self.faults

    @property
    def longest_delay(self) -> timedelta:
        """The longest an entry waited for its number, as far as the bundle tells."""
        return max((one.at - one.oldest for one in self.checkpoints), default=timedelta(0))

    def later_than(self, promised: timedelta) -> list[Dated]:
        """The checkpoints with an entry that had waited longer than this."""
        return [one for one in self.checkpoints if one.at - one.oldest > promised]

    def add(self, path: str, sentence: str, index: int | None = None) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(path, sentence, index))


def verify_bundle(
    read: Read, *, log_key: VerifierKey | None = None, witness_keys: Sequence[VerifierKey] = ()
) -> Report:
    """Everything a bundle lets one check.

    `log_key` and `witness_keys` are keys known from elsewhere; without them the bundle's own are used, which shows that the
    bundle agrees with itself. Raises `UnavailableError` when there is no bundle, or one whose keys or checkpoint are missing.
    """
    found = {path: read(path) for path in (MANIFEST, *ALWAYS)}
    missing = [path for path, data in found.items() if data is None]
    if missing:
        raise UnavailableError(
            f"This folder is no complete bundle: {', '.join(missing)} is missing. "
            "Point to the folder that `colloque ledger export` made.",
            code="no-bundle",
        )
    files = {path: data for path, data in found.items() if data is not None}
    try:
        log, witnesses = decode_keys(files[KEYS])
    except InvalidInputError as error:
        if log_key is None:
            raise UnavailableError(f"The file keys cannot be read: {error.message}", code="no-keys") from error
        log, witnesses = log_key, ()
    report = Report(log_key or log)
    if log_key is not None and log != log_key:
        report.add(KEYS, "the key of the log is not the one you trust")
    for key in witness_keys:
        if key not in witnesses:
            report.add(KEYS, f"the witness {key.name} that you trust is not named here")
    witnesses = tuple({*witnesses, *witness_keys})
    _check_manifest(report, files, read)
    checkpoint = _open(report, CHECKPOINT, files[CHECKPOINT], witnesses)
    _read_checkpoints(report, files[CHECKPOINTS], checkpoint, witnesses)
    if checkpoint is not None:
        report.size = checkpoint.checkpoint.size
        _Rebuild(report, checkpoint, read).run()
    for key in witness_keys:
        if key not in report.witnessed:
            report.add(CHECKPOINTS, f"the witness {key.name} that you trust cosigned nothing here")
    return report


def _check_manifest(report: Report, files: dict[str, bytes], read: Read) -> None:
    try:
        manifest = Manifest.open(files[MANIFEST], report.log)
    except ColloqueError as error:
        report.add(MANIFEST, f"{error.message} What it vouched for cannot be trusted")
        return
    for path, digest in manifest.digests.items():
        data = files.get(path) or read(path)
        if data is None:
            report.add(path, "the file was removed")
        elif digest_of(data) != digest:
            report.add(path, "the file is not the one that was exported")
        files.setdefault(path, data or b"")
    report_paths = set(manifest.digests)
    if OPENED not in report_paths and read(OPENED) is not None:
        report.add(OPENED, "the file was added after the export")
    _check_opened(report, files, report_paths, read)


def _open(
    report: Report, path: str, data: bytes, witnesses: Sequence[VerifierKey], line: int | None = None
) -> SignedCheckpoint | None:
    try:
        signed = open_checkpoint(data, report.log, witnesses)
    except ColloqueError as error:
        report.add(path if line is None else f"{path}, line {line}", error.message)
        return None
    for one in signed.cosigned:
        _remember_witness(report, one, signed.checkpoint.size)
    return signed


def _remember_witness(report: Report, one: Verified, size: int) -> None:
    if one.at is not None and size >= report.witnessed.get(one.key, (0, one.at))[0]:
        report.witnessed[one.key] = (size, one.at)


def _read_checkpoints(
    report: Report, data: bytes, newest: SignedCheckpoint | None, witnesses: Sequence[VerifierKey]
) -> None:
    lines = data.split(b"\n")
    if lines.pop():
        report.add(CHECKPOINTS, "the last line is cut off")
    for number, line in enumerate(lines, 1):
        try:
            parsed = decode_checkpoint_line(line)
            at, oldest = read_moment(parsed.at), read_moment(parsed.oldest)
        except InvalidInputError as error:
            report.add(f"{CHECKPOINTS}, line {number}", error.message)
            continue
        signed = _open(report, CHECKPOINTS, parsed.note.encode(), witnesses, number)
        if signed is None:
            continue
        if oldest > at:
            report.add(f"{CHECKPOINTS}, line {number}", "an entry is said to be recorded after it was signed")
        report.checkpoints.append(Dated(signed, at, oldest))
    for earlier, later in pairwise(report.checkpoints):
        if earlier.signed.checkpoint.size >= later.signed.checkpoint.size:
            report.add(CHECKPOINTS, f"the log shrank after {earlier.signed.checkpoint.size} entries")
        if earlier.at > later.at:
            report.add(
                CHECKPOINTS,
                f"the checkpoint of {later.signed.checkpoint.size} entries is dated before the one it follows",
            )
    if newest is not None and (not report.checkpoints or report.checkpoints[-1].signed.checkpoint != newest.checkpoint):
        report.add(CHECKPOINTS, "its last line is not the checkpoint of this bundle")


class _Rebuild:
    """The whole tree made again from the entries, compared with every tile and every checkpoint on the way."""

    def __init__(self, report: Report, newest: SignedCheckpoint, read: Read) -> None:
        self.report = report
        self.read = read
        self.size = newest.checkpoint.size
        self.root = newest.checkpoint.root
        self.frontier = Frontier()
        self.frontier_of_tiles = Frontier()
        self.subtrees: list[bytes] = []
        self.kept_subtrees: list[bytes] = []
        self.differing: list[tuple[Tile, EntryBundle, int]] = []
        due = {one.signed.checkpoint.size: one.signed.checkpoint.root for one in report.checkpoints}
        self.due = sorted(due.items())
        self.due_at = 0

    def run(self) -> None:
        """Walk the log from the first entry to the last."""
        for number in range(-(-self.size // WIDTH)):
            width = min(WIDTH, self.size - number * WIDTH)
            if not self._one_tile(number, width):
                return
        if self.frontier.root() == self.root:
            for tile, _, index in self.differing:
                self.report.add(tile.path, "this hash is not the one of the entry, which is as it was signed", index)
            self._check_uppers(self.subtrees)
        elif self.differing and self.frontier_of_tiles.root() == self.root:
            for _, bundle, index in self.differing:
                self.report.add(bundle.path, "this entry is not the one that was signed", index)
            self._check_uppers(self.kept_subtrees)
        else:
            for _, bundle, index in self.differing:
                self.report.add(bundle.path, "this entry and its hash in the tile disagree", index)
            self.report.add(CHECKPOINT, "the entries do not lead to the signed root")

    def _one_tile(self, number: int, width: int) -> bool:
        tile, bundle = Tile(0, number, width), EntryBundle(number, width)
        data, stored = self.read(bundle.path), self.read(tile.path)
        if data is None or stored is None:
            self.report.add(
                bundle.path if data is None else tile.path,
                "the file is missing; entries from here on cannot be checked",
                number * WIDTH,
            )
            return False
        try:
            entries = decode_entries(data)
        except InvalidInputError as error:
            self.report.add(bundle.path, f"{error.message} Entries from here on cannot be checked", number * WIDTH)
            return False
        if len(entries) != width:
            self.report.add(bundle.path, f"it holds {len(entries)} entries where {width} were signed", number * WIDTH)
            return False
        hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
        kept = hashes
        if stored != b"".join(hashes):
            if len(stored) != width * HASH_BYTES:
                self.report.add(tile.path, f"it is {len(stored)} bytes long instead of {width * HASH_BYTES}")
            else:
                kept = split_hashes(stored)
                differing = [place for place in range(width) if kept[place] != hashes[place]]
                self.differing += [(tile, bundle, number * WIDTH + place) for place in differing]
        self._read_leaves(bundle, entries)
        self._grow(hashes, kept)
        return True

    def _read_leaves(self, bundle: EntryBundle, entries: list[bytes]) -> None:
        for place, entry in enumerate(entries):
            try:
                self.report.kinds[decode_leaf(entry).kind] += 1
            except InvalidInputError as error:
                self.report.add(bundle.path, error.message, bundle.number * WIDTH + place)

    def _grow(self, hashes: list[bytes], kept: list[bytes]) -> None:
        frontier, end = self.frontier, self.frontier.size + len(hashes)
        is_due = self.due_at < len(self.due) and self.due[self.due_at][0] < end
        if is_due or len(hashes) < WIDTH:
            for digest in hashes:
                frontier.push(digest)
                self._compare_due()
        else:
            frontier.push(root_of(hashes), HEIGHT)
            self._compare_due()
        if len(hashes) < WIDTH:
            for digest in kept:
                self.frontier_of_tiles.push(digest)
            return
        subtree = root_of(hashes)
        kept_subtree = subtree if kept is hashes else root_of(kept)
        self.frontier_of_tiles.push(kept_subtree, HEIGHT)
        self.subtrees.append(subtree)
        self.kept_subtrees.append(kept_subtree)

    def _compare_due(self) -> None:
        while self.due_at < len(self.due) and self.due[self.due_at][0] <= self.frontier.size:
            size, root = self.due[self.due_at]
            if size < self.frontier.size or (size < self.size and self.frontier.root() != root):
                self.report.add(
                    CHECKPOINTS,
                    f"the checkpoint of {size} entries is not a beginning of this log: its past was changed",
                )
            self.due_at += 1

    def _check_uppers(self, hashes: list[bytes]) -> None:
        level = 1
        while hashes:
            parents = []
            for start in range(0, len(hashes), WIDTH):
                part = hashes[start : start + WIDTH]
                path = Tile(level, start // WIDTH, len(part)).path
                stored = self.read(path)
                if stored is None:
                    self.report.add(path, "the file is missing")
                elif stored != b"".join(part):
                    self.report.add(path, "its hashes are not those of the tiles below")
                if len(part) == WIDTH:
                    parents.append(root_of(part))
            hashes, level = parents, level + 1


def _check_opened(report: Report, files: dict[str, bytes], paths: set[str], read: Read) -> None:
    leaves = _leaf_reader(files, read)
    if OPENED in paths:
        lines = files[OPENED].split(b"\n")
        if lines.pop():
            report.add(OPENED, "the last line is cut off")
        for number, line in enumerate(lines, 1):
            try:
                opened = decode_opened_line(line)
                check_revealed(leaves(opened.index), bytes.fromhex(opened.salt), bytes(opened.payload))
                report.opened += 1
            except (ColloqueError, ValueError) as error:
                reason = error.message if isinstance(error, ColloqueError) else "it cannot be read"
                report.add(f"{OPENED}, line {number}", reason)
    for path in sorted(paths - {*ALWAYS, OPENED}):
        try:
            index = proof_index(path)
            proof = LogProof.parse(files[path])
            if proof.index != index:
                raise TamperedError(f"It is the proof of entry {proof.index}.", code="inclusion")
            proof.verify(leaves(index), report.log)
            report.proofs += 1
        except ColloqueError as error:
            report.add(path, error.message)


def _leaf_reader(files: dict[str, bytes], read: Read) -> Callable[[int], bytes]:
    """Gives an entry of the bundle by its index. Raises `InvalidInputError` where there is none."""
    text = files[CHECKPOINT].split(b"\n")
    size = int(text[1]) if len(text) > 1 and text[1].isdigit() and len(text[1]) < 19 else 0
    cache: dict[int, list[bytes]] = {}

    def leaf(index: int) -> bytes:
        number, place = divmod(index, WIDTH)
        if not 0 <= index < size:
            raise InvalidInputError("There is no such entry in this bundle.", code="no-entry")
        if number not in cache:
            cache.clear()
            data = read(EntryBundle(number, min(WIDTH, size - number * WIDTH)).path)
            cache[number] = decode_entries(data) if data is not None else []
        if place >= len(cache[number]):
            raise InvalidInputError("There is no such entry in this bundle.", code="no-entry")
        return cache[number][place]

    return leaf
