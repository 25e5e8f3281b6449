"""The charter to start from, decided act by act."""

from __future__ import annotations

import pytest

from colloque.charter.core.constitution import packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import OwnAssessmentFacts, PresenceFacts
from colloque.kernel.vocabulary import ACT_TRAITS, ActKind, ChoiceAnswer, Requirement, Situation, VerdictKind
from tests.charter.acts import CARER, EXPLICIT_YES, act

NOBODY = PresenceFacts()
CLOSED = {
    ActKind.ANAESTHESIA: "anaesthesia-closed",
    ActKind.INTIMATE_CARE: "intimate-acts-closed",
    ActKind.OVERALL_HEALTH_JUDGEMENT: "overall-health-closed",
    ActKind.RESULT_ANNOUNCEMENT: "result-announcement-closed",
    ActKind.TREATMENT_LIMITATION: "fundamental-ethics",
}
OPEN = [kind for kind in ActKind if kind not in CLOSED]
MACHINE_COMPANY = [ActKind.COMPANION, ActKind.EMOTIONAL_SUPPORT, ActKind.FEEDING_AID]


@pytest.fixture(scope="module")
def starter() -> Charter:
    """The constitution and the starter charter."""
    return Charter.compile(1, packaged("starter"))


@pytest.mark.parametrize("kind", OPEN)
def test_with_nothing_missing_the_act_is_permitted(starter: Charter, kind: ActKind) -> None:
    verdict = starter.decide(act(kind))
    assert verdict.kind is VerdictKind.PERMITTED, verdict


def _refused_by(starter: Charter, kind: ActKind, rule: str) -> None:
    verdict = starter.decide(act(kind, explicit_yes=EXPLICIT_YES))
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, (rule,))


@pytest.mark.principle("B1")
def test_anaesthesia_is_closed(starter: Charter) -> None:
    _refused_by(starter, ActKind.ANAESTHESIA, "anaesthesia-closed")


@pytest.mark.principle("B3")
def test_intimate_acts_are_closed(starter: Charter) -> None:
    _refused_by(starter, ActKind.INTIMATE_CARE, "intimate-acts-closed")


@pytest.mark.principle("B9")
def test_no_ai_judges_overall_health(starter: Charter) -> None:
    _refused_by(starter, ActKind.OVERALL_HEALTH_JUDGEMENT, "overall-health-closed")


def test_no_ai_announces_a_result(starter: Charter) -> None:
    _refused_by(starter, ActKind.RESULT_ANNOUNCEMENT, "result-announcement-closed")


@pytest.mark.principle("B2")
@pytest.mark.parametrize("kind", ActKind)
@pytest.mark.parametrize(
    ("situation", "rule"),
    [
        (Situation.PALLIATIVE_CARE, "end-of-life-closed"),
        (Situation.END_OF_LIFE, "end-of-life-closed"),
        (Situation.BIRTH, "birth-closed"),
        (Situation.MULTIPLE_DISABILITY, "multiple-disability-closed"),
        (Situation.COMPLEX_SITUATION, "complex-situation-closed"),
    ],
)
def test_complex_and_ultimate_situations_are_closed_whatever_the_act(
    starter: Charter, kind: ActKind, situation: Situation, rule: str
) -> None:
    verdict = starter.decide(act(kind, person__situations=frozenset({situation}), explicit_yes=EXPLICIT_YES))
    assert verdict.kind is VerdictKind.REFUSED
    assert rule in verdict.rules


@pytest.mark.principle("B2")
@pytest.mark.parametrize("kind", OPEN)
def test_situations_nobody_declared_refuse(starter: Charter, kind: ActKind) -> None:
    verdict = starter.decide(act(kind, person__situations=None, explicit_yes=EXPLICIT_YES))
    assert verdict.kind is VerdictKind.REFUSED
    assert {"end-of-life-closed", "birth-closed", "multiple-disability-closed"} <= set(verdict.rules)


@pytest.mark.principle("B4")
@pytest.mark.parametrize("kind", [kind for kind in OPEN if ACT_TRAITS[kind].physical])
def test_never_alone_with_a_robot(starter: Charter, kind: ActKind) -> None:
    for presence in (NOBODY, PresenceFacts(True), PresenceFacts(False, CARER), PresenceFacts(None, CARER)):
        verdict = starter.decide(act(kind, presence=presence))
        assert (verdict.kind, verdict.asks) == (VerdictKind.ASKS, (Requirement.HUMAN_PRESENCE,)), presence
        assert "never-alone-with-robot" in verdict.rules
    assert starter.decide(act(kind)).is_permitted


@pytest.mark.parametrize("kind", [kind for kind in OPEN if ACT_TRAITS[kind].own_assessment_first])
def test_own_assessment_comes_first(starter: Charter, kind: ActKind) -> None:
    verdict = starter.decide(act(kind, own_assessment=OwnAssessmentFacts()))
    assert (verdict.kind, verdict.rules) == (VerdictKind.ASKS, ("own-assessment-first",))
    assert verdict.asks == (Requirement.OWN_ASSESSMENT,)


