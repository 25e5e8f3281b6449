"""Installations to break: one is furnished once, each test gets a copy with a cluster, keys and ports of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from colloque.cli.keys import create_all_keys
from tests.faults.cluster import Cluster, own_folder
from tests.faults.furnish import furnish
from tests.faults.house import House, copy_of, rows_of

AI_TIMEOUT_MS = 1_500


@pytest.fixture(scope="session")
def furnished(django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """A migrated, furnished installation, stopped."""
    with own_folder() as folder:
        house = House(folder, Cluster(folder))
        try:
            house.cluster.make()
            created = house.command("keys", "create")
            assert created.returncode == 0, created.stderr
            with rows_of(house, django_db_blocker):
                call_command("migrate", interactive=False, verbosity=0)
                house.known.update(furnish())
            house.cluster.stop("fast")
            yield house
        finally:
            house.end()


@pytest.fixture
def house(furnished: House) -> Iterator[House]:
    """An installation whose database runs; nothing serves yet."""
    with own_folder() as folder:
        made = copy_of(furnished, folder)
        try:
            made.cluster.start()
            declare_ai(made)
            yield made
        finally:
            made.end()


@pytest.fixture
def no_database() -> Iterator[House]:
    """An installation with keys and nothing else."""
    with own_folder() as folder:
        made = House(folder, Cluster(folder))
        create_all_keys(made.keys, origin="faults.invalid/ledger")
        try:
            yield made
        finally:
            made.end()


def declare_ai(house: House) -> None:
    """Let the project name the address at which this installation's AI listens."""
    with house.cluster.connect() as connection:
        connection.execute(
            "UPDATE projects_project SET endpoint = %s, timeout_ms = %s, version = version + 1 WHERE id = %s",
            [f"http://127.0.0.1:{house.ai_port}", AI_TIMEOUT_MS, house.known["project"]],
        )
