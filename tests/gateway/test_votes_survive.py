"""The server killed in the middle of votes: what was answered is there, and it goes on; the map follows, and its worker ends."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from colloque.config.environment import database_from_url
from colloque.consultations.core.receipts import Receipt, votes_of
from colloque.consultations.models import MapVersion
from colloque.consultations.queries.ballots import house_key, votes_of_participant
from tests.consultations.story import account, consultation, house, statement
from tests.gateway.conftest import stop
from tests.gateway.test_votes import Hand, Room
from tests.journeys.server import Installation, install

pytestmark = pytest.mark.fault

PEOPLE = 12
STATEMENTS = 30
MAP_WITHIN_SECONDS = 60.0


@pytest.fixture
def alone(
    embedded_postgres: str, tmp_path: Path, settings: LazySettings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Installation]:
    """An installation of this test's own; Django's connection of this process leads to its database."""
    installation = install(tmp_path, embedded_postgres, f"votes_{secrets.token_hex(4)}")
    settings.COLLOQUE_KEYS_DIR = Path(installation.folder / "keys")
    held = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update({**database_from_url(installation.database_url), "CONN_MAX_AGE": 0})
        try:
            yield installation
        finally:
            connection.close()
            connection.settings_dict.clear()
            connection.settings_dict.update(held)


def until(what: str, holds: Callable[[], bool], seconds: float) -> float:
    """Wait until something holds; gives how long it took."""
    begin = time.monotonic()
    while not holds():
        assert time.monotonic() - begin < seconds, what
        time.sleep(0.1)
    return time.monotonic() - begin


def nobody_computes() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1129270348")
        return bool(cursor.fetchone()[0] == 0)


def keep_voting(hand: Hand, killed: Event) -> dict[int, int]:
    """Votes answered 200, until the server is gone."""
    answered: dict[int, int] = {}
    for turn in range(39):
        number, value = turn % STATEMENTS + 1, (turn + hand.participant.number) % 3 - 1
        try:
            answer = hand.vote(number, value)
        except (OSError, http.client.HTTPException):
            break
        if killed.is_set() and answer.status != 200:
            break
        assert answer.status == 200, answer.json
        answered[number] = value
    return answered


def test_what_was_answered_survives_a_kill_and_the_map_follows(alone: Installation) -> None:
    held = consultation(house(), account("facilitator@house.example"))
    for number in range(1, STATEMENTS + 1):
        statement(held, number, f"Affirmation {number}.")
    room = Room(alone, held, [])
    hands = [room.hand() for _ in range(PEOPLE)]
    process = alone.serve()
    killed = Event()
    with ThreadPoolExecutor(PEOPLE) as pool:
        running = [pool.submit(keep_voting, hand, killed) for hand in hands]
        until("no vote came in", lambda: len(room.votes()) > 4 * PEOPLE, 20)
        killed.set()
        os.kill(process.pid, signal.SIGKILL)
        answered = [one.result() for one in running]
    process.wait()
    for hand, votes in zip(hands, answered, strict=True):
        stored = votes_of_participant(hand.participant)
        under_way = {number for number in stored if number not in votes}
        assert len(under_way) <= 1, "only the vote under way may be there without having been answered"
        differing = [number for number in votes if stored.get(number) != votes[number]]
        assert len(differing) <= 1, f"answered, and not in the database: {differing}"
    until("the worker of the maps outlived its server", nobody_computes, 10)

    process = alone.serve()
    try:
        answer = hands[0].vote(1, -1)
        assert answer.status == 200
        receipt = Receipt.parse(answer.json["receipt"])
        receipt.check_promise(house_key())
        assert votes_of(receipt.ballot) == votes_of_participant(hands[0].participant)
        at = datetime.now(UTC)
        until("no map", lambda: MapVersion.objects.filter(computed_at__gt=at).exists(), MAP_WITHIN_SECONDS)
        hands[1].vote(1, -1 if votes_of_participant(hands[1].participant).get(1) == 1 else 1)
        now = datetime.now(UTC)
        took = until("the map does not follow", lambda: MapVersion.objects.filter(computed_at__gt=now).exists(), 15)
        print(f"a vote was on the map after {took:.1f} s")
        newest = MapVersion.objects.order_by("-number")[0]
        assert newest.votes == len(room.votes())
    finally:
        stop(process)
    until("the worker of the maps outlived its server", nobody_computes, 10)
