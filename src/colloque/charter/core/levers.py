"""What could be otherwise in an act: what people can provide, what they can change, what time changes.

A lever changes one fact to the nearest value that a rule's clause lets through. What nobody can change is no lever: an age, a
situation that does not pass. A wish is not pulled at: the person's answer is a lever only so that the person knows it is theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from colloque.charter.core.clauses import RATIO, fact, is_true
from colloque.charter.core.facts import Facts
from colloque.kernel.vocabulary import ChoiceAnswer, Profession, ProjectStatus, Situation

SOMEBODY = UUID(int=0)
PASSING = frozenset({Situation.COMPLEX_SITUATION, Situation.AFTER_GRAVE_EVENT, Situation.ISOLATED, Situation.EMERGENCY})


class Hand(StrEnum):
    """In whose hands a lever is."""

    PERSON = "person"
    CARER = "carer"
    HOUSE = "house"
    TIME = "time"
    RECORD = "record"


class Lever(msgspec.Struct, frozen=True):
    """One fact changed: `name` as in `clauses.FACTS`, the value it takes, and in whose hands that is."""

    name: str
    value: Any
    hand: Hand
    acceptable: tuple[Any, ...] = ()

    def pulled(self, facts: Facts) -> Facts:
        """The facts with this one changed."""
        return _SETTERS[self.name.partition("-")[0] if self.name.startswith(RATIO) else self.name](facts, self.value)


def _part(part: str, **fields: Any) -> Callable[[Facts, Any], Facts]:
    """Sets fields of one part of the facts; a field given as `...` takes the lever's value."""

    def changed(facts: Facts, value: Any) -> Facts:
        given = {name: value if wanted is ... else wanted for name, wanted in fields.items()}
        return msgspec.structs.replace(facts, **{part: msgspec.structs.replace(getattr(facts, part), **given)})

    return changed


def _somebody_answers(facts: Facts, _: Any) -> Facts:
    carer = facts.carer if facts.carer.id is not None else msgspec.structs.replace(facts.carer, id=SOMEBODY)
    return msgspec.structs.replace(facts, carer=carer)


def _with_humans(facts: Facts, minutes: Any) -> Facts:
    most = max(minutes, facts.person.human_minutes_today or 0)
    return msgspec.structs.replace(facts, person=msgspec.structs.replace(facts.person, human_minutes_today=most))


_SETTERS: Mapping[str, Callable[[Facts, Any], Facts]] = {
    "presence": _part("presence", human_present=True, attested_by=SOMEBODY),
    "own-assessment": _part("own_assessment", made=True),
    "yes": _part("explicit_yes", given=True, heard_by=SOMEBODY),
    "exchange": _part("exchange", planned=True),
    "choice": _part("person", choice=...),
    "on-duty": _part("carer", on_duty=True),
    "trained": _part("carer", attested=True),
    "carer": _somebody_answers,
    "profession": _part("carer", profession=...),
    "hour": _part("moment", hour=...),
    "weekday": _part("moment", weekday=...),
    "human-minutes": _with_humans,
    "machine-minutes": _part("person", robot_minutes_today=...),
    "ratio": _with_humans,
    "age": _part("person", age=...),
    "situations": _part("person", situations=...),
    "status": _part("project", status=ProjectStatus.LIVE),
    "outage": _part("establishment", outage=False),
}
_PROVIDED = {
    "presence": Hand.CARER,
    "own-assessment": Hand.CARER,
    "yes": Hand.PERSON,
    "exchange": Hand.CARER,
    "on-duty": Hand.CARER,
    "trained": Hand.CARER,
    "carer": Hand.CARER,
    "status": Hand.HOUSE,
    "outage": Hand.HOUSE,
}


def lever_for(name: str, unwanted: int, facts: Facts) -> Lever | None:
    """The lever that takes a fact out of a set of values, to the nearest one outside; nothing where nobody can.

    `unwanted` is a bitmask over the fact's values, as in `clauses`.
    """
    if name in _PROVIDED:
        made = Lever(name, None, _PROVIDED[name])
        return None if is_true(name, unwanted, made.pulled(facts)) else made
    if name.startswith(RATIO):
        return _more_people(name, unwanted, facts)
    finder = _FINDERS.get(name)
    return None if finder is None else finder(tuple(_outside(name, unwanted)), facts)


def _outside(name: str, unwanted: int) -> Iterator[Any]:
    for place, value in enumerate(fact(name).values):
        if not unwanted >> place & 1:
            yield value


def _choice(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    if ChoiceAnswer.YES in wanted and facts.person.choice is not ChoiceAnswer.YES:
        return Lever("choice", ChoiceAnswer.YES, Hand.PERSON)
    return None


def _profession(wanted: tuple[Any, ...], _: Facts) -> Lever | None:
    known = tuple(one for one in wanted if isinstance(one, Profession))
    return Lever("profession", known[0], Hand.CARER, known) if known else None


def _later(name: str, wanted: tuple[Any, ...], now: int, turn: int) -> Lever | None:
    ahead = sorted(wanted, key=lambda value: (value - now) % turn)
    return Lever(name, ahead[0], Hand.TIME) if ahead else None


def _hour(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    return _later("hour", wanted, facts.moment.hour, 24)


def _weekday(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    return _later("weekday", wanted, facts.moment.weekday, 7)


def _human_minutes(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    spent = facts.person.human_minutes_today
    more = [value for value in wanted if value is not None and value > (spent if spent is not None else -1)]
    if not more:
        return None
    return Lever("human-minutes", more[0], Hand.TIME if spent is not None else Hand.RECORD)


def _machine_minutes(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    if 0 not in wanted:
        return None
    hand = Hand.TIME if facts.person.robot_minutes_today is not None else Hand.RECORD
    return Lever("machine-minutes", 0, hand)


def _more_people(name: str, unwanted: int, facts: Facts) -> Lever | None:
    machines, times = facts.person.robot_minutes_today, int(name.removeprefix(RATIO))
    if unwanted != 1 or machines is None:
        return None
    known = facts.person.human_minutes_today is not None
    return Lever(name, machines * times, Hand.TIME if known else Hand.RECORD)


def _age(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    known = [value for value in wanted if value is not None]
    if facts.person.age is not None or not known:
        return None
    return Lever("age", known[len(known) // 2], Hand.RECORD)


def _situations(wanted: tuple[Any, ...], facts: Facts) -> Lever | None:
    now = facts.person.situations
    if now is None:
        return Lever("situations", frozenset(), Hand.RECORD) if frozenset() in wanted else None
    fewer = [kept for kept in wanted if isinstance(kept, frozenset) and kept < now and now - kept <= PASSING]
    return Lever("situations", max(fewer, key=len), Hand.TIME) if fewer else None


_FINDERS: Mapping[str, Callable[[tuple[Any, ...], Facts], Lever | None]] = {
    "choice": _choice,
    "profession": _profession,
    "hour": _hour,
    "weekday": _weekday,
    "human-minutes": _human_minutes,
    "machine-minutes": _machine_minutes,
    "age": _age,
    "situations": _situations,
}
