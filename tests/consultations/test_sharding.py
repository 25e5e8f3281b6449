"""Votes on several machines: worker processes over the loopback interface give the map of one machine, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from colloque.consultations.core.opinion.density import density
from colloque.consultations.core.opinion.engine import compute_map, map_of
from colloque.consultations.core.opinion.values import Placements, StatementStatus, VoteTable
from colloque.consultations.sharding import Sharded, compute_sharded, shards_of
from colloque.kernel.errors import InvalidInputError, UnavailableError
from tests.consultations.test_core_opinion_engine import population

distributed: Any = pytest.importorskip("distributed", reason="Dask is not installed here")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=3, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as running:
        yield running


def test_shards_on_worker_processes_give_the_same_bytes(cluster: Any) -> None:
    table, _ = population((300, 150, 80), statements=60)
    statuses = [StatementStatus(5, is_moderated_out=True), StatementStatus(7, is_meta=True), StatementStatus(900)]
    once, placed = compute_map(table, statuses)
    again, placed_again = compute_sharded(table, statuses, scheduler=cluster.scheduler_address)
    assert once.to_json() == again.to_json()
    assert placed.to_bytes() == placed_again.to_bytes()


def test_shards_that_know_different_statements_add_up(cluster: Any) -> None:
    table, _ = population((60, 40), statements=30)
    people = np.repeat(table.people, np.diff(table.indptr))
    asked = table.statements[table.indices]
    keep = ~((people < 40) & (asked < 10))  # the first shard never saw the first ten statements
    whole = VoteTable.from_votes(people[keep], asked[keep], table.values[keep])
    parts = [
        VoteTable.from_votes(people[some], asked[some], table.values[some])
        for some in (keep & (people < 40), keep & (people >= 40))
    ]
    with distributed.Client(cluster.scheduler_address) as client:
        again, _ = map_of(Sharded(client, client.scatter(parts, hash=False)), ())
        with pytest.raises(InvalidInputError, match="different people"):
            Sharded(client, client.scatter(parts[::-1], hash=False))
    assert compute_map(whole, ())[0].to_json() == again.to_json()


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_a_table_is_cut_without_loss(count: int) -> None:
    table, _ = population((30, 20))
    shards = shards_of(table, count)
    assert np.array_equal(np.concatenate([shard.people for shard in shards]), table.people)
    assert np.array_equal(np.concatenate([shard.values for shard in shards]), table.values)
    assert all(len(shard.people) for shard in shards)
    assert not shards_of(VoteTable.from_votes([], [], []), count)


def test_a_scheduler_that_does_not_answer_is_said() -> None:
    with pytest.raises(UnavailableError, match="No Dask scheduler"):
        compute_sharded(population((3, 3))[0], (), scheduler="not an address")


def test_a_grid_counts_everybody_on_the_map_once() -> None:
    table, _ = population((120, 60))
    _, placed = compute_map(table, ())
    for bins in (1, 8, 64):
        grid = density(placed, bins)
        assert grid.counts.shape[1:] == (bins, bins)
        for group in range(len(grid.counts)):
            assert grid.counts[group].sum() == np.count_nonzero(placed.group == group)
    nobody = Placements(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int16))
    assert density(nobody).counts.shape[0] == 0
    with pytest.raises(InvalidInputError):
        density(placed, 0)
