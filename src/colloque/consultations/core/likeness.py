"""Which statements say nearly the same, in French or in English: small words dropped, endings cut, accents and case ignored.

A proposal for whoever moderates, never a decision. Two statements of which one denies what the other says are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from colloque.consultations.core.personal_data import folded

NEAR: Final = 0.6
"""From this likeness on, two statements are shown side by side."""

_STOP: Final = frozenset(
    "a ai as au aux avec c ca ce ces cet cette ceux chez comme d dans de des donc du elle elles en encore est et etre eu "
    "etait ete etes faut fait fut il ils ici j je l la le les leur leurs lui m ma mais me meme mes moi mon n ne ni nos notre "
    "nous on ont or ou par parce pas plus pour qu quand que quel quelle qui s sa sans se sera ses si soit son sont sur t ta "
    "te tes toi ton tous tout toute toutes tres tu un une vos votre vous y doit doivent peut peuvent devrait pourrait faire "
    "the an and are be been being but by can could do does for from has have he her his if in into is it its may must my of "
    "or our she should so than that their them they this to was we were will with would you your i at as".split()
)
_DENY: Final = frozenset(
    "pas jamais aucun aucune non sans ni nul nulle interdit interdire refuser refuse refusons contre not never no none cannot "
    "without against forbid".split()
)
_ENDINGS: Final = tuple(
    sorted(
        "issement issements atrice atrices ateur ateurs ations ation ements ement ment ments ances ance ences ence ites ite "
        "euses euse eurs eur ables able ibles ible ives ive ifs if aux eaux elles elle els el iennes ienne iens ien ees ee es "
        "er ez ent aient ait ais ons ont ant ants ante antes ir it irent ise ises iser e s x ing ed ly ness".split(),
        key=len,
        reverse=True,
    )
)
_SHORTEST_STEM: Final = 4
_WORD: Final = re.compile(r"[^\W_]+")


class Likeness(msgspec.Struct, frozen=True):
    """How near a statement is: `share` from 0 to 1; `denies` where one of the two says no to what the other says."""

    number: int
    share: float
    denies: bool


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What stays of a folded word once its longest known ending is cut; at least four letters stay."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def stems(text: str) -> frozenset[str]:
    """What a text speaks of: stems of its words without the small ones and those that only deny."""
    words = _WORD.findall(folded(text))
    return frozenset(stem(word) for word in words if word not in _STOP and word not in _DENY)


def denies(text: str) -> bool:
    """Whether the text says no: it holds an odd number of words that deny (« ne … pas », « jamais », « sans »)."""
    return sum(word in _DENY for word in _WORD.findall(folded(text))) % 2 == 1


def likeness(one: str, other: str) -> float:
    """How much two texts speak of the same, from 0 to 1 (Sørensen–Dice on their stems); equal texts give 1."""
    left, right = stems(one), stems(other)
    if not left and not right:
        return 1.0 if folded(one) == folded(other) else 0.0
    return 2 * len(left & right) / (len(left) + len(right))


def repeated(
    statements: Iterable[tuple[int, str]], *, at_least: float = NEAR, most: int = 20
) -> list[tuple[int, Likeness]]:
    """The pairs of statements nearest to one another, as (number, its elder twin), nearest first; those that deny are left out.

    Only statements that share a stem are compared.
    """
    known: list[tuple[int, frozenset[str], bool]] = []
    holders: dict[str, list[int]] = {}
    found: list[tuple[int, Likeness]] = []
    for number, text in statements:
        mine, says_no = stems(text), denies(text)
        shared: dict[int, int] = {}
        for one in mine:
            for place in holders.get(one, ()):
                shared[place] = shared.get(place, 0) + 1
        for place, count in shared.items():
            other, theirs, denied = known[place]
            share = 2 * count / (len(mine) + len(theirs))
            if share >= at_least and denied == says_no:
                found.append((number, Likeness(other, round(share, 4), denies=False)))
        for one in mine:
            holders.setdefault(one, []).append(len(known))
        known.append((number, mine, says_no))
    return sorted(found, key=lambda pair: (-pair[1].share, pair[0], pair[1].number))[:most]


def near(text: str, others: Iterable[tuple[int, str]], *, at_least: float = NEAR, most: int = 5) -> Sequence[Likeness]:
    """The statements nearest to a text, nearest first, among pairs (number, text); at most `most`."""
    says_no = denies(text)
    found = [
        Likeness(number, round(share, 4), denies(other) != says_no)
        for number, other in others
        if (share := likeness(text, other)) >= at_least
    ]
    return sorted(found, key=lambda one: (one.denies, -one.share, one.number))[:most]
