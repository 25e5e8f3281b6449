"""What participants have answered, what to ask them next, and the receipts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from django.db import connection

from colloque.consultations.core.closing import PublishedClosing
from colloque.consultations.core.receipts import (
    Counted,
    Receipt,
    Recorded,
    ballot_bytes,
    ballot_of,
    check_counted,
    promise,
    salt_key,
    salt_of,
)
from colloque.consultations.core.routing import Routing, StatementCounts, answered
from colloque.consultations.core.state import StatementState
from colloque.consultations.core.tally import Tally
from colloque.consultations.models import Closing, Consultation, Participant, Statement, Vote
from colloque.consultations.sql import READ_CONSULTATIONS, READ_COUNTS, READ_STATEMENTS
from colloque.kernel.errors import NotFoundError, UnavailableError
from colloque.ledger.core.entries import SealedEntry, reveal
from colloque.ledger.core.notes import VerifierKey
from colloque.ledger.core.tree import HASH_BYTES
from colloque.ledger.models import Entry
from colloque.ledger.queries import find_subject_key, inclusion_proof, installation_keys

_KEPT = 200


@dataclass(frozen=True)
class _Asking:
    """What the database held of a consultation's statements when its routing was made."""

    edition: tuple[int, str | None]
    merged: dict[int, int]
    routing: Routing


_asking: dict[UUID, _Asking] = {}
_one_by_one = Lock()


@dataclass(frozen=True)
class Next:
    """The statement to ask a participant now, and how many are left, that one included."""

    statement: Statement | None
    left: int


def votes_of_participant(participant: Participant) -> dict[int, int]:
    """Their answers by statement number: −1, 0 or 1."""
    rows = Vote.objects.filter(consultation=participant.consultation_id, participant_number=participant.number)
    return dict(rows.values_list("statement_number", "value"))


def next_statement(participant: Participant, random: Callable[[], float]) -> Next:
    """The statement most worth asking this participant, who has not answered it; none when they have answered all."""
    votes = votes_of_participant(participant)
    with _one_by_one:  # drawing also counts what was shown
        asking = _asking_of(participant.consultation_id)
        seen = answered(votes, asking.merged)
        number = asking.routing.next(seen, random)
    if number is None:
        return Next(None, 0)
    statement = Statement.objects.filter(
        consultation=participant.consultation_id, number=number, state=StatementState.PUBLISHED
    ).first()
    return Next(statement, asking.routing.left(seen))


def _asking_of(consultation: UUID) -> _Asking:
    """The routing of a consultation, made anew when a statement or the map has changed."""
    rows = _raw(READ_CONSULTATIONS, [consultation])
    _, _, _, map_id, fingerprint = rows[0]
    known = _asking.get(consultation)
    if known is not None and known.edition == (map_id, fingerprint):
        return known
    counted = {row[0]: row for row in (_raw(READ_COUNTS, map_id) if map_id else [])}
    statements, merged = [], {}
    for number, state, is_meta, *_, target in _raw(READ_STATEMENTS, consultation):
        if state == StatementState.PUBLISHED:
            _, agree, disagree, passed, extremity = counted.get(number, (number, 0, 0, 0, 0.0))
            statements.append(StatementCounts(number, agree, disagree, passed, extremity, is_meta))
        elif target is not None:
            merged[number] = target
    made = _Asking(
        (map_id, fingerprint), merged, Routing(statements, known.routing.shown() if known is not None else None)
    )
    while len(_asking) >= _KEPT:
        _asking.pop(next(iter(_asking)))
    _asking[consultation] = made
    return made


def _raw(statement: LiteralString, parameter: object) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(statement, [parameter])
        return cursor.fetchall()


