"""The person's journal: which AI came near their care, what the charter said and why, who decided. Never what an AI proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from colloque.acts.core.state import ActState
from colloque.acts.models import Act
from colloque.acts.queries.rules import RuleWords, rules_in_words
from colloque.acts.queries.worklist import asked_of, verdict_of
from colloque.acts.words import withheld_sentence
from colloque.kernel.vocabulary import ActKind, Outcome, Requirement
from colloque.ledger.models import Entry
from colloque.ledger.queries import proof_export
from colloque.patients.access import spoken_for
from colloque.patients.core.trust import Power
from colloque.patients.models import Person
from colloque.people.access import Viewer, nothing_here

PAGE = 50


class Mark(StrEnum):
    """How a line is marked, always with a word beside it."""

    ALLOWED = "yes"
    REFUSED = "no"
    WAITING = "wait"
    QUIET = "quiet"


@dataclass(frozen=True)
class JournalLine:
    """One line: when, what happened in plain words, why, and the entry of the log that proves it."""

    at: datetime
    mark: Mark
    mark_words: str
    title: str
    sentences: tuple[str, ...]
    rules: tuple[RuleWords, ...]
    entry: UUID
    act_kind: ActKind | None = None


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
    for_name: str


def my_journal(viewer: Viewer, at: datetime, before: str = "") -> Journal:
    """The journal of whoever is looking, or of the person who lets them read it. Raises `NotFoundError`."""
    person = spoken_for(viewer, Power.READ_JOURNAL, at)
    upto = parse_datetime(before) if before else None
    lines = _lines_of(person, upto or at)
    shown = lines[:PAGE]
    zone = ZoneInfo(person.establishment.timezone)
    days: dict[date, list[JournalLine]] = {}
    for line in shown:
        days.setdefault(line.at.astimezone(zone).date(), []).append(line)
    return Journal(
        days=tuple(JournalDay(day, tuple(lines)) for day, lines in days.items()),
        older=shown[-1].at.isoformat() if len(lines) > PAGE else "",
        for_name="",
    )


def journal_proof(viewer: Viewer, entry_id: UUID, at: datetime) -> bytes:
    """The proof of one entry about the person who looks. Raises `NotFoundError` for an entry about anybody else."""
    person = spoken_for(viewer, Power.READ_JOURNAL, at)
    if not Entry.objects.filter(id=entry_id, subject=person.id).exists():
        raise nothing_here()
    return proof_export(entry_id)


def _lines_of(person: Person, upto: datetime) -> list[JournalLine]:
    acts = (
        Act.objects.filter(person=person, requested_at__lt=upto)
        .select_related("establishment", "project", "service", "owner", "charter", "decision__carer")
        .order_by("-requested_at", "-id")[: PAGE + 1]
    )
    return sorted((_line(act) for act in acts), key=lambda line: line.at, reverse=True)


def _line(act: Act) -> JournalLine:
    verdict = verdict_of(act)
    mark, words, sentences = _told(act)
    return JournalLine(
        at=act.requested_at,
        mark=mark,
        mark_words=words,
        title=act.project.name,
        sentences=tuple(sentences),
        rules=rules_in_words(act.charter_id, verdict.rules, act.establishment.slug),
        entry=act.entry,
        act_kind=ActKind(act.act_kind),
    )


def _told(act: Act) -> tuple[Mark, str, Sequence[str]]:
    name = {"carer": act.owner.full_name if act.owner is not None else gettext("un soignant")}
    state = ActState(act.state)
    if state is ActState.REFUSED:
        return (
            Mark.REFUSED,
            gettext("Refusée"),
            (gettext("Cette IA n’a rien reçu de vous. Votre soin a continué sans elle."),),
        )
    if state is ActState.ASKING:
        return (
            Mark.WAITING,
            gettext("En attente"),
            (
                gettext("Elle n’a encore rien reçu de vous."),
                _asked(next(iter(asked_of(act)), None)) % name,
            ),
        )
    if state is ActState.OPEN:
        return (
            Mark.WAITING,
            gettext("À décider"),
            (
                gettext("Elle a donné un avis à %(carer)s.") % name,
                gettext("Rien n’est décidé. C’est %(carer)s qui décide.") % name,
            ),
        )
    if state is ActState.DECIDED:
        decided = {"carer": act.decision.carer.full_name}
        ended = {
            Outcome.FOLLOWED: gettext("%(carer)s a décidé, et a suivi son avis."),
            Outcome.ADAPTED: gettext("%(carer)s a décidé, et n’a suivi son avis qu’en partie."),
            Outcome.SET_ASIDE: gettext("%(carer)s a décidé, et n’a pas suivi son avis."),
        }[Outcome(act.decision.outcome)]
        return (
            Mark.ALLOWED,
            gettext("Permise"),
            (
                ended % decided,
                gettext("Demandez à %(carer)s de vous en parler.") % decided,
            ),
        )
    if state is ActState.ABSTAINED:
        return (
            Mark.QUIET,
            gettext("Sans réponse"),
            (gettext("Elle n’a pas su répondre. %(carer)s a continué sans elle.") % name,),
        )
    if state is ActState.WITHHELD:
        return (
            Mark.QUIET,
            gettext("Sans réponse"),
            (
                withheld_sentence(act.withheld_because),
                gettext("Personne n’a vu de réponse. %(carer)s a continué sans elle.") % name,
            ),
        )
    return (
        Mark.QUIET,
        gettext("Effacée"),
        (
            gettext(
                "La demande est restée sans suite. Cette IA n’a rien reçu de vous, et vos données préparées ont été effacées."
            ),
        ),
    )


def _asked(step: Requirement | None) -> str:
    return {
        Requirement.OWN_ASSESSMENT: gettext("%(carer)s doit d’abord donner son propre avis."),
        Requirement.HUMAN_PRESENCE: gettext("Il faut que quelqu’un soit à côté de vous."),
        Requirement.EXPLICIT_YES: gettext("%(carer)s doit d’abord vous demander si vous êtes d’accord."),
        Requirement.EXCHANGE_PLANNED: gettext("Un temps d’échange avec vous doit d’abord être prévu."),
        None: gettext("%(carer)s peut maintenant lui demander son avis."),
    }[step]
