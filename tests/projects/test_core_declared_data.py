"""Only what was declared leaves; names, texts and identifiers cannot be declared at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError
from colloque.projects.core.declared_data import Declaration, minimise
from colloque.projects.core.elements import CATALOGUE


def pseudonym(reference: str) -> str:
    return f"p{sum(reference.encode()):x}"


def declaring(*fields: str, query: str = "Patient/{{context.patientId}}", **more: object) -> dict[str, object]:
    return {"data": {"query": query, "fields": list(fields), **more}}


PATIENT = {
    "resourceType": "Patient",
    "id": "123",
    "meta": {"source": "urn:secret"},
    "text": {"status": "generated", "div": "<div>Jeanne Aubry</div>"},
    "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "239057511112233"}],
    "name": [{"family": "Aubry", "given": ["Jeanne"]}],
    "telecom": [{"system": "phone", "value": "0600000000"}],
    "gender": "female",
    "_gender": {"extension": [{"url": "x", "valueString": "Aubry"}]},
    "birthDate": "1939-05-02",
    "address": [{"city": "Nantes"}],
    "extension": [{"url": "x", "valueString": "Aubry"}],
}


@pytest.mark.principle("G5")
def test_only_declared_elements_leave_and_the_birth_date_keeps_its_year() -> None:
    kept = minimise(declaring("Patient.gender", "Patient.birthDate"), {"data": PATIENT, "more": PATIENT}, pseudonym)
    assert kept.prefetch == {"data": {"resourceType": "Patient", "gender": "female", "birthDate": "1939"}}
    assert kept.missing == ()


@pytest.mark.parametrize(
    "field",
    [
        "Patient.name",
        "Patient.name.family",
        "Patient.identifier",
        "Patient.telecom",
        "Patient.address",
        "Patient.photo",
        "Patient.text",
        "Patient.extension",
        "Patient.contact.name",
        "Observation.note",
        "Observation.valueString",
        "Observation.code.text",
        "Observation.code.coding.display",
        "Observation.status.further",
        "Observation",
        "Observation.",
        "Practitioner.name",
        "Nothing.at.all",
        "",
        ".",
    ],
)
@pytest.mark.principle("G5")
def test_what_may_not_leave_is_refused_when_it_is_declared(field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Declaration(declaring("Patient.gender", field))
    assert refused.value.code == "not-declarable"
    assert refused.value.path == "prefetch.data.fields.1"


@pytest.mark.parametrize(
    "prefetch",
    [
        [],
        {"data": {}},
        {"data": {"query": "Patient/{{context.patientId}}", "fields": []}},
        {"data": {"query": "https://elsewhere.example/Patient/1", "fields": ["Patient.gender"]}},
        {"data": {"query": "../Patient/1", "fields": ["Patient.gender"]}},
        {"data": {"query": "Person/{{context.patientId}}", "fields": ["Patient.gender"]}},
        {"a b": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"]}},
        {"data": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"], "surprise": 1}},
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(prefetch: object) -> None:
    with pytest.raises(InvalidInputError):
        Declaration(prefetch)


def test_ids_and_references_leave_as_the_same_pseudonym() -> None:
    observation = {
        "resourceType": "Observation",
        "id": "o1",
        "subject": {"reference": "https://ehr.example/fhir/Patient/123/_history/2", "display": "Jeanne Aubry"},
        "encounter": {"reference": "#contained"},
        "valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }
    declared = declaring(
        "Patient.id",
        "Observation.id",
        "Observation.subject",
        "Observation.encounter",
        "Observation.valueQuantity.value",
        query="Observation?patient={{context.patientId}}",
    )
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": observation}, {"resource": 7}]}
    kept = minimise(declared, {"data": bundle}, pseudonym).prefetch["data"]
    assert kept == {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": pseudonym("Patient/123")}},
            {
                "resource": {
                    "resourceType": "Observation",
                    "id": pseudonym("Observation/o1"),
                    "subject": {"reference": f"Patient/{pseudonym('Patient/123')}"},
                    "valueQuantity": {"value": 71.5},
                }
            },
        ],
    }


def test_a_required_key_of_which_nothing_is_left_is_missing() -> None:
    declared = {
        "needed": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"]},
        "spare": {"query": "Patient/{{context.patientId}}", "fields": ["Patient.gender"], "required": False},
    }
    nothing = {"needed": {"resourceType": "Patient", "name": [{"family": "Aubry"}]}, "spare": None}
    assert minimise(declared, nothing, pseudonym).missing == ("needed",)
    assert minimise(declared, {}, pseudonym).prefetch == {}


def all_paths(tree: Any, prefix: str) -> list[str]:
    if not hasattr(tree, "items"):
        return [prefix]
    return [prefix, *(path for name, part in tree.items() for path in all_paths(part, f"{prefix}.{name}"))]


EVERY_PATH = [
    path for resource, tree in CATALOGUE.items() for path in all_paths(tree, resource) if path not in CATALOGUE
]


def strings_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [s for key, part in value.items() for s in (key, *strings_in(part))]
    if isinstance(value, list):
        return [s for part in value for s in strings_in(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.principle("G5")
def test_nothing_that_names_a_real_synthetic_patient_leaves_even_if_all_is_declared(shared_data: Path) -> None:
    declared = Declaration(
        {f"d{n}": {"query": "Patient", "fields": EVERY_PATH[n : n + 100]} for n in range(0, len(EVERY_PATH), 100)}
    )
    for file in sorted((shared_data / "fhir" / "synthea").glob("*.json")):
        bundle = json.loads(file.read_text(encoding="utf-8"))
        resources = [entry["resource"] for entry in bundle["entry"]]
        patient = next(r for r in resources if r["resourceType"] == "Patient")
        names = [patient["name"][0]["family"], *patient["name"][0]["given"]]
        secrets = [
            *names,
            patient["id"],
            *(identifier["value"] for identifier in patient["identifier"]),
            *(telecom["value"] for telecom in patient["telecom"]),
            *(line for address in patient["address"] for line in address["line"]),
        ]
        kept: Any = declared.minimise(dict.fromkeys(declared.keys, bundle), pseudonym)
        assert "d0" in kept.prefetch, "the test means nothing if nothing leaves"
        left = " ".join(strings_in(kept.prefetch))
        assert [secret for secret in secrets if secret in left] == []
        birth = next(e["resource"]["birthDate"] for e in kept.prefetch["d0"]["entry"] if "birthDate" in e["resource"])
        assert birth == patient["birthDate"][:4]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "entry",
                    "resource",
                    "code",
                    "coding",
                    "system",
                    "value",
                    "valueQuantity",
                    "component",
                    "id",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(json_values, st.sampled_from(["Observation", "Bundle", "Patient"]))
def test_whatever_comes_in_what_leaves_is_declared_and_plain(value: Any, kind: str) -> None:
    if isinstance(value, dict):
        value = {**value, "resourceType": kind}
    declared = declaring(*EVERY_PATH[:100])
    kept = minimise(declared, {"data": value}, pseudonym)
    canonical_json(kept.prefetch)
    assert kept.missing == (() if kept.prefetch else ("data",))
    again = minimise(declared, kept.prefetch, lambda r: r.split("/")[1])
    assert again.prefetch == kept.prefetch, "what was minimised once stays as it is"
