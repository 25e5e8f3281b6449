"""Paper sheets: what a row of figures typed by a facilitator says, and how two readings of a sheet differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from colloque.consultations.core.groups import AGREE, DISAGREE, PASS
from colloque.kernel.errors import InvalidInputError

STATEMENTS_ON_A_SHEET: Final = 200
"""More than one page holds: a sheet goes on over several, each with its code and its number."""

COLUMNS: Final[Mapping[str, int | None]] = {
    "1": AGREE,
    "2": DISAGREE,
    "3": PASS,
    "0": None,
    "-": None,
    ".": None,
}
"""What is typed for a line of the sheet: the number of the box ticked, or 0 where none is."""


def read_answers(typed: str, lines: int) -> list[int | None]:
    """The answers of a sheet, line by line; spaces and commas are welcome.

    Raises `InvalidInputError` with code `sheet-sign` (another sign, `path` its place from 1) or `sheet-length`.
    """
    signs = [sign for sign in typed if not sign.isspace() and sign not in ",;/"]
    for place, sign in enumerate(signs, start=1):
        if sign not in COLUMNS:
            raise InvalidInputError(f"Sign {place} is not 0, 1, 2 or 3.", code="sheet-sign", path=str(place))
    if len(signs) != lines:
        raise InvalidInputError(f"The sheet has {lines} lines, {len(signs)} were typed.", code="sheet-length")
    return [COLUMNS[sign] for sign in signs]


def typed_answers(answers: Sequence[int | None]) -> str:
    """The same answers as one would type them."""
    of = {AGREE: "1", DISAGREE: "2", PASS: "3", None: "0"}
    return "".join(of[answer] for answer in answers)


def changed_lines(before: Sequence[int | None], after: Sequence[int | None]) -> list[int]:
    """The lines, from 1, on which two readings of a sheet differ."""
    return [line for line, (one, other) in enumerate(zip(before, after, strict=True), start=1) if one != other]
