"""Everything one step of an act writes, made before anything is answered: the act, its suggestions, its sealed entry."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from colloque.acts.core.answer import Answer, AnswerStatus, SuggestionContent, Withheld
from colloque.acts.core.call import about_input
from colloque.acts.core.request import ActRequest
from colloque.acts.core.standing import DeclaredService, PersonStanding, Standing
from colloque.acts.core.state import ActState
from colloque.charter.core.facts import Facts
from colloque.charter.core.verdict import Verdict
from colloque.kernel.canonical import canonical_json
from colloque.kernel.ids import new_id
from colloque.kernel.sealing import RandomBytes, seal
from colloque.kernel.vocabulary import VerdictKind
from colloque.ledger.core.entries import Event, SealedEntry, seal_entry


class SealedSuggestion(msgspec.Struct, frozen=True):
    """One suggestion as it is stored."""

    id: UUID
    position: int
    sealed: bytes
    stripped: tuple[str, ...]


class ActRecord(msgspec.Struct, frozen=True):
    """One step of an act as it is stored.

    `person_version` and `project_version` are those of the verdict; with `guarded` false the step is written whatever they
    have become, which only a refusal may be. What goes to an EHR counts as shown once it is written.
    """

    request: ActRequest
    service: DeclaredService
    person: PersonStanding
    establishment: UUID
    owner: UUID | None
    charter: UUID | None
    outage: bool
    state: ActState
    at: datetime
    facts: bytes
    verdict: bytes
    rules: tuple[str, ...]
    withheld_because: str
    sealed_input: bytes | None
    suggestions: tuple[SealedSuggestion, ...]
    entry: SealedEntry
    guarded: bool = True
    shown_at: datetime | None = None


KINDS = {
    ActState.REFUSED: "act.refused",
    ActState.ASKING: "act.asked",
    ActState.OPEN: "act.answered",
    ActState.ABSTAINED: "act.abstained",
    ActState.WITHHELD: "act.withheld",
}


def about_suggestion(suggestion: UUID) -> bytes:
    """What a sealed suggestion is about."""
    return f"suggestion/{suggestion}".encode()


def state_of(verdict: Verdict, answer: Answer | Withheld | None) -> ActState:
    """The state that a verdict and what came of it lead to. Raises `ValueError` for a permitted act without an answer."""
    if verdict.kind is VerdictKind.REFUSED:
        return ActState.REFUSED
    if isinstance(answer, Withheld):
        return ActState.WITHHELD
    if verdict.kind is VerdictKind.ASKS:
        return ActState.ASKING
    if answer is None:
        raise ValueError("A permitted act has an answer, or a reason why it is withheld.")
    return ActState.OPEN if answer.status is AnswerStatus.ANSWERED else ActState.ABSTAINED


def record_step(
    request: ActRequest,
    standing: Standing,
    service: DeclaredService,
    person: PersonStanding,
    facts: Facts,
    verdict: Verdict,
    answer: Answer | Withheld | None,
    *,
    at: datetime,
    ai_received: bool,
    waiting_input: bytes | None,
    key: bytes,
    random_bytes: RandomBytes,
    guarded: bool = True,
) -> ActRecord:
    """One step, sealed under the person's `key`.

    `waiting_input` is what the AI would receive, kept only while the act asks for something. `ai_received` tells the log
    whether the AI got any data, whatever became of its answer.
    """
    state = state_of(verdict, answer)
    shown = answer if isinstance(answer, Answer) and state in (ActState.OPEN, ActState.ABSTAINED) else None
    suggestions = []
    digests: list[dict[str, Any]] = []
    for position, checked in enumerate(shown.cards if shown is not None else ()):
        content = canonical_json(SuggestionContent(checked.card, checked.word, checked.stripped))
        digests.append({"id": str(checked.id), "sha256": sha256(content).hexdigest()})
        sealed = seal(key, content, about=about_suggestion(checked.id), random_bytes=random_bytes)
        suggestions.append(SealedSuggestion(checked.id, position, sealed, checked.stripped))
    facts_bytes = canonical_json(facts)
    stripped = sorted({*(shown.stripped if shown else ()), *(s for c in suggestions for s in c.stripped)})
    withheld = answer if isinstance(answer, Withheld) else None
    payload: dict[str, Any] = {
        "act": str(request.id),
        "service": str(service.id),
        "project": str(service.project),
        "project_version": service.project_version,
        "charter": str(standing.charter) if standing.charter else None,
        "verdict": verdict,
        "facts_sha256": sha256(facts_bytes).hexdigest(),
        "ai_received": ai_received,
    }
    if request.caller is not None:
        payload["system"] = str(request.caller.system)
    if digests:
        payload["suggestions"] = digests
    if stripped:
        payload["stripped"] = stripped
    if withheld is not None:
        payload["withheld"] = {"code": withheld.code.value, "path": withheld.path}
    entry = seal_entry(
        Event(kind=KINDS[state], subject=person.id, payload=payload, rules=verdict.rules),
        entry_id=new_id(at, random_bytes),
        subject_key=key,
        random_bytes=random_bytes,
    )
    return ActRecord(
        request=request,
        service=service,
        person=person,
        establishment=standing.establishment,
        owner=standing.carer.id if standing.carer is not None else None,
        charter=standing.charter,
        outage=standing.outage,
        state=state,
        at=at,
        facts=facts_bytes,
        verdict=canonical_json(verdict),
        rules=verdict.rules,
        withheld_because=withheld.code.value if withheld is not None else "",
        sealed_input=None
        if state is not ActState.ASKING or waiting_input is None
        else seal(key, waiting_input, about=about_input(request.id), random_bytes=random_bytes),
        suggestions=tuple(suggestions),
        entry=entry,
        guarded=guarded,
        shown_at=at if request.caller is not None and suggestions else None,
    )
