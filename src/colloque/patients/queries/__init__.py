"""Everything that reads about a person, one file per subject."""

from __future__ import annotations

from colloque.patients.queries.choices import Answered, OfferedService, Question, questions_for, standing_choices
from colloque.patients.queries.journal import JournalKind, JournalLine, journal_of
from colloque.patients.queries.persons import (
    PersonLine,
    age_of,
    current_presences,
    current_situations,
    identities,
    identity,
    name_of,
    names_of,
    persons_for,
    situation_records,
)
from colloque.patients.queries.possibilities import Possibility, possibilities_for
from colloque.patients.queries.trust import Named, TrustLine, named_by, trusted_by
from colloque.patients.queries.waiting import (
    ErasureLine,
    Talking,
    TalkLine,
    erasure_line,
    erasure_requests_for,
    own_erasure_request,
    own_talk_requests,
    talk_requests_for,
    talking_of,
)

__all__ = [
    "Answered",
    "ErasureLine",
    "JournalKind",
    "JournalLine",
    "Named",
    "OfferedService",
    "PersonLine",
    "Possibility",
    "Question",
    "TalkLine",
    "Talking",
    "TrustLine",
    "age_of",
    "current_presences",
    "current_situations",
    "erasure_line",
    "erasure_requests_for",
    "identities",
    "identity",
    "journal_of",
    "name_of",
    "named_by",
    "names_of",
    "own_erasure_request",
    "own_talk_requests",
    "persons_for",
    "possibilities_for",
    "questions_for",
    "situation_records",
    "standing_choices",
    "talk_requests_for",
    "talking_of",
    "trusted_by",
]
