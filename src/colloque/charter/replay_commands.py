"""`colloque charter simulate`, `analyse`, `diff`, `export`, `import`: what a charter does, before it is adopted."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from colloque.charter.core.engine import Charter
from colloque.charter.core.history import Change
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import LANGUAGES
from colloque.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from colloque.charter.core.replay import ReplayReport

EXITS_OF_ANALYSE = "exit codes: 0 nothing to say, 1 something was found, 2 the file cannot be read"
EXITS_OF_DIFF = "exit codes: 0 both say the same, 1 they differ, 2 a file cannot be read"
MOST_LINES = 12


def add_replay_commands(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands that say what a charter would do."""
    simulate = actions.add_parser("simulate", help="replay a proposed charter on acts that happened")
    simulate.add_argument("file", metavar="PROPOSED.cedar", help="the proposed rules in Cedar; - reads standard input")
    simulate.add_argument("--acts", required=True, metavar="ACTS.parquet", help="see docs/guides/acts-table.md")
    simulate.add_argument(
        "--before", metavar="CHARTER.cedar", help="the charter in force (without it: the constitution alone)"
    )
    simulate.add_argument("--min-cell", type=int, default=5, metavar="N", help="hide counts below N (default: 5)")
    _add_form(simulate)
    simulate.set_defaults(run=_simulate)

    analyse = actions.add_parser("analyse", help="find rules that do nothing or contradict", epilog=EXITS_OF_ANALYSE)
    analyse.add_argument("file", metavar="FILE", help="the establishment's rules in Cedar; - reads standard input")
    analyse.add_argument("--timeout", type=float, default=2.0, metavar="SECONDS", help="for each question (default: 2)")
    _add_form(analyse)
    analyse.set_defaults(run=_analyse)

    diff = actions.add_parser("diff", help="what changes from one charter to another", epilog=EXITS_OF_DIFF)
    diff.add_argument("before", metavar="A", help="a charter in Cedar")
    diff.add_argument("after", metavar="B", help="another")
    diff.add_argument("--timeout", type=float, default=2.0, metavar="SECONDS", help="for each question (default: 2)")
    _add_form(diff)
    diff.set_defaults(run=_diff)

    export = actions.add_parser("export", help="write plain Cedar with its schema, for Cedar's own tools")
    export.add_argument("file", metavar="FILE", help="the establishment's rules in Cedar; - reads standard input")
    export.add_argument("--to", required=True, metavar="FOLDER", help="made if it is not there")
    export.set_defaults(run=_export)

    read = actions.add_parser("import", help="print an establishment's rules from plain Cedar or Cedar's JSON")
    read.add_argument(
        "file", metavar="FILE", help="policies, the constitution perhaps among them; - reads standard input"
    )
    read.set_defaults(run=_import)


def _add_form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument("--language", choices=LANGUAGES, default="fr", help="language of the words (default: fr)")


