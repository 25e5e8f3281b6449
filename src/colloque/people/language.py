"""The language somebody reads a page in."""

from typing import Final

from django.utils.translation import get_language

FRENCH: Final = "fr"
ENGLISH: Final = "en"


def page_language() -> str:
    """`fr` or `en`: the language of the page being made; French where none was chosen."""
    return ENGLISH if (get_language() or FRENCH).startswith(ENGLISH) else FRENCH


def is_english() -> bool:
    """Whether the page being made is in English."""
    return page_language() == ENGLISH
