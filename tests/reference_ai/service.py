"""The aid as its callers meet it: a real process on a free loopback port, and requests made by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src"
CALL = "/cds-services/breast-cytology"
HOOK_INSTANCE = "2d6c1f0e-5a5b-4b0e-9a39-6a1f0d6a0c11"


@dataclass(frozen=True)
class Reply:
    """Status, parsed JSON and headers (names in lower case) of one exchange."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def card(self) -> dict[str, Any]:
        """The only card."""
        assert self.status == 200, self.body
        assert len(self.body["cards"]) == 1, self.body
        card: dict[str, Any] = self.body["cards"][0]
        return card

    @property
    def answer(self) -> dict[str, Any]:
        """The structured answer of the only card."""
        answer: dict[str, Any] = self.card["extension"]["com.colloque.answer"]
        return answer


@dataclass(frozen=True)
class Service:
    """A running aid."""

    address: str
    seconds_to_start: float

    def get(self, path: str, **headers: str) -> Reply:
        """GET, any status."""
        return self._send(urllib.request.Request(self.address + path, headers=headers))

    def post(self, content: object, path: str = CALL, **headers: str) -> Reply:
        """POST of JSON, or of bytes as they are; any status."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self._send(
            urllib.request.Request(
                self.address + path, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
            )
        )

    def _send(self, request: urllib.request.Request) -> Reply:
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                status, text, headers = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            status, text, headers = error.code, error.read(), error.headers
        return Reply(status, json.loads(text), {name.lower(): value for name, value in headers.items()})


@contextmanager
def running(*arguments: str, stop: signal.Signals = signal.SIGTERM) -> Iterator[Service]:
    """The aid in its own process until the block ends; its standard error must stay empty."""
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-m", "colloque.reference_ai", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "listens on " in line, process.communicate(timeout=5)
            yield Service(line.split("listens on ")[1].strip(), time.monotonic() - started)
        finally:
            process.send_signal(stop)
            _, errors = process.communicate(timeout=10)
    assert errors == "", errors


def request_with(prefetched: object) -> dict[str, Any]:
    """A patient-view request with this under the prefetch key."""
    return {
        "hook": "patient-view",
        "hookInstance": HOOK_INSTANCE,
        "context": {"userId": "Practitioner/1", "patientId": "p-1"},
        "prefetch": {"cytology": prefetched},
    }


def searchset(*resources: object) -> dict[str, Any]:
    """A FHIR searchset Bundle."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources]}
