"""What must hold after any fault, read past the product's own queries: rows, opened entries, exported log, audit."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from pytest_django.plugin import DjangoDbBlocker

from colloque.ledger.audit import audit
from colloque.ledger.core.entries import SealedEntry, open_entry
from colloque.ledger.core.tiles import decode_entries, entry_bundles_of
from colloque.ledger.keys import open_subject_key, read_keyring
from tests.faults.house import House, rows_of
from tests.faults.load import Outcome, Reported

NUMBERED_WITHIN_S = 12.0

HALVES = {
    "acts without their entry in the ledger": (
        "SELECT count(*) FROM acts_act a WHERE NOT EXISTS (SELECT FROM ledger_entry e WHERE e.id = a.entry)"
    ),
    "open acts without a suggestion": (
        "SELECT count(*) FROM acts_act a WHERE a.state = 'open' "
        "AND NOT EXISTS (SELECT FROM acts_suggestion s WHERE s.act_id = a.id)"
    ),
    "suggestions of acts that have none": (
        "SELECT count(*) FROM acts_suggestion s JOIN acts_act a ON a.id = s.act_id WHERE a.state NOT IN ('open', 'decided')"
    ),
    "acts and reports of a record system without a used token": (
        "SELECT greatest(0, (SELECT count(*) FROM acts_act WHERE system_id IS NOT NULL) "
        "+ (SELECT count(*) FROM acts_reportedoutcome) - (SELECT count(*) FROM acts_usedtoken))"
    ),
    "acts decided without a decision, or the reverse": (
        "SELECT count(*) FROM acts_act a FULL JOIN acts_decision d ON d.act_id = a.id "
        "WHERE (a.state = 'decided') <> (d.act_id IS NOT NULL)"
    ),
    "reports without their entry in the ledger, or the reverse": (
        "SELECT abs((SELECT count(*) FROM acts_reportedoutcome) - (SELECT count(*) FROM ledger_entry "
        "WHERE convert_from(leaf, 'UTF8') LIKE '%\"outcome.reported\"%'))"
    ),
    "entries neither numbered nor waiting": (
        "SELECT count(*) FROM ledger_entry e WHERE NOT EXISTS (SELECT FROM ledger_leaf l WHERE l.entry_id = e.id) "
        "AND NOT EXISTS (SELECT FROM ledger_pending p WHERE p.entry_id = e.id)"
    ),
}


def wait_until_numbered(house: House) -> None:
    """Wait until the integrator of the running server has numbered everything."""
    until = time.monotonic() + NUMBERED_WITHIN_S
    with house.cluster.connect() as connection:
        while time.monotonic() < until:
            (waiting,) = connection.execute("SELECT count(*) FROM ledger_pending").fetchone() or (-1,)
            if waiting == 0:
                return
            time.sleep(0.1)
    raise AssertionError(f"{waiting} entries still wait for their number.\n{house.log()[-2_000:]}")


def assert_nothing_lost(house: House, outcomes: Iterable[Outcome], blocker: DjangoDbBlocker) -> int:
    """Every suggestion a caller received is a row, stands in an opened ledger entry, and its leaf in a log that verifies.

    Gives how many suggestions were received. The server runs, so that its own integrator does the numbering.
    """
    received = [uuid for outcome in outcomes for uuid in outcome.suggested]
    assert len(received) == len(set(received)), "One suggestion went out twice."
    wait_until_numbered(house)
    recorded, told = _recorded(house), _told(house)
    assert set(received) <= set(recorded), f"Shown but not written: {set(received) - set(recorded)}"
    assert set(received) <= set(told), f"Shown but not in the ledger: {set(received) - set(told)}"
    assert set(recorded) == set(told), "The acts and the ledger tell of other suggestions."
    leaves = _exported(house)
    missing = [uuid for uuid in received if told[uuid] not in leaves]
    assert not missing, f"Shown, but their entries are not in the exported log: {missing}"
    with house.cluster.connect() as connection:
        for what, question in HALVES.items():
            assert connection.execute(question).fetchone() == (0,), f"There are {what}."
    with rows_of(house, blocker):
        assert audit() == []
    return len(received)


def assert_reports_kept(house: House, reports: Iterable[Reported]) -> int:
    """Every report of a record system that was answered is a row, and its act is decided. Gives how many were answered."""
    answered = {one.card for one in reports if one.status == 200}
    with house.cluster.connect() as connection:
        rows = connection.execute(
            "SELECT r.suggestion_id FROM acts_reportedoutcome r JOIN acts_suggestion s ON s.id = r.suggestion_id "
            "JOIN acts_act a ON a.id = s.act_id WHERE a.state = 'decided'"
        ).fetchall()
    assert answered <= {str(row[0]) for row in rows}, "A report was answered and is not kept."
    return len(answered)


def _recorded(house: House) -> list[str]:
    """The suggestions in the database."""
    with house.cluster.connect() as connection:
        return [str(row[0]) for row in connection.execute("SELECT id FROM acts_suggestion")]


def _told(house: House) -> dict[str, bytes]:
    """The leaf of the ledger entry in which each suggestion is named, opened with the person's own key."""
    keyring = read_keyring(house.keys)
    told: dict[str, bytes] = {}
    with house.cluster.connect() as connection:
        rows = connection.execute(
            "SELECT e.id, e.subject, e.leaf, e.sealed, k.wrapped FROM ledger_entry e "
            "JOIN ledger_subject_key k ON k.subject = e.subject"
        ).fetchall()
    keys: dict[UUID, bytes] = {}
    for row in rows:
        entry_id, subject, leaf, sealed, wrapped = _typed(row)
        key = keys.get(subject) or keys.setdefault(subject, open_subject_key(keyring, subject, wrapped))
        event = open_entry(SealedEntry(id=entry_id, subject=subject, leaf=leaf, sealed=sealed), key)
        for named in event.payload.get("suggestions", ()):
            told[named["id"]] = leaf
    return told


def _typed(row: tuple[Any, ...]) -> tuple[UUID, UUID, bytes, bytes, bytes]:
    return row[0], row[1], bytes(row[2]), bytes(row[3]), bytes(row[4])


def _exported(house: House) -> set[bytes]:
    """The leaves of the log as anyone gets it: exported, then verified by the offline command."""
    folder = house.folder / f"bundle-{time.monotonic_ns()}"
    exported = house.command("ledger", "export", str(folder))
    assert exported.returncode == 0, exported.stderr
    verified = house.command("verify", str(folder), DATABASE_URL="postgresql://nowhere.invalid/none")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    return set(_leaves(folder))


def _leaves(folder: Path) -> Iterable[bytes]:
    size = int((folder / "checkpoint").read_text("utf-8").split("\n")[1])
    for bundle in entry_bundles_of(size):
        yield from decode_entries((folder / bundle.path).read_bytes())


def acts_in(house: House, state: str) -> int:
    """How many acts stand in this state."""
    with house.cluster.connect() as connection:
        (found,) = connection.execute("SELECT count(*) FROM acts_act WHERE state = %s", [state]).fetchone() or (-1,)
    return int(str(found))
