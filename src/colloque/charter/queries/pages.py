"""What the pages of a charter show, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from colloque.charter.core.builder import from_cedar
from colloque.charter.core.constitution import constitution, establishment_rules, packaged, reserved_ids
from colloque.charter.core.explain import WANTED
from colloque.charter.core.history import Adopted, Change, changes, in_force_since, life, timeline
from colloque.charter.core.rules import Rule
from colloque.charter.core.sentences import sentence
from colloque.charter.models import CharterVersion
from colloque.charter.queries.in_force import begins, versions_in_force
from colloque.charter.queries.proposals import Debate, ProposalLine, debates_of, public_lines
from colloque.consultations.queries.outcomes import Said, said_behind_rule
from colloque.kernel.errors import NotFoundError
from colloque.kernel.vocabulary import ActKind, Requirement
from colloque.people.access import nothing_here
from colloque.people.models import Establishment


@dataclass(frozen=True)
class RuleLine:
    """A rule as people read it. `since` is empty for the constitution and for a version not in force.

    `condition` says what lifts an asking rule.
    """

    id: str
    title: str
    explanation: str
    origin: str
    asks: Requirement | None
    condition: str
    is_constitution: bool
    is_closing: bool
    since: datetime | None
    cedar: str


@dataclass(frozen=True)
class VersionLine:
    """A version in one line. `applies_from` is when it came or comes into force, `until` when a later one replaced it."""

    number: int
    proposed_at: datetime
    proposed_by: str
    adopted_at: datetime | None
    adopted_by: str
    applies_from: datetime | None
    is_in_force: bool
    until: datetime | None
    preamble: str


@dataclass(frozen=True)
class Sections:
    """The rules of a version, by what they do."""

    closed: tuple[RuleLine, ...]
    asking: tuple[RuleLine, ...]
    permitted: tuple[RuleLine, ...]


@dataclass(frozen=True)
class ChangedRule:
    """A rule before and after."""

    before: RuleLine
    after: RuleLine
    same_words: bool


@dataclass(frozen=True)
class ChangeLines:
    """From one version to another."""

    added: tuple[RuleLine, ...]
    changed: tuple[ChangedRule, ...]
    removed: tuple[RuleLine, ...]
    are_none: bool


@dataclass(frozen=True)
class CharterPage:
    """The charter in force, and beside it what is debated and what was."""

    establishment: Establishment
    version: VersionLine | None
    sections: Sections
    foundation: tuple[RuleLine, ...]
    debated: tuple[ProposalLine, ...]
    coming: tuple[VersionLine, ...]
    versions: tuple[VersionLine, ...]


@dataclass(frozen=True)
class VersionPage:
    """One version as it was or would be, and how it differs from the one before it."""

    establishment: Establishment
    version: VersionLine
    sections: Sections
    changes: ChangeLines | None
    compared_with: int | None
    is_coming: bool


@dataclass(frozen=True)
class Moment:
    """One moment of a rule's life."""

    change: Change
    number: int
    at: datetime
    rule: RuleLine


@dataclass(frozen=True)
class RulePage:
    """One rule, whom it concerns, and its life; `kinds` is empty where it speaks of every act.

    `sentence` is what the exact rule says, made from the rule itself; empty where the builder's questions cannot show it.
    `said`: statements of consultations that carry the same principle.
    """

    establishment: Establishment
    rule: RuleLine
    kinds: tuple[ActKind, ...]
    is_in_force: bool
    moments: tuple[Moment, ...]
    debates: tuple[Debate, ...] = ()
    sentence: str = ""
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A text read as a charter, and what it would change."""

    sections: Sections
    changes: ChangeLines | None


@lru_cache(maxsize=256)
def _rules_of(version_id: UUID) -> tuple[Rule, ...]:
    """A version's own rules; its text never changes. A rule this software no longer reads is left out."""
    return establishment_rules(CharterVersion.objects.values_list("cedar", flat=True).get(pk=version_id))[0]


