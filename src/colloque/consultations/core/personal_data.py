"""What in a text seems to point at somebody. It warns whoever reads before publication, and decides nothing by itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Personal(StrEnum):
    """Kinds of personal data that a text seems to hold."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    ROOM = "room"
    NATIONAL_NUMBER = "national-number"
    LINK = "link"


_EMAIL: Final = re.compile(r"[\w.+-]+\s?(?:@|\[at\]|\(at\)|\barobase\b)\s?[\w-]+(?:\.|\s?point\s?)\w{2,}", re.I)
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:fr|com|org|net|eu|info|io)\b(?!@)", re.I)
_PHONE: Final = re.compile(r"(?<![\d])(?:\+\s?33|00\s?33|0)\s?[1-9](?:[\s.\-]?\d{2}){4}(?!\d)")
_INTERNATIONAL: Final = re.compile(r"\+\d[\d\s.\-]{7,16}\d")
_ROOM: Final = re.compile(
    r"\b(?:chambre|chbre|ch\.?|room|lit|bed|appartement|appt?\.?|studio|porte|box)\s*(?:n[°ºo]\.?\s*)?[A-Z]?\s?-?\d{1,4}\b",
    re.I,
)
_NIR: Final = re.compile(
    r"\b([1-478][\s.]?\d{2}[\s.]?\d{2}[\s.]?(?:\d{2}|2[ABab])[\s.]?\d{3}[\s.]?\d{3})[\s.]?(\d{2})\b"
)
_TITLE: Final = re.compile(
    r"\b(?:[Mm](?:\.|me\.?|lle\.?|r\.?|rs\.?|s\.?)|MM\.|[Mm]adame|[Mm]onsieur|[Mm]ademoiselle|[Dd]octeure?|[Dd]re?\.?|"
    r"[Pp]re?\.?|[Pp]rofesseure?|[Mm]iss|[Dd]octor)\s+[A-ZÀ-ÖØ-Þ]"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[’'\-][^\W\d_]+)*")
_SENTENCE_BEGINS: Final = re.compile(r"(?:^|[.!?…:]\s+|[«“\"(]\s?)$")

NOT_NAMES: Final = frozenset(
    "ia ai ehpad chu samu cpam ars has cnil irm otc rgpd dieu france europe paris bretagne internet web google colloque "
    "etat état noel noël lundi mardi mercredi jeudi vendredi samedi dimanche français française covid alzheimer parkinson "
    "i english french january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday".split()
)
"""Words with a capital that name nobody."""

GIVEN_NAMES: Final = frozenset(
    "adele alain albert alice amelie andre andree anne antoine arthur aurelie bernard bernadette brigitte camille carole "
    "catherine celine chantal charles christian christiane christine christophe claude claudine colette corinne daniel "
    "danielle david denis denise didier dominique edith eliane elisabeth emilie emma emmanuel eric eugene fabrice fatima "
    "fernand florence francis franck francois francoise frederic gabriel genevieve georges gerard germaine gilbert gilles "
    "gisele guillaume guy henri henriette herve hugo huguette isabelle jacqueline jacques jean jeanne jeannine jerome joel "
    "josette joseph josiane julie julien karim laurence laurent lea leon liliane louis louise luc lucette lucie lucien "
    "lucienne madeleine manon marcel marcelle marguerite maria marie marine martine mathieu maurice michel micheline "
    "michele mireille mohamed monique nadia nathalie nicolas nicole odette olivier pascal patrice patricia patrick paul "
    "paulette philippe pierrette raymond raymonde regine renee rene robert roger roland sabrina samia sandrine sarah "
    "sebastien serge simone simonne solange sophie stephane stephanie suzanne sylvain sylvie therese thierry thomas "
    "valerie veronique vincent virginie viviane yann yves yvette yvonne yolande".split()
)
"""Given names common in France, without accents: a sentence may begin with one, so that a capital alone says nothing there."""


def folded(word: str) -> str:
    """A word without case or accents, to compare names as they are spoken."""
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).replace("’", "'")


def warnings_of(text: str, house_words: Iterable[str] = (), names: Iterable[str] = ()) -> tuple[Personal, ...]:
    """What a text seems to hold, in the order of `Personal`.

    `house_words` are words of the house's own name: with a capital they name nobody. `names` are names of people of the house:
    they are found in whatever case and accents. The answer never says which word it was, nor whether it is a known name.
    """
    found = {
        Personal.EMAIL: _EMAIL.search(text),
        Personal.PHONE: _PHONE.search(text) or _INTERNATIONAL.search(text),
        Personal.ROOM: _ROOM.search(text),
        Personal.NATIONAL_NUMBER: any(_is_nir(*match.groups()) for match in _NIR.finditer(text)),
        Personal.LINK: _LINK.search(_EMAIL.sub(" ", text)),
        Personal.NAME: seems_to_name(text, house_words) or _names_one_of(text, names),
    }
    return tuple(kind for kind in Personal if found[kind])


def seems_to_name(text: str, house_words: Iterable[str] = ()) -> bool:
    """Whether the form of a text seems to name a person: a title before a capital, a capital inside a sentence, a given name.

    Only the form decides: the answer for somebody of the house is the answer for anybody else.
    """
    if _TITLE.search(text):
        return True
    innocent = NOT_NAMES | {folded(word) for word in house_words}
    for match in _WORD.finditer(text):
        word = match.group()
        bare = _without_article(word)
        if not bare[:1].isupper() or folded(bare) in innocent:
            continue
        begins = _SENTENCE_BEGINS.search(text[: match.start()]) is not None
        if begins and folded(bare).split("-")[0] not in GIVEN_NAMES:
            continue
        if bare.isupper() and (len(bare) <= 5 or text.isupper()):
            continue
        return True
    return False


def _without_article(word: str) -> str:
    """« l’IA » is « IA », « d’Alzheimer » is « Alzheimer »."""
    for mark in "’'":
        head, found, tail = word.partition(mark)
        if found and len(head) <= 2:
            return tail
    return word


def _names_one_of(text: str, names: Iterable[str]) -> bool:
    wanted = {folded(name) for name in names if len(name) > 2}
    said = [folded(_without_article(match.group())) for match in _WORD.finditer(text)]
    return bool(wanted) and (
        not wanted.isdisjoint(said)
        or any(not wanted.isdisjoint(part for part in word.split("-") if len(part) > 2) for word in said if "-" in word)
    )


def _is_nir(number: str, key: str) -> bool:
    """Whether the key fits: 97 minus the number modulo 97. Source: INSEE, numéro d'inscription au répertoire."""
    digits = re.sub(r"[\s.]", "", number).upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(digits) % 97 == int(key)
