"""A light load generator: prepared requests sent as they are over kept connections, latencies kept as numbers.

    python -m benchmarks.governed.load PORT CONNECTIONS SECONDS REQUESTS_FILE

The file holds whole HTTP requests, each after its length (4 bytes). Prints one JSON object: answers a second, percentiles in
milliseconds, and how many answers were not `200` or held no `marker` that the file's first record names.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from pathlib import Path

import uvloop

WARM_UP_SECONDS = 1.0


def write_requests(path: Path, requests: list[bytes], marker: bytes) -> None:
    """Keep the marker and the requests for the generator."""
    path.write_bytes(b"".join(struct.pack("<I", len(part)) + part for part in [marker, *requests]))


def read_requests(path: Path) -> tuple[bytes, list[bytes]]:
    """The marker and the requests."""
    data, parts, place = path.read_bytes(), [], 0
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place)
        parts.append(data[place + 4 : place + 4 + length])
        place += 4 + length
    return parts[0], parts[1:]


class Load:
    """What all connections share."""

    def __init__(self, requests: list[bytes], marker: bytes, seconds: float) -> None:
        self.requests = iter(requests)
        self.marker = marker
        self.begin = time.perf_counter()
        self.count_from = self.begin + WARM_UP_SECONDS
        self.end = self.count_from + seconds
        self.latencies: list[float] = []
        self.wrong = 0
        self.first_wrong = b""
        self.ran_out = False

    def next(self) -> bytes | None:
        """The next request, or none once time is up."""
        if time.perf_counter() >= self.end:
            return None
        request = next(self.requests, None)
        self.ran_out = self.ran_out or request is None
        return request

    def answered(self, sent: float, answer: bytes) -> None:
        """Count one answer."""
        now = time.perf_counter()
        if not (answer.startswith(b"HTTP/1.1 200") and self.marker in answer):
            self.wrong += 1
            self.first_wrong = self.first_wrong or answer[:600]
        if sent >= self.count_from and now <= self.end:
            self.latencies.append(now - sent)


class Connection(asyncio.Protocol):
    """One connection that always has one request under way."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self.load = load
        self.done = done
        self.buffer = b""
        self.sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        request = self.load.next()
        if request is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.sent = time.perf_counter()
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = self.buffer.find(b"content-length: ", 0, head)
        size = int(self.buffer[length + 16 : self.buffer.find(b"\r\n", length)]) if length >= 0 else 0
        if len(self.buffer) < head + 4 + size:
            return
        answer, self.buffer = self.buffer, b""
        self.load.answered(self.sent, answer)
        self.send()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.done.done():
            self.load.wrong += 1
            self.load.first_wrong = self.load.first_wrong or b"connection lost"
            self.done.set_result(None)


async def run(port: int, connections: int, seconds: float, requests: list[bytes], marker: bytes) -> dict[str, object]:
    """Load the server and say what came back."""
    loop = asyncio.get_running_loop()
    load = Load(requests, marker, seconds)
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda done=done: Connection(load, done), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    counted = sorted(load.latencies)
    duration = min(time.perf_counter(), load.end) - load.count_from
    return {
        "per_s": len(counted) / duration if duration > 0 else 0.0,
        "p50_ms": 1000 * counted[len(counted) // 2] if counted else 0.0,
        "p99_ms": 1000 * counted[min(len(counted) - 1, int(len(counted) * 0.99))] if counted else 0.0,
        "answers": len(counted),
        "wrong": load.wrong,
        "first_wrong": load.first_wrong.decode("latin-1"),
        "ran_out": load.ran_out,
    }


if __name__ == "__main__":
    port, connections, seconds, path = sys.argv[1:]
    marker, requests = read_requests(Path(path))
    found = uvloop.run(run(int(port), int(connections), float(seconds), requests, marker))
    sys.stdout.write(json.dumps(found) + "\n")
