"""Everything that changes a charter: the committee's seats, and the life of a proposal up to the version it makes."""

from __future__ import annotations

from colloque.charter.actions.committee import end_seat, give_seat
from colloque.charter.actions.deciding import adopt, decline, review, withdraw
from colloque.charter.actions.proposing import (
    argue,
    begin_run,
    end_run,
    hide_argument,
    move_run,
    propose,
    record_replay,
)
from colloque.charter.actions.voting import cast_ballot, open_vote

__all__ = [
    "adopt",
    "argue",
    "begin_run",
    "cast_ballot",
    "decline",
    "end_run",
    "end_seat",
    "give_seat",
    "hide_argument",
    "move_run",
    "open_vote",
    "propose",
    "record_replay",
    "review",
    "withdraw",
]
