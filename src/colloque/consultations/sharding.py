"""A map whose votes lie on several machines: shards of people on Dask workers, whole-number sums added up here.

Each worker holds the table of its people. What travels is the sums over pairs of statements (24 bytes a pair), a place for
each person and the counts of groups: never the votes. The map is the same to the bit as from one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from colloque.consultations.core.opinion.values import MapSettings, OpinionMap, Placements, StatementStatus, VoteTable
from colloque.kernel.errors import InvalidInputError, UnavailableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from colloque.consultations.core.opinion.values import Labels, Real, Whole

    Sums = NDArray[np.int64]


def shards_of(table: VoteTable, count: int) -> list[VoteTable]:
    """The table cut into at most `count` shards with about as many votes each, people in order."""
    import numpy as np

    if count < 1:
        raise InvalidInputError("A map has at least one shard.", path="shards")
    wanted = np.linspace(0, table.votes, count + 1)[1:-1]
    cuts = np.unique(np.concatenate(([0], np.searchsorted(table.indptr, wanted), [len(table.people)]))).tolist()
    return [
        VoteTable(
            table.people[low:high],
            table.statements,
            table.indptr[low : high + 1] - table.indptr[low],
            table.indices[table.indptr[low] : table.indptr[high]],
            table.values[table.indptr[low] : table.indptr[high]],
        )
        for low, high in pairwise(cuts)
    ]


class Sharded:
    """Votes on Dask workers. `shards`: futures of tables over disjoint people, in order of their numbers."""

    def __init__(self, client: Any, shards: Sequence[Any]) -> None:
        import numpy as np

        self._client = client
        heads = client.gather(client.map(_head, shards, pure=False))
        self.statements: Whole = _united([head[1] for head in heads])
        self._shards = client.map(partial(_over, self.statements), shards, pure=False)
        self.people: Whole = np.concatenate([head[0] for head in heads]) if heads else np.empty(0, np.int64)
        self.given: Whole = np.concatenate([head[2] for head in heads]) if heads else np.empty(0, np.int64)
        if (np.diff(self.people) <= 0).any():
            raise InvalidInputError("Shards hold different people, those with lower numbers first.", path="shards")
        self._bounds = np.cumsum([0, *(len(head[0]) for head in heads)]).tolist()

    def sums(self) -> tuple[Sums, Sums, Sums, Sums]:
        """Counts and pair sums, added two by two on the workers, so that only one total travels here."""
        parts = self._client.map(_sums, self._shards, pure=False)
        while len(parts) > 1:
            pairs = [parts[place : place + 2] for place in range(0, len(parts), 2)]
            parts = [self._client.submit(_added, *pair, pure=False) if len(pair) > 1 else pair[0] for pair in pairs]
        found: tuple[Sums, Sums, Sums, Sums] = self._client.gather(parts[0])
        return found

    def project(self, centre: Real, axes: Real, counted: NDArray[np.bool_]) -> tuple[Real, Real]:
        """Where each person stands."""
        import numpy as np

        parts = self._each(_project, centre, axes, counted)
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def counts_by_group(self, groups: Labels, k: int) -> Sums:
        """Counts for groups of people."""
        bounds = pairwise(self._bounds)
        tasks = [
            self._client.submit(_counts, shard, groups[low:high], k, pure=False)
            for shard, (low, high) in zip(self._shards, bounds, strict=True)
        ]
        return self._total(self._client.gather(tasks))

    def counts_of_rows(self, rows: Whole) -> Sums:
        """Counts of some people."""
        bounds = pairwise(self._bounds)
        tasks = [
            self._client.submit(_counts_of_rows, shard, rows[(rows >= low) & (rows < high)] - low, pure=False)
            for shard, (low, high) in zip(self._shards, bounds, strict=True)
        ]
        return self._total(self._client.gather(tasks))

    def _each(self, work: Any, *arguments: Any) -> list[Any]:
        tasks = [self._client.submit(work, shard, *arguments, pure=False) for shard in self._shards]
        found: list[Any] = self._client.gather(tasks)
        return found

    def _total(self, parts: Sequence[Sums]) -> Sums:
        total = parts[0].copy()
        for part in parts[1:]:
            total += part
        return total


def compute_sharded(
    table: VoteTable,
    statements: Iterable[StatementStatus],
    settings: MapSettings | None = None,
    *,
    scheduler: str | None = None,
    workers: int = 2,
) -> tuple[OpinionMap, Placements]:
    """The map of a table spread over Dask: the scheduler at this address (`tcp://host:port`), or a cluster of worker
    processes on this machine, on the loopback interface, ended afterwards.

    Raises `UnavailableError` where Dask is not installed or the scheduler does not answer.
    """
    from colloque.consultations.core.opinion.engine import map_of

    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise UnavailableError("Dask is not installed here: install colloque[dask], or leave --engine out.") from error
    if scheduler is None:
        cluster = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", processes=True
        )
        with cluster, distributed.Client(cluster) as client:
            return map_of(_spread(client, table, workers), statements, settings)
    try:
        client = distributed.Client(scheduler, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise UnavailableError(f"No Dask scheduler answers at {scheduler}.") from error
    with client:
        count = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        return map_of(_spread(client, table, count), statements, settings)


def _spread(client: Any, table: VoteTable, count: int) -> Sharded:
    shards = shards_of(table, count) or [table]
    return Sharded(client, client.scatter(shards, hash=False))


def _united(parts: Sequence[Whole]) -> Whole:
    import numpy as np

    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def _head(table: VoteTable) -> tuple[Whole, Whole, Whole]:
    import numpy as np

    return table.people, table.statements, np.diff(table.indptr)


def _over(statements: Whole, table: VoteTable) -> VoteTable:
    """The shard with its statements named by their places among all."""
    import numpy as np

    if np.array_equal(statements, table.statements):
        return table
    places = np.searchsorted(statements, table.statements).astype(np.int32)
    return VoteTable(table.people, statements, table.indptr, places[table.indices], table.values)


def _sums(table: VoteTable) -> tuple[Sums, Sums, Sums, Sums]:
    from colloque.consultations.core.opinion.source import Held

    return Held(table, 1).sums()


def _added(one: tuple[Sums, Sums, Sums, Sums], other: tuple[Sums, Sums, Sums, Sums]) -> tuple[Sums, Sums, Sums, Sums]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _project(table: VoteTable, centre: Real, axes: Real, counted: NDArray[np.bool_]) -> tuple[Real, Real]:
    from colloque.consultations.core.opinion.source import Held

    return Held(table, 1).project(centre, axes, counted)


def _counts(table: VoteTable, groups: Labels, k: int) -> Sums:
    from colloque.consultations.core.opinion.source import Held

    return Held(table, 1).counts_by_group(groups, k)


def _counts_of_rows(table: VoteTable, rows: Whole) -> Sums:
    from colloque.consultations.core.opinion.source import Held

    return Held(table, 1).counts_of_rows(rows)
