"""What the opinion map is made from and what it says.

A vote is −1 disagree, 0 pass, 1 agree, as in Polis's exports. Statements and people are named by their numbers in the
consultation. This module loads neither NumPy nor numba before a value that needs them is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from colloque.kernel.canonical import canonical_json
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Whole: TypeAlias = NDArray[np.int64]
    Indices: TypeAlias = NDArray[np.int32]
    Labels: TypeAlias = NDArray[np.int16]
    Votes: TypeAlias = NDArray[np.int8]
    Real: TypeAlias = NDArray[np.float64]

ENGINE = "colloque-opinion-1"
VERSION = 1
AGREE, PASS, DISAGREE = 1, 0, -1
OFF_MAP = -1

Direction: TypeAlias = Literal["agree", "disagree"]


class MapSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a computation may choose. Equal settings, votes and engine give equal bytes.

    `k` fixes the number of groups (None: chosen between 2 and `k_max` by silhouette and stability). `min_votes`: a
    person is on the map from min(`min_votes`, number of statements) votes on. A group of fewer than `small_group`
    people is marked small. With `least_group`, only numbers of groups each of which is found again and holds at least
    so many people are taken; where there is none, everybody is one group. `pick` statements at most describe a group or
    a consensus; `z` is the critical value of both
    tests (1.2816: 90 %, one-sided).
    """

    seed: int = 20261123
    k: int | None = None
    k_max: int = 8
    min_votes: int = 7
    small_group: int = 5
    least_group: int = 0
    pick: int = 5
    z: float = 1.2815515655446004

    def __post_init__(self) -> None:
        if self.k is not None and not 1 <= self.k <= MOST_GROUPS:
            raise InvalidInputError(f"A map has between 1 and {MOST_GROUPS} groups, not {self.k}.", path="k")
        if not 1 <= self.k_max <= MOST_GROUPS:
            raise InvalidInputError(f"A map tries between 1 and {MOST_GROUPS} groups, not {self.k_max}.", path="k_max")
        if not 0 <= self.seed < 2**53:
            raise InvalidInputError(
                "A seed lies between 0 and 2^53 - 1, so that it can be stored in JSON.", path="seed"
            )
        if self.min_votes < 1:
            raise InvalidInputError("A person is on the map from one vote on at the earliest.", path="min_votes")


MOST_GROUPS = 20


class StatementStatus(msgspec.Struct, frozen=True):
    """A statement as the map must treat it: moderated out, it counts as passed by everyone and describes nobody."""

    number: int
    is_moderated_out: bool = False
    is_meta: bool = False


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Votes on one statement in one group, and between which shares (Wilson, 95 %) the group's true share lies."""

    agree: int
    disagree: int
    passed: int
    seen: int
    agree_low: float
    agree_high: float
    disagree_low: float
    disagree_high: float


