"""How a person is found again from a record system's patient id, without the database holding that id."""

from __future__ import annotations

from uuid import UUID

from colloque.kernel.sealing import Keyring
from colloque.patients.core.identity import identifier_text


def patient_digest(keyring: Keyring, system: UUID, patient: str) -> bytes:
    """The 32-byte blind index of a patient's FHIR id at one client system, with or without `Patient/` before it.

    Raises `InvalidInputError` for what cannot be an identifier.
    """
    return keyring.blind_index(identifier_text(patient).removeprefix("Patient/"), about=f"patient/{system}")
