"""Opening what lies sealed about a person."""

from __future__ import annotations

from colloque.kernel.sealing import unseal
from colloque.ledger.queries import find_subject_key
from colloque.patients.models import Person


def opened(person: Person, sealed: bytes | memoryview, about: bytes) -> bytes | None:
    """The plain bytes; None once the person was erased. Raises `TamperedError` for what should open and does not."""
    if person.erased_at is not None:
        return None
    found = find_subject_key(person.id)
    return None if found is None else unseal(found.key, bytes(sealed), about=about)
