"""The audit of the database against itself notices what was done behind the guards."""

from __future__ import annotations

import argparse

import pytest
from django.db import connection, transaction

from colloque.ledger.actions import cosign, integrate, record
from colloque.ledger.audit import audit
from colloque.ledger.commands import add_commands
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.keys import Keys
from tests.ledger.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _log_of_300(keys: Keys) -> None:
    for number in (3, 297):
        with transaction.atomic():
            for _ in range(number):
                record("act-permitted", subject=HOUSE, payload={})
        integrate(NOW)
        cosign(NOW)


def behind_the_guards(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.usefixtures("_log_of_300")
def test_an_honest_database_agrees_with_itself() -> None:
    assert audit() == []


@pytest.mark.principle("G6")
@pytest.mark.usefixtures("_log_of_300")
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM ledger_entry WHERE id = (SELECT entry_id FROM ledger_leaf WHERE position = 7)", "removed"),
        (
            "UPDATE ledger_entry SET leaf = leaf || ' ' WHERE id = (SELECT entry_id FROM ledger_leaf WHERE position = 7)",
            "not the ones that were numbered",
        ),
        ("DELETE FROM ledger_leaf WHERE position = 299", "neither numbered nor waiting"),
        ("DELETE FROM ledger_leaf WHERE position = 7", "Number 7 is missing"),
        ("UPDATE ledger_leaf SET hash = sha256('x') WHERE position = 1", "not a beginning of this log"),
        ("UPDATE ledger_tile SET data = sha256('x') WHERE path = 'tile/1/000'", "tile/1/000.p/1 does not hold"),
        ("INSERT INTO ledger_tile VALUES ('tile/2/000', 'x')", "belongs to no part"),
        ("UPDATE ledger_checkpoint SET note = cosigned, cosigned = 'x' WHERE size = 3", "The checkpoint of 3 entries"),
        ("DELETE FROM ledger_checkpoint WHERE size = 300", "300 entries are numbered, 3 are signed"),
        ("UPDATE ledger_checkpoint SET at = at - interval '1 day' WHERE size = 300", "dated before"),
        ("INSERT INTO ledger_pending VALUES (gen_random_uuid())", "waiting entries do not exist"),
        (
            "INSERT INTO ledger_pending SELECT entry_id FROM ledger_leaf WHERE position = 1",
            "although they have a number",
        ),
        (
            (
                "INSERT INTO ledger_entry (id, subject, leaf, sealed) SELECT gen_random_uuid(), subject, leaf, sealed "
                "FROM ledger_entry LIMIT 1"
            ),
            "neither numbered nor waiting",
        ),
    ],
)
def test_what_was_done_behind_the_guards_is_noticed(statement: str, sentence: str) -> None:
    behind_the_guards(statement)
    assert any(sentence in fault for fault in audit()), audit()


@pytest.mark.usefixtures("_log_of_300")
def test_a_guard_switched_off_is_noticed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_append_only")
    try:
        assert audit() == ["1 of the guards that keep the ledger append-only are missing or switched off."]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER ledger_entry_append_only")


@pytest.mark.usefixtures("_log_of_300")
def test_the_command_tells_and_gives_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    options = parser.parse_args(["ledger", "audit"])
    assert options.run(options) == 0
    assert capsys.readouterr().out == "The database agrees with itself.\n"
    behind_the_guards("INSERT INTO ledger_pending VALUES (gen_random_uuid())")
    assert options.run(options) == 1
    assert "FAULT" in capsys.readouterr().out
