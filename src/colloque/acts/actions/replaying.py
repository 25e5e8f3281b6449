"""A proposed rule replayed on what really happened: at once where there is little, behind the page where there is much."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import close_old_connections

from colloque.acts.actions.keeping import acts_to_read, table_of
from colloque.acts.queries.facts import first_act
from colloque.acts.queries.kept import year_of
from colloque.charter import actions as charter
from colloque.charter.core.analysis import analyse, compare
from colloque.charter.core.disclosure import is_small
from colloque.charter.core.evaluation import evaluate
from colloque.charter.core.replay import MIN_CELL, count_newly, replay
from colloque.charter.models import RuleProposal
from colloque.charter.queries import compared
from colloque.charter.queries.replays import Compared
from colloque.kernel.errors import ColloqueError
from colloque.kernel.vocabulary import ChoiceAnswer, VerdictKind
from colloque.people.models import Account

if TYPE_CHECKING:
    import polars as pl

log = logging.getLogger(__name__)

SAID_YES = (ChoiceAnswer.YES.value, ChoiceAnswer.WITH_HUMAN.value)
SOLVER_MS = 400
"""How long the solver may look for each kind of case; what it does not find by then is said to be unknown."""
KEPT_AS = 2
"""The shape of a kept result: values alone. In shape 1 it also held its sentence in two languages, which nothing reads."""
SOLVING_S = 4.0
"""How long everything the solver is asked may take together."""
AT_ONCE = 10_000
"""Acts read from their rows while the page waits; where there are more, it does not wait."""


def replay_proposal(proposal: RuleProposal, *, by: Account, at: datetime) -> bool:
    """Replay a proposal on the acts of the last year and keep the result; true once it is kept, false while it runs on.

    Raises `NotFoundError` for whoever may not prepare a rule, `ConflictError` once decided, or where the charter in force has
    not the rule to change or repeal.
    """
    compared(proposal, at)
    total = acts_to_read(year_of(proposal.establishment, at))
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
    except Exception as error:  # noqa: BLE001 - the thread ends here; the run's own state tells it
        log.error("A replay stopped (%s).", type(error).__name__)  # noqa: TRY400 - a trace could quote facts
    finally:
        close_old_connections()


def _run(proposal: RuleProposal, by: Account, at: datetime) -> None:
    started, so_far = monotonic(), 0

    def moved(read: int) -> None:
        nonlocal so_far
        so_far += read
        charter.move_run(proposal, so_far, at + timedelta(seconds=monotonic() - started))

    try:
        sides, year = compared(proposal, at), year_of(proposal.establishment, at)
        acts = table_of(year, moved)
        report, said_yes = _replayed(sides, acts)
        solving = monotonic()
        possible = msgspec.to_builtins(compare(sides.before, sides.after, timeout_ms=SOLVER_MS))
        rules = {proposal.rule_id} if proposal.rule_id else None
        found = analyse(sides.after, of=rules, timeout_ms=SOLVER_MS, has_time=lambda: monotonic() < solving + SOLVING_S)
        kept = {
            "v": KEPT_AS,
            "replay": report,
            "said_yes": said_yes,
            "possible": possible,
            "troubles": msgspec.to_builtins(found.found),
        }
        first = first_act(proposal.establishment_id, year.since, at) or year.since
        charter.record_replay(
            proposal, base=sides.base, since=first, until=at, acts=acts.height, report=kept, by=by, at=at
        )
    except BaseException as error:
        charter.end_run(proposal, failed=error.code if isinstance(error, ColloqueError) else "failed")
        raise
    charter.end_run(proposal)


def _replayed(sides: Compared, acts: pl.DataFrame) -> tuple[dict[str, Any], int | None]:
    """The report, and of the acts newly refused those of persons who had said yes, unless that would tell too small a number."""
    before = evaluate(sides.before, acts)
    after = evaluate(sides.after, acts, before)
    report = msgspec.to_builtins(replay(sides.before, sides.after, acts, kept=before, now=after, with_whom=False))
    total = report["newly_refused"]
    if not total:
        return report, None
    found = count_newly(before, after, VerdictKind.REFUSED, acts["person.choice"].is_in(SAID_YES))
    return report, None if is_small(found, MIN_CELL) or is_small(total - found, MIN_CELL) else found
