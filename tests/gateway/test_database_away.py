"""The database goes away in the middle: a 503 in the standard's shape, nothing shown, and back to work by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import psycopg
from psycopg import sql

from colloque.acts.models import Act
from tests.gateway.played_ai import CARD, Handler
from tests.gateway.scenes import Scene


@contextmanager
def database_away(scene: Scene, postgres: str) -> Iterator[None]:
    """No connection to the server's database, neither old nor new, as long as the block."""
    name = scene.installation.database_url.split("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(postgres, autocommit=True) as admin:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def answers_again(scene: Scene) -> None:
    until = time.monotonic() + 15
    while (status := scene.ehr.call().status) != 200:
        assert time.monotonic() < until, status
        time.sleep(0.2)


def test_a_call_without_database_is_a_503_and_the_ai_receives_nothing(scene: Scene, embedded_postgres: str) -> None:
    scene.ehr.call()
    received = len(scene.ai.received)
    with database_away(scene, embedded_postgres):
        for _ in range(3):
            answer = scene.ehr.call()
            assert answer.status == 503
            assert answer.json["resourceType"] == "OperationOutcome"
            assert answer.problems == {"": "database-away"}
            assert answer.headers["retry-after"] == "5"
        assert scene.ehr.request("GET", f"/cds/{scene.ehr.slug}/cds-services").status == 503
        assert len(scene.ai.received) == received
    answers_again(scene)


def test_a_database_lost_while_the_ai_thinks_shows_nothing(scene: Scene, embedded_postgres: str) -> None:
    scene.ehr.call()
    from django.db import connection

    acts = Act.objects.filter(establishment=scene.world.house).count()
    connection.close()
    asked, gone = Event(), Event()

    def thinking(handler: Handler) -> None:
        asked.set()
        gone.wait(10)
        handler.answer({"cards": [CARD]})

    scene.ai.play = thinking
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(scene.ehr.call)
        assert asked.wait(10)
        with database_away(scene, embedded_postgres):
            gone.set()
            answer = call.result(20)
            assert answer.status == 503
            assert CARD["summary"].encode() not in answer.body
    scene.ai.answers({"cards": [CARD]})
    answers_again(scene)
    assert Act.objects.filter(establishment=scene.world.house).count() == acts + 1, "the call that failed left nothing"
