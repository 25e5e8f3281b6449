"""The person's journal: which AI came near their care, what the charter said and why, who decided, and what they answered.

Never what an AI proposed nor what a carer concluded: a result is told by somebody, not discovered on a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from colloque.acts.core.state import ActState
from colloque.acts.labels import words_of
from colloque.acts.models import Act, SuggestionAccess
from colloque.acts.queries.rules import RuleWords, rules_in_words
from colloque.acts.queries.why import is_kept_for_an_exchange
from colloque.acts.queries.worklist import asked_of, verdict_of
from colloque.acts.words import withheld_sentence
from colloque.kernel.vocabulary import ActKind, Outcome, Requirement
from colloque.ledger.models import Entry
from colloque.ledger.queries import entries_about, proof_export
from colloque.patients.access import spoken_for, trusting_persons
from colloque.patients.core.trust import Power
from colloque.patients.models import Person
from colloque.patients.queries import JournalKind, name_of, names_of
from colloque.patients.queries import JournalLine as PersonLine
from colloque.patients.queries import journal_of as lines_of_person
from colloque.people.access import Viewer, nothing_here

PAGE = 50
AT_ONCE = 100
MOST_ENTRIES = 5_000

ENTRY_KINDS: Mapping[JournalKind, str] = {
    JournalKind.CHOICE: "choice.given",
    JournalKind.CHOICE_WITHDRAWN: "choice.withdrawn",
    JournalKind.TRAINING_CHOICE: "training-choice.given",
    JournalKind.SITUATION: "situation.declared",
    JournalKind.SITUATION_ENDED: "situation.ended",
    JournalKind.PRESENCE: "presence.attested",
    JournalKind.OPENING: "person.opened",
    JournalKind.TRUST: "trust.given",
    JournalKind.TRUST_ENDED: "trust.ended",
    JournalKind.TALK_ASKED: "talk.asked",
    JournalKind.TALK_HELD: "talk.held",
}
"""The kind of ledger entry that each line of a person's own story stands on."""


class Mark(StrEnum):
    """How a line is marked, always with a word beside it."""

    ALLOWED = "yes"
    REFUSED = "no"
    WAITING = "wait"
    QUIET = "quiet"


@dataclass(frozen=True)
class JournalLine:
    """One line: when, what happened in plain words, why, and the entry of the log that proves it.

    `told` is a line of the person's own story, whose words the page knows; then the fields on acts are empty.
    `is_said_with_somebody`: the reason is one that a person tells, so it is not written here.
    """

    at: datetime
    mark: Mark = Mark.QUIET
    mark_words: str = ""
    title: str = ""
    sentences: tuple[str, ...] = ()
    rules: tuple[RuleWords, ...] = ()
    entry: UUID | None = None
    act_kind: ActKind | None = None
    told: PersonLine | None = None
    is_said_with_somebody: bool = False
    act: UUID | None = None


@dataclass(frozen=True)
class JournalDay:
    """The lines of one day, the latest first."""

    day: date
    lines: tuple[JournalLine, ...]


@dataclass(frozen=True)
class Journal:
    """A page of a journal; `older` continues it, empty at the end. `for_name` is empty when one reads one's own."""

    days: tuple[JournalDay, ...]
    older: str
    person: UUID
    for_name: str


@dataclass(frozen=True)
class WhoseJournal:
    """The persons whose journal somebody may read, by name."""

    people: tuple[tuple[str, UUID], ...]


