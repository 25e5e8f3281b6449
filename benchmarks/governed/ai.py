"""An AI that answers at once, always the same: what remains is what the gateway costs.

python -m benchmarks.governed.ai PORT
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

BODY = json.dumps(
    {
        "cards": [
            {"summary": "Poids stable", "indicator": "info", "source": {"label": "Balance"}, "detail": "Rien à dire."}
        ]
    }
).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Answering(asyncio.Protocol):
    """One kept connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        lower = self.buffer[:head].lower()
        place = lower.find(b"content-length: ")
        end = lower.find(b"\r\n", place)
        size = int(lower[place + 16 : end if end >= 0 else head])
        if len(self.buffer) >= head + 4 + size:
            self.buffer = self.buffer[head + 4 + size :]
            self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def serve(port: int) -> None:
    """Answer until the process ends."""
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
