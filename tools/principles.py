"""Make docs/principles.md from docs/principles.toml and the tests that carry a principle, or check that it is up to date.

`python -m tools.principles` writes; `--check` compares and exits 1 when they differ or a marker names no principle.
"""

from __future__ import annotations

import contextlib
import io
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs" / "principles.toml"
TABLE = ROOT / "docs" / "principles.md"


class Collector:
    """Reads the markers of each collected test."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which test functions carry which principles."""
        for item in items:
            for marker in item.iter_markers("principle"):
                for principle in marker.args:
                    self.tests[principle].add(item.nodeid.split("[", 1)[0])


def collected() -> dict[str, set[str]]:
    """Test ids by principle, over the whole suite."""
    collector = Collector()
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")], plugins=[collector])
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"Tests could not be collected (pytest exit {int(code)}).")
    return collector.tests


def table(tests: dict[str, set[str]]) -> str:
    """The Markdown page. Raises `SystemExit` for a marker that names no principle."""
    families = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    known = {principle for family in families.values() for principle in family if principle != "title"}
    if unknown := sorted(set(tests) - known):
        raise SystemExit(f"Tests name principles that do not exist: {', '.join(unknown)}.")
    lines = [
        "# Principles and the tests that show the software holding them",
        "",
        "Made by `python -m tools.principles`; do not edit. A principle without a test is open: nothing here claims it yet.",
        "A test is listed only where it shows the software itself holding the principle, as far as it says.",
        "",
        f"**{len(tests)} of {len(known)}** principles have at least one test.",
    ]
    for letter, family in families.items():
        lines += ["", f"## {letter}. {family['title']}", "", "| id | principle | tests |", "|---|---|---|"]
        for principle, words in family.items():
            if principle == "title":
                continue
            shown = (
                "<br>".join(f"`{name.removeprefix('tests/')}`" for name in sorted(tests.get(principle, ()))) or "open"
            )
            lines.append(f"| {principle} | {words} | {shown} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check the page."""
    made = table(collected())
    if "--check" in sys.argv[1:]:
        if not TABLE.is_file() or TABLE.read_text(encoding="utf-8") != made:
            sys.stderr.write("docs/principles.md is not up to date: run `python -m tools.principles`.\n")
            return 1
        return 0
    TABLE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
