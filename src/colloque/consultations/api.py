"""Consultations in the REST API: what everybody may read of them, in the figures of the pages and no others."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema

from colloque.consultations.access import is_open, public_consultation
from colloque.consultations.core.groups import Anonymity, GroupOfPeople
from colloque.consultations.core.moderation import ModerationDecision, ModerationReason
from colloque.consultations.core.reading import Shares
from colloque.consultations.core.state import BecameKind, ConsultationState, OutcomeAnswer
from colloque.consultations.queries.map import ResultPage, Told, result_page
from colloque.consultations.queries.moderation import moderation_log
from colloque.consultations.queries.open_data import FILES, open_data_of
from colloque.consultations.queries.pages import Listed, public_list, published_statements
from colloque.people.access import nothing_here
from colloque.people.api import PUBLIC


class ConsultationOut(Schema):
    """A consultation that was opened. Texts in `_en` are empty where nobody wrote them; `people` are those who took part."""

    id: UUID
    number: int
    title: str
    title_en: str
    question: str
    question_en: str
    state: ConsultationState
    is_open: bool
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    answered_at: datetime | None
    anonymity: Anonymity
    people: int
    statements: int


class StatementOut(Schema):
    """A statement people vote on, in its own language, in English, and both in easy words where somebody wrote them."""

    number: int
    text: str
    language: str
    text_en: str
    easy: str
    easy_en: str
    is_seed: bool


class SharesOut(Schema):
    """Shares in percent of `seen` answers; 19 times in 20 the true share of agreement of a group lies from `agree_low` to
    `agree_high`, null for everybody.
    """

    agree: int
    disagree: int
    passed: int
    seen: int
    agree_low: int | None
    agree_high: int | None


class ReplyOut(Schema):
    """The house's reply to a statement, and who signed it."""

    answer: OutcomeAnswer
    reasons: str
    reasons_en: str
    by: str
    at: datetime


class BecameOut(Schema):
    """What a statement became, and the page where that is read."""

    kind: BecameKind
    url: str


class StatementOnMapOut(Schema):
    """Everybody's votes on a statement and each group's by letter; null where they are not shown."""

    number: int
    everyone: SharesOut | None
    groups: dict[str, SharesOut | None]
    finding: Literal["all-agree", "all-disagree", "divides"] | None
    reply: ReplyOut | None
    became: list[BecameOut]


class GroupOut(Schema):
    """An opinion group; `size` is null below the smallest number shown. `stands_out`: statements that set it apart."""

    label: str
    size: int | None
    is_shown: bool
    stands_out: list[int]


class ParticipationOut(Schema):
    """How many of a group of the house took part, null where too few to be counted out; `of` is null where not known."""

    group: GroupOfPeople | None
    came: int | None
    of: int | None


class MapOut(Schema):
    """The map everybody sees. `is_rounded`: while people vote, shares are tens and numbers the multiple of five below."""

    number: int
    computed_at: datetime
    engine: str
    seed: int
    is_rounded: bool
    min_group_shown: int
    people: int
    groups: list[GroupOut]
    statements: list[StatementOnMapOut]
    participation: list[ParticipationOut]


class ModerationOut(Schema):
    """One decision of moderation. `text` is empty where the reason keeps it from being shown; `by_rule`: nobody read it."""

    statement: int
    decision: ModerationDecision
    reason: ModerationReason | None
    words: str
    text: str
    into: int | None
    by_rule: bool
    at: datetime


class OpenDataOut(Schema):
    """What may be downloaded of a closed consultation."""

    people: int
    coarsened: int
    withheld: int
    files: dict[str, str]


router = Router(tags=["consultations"])


@router.get(
    "/establishments/{slug:slug}/consultations",
    response={200: list[ConsultationOut], **PUBLIC},
    summary="The consultations of an establishment",
)
def consultations(request: HttpRequest, slug: str) -> list[ConsultationOut]:  # noqa: ARG001 - ninja hands it over
    """Those that are announced: the open ones first."""
    page = public_list(slug, timezone.now())
    return [_consultation(line) for line in (*page.open, *page.over)]


@router.get(
    "/consultations/{uuid:consultation_id}",
    response={200: ConsultationOut, **PUBLIC},
    summary="One consultation",
)
def consultation(request: HttpRequest, consultation_id: UUID) -> ConsultationOut:  # noqa: ARG001
    """Announced or not: whoever has its address may read it."""
    found = public_consultation(consultation_id)
    return _consultation(Listed(found, found.participants.count(), len(published_statements(found))))


@router.get(
    "/consultations/{uuid:consultation_id}/statements",
    response={200: list[StatementOut], **PUBLIC},
    summary="What people vote on",
)
def statements(request: HttpRequest, consultation_id: UUID) -> list[StatementOut]:  # noqa: ARG001
    """The published statements in their order."""
    return [
        StatementOut(
            number=one.number,
            text=one.text,
            language=one.language,
            text_en=one.text_en,
            easy=one.easy,
            easy_en=one.easy_en,
            is_seed=one.is_seed,
        )
        for one in published_statements(public_consultation(consultation_id))
    ]


