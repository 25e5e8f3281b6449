"""The states a governed act goes through."""

from __future__ import annotations

from enum import StrEnum


class ActState(StrEnum):
    """Where an act stands.

    `asking`: something can still be provided and the AI has received nothing. `open`: the AI answered and a named carer has
    not yet decided. `refused`, `abstained`, `withheld`, `decided` and `expired` are ends.
    """

    REFUSED = "refused"
    ASKING = "asking"
    OPEN = "open"
    DECIDED = "decided"
    ABSTAINED = "abstained"
    WITHHELD = "withheld"
    EXPIRED = "expired"


TRANSITIONS: dict[ActState, frozenset[ActState]] = {
    ActState.ASKING: frozenset(
        {ActState.OPEN, ActState.REFUSED, ActState.ABSTAINED, ActState.WITHHELD, ActState.EXPIRED, ActState.ASKING}
    ),
    ActState.OPEN: frozenset({ActState.DECIDED}),
    ActState.REFUSED: frozenset(),
    ActState.DECIDED: frozenset(),
    ActState.ABSTAINED: frozenset(),
    ActState.WITHHELD: frozenset(),
    ActState.EXPIRED: frozenset(),
}
