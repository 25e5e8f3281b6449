"""French typography: signs that stay with their word, and words that lose their last letter before a vowel.

Source strings are written with plain spaces; `tools.messages` puts the no-break ones into the compiled French catalogues.
Rules: Lexique des règles typographiques en usage à l'Imprimerie nationale, « Ponctuation » and « Élision ».
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

NO_BREAK: Final = "\u00a0"
NARROW: Final = "\u202f"

_SPACE = f"[ {NO_BREAK}{NARROW}]"
_BEFORE_HIGH_SIGN = re.compile(rf"{_SPACE}(?=[;!?])")
_BEFORE_WIDE_SIGN = re.compile(rf"{_SPACE}(?=[:»])")
_AFTER_OPENING = re.compile(rf"«{_SPACE}")
_BEFORE_PERCENT = re.compile(r" (?=%(?:%|[\s.,;:!?)»<]|$))")
_IN_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_BEFORE_ENGLISH_PERCENT = re.compile(rf"(?<=\d){_SPACE}(?=%)")
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:h|min|s|px|€)\b|€)")


def spaced(text: str) -> str:
    """French text whose signs, figures and units stay on the line of their word; done twice, it changes nothing more.

    A narrow no-break space before ; ! ? and between thousands, a no-break space before : » % and units, and after «.
    """
    text = _BEFORE_HIGH_SIGN.sub(NARROW, text)
    text = _BEFORE_WIDE_SIGN.sub(NO_BREAK, text)
    text = _AFTER_OPENING.sub(f"«{NO_BREAK}", text)
    text = _BEFORE_PERCENT.sub(NO_BREAK, text)
    text = _IN_THOUSANDS.sub(NARROW, text)
    return _BEFORE_UNIT.sub(NO_BREAK, text)


def percents_joined(text: str) -> str:
    """English text whose per cent signs touch their figure: « 91 % » becomes « 91% »."""
    return _BEFORE_ENGLISH_PERCENT.sub("", text)


SILENT_H: Final = frozenset(
    """
    hadrien hector hegesippe helena helene helie helier heliodore heloise henri henriette henrietta henry herbert hercule
    hermance hermann hermeline hermes hermine hermione herve herveline hilaire hilarion hilda hildegarde hippolyte homere
    honore honorine horace hortense hubert huberte hubertine hugo hugolin hugues huguette humbert hyacinthe hyppolite
    habitant hopital hote hotesse homme humain hebergement heure histoire
    """.split()
)
"""First names and words whose h is not heard, without accents; any other h keeps its « de », which is never wrong."""

KEPT_WHOLE: Final = frozenset("onze oui ouistiti uhlan yaourt yoga".split())

_TO_ELIDE = re.compile(rf"\b([Dd]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)e{_SPACE}((?:<[^>]*>)*)(?=(\w[\w-]*))")


def is_elided_before(word: str) -> bool:
    """Whether « de » becomes « d’ » before this word: a vowel, a silent h, or a y that is heard as a vowel (Yves, not Yann)."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(sign))
    plain = plain.replace("œ", "oe").replace("æ", "ae")
    first = plain.partition("-")[0]
    if first in KEPT_WHOLE:
        return False
    if first.startswith("h"):
        return first in SILENT_H
    if first.startswith("y"):
        return first[1:2] not in ("", *"aeiou")
    return first[:1] in tuple("aeiou")


def elided(text: str) -> str:
    """A French sentence in which names were put, with « de », « que » and their like as one says them: « d’Odette »."""

    def said(match: re.Match[str]) -> str:
        if not is_elided_before(match[3]):
            return match[0]
        return f"{match[1]}’{match[2]}"

    return _TO_ELIDE.sub(said, text)
