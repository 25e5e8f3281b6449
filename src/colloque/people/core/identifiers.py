"""Identifiers of professionals, found again without the database holding them."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.sealing import Keyring

RPPS_DIGITS: Final = 11
_FHIR_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_NATIONAL_ID: Final = re.compile(r"8\d{11}")


def practitioner_digest(keyring: Keyring, system: UUID, practitioner: str) -> bytes:
    """The 32-byte blind index of a practitioner's FHIR id at one client system, with or without `Practitioner/` before it."""
    return keyring.blind_index(practitioner.removeprefix("Practitioner/"), about=f"practitioner/{system}")


def practitioner_id(text: str) -> str:
    """The FHIR id in what somebody typed: `Practitioner/123`, `123`, an absolute reference.

    Raises `InvalidInputError`. Source: FHIR R4, datatype id.
    """
    found = text.strip().rpartition("/")[2]
    if not _FHIR_ID.fullmatch(found):
        raise InvalidInputError("This is not the id of a Practitioner.", code="practitioner-id", path="practitioner")
    return found


def national_identifier(text: str) -> str:
    """A national identifier of a professional: `8` and the eleven digits of the RPPS, whichever way it was typed.

    Raises `InvalidInputError` where the digits or the check digit (Luhn) do not fit. Source: ANS, identifiant national de la
    personne (PS_IdNat), the `SubjectNameID` of Pro Santé Connect.
    """
    digits = re.sub(r"[\s.]", "", text)
    if len(digits) == RPPS_DIGITS:
        digits = f"8{digits}"
    if not _NATIONAL_ID.fullmatch(digits) or not _luhn(digits[1:]):
        raise InvalidInputError("This is not an RPPS number.", code="rpps", path="national_identifier")
    return digits


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def national_digest(keyring: Keyring, identifier: str) -> bytes:
    """The 32-byte blind index of a professional's national identifier."""
    return keyring.blind_index(identifier, about="national-identifier")
