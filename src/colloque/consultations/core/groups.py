"""Who takes part, how they came in, and how much of them is known."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class GroupOfPeople(StrEnum):
    """The groups whose participation is counted; a person belongs to one, or says nothing."""

    RESIDENTS = "residents"
    FAMILIES = "families"
    CARERS = "carers"
    DOCTORS = "doctors"
    OTHERS = "others"


class Anonymity(StrEnum):
    """How people come in. In none of the three can anybody of the house see who voted what.

    `open-link`: whoever has the address. `codes`: one code a person, which says the group and nobody's name.
    `signed-in`: an account of the house; what links the account to its votes opens only with a key outside the database.
    """

    OPEN_LINK = "open-link"
    CODES = "codes"
    SIGNED_IN = "signed-in"


class JoinChannel(StrEnum):
    """How a participant came in."""

    LINK = "link"
    CODE = "code"
    SIGNED_IN = "signed-in"
    PAPER = "paper"


class VoteChannel(StrEnum):
    """Whose hand cast a vote: the person's own, somebody's who helps them, or a facilitator's who reads a sheet."""

    SELF = "self"
    HELPER = "helper"
    PAPER = "paper"


class HelperKind(StrEnum):
    """Who helps somebody take part."""

    CARER = "carer"
    FAMILY = "family"
    OTHER = "other"


class ProfileQuestion(StrEnum):
    """The few questions a consultation may ask of a person; each may be left without an answer."""

    AGE = "age"
    KNOWS_AI = "knows-ai"
    TIME_HERE = "time-here"


PROFILE_ANSWERS: Final[dict[ProfileQuestion, tuple[str, ...]]] = {
    ProfileQuestion.AGE: ("under-30", "30-to-59", "60-to-79", "80-and-over"),
    ProfileQuestion.KNOWS_AI: ("often", "a-little", "never"),
    ProfileQuestion.TIME_HERE: ("under-a-year", "one-to-five-years", "over-five-years"),
}
"""The answers offered: bands wide enough that none of them points at one person in a house."""

DISAGREE: Final = -1
PASS: Final = 0
AGREE: Final = 1
VOTE_VALUES: Final = (DISAGREE, PASS, AGREE)
"""Our sign is that of Polis's exports: 1 agrees, −1 disagrees, 0 passes."""
