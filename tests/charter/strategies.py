"""Facts and rules as they might come, for property tests."""

from __future__ import annotations

from uuid import UUID

from hypothesis import strategies as st

from colloque.charter.core.conditions import LIFTED_BY
from colloque.charter.core.facts import Facts
from colloque.charter.core.schema import ACTIONS
from colloque.kernel.vocabulary import (
    ActKind,
    Autonomy,
    ChoiceAnswer,
    Profession,
    ProjectStatus,
    Requirement,
    Situation,
    Track,
)
from tests.charter.acts import act

maybe = st.none() | st.booleans()
ids = st.sampled_from([UUID(int=n) for n in range(1, 4)])
somebody = st.none() | ids

CHANGES: dict[str, st.SearchStrategy[object]] = {
    "project__id": ids,
    "project__status": st.sampled_from(ProjectStatus),
    "project__track": st.sampled_from(Track),
    "project__autonomy": st.sampled_from(Autonomy),
    "project__acts": st.frozensets(st.sampled_from(ActKind), max_size=3),
    "person__age": st.none() | st.integers(0, 110),
    "person__situations": st.none() | st.frozensets(st.sampled_from(Situation), max_size=2),
    "person__choice": st.sampled_from(ChoiceAnswer),
    "person__human_minutes_today": st.none() | st.integers(0, 1440),
    "person__robot_minutes_today": st.none() | st.integers(0, 120),
    "carer__id": somebody,
    "carer__profession": st.none() | st.sampled_from(Profession),
    "carer__attested": maybe,
    "carer__on_duty": maybe,
    "moment__hour": st.integers(0, 23),
    "moment__weekday": st.integers(1, 7),
    "establishment__outage": st.booleans(),
    "presence__human_present": maybe,
    "presence__attested_by": somebody,
    "own_assessment__made": st.booleans(),
    "exchange__planned": maybe,
    "explicit_yes__given": st.booleans(),
    "explicit_yes__heard_by": somebody,
}


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Facts of one act: one that everything allows, and up to six changes to it."""
    names = draw(st.lists(st.sampled_from(sorted(CHANGES)), max_size=6, unique=True))
    return act(draw(st.sampled_from(ActKind)), **{name: draw(CHANGES[name]) for name in names})


def _guarded(attribute: str, tests: list[str]) -> st.SearchStrategy[str]:
    record, _, name = attribute.rpartition(".")
    guards = [f"{record} has {name} && {test}" for test in tests] + [f"{record} has {name}", f"!({record} has {name})"]
    return st.sampled_from([f"({guard})" for guard in guards])


comparisons = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-5, 120))
optional_atoms = st.one_of(
    comparisons.map(lambda c: f"(resource has age && resource.age {c[0]} {c[1]})"),
    comparisons.map(
        lambda c: f"(resource has robot_minutes_today && resource.robot_minutes_today * 3 - 7 {c[0]} {c[1]})"
    ),
    st.sampled_from(Situation).map(
        lambda s: f'(resource has situations && resource.situations.contains(Situation::"{s}"))'
    ),
    _guarded("context.presence.human_present", ["context.presence.human_present"]),
    st.just(
        "(context.presence has attested_by && context.carer has id && context.presence.attested_by == context.carer.id)"
    ),
)
atoms = st.one_of(
    optional_atoms,
    st.sampled_from(ChoiceAnswer).map(lambda a: f'resource.choice == Choice::"{a}"'),
    st.sampled_from(Autonomy).map(lambda a: f'principal.autonomy == Autonomy::"{a}"'),
    st.lists(st.sampled_from(Situation), min_size=1, max_size=3).map(
        lambda some: (
            "(resource has situations && resource.situations.containsAny(["
            + ", ".join(f'Situation::"{s}"' for s in some)
            + "]))"
        )
    ),
    st.sampled_from(
        [
            "(resource has situations && resource.situations.isEmpty())",
            '(resource has situations && resource.situations == [Situation::"minor", Situation::"isolated"])',
            '[Choice::"yes", Choice::"with-human"].contains(resource.choice)',
            '(if context.own_assessment.made then Choice::"yes" else Choice::"no") != resource.choice',
            'principal == AiSystem::"00000000-0000-0000-0000-000000000001"',
            '[Action::"vital-signs", Action::"companion"].contains(action)',
            "context has presence",
            "context.act.hardship * 2 > context.act.human_value",
        ]
    ),
    st.sampled_from(Profession).map(
        lambda p: f'(context.carer has profession && context.carer.profession == Profession::"{p}")'
    ),
    st.integers(0, 23).map(lambda h: f"context.moment.hour < {h}"),
    st.integers(1, 5).map(lambda v: f"context.act.human_value >= {v}"),
    _guarded("context.carer.on_duty", ["context.carer.on_duty"]),
    _guarded("context.exchange.planned", ["context.exchange.planned"]),
    st.sampled_from(
        ["context.own_assessment.made", "context.explicit_yes.given", "context.explicit_yes has heard_by", "true"]
    ),
    st.sampled_from(sorted(ACTIONS)).map(lambda a: f'action in Action::"{a}"'),
)
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} && {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} || {p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(if {p[0]} then {p[1]} else {p[2]})"),
        inner.map(lambda i: f"!({i})"),
    ),
    max_leaves=5,
)


@st.composite
def rule_texts(draw: st.DrawFn, name: str = "drawn") -> str:
    """One rule as somebody might write it; it need not be acceptable."""
    effect = draw(st.sampled_from(["forbid", "forbid", "permit"]))
    asks = draw(st.sampled_from([None, *Requirement])) if effect == "forbid" else None
    scope = draw(
        st.just("action")
        | st.sampled_from(sorted(ACTIONS)).map(lambda a: f'action in Action::"{a}"')
        | st.lists(st.sampled_from(sorted(ACTIONS)), min_size=1, max_size=3, unique=True).map(
            lambda some: "action in [" + ", ".join(f'Action::"{a}"' for a in some) + "]"
        )
    )
    clauses = draw(st.lists(st.tuples(st.sampled_from(["when", "unless"]), conditions), max_size=2))
    if asks is not None and draw(st.integers(0, 4)):
        clauses.append(("unless", LIFTED_BY[asks]))
    annotation = f'@asks("{asks}") ' if asks else ""
    body = " ".join(f"{word} {{ {condition} }}" for word, condition in clauses)
    return (
        f'@id("{name}") @fr("Des mots.") @en("Words.") @origin("essai") {annotation}'
        f"{effect} (principal, {scope}, resource) {body};"
    )


may_be_unknown = optional_atoms | st.sampled_from(
    [
        "context.own_assessment.made",
        "(context.explicit_yes.given && context.own_assessment.made)",
        "(if context.explicit_yes.given then true else context.own_assessment.made)",
        "(context.own_assessment.made == context.explicit_yes.given)",
    ]
)


@st.composite
def pointed_rules(draw: st.DrawFn, name: str = "drawn") -> str:
    """One short rule for every act, on facts that may be unknown."""
    condition = draw(
        st.one_of(
            may_be_unknown, st.tuples(may_be_unknown, may_be_unknown).map(" || ".join), may_be_unknown.map("!{}".format)
        )
    )
    effect = draw(st.sampled_from(["forbid", "permit"]))
    word = draw(st.sampled_from(["when", "unless"]))
    return (
        f'@id("{name}") @fr("Des mots.") @en("Words.") @origin("essai") '
        f"{effect} (principal, action, resource) {word} {{ {condition} }};"
    )


pointed_facts = st.fixed_dictionaries(
    {
        name: CHANGES[name]
        for name in (
            "person__age",
            "person__situations",
            "presence__human_present",
            "presence__attested_by",
            "own_assessment__made",
            "explicit_yes__given",
        )
    }
).map(lambda changes: act(ActKind.VITAL_SIGNS, **changes))
