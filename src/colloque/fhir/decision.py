"""The record of a human decision as a FHIR R4 document: who decided what, why, and what the person says of it.

What an AI had proposed is not in it, nor whether the decision departs from it: the norm is what the carer judged. The
document says that an AI was consulted, which one, and where its word is kept.
Source: HL7 FHIR R4 (4.0.1), "Documents", `Composition`, `ClinicalImpression`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID, uuid5

XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True)
class Section:
    """One part of the record: its title and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class ToldDecision:
    """What is told of a decision. `conclusion` is what the carer retains; `sections` in the order in which one reads."""

    act: UUID
    person: UUID
    person_name: str
    carer: UUID
    carer_name: str
    carer_profession: str
    house: UUID
    house_name: str
    at: datetime
    title: str
    kind: str
    conclusion: str
    sections: tuple[Section, ...]
    language: str


def decision_document(told: ToldDecision) -> dict[str, Any]:
    """A `Bundle` of type `document`: composition first, then the impression, the person, the carer and the house.

    Entries refer to each other by `urn:uuid:`, so that the document stands alone.
    """
    at = told.at.isoformat(timespec="seconds")
    person, carer, house = f"urn:uuid:{told.person}", f"urn:uuid:{told.carer}", f"urn:uuid:{told.house}"
    impression = f"urn:uuid:{uuid5(told.act, 'clinical-impression')}"
    composition = {
        "resourceType": "Composition",
        "language": told.language,
        "text": _narrative(told.sections, told.title),
        "status": "final",
        "type": {"text": told.title},
        "subject": {"reference": person, "display": told.person_name},
        "date": at,
        "author": [{"reference": carer, "display": told.carer_name}],
        "title": told.title,
        "attester": [{"mode": "professional", "time": at, "party": {"reference": carer}}],
        "custodian": {"reference": house},
        "section": [
            {"title": section.title, "text": _narrative((section,), section.title), **_entry(place, impression)}
            for place, section in enumerate(told.sections)
        ],
    }
    resources: Mapping[str, Mapping[str, Any]] = {
        f"urn:uuid:{uuid5(told.act, 'composition')}": composition,
        impression: _impression(told, person, carer, at),
        person: {"resourceType": "Patient", "id": str(told.person), "name": [{"text": told.person_name}]},
        carer: _practitioner(told),
        house: {"resourceType": "Organization", "id": str(told.house), "name": told.house_name},
    }
    return {
        "resourceType": "Bundle",
        "language": told.language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{told.act}"},
        "type": "document",
        "timestamp": at,
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in resources.items()],
    }


def _impression(told: ToldDecision, person: str, carer: str, at: str) -> dict[str, Any]:
    impression: dict[str, Any] = {
        "resourceType": "ClinicalImpression",
        "status": "completed",
        "description": told.kind,
        "subject": {"reference": person},
        "effectiveDateTime": at,
        "date": at,
        "assessor": {"reference": carer, "display": told.carer_name},
    }
    if told.conclusion:
        impression["summary"] = told.conclusion
        impression["finding"] = [{"itemCodeableConcept": {"text": told.conclusion}}]
    return impression


def _practitioner(told: ToldDecision) -> dict[str, Any]:
    practitioner: dict[str, Any] = {
        "resourceType": "Practitioner",
        "id": str(told.carer),
        "name": [{"text": told.carer_name}],
    }
    if told.carer_profession:
        practitioner["qualification"] = [{"code": {"text": told.carer_profession}}]
    return practitioner


def _entry(place: int, impression: str) -> dict[str, Any]:
    return {"entry": [{"reference": impression}]} if place == 0 else {}


def _narrative(sections: Sequence[Section], title: str) -> dict[str, str]:
    body = "".join(
        (f"<h2>{escape(section.title)}</h2>" if section.title != title else "")
        + "".join(f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
        for section in sections
    )
    return {"status": "generated", "div": f'<div xmlns="{XHTML}">{body}</div>'}
