"""A rule as people who do not program put it together: one answer to each question."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from colloque.charter.core.schema import ACTIONS
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Requirement, Situation, Track

OLDEST_ASKED = 120
LONGEST_ASKED = 720
MOST_TIMES = 20


class Effect(StrEnum):
    """What a rule does to the acts it speaks of."""

    REFUSES = "refuses"
    ASKS = "asks"
    PERMITS = "permits"


class Condition(StrEnum):
    """What can be provided or be the case around an act. The first four can also be asked for."""

    HUMAN_PRESENCE = "human-presence"
    OWN_ASSESSMENT = "own-assessment"
    EXPLICIT_YES = "explicit-yes"
    EXCHANGE_PLANNED = "exchange-planned"
    ON_DUTY = "on-duty"


class Bounds(msgspec.Struct, frozen=True, omit_defaults=True):
    """Some whole numbers: those below `under`, those from `since` on. With both: the ones between where `since` is the
    smaller, else the ones outside."""

    under: int | None = None
    since: int | None = None

    def __bool__(self) -> bool:
        return self.under is not None or self.since is not None

    def __contains__(self, number: int) -> bool:
        below = self.under is not None and number < self.under
        above = self.since is not None and number >= self.since
        return (below and above) if self.is_between else (below or above)

    @property
    def is_between(self) -> bool:
        """Whether both bounds must be kept at once."""
        return self.under is not None and self.since is not None and self.since < self.under


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule, question by question. Empty answers limit nothing.

    A rule applies where all of this holds: the act is one of `acts` (kinds or groups), the AI goes as far as `autonomies`
    and is of `track`, the act is worth at least `human_value` for a human and is at least as hard as `hardship` (1–5), the
    person's `ages` **or** `situations` (**and**, where `is_both`), not `other_situations`, one of `choices`, the minutes with
    humans and machines today, the `weekdays` (1 Monday – 7 Sunday), from the hour `hours[0]` until `hours[1]`, past midnight
    where it is later.

    A refusing or asking rule does not apply where one of `conditions`, a carer of `professions` or `times_more_people`
    (minutes with humans for each minute with a machine) is there, or all of them where `needs_all`; a permitting one applies
    only there. What is asked for (`asks`) always lifts an asking rule by itself.

    A fact nobody knows counts as concerned in a refusing or asking rule, and as not concerned in a permitting one.
    """

    id: str
    effect: Effect
    acts: tuple[str, ...] = ()
    autonomies: frozenset[Autonomy] = frozenset()
    track: Track | None = None
    human_value: int | None = None
    hardship: int | None = None
    ages: Bounds = Bounds()
    situations: frozenset[Situation] = frozenset()
    is_both: bool = False
    other_situations: frozenset[Situation] = frozenset()
    choices: frozenset[ChoiceAnswer] = frozenset()
    human_minutes: Bounds = Bounds()
    machine_minutes: Bounds = Bounds()
    hours: tuple[int, int] | None = None
    weekdays: frozenset[int] = frozenset()
    conditions: frozenset[Condition] = frozenset()
    professions: frozenset[Profession] = frozenset()
    times_more_people: int | None = None
    needs_all: bool = False
    asks: Requirement | None = None
    words: Mapping[str, str] = {}
    origin: Mapping[str, str] = {}


class Flaw(StrEnum):
    """Why a draft cannot be written."""

    UNKNOWN_ACT = "unknown-act"
    BOUNDS = "bounds"
    EVERYBODY = "everybody"
    HOURS = "hours"
    SITUATION_TWICE = "situation-twice"
    NOTHING_TO_COMBINE = "nothing-to-combine"
    ASKS = "asks"
    RATIO_ALONE = "ratio-alone"


def _bounds_flawed(bounds: Bounds, least: int, most: int) -> bool:
    numbers = [number for number in (bounds.under, bounds.since) if number is not None]
    return any(not least <= number <= most for number in numbers) or (len(numbers) == 2 and numbers[0] == numbers[1])


def combined(draft: Draft) -> int:
    """How many things lift the rule, or are required by it, beside what it asks for."""
    return len(draft.conditions) + bool(draft.professions) + (draft.times_more_people is not None)


def flaws(draft: Draft) -> tuple[Flaw, ...]:
    """What keeps a draft from being written: an act nobody knows, bounds that hold nothing or everything, an empty choice."""
    found: list[Flaw] = []
    if len(set(draft.acts)) != len(draft.acts) or not ACTIONS.issuperset(draft.acts):
        found.append(Flaw.UNKNOWN_ACT)
    levels = [level for level in (draft.human_value, draft.hardship) if level is not None]
    if (
        _bounds_flawed(draft.ages, 1, OLDEST_ASKED)
        or _bounds_flawed(draft.human_minutes, 1, LONGEST_ASKED)
        or _bounds_flawed(draft.machine_minutes, 1, LONGEST_ASKED)
        or any(not 2 <= level <= 5 for level in levels)
        or not 1 <= (draft.times_more_people or 1) <= MOST_TIMES
    ):
        found.append(Flaw.BOUNDS)
    whole = ((draft.autonomies, Autonomy), (draft.choices, ChoiceAnswer), (draft.weekdays, range(1, 8)))
    if any(len(chosen) == len(all_of) for chosen, all_of in whole) or not draft.weekdays <= set(range(1, 8)):
        found.append(Flaw.EVERYBODY)
    if draft.hours is not None and not (
        0 <= draft.hours[0] < 24 and 0 <= draft.hours[1] < 24 and draft.hours[0] != draft.hours[1]
    ):
        found.append(Flaw.HOURS)
    if draft.situations & draft.other_situations:
        found.append(Flaw.SITUATION_TWICE)
    if (draft.is_both and not (draft.ages and draft.situations)) or (draft.needs_all and combined(draft) < 2):
        found.append(Flaw.NOTHING_TO_COMBINE)
    asked = None if draft.asks is None else Condition(draft.asks.value)
    if (draft.effect is Effect.ASKS) is not (asked is not None) or asked in draft.conditions:
        found.append(Flaw.ASKS)
    if draft.effect is Effect.PERMITS and draft.times_more_people and not draft.needs_all and combined(draft) > 1:
        found.append(Flaw.RATIO_ALONE)
    return tuple(found)
