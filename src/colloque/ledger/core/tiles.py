"""Tiles of the C2SP `tlog-tiles` format: paths, hash tiles, entry bundles, and proofs read from tiles.

A tile holds up to 256 consecutive hashes of one level of the tree, concatenated; level `l` counts in steps of eight
tree levels. A hash enters a tile only once its subtree is complete, so a partial tile is a prefix of the full one.
Source: c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from colloque.kernel.errors import InvalidInputError
from colloque.ledger.core.tree import EMPTY_ROOT, HASH_BYTES, Range, RangeRoot, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_ENTRY_BYTES = 0xFFFF
MAX_LEVEL = 63

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class Tile(NamedTuple):
    """Coordinates of a hash tile: level, number within the level, and width in hashes (1 to 256)."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the tile is served, `tile/<level>/<number>[.p/<width>]`."""
        return _path(str(self.level), self.number, self.width)


class EntryBundle(NamedTuple):
    """Coordinates of an entry bundle: the entries under the level 0 tile of the same number and width."""

    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where the bundle is served, `tile/entries/<number>[.p/<width>]`."""
        return _path("entries", self.number, self.width)


def _path(kind: str, number: int, width: int) -> str:
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    elements = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{kind}/{elements}" + (f".p/{width}" if width != WIDTH else "")


def parse_path(path: str) -> Tile | EntryBundle:
    """The coordinates a path names. Raises `InvalidInputError` unless it is exactly the path we would serve."""
    match = _PATH.fullmatch(path)
    if match is not None:
        kind, elements, width_text = match.groups()
        number = int(elements.replace("x", "").replace("/", ""))
        width = int(width_text) if width_text else WIDTH
        found: Tile | EntryBundle = EntryBundle(number, width) if kind == "entries" else Tile(int(kind), number, width)
        if found.path == path and (isinstance(found, EntryBundle) or found.level <= MAX_LEVEL) and width <= WIDTH:
            return found
    raise InvalidInputError("This is not the path of a tile.", code="tile-path")


def right_edge(size: int) -> list[Tile]:
    """The partial tiles of a tree of `size`, one a level from level 0 up; a level whose last tile is full has none."""
    edge = []
    for level in range(MAX_LEVEL + 1):
        count = size >> HEIGHT * level
        if not count:
            break
        index, width = divmod(count, WIDTH)
        if width:
            edge.append(Tile(level, index, width))
    return edge


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size`, level by level, from left to right."""
    for level in range(MAX_LEVEL + 1):
        count = size >> HEIGHT * level
        if not count:
            break
        full, width = divmod(count, WIDTH)
        yield from (Tile(level, index) for index in range(full))
        if width:
            yield Tile(level, full, width)


def entry_bundles_of(size: int) -> Iterator[EntryBundle]:
    """Every entry bundle of a log of `size` entries, from left to right."""
    full, width = divmod(size, WIDTH)
    yield from (EntryBundle(index) for index in range(full))
    if width:
        yield EntryBundle(full, width)


def split_hashes(tile: bytes) -> list[bytes]:
    """The hashes of a tile, in order. Raises `InvalidInputError` for a length that is no multiple of 32 bytes."""
    if len(tile) % HASH_BYTES:
        raise InvalidInputError("The tile is not a whole number of hashes.", code="tile-length")
    return [tile[i : i + HASH_BYTES] for i in range(0, len(tile), HASH_BYTES)]


