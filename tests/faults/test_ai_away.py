"""The AI dies in the middle of a call, hangs, is away, comes back: care goes on without it, says so, and it is recorded."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.conftest import AI_TIMEOUT_MS
from tests.faults.evidence import acts_in, assert_nothing_lost
from tests.faults.house import House, kill
from tests.faults.load import Outcome, one_call

pytestmark = pytest.mark.fault

GOES_ON = "Pas d’avis de l’IA cette fois. Les soins continuent sans elle."


def assert_withheld(outcome: Outcome, because: str) -> None:
    """One card that says that care goes on, and why the AI is silent; nothing to follow or set aside."""
    (card,) = outcome.cards
    assert card["summary"] == GOES_ON
    assert because in card["detail"]
    assert outcome.suggested == []
    assert "suggestions" not in card


def test_care_goes_on_when_the_ai_hangs_dies_and_comes_back(house: House, django_db_blocker: DjangoDbBlocker) -> None:
    ai = house.start_ai()
    house.serve()
    outcomes = [one_call(house)]
    assert outcomes[0].suggested

    os.kill(ai.pid, signal.SIGSTOP)
    outcomes.append(one_call(house))
    assert_withheld(outcomes[-1], "Elle n’a pas répondu à temps.")
    assert outcomes[-1].seconds < AI_TIMEOUT_MS / 1000 + 2

    in_flight: list[Outcome] = []
    caller = threading.Thread(target=lambda: in_flight.append(one_call(house)))
    caller.start()
    time.sleep(0.4)
    kill(ai)
    caller.join(10)
    assert_withheld(in_flight[0], "Elle n’a pas pu être jointe.")

    outcomes += [*in_flight, one_call(house)]
    assert_withheld(outcomes[-1], "Elle n’a pas pu être jointe.")

    house.start_ai()
    outcomes.append(one_call(house))
    assert outcomes[-1].suggested, outcomes[-1].body

    assert assert_nothing_lost(house, outcomes, django_db_blocker) == 2
    assert acts_in(house, "withheld") == 3
    with house.cluster.connect() as connection:
        leaves = connection.execute("SELECT convert_from(leaf, 'UTF8') FROM ledger_entry").fetchall()
        reasons = connection.execute(
            "SELECT withheld_because FROM acts_act WHERE state = 'withheld' ORDER BY requested_at"
        )
        assert sum('"act.withheld"' in str(leaf) for (leaf,) in leaves) == 3
        assert [reason for (reason,) in reasons] == ["timeout", "unreachable", "unreachable"]
