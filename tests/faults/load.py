"""Record systems that keep calling, and remember exactly what each call came to."""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec

from tests.faults.furnish import signs
from tests.faults.house import House
from tests.gateway.ehr import PRACTITIONER, Ehr

CALLERS = 6
GIVES_UP_AFTER_S = 20.0
REPORTS_ONE_IN = 4


@dataclass(frozen=True)
class Outcome:
    """One call: when it began and how long it took (seconds), the status (0 where no answer came), and the body."""

    began: float
    seconds: float
    status: int
    body: bytes
    kind: str = ""

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards that reached the caller."""
        if self.status != 200:
            return []
        cards: list[dict[str, Any]] = msgspec.json.decode(self.body)["cards"]
        return cards

    @property
    def suggested(self) -> list[str]:
        """The uuids of cards in which the AI says something: those a carer can follow or set aside."""
        return [card["uuid"] for card in self.cards if "overrideReasons" in card]

    @property
    def code(self) -> str:
        """The code of an error in the standard's shape; empty for anything else."""
        with contextlib.suppress(msgspec.DecodeError, KeyError, TypeError, IndexError):
            decoded = msgspec.json.decode(self.body)
            if decoded["resourceType"] == "OperationOutcome":
                return str(decoded["issue"][0]["details"]["coding"][0]["code"])
        return ""


def a_body(patient: str) -> bytes:
    """A call about one person with everything the checklist needs."""
    return msgspec.json.encode(
        {
            "hook": "patient-view",
            "hookInstance": str(uuid4()),
            "context": {"userId": PRACTITIONER, "patientId": patient},
            "prefetch": signs(),
        }
    )


@dataclass(frozen=True)
class Reported:
    """One feedback call: about which card, when it began, and its status (0 where no answer came)."""

    card: str
    began: float
    status: int


@dataclass
class Load:
    """Callers in threads, each with a connection it keeps while it can; of some suggestions they report what came of them."""

    house: House
    ports: tuple[int, ...] = ()
    callers: int = CALLERS
    outcomes: list[Outcome] = field(default_factory=list)
    reports: list[Reported] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=count)
    _shown: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self._threads = [
            threading.Thread(target=self._keep_calling, args=(number,), daemon=True) for number in range(self.callers)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(GIVES_UP_AFTER_S + 5)
            assert not thread.is_alive(), "A caller is still waiting for its answer."

    def wait_for(self, wanted: int, *, since: float = 0.0, within: float = 15.0) -> float:
        """Wait until this many calls begun since then came back with a suggestion; gives the seconds it took."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            if len(self.answered(since)) >= wanted:
                return time.monotonic() - began
            time.sleep(0.02)
        raise AssertionError(
            f"{len(self.answered(since))} answers of {wanted} in {within} s; lately: "
            f"{[(o.status, o.code, o.kind) for o in self.outcomes[-10:]]}\n{self.house.log()[-2_000:]}"
        )

    def answered(self, since: float = 0.0) -> list[Outcome]:
        """The calls begun since then that came back with a suggestion."""
        return [o for o in list(self.outcomes) if o.began >= since and o.suggested]

    def between(self, begin: float, end: float) -> list[Outcome]:
        """The calls that lie wholly between two moments."""
        return [o for o in list(self.outcomes) if o.began >= begin and o.began + o.seconds <= end]

    def _keep_calling(self, caller: int) -> None:
        ports = self.ports or (self.house.port,)
        ehr = self.house.ehr()
        port = ports[caller % len(ports)]
        kept: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            patient = self.house.known["patients"][next(self._numbers) % len(self.house.known["patients"])]
            kept = kept or http.client.HTTPConnection("127.0.0.1", port, timeout=GIVES_UP_AFTER_S)
            outcome = call_once(kept, ehr, patient)
            self.outcomes.append(outcome)
            if outcome.suggested and next(self._shown) % REPORTS_ONE_IN == 0:
                self.reports.append(report_once(kept, ehr, outcome.suggested[0]))
            if outcome.status == 0:
                kept.close()
                kept = None
                self._stop.wait(0.05)
            elif outcome.status != 200:
                self._stop.wait(0.02)
        if kept is not None:
            kept.close()


def call_once(connection: http.client.HTTPConnection, ehr: Ehr, patient: str, token: str = "") -> Outcome:
    """One signed call over this connection; a connection that fails is an outcome with status 0."""
    path = ehr.path()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token or ehr.token(path, alg='ES384')}",
    }
    body = a_body(patient)
    began = time.monotonic()
    try:
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        return Outcome(began, time.monotonic() - began, 0, b"", type(error).__name__)
    return Outcome(began, time.monotonic() - began, response.status, content)


def report_once(connection: http.client.HTTPConnection, ehr: Ehr, card: str) -> Reported:
    """Report over this connection that a carer set the suggestion aside."""
    path = ehr.path(feedback=True)
    body = msgspec.json.encode(
        {
            "feedback": [
                {
                    "card": card,
                    "outcome": "overridden",
                    "overrideReason": {"reason": {"code": "patient-refuses"}},
                    "outcomeTimestamp": datetime.now(UTC).isoformat(),
                }
            ]
        }
    )
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ehr.token(path, alg='ES384')}"}
    began = time.monotonic()
    try:
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return Reported(card, began, 0)
    return Reported(card, began, response.status)


def one_call(house: House, *, patient: str = "", token: str = "", port: int | None = None) -> Outcome:
    """One call over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port or house.port, timeout=GIVES_UP_AFTER_S)
    try:
        return call_once(connection, house.ehr(port), patient or house.known["patients"][0], token)
    finally:
        connection.close()
