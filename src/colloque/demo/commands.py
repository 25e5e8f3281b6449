"""`colloque demo`: the fictional establishments, served on this machine only, until Ctrl-C."""

from __future__ import annotations

import argparse
import fcntl
import http.client
import ipaddress
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

from colloque.cli.environment import prepare, state_dir
from colloque.kernel.errors import InvalidInputError, UnavailableError

STOP_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
"""What ends the demonstration as Ctrl-C does: `kill`, and a terminal that closes."""

ORIGIN = "demo.colloque.invalid/ledger"
WITNESS = "witness.colloque.invalid"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`colloque demo`."""
    demo = commands.add_parser(
        "demo", help="serve the fictional establishments on this machine, with one sign-in link per role"
    )
    demo.add_argument("--host", default="127.0.0.1", help="a loopback address; the demonstration refuses any other")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--fresh", action="store_true", help="forget what visitors did and build the story again")
    demo.set_defaults(run=_run)


def require_loopback(host: str) -> None:
    """Raises `InvalidInputError` unless the host is this machine's own: sign-in links without a password must not leave it."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise InvalidInputError(
            f"The demonstration signs people in without a password, so it serves only on this machine. {host} is not a "
            "loopback address; use 127.0.0.1, or install Colloque for real (docs/guides/fr/installer.md)."
        )


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/demo/")
        return connection.getresponse().getheader("X-Colloque-Demo") is not None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port_of_the_ai(state: Path) -> tuple[int, bool]:
    """The port on which the story's AI was declared, and whether it had to move because somebody else took it."""
    state.mkdir(parents=True, exist_ok=True)
    kept = state / "ai-port"
    known = int(kept.read_text(encoding="ascii")) if kept.is_file() else None
    if known is not None and not _is_taken("127.0.0.1", known):
        return known, False
    port = _free_port()
    kept.write_text(str(port), encoding="ascii")
    return port, known is not None


def _set_environment(state: Path, address: str, ai_port: int) -> None:
    os.environ["COLLOQUE_DEMO"] = "1"
    os.environ["COLLOQUE_STATE_DIR"] = str(state)
    os.environ["COLLOQUE_KEYS_DIR"] = str(state / "keys")
    os.environ["COLLOQUE_PUBLIC_URL"] = address
    os.environ["COLLOQUE_ORIGIN"] = ORIGIN
    os.environ["COLLOQUE_DEMO_AI"] = f"http://127.0.0.1:{ai_port}"


def _print_lines(address: str) -> None:
    from colloque.demo.story import SIGN_IN_LINES

    lines = [f"  {words:<58} {address}/demo/enter/{entry}/" for entry, words in SIGN_IN_LINES]
    sys.stdout.write("\n".join([f"\nColloque, démonstration : {address}/\n", *lines, "\nCtrl-C arrête tout.\n"]) + "\n")
    sys.stdout.flush()


@contextmanager
def _alone(state: Path, port: int) -> Iterator[None]:
    """One copy per port, also while its story is still being lived and nothing listens yet.

    Raises `UnavailableError` when another copy holds the place.
    """
    state.mkdir(parents=True, exist_ok=True)
    with (state / "running").open("w", encoding="ascii") as place:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UnavailableError(
                f"Another copy is getting the demonstration ready on port {port}. Wait for its sign-in lines, "
                f"or choose another port: PORT={port + 1} make demo."
            ) from error
        yield


def _end(_signal: int, _frame: FrameType | None) -> None:
    """Unwind to what stops each thing that was started; a second signal does not cut this short."""
    for sign in STOP_SIGNALS:
        signal.signal(sign, signal.SIG_IGN)
    sys.exit(0)


def _run(options: argparse.Namespace) -> int:
    require_loopback(options.host)
    started = time.monotonic()
    address = f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{options.port}"
    if _is_taken(options.host, options.port):
        if _answers(options.host, options.port):
            sys.stdout.write(f"The demonstration is already running on port {options.port}.\n")
            _print_lines(address)
            return 0
        raise UnavailableError(
            f"Port {options.port} is taken by another program. Choose another: PORT={options.port + 1} make demo."
        )
    for sign in STOP_SIGNALS:
        signal.signal(sign, _end)
    state = state_dir() / f"demo-{options.port}"
    try:
        with _alone(state, options.port):
            return _serve(options, state, address, started)
    except KeyboardInterrupt:
        return 0


def _serve(options: argparse.Namespace, state: Path, address: str, started: float) -> int:
    ai_port, moved = _port_of_the_ai(state)
    _set_environment(state, address, ai_port)
    mark, today = state / "story-ends-on", datetime.now(ZoneInfo("Europe/Paris")).date()
    is_told = not (options.fresh or moved) and mark.is_file() and mark.read_text(encoding="ascii") == today.isoformat()
    if not is_told:
        mark.unlink(missing_ok=True)
        shutil.rmtree(state / "keys", ignore_errors=True)  # another past is another ledger, under other keys
    from colloque.cli.keys import create_all_keys

    create_all_keys(Path(os.environ["COLLOQUE_KEYS_DIR"]), origin=ORIGIN, witness=WITNESS)
    prepare()
    from colloque.demo.serve import serve

    return serve(
        host=options.host,
        port=options.port,
        ai_port=ai_port,
        state=state,
        mark=mark,
        is_told=is_told,
        today=today,
        ready=lambda: _report_ready(address, started),
    )


def _report_ready(address: str, started: float) -> None:
    _print_lines(address)
    sys.stdout.write(f"Prêt en {time.monotonic() - started:.0f} s.\n")
    sys.stdout.flush()
