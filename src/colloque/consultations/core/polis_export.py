"""Reading a Polis export: `comments.csv`, `votes.csv`, `participants-votes.csv`, `summary.csv`.

In these files 1 agrees, 0 passes, −1 disagrees; `moderated` is −1 out, 0 not looked at, 1 in. `votes.csv` holds every vote,
votes given again included: the last one of a pair counts. `comments.csv` counts agrees and disagrees with those given
again. Columns are found by name, in any order; those not needed may be missing. Errors name file, line and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from colloque.consultations.core.opinion.values import StatementStatus, VoteTable
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from array import array

COMMENTS, VOTES, MATRIX, SUMMARY = "comments.csv", "votes.csv", "participants-votes.csv", "summary.csv"
FILES = (COMMENTS, VOTES, MATRIX, SUMMARY)
LONGEST_FIELD = 1 << 20
_ALSO = {
    "comment-id": ("comment-id", "tid", "statement-id"),
    "voter-id": ("voter-id", "pid", "participant-id", "participant"),
    "participant": ("participant", "participant-id", "pid", "voter-id"),
    "comment-body": ("comment-body", "txt", "comment", "statement"),
    "author-id": ("author-id", "author", "pid"),
    "timestamp": ("timestamp", "created", "modified"),
    "agrees": ("agrees", "n-agree"),
    "disagrees": ("disagrees", "n-disagree"),
    "moderated": ("moderated", "mod"),
    "is-meta": ("is-meta", "meta"),
    "is-seed": ("is-seed", "seed"),
}
_TRUE, _FALSE = {"1", "true", "t", "yes"}, {"", "0", "false", "f", "no"}


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of an export. `agrees` and `disagrees` count votes given again too; None where the file says nothing."""

    number: int
    text: str = ""
    author: int | None = None
    at: int | None = None
    agrees: int | None = None
    disagrees: int | None = None
    moderated: int = 0
    is_meta: bool = False
    is_seed: bool = False

    @property
    def status(self) -> StatementStatus:
        """The statement as the map must treat it."""
        return StatementStatus(self.number, is_moderated_out=self.moderated < 0, is_meta=self.is_meta)


class PolisExport(msgspec.Struct, frozen=True, kw_only=True):
    """What an export holds: statements, each vote in file order as columns, Polis's own matrix and groups, the summary.

    `at` are milliseconds, None where `votes.csv` has no timestamps. `published` maps each person to their published row
    of last votes; `groups` to their published group.
    """

    comments: tuple[Comment, ...]
    people: Sequence[int]
    statements: Sequence[int]
    values: Sequence[int]
    at: Sequence[int] | None
    published: Mapping[int, Mapping[int, int]]
    groups: Mapping[int, int]
    summary: Mapping[str, str]

    def table(self) -> VoteTable:
        """The last vote of each pair."""
        return VoteTable.from_votes(self.people, self.statements, self.values, self.at)

    @property
    def statuses(self) -> tuple[StatementStatus, ...]:
        """Statements as the map must treat them."""
        return tuple(comment.status for comment in self.comments)


def read_export(files: Mapping[str, bytes]) -> PolisExport:
    """The export in these files (name → content). Votes come from `votes.csv`, or where it is missing from the matrix.

    Raises `InvalidInputError` that names file, line and column for what cannot be read, and where there are no votes.
    """
    comments = _comments(files[COMMENTS]) if COMMENTS in files else ()
    published, groups = _matrix(files[MATRIX]) if MATRIX in files else ({}, {})
    if VOTES in files:
        people, statements, values, at = _votes(files[VOTES])
    elif MATRIX in files:
        people, statements, values, at = _columns()
        for person, row in published.items():
            for statement, value in row.items():
                people.append(person)
                statements.append(statement)
                values.append(value)
        at = None
    else:
        raise InvalidInputError(f"There are no votes here: {VOTES} or {MATRIX} is needed.", code="no-votes")
    summary = _summary(files[SUMMARY]) if SUMMARY in files else {}
    return PolisExport(
        comments=comments,
        people=people,
        statements=statements,
        values=values,
        at=at,
        published=published,
        groups=groups,
        summary=summary,
    )


def _columns() -> tuple[array[int], array[int], array[int], array[int] | None]:
    from array import array

    return array("q"), array("q"), array("b"), array("q")


class _Row:
    """One line of a file, read by column name."""

    __slots__ = ("cells", "columns", "line", "name")

    def __init__(self, name: str, line: int, columns: Mapping[str, int], cells: Sequence[str]) -> None:
        self.name, self.line, self.columns, self.cells = name, line, columns, cells

    def text(self, column: str) -> str:
        """The cell, or nothing where the file has no such column or the line ends before it."""
        place = self.columns.get(column)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    def number(self, column: str) -> int:
        """The cell as a whole number."""
        found = self.maybe(column)
        if found is None:
            raise self.error(column, "is empty; a whole number is needed")
        return found

    def maybe(self, column: str) -> int | None:
        """The cell as a whole number, None where it is empty."""
        text = self.text(column)
        return None if text in ("", "null", "NA", "nan", "NaN") else _whole(self, column, text)

    def vote(self, column: str) -> int:
        """The cell as a vote."""
        found = self.number(column)
        if found not in (-1, 0, 1):
            raise self.error(column, f"holds {self.text(column)!r}; a vote is -1, 0 or 1")
        return found

    def flag(self, column: str) -> bool:
        """The cell as yes or no."""
        text = self.text(column).casefold()
        if text not in _TRUE | _FALSE:
            raise self.error(column, f"holds {self.text(column)!r}; true or false is needed")
        return text in _TRUE

    def error(self, column: str, problem: str) -> InvalidInputError:
        """What is wrong with a cell, and where it is."""
        return _error(self.name, self.line, f"column {column} {problem}.")


