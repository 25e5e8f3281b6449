"""The `colloque` command. Each room adds its own commands; nothing here needs Django until a command does.

A room's `commands.add_commands(commands)` adds parsers whose defaults are `run` (options → exit code) and, where the
command needs the database, `needs_django=True`: database and Django are then ready when `run` begins.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from colloque import __version__
from colloque.cli.environment import prepare
from colloque.kernel.errors import ColloqueError

ROOMS_WITH_COMMANDS = ("cli", "ledger", "people", "consultations", "charter", "projects", "patients", "acts", "demo")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with every room's commands."""
    parser = argparse.ArgumentParser(
        prog="colloque", description="Which AI may take part in care, who decided it, and who stays in command."
    )
    parser.add_argument("--version", action="version", version=f"colloque {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for room in ROOMS_WITH_COMMANDS:
        name = f"colloque.{room}.commands"
        if find_spec(name) is not None:
            import_module(name).add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = build_parser().parse_args(arguments)
    try:
        if getattr(options, "needs_django", False):
            prepare()
        return int(options.run(options) or 0)
    except ColloqueError as error:
        sys.stderr.write(f"colloque: {error.message}\n")
        return 2
    except BrokenPipeError:
        return 0
