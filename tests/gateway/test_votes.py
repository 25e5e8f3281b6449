"""Votes by the hot path: written before they are answered, refused in a sentence, never counted after the end."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction

from colloque.consultations.actions.voting import count_votes, vote
from colloque.consultations.core.groups import JoinChannel
from colloque.consultations.core.receipts import Counted, Receipt, votes_of
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.core.tickets import cookie_name, new_ticket, ticket_digest
from colloque.consultations.core.voting import VOTES_IN_A_ROW
from colloque.consultations.models import Consultation, Participant, Statement, Vote
from colloque.consultations.queries.ballots import check_receipt, house_key, votes_of_participant
from colloque.kernel.errors import ConflictError
from colloque.ledger.keys import read_keys
from tests.consultations.story import account, consultation, house, statement
from tests.journeys.server import Installation

SECONDS = 10


@dataclass
class Answer:
    """What came back."""

    status: int
    json: Any
    headers: dict[str, str]


@dataclass
class Hand:
    """A browser with one participant's cookie."""

    port: int
    consultation: UUID
    participant: Participant
    ticket: str = field(default="")

    def send(self, body: bytes, *, to: UUID | str | None = None, method: str = "POST", **headers: str) -> Answer:
        """One request, whatever the body."""
        told = {
            "Host": f"127.0.0.1:{self.port}",
            "Origin": f"http://127.0.0.1:{self.port}",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/json",
            "Cookie": f"other=1; {cookie_name(self.consultation)}={self.ticket}; more=2",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            line.request(method, f"/votes/{to or self.consultation}", body, {k: v for k, v in told.items() if v})
            response = line.getresponse()
            return Answer(response.status, json.loads(response.read()), dict(response.getheaders()))
        finally:
            line.close()

    def vote(self, number: int, value: int | None = 1, **headers: str) -> Answer:
        """One vote."""
        return self.send(json.dumps({"statement": number, "value": value}).encode(), **headers)


@dataclass
class Room:
    """An open consultation on the server."""

    server: Installation
    held: Consultation
    hands: list[Hand]

    def hand(self, channel: JoinChannel = JoinChannel.LINK) -> Hand:
        """One more participant."""
        ticket = new_ticket(secrets.token_bytes)
        participant = Participant.objects.create(
            consultation=self.held, number=len(self.hands) + 1, channel=channel, token_digest=ticket_digest(ticket),
            joined_at=datetime.now(UTC),
        )  # fmt: skip
        self.hands.append(Hand(self.server.port, self.held.id, participant, ticket))
        return self.hands[-1]

    def votes(self) -> dict[tuple[int, int], int]:
        """What the database holds."""
        rows = Vote.objects.filter(consultation=self.held)
        return {
            (who, what): value
            for who, what, value in rows.values_list("participant_number", "statement_number", "value")
        }

    def close(self) -> None:
        """Close and count, as the action of closing does."""
        with transaction.atomic():
            Consultation.objects.filter(pk=self.held.pk).update(
                state=ConsultationState.CLOSED, closed_at=datetime.now(UTC)
            )
            self.held.refresh_from_db()
            count_votes(self.held)


@pytest.fixture
def room(server: Installation, rows: None) -> Room:
    """An open consultation with twelve statements, in a house of its own."""
    place = uuid4().hex[:12]
    held = consultation(house(f"votes-{place}"), account(f"facilitator-{place}@house.example"))
    for number in range(1, 13):
        statement(held, number, f"Affirmation {number}.")
    return Room(server, held, [])


def test_a_vote_is_written_before_it_is_answered(room: Room) -> None:
    hand = room.hand()
    answer = hand.vote(3, -1)
    assert answer.status == 200, answer.json
    assert room.votes() == {(1, 3): -1}
    assert answer.json["next"]["number"] != 3
    assert answer.json["next"]["text"].startswith("Affirmation")
    assert answer.json["left"] == 11
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.principle("D5")
def test_a_receipt_leads_to_the_counted_ballot(room: Room) -> None:
    hand, other = room.hand(), room.hand()
    older = hand.vote(1, 1).json["receipt"]
    receipt = hand.vote(2, 0).json["receipt"]
    other.vote(1, -1)
    read = Receipt.parse(receipt)
    read.check_promise(house_key())
    assert votes_of(read.ballot) == {1: 1, 2: 0}
    room.close()
    assert check_receipt(room.held, receipt).counted is Counted.COUNTED
    stale = check_receipt(room.held, older)
    assert stale.counted is Counted.NOT_COUNTED
    assert stale.now == {1: 1, 2: 0}, "whoever holds the salt is told what was counted instead"


def test_a_changed_vote_and_one_taken_back(room: Room) -> None:
    hand = room.hand()
    for value in (1, -1, -1, 0):
        assert hand.vote(5, value).status == 200
    assert room.votes() == {(1, 5): 0}
    assert Vote.objects.get(consultation=room.held).changes == 2, "only the number of changes is kept"
    back = hand.vote(5, None)
    assert room.votes() == {}
    assert back.json["left"] == 12
    assert votes_of(Receipt.parse(back.json["receipt"]).ballot) == {}


def test_everything_is_asked_once(room: Room) -> None:
    hand, number, asked = room.hand(), 1, []
    while number:
        asked.append(number)
        following = hand.vote(number, secrets.choice([-1, 0, 1])).json["next"]
        number = following["number"] if following else 0
    assert sorted(asked) == list(range(1, 13))


def test_an_earlier_session_is_taken_up(room: Room) -> None:
    """Votes given before, on paper or without JavaScript, are neither asked again nor lost from the receipt."""
    hand = room.hand()
    for number in range(1, 12):
        vote(hand.participant, number, 1, at=datetime.now(UTC))
    answer = hand.vote(1, 0)
    assert answer.json["next"]["number"] == 12
    assert votes_of(Receipt.parse(answer.json["receipt"]).ballot) == {1: 0, **dict.fromkeys(range(2, 12), 1)}


def test_a_vote_from_a_page_between_two_is_known_at_once(room: Room) -> None:
    """The receipt says what the database holds, and what was taken back is asked again."""
    hand = room.hand()
    for number in range(1, 12):
        assert hand.vote(number, 1).status == 200
    vote(hand.participant, 3, -1, at=datetime.now(UTC))
    vote(hand.participant, 4, None, at=datetime.now(UTC))
    time.sleep(0.3)
    answer = hand.vote(12, 0)
    assert answer.json["next"]["number"] == 4
    assert votes_of(Receipt.parse(answer.json["receipt"]).ballot) == votes_of_participant(hand.participant)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "vote-form"),
        (b"[]", 400, "vote-form"),
        (b"{", 400, "vote-form"),
        (b'{"statement":1}', 400, "vote-form"),
        (b'{"statement":"1","value":1}', 400, "vote-form"),
        (b'{"statement":1,"value":2}', 400, "vote-form"),
        (b'{"statement":1,"value":true}', 400, "vote-form"),
        (b'{"statement":1,"value":0.5}', 400, "vote-form"),
        (b'{"statement":0,"value":1}', 400, "vote-form"),
        (b'{"statement":-4,"value":1}', 400, "vote-form"),
        (b'{"statement":99999999999999999999,"value":1}', 400, "vote-form"),
        (b'{"statement":1,"value":1,"participant":2}', 400, "vote-form"),
        (b'{"statement":404,"value":1}', 409, "statement-gone"),
        (b"[" * 900, 400, "vote-form"),
        (b"\xff\xfe", 400, "vote-form"),
        (b" " * 1_001, 413, "too-large"),
        (b"x" * 10_000_000, 413, "too-large"),
    ],
)
def test_what_is_no_vote(room: Room, body: bytes, status: int, code: str) -> None:
    """A small JSON error with a stable code; nothing is written, and the next vote works."""
    hand = room.hand()
    try:
        answer = hand.send(body)
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["message"]
    except (BrokenPipeError, ConnectionResetError):
        assert len(body) > 1_000_000, "only what is far too large is cut off"
    assert room.votes() == {}
    assert hand.vote(1).status == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Origin": "https://elsewhere.example"}, 403, "cross-origin"),
        ({"Origin": "null"}, 403, "cross-origin"),
        ({"Sec_Fetch_Site": "cross-site"}, 403, "cross-origin"),
        ({"Sec_Fetch_Site": "same-site"}, 403, "cross-origin"),
        ({"Content_Type": "text/plain"}, 415, "not-json-type"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "not-json-type"),
        ({"Cookie": ""}, 401, "no-participant"),
        ({"Cookie": "c_00000000000000000000000000000000=abc"}, 401, "no-participant"),
    ],
)
def test_who_may_not_vote(room: Room, headers: dict[str, str], status: int, code: str) -> None:
    answer = room.hand().vote(1, 1, **headers)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert room.votes() == {}


