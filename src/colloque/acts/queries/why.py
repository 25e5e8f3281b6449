"""Why the charter said what it said of one act: what counted, what would have changed it, and the way to rule and debate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from colloque.acts.access import WITH_ITS_PLACE, act_for
from colloque.acts.models import Act
from colloque.acts.queries.rules import RuleWords, rules_in_words
from colloque.acts.queries.worklist import facts_of, verdict_of
from colloque.charter.core.because import Audience
from colloque.charter.core.explain import explain
from colloque.charter.core.why import why
from colloque.charter.queries import charter_of
from colloque.kernel.vocabulary import ActKind, VerdictKind
from colloque.patients.access import trusting_persons
from colloque.patients.core.disclosure import is_said_with_somebody
from colloque.patients.core.trust import Power
from colloque.people.access import Viewer, nothing_here
from colloque.people.language import page_language


@dataclass(frozen=True)
class RuleThatDecided:
    """A rule with what counted in it, and what was not known when it applied."""

    words: RuleWords
    counted: tuple[str, ...]
    doubt: str


@dataclass(frozen=True)
class WhyPage:
    """A verdict explained. `is_said_with_somebody`: the reason is one that a person tells; then nothing else is filled.

    `is_forgotten`: the facts it was given on are no longer kept, as after an erasure; then only the rules are told.
    `for_person` is empty on a carer's page.
    """

    act: UUID
    act_kind: ActKind
    project_name: str
    house: str
    requested_at: datetime
    audience: Audience
    kind: VerdictKind
    headline: str = ""
    rules: tuple[RuleThatDecided, ...] = ()
    ways: tuple[str, ...] = ()
    closing: str = ""
    wanted: tuple[str, ...] = ()
    is_said_with_somebody: bool = False
    is_forgotten: bool = False
    for_person: UUID | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the reader is the person themself."""
        return self.audience is Audience.PERSON


def why_for_carer(viewer: Viewer, act_id: UUID, at: datetime) -> WhyPage:
    """For a carer who may see the act. Raises `NotFoundError` for anybody else."""
    return _page(act_for(viewer.account, act_id, at), Audience.CARER)


def why_for_person(viewer: Viewer, act_id: UUID, at: datetime) -> WhyPage:
    """For the person of the act, or somebody they let read their journal. Raises `NotFoundError` for anybody else."""
    readable = trusting_persons(viewer, Power.READ_JOURNAL, at)
    act = Act.objects.filter(id=act_id, person__in=readable).select_related(*WITH_ITS_PLACE).first()
    if act is None:
        raise nothing_here()
    mine = act.person.account_id == viewer.account.id
    return _page(act, Audience.PERSON if mine else Audience.CLOSE)


def is_kept_for_an_exchange(act: Act, rules: tuple[RuleWords, ...]) -> bool:
    """Whether the reason of a refusal is one that somebody tells the person, rather than a page."""
    if not any(rule.reads_situations and rule.is_closed for rule in rules):
        return False
    return any(is_said_with_somebody(situation) for situation in facts_of(act).person.situations or ())


def _page(act: Act, audience: Audience) -> WhyPage:
    verdict, facts, language = verdict_of(act), facts_of(act), page_language()
    rules = rules_in_words(act.charter_id, verdict.rules, act.establishment.slug)
    page = WhyPage(
        act=act.id,
        act_kind=ActKind(act.act_kind),
        project_name=act.project.name,
        house=act.establishment.slug,
        requested_at=act.requested_at,
        audience=audience,
        kind=verdict.kind,
        for_person=None if audience is Audience.CARER else act.person_id,
    )
    if audience is not Audience.CARER and is_kept_for_an_exchange(act, rules):
        return replace(page, is_said_with_somebody=True)
    charter = charter_of(act.charter_id)
    again = charter.decide(facts)
    if (again.kind, again.rules) != (verdict.kind, verdict.rules):  # what was known then is no longer kept
        told = explain(charter, verdict, language)
        without = tuple(RuleThatDecided(rule, (), "") for rule in rules)
        return replace(page, headline=told.headline, rules=without, is_forgotten=True)
    told, further = explain(charter, verdict, language, facts), why(charter, verdict, facts, language, audience)
    doubts = {reason.rule: reason.doubt for reason in told.reasons}
    counted = {one.rule: one.facts for one in further.counted}
    return replace(
        page,
        headline=told.headline,
        rules=tuple(RuleThatDecided(rule, counted.get(rule.id, ()), doubts.get(rule.id, "")) for rule in rules),
        ways=tuple(way.words for way in further.ways),
        closing=further.closing,
        wanted=told.wanted,
    )
