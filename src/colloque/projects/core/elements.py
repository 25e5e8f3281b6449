"""Which elements of FHIR R4 resources a project may declare at all, and in which form each leaves the house.

The catalogue is an allow-list. What it does not name cannot be declared: names, addresses, telephone numbers, identifiers,
photographs, narratives, notes and every other free text are absent from it on purpose. Each value that leaves is built anew
from the parts named here, so that nothing travels along unseen (extensions, displays, texts).
Source: HL7 FHIR R4 (4.0.1), resource and data type definitions.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, Union

from colloque.kernel.canonical import Json

Pseudonym: TypeAlias = Callable[[str], str]
"""Gives for `Type/id` a stand-in that is the same each time and leads nowhere outside the house; valid as a FHIR id."""

Leaf: TypeAlias = Callable[[object, Pseudonym], Json]
"""The value in the form in which it may leave, or `None` when it may not."""

Tree: TypeAlias = Mapping[str, Union["Tree", Leaf]]

_CODE = re.compile(r"[^\s\x00-\x1f]{1,100}\Z")
_STATUS = re.compile(r"[a-z][a-z-]{0,39}\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:[^\s\x00-\x1f]{1,250}\Z")
_UNIT = re.compile(r"[A-Za-z0-9%/.*^\[\]{}()_'\"+µμ°-]{1,30}\Z")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?)?)?\Z")
_REFERENCE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]{1,63}/[A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]{1,64})?\Z")
_LARGEST = 2**53 - 1


def _text(pattern: re.Pattern[str]) -> Leaf:
    match = pattern.match

    def leaf(value: object, _: Pseudonym) -> Json:
        return value if isinstance(value, str) and match(value) else None

    return leaf


def _boolean(value: object, _: Pseudonym) -> Json:
    return value if isinstance(value, bool) else None


def _number(value: object, _: Pseudonym) -> Json:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) and abs(value) <= _LARGEST else None


def _gender(value: object, _: Pseudonym) -> Json:
    return value if isinstance(value, str) and value in {"male", "female", "other", "unknown"} else None


def _year(value: object, _: Pseudonym) -> Json:
    return value[:4] if isinstance(value, str) and _DATE.match(value) else None


def _comparator(value: object, _: Pseudonym) -> Json:
    return value if isinstance(value, str) and value in {"<", "<=", ">=", ">"} else None


def _reference(value: object, pseudonym: Pseudonym) -> Json:
    target = value.get("reference") if isinstance(value, dict) else None
    found = _REFERENCE.match(target) if isinstance(target, str) else None
    return {"reference": f"{found[1].split('/')[0]}/{pseudonym(found[1])}"} if found else None


code, status, uri, unit, when = _text(_CODE), _text(_STATUS), _text(_URI), _text(_UNIT), _text(_DATE)

CODING: Tree = {"system": uri, "version": code, "code": code}
CONCEPT: Tree = {"coding": CODING}
QUANTITY: Tree = {"value": _number, "comparator": _comparator, "unit": unit, "system": uri, "code": code}
RANGE: Tree = {"low": QUANTITY, "high": QUANTITY}
RATIO: Tree = {"numerator": QUANTITY, "denominator": QUANTITY}
PERIOD: Tree = {"start": when, "end": when}
REPEAT: Tree = {
    "frequency": _number,
    "frequencyMax": _number,
    "period": _number,
    "periodMax": _number,
    "periodUnit": code,
    "duration": _number,
    "durationUnit": code,
    "when": code,
    "timeOfDay": code,
    "dayOfWeek": code,
    "offset": _number,
    "boundsPeriod": PERIOD,
    "boundsDuration": QUANTITY,
}
TIMING: Tree = {"event": when, "repeat": REPEAT, "code": CONCEPT}
DOSAGE: Tree = {
    "sequence": _number,
    "timing": TIMING,
    "asNeededBoolean": _boolean,
    "asNeededCodeableConcept": CONCEPT,
    "site": CONCEPT,
    "route": CONCEPT,
    "method": CONCEPT,
    "doseAndRate": {
        "type": CONCEPT,
        "doseQuantity": QUANTITY,
        "doseRange": RANGE,
        "rateQuantity": QUANTITY,
        "rateRange": RANGE,
        "rateRatio": RATIO,
    },
    "maxDosePerPeriod": RATIO,
    "maxDosePerAdministration": QUANTITY,
}
_VALUES: Tree = {
    "valueQuantity": QUANTITY,
    "valueCodeableConcept": CONCEPT,
    "valueInteger": _number,
    "valueBoolean": _boolean,
    "valueRange": RANGE,
    "valueRatio": RATIO,
    "valueDateTime": when,
    "valuePeriod": PERIOD,
    "dataAbsentReason": CONCEPT,
    "interpretation": CONCEPT,
    "referenceRange": {"low": QUANTITY, "high": QUANTITY, "type": CONCEPT, "appliesTo": CONCEPT, "age": RANGE},
}
_LINKS: Tree = {"subject": _reference, "encounter": _reference}
_ONSET: Tree = {"onsetDateTime": when, "onsetAge": QUANTITY, "onsetPeriod": PERIOD, "onsetRange": RANGE}

CATALOGUE: Mapping[str, Tree] = {
    "Patient": {
        "gender": _gender,
        "birthDate": _year,
        "active": _boolean,
        "deceasedBoolean": _boolean,
        "deceasedDateTime": _year,
    },
    "Observation": {
        **_LINKS,
        **_VALUES,
        "status": status,
        "category": CONCEPT,
        "code": CONCEPT,
        "effectiveDateTime": when,
        "effectivePeriod": PERIOD,
        "issued": when,
        "bodySite": CONCEPT,
        "method": CONCEPT,
        "specimen": _reference,
        "component": {"code": CONCEPT, **_VALUES},
    },
    "Condition": {
        **_LINKS,
        **_ONSET,
        "clinicalStatus": CONCEPT,
        "verificationStatus": CONCEPT,
        "category": CONCEPT,
        "severity": CONCEPT,
        "code": CONCEPT,
        "bodySite": CONCEPT,
        "abatementDateTime": when,
        "abatementAge": QUANTITY,
        "recordedDate": when,
        "stage": {"summary": CONCEPT, "type": CONCEPT},
    },
    "MedicationRequest": {
        **_LINKS,
        "status": status,
        "intent": status,
        "category": CONCEPT,
        "priority": status,
        "doNotPerform": _boolean,
        "medicationCodeableConcept": CONCEPT,
        "authoredOn": when,
        "reasonCode": CONCEPT,
        "dosageInstruction": DOSAGE,
        "dispenseRequest": {
            "validityPeriod": PERIOD,
            "numberOfRepeatsAllowed": _number,
            "quantity": QUANTITY,
            "expectedSupplyDuration": QUANTITY,
        },
    },
    "MedicationStatement": {
        "subject": _reference,
        "status": status,
        "category": CONCEPT,
        "medicationCodeableConcept": CONCEPT,
        "effectiveDateTime": when,
        "effectivePeriod": PERIOD,
        "reasonCode": CONCEPT,
        "dosage": DOSAGE,
    },
    "AllergyIntolerance": {
        **_ONSET,
        "patient": _reference,
        "clinicalStatus": CONCEPT,
        "verificationStatus": CONCEPT,
        "type": status,
        "category": status,
        "criticality": status,
        "code": CONCEPT,
        "recordedDate": when,
        "reaction": {"substance": CONCEPT, "manifestation": CONCEPT, "severity": status},
    },
    "Procedure": {
        **_LINKS,
        "status": status,
        "category": CONCEPT,
        "code": CONCEPT,
        "performedDateTime": when,
        "performedPeriod": PERIOD,
        "reasonCode": CONCEPT,
        "bodySite": CONCEPT,
        "outcome": CONCEPT,
    },
    "Encounter": {
        "subject": _reference,
        "status": status,
        "class": CODING,
        "type": CONCEPT,
        "serviceType": CONCEPT,
        "priority": CONCEPT,
        "period": PERIOD,
        "reasonCode": CONCEPT,
    },
    "DiagnosticReport": {
        **_LINKS,
        "status": status,
        "category": CONCEPT,
        "code": CONCEPT,
        "effectiveDateTime": when,
        "effectivePeriod": PERIOD,
        "issued": when,
        "result": _reference,
        "conclusionCode": CONCEPT,
    },
    "ServiceRequest": {
        **_LINKS,
        "status": status,
        "intent": status,
        "category": CONCEPT,
        "priority": status,
        "code": CONCEPT,
        "occurrenceDateTime": when,
        "authoredOn": when,
        "reasonCode": CONCEPT,
        "bodySite": CONCEPT,
    },
    "Immunization": {
        "patient": _reference,
        "status": status,
        "vaccineCode": CONCEPT,
        "occurrenceDateTime": when,
    },
    "Specimen": {
        "subject": _reference,
        "status": status,
        "type": CONCEPT,
        "receivedTime": when,
        "collection": {"collectedDateTime": when, "method": CONCEPT, "bodySite": CONCEPT},
    },
    "QuestionnaireResponse": {
        **_LINKS,
        "status": status,
        "questionnaire": uri,
        "authored": when,
        "item": {
            "linkId": code,
            "answer": {
                "valueBoolean": _boolean,
                "valueDecimal": _number,
                "valueInteger": _number,
                "valueDate": when,
                "valueDateTime": when,
                "valueCoding": CODING,
                "valueQuantity": QUANTITY,
            },
        },
    },
    "Appointment": {
        "status": status,
        "serviceCategory": CONCEPT,
        "serviceType": CONCEPT,
        "specialty": CONCEPT,
        "appointmentType": CONCEPT,
        "reasonCode": CONCEPT,
        "start": when,
        "end": when,
        "minutesDuration": _number,
    },
}
