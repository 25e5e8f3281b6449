"""The Cedar a draft makes, and the draft a rule in Cedar shows.

`to_cedar` writes a draft so that a fact nobody knows never opens the way; `from_cedar` reads any rule whose clauses say the
same, however it was written, and gives nothing back for a rule that says more than the questions can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from colloque.charter.core.clauses import FACTS, RATIO, Clause, NotPlainError, clauses_of
from colloque.charter.core.draft import Bounds, Condition, Draft, Effect, combined, flaws
from colloque.charter.core.rules import Rule, read_rules
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Situation

# ---- Writing

_PRESENT = "context.presence has human_present && context.presence.human_present && context.presence has attested_by"
_PROVIDED: Mapping[Condition, str] = {
    Condition.HUMAN_PRESENCE: _PRESENT,
    Condition.OWN_ASSESSMENT: "context.own_assessment.made",
    Condition.EXPLICIT_YES: "context.explicit_yes.given",
    Condition.EXCHANGE_PLANNED: "context.exchange has planned && context.exchange.planned",
    Condition.ON_DUTY: "context.carer has on_duty && context.carer.on_duty",
}


def quoted(words: str) -> str:
    """Words as a Cedar string, on one line."""
    flat = " ".join(words.split())
    return '"' + flat.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _members(kind: str, values: Iterable[StrEnum], order: type[StrEnum]) -> str:
    chosen = set(values)
    return ", ".join(f'{kind}::"{value}"' for value in order if value in chosen)


def _among(path: str, kind: str, values: frozenset[StrEnum], order: type[StrEnum]) -> str:
    if len(values) == 1:
        return f"{path} == {_members(kind, values, order)}"
    return f"[{_members(kind, values, order)}].contains({path})"


def _in_bounds(path: str, bounds: Bounds, *, inside: bool) -> str:
    """The comparison; `inside=False` gives its opposite."""
    parts: list[str] = []
    if bounds.under is not None:
        parts.append(f"{path} {'<' if inside else '>='} {bounds.under}")
    if bounds.since is not None:
        round_age = bounds.since % 5 == 1 and bounds.since > 1
        if round_age:
            parts.append(f"{path} {'>' if inside else '<='} {bounds.since - 1}")
        else:
            parts.append(f"{path} {'>=' if inside else '<'} {bounds.since}")
    joined = (" && " if bounds.is_between is inside else " || ").join(parts)
    return f"({joined})" if len(parts) == 2 and " || " in joined else joined


def _situations(values: frozenset[Situation], *, inside: bool) -> str:
    members = _members("Situation", values, Situation)
    test = f"contains({members})" if len(values) == 1 else f"containsAny([{members}])"
    return f"{'' if inside else '!'}resource.situations.{test}"


def _known(name: str, test: str) -> str:
    record, _, attribute = name.rpartition(".")
    return f"{record} has {attribute} && {test}"


def _people(draft: Draft, *, inside: bool) -> list[str]:
    """The tests on age and situation: concerned, or (`inside=False`) known not to be."""
    parts: list[str] = []
    if draft.ages:
        parts.append(_known("resource.age", _in_bounds("resource.age", draft.ages, inside=inside)))
    if draft.situations:
        parts.append(_known("resource.situations", _situations(draft.situations, inside=inside)))
    return parts


def _minutes(draft: Draft, *, inside: bool) -> list[str]:
    named = (
        ("resource.human_minutes_today", draft.human_minutes),
        ("resource.robot_minutes_today", draft.machine_minutes),
    )
    return [_known(name, _in_bounds(name, bounds, inside=inside)) for name, bounds in named if bounds]


def _hours(hours: tuple[int, int]) -> str:
    begin, end = hours
    after, before = f"context.moment.hour >= {begin}", f"context.moment.hour < {end}"
    if begin == 0:
        return before
    if end == 0:
        return after
    return f"{after} && {before}" if begin < end else f"({after} || {before})"


def _plain(draft: Draft) -> list[str]:
    """What is always known: the AI, the act, the choice, the moment."""
    parts: list[str] = []
    if draft.autonomies:
        parts.append(_among("principal.autonomy", "Autonomy", frozenset(draft.autonomies), Autonomy))
    if draft.track is not None:
        parts.append(f'principal.track == Track::"{draft.track}"')
    if draft.human_value is not None:
        parts.append(f"context.act.human_value >= {draft.human_value}")
    if draft.hardship is not None:
        parts.append(f"context.act.hardship >= {draft.hardship}")
    if draft.choices:
        parts.append(_among("resource.choice", "Choice", frozenset(draft.choices), ChoiceAnswer))
    if draft.weekdays:
        days = ", ".join(str(day) for day in sorted(draft.weekdays))
        parts.append(f"[{days}].contains(context.moment.weekday)")
    if draft.hours is not None:
        parts.append(_hours(draft.hours))
    return parts


def _provided(draft: Draft) -> list[str]:
    parts = [_PROVIDED[condition] for condition in Condition if condition in draft.conditions]
    if draft.professions:
        known = _among("context.carer.profession", "Profession", frozenset(draft.professions), Profession)
        parts.append(_known("context.carer.profession", known))
    if draft.times_more_people is not None:
        parts.append(
            "resource has human_minutes_today && resource has robot_minutes_today && "
            f"resource.robot_minutes_today * {draft.times_more_people} <= resource.human_minutes_today"
        )
    return parts


def _grouped(parts: list[str], joint: str) -> list[str]:
    """Several parts held together by this joint, as one."""
    if len(parts) < 2:
        return parts
    if joint == "||":
        return ["(" + " || ".join(f"({part})" if "&&" in part else part for part in parts) + ")"]
    return [" && ".join(parts)]


def _lifting(draft: Draft) -> list[str]:
    """What keeps a refusing or asking rule from applying, each part enough by itself."""
    people = _people(draft, inside=False)
    found = people if draft.is_both else _grouped(people, "&&")
    if draft.other_situations:
        found = [*found, _known("resource.situations", _situations(draft.other_situations, inside=True))]
    found = [*found, *_minutes(draft, inside=False)]
    provided = _provided(draft)
    found = [*found, *(_grouped(provided, "&&") if draft.needs_all else provided)]
    if draft.asks is not None:
        found.append(_PROVIDED[Condition(draft.asks.value)])
    return found


def _required(draft: Draft) -> list[str]:
    """What a permitting rule needs, all of it."""
    people = _people(draft, inside=True)
    found = [*_plain(draft), *(people if draft.is_both else _grouped(people, "||"))]
    if draft.other_situations:
        found.append(_known("resource.situations", _situations(draft.other_situations, inside=False)))
    found.extend(_minutes(draft, inside=True))
    provided = _provided(draft)
    return [*found, *(provided if draft.needs_all else _grouped(provided, "||"))]


def _clause(word: str, parts: list[str], joint: str) -> str:
    if not parts:
        return ""
    if joint == "||" and len(parts) > 1:
        parts = [f"({part})" if "&&" in part else part for part in parts]
    return f"\n{word}\n{{\n  " + f" {joint}\n  ".join(parts) + "\n}"


def _scope(acts: tuple[str, ...]) -> str:
    if not acts:
        return "action"
    if len(acts) == 1:
        return f'action in Action::"{acts[0]}"'
    return "action in [" + ", ".join(f'Action::"{act}"' for act in acts) + "]"


def to_cedar(draft: Draft) -> str:
    """The rule in Cedar, with its words and its origin, ended by `;`.

    Raises `ValueError` for a draft with `flaws`.
    """
    wrong = flaws(draft)
    if wrong:
        raise ValueError(", ".join(wrong))
    lines = [f"@id({quoted(draft.id)})"]
    lines += [f"@{language}({quoted(draft.words.get(language, ''))})" for language in ("fr", "en")]
    lines.append(f"@origin({quoted(draft.origin.get('fr', ''))})")
    if draft.origin.get("en", draft.origin.get("fr", "")) != draft.origin.get("fr", ""):
        lines.append(f"@origin_en({quoted(draft.origin['en'])})")
    if draft.asks is not None:
        lines.append(f"@asks({quoted(draft.asks)})")
    permits = draft.effect is Effect.PERMITS
    head = f"{'permit' if permits else 'forbid'} (principal, {_scope(draft.acts)}, resource)"
    body = _clause("when", _required(draft) if permits else _plain(draft), "&&")
    if not permits:
        body += _clause("unless", _lifting(draft), "||")
    return "\n".join(lines) + f"\n{head}{body};\n"


# ---- Reading

_PROVIDED_WHERE: Mapping[Condition, tuple[str, int]] = {
    Condition.HUMAN_PRESENCE: ("presence", FACTS["presence"].where(lambda v: v == (True, True))),
    Condition.OWN_ASSESSMENT: ("own-assessment", FACTS["own-assessment"].where(lambda v: v is True)),
    Condition.EXPLICIT_YES: ("yes", FACTS["yes"].where(lambda v: v[0] is True)),
    Condition.EXCHANGE_PLANNED: ("exchange", FACTS["exchange"].where(lambda v: v is True)),
    Condition.ON_DUTY: ("on-duty", FACTS["on-duty"].where(lambda v: v is True)),
}
_ANSWERED_ALONE = {"autonomy", "track", "human-value", "hardship", "choice", "weekday", "hour", "age", "situations"} | {
    "human-minutes",
    "machine-minutes",
}


class _UnreadableError(ValueError):
    """The clauses say something no question asks."""


def _values(name: str, mask: int) -> frozenset[object]:
    return frozenset(value for place, value in enumerate(FACTS[name].values) if mask >> place & 1)


def _doubt(name: str, mask: int, *, forbids: bool) -> frozenset[object]:
    """The known values, provided that not knowing counts as it does in a draft."""
    values = _values(name, mask)
    if (None in values) is not forbids:
        raise _UnreadableError
    return values - {None}


def _bounds(name: str, mask: int, *, forbids: bool) -> Bounds:
    known = [value for value in FACTS[name].values if value is not None]
    values = _doubt(name, mask, forbids=forbids)
    changes = [n for n in known[1:] if (n in values) is not (n - 1 in values)]
    if len(changes) == 1:
        return Bounds(under=changes[0]) if 0 in values else Bounds(since=changes[0])
    if len(changes) == 2:
        first, last = changes
        return Bounds(under=first, since=last) if 0 in values else Bounds(under=last, since=first)
    raise _UnreadableError


def _sets_of_situations(mask: int, *, forbids: bool) -> tuple[frozenset[Situation], frozenset[Situation]]:
    """Situations concerned and situations left out."""
    values = _doubt("situations", mask, forbids=forbids)
    seen: set[Situation] = set()
    for value in values:
        if isinstance(value, frozenset):
            seen |= value
    left_out = frozenset(Situation) - seen
    concerned = frozenset(s for s in seen if frozenset({s}) in values) if frozenset() not in values else frozenset()
    return concerned, left_out


def _level(name: str, mask: int) -> int:
    values = sorted(_values(name, mask), key=str)
    least = values[0] if values else None
    if not isinstance(least, int) or values != list(range(least, 6)):
        raise _UnreadableError
    return least


def _turn(mask: int) -> tuple[int, int]:
    hours = _values("hour", mask)
    begins = [h for h in range(24) if h in hours and (h - 1) % 24 not in hours]
    ends = [h for h in range(24) if h not in hours and (h - 1) % 24 in hours]
    if len(begins) != 1:
        raise _UnreadableError
    return begins[0], ends[0]


class _Reading:
    """Sorts a rule's clauses into the answers of a draft."""

    def __init__(self, *, forbids: bool) -> None:
        self.forbids = forbids
        self.answers: dict[str, object] = {}
        self.conditions: set[Condition] = set()

    def single(self, name: str, mask: int) -> None:
        forbids = self.forbids
        if name in {"age", "human-minutes", "machine-minutes"}:
            answer = "ages" if name == "age" else name.replace("-", "_")
            if not forbids and name != "age" and _values(name, mask) == frozenset(FACTS[name].values) - {None}:
                return  # only its being known is asked, for the ratio; writing it again shows whether that is all
            self.answers[answer] = _bounds(name, mask, forbids=forbids)
        elif name == "situations":
            concerned, left_out = _sets_of_situations(mask, forbids=forbids)
            if concerned:
                self.answers["situations"] = concerned
            self.answers["other_situations"] = left_out
        elif name in {"human-value", "hardship"}:
            self.answers[name.replace("-", "_")] = _level(name, mask)
        elif name == "hour":
            self.answers["hours"] = _turn(mask)
        elif name == "track":
            (self.answers["track"],) = _values(name, mask)
        else:
            plural = {"autonomy": "autonomies", "choice": "choices", "weekday": "weekdays"}[name]
            self.answers[plural] = _values(name, mask)

    def alternative(self, name: str, mask: int) -> None:
        """One thing that lifts a forbid, or that a permit requires."""
        wanted = FACTS[name].everything & ~mask if self.forbids and name in FACTS else mask
        for condition, (fact_name, values) in _PROVIDED_WHERE.items():
            if (fact_name, values) == (name, wanted):
                self.conditions.add(condition)
                return
        if name == "profession":
            self.answers["professions"] = _values(name, wanted)
        elif name.startswith(RATIO):
            if (mask == 0b10) is self.forbids:
                raise _UnreadableError
            self.answers["times_more_people"] = int(name.removeprefix(RATIO))
        else:
            raise _UnreadableError

    def clause(self, clause: Clause) -> None:
        names = set(clause)
        if names == {"age", "situations"}:
            self.single("age", clause["age"])
            concerned, left_out = _sets_of_situations(clause["situations"], forbids=self.forbids)
            if left_out or not concerned:
                raise _UnreadableError
            self.answers["situations"] = concerned
        elif len(names) == 1 and names <= _ANSWERED_ALONE:
            ((name, mask),) = clause.items()
            self.single(name, mask)
        else:
            has_ratio = any(name.startswith(RATIO) for name in names)
            known = {"human-minutes", "machine-minutes"} if has_ratio and self.forbids else set()
            for name in sorted(names - known):
                self.alternative(name, clause[name])

    def draft(self, rule: Rule, clauses: Iterable[Clause]) -> Draft:
        held = list(clauses)
        for clause in sorted(held, key=len, reverse=True):
            self.clause(clause)
        singles = {name for clause in held if len(clause) == 1 for name in clause}
        asked = None if rule.asks is None else Condition(rule.asks.value)
        if asked is not None:
            if asked not in self.conditions:
                raise _UnreadableError
            self.conditions.discard(asked)
        effect = Effect.PERMITS if not self.forbids else Effect.REFUSES if asked is None else Effect.ASKS
        draft = Draft(
            rule.id,
            effect,
            acts=_acts(rule),
            conditions=frozenset(self.conditions),
            is_both={"age"} <= singles and "situations" in self.answers,
            asks=rule.asks,
            words=dict(rule.words),
            origin=dict(rule.origin),
            **self.answers,  # type: ignore[arg-type]
        )
        together = _together(draft, held, asked)
        return msgspec.structs.replace(draft, needs_all=together and combined(draft) > 1)


