"""Reads the measurements out of what a CDS Client prefetched: a FHIR R4 Observation, alone or in a searchset Bundle.

Only the measurements are looked at. Names, dates, identifiers and anything else the client may have sent are never read.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from typing import Any, cast

from colloque.reference_ai.features import CODE_SYSTEM, OBSERVATION_CODE, UCUM, Feature

USABLE_STATUSES = frozenset({"preliminary", "final", "amended", "corrected"})


class MeasurementError(Exception):
    """The data cannot be used: `code` is stable, `where` a path into the data; `missing` tells absent from wrong."""

    def __init__(self, code: str, message: str, where: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.where = where
        self.missing = missing


def _codings(concept: Any) -> Iterator[tuple[Any, Any]]:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict):
            yield coding.get("system"), coding.get("code")


def _is_coded(observation: Any, system: str, code: str) -> bool:
    return (
        isinstance(observation, dict)
        and observation.get("resourceType") == "Observation"
        and (system, code) in _codings(observation.get("code"))
    )


def find_observation(prefetched: Any) -> dict[str, Any] | None:
    """The first observation of nuclei in what was prefetched; see `find_coded`."""
    return find_coded(prefetched, CODE_SYSTEM, OBSERVATION_CODE)


def find_coded(prefetched: Any, system: str, code: str) -> dict[str, Any] | None:
    """The first observation of this code in what was prefetched, or None when the patient has none.

    Raises MeasurementError on anything that is neither an Observation nor a Bundle, or that reports a failed search.
    """
    if prefetched is None:
        return None
    kind = prefetched.get("resourceType") if isinstance(prefetched, dict) else None
    if kind == "OperationOutcome":
        raise MeasurementError("prefetch-failed", "The client could not read the measurements.", "", missing=True)
    if kind == "Observation":
        if not _is_coded(prefetched, system, code):
            raise MeasurementError("other-observation", f"The observation is not coded {code}.", ".code", missing=True)
        return cast(dict[str, Any], prefetched)
    if kind != "Bundle":
        raise MeasurementError("wrong-resource", "Expected an Observation or a Bundle.", ".resourceType")
    entries = prefetched.get("entry", [])
    if not isinstance(entries, list):
        raise MeasurementError("wrong-type", "Bundle.entry must be a list.", ".entry")
    resources = [resource for entry in entries if isinstance(resource := _field(entry, "resource"), dict)]
    for resource in resources:
        if _is_coded(resource, system, code):
            return resource
    if any(resource.get("resourceType") == "OperationOutcome" for resource in resources):
        raise MeasurementError("prefetch-failed", "The client could not read the measurements.", ".entry", missing=True)
    return None


def read(observation: dict[str, Any], wanted: Sequence[Feature]) -> dict[str, float]:
    """The wanted measurements by code, finite and ≥ 0, each in the unit it was learned in.

    Raises MeasurementError when one is absent (`missing`), given twice, in another unit, or no usable number.
    """
    by_code = {feature.code: feature for feature in wanted}
    values: dict[str, float] = {}
    for code, component, where in components_of(observation, CODE_SYSTEM, by_code):
        values[code] = _quantity(by_code[code], _field(component, "valueQuantity"), f"{where}.valueQuantity")
    absent = [feature.code for feature in wanted if feature.code not in values]
    if absent:
        raise MeasurementError("missing", f"Missing: {', '.join(absent)}.", ".component", missing=True)
    return values


def components_of(
    observation: dict[str, Any], system: str, known: Container[str]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The known components of an observation: code, component, path. Raises MeasurementError for one given twice."""
    status = observation.get("status")
    if not isinstance(status, str) or status not in USABLE_STATUSES:
        raise MeasurementError("status", "The observation is not a result that can be used.", ".status", missing=True)
    components = observation.get("component")
    if not isinstance(components, list):
        raise MeasurementError("no-component", "The observation carries no measurement.", ".component", missing=True)
    seen: set[str] = set()
    for number, component in enumerate(components):
        for its_system, code in _codings(_field(component, "code")):
            if its_system == system and isinstance(code, str) and code in known:
                where = f".component[{number}]"
                if code in seen:
                    raise MeasurementError("twice", f"{code} is given twice.", where)
                seen.add(code)
                yield code, component, where


def _field(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else None


def _quantity(feature: Feature, quantity: Any, where: str) -> float:
    if not isinstance(quantity, dict):
        raise MeasurementError("missing", f"{feature.code} has no value.", where, missing=True)
    if quantity.get("comparator") is not None:
        raise MeasurementError("comparator", f"{feature.code} must be an exact value.", f"{where}.comparator")
    if quantity.get("system") != UCUM or quantity.get("code") != feature.unit:
        raise MeasurementError("unit", f"{feature.code} must be in {feature.unit} ({UCUM}).", f"{where}.code")
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MeasurementError("not-a-number", f"{feature.code} must be a number.", f"{where}.value")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < 0:
        raise MeasurementError("impossible", f"{feature.code} must be finite and not negative.", f"{where}.value")
    return number