def encode_entries(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry after its length (big-endian uint16). Raises `InvalidInputError` past it."""
    parts = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise InvalidInputError("An entry is longer than 65 535 bytes.", code="entry-too-long")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def decode_entries(bundle: bytes) -> list[bytes]:
    """The entries of a bundle, in order. Raises `InvalidInputError` where a length points past the end."""
    entries = []
    at, end = 0, len(bundle)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > end or start > end:
            raise InvalidInputError("The entry bundle ends in the middle of an entry.", code="bundle-length")
        entries.append(bundle[start:at])
    return entries


class Growth(NamedTuple):
    """What a tree becomes: its new size and root, and the tiles whose bytes are new (each the whole tile so far)."""

    size: int
    root: bytes
    tiles: Mapping[Tile, bytes]


def grow(size: int, edge: Mapping[int, bytes], hashes: Sequence[bytes]) -> Growth:
    """The tree of `size` with leaf hashes added at its right.

    `edge` maps each level to the bytes of its partial tile (`right_edge(size)`); only those and new tiles are touched.
    Raises `InvalidInputError` where an edge tile has not the length that `size` asks for.
    """
    written: dict[Tile, bytes] = {}
    partial = dict(edge)
    level, before, added = 0, size, list(hashes)
    while added:
        index, width = divmod(before, WIDTH)
        data = partial.get(level, b"")
        if len(data) != width * HASH_BYTES:
            raise InvalidInputError(
                f"The partial tile at level {level} is not {width} hashes wide.", code="tile-length"
            )
        data += b"".join(added)
        added = []
        full_bytes = WIDTH * HASH_BYTES
        for start in range(0, len(data) - full_bytes + 1, full_bytes):
            tile = data[start : start + full_bytes]
            written[Tile(level, index)] = tile
            added.append(root_of(split_hashes(tile)))
            index += 1
        rest = data[len(added) * full_bytes :]
        partial[level] = rest
        if rest:
            written[Tile(level, index, len(rest) // HASH_BYTES)] = rest
        before >>= HEIGHT
        level += 1
    return Growth(size + len(hashes), root_of_edge(partial), written)


def root_of_edge(edge: Mapping[int, bytes]) -> bytes:
    """Root of the tree whose partial tiles, by level, have these bytes; levels without one may be left out."""
    rest: bytes | None = None
    for level in sorted(edge):
        hashes = split_hashes(edge[level])
        if rest is not None:
            hashes.append(rest)
        if hashes:
            rest = root_of(hashes)
    return EMPTY_ROOT if rest is None else rest


def _perfect_parts(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Height and number of the perfect subtrees that make up a range, from left to right."""
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        yield height, start >> height
        start += 1 << height


def _place(height: int, number: int, size: int) -> tuple[Tile, int, int]:
    """The tile of a tree of `size` that holds a perfect subtree's hashes, and the first and number of these hashes in it."""
    level, inside = divmod(height, HEIGHT)
    index, offset = divmod(number << inside, WIDTH)
    return Tile(level, index, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH)), offset, 1 << inside


def tiles_for(ranges: Iterable[Range], size: int) -> set[Tile]:
    """The tiles of a tree of `size` from which the roots of these ranges are read."""
    return {_place(height, number, size)[0] for start, end in ranges for height, number in _perfect_parts(start, end)}


def range_root_from(size: int, read_tile: Callable[[Tile], bytes]) -> RangeRoot:
    """A function giving the root of any range of the tree of `size`, reading only the tiles it needs, each once.

    `read_tile` gives the bytes of a tile; a wider tile than asked for is fine, as its beginning is the same.
    """
    read = lru_cache(maxsize=None)(read_tile)

    def perfect(height: int, number: int) -> bytes:
        tile, offset, count = _place(height, number, size)
        hashes = read(tile)[offset * HASH_BYTES : (offset + count) * HASH_BYTES]
        if len(hashes) != count * HASH_BYTES:
            raise InvalidInputError(f"Tile {tile.path} is too short.", code="tile-length")
        return root_of(split_hashes(hashes))

    def range_root(start: int, end: int) -> bytes:
        return root_of_parts([perfect(height, number) for height, number in _perfect_parts(start, end)])

    return range_root


def root_of_parts(parts: Sequence[bytes]) -> bytes:
    """Root of a range given the roots of its perfect subtrees, ever smaller from left to right."""
    if not parts:
        return EMPTY_ROOT
    digest = parts[-1]
    for left in reversed(parts[:-1]):
        digest = root_of([left, digest])
    return digest