def journal(viewer: Viewer, at: datetime, *, person_id: UUID | None = None, before: str = "") -> Journal | WhoseJournal:
    """The journal of whoever is looking, or of a person who lets them read it; whose, where there are several.

    `before` (ISO 8601) continues a page. Raises `NotFoundError` for whoever may read none.
    """
    readable = trusting_persons(viewer, Power.READ_JOURNAL, at)
    if person_id is None and len(readable) > 1:
        names = names_of(readable)
        return WhoseJournal(tuple(sorted((names[person], person) for person in readable)))
    person = spoken_for(viewer, Power.READ_JOURNAL, at, person_id)
    upto = _moment(before) or at
    lines = sorted((*_acts(person, upto), *_accesses(person, upto), *_own(person, upto)), key=lambda line: line.at)
    shown = _proved(person, lines[::-1][:PAGE])
    zone = ZoneInfo(person.establishment.timezone)
    days: dict[date, list[JournalLine]] = {}
    for line in shown:
        days.setdefault(line.at.astimezone(zone).date(), []).append(line)
    return Journal(
        days=tuple(JournalDay(day, tuple(of_day)) for day, of_day in days.items()),
        older=shown[-1].at.isoformat() if len(lines) > PAGE else "",
        person=person.id,
        for_name="" if person.account_id == viewer.account.id else name_of(person),
    )


def journal_proof(viewer: Viewer, entry_id: UUID, at: datetime) -> bytes:
    """The proof of one entry about a person whose journal the viewer may read. Raises `NotFoundError` for any other entry,
    `UnavailableError` while the entry waits for its number.
    """
    readable = trusting_persons(viewer, Power.READ_JOURNAL, at)
    if not Entry.objects.filter(id=entry_id, subject__in=readable).exists():
        raise nothing_here()
    return proof_export(entry_id)


def _moment(before: str) -> datetime | None:
    try:
        moment = parse_datetime(before)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _own(person: Person, upto: datetime) -> Iterable[JournalLine]:
    kept = [line for line in lines_of_person(person) if line.at < upto][: PAGE + 1]
    return (JournalLine(at=line.at, told=line) for line in kept)