def test_having_said_nothing_is_not_having_said_yes(starter: Charter) -> None:
    verdict = starter.decide(act(person__choice=ChoiceAnswer.UNKNOWN))
    assert (verdict.kind, verdict.rules) == (VerdictKind.ASKS, ("no-answer-yet",))
    assert verdict.asks == (Requirement.EXPLICIT_YES,)
    assert starter.decide(act(person__choice=ChoiceAnswer.UNKNOWN, explicit_yes=EXPLICIT_YES)).is_permitted


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"person__age": 17}, "minor-asks-yes", id="17 years"),
        pytest.param({"person__age": None}, "minor-asks-yes", id="age unknown"),
        pytest.param({"person__situations": frozenset({Situation.MINOR})}, "minor-asks-yes", id="declared minor"),
        pytest.param(
            {"person__situations": frozenset({Situation.CANNOT_EXPRESS_CHOICE})},
            "cannot-express-asks-yes",
            id="cannot express a choice",
        ),
    ],
)
def test_who_cannot_say_yes_alone_is_asked_for_each_time(
    starter: Charter, changes: dict[str, object], rule: str
) -> None:
    verdict = starter.decide(act(ActKind.VITAL_SIGNS, **changes))
    assert (verdict.kind, verdict.rules) == (VerdictKind.ASKS, (rule,))
    assert starter.decide(act(ActKind.VITAL_SIGNS, **changes, explicit_yes=EXPLICIT_YES)).is_permitted


@pytest.mark.principle("B7")
@pytest.mark.parametrize(
    ("age", "accompanied"), [(16, True), (17, True), (18, False), (74, False), (75, True), (90, True), (None, True)]
)
def test_teleconsultation_by_age(starter: Charter, age: int | None, accompanied: bool) -> None:
    facts = act(ActKind.TELECONSULTATION, person__age=age, presence=NOBODY, explicit_yes=EXPLICIT_YES)
    verdict = starter.decide(facts)
    assert (Requirement.HUMAN_PRESENCE in verdict.asks) is accompanied
    assert verdict.is_permitted is not accompanied


@pytest.mark.principle("B7")
def test_teleconsultation_only_if_wished(starter: Charter) -> None:
    verdict = starter.decide(act(ActKind.TELECONSULTATION, person__choice=ChoiceAnswer.WITH_HUMAN))
    assert (verdict.kind, verdict.asks) == (VerdictKind.ASKS, (Requirement.EXPLICIT_YES,))
    assert starter.decide(act(ActKind.TELECONSULTATION)).is_permitted


@pytest.mark.principle("B8")
@pytest.mark.parametrize("kind", MACHINE_COMPANY)
@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        pytest.param({"moment__hour": 7}, ("machine-hours",), id="too early"),
        pytest.param({"moment__hour": 20}, ("machine-hours",), id="evening"),
        pytest.param(
            {"person__robot_minutes_today": 60, "person__human_minutes_today": 200}, ("machine-ceiling",), id="ceiling"
        ),
        pytest.param({"person__human_minutes_today": 29}, ("people-first",), id="people first"),
        pytest.param(
            {"person__robot_minutes_today": 21, "person__human_minutes_today": 41},
            ("more-people-than-machines",),
            id="ratio",
        ),
        pytest.param(
            {"person__human_minutes_today": None},
            ("people-first", "more-people-than-machines"),
            id="human time unknown",
        ),
        pytest.param(
            {"person__robot_minutes_today": None},
            ("machine-ceiling", "more-people-than-machines"),
            id="robot time unknown",
        ),
    ],
)
def test_machines_never_stand_in_for_people(
    starter: Charter, kind: ActKind, changes: dict[str, object], rules: tuple[str, ...]
) -> None:
    verdict = starter.decide(act(kind, **changes))
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, rules)


def test_several_things_are_asked_in_a_stable_order(starter: Charter) -> None:
    facts = act(
        ActKind.PACEMAKER_SETTING,
        person__choice=ChoiceAnswer.UNKNOWN,
        presence=NOBODY,
        own_assessment=OwnAssessmentFacts(),
    )
    verdict = starter.decide(facts)
    assert verdict.asks == (Requirement.EXPLICIT_YES, Requirement.HUMAN_PRESENCE, Requirement.OWN_ASSESSMENT)
    assert verdict.rules == ("never-alone-with-robot", "own-assessment-first", "no-answer-yet")


def test_an_age_rule_exists_as_an_option_only(starter: Charter) -> None:
    """B6 is contested: the rule ships unadopted, in two strengths; each does what it says once adopted."""
    older = act(ActKind.VITAL_SIGNS, person__age=56, person__choice=ChoiceAnswer.UNKNOWN)
    assert "over-55-asks-yes" not in {rule.id for rule in starter.rules}
    both = packaged("options").split("@id(")
    asks = Charter.compile(2, packaged("starter") + "@id(" + both[1])
    closed = Charter.compile(3, packaged("starter") + "@id(" + both[2])
    assert "over-55-asks-yes" in asks.decide(older).rules
    assert closed.decide(older).rules == ("over-55-closed",)
    assert closed.decide(act(ActKind.VITAL_SIGNS, person__age=55)).is_permitted
    assert closed.decide(act(ActKind.VITAL_SIGNS, person__age=None)).kind is VerdictKind.REFUSED


def test_every_rule_can_be_read_by_anyone(starter: Charter) -> None:
    for rule in starter.rules:
        for language in ("fr", "en"):
            sentences = [sentence for sentence in rule.words[language].split(". ") if sentence]
            longest = max(len(sentence.split()) for sentence in sentences)
            assert longest <= 32, f"{rule.id} ({language}) has a sentence of {longest} words"
            assert rule.title(language), rule.id
            assert rule.explanation(language), rule.id
