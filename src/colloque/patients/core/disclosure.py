"""What is told to a person by another person, rather than read alone on a screen."""

from __future__ import annotations

from colloque.kernel.vocabulary import Situation

SAID_WITH_SOMEBODY = frozenset({Situation.PALLIATIVE_CARE, Situation.END_OF_LIFE, Situation.AFTER_GRAVE_EVENT})
"""Words one does not discover alone. They are not hidden: the page says that somebody will talk about it, and offers to ask."""


def is_said_with_somebody(situation: Situation) -> bool:
    """Whether this situation is told in an exchange and not on the person's own pages."""
    return situation in SAID_WITH_SOMEBODY
