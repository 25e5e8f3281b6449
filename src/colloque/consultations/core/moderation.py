"""Moderation: when a statement is read, and for which reasons it may be turned away."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ModerationMode(StrEnum):
    """Strict: a statement is read before it is shown. Open: it is shown at once, unless it seems to name somebody."""

    STRICT = "strict"
    OPEN = "open"


class ModerationDecision(StrEnum):
    """What a moderator decided of a statement; each is a line of the public log."""

    PUBLISHED = "published"
    REJECTED = "rejected"
    MERGED = "merged"


class ModerationReason(StrEnum):
    """Why a statement is turned away. Disagreeing with it is not a reason."""

    PERSONAL_DATA = "personal-data"
    INSULT = "insult"
    OFF_TOPIC = "off-topic"
    SEVERAL_IDEAS = "several-ideas"
    UNCLEAR = "unclear"
    ADVERTISING = "advertising"
    DUPLICATE = "duplicate"


HIDES_TEXT: Final = frozenset({ModerationReason.PERSONAL_DATA, ModerationReason.INSULT, ModerationReason.ADVERTISING})
"""Reasons for which the public log gives the reason and keeps the words to itself."""


PROTECTS: Final = frozenset({ModerationReason.PERSONAL_DATA, ModerationReason.INSULT})
"""Reasons for which a statement may still be turned away once nobody votes any more."""


class SignalKind(StrEnum):
    """Signs of a coordinated attack. They are shown to whoever reads the result; nothing is removed because of them.

    `burst`: many votes at once. `clones`: people who answer exactly alike. `statements`: too many to read
    from one place.
    """

    BURST = "burst"
    CLONES = "clones"
    STATEMENTS = "statements"


LONGEST_STATEMENT: Final = 280
"""Characters of a statement: one idea, read at a glance on a phone."""
