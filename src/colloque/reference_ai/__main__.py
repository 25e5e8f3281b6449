"""`python -m colloque.reference_ai --port N`: serves the breast-cytology aid until interrupted."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import os
import socket
import sys
import time
from pathlib import Path
from threading import Thread

import uvicorn

from colloque.reference_ai.score import load
from colloque.reference_ai.service import create_app
from colloque.reference_ai.tokens import Trust


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m colloque.reference_ai",
        description="Serves a demonstration breast-cytology aid over CDS Hooks 2.0.1.",
    )
    parser.add_argument(
        "--port", type=int, required=True, help="0 takes a free one; the line printed at start names it"
    )
    parser.add_argument("--host", default="127.0.0.1", help="outside loopback, --trust is required")
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end when standard input closes, however its owner ended"
    )
    parser.add_argument("--trust", type=Path, metavar="JWKS_FILE", help="public keys of the clients to listen to")
    parser.add_argument("--issuer", help="the iss their tokens must carry")
    parser.add_argument(
        "--audience",
        action="append",
        help="the aud their tokens must name: a service's public address; may be repeated",
    )
    options = parser.parse_args(given)
    named = [options.trust, options.issuer, options.audience]
    if any(named) and not all(named):
        parser.error("--trust, --issuer and --audience go together")
    if not options.trust and not _is_loopback(options.host):
        parser.error("outside loopback, --trust, --issuer and --audience are required")
    return options


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _trust(options: argparse.Namespace) -> Trust | None:
    if options.trust is None:
        return None
    return Trust.from_jwks(json.loads(options.trust.read_text("utf-8")), options.issuer, options.audience, time.time)


def main(given: list[str]) -> int:
    """Serves until interrupted; 2 when it cannot start, with a sentence saying why."""
    options = _arguments(given)
    try:
        trust = _trust(options)
        family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
        listener = socket.create_server((options.host, options.port), family=family)
    except (OSError, ValueError, OverflowError) as error:
        sys.stderr.write(f"The aid cannot start: {error}\n")
        return 2
    config = uvicorn.Config(
        create_app(load(), trust), access_log=False, log_level="warning", lifespan="off", server_header=False
    )
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"breast-cytology listens on http://{f'[{host}]' if ':' in host else host}:{port}\n")
    sys.stdout.flush()
    server = uvicorn.Server(config)
    if options.until_stdin_closes:
        Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0


def _end_with_stdin(server: uvicorn.Server) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
