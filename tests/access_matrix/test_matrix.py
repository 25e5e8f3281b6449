"""Every address of the house, opened by everybody it could be opened by, against the one table."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_matrix.matrix import GET, NOT_TAKEN, POST, ROOMS, ROWS, Row
from tests.access_matrix.world import Who, World, a_whole_world

READS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "SET ", "SHOW ", "WITH")


def addresses(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the URLconf, with its whole name; what has no name is called by its pattern.

    Operations of the REST API take JSON and answer in their own way: `tests/api` opens them.
    """
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver) and one.namespace == "api":
            continue
        if isinstance(one, URLResolver):
            yield from addresses(one, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield (f"{space}{one.name}" if one.name else f"unnamed {one.pattern}"), one


PATTERNS = dict(addresses())


def test_every_address_has_one_row_and_every_row_an_address() -> None:
    names = [name for name, _pattern in addresses()]
    twice = [name for name, count in Counter(names).items() if count > 1]
    rows = Counter(row.name for row in ROWS)
    assert not twice, f"two addresses share a name: {twice}"
    assert not [name for name, count in rows.items() if count > 1], "an address has two rows"
    assert not set(names) - set(rows), f"who may open these? Add rows to matrix.py: {sorted(set(names) - set(rows))}"
    assert not set(rows) - set(names), f"these rows are about nothing: {sorted(set(rows) - set(names))}"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Refusals are what we look for; they need no line in the log."""
    log = logging.getLogger("django.request")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


def answer(world: World, path: str, who: Who, method: str) -> tuple[int, list[str]]:
    """The status, and every statement to the database that wrote."""
    before = transaction.savepoint()
    client = world.client(who)
    client.raise_request_exception = False
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path) if method == GET else client.post(path, {})
    transaction.savepoint_rollback(before)
    wrote = [query["sql"] for query in captured.captured_queries if not query["sql"].lstrip().startswith(READS)]
    return response.status_code, wrote


@pytest.mark.django_db
@pytest.mark.principle("G5")
@pytest.mark.parametrize("room", ROOMS)
def test_everybody_gets_what_the_table_says(room: str, subtests: pytest.Subtests) -> None:
    world = a_whole_world()
    ids = world.ids()
    for row in ROOMS[room]:
        with subtests.test(row.name):
            names = PATTERNS[row.name].pattern.regex.groupindex
            path = reverse(row.name, kwargs={name: ids[row.means.get(name, name)] for name in names})
            assert not list(_wrong(world, row, path)), f"{row.name} is {path}"


def _wrong(world: World, row: Row, path: str) -> Iterator[str]:
    for method in (GET, POST):
        taken = row.get if method == GET else row.post
        for who in Who if taken is not None else (Who.ANONYMOUS, Who.ADMINISTRATOR):
            status, wrote = answer(world, path, who, method)
            expected = row.expected(who, method)
            if method == GET and wrote and not row.writes:
                yield f"reading it as {who} wrote: {wrote}"
            if status != expected and not _refused_before_the_method(row, who, method, status):
                yield f"{method} as {who}: {status}, the table says {expected}"


def _refused_before_the_method(row: Row, who: Who, method: str, status: int) -> bool:
    """A page that hides itself before it says which methods it takes hides well."""
    return row.expected(who, method) == NOT_TAKEN and status in {302, 404} and who not in row.to | {Who.ADMINISTRATOR}
