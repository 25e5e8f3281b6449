"""Governed acts a second over HTTP, against a bare echo and against the plain way to do the same.

Durable: PostgreSQL with its defaults (`fsync` and `synchronous_commit` on), on the same machine as the load and the AI. Each
request is 4 kB with an RS384 token of its own, over 32 connections; the AI answers at once, in another process. An act counts
once it is answered, hence recorded. Added latency is one connection through the gateway less one connection to the AI itself.
"""

from __future__ import annotations

from benchmarks.governed.installation import Installation, fresh
from benchmarks.governed.seed import a_body, prepare
from benchmarks.report import Goal, Report, run

CONNECTIONS = 32
EXPECTED_PER_S = 2_600


def prepared(made: Installation, name: str, count: int) -> str:
    """Requests signed now, since a token lives five minutes; gives back their name."""
    prepare(made.folder, (made.folder / "client.jwk").read_text(), made.url, name, count)
    return name


def measure(is_quick: bool) -> Report:
    """Ours, then the floor, then the plain way, one after the other on the same machine."""
    from benchmarks.governed.load import write_requests

    seconds, single, plain_seconds = (3.5, 1.2, 2.5) if is_quick else (15.0, 5.0, 10.0)
    uvicorn = ("--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools")
    with fresh() as made, made.running(made.ai_port, "benchmarks.governed.ai", str(made.ai_port)):
        made.module("benchmarks.governed.seed", str(made.folder), f"http://127.0.0.1:{made.ai_port}")
        direct_head = b"POST / HTTP/1.1\r\nHost: x\r\ncontent-length: %d\r\n\r\n"
        body = a_body(1)
        write_requests(made.folder / "direct", [direct_head % len(body) + body] * int(20_000 * (single + 1)), b"200")
        with made.running(made.gateway_port, "colloque", "serve", "--port", str(made.gateway_port)):
            many = prepared(made, "many", int(EXPECTED_PER_S * (seconds + 1)))
            ours = made.load(made.gateway_port, CONNECTIONS, seconds, many)
            one = prepared(made, "one", int(800 * (single + 1)))
            alone = made.load(made.gateway_port, 1, single, one)
            direct = made.load(made.ai_port, 1, single, "direct")
        with made.running(
            made.echo_port, "uvicorn", "benchmarks.governed.echo:application", "--port", str(made.echo_port), *uvicorn
        ):
            count = int(20_000 * (single + 1))
            write_requests(made.folder / "echo", _echo_requests(body, count), b"patient-view")
            floor = made.load(made.echo_port, CONNECTIONS, single, "echo")
        with made.running(
            made.plain_port,
            "uvicorn",
            "benchmarks.governed.plain:application",
            "--port",
            str(made.plain_port),
            *uvicorn,
        ):
            plainly = prepared(made, "plain", int(200 * (plain_seconds + 1)))
            plain = made.load(made.plain_port, CONNECTIONS, plain_seconds, plainly)
    return Report(
        "gateway",
        {
            "acts_per_s": ours["per_s"],
            "p50_ms": ours["p50_ms"],
            "p99_ms": ours["p99_ms"],
            "added_p50_ms": alone["p50_ms"] - direct["p50_ms"],
            "echo_per_s": floor["per_s"],
            "plain_per_s": plain["per_s"],
            "plain_p50_ms": plain["p50_ms"],
        },
        {"plain": ours["per_s"] / plain["per_s"], "echo": ours["per_s"] / floor["per_s"]},
        {
            "acts_per_s": Goal(at_least=1600),
            "p99_ms": Goal(at_most=25),
            "plain": Goal(at_least=30),
            "added_p50_ms": Goal(at_most=2.5),
        },
        {
            "acts_per_s": f"governed acts, durable, over {CONNECTIONS} connections",
            "p50_ms": "half are answered within",
            "p99_ms": "one in a hundred takes longer",
            "added_p50_ms": "one connection: through the gateway less the AI itself, medians",
            "echo_per_s": "a bare Starlette echo of the same requests",
            "plain_per_s": "the plain way",
            "plain_p50_ms": "the plain way, median",
            "plain": "more acts a second than the plain way",
            "echo": "of the echo's requests a second",
        },
        compared_with="a bare Starlette echo, and the plain way: Django view, ORM, requests, Cedar parsed at each call",
        notes=[
            f"{len(body)} byte requests, an RS384 token each; load, AI and PostgreSQL (fsync on) share the cores.",
            f"{ours['answers']} acts counted over {seconds:g} s after one second of warming up.",
        ],
    )


def _echo_requests(body: bytes, count: int) -> list[bytes]:
    head = b"POST /cds HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return [head % len(body) + body] * count


if __name__ == "__main__":
    run("gateway", measure)
