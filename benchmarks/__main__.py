"""Every benchmark one after the other, written to docs/benchmarks.md: `python -m benchmarks [--quick]`."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parent / "docs" / "benchmarks.md"


def run(name: str, *, is_quick: bool) -> dict[str, Any]:
    """The JSON of one benchmark, its table shown meanwhile. Raises `SystemExit` when it fails."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--json", *(["--quick"] if is_quick else [])]
    done = subprocess.run(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The benchmark {name} failed.")
    *lines, last = done.stdout.rstrip("\n").split("\n")
    sys.stdout.write("\n".join(lines) + "\n\n")
    found: dict[str, Any] = json.loads(last)
    return found


def page(results: list[dict[str, Any]], *, is_quick: bool) -> str:
    """The Markdown of all results."""
    lines = [
        "# Benchmarks",
        "",
        f"Made by `make bench` on {datetime.now(UTC):%Y-%m-%d}{' (quick)' if is_quick else ''}.",
    ]
    lines += ["A ratio is how many times slower the alternative was, measured in the same run.", ""]
    for result in results:
        lines += [f"## {result['benchmark']}", ""]
        lines += [f"Compared with {result['compared_with']}.", ""] if result.get("compared_with") else []
        lines += ["| | value | goal | | |", "|---|---:|---:|---|---|"]
        rows = [*((key, value, "") for key, value in result["figures"].items())]
        rows += [(key, value, " ×") for key, value in result["ratios"].items()]
        for key, value, unit in rows:
            goal = result["goals"].get(key, {})
            bounds = [
                f"{sign} {goal[bound]:,g}" for sign, bound in (("≥", "at_least"), ("≤", "at_most")) if bound in goal
            ]
            met = ("met" if goal["met"] else "**missed**") if goal else ""
            lines.append(
                f"| `{key}` | {value:,.10g}{unit} | {', '.join(bounds)} | {met} | {result['words'].get(key, '')} |"
            )
        size = result["machine"]
        lines += ["", *(f"- {note}" for note in result["notes"])]
        lines += [
            f"- {size['cores']} cores, {size['memory_gib']} GiB, {size['processor']}, Python {size['python']}",
            "",
        ]
    return "\n".join(lines)


def main() -> None:
    """Run all and write the page."""
    is_quick = "--quick" in sys.argv[1:]
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_") and path.stem != "report")
    results = [
        run(name, is_quick=is_quick)
        for name in names
        if 'if __name__ == "__main__"' in (FOLDER / f"{name}.py").read_text()
    ]
    PAGE.write_text(page(results, is_quick=is_quick), encoding="utf-8")


if __name__ == "__main__":
    main()
