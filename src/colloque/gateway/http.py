"""The least of HTTP that the gateway needs: reading a body within its limits, sending JSON, CORS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from colloque.gateway.core.calls import MAX_BODY
from colloque.gateway.core.problems import CallError, operation_outcome, refuse

Headers = Mapping[bytes, bytes]
HeaderList = list[tuple[bytes, bytes]]

_encode = msgspec.json.Encoder().encode
JSON_HEADERS: HeaderList = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
CORS_METHODS = b"GET, POST, OPTIONS"
CORS_HEADERS = b"Authorization, Content-Type, Accept-Language"


class Disconnected(Exception):  # noqa: N818 - the client went away, nobody erred
    """Nobody waits for the answer any more."""


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by lower-case name; of one sent twice, the last. Raises `CallError` for two tokens."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name == b"authorization" and name in headers:
            raise refuse(400, "two-tokens", "One Authorization header only.")
        headers[name] = value
    return headers


def language_of(accepted: bytes) -> str:
    """`en` where English comes before French in `Accept-Language`, else `fr`."""
    english = accepted.lower().find(b"en")
    french = accepted.lower().find(b"fr")
    return "en" if english >= 0 and (french < 0 or english < french) else "fr"


async def read_body(receive: Receive, headers: Headers) -> bytes:
    """The JSON body of a request. Raises `CallError` 413 or 415, `Disconnected`."""
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise refuse(415, "not-json-type", "Send application/json.")
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise refuse(415, "encoded", "Send the body as it is, not compressed.")
    if headers.get(b"content-length", b"0").isdigit() and int(headers.get(b"content-length", b"0")[:12]) > MAX_BODY:
        raise refuse(413, "too-large", "The body is larger than a megabyte.")
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > MAX_BODY:
            raise refuse(413, "too-large", "The body is larger than a megabyte.")
        return body
    chunks, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            raise refuse(413, "too-large", "The body is larger than a megabyte.")
    return b"".join(chunks)


async def send_bytes(send: Send, status: int, body: bytes, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """A whole JSON response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*JSON_HEADERS, (b"content-length", str(len(body)).encode()), *more],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def send_json(send: Send, content: Any, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """A 200 with a value as JSON."""
    await send_bytes(send, 200, _encode(content), more)


async def send_error(send: Send, error: CallError, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """An OperationOutcome with its status."""
    extra = list(more)
    if error.status == 401:
        extra.append((b"www-authenticate", b"Bearer"))
    if error.status == 503:
        extra.append((b"retry-after", b"5"))
    await send_bytes(send, error.status, operation_outcome(error.status, error.problems), extra)


def cors(origin: bytes, allowed: Iterable[str], *, preflight: bool = False) -> HeaderList:
    """The headers that let a page of a declared origin read the answer; none for any other origin."""
    if not origin:
        return []
    vary = (b"vary", b"Origin")
    if origin.decode("latin-1") not in allowed:
        return [vary]
    headers = [vary, (b"access-control-allow-origin", origin)]
    if preflight:
        headers += [
            (b"access-control-allow-methods", CORS_METHODS),
            (b"access-control-allow-headers", CORS_HEADERS),
            (b"access-control-max-age", b"600"),
        ]
    return headers
