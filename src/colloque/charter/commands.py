"""`colloque charter`: check a charter, decide an act with it, print the texts that ship with the software. No database."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TextIO

import msgspec

from colloque.charter.core.because import Audience
from colloque.charter.core.constitution import TEXTS, establishment_rules, packaged
from colloque.charter.core.engine import Charter
from colloque.charter.core.explain import explain
from colloque.charter.core.facts import Facts
from colloque.charter.core.problems import InvalidCharterError
from colloque.charter.core.rules import LANGUAGES
from colloque.charter.core.schema import schema_text
from colloque.charter.core.why import why
from colloque.charter.replay_commands import add_replay_commands, read_file
from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import VerdictKind

EXIT_CODES = {VerdictKind.PERMITTED: 0, VerdictKind.ASKS: 3, VerdictKind.REFUSED: 4}
EXITS_OF_CHECK = "exit codes: 0 it can be adopted, 1 something must be corrected, 2 the file cannot be read"
EXITS_OF_DECIDE = (
    "exit codes: 0 permitted, 3 asks (something can still be provided), 4 refused, "
    "2 the charter or the facts cannot be read"
)
SCHEMA = "schema"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque charter check`, `decide`, `print`, and those that say what a charter would do."""
    charter = commands.add_parser("charter", help="check a charter, and decide an act with it")
    actions = charter.add_subparsers(dest="charter_command", required=True, metavar="ACTION")

    check = actions.add_parser("check", help="say what must be corrected before adoption", epilog=EXITS_OF_CHECK)
    check.add_argument("file", metavar="FILE", help="the establishment's rules in Cedar; - reads standard input")
    _add_form(check)
    check.set_defaults(run=_check)

    decide = actions.add_parser("decide", help="decide one act, and say which rules decided", epilog=EXITS_OF_DECIDE)
    decide.add_argument("file", metavar="FILE", help="the establishment's rules in Cedar; - reads standard input")
    decide.add_argument(
        "--facts", required=True, metavar="FACTS.json", help="the facts of the act; - reads standard input"
    )
    _add_form(decide)
    decide.set_defaults(run=_decide)

    printed = actions.add_parser("print", help="print a text that ships with the software")
    printed.add_argument("name", choices=[*TEXTS, SCHEMA])
    printed.set_defaults(run=_print)

    add_replay_commands(actions)


def _add_form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument("--language", choices=LANGUAGES, default="fr", help="language of the words (default: fr)")


def _write(value: object, stream: TextIO) -> None:
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")


def _check(options: argparse.Namespace) -> int:
    rules, problems = establishment_rules(read_file(options.file))
    out = sys.stdout
    if options.json:
        told = [{**msgspec.to_builtins(p), "words": p.words(options.language)} for p in problems]
        _write({"rules": [rule.id for rule in rules], "problems": told}, out)
    elif problems:
        for problem in problems:
            place = f" {problem.rule}:" if problem.rule else ""
            out.write(f"{options.file}:{problem.line}:{problem.column}:{place} {problem.words(options.language)}\n")
    else:
        for rule in rules:
            out.write(f"{rule.id}: {rule.words[options.language]}\n")
    return 1 if problems else 0


def _facts(name: str) -> Facts:
    try:
        return msgspec.json.decode(read_file(name), type=Facts)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise InvalidInputError(f"{name} does not hold the facts of an act: {error}", path=name) from error


def _decide(options: argparse.Namespace) -> int:
    facts = _facts(options.facts)
    try:
        charter = Charter.compile(0, read_file(options.file))
    except InvalidCharterError as error:
        raise InvalidInputError(f"{options.file} cannot be a charter.\n{error.message}", path=options.file) from error
    verdict = charter.decide(facts)
    told = explain(charter, verdict, options.language, facts)
    further = why(charter, verdict, facts, options.language, Audience.CARER)
    counted = {one.rule: one.facts for one in further.counted}
    changes = [*(way.words for way in further.ways), *([further.closing] if further.closing else [])]
    if options.json:
        said = {"words": told.sentences, "counted": counted, "would_change": changes}
        _write({**msgspec.to_builtins(verdict), **said}, sys.stdout)
    else:
        sys.stdout.write(f"{verdict.kind}\n{told.headline}\n")
        for reason in told.reasons:
            sys.stdout.write(f"- {reason.rule}: {reason.words}{' ' + reason.doubt if reason.doubt else ''}\n")
            for fact in counted.get(reason.rule, ()):
                sys.stdout.write(f"    {fact}\n")
        for wanted in told.wanted:
            sys.stdout.write(f"{wanted}\n")
        for change in changes:
            sys.stdout.write(f"{change}\n")
    return EXIT_CODES[verdict.kind]


def _print(options: argparse.Namespace) -> int:
    sys.stdout.write(schema_text() if options.name == SCHEMA else packaged(options.name))
    return 0
