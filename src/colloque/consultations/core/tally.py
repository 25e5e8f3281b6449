"""The final tally of a consultation: what is counted when it closes, as one canonical value that the ledger holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from colloque.consultations.core.receipts import votes_of
from colloque.ledger.core.tree import root_of

VERSION = 1


class StatementTally(msgspec.Struct, frozen=True, array_like=True):
    """How many people agreed, disagreed and passed on the statement with this number."""

    number: int
    agree: int
    disagree: int
    passed: int


class Tally(msgspec.Struct, frozen=True):
    """What was counted: people who answered, their votes, the statements that stood at closing, the ballots' root.

    `ballots` is the RFC 6962 root of the ballots' leaves in the order of their bytes, in hexadecimal; every ballot that is not
    empty has a leaf, `participants` of them. `votes` counts the answers to the statements listed; `changes` how often people
    changed or took back an answer before the end, which is all that is kept of that.
    """

    consultation: UUID
    participants: int
    votes: int
    changes: int
    statements: tuple[StatementTally, ...]
    ballots: str
    v: int = VERSION


def tally(
    consultation: UUID, ballots: Mapping[int, int], statements: Iterable[int], leaves: list[bytes], changes: int
) -> Tally:
    """The tally of ballots by participant number, over the statements that stood when the consultation closed.

    Answers to a statement that was withdrawn or merged stay on their ballot and count nowhere.
    """
    standing = sorted(statements)
    counted: dict[int, Counter[int]] = {number: Counter() for number in standing}
    for ballot in ballots.values():
        for number, value in votes_of(ballot).items():
            if number in counted:
                counted[number][value] += 1
    rows = tuple(StatementTally(number, values[1], values[-1], values[0]) for number, values in counted.items())
    return Tally(
        consultation=consultation,
        participants=sum(1 for ballot in ballots.values() if ballot),
        votes=sum(row.agree + row.disagree + row.passed for row in rows),
        changes=changes,
        statements=rows,
        ballots=root_of(leaves).hex(),
    )
