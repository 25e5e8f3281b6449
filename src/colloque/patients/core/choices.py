"""Which of a person's answers holds for one act of AI. A refusal wins over everything, whoever asks and however specific.

An answer speaks of all AI, of one kind of act, of one project, or of one kind of act within one project. Nothing here knows
why the person answered: nobody asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer

CAUTION: dict[ChoiceAnswer, int] = {
    ChoiceAnswer.YES: 0,
    ChoiceAnswer.WITH_HUMAN: 1,
    ChoiceAnswer.ASK_EACH_TIME: 2,
    ChoiceAnswer.UNKNOWN: 3,
    ChoiceAnswer.NO: 4,
}
"""How cautious an answer is; between two answers of the same reach, the more cautious holds."""


class StandingChoice(msgspec.Struct, frozen=True):
    """An answer that has not been replaced. Both `act_kind` and `project` empty: all AI."""

    answer: ChoiceAnswer
    act_kind: ActKind | None = None
    project: UUID | None = None

    @property
    def reach(self) -> int:
        """How specific the answer is: 0 all AI, 1 a kind of act, 2 a project, 3 a kind of act within a project."""
        return (2 if self.project is not None else 0) + (1 if self.act_kind is not None else 0)

    def speaks_of(self, act_kind: ActKind, project: UUID) -> bool:
        """Whether the answer applies to this kind of act by this project."""
        return self.act_kind in (None, act_kind) and self.project in (None, project)


def standing_choice(answer: str, act_kind: str = "", project: UUID | None = None) -> StandingChoice:
    """The value for a row as the database holds it. Raises `ValueError` for a word outside the vocabulary."""
    return StandingChoice(ChoiceAnswer(answer), ActKind(act_kind) if act_kind else None, project)


def holding(choices: Iterable[StandingChoice], act_kind: ActKind, project: UUID) -> StandingChoice | None:
    """The answer that decides for this kind of act by this project, or `None` where the person has said nothing.

    A `no` that applies wins, whatever its reach. Otherwise the most specific answer holds; of two with the same reach, the
    more cautious.
    """
    applicable = [choice for choice in choices if choice.speaks_of(act_kind, project)]
    if not applicable:
        return None
    return max(applicable, key=lambda c: (c.answer is ChoiceAnswer.NO, c.reach, CAUTION[c.answer]))


def choice_that_holds(choices: Iterable[StandingChoice], act_kind: ActKind, project_id: UUID) -> ChoiceAnswer:
    """What the person answers to this kind of act by this project; `unknown` where nothing was said. See `holding`."""
    decides = holding(choices, act_kind, project_id)
    return ChoiceAnswer.UNKNOWN if decides is None else decides.answer


def overruled_by(choices: Iterable[StandingChoice], given: StandingChoice) -> tuple[StandingChoice, ...]:
    """The refusals that stay stronger than the answer just given, widest first; the person must be told of them."""
    if given.answer is ChoiceAnswer.NO:
        return ()
    stronger = [
        choice
        for choice in choices
        if choice.answer is ChoiceAnswer.NO
        and (choice.act_kind, choice.project) != (given.act_kind, given.project)
        and choice.act_kind in (None, given.act_kind)
        and choice.project in (None, given.project)
    ]
    return tuple(sorted(stronger, key=lambda c: c.reach))
