"""An AI service that a test plays, over real HTTP: it answers what it is told to, and remembers what it received."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

CARD: dict[str, Any] = {"summary": "Poids stable", "indicator": "info", "source": {"label": "Balance"}}
SUGGESTIONS: dict[str, Any] = {
    **CARD,
    "selectionBehavior": "at-most-one",
    "suggestions": [
        {
            "label": "Peser demain",
            "uuid": "theirs",
            "isRecommended": True,
            "actions": [
                {
                    "type": "create",
                    "description": "Demander une pesée",
                    "resource": {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"},
                },
                {"type": "delete", "description": "Retirer la pesée d’avant", "resourceId": "ServiceRequest/1"},
            ],
        }
    ],
}

Play = Callable[["Handler"], None]


@dataclass
class PlayedAi:
    """The AI's address, what it received, and what it does."""

    url: str
    received: list[bytes] = field(default_factory=list, repr=False)
    tokens: list[str] = field(default_factory=list, repr=False)
    paths: list[str] = field(default_factory=list, repr=False)
    play: Play = field(default=lambda handler: handler.answer({"cards": [CARD]}))

    def answers(self, content: Any, kind: str = "application/json", status: int = 200) -> None:
        """Answer so from now on."""
        self.play = lambda handler: handler.answer(content, kind, status)


class Handler(BaseHTTPRequestHandler):
    """One call to the AI."""

    protocol_version = "HTTP/1.1"
    ai: PlayedAi

    def do_POST(self) -> None:
        """Remember, and do as the test says."""
        self.ai.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.ai.tokens.append(self.headers.get("Authorization", ""))
        self.ai.paths.append(self.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.ai.play(self)

    def answer(
        self, content: Any, kind: str = "application/json", status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """A whole answer."""
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def played_ai() -> Iterator[PlayedAi]:
    """An AI that lives as long as the block."""
    handler = type("ThisHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    ai = PlayedAi(f"http://127.0.0.1:{server.server_address[1]}")
    handler.ai = ai  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield ai
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
