"""The form by which a carer gives an AI its data where there is no electronic record, and the way back from FHIR to values.

Each input is one measured or chosen value. Its FHIR form is an `Observation`, or one component of the `Observation` whose
code it names; either way the same declaration minimises it as if it came from a record.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec

from colloque.kernel.canonical import Json
from colloque.kernel.errors import InvalidInputError

UCUM = "http://unitsofmeasure.org"
MOST_INPUTS = 100
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")

Value: TypeAlias = float | str | bool


class InputKind(StrEnum):
    """How a value is given."""

    QUANTITY = "quantity"
    CHOICE = "choice"
    BOOLEAN = "boolean"


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One possible answer of a choice: its code and its words."""

    code: str
    fr: str
    en: str


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One value a carer gives.

    `prefetch` is the declared key it fills; `system` and `code` say what it is; `observation` is the code (same system) of
    the observation it is a component of, empty when it is an observation of its own. `minimum` and `maximum` bound what can
    be typed, in `unit` (UCUM).
    """

    key: str
    prefetch: str
    system: str
    code: str
    fr: str
    en: str
    kind: InputKind = InputKind.QUANTITY
    observation: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    options: tuple[Option, ...] = ()
    required: bool = True
    group_fr: str = ""
    group_en: str = ""

    def label(self, language: str) -> str:
        """What is asked, in `language`."""
        return self.en if language.startswith("en") else self.fr

    def group(self, language: str) -> str:
        """The heading under which it is asked, in `language`; empty for none."""
        return self.group_en if language.startswith("en") else self.group_fr


def read_inputs(stored: object) -> tuple[Input, ...]:
    """The inputs of a service as they are stored. Raises `InvalidInputError` for a form that could not be filled."""
    try:
        inputs = msgspec.convert(stored, tuple[Input, ...])
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            f"The form of the data cannot be understood: {error}", code="unreadable", path="inputs"
        ) from error
    if len(inputs) > MOST_INPUTS:
        raise InvalidInputError(f"A form asks at most {MOST_INPUTS} values.", code="too-many", path="inputs")
    if len({i.key for i in inputs}) != len(inputs):
        raise InvalidInputError("Two values of the form have the same key.", code="same-key", path="inputs")
    for position, one in enumerate(inputs):
        if not _KEY.match(one.key) or not one.fr or not one.en:
            raise InvalidInputError(
                "Each value needs a key and its words in both languages.", code="input-words", path=f"inputs.{position}"
            )
        if (one.kind is InputKind.CHOICE) != bool(one.options):
            raise InvalidInputError(
                "A choice needs options, and only a choice has them.", code="input-options", path=f"inputs.{position}"
            )
        if one.minimum is not None and one.maximum is not None and one.minimum > one.maximum:
            raise InvalidInputError(
                "The smallest value is above the largest.", code="range-order", path=f"inputs.{position}"
            )
    return inputs


def read_readings(stored: object) -> tuple[Option, ...]:
    """The conclusions a carer or the AI may reach, as they are stored. Raises `InvalidInputError`."""
    try:
        readings = msgspec.convert(stored, tuple[Option, ...])
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            f"The possible readings cannot be understood: {error}", code="unreadable", path="readings"
        ) from error
    if len({reading.code for reading in readings}) != len(readings):
        raise InvalidInputError("Two possible readings have the same code.", code="same-key", path="readings")
    return readings


def prefetch_of(inputs: Sequence[Input], values: Mapping[str, Value], subject: str) -> dict[str, Json]:
    """What a record would have sent: by prefetch key, the observations that carry the values given by hand.

    `subject` is the reference of the person (`Patient/…`), replaced like any other when the data is minimised.
    """
    found: dict[str, dict[str, list[Json]]] = {}
    for one in inputs:
        if one.key not in values:
            continue
        part: dict[str, Json] = {"code": _concept(one.system, one.code), **_fhir_value(one, values[one.key])}
        name = f"{one.system}|{one.observation}" if one.observation else f"{one.system}|{one.code}"
        found.setdefault(one.prefetch, {}).setdefault(name, []).append(part)
    composed = {(i.prefetch, f"{i.system}|{i.observation}") for i in inputs if i.observation}
    prefetch: dict[str, Json] = {}
    for key, observations in found.items():
        resources: list[Json] = []
        for name, parts in observations.items():
            system, _, observation_code = name.rpartition("|")
            head: dict[str, Json] = {
                "resourceType": "Observation",
                "status": "preliminary",
                "subject": {"reference": subject},
            }
            if (key, name) in composed:
                resources.append({**head, "code": _concept(system, observation_code), "component": parts})
            else:
                resources += [{**head, **part} for part in parts if isinstance(part, Mapping)]
        prefetch[key] = (
            resources[0]
            if len(resources) == 1
            else {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in resources]}
        )
    return prefetch


def values_of(inputs: Sequence[Input], prefetch: Mapping[str, object]) -> dict[str, Value]:
    """The values the inputs name, read from FHIR data by code; what is absent or of another unit is left out.

    Where several observations carry the same code, the latest holds.
    """
    carried = {key: list(_coded_values(prefetch.get(key))) for key in {i.prefetch for i in inputs}}
    values: dict[str, Value] = {}
    for one in inputs:
        latest = ""
        for date, system, code, part in carried[one.prefetch]:
            if (system, code) == (one.system, one.code) and (one.key not in values or date > latest):
                value = _value_from(one, part)
                if value is not None:
                    values[one.key], latest = value, date
    return values


def _concept(system: str, code: str) -> dict[str, Json]:
    return {"coding": [{"system": system, "code": code}]}


def _fhir_value(one: Input, value: Value) -> dict[str, Json]:
    if one.kind is InputKind.BOOLEAN:
        return {"valueBoolean": bool(value)}
    if one.kind is InputKind.CHOICE:
        return {"valueCodeableConcept": _concept(one.system, str(value))}
    unit: dict[str, Json] = {"system": UCUM, "code": one.unit} if one.unit else {}
    return {"valueQuantity": {"value": float(value), **unit}}


def _value_from(one: Input, part: Mapping[str, object]) -> Value | None:
    if one.kind is InputKind.BOOLEAN:
        flag = part.get("valueBoolean")
        return flag if isinstance(flag, bool) else None
    if one.kind is InputKind.CHOICE:
        codes = [code for _, code in _codings(part.get("valueCodeableConcept"))]
        return next((option.code for option in one.options if option.code in codes), None)
    quantity = part.get("valueQuantity")
    if not isinstance(quantity, Mapping):
        return None
    number, unit = quantity.get("value"), quantity.get("code", quantity.get("unit", ""))
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        return None
    return float(number) if unit == one.unit and "comparator" not in quantity else None


def _coded_values(value: object) -> Iterator[tuple[str, str, str, Mapping[str, object]]]:
    for observation in _observations(value):
        date = observation.get("effectiveDateTime", "")
        date = date if isinstance(date, str) else ""
        components = observation.get("component")
        for part in (observation, *(components if isinstance(components, list) else ())):
            if isinstance(part, Mapping):
                for system, code in _codings(part.get("code")):
                    yield date, system, code, part


def _observations(value: object) -> Iterator[Mapping[str, object]]:
    if not isinstance(value, Mapping):
        return
    entries = value.get("entry") if value.get("resourceType") == "Bundle" else [{"resource": value}]
    for entry in entries if isinstance(entries, list) else []:
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(resource, Mapping) and resource.get("resourceType") == "Observation":
            yield resource


def _codings(concept: object) -> Iterator[tuple[str, str]]:
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for coding in codings if isinstance(codings, list) else []:
        if isinstance(coding, Mapping):
            system, code = coding.get("system", ""), coding.get("code")
            if isinstance(system, str) and isinstance(code, str):
                yield system, code