def _line(rule: Rule, language: str, since: datetime | None = None) -> RuleLine:
    return RuleLine(
        id=rule.id,
        title=rule.title(language),
        explanation=rule.explanation(language),
        origin=rule.origin[language],
        asks=rule.asks,
        condition=WANTED[rule.asks][language] if rule.asks is not None else "",
        is_constitution=rule.is_constitution,
        is_closing=rule.effect == "forbid" and rule.asks is None,
        since=since,
        cedar=rule.cedar,
    )


def _sections(rules: Iterable[Rule], language: str, versions: Sequence[Adopted] = ()) -> Sections:
    lines = [(rule, _line(rule, language, in_force_since(rule.id, versions))) for rule in rules]
    return Sections(
        tuple(line for _, line in lines if line.is_closing),
        tuple(line for _, line in lines if line.asks is not None),
        tuple(line for rule, line in lines if rule.effect == "permit"),
    )


def _changes(before: Sequence[Rule], after: Sequence[Rule], language: str) -> ChangeLines:
    found = changes(before, after)
    return ChangeLines(
        tuple(_line(rule, language) for rule in found.added),
        tuple(
            ChangedRule(_line(old, language), _line(new, language), old.words[language] == new.words[language])
            for old, new in found.changed
        ),
        tuple(_line(rule, language) for rule in found.removed),
        found.are_none,
    )


def _versions(establishment: Establishment) -> list[CharterVersion]:
    return list(
        CharterVersion.objects.filter(establishment=establishment)
        .select_related("proposed_by", "adopted_by")
        .defer("cedar")
        .order_by("number")
    )


def _applying(versions: Iterable[CharterVersion]) -> list[CharterVersion]:
    """Adopted versions that applied, apply or will, in the order in which they do, which is that of their numbers."""
    adopted = {version.number: version for version in versions if version.adopted_at is not None}
    return [adopted[number] for number in timeline((v.number, begins(v)) for v in adopted.values())]


def _adopted(versions: Iterable[CharterVersion]) -> list[CharterVersion]:
    """Those that have come into force by now."""
    now = timezone.now()
    return [version for version in _applying(versions) if begins(version) <= now]


def _dated(versions: Iterable[CharterVersion]) -> list[Adopted]:
    return [Adopted(v.number, begins(v), _rules_of(v.pk)) for v in versions]


def _version_line(version: CharterVersion, adopted: Sequence[CharterVersion]) -> VersionLine:
    later = next((other for other in adopted if other.number > version.number), None)
    is_adopted = version.adopted_at is not None
    return VersionLine(
        number=version.number,
        proposed_at=version.proposed_at,
        proposed_by=version.proposed_by.full_name,
        adopted_at=version.adopted_at,
        adopted_by=version.adopted_by.full_name if version.adopted_by is not None else "",
        applies_from=begins(version) if is_adopted else None,
        is_in_force=bool(adopted) and adopted[-1].pk == version.pk,
        until=begins(later) if is_adopted and later is not None else None,
        preamble=version.preamble,
    )


def _house(slug: str) -> Establishment:
    establishment = Establishment.objects.filter(slug=slug).first()
    if establishment is None:
        raise nothing_here()
    return establishment


def charter_page(slug: str, language: str) -> CharterPage:
    """The public charter of an establishment. Raises `NotFoundError` for an address without one."""
    establishment = _house(slug)
    versions = _versions(establishment)
    adopted = _adopted(versions)
    current = adopted[-1] if adopted else None
    rules = _rules_of(current.pk) if current is not None else ()
    return CharterPage(
        establishment=establishment,
        version=_version_line(current, adopted) if current is not None else None,
        sections=_sections(rules, language, _dated(adopted)),
        foundation=tuple(_line(rule, language) for rule in constitution()),
        debated=public_lines(establishment, timezone.now(), language),
        coming=tuple(_version_line(version, adopted) for version in _applying(versions)[len(adopted) :]),
        versions=tuple(_version_line(version, adopted) for version in reversed(adopted)),
    )


