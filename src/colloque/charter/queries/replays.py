"""What a replay compares, and the replays that were kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    """A replay as it was kept. `is_current`: of this proposal on the charter in force."""

    base_number: int
    acts: int
    since: datetime
    until: datetime
    at: datetime
    report: Any
    is_current: bool


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
    number = last.base.number if last.base is not None else 0
    return Kept(number, last.acts, last.since, last.until, last.at, last.report, is_current)


def running_replay(proposal: RuleProposal) -> Running | None:
    """The replay being computed, if any."""
    run = ReplayRun.objects.filter(proposal=proposal).first()
    return Running(run.read, run.total, run.failed) if run is not None else None


def may_read_cases(viewer: Viewer, at: datetime) -> bool:
    """Whether single cases are for this reader."""
    return viewer.has(*READING_CASES) or seat_in(viewer, at) is not None