def _whole(row: _Row, column: str, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        whole, point, rest = text.partition(".")  # tables that passed through other software say 12.0
        if not point or rest.strip("0") or not whole.lstrip("+-").isdecimal():
            raise row.error(column, f"holds {text[:40]!r}; a whole number is needed") from None
        number = int(whole)
    if not -(2**63) <= number < 2**63:
        raise row.error(column, f"holds {text[:40]}, beyond what a number may be")
    return number


def _error(name: str, line: int, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{name}, line {line}: {problem}", code="polis-export", path=f"{name}:{line}")


def _decoded(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _error(name, line, "this is not UTF-8 text. Save the file as UTF-8 and try again.") from error


def _rows(name: str, content: bytes, needed: Iterable[str]) -> tuple[Mapping[str, int], Iterator[_Row]]:
    """The columns of a file by name, and its lines."""
    reader = csv.reader(io.StringIO(_decoded(name, content), newline=""), strict=True)
    lines = _lines(name, reader)
    header = next(lines, None)
    if header is None:
        raise _error(name, 1, "the file is empty; its first line names the columns.")
    columns = _named(name, header[1])
    for column in needed:
        if column not in columns:
            raise _error(name, 1, f"there is no column {column}. The columns here are: {', '.join(header[1])[:200]}.")

    def rows() -> Iterator[_Row]:
        for line, cells in lines:
            if len(cells) > len(header[1]) and any(cell.strip() for cell in cells[len(header[1]) :]):
                raise _error(name, line, f"there are {len(cells)} cells for {len(header[1])} columns.")
            yield _Row(name, line, columns, cells)

    return columns, rows()


def _lines(name: str, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty with the number of its first physical line."""
    line = 1
    while True:
        old = csv.field_size_limit(LONGEST_FIELD)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _error(name, line, f"the line cannot be read as CSV ({error}).") from error
        finally:
            csv.field_size_limit(old)
        if any(cells):
            yield line, cells
        line = reader.line_num + 1  # type: ignore[attr-defined]


def _named(name: str, header: Sequence[str]) -> dict[str, int]:
    given: dict[str, int] = {}
    for place, cell in enumerate(header):
        column = cell.strip().casefold().replace("_", "-").replace(" ", "-")
        if column and column in given:
            raise _error(name, 1, f"the column {cell.strip()} stands there twice.")
        given[column] = place
    for column, names in _ALSO.items():
        for other in names:
            if column not in given and other in given:
                given[column] = given[other]
    return given


def _comments(content: bytes) -> tuple[Comment, ...]:
    _, rows = _rows(COMMENTS, content, ("comment-id",))
    found: dict[int, Comment] = {}
    for row in rows:
        number = row.number("comment-id")
        if number in found:
            raise row.error("comment-id", f"holds {number}, which another line has already")
        moderated = row.maybe("moderated") or 0
        if moderated not in (-1, 0, 1):
            raise row.error("moderated", f"holds {moderated}; -1, 0 or 1 is needed")
        found[number] = Comment(
            number=number,
            text=row.text("comment-body"),
            author=row.maybe("author-id"),
            at=row.maybe("timestamp"),
            agrees=row.maybe("agrees"),
            disagrees=row.maybe("disagrees"),
            moderated=moderated,
            is_meta=row.flag("is-meta"),
            is_seed=row.flag("is-seed"),
        )
    return tuple(found[number] for number in sorted(found))


def _votes(content: bytes) -> tuple[array[int], array[int], array[int], array[int] | None]:
    columns, rows = _rows(VOTES, content, ("comment-id", "voter-id", "vote"))
    people, statements, values, at = _columns()
    is_timed = "timestamp" in columns
    for row in rows:
        people.append(row.number("voter-id"))
        statements.append(row.number("comment-id"))
        values.append(row.vote("vote"))
        if is_timed and at is not None:
            at.append(row.number("timestamp"))
    return people, statements, values, at if is_timed else None


def _matrix(content: bytes) -> tuple[dict[int, dict[int, int]], dict[int, int]]:
    columns, rows = _rows(MATRIX, content, ("participant",))
    asked = {column: int(column) for column in columns if column.lstrip("-").isdecimal()}
    published: dict[int, dict[int, int]] = {}
    groups: dict[int, int] = {}
    for row in rows:
        person = row.number("participant")
        if person in published:
            raise row.error("participant", f"holds {person}, which another line has already")
        published[person] = {number: row.vote(column) for column, number in asked.items() if row.text(column)}
        group = row.maybe("group-id")
        if group is not None:
            groups[person] = group
    return published, groups


def _summary(content: bytes) -> dict[str, str]:
    lines = _lines(SUMMARY, csv.reader(io.StringIO(_decoded(SUMMARY, content), newline=""), strict=True))
    return {cells[0].strip(): ",".join(cells[1:]).strip() for _, cells in lines if cells[0].strip()}
