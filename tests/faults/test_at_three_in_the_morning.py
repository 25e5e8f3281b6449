"""What whoever is on call meets: a database that is not there yet, keys that are not, a stop, a second server."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.faults.evidence import assert_nothing_lost
from tests.faults.house import House, free_port, terminate
from tests.faults.load import Load, Outcome, one_call

pytestmark = pytest.mark.fault

STOPS_WITHIN_S = 10.0


def test_a_server_started_before_its_database_says_so_and_serves_once_it_is_there(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    house.start_ai()
    house.cluster.stop("fast")
    house.serve()
    away = [one_call(house), one_call(house)]
    assert [(o.status, o.code) for o in away] == [(503, "database-away")] * 2, [o.body for o in away]
    page = house.ehr().request("GET", "/")
    assert page.status == 503
    assert "Les soins continuent, sans IA." in page.body.decode(), page.body.decode()
    until = time.monotonic() + 5
    while "ledger cannot number entries for now" not in house.log() and time.monotonic() < until:
        time.sleep(0.1)
    assert "The ledger cannot number entries for now" in house.log()
    house.cluster.start()
    with house.cluster.connect() as connection:  # the tables are not there yet: nobody ran `colloque migrate`
        connection.execute("ALTER TABLE acts_usedtoken RENAME TO acts_usedtoken_to_come")
        outcomes = [one_call(house), one_call(house)]
        connection.execute("ALTER TABLE acts_usedtoken_to_come RENAME TO acts_usedtoken")
    assert {o.status for o in outcomes} <= {500, 503}
    until = time.monotonic() + 10
    while not (outcomes and outcomes[-1].suggested) and time.monotonic() < until:
        outcomes.append(one_call(house))
    assert assert_nothing_lost(house, outcomes, django_db_blocker) == 1


@pytest.mark.parametrize("what", ["missing folder", "missing key", "unreadable", "open to others", "not a key"])
def test_without_its_keys_the_server_does_not_start_and_says_what_to_do(no_database: House, what: str) -> None:
    house = no_database
    said, before = _break_keys(house, what)
    process = house.launch(before=before)
    assert process.wait(20) == 2, house.log()
    log = house.log()
    assert said in log
    assert "Traceback" not in log


def _break_keys(house: House, what: str) -> tuple[str, tuple[str, ...]]:
    master = house.keys / "master.key"
    if what == "missing folder":
        shutil.rmtree(house.keys)
        return "colloque keys create", ()
    if what == "missing key":
        master.unlink()
        return "master.key is missing", ()
    if what == "open to others":
        master.chmod(0o644)
        return "chmod 600", ()
    if what == "not a key":
        master.write_text("not a key\n", encoding="ascii")
        return "does not hold a master key", ()
    house.keys.chmod(0)
    if os.geteuid() != 0:
        return "cannot be read", ()
    if shutil.which("setpriv") is None:
        pytest.skip("Root reads everything, and setpriv is not here to take that right away.")
    rights = "-dac_override,-dac_read_search"
    return "cannot be read", ("setpriv", "--bounding-set", rights, "--inh-caps", rights)


def test_a_stop_under_load_ends_in_time_and_what_was_shown_is_written(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    ai = house.start_ai()
    with house.cluster.connect() as connection:
        connection.execute("UPDATE projects_project SET timeout_ms = 30000, version = version + 1")
    server = house.serve()
    with Load(house) as load:
        load.wait_for(30, since=time.monotonic())
        os.kill(ai.pid, signal.SIGSTOP)
        time.sleep(0.5)
        assert terminate(server, STOPS_WITHIN_S) < STOPS_WITHIN_S
    os.kill(ai.pid, signal.SIGCONT)
    assert {o.status for o in load.outcomes} <= {0, 200, 503}, sorted({(o.status, o.code) for o in load.outcomes})
    assert [o for o in load.outcomes if o.code == "stopping"], "Calls that the AI kept waiting were not told."
    assert "Traceback" not in house.log(), house.log()[-3_000:]
    house.serve()
    assert assert_nothing_lost(house, load.outcomes, django_db_blocker) >= 30


def test_a_stop_takes_the_database_that_came_with_the_server_with_it(no_database: House) -> None:
    house = no_database
    server = house.launch(DATABASE_URL="")
    house.wait_for_server(server)
    runs = house.folder / "state" / "postgres" / "postmaster.pid"
    assert runs.exists()
    assert terminate(server, STOPS_WITHIN_S) < STOPS_WITHIN_S
    assert server.returncode == 0, house.log()
    assert not runs.exists(), "The database still runs."


def test_two_servers_on_one_database_keep_one_log_and_one_memory_of_tokens(
    house: House, django_db_blocker: DjangoDbBlocker
) -> None:
    house.start_ai()
    ports = (house.port, free_port())
    servers = [house.launch(port) for port in ports]
    for server, port in zip(servers, ports, strict=True):
        house.wait_for_server(server, port)
    with Load(house, ports=ports) as load:
        load.wait_for(60)
        replays = [_used_on_both(house, ports) for _ in range(5)]
        token = house.ehr().token(house.ehr().path(), alg="ES384")
        later = [one_call(house, token=token, port=port) for port in (*ports, *ports)]
    assert [o.status for o in later] == [200, 401, 401, 401]
    for replay in replays:
        assert sorted(o.status for o in replay) == [200, 401], [(o.status, o.code) for o in replay]
        assert [o.code for o in replay if o.status == 401] == ["token-used"]
    outcomes = [*load.outcomes, *later, *(o for replay in replays for o in replay)]
    assert {o.status for o in load.outcomes} == {200}
    assert assert_nothing_lost(house, outcomes, django_db_blocker) >= 66


def _used_on_both(house: House, ports: tuple[int, int]) -> list[Outcome]:
    """One token, used at the same moment on both servers."""
    token = house.ehr().token(house.ehr().path(), alg="ES384")
    outcomes: list[Outcome] = []
    together = threading.Barrier(2)

    def use(port: int) -> None:
        together.wait(5)
        outcomes.append(one_call(house, token=token, port=port))

    threads = [threading.Thread(target=use, args=(port,)) for port in ports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(25)
    return outcomes
