"""A proposed rule replayed on what really happened: at once where there is little, behind the page where there is much."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import close_old_connections
from django.utils.translation import override

from colloque.acts.models import Act
from colloque.acts.queries.facts import acts_between, facts_table_of
from colloque.acts.queries.replay import sentence_of
from colloque.charter import actions as charter
from colloque.charter.core.analysis import compare
from colloque.charter.core.disclosure import is_small
from colloque.charter.core.replay import MIN_CELL, replay
from colloque.charter.models import RuleProposal
from colloque.charter.queries import compared
from colloque.kernel.errors import ColloqueError
from colloque.people.models import Account

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)

YEAR = timedelta(days=365)
SOLVER_MS = 400
"""How long the solver may look for each kind of case; what it does not find by then is said to be unknown."""
AT_ONCE = 3_000
"""Acts that are replayed while the page waits; more are replayed behind it."""


def replay_proposal(proposal: RuleProposal, *, by: Account, at: datetime) -> bool:
    """Replay a proposal on the acts of the last year and keep the result; true once it is kept, false while it runs on.

    Raises `NotFoundError` for whoever may not prepare a rule, `ConflictError` once decided, or where the charter in force has
    not the rule to change or repeal.
    """
    compared(proposal, at)
    total = acts_between(proposal.establishment_id, at - YEAR, at)
    if not charter.begin_run(proposal, total=total, by=by, at=at):
        return False
    if total <= AT_ONCE:
        _run(proposal, by, at)
        return True
    threading.Thread(target=_run_behind, args=(proposal, by, at), name="replay", daemon=True).start()
    return False


def _run_behind(proposal: RuleProposal, by: Account, at: datetime) -> None:
    try:
        _run(proposal, by, at)
    except ColloqueError:
        pass  # kept with the run, for the page to tell
    except Exception:
        log.exception("a replay stopped")
    finally:
        close_old_connections()


def _run(proposal: RuleProposal, by: Account, at: datetime) -> None:
    started = monotonic()

    def moved(read: int) -> None:
        charter.move_run(proposal, read, at + timedelta(seconds=monotonic() - started))

    try:
        sides = compared(proposal, at)
        acts = facts_table_of(proposal.establishment_id, at - YEAR, at, moved)
        first = _first_day(proposal, at)
        report = msgspec.to_builtins(replay(sides.before, sides.after, acts))
        said_yes = _said_yes(sides, acts, report)
        possible = msgspec.to_builtins(compare(sides.before, sides.after, timeout_ms=SOLVER_MS))
        kept = {"v": 1, "replay": report, "said_yes": said_yes, "possible": possible}
        kept["sentence"] = _sentences(kept, first, at)
        charter.record_replay(
            proposal, base=sides.base, since=first, until=at, acts=acts.height, report=kept, by=by, at=at
        )
    except BaseException as error:
        charter.end_run(proposal, failed=error.code if isinstance(error, ColloqueError) else "failed")
        raise
    charter.end_run(proposal)


def _first_day(proposal: RuleProposal, at: datetime) -> datetime:
    """From when the replay covers what happened: the first act of the year, for a house that is younger."""
    first = Act.objects.filter(
        establishment=proposal.establishment_id, requested_at__gte=at - YEAR, requested_at__lt=at
    )
    return first.order_by("requested_at").values_list("requested_at", flat=True).first() or at - YEAR


def _said_yes(sides: Any, acts: pl.DataFrame, report: dict[str, Any]) -> int | None:
    """Of the acts newly refused, those of persons who had said yes; nothing where that would tell too small a number."""
    import polars as pl

    total = report["newly_refused"]
    if not total:
        return None
    yes = acts.filter(pl.col("person.choice").cast(pl.String).is_in(["yes", "with-human"]))
    found = replay(sides.before, sides.after, yes, (), cases=0).newly_refused
    return None if found is None or is_small(total - found, MIN_CELL) else found


def _sentences(kept: dict[str, Any], since: datetime, until: datetime) -> dict[str, str]:
    told = {}
    for language in ("fr", "en"):
        with override(language):
            told[language] = sentence_of(kept, since, until)
    return told
