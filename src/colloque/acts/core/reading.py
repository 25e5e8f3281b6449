"""What a carer reads in a situation before seeing anything of the AI, and how it compares with what the AI proposes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError, TamperedError

LONGEST_READING = 200
LONGEST_WORDS = 4000


class Sureness(StrEnum):
    """How sure the carer says to be."""

    SURE = "sure"
    RATHER_SURE = "rather-sure"
    UNSURE = "unsure"


class Conclusion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conclusion in words; `code` is empty when somebody wrote it freely, in their own language."""

    fr: str
    en: str = ""
    code: str = ""

    def words(self, language: str) -> str:
        """The words in French or English; the other language where one is missing."""
        return (self.en or self.fr) if language.startswith("en") else (self.fr or self.en)


class OwnReading(msgspec.Struct, frozen=True, omit_defaults=True):
    """One carer's own assessment."""

    reading: Conclusion
    sureness: Sureness
    words: str = ""
    v: int = 1


class Agreement(StrEnum):
    """How the own reading and the AI's compare; `unknown` where one of them has no coded conclusion."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def read_readings(stored: object) -> tuple[Conclusion, ...]:
    """The conclusions a service declares, as they are stored. Raises `InvalidInputError` for a list nobody could choose from."""
    try:
        readings = msgspec.convert(stored, tuple[Conclusion, ...])
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"The readings cannot be understood: {error}", path="readings") from error
    codes = [named.code for named in readings]
    if not all(codes) or len(set(codes)) != len(codes) or not all(named.fr for named in readings):
        raise InvalidInputError("Each reading needs a code of its own and its words.", path="readings")
    return readings


def own_reading(readings: Sequence[Conclusion], *, reading: str, sureness: str, words: str) -> OwnReading:
    """A checked own assessment.

    `reading` is the code of one of the service's `readings`, or free words where the service declares none.
    Raises `InvalidInputError` with a code of its own and `path` `reading`, `sureness` or `words`.
    """
    text = reading.strip()
    if not text:
        raise InvalidInputError("Say what you read before seeing the AI.", code="reading-missing", path="reading")
    if readings:
        chosen = next((named for named in readings if named.code == text), None)
        if chosen is None:
            raise InvalidInputError(
                "This reading is not one of those the service knows.", code="reading-unknown", path="reading"
            )
    elif len(text) > LONGEST_READING:
        raise InvalidInputError(
            f"A reading holds at most {LONGEST_READING} characters.", code="reading-too-long", path="reading"
        )
    else:
        chosen = Conclusion(fr=text)
    try:
        how_sure = Sureness(sureness)
    except ValueError as error:
        raise InvalidInputError("Say how sure you are.", code="sureness-missing", path="sureness") from error
    return OwnReading(reading=chosen, sureness=how_sure, words=checked_words(words, "words"))


def checked_words(words: str, path: str) -> str:
    """Free words without spaces around them. Raises `InvalidInputError` beyond 4 000 characters or with NUL."""
    text = words.strip()
    if len(text) > LONGEST_WORDS:
        raise InvalidInputError(
            f"These words are too long: {LONGEST_WORDS} characters at most.", code="words-too-long", path=path
        )
    if "\x00" in text:
        raise InvalidInputError("These words hold a character that cannot be kept.", code="words-characters", path=path)
    return text


def compare(own: Conclusion | None, proposed: Conclusion | None) -> Agreement:
    """Whether two coded conclusions are the same."""
    if own is None or proposed is None or not own.code or not proposed.code:
        return Agreement.UNKNOWN
    return Agreement.SAME if own.code == proposed.code else Agreement.DIFFERENT


def reading_bytes(reading: OwnReading) -> bytes:
    """What is sealed: canonical JSON."""
    return canonical_json(reading)


def read_reading(opened: bytes) -> OwnReading:
    """The own assessment again. Raises `TamperedError` if the bytes are not one."""
    try:
        return msgspec.json.decode(opened, type=OwnReading)
    except msgspec.MsgspecError as error:
        raise TamperedError("The sealed assessment cannot be read.", code="unreadable-assessment") from error