@router.get(
    "/consultations/{uuid:consultation_id}/map",
    response={200: MapOut, **PUBLIC},
    summary="What unites, what divides",
)
def opinion_map(request: HttpRequest, consultation_id: UUID) -> MapOut:  # noqa: ARG001
    """The figures of the map page. 404 while too few people have voted."""
    page = result_page(public_consultation(consultation_id))
    if page.version is None:
        raise nothing_here()
    agreed, refused, divides = (
        {one.statement.number for one in told} for told in (page.agreed, page.refused, page.divides)
    )
    return MapOut(
        number=page.version.number,
        computed_at=page.version.computed_at,
        engine=page.version.engine,
        seed=page.version.seed,
        is_rounded=page.is_open,
        min_group_shown=page.consultation.min_group_shown,
        people=page.people,
        groups=[
            GroupOut(
                label=group.label,
                size=None if group.is_small else group.size,
                is_shown=not group.is_hidden,
                stands_out=[one.statement.number for one in group.statements],
            )
            for group in page.groups
        ],
        statements=[_on_map(told, agreed, refused, divides) for told in page.every],
        participation=_participation(page),
    )


@router.get(
    "/consultations/{uuid:consultation_id}/moderation",
    response={200: list[ModerationOut], **PUBLIC},
    summary="The public log of moderation",
)
def moderation(request: HttpRequest, consultation_id: UUID) -> list[ModerationOut]:  # noqa: ARG001
    """Each decision with its reason, the latest first; at most 500."""
    return [
        ModerationOut(
            statement=line.number,
            decision=line.decision,
            reason=ModerationReason(line.reason) if line.reason else None,
            words=line.words,
            text=line.text,
            into=line.into.number if line.into else None,
            by_rule=line.by_rule,
            at=line.at,
        )
        for line in moderation_log(public_consultation(consultation_id))
    ]


@router.get(
    "/consultations/{uuid:consultation_id}/open-data",
    response={200: OpenDataOut, **PUBLIC},
    summary="The open data of a closed consultation",
)
def open_data(request: HttpRequest, consultation_id: UUID) -> OpenDataOut:  # noqa: ARG001
    """Where each file is. 404 while people vote: two editions could be compared."""
    found = public_consultation(consultation_id)
    data = open_data_of(found)
    return OpenDataOut(
        people=len(data.people),
        coarsened=data.coarsened,
        withheld=data.withheld,
        files={name: reverse("consultations:open-data", args=[found.id, name]) for name in ("all.zip", *FILES)},
    )


def _consultation(line: Listed) -> ConsultationOut:
    one = line.consultation
    return ConsultationOut(
        id=one.id,
        number=one.number,
        title=one.title,
        title_en=one.title_en,
        question=one.question,
        question_en=one.question_en,
        state=ConsultationState(one.state),
        is_open=is_open(one, timezone.now()),
        opened_at=one.opens_at,
        closes_at=one.closes_at,
        closed_at=one.closed_at,
        answered_at=one.answered_at,
        anonymity=Anonymity(one.anonymity),
        people=line.people,
        statements=line.statements,
    )


def _on_map(told: Told, agreed: set[int], refused: set[int], divides: set[int]) -> StatementOnMapOut:
    number, outcome = told.statement.number, told.outcome
    finding: Literal["all-agree", "all-disagree", "divides"] | None = (
        "all-agree"
        if number in agreed
        else "all-disagree"
        if number in refused
        else "divides"
        if number in divides
        else None
    )
    return StatementOnMapOut(
        number=number,
        everyone=_shares(told.line.everyone, has_bounds=False),
        groups={cell.label: _shares(cell.shares) for cell in told.cells},
        finding=finding,
        reply=ReplyOut(
            answer=OutcomeAnswer(outcome.answer),
            reasons=outcome.reasons,
            reasons_en=outcome.reasons_en,
            by=outcome.signed_by.get_full_name(),
            at=outcome.at,
        )
        if outcome is not None
        else None,
        became=[BecameOut(kind=one.kind, url=one.url) for one in told.became],
    )


def _shares(shares: Shares | None, *, has_bounds: bool = True) -> SharesOut | None:
    if shares is None:
        return None
    return SharesOut(
        agree=shares.agree_percent,
        disagree=shares.disagree_percent,
        passed=shares.pass_percent,
        seen=shares.seen,
        agree_low=shares.low_percent if has_bounds else None,
        agree_high=shares.high_percent if has_bounds else None,
    )


def _participation(page: ResultPage) -> list[ParticipationOut]:
    return [ParticipationOut(group=line.group, came=line.came, of=line.size or None) for line in page.participation]