def _proved(person: Person, lines: Sequence[JournalLine]) -> list[JournalLine]:
    """The lines of one page, those of the person's own story with the entry they stand on.

    Only entries of their kinds are opened, the newest first, until each line has its own or 5 000 were looked at.
    """
    missing = {(ENTRY_KINDS[line.told.kind], line.told.source) for line in lines if line.told is not None}
    found: dict[tuple[str, str], UUID] = {}
    before: UUID | None = None
    for _ in range(MOST_ENTRIES // AT_ONCE):
        if not missing:
            break
        entries = entries_about(person.id, limit=AT_ONCE, before=before, kinds={kind for kind, _ in missing})
        for entry in entries:
            for value in entry.event.payload.values() if entry.event is not None else ():
                if isinstance(value, str) and (entry.kind, value) in missing:
                    found[entry.kind, value] = entry.id
                    missing.discard((entry.kind, value))
        if len(entries) < AT_ONCE:
            break
        before = entries[-1].id
    return [
        line if line.told is None else replace(line, entry=found.get((ENTRY_KINDS[line.told.kind], line.told.source)))
        for line in lines
    ]


def _accesses(person: Person, upto: datetime) -> Iterable[JournalLine]:
    rows = SuggestionAccess.objects.filter(act__person=person, at__lt=upto).select_related("account", "act__project")
    for row in rows.order_by("-at")[: PAGE + 1]:
        purpose = words_of(row.purpose)
        yield JournalLine(
            at=row.at,
            mark=Mark.QUIET,
            mark_words=gettext("Relecture"),
            title=row.act.project.name,
            sentences=(
                gettext("%(name)s a relu l’avis que cette IA avait donné.") % {"name": row.account.full_name},
                gettext("Motif : %(purpose)s.") % {"purpose": purpose[:1].lower() + purpose[1:]},
            ),
            act_kind=ActKind(row.act.act_kind),
        )


def _acts(person: Person, upto: datetime) -> list[JournalLine]:
    acts = (
        Act.objects.filter(person=person, requested_at__lt=upto)
        .select_related("establishment", "project", "service", "owner", "decision__carer", "spoken_answer__heard_by")
        .order_by("-requested_at", "-id")[: PAGE + 1]
    )
    return [_line(act) for act in acts]


def _line(act: Act) -> JournalLine:
    verdict = verdict_of(act)
    mark, words, sentences = _told(act)
    heard = getattr(act, "spoken_answer", None)
    if heard is not None:
        noted = (
            gettext("%(name)s a noté que vous disiez oui, cette fois.")
            if heard.said_yes
            else gettext("%(name)s a noté que vous ne disiez pas oui, cette fois.")
        )
        sentences = (noted % {"name": heard.heard_by.full_name}, *sentences)
    rules = rules_in_words(act.charter_id, verdict.rules, act.establishment.slug)
    gentle = is_kept_for_an_exchange(act, rules)
    return JournalLine(
        at=act.requested_at,
        mark=mark,
        mark_words=words,
        title=act.project.name,
        sentences=tuple(sentences),
        rules=() if gentle else rules,
        entry=act.entry,
        act_kind=ActKind(act.act_kind),
        is_said_with_somebody=gentle,
        act=act.id,
    )


def _told(act: Act) -> tuple[Mark, str, Sequence[str]]:
    name = {"carer": act.owner.full_name if act.owner is not None else gettext("Un soignant")}
    state = ActState(act.state)
    if state is ActState.REFUSED:
        said = (gettext("Cette IA n’a rien reçu de vous. Votre soin a continué sans elle."),)
        return Mark.REFUSED, gettext("Refusée"), said
    if state is ActState.ASKING:
        waits = _asked(next(iter(asked_of(act)), None)) % name
        return Mark.WAITING, gettext("En attente"), (waits, gettext("Cette IA n’a encore rien reçu de vous."))
    if state is ActState.OPEN:
        answered = gettext("Elle a donné un avis à %(carer)s. Rien n’est décidé : c’est %(carer)s qui décide.") % name
        return Mark.WAITING, gettext("À décider"), (answered,)
    if state is ActState.DECIDED:
        decided = {"carer": act.decision.carer.full_name}
        ended = {
            Outcome.FOLLOWED: gettext("Elle a donné un avis. %(carer)s a décidé, en le suivant."),
            Outcome.ADAPTED: gettext("Elle a donné un avis. %(carer)s a décidé, en l’adaptant."),
            Outcome.SET_ASIDE: gettext("Elle a donné un avis. %(carer)s a décidé, sans le suivre."),
        }[Outcome(act.decision.outcome)]
        asked = gettext("Demandez à %(carer)s de vous en parler.")
        return Mark.ALLOWED, gettext("Permise"), (ended % decided, asked % decided)
    if state is ActState.ABSTAINED:
        silent = gettext("Elle n’a pas su répondre. %(carer)s a continué sans elle.") % name
        return Mark.QUIET, gettext("Sans réponse"), (silent,)
    if state is ActState.WITHHELD:
        unseen = gettext("Personne n’a vu de réponse. %(carer)s a continué sans elle.") % name
        return Mark.QUIET, gettext("Sans réponse"), (withheld_sentence(act.withheld_because), unseen)
    cleared = gettext(
        "La demande est restée sans suite. Cette IA n’a rien reçu, et les données préparées sont effacées."
    )
    return Mark.QUIET, gettext("Sans suite"), (cleared,)


def _asked(step: Requirement | None) -> str:
    return {
        Requirement.OWN_ASSESSMENT: gettext("%(carer)s doit d’abord donner son propre avis."),
        Requirement.HUMAN_PRESENCE: gettext("Il faut que quelqu’un soit à côté de vous."),
        Requirement.EXPLICIT_YES: gettext("%(carer)s doit d’abord vous demander si vous êtes d’accord."),
        Requirement.EXCHANGE_PLANNED: gettext("Un temps d’échange avec vous doit d’abord être prévu."),
        None: gettext("%(carer)s peut maintenant lui demander son avis."),
    }[step]
