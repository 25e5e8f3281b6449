"""What makes a decision whole, and how a carer's reading compares with the AI's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.acts.core.decision import DecisionReason, HumanDecision, decision_bytes, human_decision, read_decision
from colloque.acts.core.reading import (
    Agreement,
    Conclusion,
    OwnReading,
    Sureness,
    compare,
    own_reading,
    read_reading,
    read_readings,
    reading_bytes,
)
from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.kernel.vocabulary import Outcome

BENIGN = Conclusion(code="benign", fr="plutôt bénin", en="rather benign")
MALIGNANT = Conclusion(code="malignant", fr="plutôt malin", en="rather malignant")
READINGS = (BENIGN, MALIGNANT)
OWN = OwnReading(reading=BENIGN, sureness=Sureness.RATHER_SURE)


def decided(outcome: str, **changed: object) -> HumanDecision:
    arguments: dict[str, object] = {
        "words": "",
        "retained": "",
        "patient_view": "",
        "proposed": MALIGNANT,
        "own": OWN,
        "readings": READINGS,
        **changed,
    }
    reasons = arguments.pop("reasons", ["seen-here"])
    return human_decision(outcome, reasons, **arguments)  # type: ignore[arg-type]


@pytest.mark.principle("A2")
def test_each_outcome_says_what_is_kept() -> None:
    assert decided("followed").retained == MALIGNANT
    assert decided("set-aside").retained == BENIGN
    assert decided("adapted", retained="benign").retained == BENIGN
    assert decided("adapted", retained="à revoir dans un mois").retained == Conclusion(fr="à revoir dans un mois")
    with pytest.raises(InvalidInputError) as refused:
        decided("adapted")
    assert refused.value.path == "retained"


@pytest.mark.principle("A2")
@pytest.mark.parametrize("outcome", ["followed", "adapted", "set-aside"])
def test_the_three_outcomes_ask_for_a_reason_alike(outcome: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decided(outcome, reasons=[], retained="benign")
    assert refused.value.path == "reasons"


@pytest.mark.principle("A1")
@pytest.mark.parametrize("outcome", ["abstained", "withheld", "expired", "", "accepted"])
def test_nothing_but_a_human_outcome_ends_an_act(outcome: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decided(outcome)
    assert refused.value.path == "outcome"


def test_another_reason_is_said_in_words() -> None:
    with pytest.raises(InvalidInputError) as refused:
        decided("followed", reasons=["other"])
    assert refused.value.path == "words"
    assert decided("followed", reasons=["other"], words="le prélèvement est ancien").words


def test_an_ehr_may_bring_its_own_codes_and_none_at_all() -> None:
    assert decided("set-aside", reasons=["patient-preference"], through_ehr=True).reasons == ("patient-preference",)
    assert decided("adapted", reasons=[], through_ehr=True).retained is None
    with pytest.raises(InvalidInputError):
        decided("set-aside", reasons=["patient-preference"])
    with pytest.raises(InvalidInputError):
        decided("set-aside", reasons=["<b>"], through_ehr=True)


def test_an_own_reading_comes_from_the_list_where_there_is_one() -> None:
    assert own_reading(READINGS, reading="benign", sureness="sure", words=" amas dense ").reading == BENIGN
    assert own_reading((), reading="douteux", sureness="unsure", words="").reading == Conclusion(fr="douteux")
    for wrong in ({"reading": "douteux"}, {"reading": ""}, {"sureness": "certain"}, {"words": "x" * 4001}):
        with pytest.raises(InvalidInputError) as refused:
            own_reading(READINGS, **{"reading": "benign", "sureness": "sure", "words": "", **wrong})
        assert refused.value.path == next(iter(wrong))


def test_declared_readings_have_a_code_and_words_each() -> None:
    stored = [{"code": "benign", "fr": "plutôt bénin", "en": "rather benign"}]
    assert read_readings(stored) == (BENIGN,)
    assert read_readings([]) == ()
    for wrong in ([{"code": "", "fr": "x"}], [*stored, *stored], [{"code": "x", "fr": ""}], {"benign": 1}, [1]):
        with pytest.raises(InvalidInputError):
            read_readings(wrong)


def test_readings_compare_by_code_and_free_words_do_not_compare() -> None:
    assert compare(BENIGN, BENIGN) is Agreement.SAME
    assert compare(BENIGN, MALIGNANT) is Agreement.DIFFERENT
    assert compare(Conclusion(fr="plutôt bénin"), BENIGN) is Agreement.UNKNOWN
    assert compare(None, BENIGN) is Agreement.UNKNOWN


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)


@given(
    st.sampled_from(["followed", "adapted", "set-aside"]),
    st.lists(st.sampled_from([r.value for r in DecisionReason]), min_size=1),
    texts,
    texts.filter(str.strip),
    texts,
)
def test_a_decision_reads_back_as_it_was_written(
    outcome: str, reasons: list[str], words: str, retained: str, view: str
) -> None:
    made = decided(outcome, reasons=reasons, words=words.strip() or "…", retained=retained, patient_view=view)
    assert read_decision(decision_bytes(made)) == made
    assert made.outcome in {Outcome.FOLLOWED, Outcome.ADAPTED, Outcome.SET_ASIDE}
    assert len(set(made.reasons)) == len(made.reasons)


@given(st.binary(max_size=80))
def test_other_bytes_are_no_reading_and_no_decision(opened: bytes) -> None:
    for read in (read_reading, read_decision):
        try:
            read(opened)
        except TamperedError:
            continue
    assert read_reading(reading_bytes(OWN)) == OWN
