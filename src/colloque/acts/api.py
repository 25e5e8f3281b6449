"""Acts in the REST API: what awaits me, one act, and each step a named carer takes. The same queries and actions as the pages."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Query, Router, Schema, Status
from pydantic import Field

from colloque.acts import actions, queries
from colloque.acts.core.decision import AccessPurpose, DecisionReason
from colloque.acts.core.reading import LONGEST_READING, LONGEST_WORDS, Sureness
from colloque.acts.core.state import ActState
from colloque.acts.forms import StartForm
from colloque.acts.queries.answers import AnswerView
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Outcome, Requirement, Role, VerdictKind
from colloque.people.access import Request, require
from colloque.people.api import CHANGED, PUBLIC, READ, signed_in
from colloque.people.language import page_language

MOST_ACTS = 200


class ActLineOut(Schema):
    """One act in a list. `step` is what is asked first; `owner` names the carer it belongs to."""

    id: UUID
    person: str
    act_kind: ActKind
    service: str
    state: ActState
    since: datetime
    step: Requirement | None
    owner: str


class WorklistOut(Schema):
    """What awaits me, the oldest first. `adrift`: acts of my units whose carer has left."""

    open: list[ActLineOut]
    asking: list[ActLineOut]
    adrift: list[ActLineOut]


class DecidingRuleOut(Schema):
    """A rule that decided, in words."""

    id: str
    title: str
    explanation: str


class OwnReadingOut(Schema):
    """A carer's own reading."""

    carer: str
    reading: str
    sureness: Sureness
    words: str
    at: datetime


class WeightOut(Schema):
    """What one datum weighed, in words."""

    name: str
    value: str
    points: str
    usual: str


class AnswerOut(Schema):
    """What an AI said: its conclusion if it reached one, how sure it is, what weighed, what it was never taught."""

    label: str
    summary: str
    sure: str
    measured: str
    weighed: list[WeightOut]
    never_taught: list[str]
    labelled_by: str
    model: str


class DecisionOut(Schema):
    """A human decision. `reasons` are codes."""

    carer: str
    outcome: Outcome
    retained: str
    reasons: list[str]
    words: str
    patient_view: str
    at: datetime
    through_ehr: bool


class ActOut(Schema):
    """One act as I may read it. `answers` stays empty until I may see them."""

    id: UUID
    state: ActState
    act_kind: ActKind
    person: UUID
    person_name: str
    age: int | None
    choice: ChoiceAnswer | None
    service: str
    project: str
    owner: str
    is_mine: bool
    requested_at: datetime
    answered_at: datetime | None
    step: Requirement | None
    readings: list[str] = Field(description="Codes of the readings that the service declares.")
    charter: int
    rules: list[DecidingRuleOut]
    own_reading: OwnReadingOut | None
    answers: list[AnswerOut]
    withheld_because: str
    decision: DecisionOut | None


class StartIn(Schema):
    """Asks one service for one person; `values` by key of the service's declared inputs."""

    person: UUID
    service: UUID
    values: dict[str, float | bool | str] = Field(default_factory=dict, max_length=100)


class OwnReadingIn(Schema):
    """My own reading: the code of one of the act's `readings`, or free words where there are none."""

    reading: str = Field(min_length=1, max_length=LONGEST_READING)
    sureness: Sureness
    words: str = Field(default="", max_length=LONGEST_WORDS)


class SpokenAnswerIn(Schema):
    """What the person said about this one act."""

    said_yes: bool


class DecisionIn(Schema):
    """Follow, adapt or set aside; at least one reason, whichever it is. Adapting says what is retained."""

    outcome: Outcome = Field(examples=["set-aside"])
    reasons: list[DecisionReason] = Field(min_length=1, max_length=20)
    words: str = Field(default="", max_length=LONGEST_WORDS)
    retained: str = Field(default="", max_length=LONGEST_READING)
    patient_view: str = Field(default="", max_length=LONGEST_WORDS)


class HandOverIn(Schema):
    """The account to whom an act is handed over."""

    to: UUID


class AccessIn(Schema):
    """Why I look again at what the AI said."""

    purpose: AccessPurpose
    words: str = Field(default="", max_length=LONGEST_WORDS)


class OfferedOut(Schema):
    """A live service and what the charter says of it for a person and me, now."""

    id: UUID
    title: str
    act_kind: ActKind
    verdict: VerdictKind
    asks: list[Requirement]
    rules: list[DecidingRuleOut]


class CountOut(Schema):
    """Acts of one verdict; null where too few persons are concerned to tell."""

    verdict: VerdictKind
    acts: int | None
    persons: int | None


class RuleCountsOut(Schema):
    """What a rule decided over a period; counts on fewer than `fewest` persons are not told."""

    since: datetime
    until: datetime
    fewest: int
    counts: list[CountOut]


