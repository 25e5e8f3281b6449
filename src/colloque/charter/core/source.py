"""Cut a charter's text into its rules, each with the line it begins on."""

from __future__ import annotations

from typing import NamedTuple


class Statement(NamedTuple):
    """The text of one rule, without the comments before it; `line` counts from 1. Not `ended`: its `;` is missing."""

    text: str
    line: int
    ended: bool = True


def _end_of_string(text: str, start: int) -> int:
    position = start + 1
    while position < len(text) and text[position] != '"':
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _end_of_comment(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


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
            found.append(Statement(text[begin:position], text.count("\n", 0, begin) + 1))
            begin = None
    if begin is not None:
        found.append(Statement(text[begin:].rstrip(), text.count("\n", 0, begin) + 1, ended=False))
    return tuple(found)


def line_of(statement: Statement, *needles: str) -> int:
    """The line of the first of the needles found in a rule, else the line the rule begins on."""
    for needle in needles:
        place = statement.text.find(needle) if needle else -1
        if place >= 0:
            return statement.line + statement.text.count("\n", 0, place)
    return statement.line


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
