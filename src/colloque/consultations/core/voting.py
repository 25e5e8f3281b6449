"""What a vote must look like, and how fast one person may vote."""

from __future__ import annotations

from typing import Final

import msgspec

from colloque.consultations.core.groups import VOTE_VALUES
from colloque.consultations.core.receipts import MAX_STATEMENT
from colloque.kernel.errors import InvalidInputError

VOTES_IN_A_ROW: Final = 40
VOTES_PER_SECOND: Final = 1.0
"""A person who reads votes slower than this; whoever has read ahead may give forty answers in a row."""


class VoteCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: the number of a statement, and 1 agree, −1 disagree, 0 pass, or null to take the answer back."""

    statement: int
    value: int | None


_decoder = msgspec.json.Decoder(VoteCall)


def read_vote(body: bytes) -> VoteCall:
    """The vote in a JSON body `{"statement": 12, "value": 1}`. Raises `InvalidInputError` with what to send instead."""
    try:
        call = _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        said = str(error) if isinstance(error, msgspec.ValidationError) else "this is not JSON"
        raise InvalidInputError(f'Send {{"statement": 12, "value": 1}}: {said}.', code="vote-form") from None
    if call.value is not None and call.value not in VOTE_VALUES:
        raise InvalidInputError("A vote is 1 (agree), -1 (disagree), 0 (pass) or null.", code="vote-form", path="value")
    if not 0 < call.statement <= MAX_STATEMENT:
        raise InvalidInputError("There is no statement with this number.", code="vote-form", path="statement")
    return call


class Allowance:
    """How many votes a participant may give now: forty at once, then one more each second. Moments are seconds."""

    __slots__ = ("_at", "_left")

    def __init__(self, at: float) -> None:
        self._left, self._at = float(VOTES_IN_A_ROW), at

    def take(self, at: float) -> bool:
        """Take one vote where there is one."""
        self._left = min(VOTES_IN_A_ROW, self._left + (at - self._at) * VOTES_PER_SECOND)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True
