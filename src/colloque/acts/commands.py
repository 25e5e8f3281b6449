"""`colloque acts expire`: end the acts that asked for a day and got nothing. The server does it by itself; this is by hand."""

from __future__ import annotations

import argparse
import sys


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque acts expire`."""
    acts = commands.add_parser("acts", help="acts: end those that waited too long")
    actions = acts.add_subparsers(dest="acts_command", required=True, metavar="ACTION")
    expire = actions.add_parser("expire", help="end the acts that asked for 24 hours, and clear the data that waited")
    expire.set_defaults(run=_expire, needs_django=True)


def _expire(_options: argparse.Namespace) -> int:
    from django.utils import timezone

    from colloque.acts.actions import expire_asking

    sys.stdout.write(f"{expire_asking(at=timezone.now())} ended\n")
    return 0
