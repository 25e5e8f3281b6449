"""Everything that changes an act from our own pages: start, own reading, decision, handover, access, expiry."""

from __future__ import annotations

from colloque.acts.actions.deciding import access_suggestion, decide, hand_over, withdraw
from colloque.acts.actions.keeping import keep_one_part
from colloque.acts.actions.replaying import replay_proposal
from colloque.acts.actions.starting import (
    AlreadyWaitingError,
    record_own_assessment,
    record_spoken_answer,
    resume_act,
    start_act,
    start_once,
)
from colloque.acts.actions.upkeep import expire_asking, note_visit

__all__ = [
    "AlreadyWaitingError",
    "access_suggestion",
    "decide",
    "expire_asking",
    "hand_over",
    "keep_one_part",
    "note_visit",
    "record_own_assessment",
    "record_spoken_answer",
    "replay_proposal",
    "resume_act",
    "start_act",
    "start_once",
    "withdraw",
]
