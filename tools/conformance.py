"""Make docs/conformance-cds-hooks.md from its .toml and the tests that carry a requirement, or check that it is up to date.

`python -m tools.conformance` writes; `--check` compares and exits 1 when they differ, a marker names no requirement, or a
requirement has neither a test nor a reason.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "docs" / "conformance-cds-hooks.toml"
PAGE = ROOT / "docs" / "conformance-cds-hooks.md"
TESTS = ROOT / "tests" / "gateway"
MARKER = "cds_hooks"


class Requirement(NamedTuple):
    """One requirement: in which part, in our words, and why it is not ours if it is not."""

    part: str
    words: str
    not_ours: str = ""


def requirements() -> dict[str, Requirement]:
    """Every requirement by its id."""
    found = {}
    for part, entries in tomllib.loads(SOURCE.read_text(encoding="utf-8")).items():
        for identifier, said in entries.items():
            if isinstance(said, str):
                found[identifier] = Requirement(part, said)
            else:
                found[identifier] = Requirement(part, said["words"], said["not_ours"])
    return found


def marked_in(path: Path) -> Iterator[tuple[str, str]]:
    """Pairs of requirement and test function, read from the source."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for decorator in node.decorator_list:
                if (
                    isinstance(decorator, ast.Call)
                    and isinstance(decorator.func, ast.Attribute)
                    and decorator.func.attr == MARKER
                ):
                    for argument in decorator.args:
                        yield ast.literal_eval(argument), f"{path.relative_to(ROOT / 'tests')}::{node.name}"


def shown_by() -> dict[str, list[str]]:
    """The tests that show each requirement."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.glob("test_*.py")):
        for identifier, test in marked_in(path):
            found[identifier].append(test)
    return dict(found)


def faults(known: Mapping[str, Requirement], tests: Mapping[str, list[str]]) -> list[str]:
    """What keeps the page from being true."""
    found = [f"{identifier}: a test names it, the list does not" for identifier in sorted(set(tests) - set(known))]
    for identifier, requirement in known.items():
        if not requirement.not_ours and identifier not in tests:
            found.append(f"{identifier}: neither a test nor a reason")
        if requirement.not_ours and identifier in tests:
            found.append(f"{identifier}: both a test and a reason not to have one")
    return found


def page(known: Mapping[str, Requirement], tests: Mapping[str, list[str]]) -> str:
    """The Markdown."""
    shown = sum(1 for requirement in known.values() if not requirement.not_ours)
    lines = [
        "# Conformance to CDS Hooks 2.0.1, as a service",
        "",
        "Made by `python -m tools.conformance`; do not edit. Every SHALL and SHALL NOT for a service or a server, by its",
        "number in the Inferno requirement set, in our own words, with the tests that show it or the reason there is none.",
        "",
        f"{len(known)} requirements: {shown} shown by tests, {len(known) - shown} with a reason.",
        "",
        "Choices the specification leaves to a service:",
        "",
        "- Discovery needs no token and lists the services of live projects only. A suspended project is not listed, yet answers",
        "  calls, by a card that says it is stopped; a draft does not exist.",
        "- Data is never fetched from the record: what is required must come with the call (412 otherwise).",
        "  `fhirAuthorization` is accepted, never read, kept or forwarded.",
        "- Tokens: RS384 or ES384 with a key registered for the issuer, an exact audience, five minutes of life at most, five",
        "  seconds of difference between clocks, and a `jti` that counts once, whatever comes of the call.",
        "- Data about another patient than the one in context is refused: it would pass under the wrong person's choice.",
        "- Errors are an OperationOutcome with a stable code and a path, without any value that was sent.",
        "- A patient or a practitioner nobody here knows gets a card that says so; no AI is called.",
        "- Members of the 3.0 ballot and any other unknown member are left in peace.",
        "",
        "Of the official bad requests, what a FHIR validator must find and a service need not is listed beside the tests in",
        "`tests/gateway/test_core_calls.py`: unknown extensions, codes outside a value set, entries without `fullUrl`.",
    ]
    part = ""
    for identifier, requirement in known.items():
        if requirement.part != part:
            part = requirement.part
            lines += ["", f"## {part}", "", "| requirement | in our words | shown by |", "|---|---|---|"]
        proof = requirement.not_ours or "<br>".join(f"`{test}`" for test in tests.get(identifier, ()))
        lines.append(f"| {identifier} | {requirement.words} | {proof} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check the page."""
    known, tests = requirements(), shown_by()
    if found := faults(known, tests):
        sys.stderr.write("\n".join(found) + "\n")
        return 1
    made = page(known, tests)
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != made:
            sys.stderr.write("docs/conformance-cds-hooks.md is not up to date: run `python -m tools.conformance`.\n")
            return 1
        return 0
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
