"""A real server on a database of its own, and tests that reach the same rows; each test makes its own establishment."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from colloque.config.environment import database_from_url
from colloque.ledger.keys import create_keys
from tests.gateway.played_ai import PlayedAi, played_ai
from tests.gateway.scenes import Scene, a_scene
from tests.journeys.server import Installation, install


@pytest.fixture(scope="session")
def gateway_installation(embedded_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A migrated installation with its keys, not yet serving."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"gateway_{worker}_{secrets.token_hex(4)}"  # other folders use this fixture too, each for itself
    installation = install(tmp_path_factory.mktemp("gateway"), embedded_postgres, name)
    create_keys(installation.folder / "keys", origin="colloque.example/gateway", witness="witness.example/w1")
    return installation


@pytest.fixture(scope="session")
def server(gateway_installation: Installation) -> Iterator[Installation]:
    """The installation, serving."""
    process = gateway_installation.serve()
    yield gateway_installation
    stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that the tests started."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def rows(
    gateway_installation: Installation, settings: LazySettings, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Django's connection of this process leads to the server's database, and its keys are the server's."""
    settings.COLLOQUE_KEYS_DIR = Path(gateway_installation.folder / "keys")
    held = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update({**database_from_url(gateway_installation.database_url), "CONN_MAX_AGE": 0})
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(held)


@pytest.fixture
def ai() -> Iterator[PlayedAi]:
    """The AI of this test."""
    with played_ai() as played:
        yield played


@pytest.fixture
def scene(server: Installation, rows: None, ai: PlayedAi) -> Scene:
    """An act that everything allows can be called for."""
    return a_scene(server, ai)