class Representative(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that says what sets a group apart.

    `p` is the smoothed share of the group that goes in `direction`, `p_test` its z against one half; `repness` how many
    times that share is the share of the others, `repness_test` its z. `low` and `high` are the Wilson bounds (95 %) of
    the group's share. `is_best_agree`: put first because the group agrees on it, not because of its metric.
    """

    statement: int
    direction: Direction
    p: float
    p_test: float
    repness: float
    repness_test: float
    agree: int
    disagree: int
    passed: int
    seen: int
    low: float
    high: float
    is_best_agree: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """People who vote alike. `stability`: mean Jaccard overlap with the group found again in subsamples, 0 to 1."""

    label: str
    size: int
    centre: tuple[float, float]
    hull: tuple[tuple[float, float], ...]
    is_small: bool
    stability: float
    representative: tuple[Representative, ...]


class Minority(msgspec.Struct, frozen=True, kw_only=True):
    """Few people who vote alike inside a larger group, found again in subsamples: visible though no group of the map."""

    within: str
    size: int
    centre: tuple[float, float]
    stability: float
    representative: tuple[Representative, ...]


class StatementOnMap(msgspec.Struct, frozen=True, kw_only=True):
    """One statement: votes of everyone, where it pulls, what groups think of it (same order as the map's groups).

    `consensus_agree` and `consensus_disagree` are Polis's group-aware consensus (product over groups of the smoothed
    shares); `divisiveness` is half the widest gap between two groups' mean votes, 0 to 1; `priority` weighs which
    statement is most worth asking next.
    """

    number: int
    is_moderated_out: bool
    is_meta: bool
    agree: int
    disagree: int
    passed: int
    seen: int
    extremity: float
    consensus_agree: float
    consensus_disagree: float
    divisiveness: float
    priority: float
    place: tuple[float, float]
    by_group: tuple[Counts, ...]


class ConsensusStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement most people agree with, or most disagree with: smoothed share, its z, and the votes behind it."""

    statement: int
    p: float
    p_test: float
    votes: int
    seen: int


class Consensus(msgspec.Struct, frozen=True):
    """What unites everyone, best first."""

    agree: tuple[ConsensusStatement, ...] = ()
    disagree: tuple[ConsensusStatement, ...] = ()


class KTrial(msgspec.Struct, frozen=True):
    """How well k groups describe the people: silhouette (−1 to 1), and adjusted Rand index under subsampling (≤ 1)."""

    k: int
    silhouette: float
    stability: float


class OpinionMap(msgspec.Struct, frozen=True, kw_only=True):
    """The whole map. `centre[j]` and `axes[0][j]`, `axes[1][j]` belong to `statements[j]`."""

    v: int = VERSION
    engine: str = ENGINE
    seed: int
    people: int
    people_on_map: int
    votes: int
    centre: tuple[float, ...]
    axes: tuple[tuple[float, ...], tuple[float, ...]]
    variance_explained: tuple[float, float]
    k: int
    k_trials: tuple[KTrial, ...]
    groups: tuple[Group, ...]
    minorities: tuple[Minority, ...]
    statements: tuple[StatementOnMap, ...]
    consensus: Consensus

    def to_json(self) -> bytes:
        """Canonical JSON (RFC 8785): equal maps, equal bytes."""
        return canonical_json(self)

    @classmethod
    def from_json(cls, text: bytes) -> OpinionMap:
        """The map again. Raises `InvalidInputError` for what is no map, or one of a later version."""
        try:
            found = msgspec.json.decode(text, type=cls, strict=False)
        except msgspec.ValidationError as error:
            raise InvalidInputError(f"This is not an opinion map: {error}") from error
        except msgspec.DecodeError as error:
            raise InvalidInputError(f"This opinion map is not JSON: {error}") from error
        if found.v > VERSION:
            raise InvalidInputError(f"This map has version {found.v}; this software reads up to {VERSION}.", path="v")
        return found


@dataclass(frozen=True, eq=False, slots=True)
class VoteTable:
    """The last vote of each person on each statement, in rows of people (compressed sparse rows).

    `people` (int64, n) and `statements` (int64, m) are the numbers, ascending, without repeats; the votes of person i are
    `values[indptr[i]:indptr[i + 1]]` (int8) on statements `indices[…]` (int32, ascending in each row). Only statements
    with a vote are here.
    """

    people: Whole
    statements: Whole
    indptr: Whole
    indices: Indices
    values: Votes

    @classmethod
    def from_votes(
        cls, people: ArrayLike, statements: ArrayLike, values: ArrayLike, at: ArrayLike | None = None
    ) -> VoteTable:
        """The table of these votes, given in any order; of several on one pair the last one counts.

        The last is the one with the greatest `at`; without `at`, or with equal ones, the one given last. Memory on top of
        what is given: five bytes a vote, and thirteen with `at`. Raises `InvalidInputError` for lengths that differ and
        for votes other than −1, 0 and 1.
        """
        from colloque.consultations.core.opinion.table import table_of

        return table_of(people, statements, values, at)

    @property
    def votes(self) -> int:
        """How many votes count."""
        return len(self.indices)


@dataclass(frozen=True, eq=False, slots=True)
class Placements:
    """Where each person stands: `people` (int64), `x`, `y` (float64), `group` (int16 index into the map's groups).

    Everybody who voted has a place; `group` is −1 for those with too few votes to be on the map.
    """

    people: Whole
    x: Real
    y: Real
    group: Labels

    def to_bytes(self) -> bytes:
        """A magic, the count, then people, x, y and group, little-endian: 26 bytes a person."""
        parts = (self.people.astype("<i8"), self.x.astype("<f8"), self.y.astype("<f8"), self.group.astype("<i2"))
        return b"".join((_MAGIC, len(self.people).to_bytes(8, "little"), *(part.tobytes() for part in parts)))

    @classmethod
    def from_bytes(cls, stored: bytes) -> Placements:
        """The placements again. Raises `InvalidInputError` where the bytes are not such placements."""
        import numpy as np

        start = len(_MAGIC) + 8
        count = int.from_bytes(stored[len(_MAGIC) : start], "little")
        if stored[: len(_MAGIC)] != _MAGIC or len(stored) != start + 26 * count:
            raise InvalidInputError("These bytes are not the placements of an opinion map.")
        people = np.frombuffer(stored, "<i8", count, start)
        x, y = (np.frombuffer(stored, "<f8", count, start + 8 * count * n) for n in (1, 2))
        return cls(people, x, y, np.frombuffer(stored, "<i2", count, start + 24 * count))


_MAGIC = b"colloque-placements-1\n"
