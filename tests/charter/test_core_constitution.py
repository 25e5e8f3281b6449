"""What no establishment can vote away."""

from __future__ import annotations

import pytest

from colloque.charter.core.constitution import DEFAULT_DENY, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.facts import CarerFacts, Facts, PresenceFacts
from colloque.kernel.vocabulary import ActKind, Autonomy, ChoiceAnswer, ProjectStatus, Requirement, VerdictKind
from tests.charter.acts import CARER, EXPLICIT_YES, SOMEBODY_PRESENT, act

EVERYTHING_PERMITTED = """
@id("everything") @fr("Tout est permis.") @en("Everything is permitted.") @origin("essai")
permit (principal, action, resource);
"""

NOBODY = PresenceFacts()


@pytest.fixture(scope="module")
def permissive() -> Charter:
    """An establishment that permits whatever it can."""
    return Charter.compile(1, EVERYTHING_PERMITTED)


def test_what_nobody_permitted_is_refused() -> None:
    verdict = Charter.compile(0, "").decide(act())
    assert verdict.kind is VerdictKind.REFUSED
    assert verdict.rules == (DEFAULT_DENY,)


@pytest.mark.parametrize("kind", [kind for kind in ActKind if kind is not ActKind.TREATMENT_LIMITATION])
def test_an_act_with_nothing_missing_passes_the_constitution(permissive: Charter, kind: ActKind) -> None:
    verdict = permissive.decide(act(kind))
    assert (verdict.kind, verdict.rules) == (VerdictKind.PERMITTED, ("everything",))


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        pytest.param(act(project__status=ProjectStatus.DRAFT), "project-live", id="draft"),
        pytest.param(act(project__status=ProjectStatus.SUSPENDED), "project-live", id="suspended"),
        pytest.param(act(project__acts=frozenset({ActKind.FALL_RISK})), "act-declared", id="undeclared"),
        pytest.param(act(carer=CarerFacts(attested=True)), "human-answerable", id="nobody answers"),
        pytest.param(act(carer__attested=False), "carer-trained", id="untrained"),
        pytest.param(act(carer__attested=None), "carer-trained", id="training unknown"),
        pytest.param(act(establishment__outage=True), "ai-outage", id="outage"),
    ],
)
def test_the_constitution_refuses_whatever_the_establishment_permits(
    permissive: Charter, facts: Facts, rule: str
) -> None:
    verdict = permissive.decide(facts)
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, (rule,))


@pytest.mark.principle("A12")
@pytest.mark.parametrize("autonomy", Autonomy)
def test_fundamental_ethics_never_reaches_an_ai(permissive: Charter, autonomy: Autonomy) -> None:
    facts = act(ActKind.TREATMENT_LIMITATION, project__autonomy=autonomy, explicit_yes=EXPLICIT_YES)
    verdict = permissive.decide(facts)
    assert (verdict.kind, verdict.rules) == (VerdictKind.REFUSED, ("fundamental-ethics",))


@pytest.mark.principle("B5")
@pytest.mark.parametrize("kind", ActKind)
def test_the_patients_refusal_beats_every_permission(permissive: Charter, kind: ActKind) -> None:
    facts = act(kind, person__choice=ChoiceAnswer.NO, explicit_yes=EXPLICIT_YES)
    for charter in (permissive, Charter.compile(2, packaged("starter"))):
        verdict = charter.decide(facts)
        assert verdict.kind is VerdictKind.REFUSED
        assert "patient-refusal" in verdict.rules


@pytest.mark.principle("B5")
def test_only_with_a_human_is_kept(permissive: Charter) -> None:
    waiting = permissive.decide(act(person__choice=ChoiceAnswer.WITH_HUMAN, presence=NOBODY))
    assert (waiting.kind, waiting.asks) == (VerdictKind.ASKS, (Requirement.HUMAN_PRESENCE,))
    for nobody in (PresenceFacts(True), PresenceFacts(False, CARER), PresenceFacts(None, CARER)):
        verdict = permissive.decide(act(person__choice=ChoiceAnswer.WITH_HUMAN, presence=nobody))
        assert verdict.kind is VerdictKind.ASKS, "somebody present without a name, or named and not present, is nobody"
    with_somebody = permissive.decide(act(person__choice=ChoiceAnswer.WITH_HUMAN, presence=SOMEBODY_PRESENT))
    assert with_somebody.is_permitted


@pytest.mark.principle("B5")
def test_ask_each_time_waits_for_a_yes_to_this_act(permissive: Charter) -> None:
    waiting = permissive.decide(act(person__choice=ChoiceAnswer.ASK_EACH_TIME))
    assert (waiting.kind, waiting.asks) == (VerdictKind.ASKS, (Requirement.EXPLICIT_YES,))
    assert permissive.decide(act(person__choice=ChoiceAnswer.ASK_EACH_TIME, explicit_yes=EXPLICIT_YES)).is_permitted


@pytest.mark.parametrize("autonomy", [Autonomy.ACTS_UNDER_WATCH, Autonomy.ACTS_WITHIN_ENVELOPE])
@pytest.mark.parametrize("on_duty", [None, False])
def test_an_ai_that_acts_needs_somebody_answerable_now(
    permissive: Charter, autonomy: Autonomy, on_duty: bool | None
) -> None:
    facts = act(ActKind.INSULIN_LOOP, project__autonomy=autonomy, carer__on_duty=on_duty, presence=NOBODY)
    verdict = permissive.decide(facts)
    assert (verdict.kind, verdict.rules) == (VerdictKind.ASKS, ("human-answerable-now",))
    assert permissive.decide(act(ActKind.INSULIN_LOOP, project__autonomy=autonomy)).is_permitted