class ActFilter(Schema):
    """Which acts to list."""

    state: ActState | None = None
    limit: int = Field(default=50, ge=1, le=MOST_ACTS)
    before: datetime | None = Field(default=None, description="Only acts asked for before this moment.")


router = Router(tags=["acts"], auth=signed_in)
public_router = Router(tags=["charter"])


@router.get("/worklist", response={200: WorklistOut, **READ}, summary="What awaits me")
def worklist(request: HttpRequest) -> WorklistOut:
    """Decisions that are mine, acts that ask something of me, acts of my units that nobody answers for."""
    viewer = cast(Request, request).viewer
    require(viewer, Role.CARER)
    work = queries.worklist(viewer.account, timezone.now())
    return WorklistOut(
        open=[_line(line) for line in work.open],
        asking=[_line(line) for line in work.asking],
        adrift=[_line(line) for line in work.adrift],
    )


@router.get("/acts", response={200: list[ActLineOut], **READ}, summary="The acts I may see, the latest first")
def acts(request: HttpRequest, filters: Query[ActFilter]) -> list[ActLineOut]:
    """Those I own, and those of persons in the units I care for."""
    viewer = cast(Request, request).viewer
    require(viewer, Role.CARER)
    lines = queries.acts_for(
        viewer.account, timezone.now(), state=filters.state, before=filters.before, limit=filters.limit
    )
    return [_line(line) for line in lines]


@router.get("/acts/{act_id}", response={200: ActOut, **READ}, summary="One act")
def act(request: HttpRequest, act_id: UUID) -> ActOut:
    """As its page shows it: nothing of an answer before my own reading where the act wants one."""
    account = cast(Request, request).viewer.account
    actions.note_visit(act_id, by=account, at=timezone.now())
    return _told(request, act_id)


@router.get(
    "/persons/{person_id}/services",
    response={200: list[OfferedOut], **READ},
    summary="What may be asked of an AI for a person",
)
def services(request: HttpRequest, person_id: UUID) -> list[OfferedOut]:
    """Each live service, with what the charter says of it for this person and me, now. Nothing is sent to anyone."""
    page = queries.start_page(cast(Request, request).viewer, person_id, timezone.now())
    return [
        OfferedOut(
            id=offered.id,
            title=offered.title,
            act_kind=offered.act_kind,
            verdict=offered.verdict,
            asks=list(offered.asks),
            rules=_rules(offered.rules),
        )
        for offered in page.services
    ]


@router.post("/acts", response={201: ActOut, **CHANGED}, summary="Ask one service for one person")
def start(request: HttpRequest, asked: StartIn) -> Status[ActOut]:
    """The act comes back refused, asking for something, open, abstained or withheld; never decided.

    `act-waiting` where one of mine waits already on the same service for the same person.
    """
    viewer = cast(Request, request).viewer
    chosen = queries.start_service(viewer, asked.person, asked.service, timezone.now())
    form = StartForm({key: _as_typed(value) for key, value in asked.values.items()}, inputs=chosen.inputs)
    if not form.is_valid():
        key, messages = next(iter(form.errors.items()))
        raise InvalidInputError(str(messages[0]), path=f"values.{key}")
    started = actions.start_once(
        chosen.service,
        chosen.row,
        data=queries.data_of(chosen.inputs, form.values(), chosen.row),
        by=viewer.account,
        at=timezone.now(),
        language=page_language(),
    )
    return Status(201, _told(request, started.id))


@router.post("/acts/{act_id}/own-reading", response={200: ActOut, **CHANGED}, summary="Record my own reading")
def own_reading(request: HttpRequest, act_id: UUID, given: OwnReadingIn) -> ActOut:
    """It never changes afterwards. What waited for it goes on, and the AI may now be called."""
    found, by = _mine(request, act_id)
    actions.record_own_assessment(found, **given.dict(), by=by, at=timezone.now(), language=page_language())
    return _told(request, act_id)


@router.post("/acts/{act_id}/spoken-answer", response={200: ActOut, **CHANGED}, summary="Note the person's answer")
def spoken_answer(request: HttpRequest, act_id: UUID, given: SpokenAnswerIn) -> ActOut:
    """About this one act only; no lasting choice changes."""
    found, by = _mine(request, act_id)
    actions.record_spoken_answer(found, said_yes=given.said_yes, by=by, at=timezone.now(), language=page_language())
    return _told(request, act_id)


@router.post("/acts/{act_id}/resume", response={200: ActOut, **CHANGED}, summary="Take an act up again")
def resume(request: HttpRequest, act_id: UUID) -> ActOut:
    """Decided anew by the charter as everybody stands now."""
    found, by = _mine(request, act_id)
    actions.resume_act(found, by=by, at=timezone.now(), language=page_language())
    return _told(request, act_id)


@router.post("/acts/{act_id}/decision", response={200: ActOut, **CHANGED}, summary="Decide")
def decide(request: HttpRequest, act_id: UUID, given: DecisionIn) -> ActOut:
    """By the named carer the act belongs to. Nothing else ends an open act."""
    found, by = _mine(request, act_id)
    actions.decide(found, **given.dict(), by=by, at=timezone.now())
    return _told(request, act_id)


