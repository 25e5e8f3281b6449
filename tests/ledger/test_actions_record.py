"""Recording: in the transaction of the change, under the person's key, append-only, erasable."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from colloque.kernel.errors import InvalidInputError, NotFoundError, TamperedError, UnavailableError
from colloque.ledger.actions import cosign, erase_subject, integrate, record, subject_key
from colloque.ledger.core.entries import HOUSE
from colloque.ledger.keys import Keys
from colloque.ledger.models import Entry, Leaf, Pending, StoredCheckpoint, StoredTile, SubjectKey
from colloque.ledger.queries import entries_about, health, open_one
from tests.ledger.conftest import NOW

PERSON = UUID("018f0000-0000-7000-8000-00000000000a")
SOMEBODY_ELSE = UUID("018f0000-0000-7000-8000-00000000000b")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]


def test_an_entry_waits_for_its_number_and_tells_what_happened() -> None:
    entry_id = record("act-refused", subject=PERSON, payload={"act": "weight"}, rules=("closed-fields",))
    assert entry_id.version == 7
    assert list(Pending.objects.values_list("entry_id", flat=True)) == [entry_id]
    told = open_one(entry_id)
    assert (told.kind, told.position) == ("act-refused", None)
    assert told.event is not None
    assert (told.event.payload, told.event.rules) == ({"act": "weight"}, ("closed-fields",))
    integrate(NOW)
    assert open_one(entry_id).position == 0
    assert health().pending == 0


@pytest.mark.principle("G5")
def test_nothing_about_a_person_lies_readable_in_the_tables() -> None:
    record("act-permitted", subject=PERSON, payload={"name": "Marguerite Alphand", "act": "cytology-reading"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT leaf || sealed FROM ledger_entry UNION ALL SELECT wrapped FROM ledger_subject_key")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
    for readable in (b"Marguerite", b"cytology", subject_key(PERSON)):
        assert readable not in stored
    assert entries_about(SOMEBODY_ELSE) == []


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record("act-permitted", subject=PERSON, payload={})
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.principle("G6")
def test_a_change_and_its_entry_stand_or_fall_together() -> None:
    @transaction.atomic
    def failing_change() -> None:
        subject_key(SOMEBODY_ELSE)
        record("choice-given", subject=PERSON, payload={"answer": "no"})
        raise RuntimeError("the change failed")

    with pytest.raises(RuntimeError):
        failing_change()
    assert not Entry.objects.exists()
    assert not Pending.objects.exists()
    assert not SubjectKey.objects.exists()
    with transaction.atomic():
        record("choice-given", subject=PERSON, payload={"answer": "no"})
    assert integrate(NOW).size == 1


@pytest.mark.principle("G6")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET leaf = '\\x00'",
        "UPDATE ledger_entry SET recorded_at = recorded_at - interval '1 day'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry",
        "UPDATE ledger_leaf SET position = position + 1",
        "DELETE FROM ledger_leaf",
        "TRUNCATE ledger_leaf",
        "UPDATE ledger_tile SET data = '\\x00'",
        "UPDATE ledger_tile SET data = substring(data FROM 1 FOR 32)",
        "UPDATE ledger_tile SET path = 'tile/0/009'",
        "DELETE FROM ledger_tile",
        "TRUNCATE ledger_tile",
        "UPDATE ledger_checkpoint SET root = '\\x00'",
        "UPDATE ledger_checkpoint SET at = at - interval '1 day'",
        "UPDATE ledger_checkpoint SET cosigned = NULL",
        "UPDATE ledger_checkpoint SET cosigned = '\\x00'",
        "DELETE FROM ledger_checkpoint",
        "TRUNCATE ledger_checkpoint",
    ],
)
def test_the_database_itself_refuses_to_change_the_past(statement: str) -> None:
    for _ in range(3):
        record("act-permitted", subject=PERSON, payload={})
    integrate(NOW)
    cosign(NOW)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (Entry.objects.count(), Leaf.objects.count(), StoredTile.objects.count()) == (3, 3, 1)


def test_what_cannot_be_an_entry_changes_nothing() -> None:
    with pytest.raises(InvalidInputError):
        record("Not A Kind", subject=PERSON, payload={})
    assert not Entry.objects.exists()


def test_the_key_of_a_person_is_theirs_and_stays() -> None:
    key = subject_key(PERSON)
    assert subject_key(PERSON) == key
    assert subject_key(SOMEBODY_ELSE) != key
    wrapped = SubjectKey.objects.get(subject=PERSON).wrapped
    SubjectKey.objects.filter(subject=SOMEBODY_ELSE).update(wrapped=wrapped)
    with pytest.raises(TamperedError):
        subject_key(SOMEBODY_ELSE)


@pytest.mark.principle("C13")
def test_after_erasure_nothing_opens_and_the_log_still_holds() -> None:
    first = record("act-permitted", subject=PERSON, payload={"act": "weight", "name": "Marguerite Alphand"})
    record("act-permitted", subject=SOMEBODY_ELSE, payload={"act": "glucose"})
    size = integrate(NOW).size
    leaf_before = bytes(Entry.objects.get(id=first).leaf)
    root_before = bytes(StoredCheckpoint.objects.get(size=size).root)

    erasure = erase_subject(PERSON)

    told = entries_about(PERSON)
    assert [(one.id, one.event, one.position) for one in told] == [(first, None, 0)], (
        "the trace stays, the content is gone"
    )
    assert bytes(Entry.objects.get(id=first).leaf) == leaf_before
    assert bytes(StoredCheckpoint.objects.get(size=size).root) == root_before
    assert entries_about(SOMEBODY_ELSE)[0].event is not None
    entry = Entry.objects.get(id=erasure)
    assert entry.subject == HOUSE
    event = open_one(erasure).event
    assert event is not None
    assert (event.kind, event.payload) == ("subject-erased", {}), "the entry of the erasure names nobody"
    assert integrate(NOW).size == 3


def test_a_person_who_comes_back_after_erasure_starts_anew() -> None:
    old = record("act-permitted", subject=PERSON, payload={"act": "weight"})
    erase_subject(PERSON)
    new = record("act-permitted", subject=PERSON, payload={"act": "glucose"})
    told = {one.id: one.event for one in entries_about(PERSON)}
    assert told[old] is None
    reopened = told[new]
    assert reopened is not None
    assert reopened.payload == {"act": "glucose"}


def test_what_cannot_be_erased() -> None:
    record("installed", subject=HOUSE, payload={})
    with pytest.raises(NotFoundError):
        erase_subject(PERSON)
    with pytest.raises(InvalidInputError):
        erase_subject(HOUSE)
    assert entries_about(HOUSE)[0].event is not None


def test_without_the_master_key_nothing_is_recorded(keys: Keys, settings: object) -> None:
    from colloque.ledger.keys import read_keys

    (keys.folder / "master.key").unlink()
    read_keys.cache_clear()
    with pytest.raises(UnavailableError, match=r"master\.key"), transaction.atomic():
        record("act-permitted", subject=PERSON, payload={})
    assert not Entry.objects.exists()


def test_pages_of_what_was_recorded() -> None:
    made = [record("act-permitted", subject=PERSON, payload={"n": number}) for number in range(5)]
    first = entries_about(PERSON, limit=2)
    rest = entries_about(PERSON, before=first[-1].id)
    assert [one.id for one in [*first, *rest]] == sorted(made, reverse=True)


def test_a_forged_entry_in_the_table_is_noticed_when_read() -> None:
    entry_id = record("choice-given", subject=PERSON, payload={"answer": "no"})
    other = record("choice-given", subject=PERSON, payload={"answer": "yes"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE ledger_entry SET sealed = (SELECT sealed FROM ledger_entry WHERE id = %s) WHERE id = %s",
            [other, entry_id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(TamperedError):
        open_one(entry_id)


def test_the_same_id_twice_is_refused() -> None:
    entry = Entry.objects.get(id=record("act-permitted", subject=PERSON, payload={}))
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(id=entry.id, subject=uuid4(), leaf=b"{}", sealed=b"")