def read_file(name: str) -> str:
    """The text of a file; `-` is standard input. Raises `InvalidInputError`."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InvalidInputError(f"{name} cannot be read: {reason}.", path=name) from error


def compiled(name: str, number: int) -> Charter:
    """The charter of a file. Raises `InvalidInputError` with everything to correct."""
    try:
        return Charter.compile(number, read_file(name))
    except InvalidCharterError as error:
        raise InvalidInputError(f"{name} cannot be a charter.\n{error.message}", path=name) from error


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(msgspec.to_builtins(value), ensure_ascii=False) + "\n")


def _simulate(options: argparse.Namespace) -> int:
    from colloque.charter.core.acts_table import read_acts
    from colloque.charter.core.replay import replay

    if options.min_cell < 2:
        raise InvalidInputError("--min-cell is at least 2: a count of one person is nobody's business.")
    after = compiled(options.file, 2)
    before = compiled(options.before, 1) if options.before else Charter.compile(1, "")
    report = replay(before, after, read_acts(Path(options.acts)), min_cell=options.min_cell)
    if options.json:
        _json(report)
    else:
        _print_report(report, before, after, options.language)
    return 0


def _print_report(report: ReplayReport, before: Charter, after: Charter, language: str) -> None:
    from colloque.charter.core.replay import NEWLY
    from colloque.charter.core.told import (
        DIMENSION_NAMES,
        EFFECTS,
        case_line,
        count_told,
        finding_told,
        rule_told,
        summary_told,
        value_told,
    )

    colon = " : " if language == "fr" else ": "
    out, least = sys.stdout, report.min_cell
    out.write(summary_told(report, language) + "\n")
    for finding in report.findings:
        out.write(finding_told(finding, language) + "\n")
    for table in report.tables:
        lines = [line for line in table.lines if any(getattr(line, name) != 0 for name in NEWLY.values())]
        if lines:
            out.write(f"\n{DIMENSION_NAMES[table.dimension](language)}\n")
        for line in lines:
            told = [
                f"{count_told(getattr(line, name), least, language)} {EFFECTS[name](language)}"
                for name in NEWLY.values()
                if getattr(line, name) != 0
            ]
            out.write(f"  {value_told(table.dimension, line.value, language)}{colon}{', '.join(told)}\n")
    changed = [line for line in report.rules if line.before != line.after]
    if changed:
        out.write("\n" + ("règles : avant → après\n" if language == "fr" else "rules: before → after\n"))
    for rule in changed:
        charter = before if rule.status == "removed" else after
        then, now = (count_told(count, least, language) for count in (rule.before, rule.after))
        out.write(f"  {rule_told(charter, rule.rule, language)}{colon}{then} → {now}\n")
    if report.cases:
        out.write("\n" + ("des cas\n" if language == "fr" else "cases\n"))
    for case in report.cases[:MOST_LINES]:
        out.write(f"  {case_line(case, after, language)}\n")
    for rule_id in report.by_cedar:
        words = {"fr": "décidée par Cedar lui-même", "en": "decided by Cedar itself"}[language]
        out.write(f"{rule_id}{colon}{words}\n")


def _analyse(options: argparse.Namespace) -> int:
    from colloque.charter.core.analysis import analyse
    from colloque.charter.core.told import analysis_told

    charter = compiled(options.file, 1)
    told = analyse(charter, timeout_ms=_milliseconds(options.timeout))
    sentences = list(analysis_told(told, charter, options.language))
    if options.json:
        _json({**msgspec.to_builtins(told), "words": sentences})
    else:
        sys.stdout.write("".join(f"{sentence}\n" for sentence in sentences))
    return 1 if told.found else 0


def _milliseconds(seconds: float) -> int:
    if not 0.001 <= seconds <= 600:
        raise InvalidInputError("--timeout is between 0.001 and 600 seconds.")
    return round(seconds * 1000)


def _diff(options: argparse.Namespace) -> int:
    from colloque.charter.core.analysis import compare
    from colloque.charter.core.difference import difference
    from colloque.charter.core.told import comparison_told, differences_told

    before, after = compiled(options.before, 1), compiled(options.after, 2)
    language = options.language
    found = difference(before.rules, after.rules, language)
    comparison = compare(before, after, timeout_ms=_milliseconds(options.timeout))
    sentences = [*differences_told(found, language), *comparison_told(comparison, after, language)]
    if options.json:
        rules = {change.value: [one.rule.id for one in found if one.change is change] for change in Change}
        _json({**rules, "effect": msgspec.to_builtins(comparison), "words": sentences})
    else:
        sys.stdout.write("".join(f"{sentence}\n" for sentence in sentences))
    return 1 if found else 0


def _export(options: argparse.Namespace) -> int:
    from colloque.charter.core.exchange import exported

    charter = compiled(options.file, 1)
    folder = Path(options.to)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in exported(charter).items():
            (folder / name).write_text(text, encoding="utf-8")
            sys.stdout.write(f"{folder / name}\n")
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot be written: {error.strerror}.", path=str(folder)) from error
    return 0


def _import(options: argparse.Namespace) -> int:
    from colloque.charter.core.exchange import imported

    try:
        sys.stdout.write(imported(read_file(options.file)))
    except InvalidCharterError as error:
        raise InvalidInputError(f"{options.file} cannot be a charter.\n{error.message}", path=options.file) from error
    return 0
