"""Who a person is: the value that lies sealed, apart from care data."""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError

LONGEST_NAME = 120
LONGEST_IDENTIFIER = 200
EARLIEST_BIRTH = date(1890, 1, 1)


class Sex(StrEnum):
    """Administrative sex. Source: FHIR R4 value set `administrative-gender`."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Given and family name, date of birth, administrative sex."""

    given: str
    family: str
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN

    @property
    def full_name(self) -> str:
        """Given and family name, as one says them."""
        return f"{self.given} {self.family}".strip()


def identity_of(*, given: str, family: str, birth_date: date | None, sex: str, today: date) -> Identity:
    """A checked identity: names in Unicode NFC without control characters or doubled spaces.

    Raises `InvalidInputError` (with `path`) for an empty or overlong family name, a birth in the future or before 1890, a
    word for sex outside FHIR's four.
    """
    if birth_date is not None and not EARLIEST_BIRTH <= birth_date <= today:
        raise InvalidInputError("This date of birth is not possible.", code="birth-date", path="birth_date")
    try:
        known_sex = Sex(sex or Sex.UNKNOWN)
    except ValueError as error:
        raise InvalidInputError("The sex must be female, male, other or unknown.", code="sex", path="sex") from error
    return Identity(
        given=_name(given, "given", required=False),
        family=_name(family, "family", required=True),
        birth_date=birth_date,
        sex=known_sex,
    )


def identity_bytes(identity: Identity) -> bytes:
    """What is sealed: canonical JSON."""
    return canonical_json(identity)


def read_identity(opened: bytes) -> Identity:
    """The identity again from what was unsealed. Raises `TamperedError` if it is not one."""
    try:
        return msgspec.json.decode(opened, type=Identity)
    except msgspec.MsgspecError as error:
        raise TamperedError("The sealed identity cannot be read.", code="unreadable-identity") from error


def about_identity(person: UUID) -> bytes:
    """What the sealed bytes are about: an identity moved to another person's row does not open."""
    return f"identity/{person}".encode()


def identifier_text(value: str) -> str:
    """An identifier in the one form that is indexed: NFC, without spaces around it.

    Raises `InvalidInputError` if it is empty, longer than 200 characters or holds control characters.
    """
    text = unicodedata.normalize("NFC", value).strip()
    if not text or len(text) > LONGEST_IDENTIFIER or _has_controls(text):
        raise InvalidInputError("This identifier cannot be used.", code="identifier", path="identifier")
    return text


def _name(value: str, path: str, *, required: bool) -> str:
    if _has_controls(value):
        raise InvalidInputError(
            "A name holds letters, spaces, hyphens and apostrophes.", code="name-characters", path=path
        )
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if required and not text:
        raise InvalidInputError("The family name is missing.", code="name-missing", path=path)
    if len(text) > LONGEST_NAME:
        raise InvalidInputError(f"A name holds at most {LONGEST_NAME} characters.", code="name-length", path=path)
    return text


def _has_controls(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in text)
