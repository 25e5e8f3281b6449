"""What a replay compares, and the replays that were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colloque.charter.access import seat_in
from colloque.charter.actions.texts import text_with
from colloque.charter.core.engine import Charter
from colloque.charter.models import CharterVersion, ReplayRecord, ReplayRun, RuleProposal
from colloque.charter.queries.in_force import charter_of, versions_in_force
from colloque.kernel.vocabulary import Role
from colloque.people.access import Viewer

READING_CASES = (Role.DIRECTOR, Role.ETHICS_MEMBER, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR)
"""Who, beside the committee, may read single cases, told without what would name the person."""


@dataclass(frozen=True)
class Compared:
    """The charter in force and the one it would become."""

    base: CharterVersion | None
    before: Charter
    after: Charter


@dataclass(frozen=True)
class Kept:
    """A replay as it was kept. `is_current`: of this proposal on the charter in force; `sentence`: its finding in words."""

    base: CharterVersion | None
    acts: int
    since: datetime
    until: datetime
    at: datetime
    report: Any
    is_current: bool
    sentence: str

    @property
    def base_number(self) -> int:
        """The number of the version it was replayed against, 0 for none."""
        return self.base.number if self.base is not None else 0


@dataclass(frozen=True)
class Running:
    """A replay being computed, or what stopped it."""

    read: int
    total: int
    failed: str


def compared(proposal: RuleProposal, at: datetime) -> Compared:
    """What a replay of a proposal compares now. Raises `ConflictError` where the charter has not the rule any more."""
    base = versions_in_force(proposal.establishment_id, at).first()
    before = charter_of(base.pk if base is not None else None)
    return Compared(base, before, Charter.compile(before.number + 1, text_with(proposal, base)))


def kept_replay(proposal: RuleProposal, at: datetime) -> Kept | None:
    """The last replay of a proposal."""
    last = ReplayRecord.objects.filter(proposal=proposal).select_related("base").order_by("-at").first()
    if last is None:
        return None
    base = versions_in_force(proposal.establishment_id, at).first()
    is_current = last.base_id == (base.pk if base is not None else None)
    return Kept(last.base, last.acts, last.since, last.until, last.at, last.report, is_current, sentence_of(last))


def sentence_of(kept: ReplayRecord) -> str:
    """The finding of a replay in a few sentences, in the language of the moment; nothing where the record holds no result."""
    report = kept.report.get("replay")
    if report is None:
        return ""
    acts = int(report["acts"])
    if not acts:
        return _("Aucun acte n’a encore été enregistré ici : il n’y a rien à rejouer.")
    period = {"since": _day(kept.since), "until": _day(kept.until), "acts": _grouped(acts)}
    changed = (
        (report["newly_refused"], _("arrêté %(count)s%(share)s")),
        (report["newly_asking"], _("demandé une condition de plus pour %(count)s%(share)s")),
        (report["newly_permitted"], _("ouvert %(count)s%(share)s")),
    )
    parts = [words % {"count": _count(count), "share": _share(count, acts)} for count, words in changed if count != 0]
    if not parts:
        told = ngettext(
            "Du %(since)s au %(until)s, elle n’aurait rien changé au seul acte demandé.",
            "Du %(since)s au %(until)s, elle n’aurait rien changé aux %(acts)s actes demandés.",
            acts,
        )
        return told % period
    told = _("Du %(since)s au %(until)s, sur %(acts)s actes demandés, elle aurait %(what)s.")
    told %= {**period, "what": _(" et ").join(parts)}
    if kept.report.get("said_yes"):
        said = _("Pour %(count)s des actes arrêtés, la personne avait dit oui.")
        told += " " + said % {"count": _grouped(kept.report["said_yes"])}
    return told


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _grouped(number: int) -> str:
    return str(number_format(number, force_grouping=True))


def _count(count: int | None) -> str:
    """A number of acts that changed, `None` where it is hidden."""
    if count is None:
        return _("moins de 5 actes")
    return ngettext("%(count)s acte", "%(count)s actes", count) % {"count": _grouped(count)}


def _share(count: int | None, acts: int) -> str:
    if count is None:
        return ""
    percent = 100 * count / acts
    return _(" (moins de 1 %%)") % () if percent < 1 else _(" (%(percent)s %%)") % {"percent": round(percent)}


def running_replay(proposal: RuleProposal) -> Running | None:
    """The replay being computed, if any."""
    run = ReplayRun.objects.filter(proposal=proposal).first()
    return Running(run.read, run.total, run.failed) if run is not None else None


def may_read_cases(viewer: Viewer, at: datetime) -> bool:
    """Whether single cases are for this reader."""
    return viewer.has(*READING_CASES) or seat_in(viewer, at) is not None