def test_a_ticket_opens_its_own_consultation_only(room: Room) -> None:
    """Sent under the name of another consultation's cookie, it is nobody's there."""
    other = consultation(room.held.establishment, room.held.created_by, number=2)
    statement(other, 1, "Affirmation.")
    hand = room.hand()
    assert hand.vote(1).status == 200
    crossed = Hand(room.server.port, other.id, hand.participant, hand.ticket)
    assert crossed.vote(1).json["code"] == "no-participant"
    hand.ticket = "a" * 43
    assert hand.vote(1).json["code"] == "no-participant"
    assert Vote.objects.filter(consultation=other).count() == 0


def test_an_account_asked_for_is_not_replaced_by_a_cookie(room: Room) -> None:
    assert room.hand(JoinChannel.SIGNED_IN).vote(1).json["code"] == "no-participant"


@pytest.mark.parametrize("path", ["x", "", "018f0000", "../cds", str(UUID(int=7)), str(UUID(int=7)).upper()])
def test_no_such_consultation(room: Room, path: str) -> None:
    assert room.hand().send(b'{"statement":1,"value":1}', to=path or "%20").status == 404


def test_only_post(room: Room) -> None:
    answer = room.hand().send(b"", method="GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("state", [ConsultationState.DRAFT, ConsultationState.CLOSED, ConsultationState.ANSWERED])
def test_a_consultation_that_is_not_open_takes_no_votes(room: Room, state: ConsultationState) -> None:
    held = consultation(room.held.establishment, room.held.created_by, number=3, state=state)
    statement(held, 1, "Affirmation.")
    away = Room(room.server, held, [])
    assert away.hand().vote(1).json["code"] == "consultation-closed"
    assert away.votes() == {}


def test_a_planned_end_that_has_passed_takes_no_votes(room: Room) -> None:
    hand = room.hand()
    assert hand.vote(1).status == 200
    Consultation.objects.filter(pk=room.held.pk).update(
        opens_at=datetime(2020, 1, 1, tzinfo=UTC), closes_at=datetime.now(UTC)
    )
    assert hand.vote(2).json["code"] == "consultation-closed", "at once, not when the server looks again"
    assert room.votes() == {(1, 1): 1}


def test_a_statement_withdrawn_meanwhile_takes_no_votes(room: Room) -> None:
    """The database decides, though the server still had it in mind; and it comes back nowhere."""
    hand = room.hand()
    assert hand.vote(1).status == 200
    Statement.objects.filter(consultation=room.held, number=2).update(state=StatementState.REJECTED)
    answer = hand.vote(2)
    assert (answer.status, answer.json["code"]) == (409, "statement-gone")
    assert room.votes() == {(1, 1): 1}


def test_a_script_is_slowed_and_its_first_votes_stay(room: Room) -> None:
    hand = room.hand()
    answers = [hand.vote(1 + n % 12, 1 - 2 * (n % 2)) for n in range(VOTES_IN_A_ROW + 5)]
    assert [answer.status for answer in answers[:VOTES_IN_A_ROW]] == [200] * VOTES_IN_A_ROW
    slowed = answers[-1]
    assert (slowed.status, slowed.json["code"]) == (429, "too-fast")
    assert slowed.headers["retry-after"]
    assert len(room.votes()) == 12
    assert room.hand().vote(1).status == 200, "the others are not slowed"


def test_two_votes_at_once_on_the_same_pair(room: Room) -> None:
    """From many connections at the same time: all are answered, one row stays, and it is one of them."""
    hand = room.hand()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: hand.vote(4, n % 3 - 1), range(32)))
    assert {answer.status for answer in answers} == {200}
    assert list(room.votes()) == [(1, 4)]
    ballot = votes_of(Receipt.parse(hand.vote(5, 1).json["receipt"]).ballot)
    assert ballot == votes_of_participant(hand.participant), "the receipt says what the database holds"


