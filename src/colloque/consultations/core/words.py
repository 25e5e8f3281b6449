"""The words of a statement: cleaned of what deceives the eye, never changed in what they say."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from colloque.consultations.core.moderation import LONGEST_STATEMENT
from colloque.kernel.errors import InvalidInputError

SHORTEST_STATEMENT: Final = 8
_SPACES: Final = re.compile(r"\s+")


def cleaned(text: str) -> str:
    """The text in one line, composed (NFC), without control signs, bidirectional overrides or invisible signs.

    Joiners that scripts and emoji need (U+200C, U+200D) stay between visible signs. Source: Unicode UAX #9, UAX #31.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(sign if _stays(sign) else " " if sign.isspace() else "" for sign in composed)
    return _SPACES.sub(" ", visible).strip(" \u200c\u200d")


def _stays(sign: str) -> bool:
    if sign in "\u200c\u200d":
        return True
    return unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def statement_words(text: str) -> str:
    """The words of a statement somebody wrote.

    Raises `InvalidInputError` with code `empty`, `short` (under 8 characters) or `long` (over 280, as seen by a reader).
    """
    words = cleaned(text)
    if not any(sign.isalpha() for sign in words):
        raise InvalidInputError("A statement says something.", code="empty")
    if len(words) < SHORTEST_STATEMENT:
        raise InvalidInputError("A statement is a sentence.", code="short")
    if len(words) > LONGEST_STATEMENT:
        raise InvalidInputError(
            f"A statement has at most {LONGEST_STATEMENT} characters, this one has {len(words)}.", code="long"
        )
    return words
