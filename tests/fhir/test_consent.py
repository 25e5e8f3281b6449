"""FHIR consents about AI become answers, whole or not at all."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.fhir.consent import ConsentAnswers, ConsentChoice, consent_answers
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer

EXAMPLE = "https://example.org/fhir/CodeSystem/ai-act"
CODES = {
    (EXAMPLE, "imaging-read"): ActKind.IMAGING_READING,
    (EXAMPLE, "triage"): ActKind.CLINICAL_DIAGNOSIS_AID,
}


def a_consent(*provisions: dict[str, Any], policy: str = "OPTIN") -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "dateTime": "2026-11-23T10:00:00Z",
        "policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": policy}]},
        "provision": {"provision": list(provisions)},
    }


REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
DENY_IMAGING = {
    "type": "deny",
    "purpose": [{"system": REASON, "code": "TREATDS"}],
    "code": [{"coding": [{"system": EXAMPLE, "code": "imaging-read"}]}],
}


def shared(shared_data: Path, name: str) -> ConsentAnswers:
    return consent_answers(json.loads((shared_data / "fhir" / "consent" / name).read_text(encoding="utf-8")), CODES)


def test_a_refused_act_is_a_no_for_that_kind_and_silence_stays_silence(shared_data: Path) -> None:
    answers = shared(shared_data, "refuse-all-ai-for-act-x.json")
    assert answers.patient == "Patient/p1"
    assert answers.choices == (ConsentChoice(ChoiceAnswer.NO, ActKind.IMAGING_READING),)
    assert answers.training is None


def test_one_ai_only_with_a_human_refuses_the_others(shared_data: Path) -> None:
    answers = shared(shared_data, "accept-ai-y-only-with-human.json")
    first, *others = answers.choices
    assert first == ConsentChoice(ChoiceAnswer.WITH_HUMAN, ActKind.CLINICAL_DIAGNOSIS_AID, "Device/ai-y")
    assert {c.act_kind for c in others} == set(ActKind)
    assert {c.answer for c in others if c.act_kind is not ActKind.CLINICAL_DIAGNOSIS_AID} == {ChoiceAnswer.NO}
    assert ConsentChoice(ChoiceAnswer.ASK_EACH_TIME, ActKind.CLINICAL_DIAGNOSIS_AID) in others
    assert answers.training is False, "an opt-out lets nobody learn"


def test_no_training_says_nothing_about_care(shared_data: Path) -> None:
    answers = shared(shared_data, "no-training.json")
    assert answers.choices == ()
    assert answers.training is False


def test_an_opt_out_without_exception_is_a_no_to_all_ai() -> None:
    assert consent_answers(a_consent(policy="OPTOUT"), CODES).choices == (ConsentChoice(ChoiceAnswer.NO),)


def test_denying_everything_denies_learning_too() -> None:
    answers = consent_answers(a_consent({"type": "deny"}), CODES)
    assert answers.choices == (ConsentChoice(ChoiceAnswer.NO),)
    assert answers.training is False


def test_of_two_answers_to_one_question_the_refusal_is_kept() -> None:
    permit = {**DENY_IMAGING, "type": "permit"}
    for pair in ((DENY_IMAGING, permit), (permit, DENY_IMAGING)):
        assert consent_answers(a_consent(*pair), CODES).choices == (
            ConsentChoice(ChoiceAnswer.NO, ActKind.IMAGING_READING),
        )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": "inactive"}, "Consent.status"),
        ({"status": "entered-in-error"}, "Consent.status"),
        ({"resourceType": "Patient"}, "resourceType"),
        ({"provision": {"type": "permit", "provision": []}}, "Consent.provision"),
        ({"provision": None}, "Consent.provision"),
        ({"dateTime": "yesterday"}, "Consent.dateTime"),
        ({"dateTime": "2026-11-23T10:00:00"}, "Consent.dateTime"),
        ({"patient": {"display": "Jeanne"}}, "Consent.patient"),
        ({"modifierExtension": [{"url": "x"}]}, "Consent.modifierExtension"),
        ({"policyRule": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTOUTE"}]}},
         "Consent.policyRule"),
    ],
)  # fmt: skip
def test_a_consent_that_cannot_be_read_whole_is_refused(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        consent_answers({**a_consent(DENY_IMAGING), **change}, CODES)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "maybe"}, "type"),
        ({"period": {"end": "2027-01-01"}}, "period"),
        ({"data": [{"meaning": "instance"}]}, "data"),
        ({"securityLabel": [{"code": "R"}]}, "securityLabel"),
        ({"provision": [DENY_IMAGING]}, "provision"),
        ({"code": [{"coding": [{"system": EXAMPLE, "code": "unheard-of"}]}]}, "code.0"),
        ({"code": {"coding": []}}, "code"),
        ({"actor": [{"reference": {"reference": "Practitioner/1"}}]}, "actor.0"),
        ({"modifierExtension": [{"url": "https://example.org/only-on-mondays", "valueBoolean": True}]},
         "modifierExtension.0"),
        ({"action": [{"coding": [{"system": "x", "code": "disclose"}]}]}, "action"),
    ],
)  # fmt: skip
def test_a_provision_that_could_not_be_kept_refuses_the_whole(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        consent_answers(a_consent(DENY_IMAGING, {**DENY_IMAGING, **change}), CODES)
    assert refused.value.path == f"Consent.provision.provision.1.{path}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "code", "coding", "system", "purpose", "actor", "reference", "extension", "url"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(sorted({*a_consent(), *DENY_IMAGING, "actor", "modifierExtension"})), json_values)
def test_nothing_that_comes_in_surprises(key: str, value: Any) -> None:
    consent = copy.deepcopy(a_consent(DENY_IMAGING))
    for place in (consent, consent["provision"]["provision"][0]):
        broken = {**place, key: value}
        try:
            answers = consent_answers(a_consent(broken) if place is not consent else broken, CODES)
        except InvalidInputError:
            continue
        assert all(choice.answer is not ChoiceAnswer.UNKNOWN for choice in answers.choices)
