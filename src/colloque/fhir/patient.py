"""FHIR R4 `Patient` into who a person is, and back. Source: https://hl7.org/fhir/R4/patient.html"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import msgspec

from colloque.kernel.errors import InvalidInputError

_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}\Z")
_BIRTH = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")
_MOMENT = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?)?)?\Z")
_PREFERRED_USES = ("official", "usual", "")
_NOT_A_NAME_NOW = ("old", "maiden", "temp", "anonymous")
_GENDERS = ("female", "male", "other", "unknown")


class PatientDemographics(msgspec.Struct, frozen=True):
    """What is read of a Patient: its id in the sending system, name, birth, administrative gender, and whether they died.

    `birth_month` (first of the month) is known wherever year and month are; `birth_date` only with the day.
    """

    id: str
    given: str
    family: str
    birth_date: date | None = None
    birth_month: date | None = None
    sex: str = "unknown"
    is_deceased: bool = False


def demographics_of(resource: object) -> PatientDemographics:
    """Who the Patient is. Raises `InvalidInputError` (with `path`) where the id, the name or the birth cannot be read.

    Of several names the official one is taken, else the usual, else one without a use.
    """
    if not isinstance(resource, Mapping) or resource.get("resourceType") != "Patient":
        raise InvalidInputError("This is not a FHIR Patient.", path="resourceType")
    own_id = resource.get("id")
    if not isinstance(own_id, str) or not _FHIR_ID.match(own_id):
        raise InvalidInputError("The Patient has no id by which it could be found again.", path="Patient.id")
    sex = resource.get("gender", "unknown")
    if sex not in _GENDERS:
        raise InvalidInputError("The gender must be female, male, other or unknown.", path="Patient.gender")
    given, family = _name(resource.get("name"))
    birth_date, birth_month = _birth(resource.get("birthDate"))
    return PatientDemographics(own_id, given, family, birth_date, birth_month, str(sex), _is_deceased(resource))


def _is_deceased(resource: Mapping[str, object]) -> bool:
    """`deceased[x]`: true, or a moment however it is written; a record that gives both contradicts itself."""
    said, when = resource.get("deceasedBoolean"), resource.get("deceasedDateTime")
    if said is not None and not isinstance(said, bool):
        raise InvalidInputError("Whether the person died cannot be read.", path="Patient.deceasedBoolean")
    if when is not None and not (isinstance(when, str) and _MOMENT.match(when)):
        raise InvalidInputError("When the person died cannot be read.", path="Patient.deceasedDateTime")
    if said is not None and when is not None:
        raise InvalidInputError("The Patient says twice whether the person died.", path="Patient.deceasedDateTime")
    return bool(said) or when is not None


def _name(names: object) -> tuple[str, str]:
    usable = [n for n in names if isinstance(n, Mapping)] if isinstance(names, list) else []
    usable = [n for n in usable if n.get("use", "") not in _NOT_A_NAME_NOW]
    usable.sort(key=lambda n: _PREFERRED_USES.index(n.get("use", "")) if n.get("use", "") in _PREFERRED_USES else 9)
    for name in usable:
        family, given, text = name.get("family"), name.get("given"), name.get("text")
        first = " ".join(g for g in given if isinstance(g, str)) if isinstance(given, list) else ""
        if isinstance(family, str) and family.strip():
            return first, family
        if isinstance(text, str) and text.strip():
            return "", text
    raise InvalidInputError("The Patient has no name that can be read.", path="Patient.name")


def _birth(value: object) -> tuple[date | None, date | None]:
    if value is None:
        return None, None
    found = _BIRTH.match(value) if isinstance(value, str) else None
    if found is None:
        raise InvalidInputError("The date of birth cannot be read.", path="Patient.birthDate")
    year, month, day = found.groups()
    try:
        first = date(int(year), int(month), 1) if month else None
        return (date(int(year), int(month), int(day)) if day else None), first
    except ValueError as error:
        raise InvalidInputError("The date of birth cannot be read.", path="Patient.birthDate") from error
