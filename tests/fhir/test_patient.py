"""FHIR patients become who a person is."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from colloque.fhir.patient import demographics_of
from colloque.kernel.errors import InvalidInputError


def patient(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"use": "usual", "family": "Aubry", "given": ["Jeanne", "Élise"]}],
        "gender": "female",
        "birthDate": "1939-05-02",
        **changes,
    }


def test_each_synthetic_patient_can_be_read(shared_data: Path) -> None:
    files = sorted((shared_data / "fhir" / "synthea").glob("*.json"))
    assert len(files) >= 10
    for file in files:
        resources = [entry["resource"] for entry in json.loads(file.read_text(encoding="utf-8"))["entry"]]
        found = demographics_of(next(r for r in resources if r["resourceType"] == "Patient"))
        given, family = file.name.split("_")[:2]
        assert (found.given, found.family) == (given, family)
        assert found.birth_date is not None
        assert found.sex in {"male", "female"}
        assert found.is_deceased == ("deceasedDateTime" in file.read_text(encoding="utf-8"))


def test_the_official_name_comes_before_the_usual_and_a_maiden_name_is_not_taken() -> None:
    names = [
        {"use": "maiden", "family": "Petit"},
        {"use": "usual", "family": "Aubry"},
        {"use": "official", "family": "A"},
    ]
    assert demographics_of(patient(name=names)).family == "A"
    assert demographics_of(patient(name=[{"text": "Jeanne Aubry"}])).family == "Jeanne Aubry"


@pytest.mark.parametrize(
    ("born", "day", "month"),
    [
        ("1939-05-02", date(1939, 5, 2), date(1939, 5, 1)),
        ("1939-05", None, date(1939, 5, 1)),
        ("1939", None, None),
        (None, None, None),
    ],
)
def test_part_of_a_birth_date_is_kept_as_far_as_it_goes(born: str | None, day: date | None, month: date | None) -> None:
    found = demographics_of(patient(birthDate=born))
    assert (found.birth_date, found.birth_month) == (day, month)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"resourceType": "Person"}, "resourceType"),
        ({"id": None}, "Patient.id"),
        ({"id": "a b"}, "Patient.id"),
        ({"name": []}, "Patient.name"),
        ({"name": [{"use": "old", "family": "Petit"}]}, "Patient.name"),
        ({"name": "Jeanne"}, "Patient.name"),
        ({"birthDate": "1939-13-02"}, "Patient.birthDate"),
        ({"birthDate": "02/05/1939"}, "Patient.birthDate"),
        ({"birthDate": 1939}, "Patient.birthDate"),
        ({"gender": "F"}, "Patient.gender"),
        ({"gender": ["female"]}, "Patient.gender"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        demographics_of(patient(**changes))
    assert refused.value.path == path
    assert "Aubry" not in refused.value.message


@pytest.mark.parametrize(
    ("said", "is_deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2024"}, True),
        ({"deceasedDateTime": "2024-03-01"}, True),
        ({"deceasedDateTime": "2024-03-01T04:05:06.789+02:00"}, True),
    ],
)
def test_who_has_died_is_read_however_it_is_written(said: dict[str, object], is_deceased: bool) -> None:
    assert demographics_of(patient(**said)).is_deceased is is_deceased


@pytest.mark.parametrize(
    "said",
    [
        {"deceasedBoolean": "true"},
        {"deceasedDateTime": "hier"},
        {"deceasedDateTime": True},
        {"deceasedBoolean": False, "deceasedDateTime": "2024"},
    ],
)
def test_a_death_that_cannot_be_read_is_not_guessed(said: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        demographics_of(patient(**said))
    assert str(refused.value.path).startswith("Patient.deceased")
