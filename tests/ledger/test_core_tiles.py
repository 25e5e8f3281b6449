"""Tiles: paths byte for byte, growth touching only the right edge, proofs read from tiles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError
from colloque.ledger.core.tiles import (
    EntryBundle,
    Tile,
    decode_entries,
    encode_entries,
    entry_bundles_of,
    grow,
    parse_path,
    range_root_from,
    right_edge,
    root_of_edge,
    tiles_for,
    tiles_of,
)
from colloque.ledger.core.tree import (
    inclusion_ranges,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)


def test_paths_as_served() -> None:
    assert Tile(0, 1234067).path == "tile/0/x001/x234/067"
    assert Tile(3, 0, 7).path == "tile/3/000.p/7"
    assert Tile(1, 999).path == "tile/1/999"
    assert Tile(1, 1000).path == "tile/1/x001/000"
    assert EntryBundle(67).path == "tile/entries/067"
    assert EntryBundle(1067, 255).path == "tile/entries/x001/067.p/255"


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_paths_read_back(level: int, index: int, width: int) -> None:
    assert parse_path(Tile(level, index, width).path) == Tile(level, index, width)
    assert parse_path(EntryBundle(index, width).path) == EntryBundle(index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/67",
        "tile/0/0067",
        "tile/00/067",
        "tile/64/067",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/07",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x01/067",
        "tile/0/../067",
        "tile/data/067",
        "tile/0/067/",
        "/tile/0/067",
        "tile/0/٠٦٧",
        "tile/0/067\n",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_path(path)


def test_which_tiles_a_tree_has() -> None:
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 for tile in tiles) == 274
    assert [tile for tile in tiles if tile.width < 256] == right_edge(70_000)
    assert right_edge(70_000) == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(entry_bundles_of(257)) == [EntryBundle(0), EntryBundle(1, 1)]
    assert list(tiles_of(0)) == right_edge(0) == []


def test_entry_bundles_carry_lengths() -> None:
    assert encode_entries([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"
    assert decode_entries(b"\x00\x02ab\x00\x00\x00\x01c") == [b"ab", b"", b"c"]
    assert decode_entries(encode_entries([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(InvalidInputError):
        encode_entries([b"x" * 65_536])
    for cut in (b"\x00", b"\x00\x02a", b"\x00\x01a\x00"):
        with pytest.raises(InvalidInputError):
            decode_entries(cut)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_growth_in_steps_is_the_tree_at_once(steps: list[int]) -> None:
    hashes: list[bytes] = []
    store: dict[tuple[int, int], bytes] = {}
    for step in steps:
        size = len(hashes)
        added = [leaf_hash(b"%d" % number) for number in range(size, size + step)]
        edge = {tile.level: store[tile.level, tile.number] for tile in right_edge(size)}
        growth = grow(size, edge, added)
        hashes += added
        for tile, data in growth.tiles.items():
            assert len(data) == tile.width * 32
            assert data.startswith(store.get((tile.level, tile.number), b"")), "a tile only ever grows"
            store[tile.level, tile.number] = data
        assert growth.size == len(hashes)
        assert growth.root == root_of(hashes)
    size = len(hashes)
    assert {(tile.level, tile.number): tile.width * 32 for tile in tiles_of(size)} == {
        k: len(v) for k, v in store.items()
    }
    assert root_of_edge({tile.level: store[tile.level, tile.number] for tile in right_edge(size)}) == root_of(hashes)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_proofs_read_from_tiles(data: st.DataObject) -> None:
    size = data.draw(st.one_of(st.integers(1, 300), st.integers(65_000, 66_200)))
    hashes = [leaf_hash(b"%d" % number) for number in range(size)]
    store = grow(0, {}, hashes).tiles
    read: list[Tile] = []

    def read_tile(tile: Tile) -> bytes:
        read.append(tile)
        return store[tile]

    root = root_of(hashes)
    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, range_root_from(size, read_tile))
    verify_inclusion(hashes[index], index, size, proof, root)
    assert len(read) == len(set(read)) <= 6, "a proof reads few tiles, each once"
    assert set(read) == tiles_for(inclusion_ranges(index, size), size)
    old = data.draw(st.integers(1, size))
    consistency = prove_consistency(old, size, range_root_from(size, read_tile))
    verify_consistency(old, root_of(hashes[:old]), size, root, consistency)


def test_tiles_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        grow(3, {0: b"x" * 64}, [leaf_hash(b"")])
    with pytest.raises(InvalidInputError):
        prove_inclusion(0, 3, range_root_from(3, lambda tile: b"x" * 32))
