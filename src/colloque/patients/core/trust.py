"""What a person may let a trusted person do in their name. Source: CSP art. L. 1111-6 (the trusted person)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError

LONGEST_NAME = 120
LONGEST_RELATION = 60
FEWEST_DIGITS, MOST_DIGITS = 4, 15
"""Source of the upper bound: ITU-T E.164, section 6.1."""


class Power(StrEnum):
    """One thing a trusted person may do. None of them brings another along."""

    SEE_CHOICES = "see-choices"
    GIVE_CHOICES = "give-choices"
    READ_JOURNAL = "read-journal"
    ASK_TO_TALK = "ask-to-talk"


class Trust(msgspec.Struct, frozen=True):
    """The powers a person gave to another, and for how long; `until` empty: until they are taken back."""

    powers: frozenset[Power]
    since: datetime
    until: datetime | None = None

    def lets(self, power: Power, at: datetime) -> bool:
        """Whether the trusted person may do this at this moment."""
        return power in self.powers and self.since <= at and (self.until is None or at < self.until)


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trusted person as people name them: what one knows by heart. It opens no access."""

    name: str
    relation: str = ""
    telephone: str = ""


def contact_of(*, name: str, relation: str, telephone: str) -> Contact:
    """A checked contact: one line each, without doubled spaces. Only the name is needed.

    Raises `InvalidInputError` with `path` `name`, `relation` or `telephone`.
    """
    kept = {"name": name, "relation": relation, "telephone": telephone}
    for path, longest in (("name", LONGEST_NAME), ("relation", LONGEST_RELATION), ("telephone", LONGEST_RELATION)):
        if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in kept[path]):
            raise InvalidInputError("This holds a character that cannot be kept.", code="contact-characters", path=path)
        kept[path] = " ".join(unicodedata.normalize("NFC", kept[path]).split())
        if len(kept[path]) > longest:
            raise InvalidInputError("This is too long.", code="contact-length", path=path)
    if not kept["name"]:
        raise InvalidInputError("Write the name of this person.", code="contact-name-missing", path="name")
    digits = sum(sign.isdecimal() for sign in kept["telephone"])
    if kept["telephone"] and not FEWEST_DIGITS <= digits <= MOST_DIGITS:
        raise InvalidInputError("This is no telephone number.", code="contact-telephone", path="telephone")
    return Contact(**kept)


def contact_bytes(contact: Contact) -> bytes:
    """What is sealed: canonical JSON."""
    return canonical_json(contact)


def read_contact(opened: bytes) -> Contact:
    """The contact again. Raises `TamperedError` if the bytes are not one."""
    try:
        return msgspec.json.decode(opened, type=Contact)
    except msgspec.MsgspecError as error:
        raise TamperedError("The sealed contact cannot be read.", code="unreadable-contact") from error


def powers_of(words: Iterable[str]) -> frozenset[Power]:
    """The powers for their words; answering needs seeing. Raises `InvalidInputError` for an unknown or empty set."""
    try:
        powers = frozenset(Power(word) for word in words)
    except ValueError as error:
        raise InvalidInputError("One of these powers does not exist.", code="power-unknown", path="powers") from error
    if not powers:
        raise InvalidInputError("Say what this person may do.", code="power-missing", path="powers")
    if Power.GIVE_CHOICES in powers and Power.SEE_CHOICES not in powers:
        raise InvalidInputError("Whoever answers for you must see your answers.", code="power-blind", path="powers")
    return powers
