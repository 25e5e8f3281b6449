"""The database crashes, or stands still, under load: nothing is shown meanwhile, and service resumes by itself."""

from __future__ import annotations

import os
import signal
import time
from urllib.error import HTTPError
from urllib.request import OpenerDirector, Request, build_opener

import pytest
from pytest_django.plugin import DjangoDbBlocker

from colloque.gateway.database import CONNECT_SECONDS, STATEMENT_SECONDS
from tests.faults.evidence import assert_nothing_lost, assert_reports_kept
from tests.faults.house import House
from tests.faults.load import Load, one_call

pytestmark = pytest.mark.fault

AWAY_S = 1.5
RESUMES_WITHIN_S = 10.0
PAGE_ANSWERS_WITHIN_S = 10.0


def test_a_crash_of_the_database_shows_nothing_loses_nothing_and_ends_by_itself(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    house.start_ai()
    server = house.serve()
    with Load(house) as load:
        for _ in range(2):
            settled = time.monotonic()
            load.wait_for(30, since=settled)
            stopping = time.monotonic()
            assert {r.status for r in load.reports if settled < r.began < stopping - 1} <= {200}, (
                "Reports do not resume."
            )
            house.cluster.stop("immediate")
            stopped = time.monotonic()
            time.sleep(AWAY_S)
            page = house.ehr().request("GET", "/e/tilleuls/")
            starting = time.monotonic()
            house.cluster.start()
            started = time.monotonic()
            load.wait_for(30, since=started, within=RESUMES_WITHIN_S)
            away = load.between(stopped, starting)
            assert away, "Nobody called while the database was away."
            assert {(o.status, o.code) for o in away} == {(503, "database-away")}
            assert max(o.seconds for o in away) < CONNECT_SECONDS, "A caller waited for a database that was not there."
            assert page.status == 503
            assert "Traceback" not in page.body.decode()
    assert {o.status for o in load.outcomes} == {200, 503}, sorted({(o.status, o.code) for o in load.outcomes})
    assert {r.status for r in load.reports} <= {200, 503}
    assert assert_reports_kept(house, load.reports) >= 10
    assert server.poll() is None, "The server ended."
    assert assert_nothing_lost(house, load.outcomes, django_db_blocker) >= 120
    assert "Exception in ASGI application" not in house.log()
    assert "never retrieved" not in house.log()


def test_a_database_that_stands_still_is_not_waited_for_longer_than_the_limits(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    house.start_ai()
    house.serve()
    before = one_call(house)
    assert before.suggested, (before.status, before.body)
    processes = house.cluster.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        still = one_call(house)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    assert (still.status, still.code) == (503, "database-away")
    assert still.seconds < STATEMENT_SECONDS + CONNECT_SECONDS + 2
    resumed = time.monotonic()
    outcomes = [before, still]
    while not outcomes[-1].suggested and time.monotonic() - resumed < RESUMES_WITHIN_S:
        outcomes.append(one_call(house))
    assert outcomes[-1].suggested, outcomes[-1].body
    assert assert_nothing_lost(house, outcomes, django_db_blocker) == 2


def test_a_page_does_not_wait_for_a_database_that_stands_still(house: House) -> None:
    house.serve()
    reading = ["/e/tilleuls/", "/e/tilleuls/charter/", "/accounts/login/"]
    for path in reading:
        assert page(house, path)[0] == 200, path
    processes = house.cluster.processes()
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        still = {path: page(house, path) for path in reading[:2]}
        begun = build_opener()
        begun.addheaders = [("Cookie", "sessionid=abcdefghijklmnopqrstuvwxyz012345")]
        still["signed in"] = page(house, "/", begun)
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
    for path, (status, body, seconds) in still.items():
        assert status == 503, (path, status)
        assert "Le service est momentanément absent" in body, path
        assert "Les soins continuent, sans IA." in body, path
        assert seconds < PAGE_ANSWERS_WITHIN_S, (path, seconds)
    resumed = time.monotonic()
    while page(house, reading[0])[0] != 200:
        assert time.monotonic() - resumed < RESUMES_WITHIN_S, "Pages do not resume."
    assert "Traceback" not in str(still)


def page(house: House, path: str, browser: OpenerDirector | None = None) -> tuple[int, str, float]:
    """Status, text and seconds of one page, asked as a browser does."""
    began = time.monotonic()
    asked = Request(house.url + path, headers={"Accept": "text/html"})
    try:
        with (browser or build_opener()).open(asked, timeout=60) as answer:
            return answer.status, answer.read().decode(), time.monotonic() - began
    except HTTPError as error:
        return error.code, error.read().decode(), time.monotonic() - began


def test_a_database_that_turns_read_only_shows_nothing_and_is_left_for_one_that_writes(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    """What a server meets when it is switched to a copy, or when a host forbids writing because a disk is nearly full."""
    house.start_ai()
    house.serve()
    with Load(house) as load:
        load.wait_for(10)
        _forbid_writing(house, "on")
        forbidden = time.monotonic()
        time.sleep(1.5)
        refused = load.between(forbidden + 0.5, time.monotonic())
        _forbid_writing(house, "off")
        allowed = time.monotonic()
        load.wait_for(30, since=allowed, within=RESUMES_WITHIN_S)
        while time.monotonic() - allowed < RESUMES_WITHIN_S and not [r for r in load.reports if r.began > allowed]:
            time.sleep(0.05)
    assert [r for r in load.reports if r.began > allowed and r.status == 200], "Reports do not resume."
    assert {(o.status, o.code) for o in refused} == {(503, "database-away")}
    assert assert_nothing_lost(house, load.outcomes, django_db_blocker) >= 40


def _forbid_writing(house: House, answer: str) -> None:
    """Make new sessions read-only, or no longer; with `on`, those that are there end."""
    with house.cluster.connect() as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE colloque SET default_transaction_read_only = {answer}")
        if answer == "on":
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'colloque' AND pid <> pg_backend_pid()"
            )
