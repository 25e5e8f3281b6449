"""Proposals in the REST API: what is debated is public; who prepares rules may propose one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Field, Router, Schema, Status

from colloque.charter import actions, queries
from colloque.charter.access import public_proposal
from colloque.charter.api import compiled_problems, preparing
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.proposals import Opinion, OriginKind, ProposalKind, ProposalState, Side
from colloque.charter.core.rules import LONGEST_TEXT
from colloque.charter.queries.proposal_page import ProposalPage
from colloque.charter.queries.standing import Standing
from colloque.kernel.errors import InvalidInputError
from colloque.people.access import Request, nothing_here
from colloque.people.api import CHANGED, PUBLIC, signed_in
from colloque.people.language import page_language

router = Router(tags=["charter"])
LONGEST_PURPOSE = 3_000


class ProposalLineOut(Schema):
    """A proposal in one line. `standing` is what it waits for, since when."""

    id: UUID
    kind: ProposalKind
    title: str
    standing: Standing
    since: datetime


class ArgumentOut(Schema):
    """An argument; `by` is empty for whoever is not of the house, `words` where it is hidden, for the reason told."""

    side: Side
    words: str
    by: str
    signed_as: str
    at: datetime
    hidden_because: str


class VoteOut(Schema):
    """A vote; numbers only once it has closed."""

    number: int
    opened_at: datetime
    closes_at: datetime
    is_closed: bool
    opinion: Opinion | None
    yes: int | None
    no: int | None
    abstain: int | None


class ProposalOut(ProposalLineOut):
    """One proposal, whole. `cedar` is empty for a repeal, `rule` for a whole charter; `steps` is what the reader may do now."""

    establishment: str
    state: ProposalState
    rule: str
    explanation: str
    cedar: str
    purpose: str
    origin: OriginKind
    authors: list[str]
    proposed_at: datetime
    adopted_from: date | None
    review_on: date | None
    arguments: list[ArgumentOut]
    votes: list[VoteOut]
    steps: list[str]


class ProposalIn(Schema):
    """A proposal with its reason. `rule` names the rule to repeal; `cedar` is one rule, or all those of a `whole` charter."""

    kind: ProposalKind
    purpose: str = Field(max_length=LONGEST_PURPOSE)
    origin: OriginKind
    cedar: str = Field(default="", max_length=LONGEST_TEXT)
    rule: str = Field(default="", max_length=60)
    preamble: str = Field(default="", max_length=2_000)


class ReplayOut(Schema):
    """The last replay of a proposal: `result` as `charter/core/replay.py` has it, single cases for those who may read them."""

    acts: int
    since: datetime
    until: datetime
    at: datetime
    on_version: int
    is_current: bool
    words: str
    result: dict[str, Any]


@router.get(
    "/establishments/{slug:slug}/charter/proposals",
    response={200: list[ProposalLineOut], **PUBLIC},
    summary="What is debated",
)
def proposals(request: HttpRequest, slug: str) -> list[ProposalLineOut]:  # noqa: ARG001 - ninja hands it over
    """The proposals that nobody has decided yet, the newest first."""
    house = queries.charter_page(slug, page_language()).establishment
    lines = queries.public_lines(house, timezone.now(), page_language())
    return [
        ProposalLineOut(
            id=line.id, kind=line.kind, title=line.title, standing=line.status.standing, since=line.status.since
        )
        for line in lines
    ]


@router.get(
    "/charter/proposals/{uuid:proposal_id}", response={200: ProposalOut, **PUBLIC}, summary="One proposal, whole"
)
def proposal(request: HttpRequest, proposal_id: UUID) -> ProposalOut:
    """With what was argued and voted; names are told to the house only."""
    viewer = cast(Request, request).viewer
    return _told(queries.proposal_page(public_proposal(proposal_id), viewer, timezone.now(), page_language()))


@router.get(
    "/charter/proposals/{uuid:proposal_id}/replay",
    response={200: ReplayOut, **PUBLIC},
    summary="Whom a proposal would have touched",
)
def replay(request: HttpRequest, proposal_id: UUID) -> ReplayOut:
    """The last replay on the acts of the house; 404 while there is none. Small numbers are hidden."""
    viewer, at = cast(Request, request).viewer, timezone.now()
    held = public_proposal(proposal_id)
    kept = queries.kept_replay(held, at)
    if kept is None or "replay" not in kept.report:
        raise nothing_here()
    is_inside = viewer.establishment is not None and viewer.establishment.id == held.establishment_id
    reads_cases = is_inside and bool(viewer.memberships) and queries.may_read_cases(viewer, at)
    result = dict(kept.report["replay"]) if reads_cases else {**kept.report["replay"], "cases": []}
    return ReplayOut(
        acts=kept.acts,
        since=kept.since,
        until=kept.until,
        at=kept.at,
        on_version=kept.base_number,
        is_current=kept.is_current,
        words=kept.sentence,
        result=result,
    )


@router.post(
    "/charter/proposals",
    auth=signed_in,
    response={201: ProposalOut, **CHANGED},
    summary="Propose a rule, its repeal, or a whole charter",
)
def propose(request: HttpRequest, body: ProposalIn) -> Status[ProposalOut]:
    """Public at once, and open to discussion; nothing applies before the committee's vote and a signature."""
    viewer = preparing(request)
    for name in ("purpose", "cedar", "rule", "preamble"):
        _readable(getattr(body, name), name)
    at = timezone.now()
    try:
        made = actions.propose(
            viewer.house,
            kind=body.kind,
            purpose=body.purpose,
            origin=body.origin,
            cedar="" if body.kind is ProposalKind.REPEAL else body.cedar,
            rule_id=body.rule,
            preamble=body.preamble,
            by=viewer.account,
            at=at,
        )
    except InvalidCharterError as error:
        raise compiled_problems(error) from error
    return Status(201, _told(queries.proposal_page(made, viewer, at, page_language())))


def _readable(words: str, path: str) -> None:
    """Raises `InvalidInputError` for characters that no text may hold."""
    if "\x00" in words or any("\ud800" <= sign <= "\udfff" for sign in words):
        raise InvalidInputError(gettext("Ce texte contient des caractères illisibles. Recopiez-le."), path=path)


def _told(page: ProposalPage) -> ProposalOut:
    record = page.record
    return ProposalOut(
        id=record.id,
        kind=page.kind,
        title=page.title,
        standing=page.status.standing,
        since=page.status.since,
        establishment=page.house.slug,
        state=ProposalState(record.state),
        rule=record.rule_id,
        explanation=page.explanation,
        cedar=record.cedar,
        purpose=record.purpose,
        origin=page.origin_kind,
        authors=list(page.authors),
        proposed_at=record.proposed_at,
        adopted_from=record.adopted_from,
        review_on=record.review_on,
        arguments=[
            ArgumentOut(
                side=one.side,
                words=one.words,
                by=one.by,
                signed_as=one.signed_as,
                at=one.at,
                hidden_because=one.hidden_because,
            )
            for one in (*page.arguments_for, *page.arguments_against)
        ],
        votes=[
            VoteOut(
                number=one.number,
                opened_at=one.opened_at,
                closes_at=one.closes_at,
                is_closed=one.is_closed,
                opinion=one.counted.opinion if one.is_closed else None,
                yes=one.counted.yes if one.is_closed else None,
                no=one.counted.no if one.is_closed else None,
                abstain=one.counted.abstain if one.is_closed else None,
            )
            for one in page.rounds
        ],
        steps=sorted(page.steps),
    )
