"""The server is killed under load, again and again: what anybody was shown is written, and the log verifies."""

from __future__ import annotations

import time

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.evidence import assert_nothing_lost, assert_reports_kept
from tests.faults.house import House, kill
from tests.faults.load import Load

pytestmark = pytest.mark.fault


def test_what_was_shown_is_written_though_the_server_is_killed(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    with house.cluster.connect() as connection:
        assert connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone() == (
            "on",
            "on",
        )
    house.start_ai()
    server = house.serve()
    with Load(house) as load:
        for _ in range(2):
            load.wait_for(30, since=time.monotonic())
            kill(server)
            killed = time.monotonic()
            server = house.serve()
            load.wait_for(30, since=killed)
    assert {o.status for o in load.outcomes} <= {0, 200}, sorted({(o.status, o.code) for o in load.outcomes})
    assert assert_nothing_lost(house, load.outcomes, django_db_blocker) >= 60
    assert {r.status for r in load.reports} <= {0, 200}
    assert assert_reports_kept(house, load.reports) >= 10