def receipt_of(participant: Participant, at: datetime) -> str:
    """The receipt of what this participant has answered so far, promised by the house at this moment."""
    keys = installation_keys()
    salt = salt_of(salt_key(keys.keyring.master), participant.consultation_id, participant.number)
    ballot = ballot_bytes(ballot_of(votes_of_participant(participant).items()))
    recorded = Recorded(participant.consultation_id.bytes, participant.number, salt, ballot)
    [receipt] = promise([recorded], int(at.timestamp() * 1_000_000), keys.log)
    return receipt


def house_key() -> VerifierKey:
    """The public key under which this house promises receipts and signs its ledger."""
    return installation_keys().log.verifier


def published_leaves(consultation: Consultation) -> list[bytes]:
    """The leaves of all ballots, in order. Raises `NotFoundError` while the consultation is not closed."""
    leaves = bytes(_closing(consultation).leaves)
    return [leaves[place : place + HASH_BYTES] for place in range(0, len(leaves), HASH_BYTES)]


def _closing(consultation: Consultation) -> Closing:
    closing = Closing.objects.filter(consultation=consultation).first()
    if closing is None:
        raise NotFoundError("This consultation is not closed: nothing is counted yet.", code="not-closed")
    return closing


def published_closing(consultation: Consultation) -> bytes:
    """The file with which anybody checks a receipt without telling us which. Raises `NotFoundError` before closing."""
    closing = _closing(consultation)
    leaf, salt, payload = opened(closing.entry)
    try:
        proof = inclusion_proof(closing.entry).encode().decode()
    except UnavailableError:  # it waits for its number, a second at most
        proof = ""
    leaves = tuple(published_leaves(consultation))
    return PublishedClosing(house_key().encode(), leaf, salt, payload, proof, leaves).encode()


def opened(entry_id: UUID) -> tuple[bytes, bytes, bytes]:
    """Leaf, salt and canonical payload of an entry about the house. Raises `NotFoundError` where its key is gone."""
    row = Entry.objects.get(id=entry_id)
    opener = find_subject_key(row.subject)
    if opener is None:
        raise NotFoundError("The key of this entry was erased.", code="erased")
    entry = SealedEntry(row.id, row.subject, bytes(row.leaf), bytes(row.sealed))
    return entry.leaf, *reveal(entry, opener.key)


@dataclass(frozen=True)
class Checked:
    """What a receipt tells once the consultation is closed.

    `counted` is about the ballot on the receipt; `now` are the answers that were counted for this participant, shown only to
    whoever holds their salt. Where the two differ, the participant changed an answer after the receipt.
    """

    counted: Counted
    receipt: Receipt
    now: dict[int, int]


def check_receipt(consultation: Consultation, text: str) -> Checked:
    """Check a receipt against the tally. Raises `InvalidInputError`, `TamperedError`, `NotFoundError` before closing."""
    receipt = Receipt.parse(text)
    receipt.check_promise(house_key())
    closing = _closing(consultation)
    root = closing_root(closing)
    counted = check_counted(receipt, consultation.id, published_leaves(consultation), root)
    rows = Vote.objects.filter(consultation=consultation, participant_number=receipt.participant)
    key = salt_key(installation_keys().keyring.master)
    is_theirs = salt_of(key, consultation.id, receipt.participant) == receipt.salt
    now = dict(rows.values_list("statement_number", "value")) if is_theirs else {}
    return Checked(counted, receipt, now)


def closing_root(closing: Closing) -> bytes:
    """The root of the ballots, as the tally in the ledger states it."""
    return bytes.fromhex(msgspec.json.decode(bytes(closing.tally), type=Tally).ballots)


@dataclass(frozen=True)
class ToldVote:
    """One answer on a receipt, or counted, with the statement it is about."""

    statement: Statement
    value: int


def told_votes(consultation: Consultation, checked: Checked) -> tuple[ToldVote, ...]:
    """What was counted for whoever holds this receipt, statement by statement."""
    statements = Statement.objects.filter(consultation=consultation, number__in=checked.now).order_by("number")
    return tuple(ToldVote(statement, checked.now[statement.number]) for statement in statements)