def test_no_vote_is_counted_after_the_tally(room: Room) -> None:
    """Twenty people vote while the consultation closes: what was answered 200 is counted, the rest is refused."""
    hands = [room.hand() for _ in range(20)]
    for hand in hands:
        hand.vote(12, 0)

    def keep_voting(hand: Hand) -> list[tuple[int, int]]:
        taken = [(hand.participant.number, 12)]
        for number in range(1, 12):
            if hand.vote(number).status != 200:
                break
            taken.append((hand.participant.number, number))
        return taken

    with ThreadPoolExecutor(20) as pool:
        running = [pool.submit(keep_voting, hand) for hand in hands]
        room.close()
        taken = {pair for one in running for pair in one.result()}
    assert set(room.votes()) == taken, "every vote answered is there, and no other"
    counted = room.held.closing
    assert sum(sum(row[1:]) for row in json.loads(bytes(counted.tally))["statements"]) == len(taken)
    with pytest.raises(ConflictError), transaction.atomic():
        vote(hands[0].participant, 1, 1, at=datetime.now(UTC))
    with pytest.raises(ConflictError), transaction.atomic():
        count_votes(room.held)


@contextmanager
def database_away(server: Installation, postgres: str) -> Iterator[None]:
    """No connection to the server's database, neither old nor new, as long as the block."""
    name = server.database_url.split("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(postgres, autocommit=True) as admin:
        allow = psycopg.sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(allow.format(psycopg.sql.Identifier(name), psycopg.sql.SQL("false")))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(allow.format(psycopg.sql.Identifier(name), psycopg.sql.SQL("true")))


def test_without_database_no_vote_is_said_to_be_taken(room: Room, embedded_postgres: str) -> None:
    hand = room.hand()
    hand.vote(1)
    connection.close()
    with database_away(room.server, embedded_postgres):
        answers = [hand.vote(2) for _ in range(3)]
        assert {(answer.status, answer.json["code"]) for answer in answers} == {(503, "database-away")}
        assert answers[0].headers["retry-after"]
    until = time.monotonic() + 15
    while hand.vote(3).status != 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert set(room.votes()) == {(1, 1), (1, 3)}


def test_the_promise_is_the_houses(room: Room) -> None:
    receipt = Receipt.parse(room.hand().vote(1).json["receipt"])
    receipt.check_promise(read_keys(room.server.folder / "keys").log.verifier)
