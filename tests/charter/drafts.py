"""Drafts as people might put them together, and what they say, read in plain Python from the sentence's own words."""

from __future__ import annotations

import msgspec
from hypothesis import strategies as st

from colloque.charter.core.draft import Bounds, Condition, Draft, Effect, combined, flaws
from colloque.charter.core.facts import Facts
from colloque.charter.core.schema import ACTIONS, kinds_of
from colloque.kernel.vocabulary import (
    ACT_TRAITS,
    Autonomy,
    ChoiceAnswer,
    Profession,
    Requirement,
    Situation,
    Track,
)

WORDS = {"fr": "Des mots d’ici. Et « d’autres ».", "en": 'Some words. And "others" \\ more.'}
ORIGIN = {"fr": "Une consultation", "en": "A consultation"}


def some(values: type) -> st.SearchStrategy[frozenset[object]]:
    return st.just(frozenset()) | st.frozensets(st.sampled_from(values), min_size=1, max_size=3)


def bounds(most: int) -> st.SearchStrategy[Bounds]:
    number = st.none() | st.integers(1, most)
    return st.just(Bounds()) | st.builds(Bounds, number, number)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A draft without flaws."""
    effect = draw(st.sampled_from(Effect))
    asks = draw(st.sampled_from(Requirement)) if effect is Effect.ASKS else None
    draft = Draft(
        "drawn",
        effect,
        acts=tuple(draw(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=3, unique=True))),
        autonomies=draw(some(Autonomy)),  # type: ignore[arg-type]
        track=draw(st.none() | st.sampled_from(Track)),
        human_value=draw(st.none() | st.integers(2, 5)),
        hardship=draw(st.none() | st.integers(2, 5)),
        ages=draw(bounds(120)),
        situations=draw(some(Situation)),  # type: ignore[arg-type]
        is_both=draw(st.booleans()),
        other_situations=draw(some(Situation)),  # type: ignore[arg-type]
        choices=draw(some(ChoiceAnswer)),  # type: ignore[arg-type]
        human_minutes=draw(bounds(720)),
        machine_minutes=draw(bounds(720)),
        hours=draw(st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23))),
        weekdays=draw(st.just(frozenset()) | st.frozensets(st.integers(1, 7), min_size=1, max_size=6)),
        conditions=draw(some(Condition)),  # type: ignore[arg-type]
        professions=draw(some(Profession)),  # type: ignore[arg-type]
        times_more_people=draw(st.none() | st.integers(1, 5)),
        needs_all=draw(st.booleans()),
        asks=asks,
        words=WORDS,
        origin=ORIGIN,
    )
    draft = msgspec.structs.replace(
        draft,
        other_situations=draft.other_situations - draft.situations,
        conditions=draft.conditions - ({Condition(asks.value)} if asks else set()),
    )
    draft = msgspec.structs.replace(
        draft,
        is_both=draft.is_both and bool(draft.ages and draft.situations),
        needs_all=draft.needs_all and combined(draft) > 1,
    )
    return draft if not flaws(draft) else Draft("drawn", effect, acts=draft.acts, asks=asks, words=WORDS, origin=ORIGIN)


def _number(bounds: Bounds, number: int | None, *, in_doubt: bool) -> bool:
    if number is None:
        return in_doubt
    under, since = bounds.under, bounds.since
    if under is None:
        return since is not None and number >= since
    if since is None:
        return number < under
    return since <= number < under if since < under else number < under or number >= since


def _provided(condition: Condition, facts: Facts) -> bool:
    return {
        Condition.HUMAN_PRESENCE: facts.presence.human_present is True and facts.presence.attested_by is not None,
        Condition.OWN_ASSESSMENT: facts.own_assessment.made,
        Condition.EXPLICIT_YES: facts.explicit_yes.given,
        Condition.EXCHANGE_PLANNED: facts.exchange.planned is True,
        Condition.ON_DUTY: facts.carer.on_duty is True,
    }[condition]


def _of_people(draft: Draft, facts: Facts, *, in_doubt: bool) -> list[bool]:
    person = facts.person
    told: list[bool] = []
    people: list[bool] = []
    if draft.ages:
        people.append(_number(draft.ages, person.age, in_doubt=in_doubt))
    if draft.situations:
        people.append(in_doubt if person.situations is None else bool(person.situations & draft.situations))
    if people:
        told.append(all(people) if draft.is_both else any(people))
    if draft.other_situations:
        told.append(in_doubt if person.situations is None else not person.situations & draft.other_situations)
    return told


def _concerns(draft: Draft, facts: Facts, *, in_doubt: bool) -> list[bool]:
    person, traits = facts.person, ACT_TRAITS[facts.act_kind]
    told: list[bool] = []
    if draft.acts:
        told.append(any(facts.act_kind in kinds_of(act) for act in draft.acts))
    if draft.autonomies:
        told.append(facts.project.autonomy in draft.autonomies)
    if draft.track:
        told.append(facts.project.track is draft.track)
    told.append(traits.human_value >= (draft.human_value or 1))
    told.append(traits.hardship >= (draft.hardship or 1))
    told.extend(_of_people(draft, facts, in_doubt=in_doubt))
    if draft.choices:
        told.append(person.choice in draft.choices)
    if draft.human_minutes:
        told.append(_number(draft.human_minutes, person.human_minutes_today, in_doubt=in_doubt))
    if draft.machine_minutes:
        told.append(_number(draft.machine_minutes, person.robot_minutes_today, in_doubt=in_doubt))
    if draft.weekdays:
        told.append(facts.moment.weekday in draft.weekdays)
    if draft.hours:
        begin, end = draft.hours
        span = {hour % 24 for hour in range(begin, end if end > begin else end + 24)}
        told.append(facts.moment.hour in span)
    return told


def _things(draft: Draft, facts: Facts) -> list[bool]:
    found = [_provided(condition, facts) for condition in draft.conditions]
    if draft.professions:
        found.append(facts.carer.profession in draft.professions)
    if draft.times_more_people:
        humans, machines = facts.person.human_minutes_today, facts.person.robot_minutes_today
        enough = humans is not None and machines is not None and machines * draft.times_more_people <= humans
        found.append(enough)
    return found


def applies(draft: Draft, facts: Facts) -> bool:
    """Whether the rule touches the act, as its sentence says."""
    in_doubt = draft.effect is not Effect.PERMITS
    concerned = all(_concerns(draft, facts, in_doubt=in_doubt))
    things = _things(draft, facts)
    there = (all(things) if draft.needs_all else any(things)) if things else not in_doubt
    if draft.asks is not None and _provided(Condition(draft.asks.value), facts):
        return False
    return concerned and (there is not in_doubt)
