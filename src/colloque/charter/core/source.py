"""Cut a charter's text into its rules, each with the line it begins on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Statement(NamedTuple):
    """The text of one rule, without the comments before it; `line` and `column` count from 1. Not `ended`: its `;` is
    missing."""

    text: str
    line: int
    ended: bool = True
    column: int = 1


class Place(NamedTuple):
    """A character of a text; both count from 1."""

    line: int
    column: int


def _end_of_string(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and text[position] != '"':
        position += 2 if text[position] == "\\" else 1
    return position + 1


_LINE_END = re.compile(r"[\n\r]")


def _end_of_comment(text: str, start: int) -> int:
    """Where a comment ends: as for Cedar, at a carriage return too, behind which a rule could hide."""
    end = _LINE_END.search(text, start)
    return len(text) if end is None else end.start()


def _statement(text: str, begin: int, end: int, *, ended: bool = True) -> Statement:
    return Statement(text[begin:end], text.count("\n", 0, begin) + 1, ended, begin - text.rfind("\n", 0, begin))


def statements(text: str) -> tuple[Statement, ...]:
    """The rules of a text in order, as far as `;` outside strings and comments shows them."""
    found: list[Statement] = []
    begin: int | None = None
    position = 0
    while position < len(text):
        character = text[position]
        if text.startswith("//", position):
            position = _end_of_comment(text, position)
            continue
        if begin is None and not character.isspace():
            begin = position
        if character == '"':
            position = _end_of_string(text, position)
            continue
        position += 1
        if character == ";" and begin is not None:
            found.append(_statement(text, begin, position))
            begin = None
    if begin is not None:
        found.append(_statement(text, begin, len(text.rstrip()), ended=False))
    return tuple(found)


def _end_of_annotations(text: str) -> int:
    """Where the rule itself begins, behind its annotations: what it says there is not what its words say."""
    position = 0
    while position < len(text):
        if text.startswith("//", position):
            position = _end_of_comment(text, position)
        elif text[position].isspace():
            position += 1
        elif text[position] == "@":
            position = _end_of_annotation(text, position)
        else:
            break
    return position


def _end_of_annotation(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and (text[position].isalnum() or text[position] == "_"):
        position += 1
    opening = position
    while opening < len(text) and text[opening].isspace():
        opening += 1
    if not text.startswith("(", opening):
        return position
    position = opening + 1
    while position < len(text) and text[position] != ")":
        position = _end_of_string(text, position) if text[position] == '"' else position + 1
    return position + 1


def occurrences(text: str, needle: str) -> Iterator[int]:
    """Where a needle stands in a rule, whole: behind its annotations, unless it is one."""
    edges = (r"(?<!\w)" if needle[:1].isalnum() else "", r"(?!\w)" if needle[-1:].isalnum() else "")
    if needle in {"=", "<", ">", "!", "&", "|"}:
        edges = (r"(?<![=<>!&|])", r"(?![=<>!&|])")
    begin = 0 if needle.startswith("@") else _end_of_annotations(text)
    for match in re.compile(edges[0] + re.escape(needle) + edges[1]).finditer(text, begin):
        yield match.start()


def place_at(statement: Statement, offset: int) -> Place:
    """The line and the column of a character of a rule."""
    before = statement.text[:offset]
    lines = before.count("\n")
    column = offset - before.rfind("\n") if lines else statement.column + offset
    return Place(statement.line + lines, column)


def place_of(statement: Statement, *needles: str) -> Place:
    """The place of the first of the needles found in a rule, else where the rule begins."""
    for needle in needles:
        found = next(occurrences(statement.text, needle), None) if needle else None
        if found is not None:
            return place_at(statement, found)
    return Place(statement.line, statement.column)


def deepest_bracket(text: str) -> int:
    """How deeply brackets nest outside strings and comments; asked before a parser that recurses sees the text."""
    depth = deepest = position = 0
    while position < len(text):
        if text.startswith("//", position):
            position = _end_of_comment(text, position)
        elif text[position] == '"':
            position = _end_of_string(text, position)
        else:
            if text[position] in "([{":
                depth += 1
                deepest = max(deepest, depth)
            elif text[position] in ")]}":
                depth -= 1
            position += 1
    return deepest
