"""Commands that run an installation: `serve`, `migrate`, `keys`, `manage`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from types import FrameType

from colloque.cli.environment import keys_dir, prepare
from colloque.cli.keys import create_all_keys
from colloque.kernel.errors import InvalidInputError
from colloque.ledger.keys import read_keys

STOP_WITHIN_SECONDS = 4
"""What calls in hand get to end when the server is asked to stop; then they are answered that it stops."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque serve`, `colloque migrate` and `colloque manage`."""
    serve = commands.add_parser("serve", help="serve on an address until stopped")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run=_serve)

    keys = commands.add_parser("keys", help="the installation's keys, kept outside the database")
    create = keys.add_subparsers(required=True, metavar="ACTION").add_parser(
        "create", help="make the keys that are missing"
    )
    create.add_argument(
        "--origin", default=os.environ.get("COLLOQUE_ORIGIN"), help="the name of the ledger in its checkpoints"
    )
    create.set_defaults(run=_create_keys)

    migrate = commands.add_parser("migrate", help="bring the database to this version of Colloque")
    migrate.set_defaults(run=_migrate, needs_django=True)

    manage = commands.add_parser("manage", help="run one of Django's own commands")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    manage.set_defaults(run=_manage, needs_django=True)


def _serve(options: argparse.Namespace) -> int:
    import uvicorn

    read_keys(keys_dir())  # without its keys a server could record nothing: it refuses here, in a sentence
    prepare()
    signal.signal(signal.SIGTERM, _end)  # what the server does once it has ended by itself: end in order, not killed
    uvicorn.run(
        "colloque.config.asgi:application",
        host=options.host,
        port=options.port,
        log_level=os.environ.get("COLLOQUE_LOG_LEVEL", "warning").lower(),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN_SECONDS,
    )
    return 0


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _create_keys(options: argparse.Namespace) -> int:
    if not options.origin:
        raise InvalidInputError(
            "Name the ledger: --origin (or COLLOQUE_ORIGIN), for example ehpad.example.fr/registre."
        )
    folder = keys_dir()
    made = create_all_keys(folder, origin=options.origin)
    sys.stdout.write(f"{folder}: {'made ' + ', '.join(made) if made else 'nothing was missing'}.\n")
    return 0


def _migrate(_options: argparse.Namespace) -> int:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)
    return 0


def _manage(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line([sys.argv[0], *options.arguments])
    return 0
