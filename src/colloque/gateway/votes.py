"""`POST /votes/<consultation>`: one vote in, durable before it is answered; the next statement and a receipt out.

What the answer needs lies in memory: of each consultation that people vote in, its statements and their routing, looked at
again every second; of each participant who votes, what they have answered. The database decides whether a vote is written:
one statement for all the votes that arrive while the one before runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

import asyncpg
import msgspec
from django.conf import settings
from starlette.types import Receive, Scope, Send

from colloque.consultations.core.groups import JoinChannel, VoteChannel
from colloque.consultations.core.receipts import (
    Recorded,
    ballot_bytes,
    ballot_of,
    promise,
    salt_key,
    salt_of,
    votes_of,
    with_vote,
)
from colloque.consultations.core.routing import Routing, StatementCounts, answered
from colloque.consultations.core.state import ConsultationState, StatementState
from colloque.consultations.core.tickets import cookie_name, ticket_digest
from colloque.consultations.core.voting import Allowance, VoteCall, read_vote
from colloque.consultations.sql import (
    CHANNEL,
    READ_CONSULTATIONS,
    READ_COUNTS,
    READ_PARTICIPANTS,
    READ_STATEMENTS,
    WRITE_VOTES,
)
from colloque.gateway.database import AWAY, Batches, Database, connection_settings
from colloque.kernel.errors import ColloqueError, InvalidInputError, UnavailableError
from colloque.ledger.keys import Keys
from colloque.ledger.queries import installation_keys

log = logging.getLogger(__name__)

PREFIX: Final = "/votes/"
MAX_BODY: Final = 1_000
MAX_PARTICIPANTS: Final = 200_000
MAX_CONSULTATIONS: Final = 2_000
PARTICIPANT_SECONDS: Final = 30.0
"""How long what is known of a participant holds before it is read again: they may also vote by another process, or on paper."""
LOOK_AGAIN_SECONDS: Final = 1.0
FORGET_SECONDS: Final = 120.0

_encode = msgspec.json.Encoder().encode
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class VoteError(Exception):
    """A vote that is not taken: HTTP status, stable code, a sentence for programs, and headers of its own.

    The voting page shows none of these sentences: it sends its form the slow way, which answers in the reader's language.
    """

    def __init__(self, status: int, code: str, message: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


def _away(error: UnavailableError) -> VoteError:
    return VoteError(
        503, error.code, "Your vote could not be written. Send it again in a moment.", [(b"retry-after", b"2")]
    )


async def _send(send: Send, status: int, body: bytes, more: Sequence[tuple[bytes, bytes]]) -> None:
    headers = [*_HEADERS, (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Held:
    """One consultation as it stands: its statements ready to be sent, and which to ask next."""

    __slots__ = (
        "cookie", "edition", "id", "id_bytes", "is_open", "map_id", "merged", "print", "routing", "statements", "used_at",
    )  # fmt: skip

    def __init__(self, consultation: UUID, now: float) -> None:
        self.id, self.id_bytes = consultation, consultation.bytes
        self.cookie = cookie_name(consultation).encode() + b"="
        self.is_open = False
        self.statements: dict[int, bytes] = {}
        self.merged: dict[int, int] = {}
        self.routing = Routing([])
        self.map_id = -1
        self.print: str | None = ""
        self.edition = 0
        self.used_at = now


class Voter:
    """One participant as they vote: what they have answered, how fast, and how many of their votes are being written."""

    __slots__ = (
        "__weakref__",
        "allowance",
        "ballot",
        "channel",
        "edition",
        "helper",
        "number",
        "read_at",
        "salt",
        "seen",
        "under_way",
    )

    def __init__(self, number: int, salt: bytes, channel: str, helper: UUID | None, now: float) -> None:
        self.number, self.salt, self.channel, self.helper = number, salt, channel, helper
        self.ballot = self.seen = self.under_way = self.edition = 0
        self.read_at = now
        self.allowance = Allowance(now)


class Cast(NamedTuple):
    """A vote on its way to the database."""

    held: Held
    voter: Voter
    statement: int
    value: int | None


class Written(NamedTuple):
    """What became of a vote: whether its consultation is open, whether it was written, the receipt."""

    is_open: bool
    is_written: bool
    receipt: str


class _Asked(NamedTuple):
    consultation: UUID
    digest: bytes


class Votes:
    """The endpoint. `has_receipts` is there to measure what receipts cost."""

    def __init__(self, connection: dict[str, Any], keys: Keys, public_url: str, *, has_receipts: bool = True) -> None:
        self._database = Database(connection)
        self._writes: Batches[Cast, Written] = Batches(connection, WRITE_VOTES, self._columns, self._results)
        self._reads: Batches[_Asked, Any] = Batches(connection, READ_PARTICIPANTS, _asked_columns, _asked_results)
        self._signer, self._salts = keys.log, salt_key(keys.keyring.master)
        self._origin = public_url.rstrip("/").encode()
        self._has_receipts = has_receipts
        self._held: dict[str, Held] = {}
        self._one_by_one = asyncio.Lock()
        self._missing: dict[str, float] = {}
        self._voters: dict[bytes, Voter] = {}
        self._by_number: WeakValueDictionary[tuple[str, int], Voter] = WeakValueDictionary()
        self._connection = connection
        self._random = Random(secrets.randbits(64)).random  # noqa: S311 - which statement comes next is no secret
        self._at = datetime.now(UTC)
        self._pairs: list[tuple[bytes, int, int]] = []
        self._last: dict[tuple[bytes, int, int], int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to work."""
        self._writes.start()
        self._reads.start()
        self._tasks = [asyncio.create_task(self._keep_looking()), asyncio.create_task(self._keep_listening())]

    async def stop(self) -> None:
        """Answer what runs, refuse the rest, hang up."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._writes.stop()
        await self._reads.stop()
        await self._database.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request under `/votes/`."""
        headers: Sequence[tuple[bytes, bytes]] = ()
        try:
            status, body = 200, await self._vote(scope, receive)
        except VoteError as error:
            status, headers = error.status, error.headers
            body = _encode({"code": error.code, "message": error.message})
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever happened, the vote was not answered and somebody waits
            log.error("A vote could not be taken (%s).", type(error).__name__)  # noqa: TRY400 - no vote in the log
            status = 500
            body = _encode({"code": "error", "message": "Your vote could not be taken. Send it again."})
        await _send(send, status, body, headers)

    async def _vote(self, scope: Scope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise VoteError(405, "method", "Send a vote with POST.", [(b"allow", b"POST")])
        held = self._held.get(scope["path"]) or await self._hold(scope["path"])
        now = time.monotonic()
        held.used_at = now
        ticket = self._check_headers(scope["headers"], held.cookie)
        call = _read(await _body(receive))
        if not held.is_open:
            raise _closed()
        key = held.id_bytes + ticket
        voter = self._voters.get(key)
        if voter is None or (now - voter.read_at > PARTICIPANT_SECONDS and not voter.under_way):
            voter = await self._read_voter(held, ticket, now, voter)
        if not voter.allowance.take(now):
            raise VoteError(
                429, "too-fast", "Take your time: wait a moment before the next vote.", [(b"retry-after", b"5")]
            )
        if call.statement not in held.statements:
            raise _gone(call.statement)
        voter.under_way += 1
        try:
            written = await self._writes.submit(Cast(held, voter, call.statement, call.value))
        except UnavailableError as error:
            raise _away(error) from None
        finally:
            voter.under_way -= 1
        if not written.is_written:
            raise _gone(call.statement) if written.is_open else _closed()
        if voter.edition != held.edition:
            voter.edition = held.edition
            if held.merged:
                voter.seen |= answered(votes_of(voter.ballot), held.merged)
        following = held.routing.next(voter.seen, self._random)
        return b'{"next":%b,"left":%d,"receipt":"%b"}' % (
            b"null" if following is None else held.statements[following],
            held.routing.left(voter.seen),
            written.receipt.encode(),
        )

    def _check_headers(self, headers: Sequence[tuple[bytes, bytes]], cookie: bytes) -> bytes:
        """The participant's ticket. Raises `VoteError` for what must not be read further."""
        sent = dict(headers)
        origin, site = sent.get(b"origin", b""), sent.get(b"sec-fetch-site", b"")
        if (site and site not in {b"same-origin", b"none"}) or (
            origin and origin != self._origin and origin.partition(b"://")[2] != sent.get(b"host")
        ):
            raise VoteError(403, "cross-origin", "Votes come from this site's own pages only.")
        if not sent.get(b"content-type", b"").lower().startswith(b"application/json"):
            raise VoteError(415, "not-json-type", "Send application/json.")
        length = sent.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9 or int(length) > MAX_BODY:
            raise _too_large()
        _, found, rest = sent.get(b"cookie", b"").partition(cookie)
        ticket = rest.partition(b";")[0]
        if not found or not ticket:
            raise _unknown()
        return ticket

    async def _hold(self, path: str) -> Held:
        """The consultation of a path, read from the database. Raises `VoteError`."""
        now = time.monotonic()
        if self._missing.get(path, 0.0) > now:
            raise _nowhere()
        try:
            consultation = UUID(path.removeprefix(PREFIX))
        except ValueError:
            raise _nowhere() from None
        if path != f"{PREFIX}{consultation}":
            raise _nowhere()
        async with self._one_by_one:
            if path in self._held:
                return self._held[path]
            if self._missing.get(path, 0.0) > now:
                raise _nowhere()
            return await self._read_held(path, consultation, now)

    async def _read_held(self, path: str, consultation: UUID, now: float) -> Held:
        held = Held(consultation, now)
        try:
            is_there = await self._look([held])
        except UnavailableError as error:
            raise _away(error) from None
        if not is_there:
            if len(self._missing) > MAX_CONSULTATIONS:
                self._missing.clear()
            self._missing[path] = now + LOOK_AGAIN_SECONDS
            raise _nowhere()
        if len(self._held) >= MAX_CONSULTATIONS:
            self._held.clear()
        self._held[path] = held
        return held

    async def _read_voter(self, held: Held, ticket: bytes, now: float, known: Voter | None) -> Voter:
        """The participant who holds a ticket, as the database has them. Raises `VoteError`."""
        key = held.id_bytes + ticket
        try:
            row = await self._reads.submit(_Asked(held.id, ticket_digest(ticket.decode("ascii"))))
        except UnavailableError as error:
            raise _away(error) from None
        except UnicodeDecodeError:
            raise _unknown() from None
        if row is None:
            self._voters.pop(key, None)
            raise _unknown()
        current = self._voters.get(key)
        if current is not None and current is not known:
            return current
        _, number, channel, helper, helped_by, statements, values = row
        how = VoteChannel.HELPER if helper else VoteChannel.PAPER if channel == JoinChannel.PAPER else VoteChannel.SELF
        voter = Voter(number, salt_of(self._salts, held.id, number), how.value, helped_by, now)
        if known is not None:
            voter.allowance = known.allowance
        if statements is not None:
            voter.ballot = ballot_of(zip(statements, values, strict=True))
            voter.seen = answered(statements, held.merged)
        voter.edition = held.edition
        self._voters.pop(key, None)
        while len(self._voters) >= MAX_PARTICIPANTS:
            self._voters.pop(next(iter(self._voters)))
        self._voters[key] = voter
        self._by_number[str(held.id), number] = voter
        return voter

    def _columns(self, casts: Sequence[Cast]) -> list[Any]:
        self._at = datetime.now(UTC)
        self._pairs = [(cast.held.id_bytes, cast.voter.number, cast.statement) for cast in casts]
        self._last = {pair: place for place, pair in enumerate(self._pairs)}
        places = list(self._last.values())
        chosen = [casts[place] for place in places]
        return [
            places,
            [cast.held.id for cast in chosen],
            [cast.voter.number for cast in chosen],
            [cast.statement for cast in chosen],
            [cast.value for cast in chosen],
            self._at,
            [cast.voter.channel for cast in chosen],
            [cast.voter.helper for cast in chosen],
        ]

    def _results(self, casts: Sequence[Cast], rows: Sequence[Any]) -> list[Written]:
        found = {row[0]: (row[1], row[2]) for row in rows}
        written = [found[self._last[pair]] for pair in self._pairs]
        recorded = []
        for cast, (_, is_written) in zip(casts, written, strict=True):
            if is_written:
                voter, bit = cast.voter, 1 << cast.statement
                voter.ballot = with_vote(voter.ballot, cast.statement, cast.value)
                voter.seen = voter.seen & ~bit if cast.value is None else voter.seen | bit
                recorded.append(Recorded(cast.held.id_bytes, voter.number, voter.salt, ballot_bytes(voter.ballot)))
        moment = int(self._at.timestamp() * 1_000_000)
        receipts = iter(promise(recorded, moment, self._signer) if self._has_receipts and recorded else [])
        return [
            Written(is_open, is_written, next(receipts, "") if is_written else "") for is_open, is_written in written
        ]

    async def _keep_looking(self) -> None:
        """Each second, look again at the consultations people vote in, and forget whoever went away."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            now = time.monotonic()
            self._held = {path: held for path, held in self._held.items() if now - held.used_at < FORGET_SECONDS}
            while self._voters:
                key, oldest = next(iter(self._voters.items()))
                if now - oldest.read_at < FORGET_SECONDS:
                    break
                del self._voters[key]
            try:
                if self._held:
                    await self._look(list(self._held.values()))
            except UnavailableError:
                continue
            except Exception as error:  # noqa: BLE001 - the next round may work; ending here would freeze every consultation
                log.error("Consultations could not be looked at (%s).", type(error).__name__)  # noqa: TRY400

    async def _keep_listening(self) -> None:
        """Hear of votes from our own pages, so that what is known of their participants is read again before it is used."""
        while True:
            with contextlib.suppress(*AWAY, asyncpg.PostgresError):
                connection = await asyncpg.connect(**self._connection)
                try:
                    await connection.add_listener(CHANNEL, self._hear)
                    for voter in self._voters.values():
                        voter.read_at = -PARTICIPANT_SECONDS
                    while not connection.is_closed():
                        await asyncio.sleep(LOOK_AGAIN_SECONDS)
                finally:
                    connection.terminate()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _hear(self, _connection: object, _process: int, _channel: str, told: object) -> None:
        consultation, _, number = str(told).partition("/")
        voter = self._by_number.get((consultation, int(number))) if number.isdigit() else None
        if voter is not None:
            voter.read_at = -PARTICIPANT_SECONDS

    async def _look(self, helds: Sequence[Held]) -> bool:
        """Bring consultations to what the database holds; whether all are there. Raises `UnavailableError`."""
        rows = {row[0]: row for row in await self._database.fetch(READ_CONSULTATIONS, [held.id for held in helds])}
        now = datetime.now(UTC)
        for held in helds:
            if held.id not in rows:
                held.is_open = False
                continue
            _, state, closes_at, map_id, fingerprint = rows[held.id]
            held.is_open = state == ConsultationState.OPEN and (closes_at is None or closes_at > now)
            if held.map_id != map_id or held.print != fingerprint:
                await self._read_statements(held, map_id, fingerprint)
        return len(rows) == len(helds)

    async def _read_statements(self, held: Held, map_id: int, fingerprint: str | None) -> None:
        rows = await self._database.fetch(READ_STATEMENTS, held.id)
        counted = {row[0]: row for row in (await self._database.fetch(READ_COUNTS, map_id) if map_id else [])}
        held.statements = {
            number: _encode(
                {
                    "number": number,
                    "text": text,
                    "language": language,
                    "text_en": text_en,
                    "easy": easy,
                    "easy_en": easy_en,
                }
            )
            for number, state, _, text, language, text_en, easy, easy_en, _ in rows
            if state == StatementState.PUBLISHED
        }
        held.merged = {row[0]: row[8] for row in rows if row[1] == StatementState.MERGED and row[8] is not None}
        counts = []
        for number, state, is_meta, *_ in rows:
            if state == StatementState.PUBLISHED:
                _, agree, disagree, passed, extremity = counted.get(number, (number, 0, 0, 0, 0.0))
                counts.append(StatementCounts(number, agree, disagree, passed, extremity, is_meta))
        held.routing = Routing(counts, held.routing.shown())
        held.map_id, held.print = map_id, fingerprint
        held.edition += 1


def _asked_columns(asked: Sequence[_Asked]) -> list[Any]:
    return [list(range(len(asked))), [one.consultation for one in asked], [one.digest for one in asked]]


def _asked_results(asked: Sequence[_Asked], rows: Sequence[Any]) -> list[Any]:
    found: list[Any] = [None] * len(asked)
    for row in rows:
        found[row[0]] = row
    return found


async def _body(receive: Receive) -> bytes:
    """The whole body. Raises `VoteError` past its limit."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= MAX_BODY:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise VoteError(400, "left", "The connection ended before the vote had arrived.")
    if len(body) > MAX_BODY:
        raise _too_large()
    return body


def _read(body: bytes) -> VoteCall:
    try:
        return read_vote(body)
    except InvalidInputError as error:
        raise VoteError(400, error.code, error.message) from None


def _too_large() -> VoteError:
    return VoteError(413, "too-large", "A vote is no longer than a thousand bytes.")


def _nowhere() -> VoteError:
    return VoteError(404, "not-found", "There is no such consultation.")


def _unknown() -> VoteError:
    return VoteError(401, "no-participant", "Join the consultation first: this browser takes no part in it yet.")


def _closed() -> VoteError:
    return VoteError(409, "consultation-closed", "This consultation takes no votes: it is not open.")


def _gone(statement: int) -> VoteError:
    return VoteError(409, "statement-gone", f"Statement {statement} is not voted on, or no longer: reload the page.")


class VotesApplication:
    """Everything under `/votes/`. Without the installation's keys it answers 503, and the pages still serve."""

    def __init__(self) -> None:
        self._votes: Votes | None = None

    async def start(self) -> None:
        """Take the keys and begin."""
        try:
            keys = installation_keys()
        except ColloqueError as error:
            log.error("Votes are not taken: %s", error.message)  # noqa: TRY400 - the sentence says it all
            return
        connection = connection_settings(settings.DATABASES["default"])
        self._votes = Votes(connection, keys, settings.COLLOQUE_PUBLIC_URL)
        self._votes.start()

    async def stop(self) -> None:
        """Hang up."""
        if self._votes is not None:
            await self._votes.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request under `/votes/`."""
        if self._votes is None:
            error = VoteError(503, "keys-missing", "Votes are not taken for now: the installation has no keys.")
            await _send(send, 503, _encode({"code": error.code, "message": error.message}), ())
        else:
            await self._votes(scope, receive, send)
