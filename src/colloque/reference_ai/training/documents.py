"""Keeps the figures in documents equal to the model file: `python -m colloque.reference_ai.training.documents FILE…`.

A figure is written once by hand as `0.994<!-- figures/points_score/auc -->`; the comment is not shown to readers. The path leads
into the model file; a list is entered by position. A `!` before the path takes one minus the value. The way the figure is already
written (decimal comma, `%`, number of decimals) is kept.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from colloque.reference_ai.score import load

FIGURE = re.compile(
    r"(?P<figure>\d+(?:[.,](?P<decimals>\d+))?)(?P<percent>[\u00a0\u202f ]?%)?<!-- (?P<less>!)?(?P<path>[^ !]+) -->"
)


def value_at(document: Mapping[str, Any], path: str) -> float:
    """The number at a path such as `bands/0/errors`. Raises KeyError when there is none."""
    found: Any = document
    for step in path.split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise KeyError(f"{path} is not a number")
    return float(found)


def refreshed(text: str, document: Mapping[str, Any]) -> str:
    """The text with each marked figure taken from the document."""

    def figure(match: re.Match[str]) -> str:
        value = value_at(document, match["path"])
        value = 1 - value if match["less"] else value
        value = 100 * value if match["percent"] else value
        written = f"{value:.{len(match['decimals'] or '')}f}"
        if "," in match["figure"]:
            written = written.replace(".", ",")
        return written + match[0][len(match["figure"]) :]

    return FIGURE.sub(figure, text)


def main(given: list[str]) -> int:
    """Rewrites the files' figures; 0 when done."""
    parser = argparse.ArgumentParser(
        prog="python -m colloque.reference_ai.training.documents", description=main.__doc__
    )
    parser.add_argument("files", nargs="+", type=Path)
    document = load().document
    for file in parser.parse_args(given).files:
        file.write_text(refreshed(file.read_text("utf-8"), document), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