def _together(draft: Draft, clauses: list[Clause], asked: Condition | None) -> bool:
    """Whether the conditions are wanted all at once: in one clause of a forbid, in clauses of their own in a permit."""
    provided = {_PROVIDED_WHERE[condition][0] for condition in draft.conditions}
    provided |= {"profession"} if draft.professions else set()
    provided |= {f"{RATIO}{draft.times_more_people}"} if draft.times_more_people else set()
    without = {_PROVIDED_WHERE[asked][0]} if asked is not None else set()
    holding = [clause for clause in clauses if provided & set(clause) and not without & set(clause)]
    return (len(holding) == 1) is (draft.effect is not Effect.PERMITS)


def _acts(rule: Rule) -> tuple[str, ...]:
    scope = rule.policy["action"]
    if scope["op"] == "All":
        return ()
    named = scope.get("entities") or ([scope["entity"]] if "entity" in scope else [])
    if not named:
        raise _UnreadableError
    return tuple(dict.fromkeys(str(entity["id"]) for entity in named))


def from_cedar(rule: Rule) -> Draft | None:
    """The draft that makes this rule, whatever way the rule is written; nothing where the questions cannot say it.

    What is given back was written again and read: it decides as the rule does.
    """
    try:
        clauses = clauses_of(rule.policy)
        draft = _Reading(forbids=rule.effect == "forbid").draft(rule, clauses)
        written = read_rules(to_cedar(draft))[0]
    except (NotPlainError, _UnreadableError, ValueError, KeyError):
        return None
    if len(written) != 1 or (written[0].acts, written[0].asks) != (rule.acts, rule.asks):
        return None
    return draft if _same(clauses_of(written[0].policy), clauses) else None


def _same(some: Iterable[Clause], others: Iterable[Clause]) -> bool:
    def told(clauses: Iterable[Clause]) -> frozenset[frozenset[tuple[str, int]]]:
        return frozenset(frozenset(clause.items()) for clause in clauses)

    return told(some) == told(others)
