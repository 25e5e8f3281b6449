"""A value typed by hand becomes FHIR, and comes back from FHIR the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError
from colloque.projects.core.declared_data import Declaration
from colloque.projects.core.inputs import Value, prefetch_of, read_inputs, values_of

SYSTEM = "urn:uuid:3c0c5a52-6f0e-4d0c-9b52-8d8d4a1f7e61"
FORM: list[dict[str, object]] = [
    {"key": "radius", "prefetch": "nuclei", "system": SYSTEM, "code": "radius-mean", "observation": "nuclei",
     "fr": "Rayon", "en": "Radius", "unit": "{pixel}", "minimum": 0, "maximum": 50},
    {"key": "texture", "prefetch": "nuclei", "system": SYSTEM, "code": "texture-mean", "observation": "nuclei",
     "fr": "Texture", "en": "Texture", "unit": "1"},
    {"key": "weight", "prefetch": "signs", "system": "http://loinc.org", "code": "29463-7", "fr": "Poids", "en": "Weight",
     "unit": "kg"},
    {"key": "fell", "prefetch": "signs", "system": SYSTEM, "code": "fell", "fr": "Chute", "en": "Fall", "kind": "boolean"},
    {"key": "gait", "prefetch": "signs", "system": SYSTEM, "code": "gait", "fr": "Marche", "en": "Gait", "kind": "choice",
     "options": [{"code": "steady", "fr": "Sûre", "en": "Steady"}, {"code": "unsteady", "fr": "Incertaine",
                                                                   "en": "Unsteady"}]},
]  # fmt: skip
DECLARED = Declaration(
    {
        key: {
            "query": "Observation?patient={{context.patientId}}",
            "fields": ["Observation.code", "Observation.valueQuantity", "Observation.valueBoolean",
                       "Observation.valueCodeableConcept", "Observation.component"],
        }
        for key in ("nuclei", "signs")
    }
)  # fmt: skip


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "radius": st.floats(0, 50),
            "texture": st.floats(-1e6, 1e6),
            "weight": st.floats(0, 300),
            "fell": st.booleans(),
            "gait": st.sampled_from(["steady", "unsteady"]),
        },
    )
)
def test_values_survive_the_way_through_fhir_and_minimisation(values: dict[str, Value]) -> None:
    inputs = read_inputs(FORM)
    kept = DECLARED.minimise(prefetch_of(inputs, values, "Patient/1"), lambda reference: "x")
    assert values_of(inputs, kept.prefetch) == values


def test_a_value_in_another_unit_is_not_a_value() -> None:
    inputs = read_inputs(FORM[2:3])
    pounds = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "valueQuantity": {"value": 150, "code": "[lb_av]"},
    }
    assert values_of(inputs, {"signs": pounds}) == {}


def test_the_latest_of_several_holds() -> None:
    inputs = read_inputs(FORM[2:3])
    entries = [
        {
            "resource": {
                "resourceType": "Observation",
                "effectiveDateTime": day,
                "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
                "valueQuantity": {"value": value, "code": "kg"},
            }
        }
        for day, value in [("2026-01-02", 70), ("2026-02-02", 71), ("2025-02-02", 69)]
    ]
    assert values_of(inputs, {"signs": {"resourceType": "Bundle", "entry": entries}}) == {"weight": 71.0}


@pytest.mark.parametrize(
    "change",
    [{"key": "A b"}, {"fr": ""}, {"kind": "choice"}, {"minimum": 3, "maximum": 2}, {"surprise": 1}, {"kind": "text"}],
)
def test_a_form_nobody_could_fill_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        read_inputs([{**FORM[2], **change}])


def test_two_values_with_one_key_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        read_inputs([FORM[2], FORM[2]])
