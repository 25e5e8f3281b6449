"""Start what the demonstration needs, tell when it is ready, and stop all of it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from socket import socket

import uvicorn
from django.conf import settings
from django.core.management import call_command

from colloque.acts.ai import read_signer
from colloque.cli.commands import STOP_WITHIN_SECONDS
from colloque.demo.build import build_story, forget_story
from colloque.demo.systems import CYTOLOGY, FALL_RISK
from colloque.kernel.errors import UnavailableError
from colloque.ledger.actions import integrate_forever


def start_reference_ai(port: int, trust: Path) -> subprocess.Popen[bytes]:
    """The reference AI in a process of its own; it ends when our end of its standard input closes, however we end.

    It listens only to our own tokens. Raises `UnavailableError` when it does not come up.
    """
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "colloque.reference_ai", "--port", str(port), "--until-stdin-closes"]
    command += ["--trust", str(trust), "--issuer", settings.COLLOQUE_PUBLIC_URL]
    for system in (CYTOLOGY, FALL_RISK):
        command += ["--audience", f"{address}/cds-services/{system.remote_id}"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdout is None or not process.stdout.readline():
        process.wait(timeout=5)
        raise UnavailableError("The reference AI could not start; its own message stands above.")
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End what we started: ask first, insist after a while."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _TellingServer(uvicorn.Server):
    """A server that says when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        signal.signal(signal.SIGHUP, self.handle_exit)  # a terminal that closes; the server knows the other two
        await super().startup(sockets=sockets)
        if not self.should_exit:
            self._ready()


@contextmanager
def _numbering() -> Iterator[None]:
    """The ledger numbers and signs while the story is lived, as it does while the server serves."""
    stop_numbering = threading.Event()
    integrator = threading.Thread(target=integrate_forever, args=(stop_numbering,), name="ledger integrator")
    integrator.start()
    try:
        yield
    finally:
        stop_numbering.set()
        integrator.join()


def prepare_story(mark: Path, *, is_told: bool, today: date) -> None:
    """Bring the database to this version and, unless it `is_told`, live through the story up to today.

    `mark` holds the day of the story in the database. It is written last: a story that was interrupted is begun again.
    """
    if is_told:
        call_command("migrate", interactive=False, verbosity=0)
        return
    sys.stdout.write("L'histoire de la démonstration se joue jusqu'à aujourd'hui : une année…\n")
    sys.stdout.flush()
    forget_story()
    with _numbering():
        build_story(today)
    mark.write_text(today.isoformat(), encoding="ascii")


def serve(
    *,
    host: str,
    port: int,
    ai_port: int,
    state: Path,
    mark: Path,
    is_told: bool,
    today: date,
    ready: Callable[[], None],
) -> int:
    """Serve until stopped; whatever was started is stopped, also when building fails."""
    state.mkdir(parents=True, exist_ok=True)
    trust = state / "trusted-by-the-ai.json"
    signer = read_signer(Path(settings.COLLOQUE_KEYS_DIR), settings.COLLOQUE_PUBLIC_URL)
    trust.write_text(json.dumps(signer.jwks()), encoding="utf-8")
    ai = start_reference_ai(ai_port, trust)
    try:
        prepare_story(mark, is_told=is_told, today=today)
        config = uvicorn.Config(
            "colloque.config.asgi:application",
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN_SECONDS,
        )
        asyncio.run(_TellingServer(config, ready).serve())
    finally:
        stop(ai)
    return 0
