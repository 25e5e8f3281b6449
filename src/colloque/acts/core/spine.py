"""The one spine of a governed act, as steps that a driver carries out.

`govern` is a generator: it yields what it needs (`Read`, `Ask`, `Write`) and is sent what came of it. It holds the order
that no driver may change: facts, the charter's verdict, the AI only when permitted, the answer checked and recorded before
anybody sees it, and everything decided anew when somebody's choice moved meanwhile. The gateway drives it with asyncpg, our
own pages with Django's connection.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar
from uuid import UUID

import msgspec

from colloque.acts.core.answer import Answer, Withheld, WithheldCode, check_answer
from colloque.acts.core.call import Call, prepare_call
from colloque.acts.core.record import ActRecord, record_step
from colloque.acts.core.request import ActRequest
from colloque.acts.core.standing import DeclaredService, PersonStanding, Standing, facts_of
from colloque.acts.core.state import ActState
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import Facts
from colloque.charter.core.verdict import Verdict
from colloque.kernel.errors import ConflictError, NotFoundError
from colloque.kernel.ids import new_id
from colloque.kernel.sealing import RandomBytes, unseal
from colloque.kernel.vocabulary import VerdictKind
from colloque.patients.core.identity import about_identity, read_identity

MAX_ATTEMPTS = 3
"""How often an act is decided anew before it is refused because everything keeps moving."""

KEPT_CHANGING = "standing-kept-changing"
NOBODY_ANSWERS = "nobody-answers"


class Read(msgspec.Struct, frozen=True):
    """Asks the driver where everybody stands; answered with a `Reading`."""

    request: ActRequest


class Reading(msgspec.Struct, frozen=True):
    """Where everybody stands, the service as declared at that version of its project, the charter in force, the moment."""

    standing: Standing
    service: DeclaredService
    charter: Charter
    at: datetime


class Ask(msgspec.Struct, frozen=True):
    """Asks the driver to call the AI; answered with an `Asked`."""

    call: Call


class Asked(msgspec.Struct, frozen=True):
    """What the AI sent back: the body, or the code of what went wrong; and when."""

    body: bytes | WithheldCode
    at: datetime


class Write(msgspec.Struct, frozen=True):
    """Asks the driver to store a step in one transaction; answered with a `Written`."""

    record: ActRecord


class Written(StrEnum):
    """What became of a step: stored, or nothing of it stored and why."""

    STORED = "stored"
    STALE = "stale"
    TOKEN_USED = "token-used"  # noqa: S105 - a word, not a secret
    CLOSED = "closed"
    GONE = "gone"


class UnknownPersonError(NotFoundError):
    """The patient named in the request is not known to the establishment, or their key was erased."""

    code = "unknown-patient"


class UnknownCarerError(NotFoundError):
    """The practitioner named in the request is no carer of the establishment now."""

    code = "unknown-practitioner"


class TokenUsedError(ConflictError):
    """The token of the request was used before."""

    code = "token-used"


class ActClosedError(ConflictError):
    """The act no longer asks for anything."""

    code = "act-closed"


class Governed(msgspec.Struct, frozen=True):
    """The end of a run: what was recorded, and what may now be shown."""

    record: ActRecord
    service: DeclaredService
    charter: Charter
    verdict: Verdict
    facts: Facts
    answer: Answer | Withheld | None
    real_references: Mapping[str, str] = {}

    @property
    def state(self) -> ActState:
        """Where the act stands now."""
        return self.record.state


Step: TypeAlias = "Read | Ask | Write"
Result: TypeAlias = "Reading | Asked | Written"
Kind = TypeVar("Kind", Reading, Asked, Written)
OpenKey: TypeAlias = Callable[[UUID, bytes], bytes]
"""The key of a person from its wrapped form."""


def govern(request: ActRequest, *, open_key: OpenKey, random_bytes: RandomBytes) -> Generator[Step, Result, Governed]:
    """Run one act to where it waits for a human or ends.

    Raises `UnknownPersonError`, `UnknownCarerError`, `MissingDataError`, `TokenUsedError`, `ActClosedError`; in each of
    these cases nothing was recorded and nothing may be shown.
    """
    asked: Asked | None = None
    asked_call: Call | None = None
    for attempt in range(1, MAX_ATTEMPTS + 2):
        reading = _as(Reading, (yield Read(request)))
        person = _known(reading.standing)
        key = open_key(person.id, person.wrapped_key)
        facts = facts_of(reading.standing, reading.service, person, reading.at)
        verdict = _decide(reading.charter, facts)
        if attempt > MAX_ATTEMPTS:
            verdict = Verdict(VerdictKind.REFUSED, (), verdict.charter, errors=(KEPT_CHANGING,))
        call: Call | Withheld | None = None
        answer: Answer | Withheld | None = None
        if verdict.kind is not VerdictKind.REFUSED:
            call = _prepare(request, reading, person, facts, key, random_bytes)
        if isinstance(call, Withheld):
            answer = call
        elif call is not None and verdict.is_permitted:
            if asked is None or asked_call is None or asked_call.project_version != call.project_version:
                asked, asked_call = _as(Asked, (yield Ask(call))), call
            answer = _checked(asked, reading.service, random_bytes)
        record = record_step(
            request,
            reading.standing,
            reading.service,
            person,
            facts,
            verdict,
            answer,
            at=reading.at if asked is None else asked.at,
            ai_received=asked_call is not None,
            waiting_input=call.body if isinstance(call, Call) else None,
            key=key,
            random_bytes=random_bytes,
            guarded=attempt <= MAX_ATTEMPTS,
        )
        written = yield Write(record)
        if written is Written.STORED:
            references = asked_call.real_references if asked_call is not None else {}
            return Governed(record, reading.service, reading.charter, verdict, facts, answer, references)
        if written is Written.TOKEN_USED:
            raise TokenUsedError("This token was already used.")
        if written is not Written.STALE:
            break
    raise ActClosedError("This act no longer waits for anything.")


def _as(kind: type[Kind], result: Result) -> Kind:
    """What a driver must send back for a step. Raises `TypeError` for a driver that sends anything else."""
    if not isinstance(result, kind):
        raise TypeError(f"The driver sent {type(result).__name__} where {kind.__name__} was due.")
    return result


def _prepare(
    request: ActRequest, reading: Reading, person: PersonStanding, facts: Facts, key: bytes, random_bytes: RandomBytes
) -> Call | Withheld:
    return prepare_call(
        request,
        reading.service,
        person,
        facts,
        sex=_sex(reading.service, person, key),
        key=key,
        instance=new_id(reading.at, random_bytes),
    )


def _known(standing: Standing) -> PersonStanding:
    if standing.token_used:
        raise TokenUsedError("This token was already used.")
    if standing.person is None:
        raise UnknownPersonError("This patient is not known here.")
    if standing.carer is None:
        raise UnknownCarerError("This practitioner is not a carer here.")
    return standing.person


def _decide(charter: Charter, facts: Facts) -> Verdict:
    """The charter's verdict; an act for which no named carer answers is refused whatever the rules say."""
    verdict = charter.decide(facts)
    if facts.carer.id is None and verdict.kind is not VerdictKind.REFUSED:
        return Verdict(VerdictKind.REFUSED, verdict.rules, verdict.charter, errors=(NOBODY_ANSWERS,))
    return verdict


def _sex(service: DeclaredService, person: PersonStanding, key: bytes) -> str | None:
    """The sex, opened only where the intended use speaks of it."""
    if not service.intended_use.sexes or person.sealed_identity is None:
        return None
    return read_identity(unseal(key, person.sealed_identity, about=about_identity(person.id))).sex.value


def _checked(asked: Asked, service: DeclaredService, random_bytes: RandomBytes) -> Answer | Withheld:
    if isinstance(asked.body, WithheldCode):
        return Withheld(asked.body)
    return check_answer(
        asked.body,
        autonomy=service.autonomy,
        endpoint=service.endpoint,
        new_id=lambda: new_id(asked.at, random_bytes),
    )