def _numbered(versions: Sequence[CharterVersion], number: int) -> CharterVersion:
    for version in versions:
        if version.number == number:
            return version
    raise nothing_here()


def _before(version: CharterVersion, adopted: Sequence[CharterVersion]) -> CharterVersion | None:
    return next((other for other in reversed(adopted) if other.number < version.number), None)


def version_page(slug: str, number: int, language: str) -> VersionPage:
    """One version, past, in force or to come. Raises `NotFoundError` where none of this number comes to apply."""
    establishment = _house(slug)
    versions = _applying(_versions(establishment))
    version = _numbered(versions, number)
    before = _before(version, versions)
    rules = _rules_of(version.pk)
    return VersionPage(
        establishment=establishment,
        version=_version_line(version, _adopted(versions)),
        sections=_sections(rules, language),
        changes=_changes(_rules_of(before.pk), rules, language) if before is not None else None,
        compared_with=before.number if before is not None else None,
        is_coming=begins(version) > timezone.now(),
    )


def _kinds(rule: Rule) -> tuple[ActKind, ...]:
    return () if rule.acts == frozenset(ActKind) else tuple(kind for kind in ActKind if kind in rule.acts)


def rule_page(slug: str, rule_id: str, language: str) -> RulePage:
    """One rule with its life. Raises `NotFoundError` for a rule that no adopted version ever held."""
    establishment = _house(slug)
    if rule_id in reserved_ids():
        foundation = next((rule for rule in constitution() if rule.id == rule_id), None)
        if foundation is None:
            raise NotFoundError(gettext("Il n’y a pas de règle à cette adresse."))
        return RulePage(
            establishment,
            _line(foundation, language),
            _kinds(foundation),
            True,
            (),
            sentence=_said(foundation, language),
        )
    versions = _dated(_adopted(_versions(establishment)))
    steps = life(rule_id, versions)
    if not steps:
        raise NotFoundError(gettext("Il n’y a pas de règle à cette adresse."))
    last = steps[-1].rule
    return RulePage(
        establishment=establishment,
        rule=_line(last, language, in_force_since(rule_id, versions)),
        kinds=_kinds(last),
        is_in_force=steps[-1].change is not Change.REMOVED,
        moments=tuple(Moment(s.change, s.number, s.at, _line(s.rule, language)) for s in reversed(steps)),
        debates=debates_of(establishment, rule_id, timezone.now(), language),
        sentence=_said(last, language),
        said=tuple(said_behind_rule(establishment, rule_id)),
    )


def _said(rule: Rule, language: str) -> str:
    draft = from_cedar(rule)
    return sentence(draft, language) if draft is not None else ""


def starting_text(establishment: Establishment) -> str:
    """The text a new version starts from: the one in force, else the charter to start from."""
    current = versions_in_force(establishment.id, timezone.now()).first()
    return current.cedar if current is not None else packaged("starter")


def _rules_in_force(establishment: Establishment) -> tuple[Rule, ...]:
    current = versions_in_force(establishment.id, timezone.now()).first()
    return _rules_of(current.pk) if current is not None else ()


def text_of_rule(establishment: Establishment, rule_id: str) -> str:
    """The Cedar of a rule in force; nothing where there is none of this name."""
    return next((rule.cedar for rule in _rules_in_force(establishment) if rule.id == rule_id), "")


def rule_in_force(establishment: Establishment, rule_id: str, language: str) -> RuleLine:
    """One of the house's own rules in force. Raises `NotFoundError`."""
    for rule in _rules_in_force(establishment):
        if rule.id == rule_id:
            return _line(rule, language)
    raise NotFoundError(gettext("Il n’y a pas de règle à cette adresse."))


def preview(establishment: Establishment, cedar: str, language: str) -> Preview:
    """A text without problems, read as a charter and compared with the one in force."""
    rules = establishment_rules(cedar)[0]
    adopted = _adopted(_versions(establishment))
    return Preview(
        _sections(rules, language),
        _changes(_rules_of(adopted[-1].pk), rules, language) if adopted else None,
    )