@router.post("/acts/{act_id}/hand-over", response={200: ActOut, **CHANGED}, summary="Hand an act over, or take it over")
def hand_over(request: HttpRequest, act_id: UUID, given: HandOverIn) -> ActOut:
    """To another carer of the person; to oneself, to take it over."""
    found, by = _mine(request, act_id)
    actions.hand_over(found, to=given.to, by=by, at=timezone.now())
    return _told(request, act_id)


@router.post(
    "/acts/{act_id}/suggestion-accesses",
    response={200: list[AnswerOut], **CHANGED},
    summary="Read again what the AI said, for a purpose that is recorded",
)
def access_suggestion(request: HttpRequest, act_id: UUID, given: AccessIn) -> list[AnswerOut]:
    """Only once a human has decided."""
    found, by = _mine(request, act_id)
    answers = actions.access_suggestion(found, purpose=given.purpose.value, words=given.words, by=by, at=timezone.now())
    return [_answer(answer) for answer in answers]


@router.get(
    "/acts/{act_id}/record",
    response={200: dict[str, Any], **READ},
    summary="The record of a decision, as a FHIR R4 document",
)
def record(request: HttpRequest, act_id: UUID) -> HttpResponse | dict[str, Any]:
    """The human reasoning, and nothing of what the AI had said."""
    told = queries.decision_record(cast(Request, request).viewer.account, act_id, timezone.now())
    document: dict[str, Any] = json.loads(told.fhir)
    return document


@public_router.get(
    "/establishments/{slug:slug}/charter/rules/{slug:rule_id}/counts",
    response={200: RuleCountsOut, **PUBLIC},
    summary="How often a rule decided in the last 90 days",
)
def rule_counts(request: HttpRequest, slug: str, rule_id: str) -> RuleCountsOut:  # noqa: ARG001 - ninja hands it over
    """By verdict; small numbers of persons are not told."""
    counts = queries.rule_counts(slug, rule_id, timezone.now())
    return RuleCountsOut(
        since=counts.since,
        until=counts.until,
        fewest=counts.fewest,
        counts=[CountOut(verdict=one.verdict, acts=one.acts, persons=one.persons) for one in counts.counts],
    )


def _mine(request: HttpRequest, act_id: UUID) -> tuple[Any, Any]:
    account = cast(Request, request).viewer.account
    return queries.act_of(account, act_id, timezone.now()), account


def _as_typed(value: float | bool | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _line(line: queries.WorkLine) -> ActLineOut:
    return ActLineOut(
        id=line.id,
        person=line.person,
        act_kind=line.act_kind,
        service=line.service,
        state=line.state,
        since=line.since,
        step=line.step,
        owner=line.owner,
    )


def _rules(rules: tuple[queries.RuleWords, ...]) -> list[DecidingRuleOut]:
    return [DecidingRuleOut(id=rule.id, title=rule.title, explanation=rule.explanation) for rule in rules]


def _answer(answer: AnswerView) -> AnswerOut:
    return AnswerOut(
        label=answer.label,
        summary=answer.summary,
        sure=answer.sure.sentence if answer.sure else gettext("Elle ne dit pas à quel point elle est sûre."),
        measured=answer.sure.measured if answer.sure else "",
        weighed=[
            WeightOut(name=one.name, value=one.value, points=one.points, usual=one.usual)
            for one in answer.contributions
        ],
        never_taught=list(answer.never_taught),
        labelled_by=answer.labelled_by,
        model=answer.model,
    )


def _told(request: HttpRequest, act_id: UUID) -> ActOut:
    page = queries.act_page(cast(Request, request).viewer.account, act_id, timezone.now())
    own, decision = page.own, page.decision
    return ActOut(
        id=page.id,
        state=page.state,
        act_kind=page.act_kind,
        person=page.person.id,
        person_name=page.person.name,
        age=page.person.age,
        choice=page.person.choice,
        service=page.service_title,
        project=page.project_name,
        owner=page.owner_name,
        is_mine=page.is_owner,
        requested_at=page.requested_at,
        answered_at=page.answered_at,
        step=page.step,
        readings=[reading.code for reading in page.readings],
        charter=page.charter_number,
        rules=_rules(page.rules),
        own_reading=None
        if own is None
        else OwnReadingOut(carer=own.carer, reading=own.reading, sureness=own.sureness, words=own.words, at=own.at),
        answers=[_answer(answer) for answer in page.answers],
        withheld_because=page.withheld_words,
        decision=None
        if decision is None
        else DecisionOut(
            carer=decision.carer,
            outcome=decision.outcome,
            retained=decision.retained,
            reasons=list(decision.reasons),
            words=decision.words,
            patient_view=decision.patient_view,
            at=decision.at,
            through_ehr=decision.through_ehr,
        ),
    )
