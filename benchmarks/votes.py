"""Durable votes a second over HTTP, against the plain way; and what receipts cost.

Durable: PostgreSQL with its defaults (`fsync` and `synchronous_commit` on), on the same machine as the load. Each request is
one vote of one person, with the headers a browser sends, over 64 connections: 12 000 people, 500 statements, ten earlier votes
each. A vote counts once it is answered, hence written, with the next statement to ask and a receipt. The load begins once the
server's map worker has kept its first map: what is measured is a server that runs, not a compiler that starts.
"""

from __future__ import annotations

import time

from benchmarks.governed.installation import free_port, fresh
from benchmarks.report import Goal, Report, run
from benchmarks.voting.seed import EARLIER, PEOPLE, STATEMENTS

CONNECTIONS = 64
MOST_PER_S = 22_000
FIRST_MAP_WITHIN_S = 60.0
UVICORN = ("--no-access-log", "--log-level", "warning", "--loop", "uvloop", "--http", "httptools")


def wait_for_a_map(database_url: str) -> None:
    """Until a server has kept its first map. Raises `SystemExit` where none comes."""
    import psycopg

    until = time.monotonic() + FIRST_MAP_WITHIN_S
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not connection.execute("SELECT EXISTS (SELECT FROM consultations_mapversion)").fetchone()[0]:  # type: ignore[index]
            if time.monotonic() > until:
                raise SystemExit(f"No map was kept within {FIRST_MAP_WITHIN_S:g} s.")
            time.sleep(0.2)


def measure(is_quick: bool) -> Report:
    """Ours, the endpoint alone with and without receipts, then the plain way, one after the other on the same machine."""
    seconds, alone, plain_seconds = (5.0, 3.0, 3.0) if is_quick else (14.0, 6.0, 8.0)
    ours, with_receipts, without, plainly = ports = [free_port() for _ in range(4)]
    with fresh() as made:
        votes = str(int(MOST_PER_S * (seconds + 1)))
        made.module("benchmarks.voting.seed", str(made.folder), ",".join(map(str, ports)), votes)
        with made.running(ours, "colloque", "serve", "--port", str(ours)):
            wait_for_a_map(made.environment["DATABASE_URL"])
            whole = made.load(ours, CONNECTIONS, seconds, f"votes-{ours}")
        found = {}
        for port, receipts in ((without, "no"), (with_receipts, "yes")):
            made.environment["BENCH_RECEIPTS"] = receipts
            with made.running(port, "uvicorn", "benchmarks.voting.endpoint:application", "--port", str(port), *UVICORN):
                found[receipts] = made.load(port, CONNECTIONS, alone, f"votes-{port}")
        with made.running(plainly, "uvicorn", "benchmarks.voting.plain:application", "--port", str(plainly), *UVICORN):
            plain = made.load(plainly, CONNECTIONS, plain_seconds, f"votes-{plainly}")
    return Report(
        "votes",
        {
            "votes_per_s": whole["per_s"],
            "p50_ms": whole["p50_ms"],
            "p99_ms": whole["p99_ms"],
            "with_receipts_per_s": found["yes"]["per_s"],
            "without_receipts_per_s": found["no"]["per_s"],
            "receipt_us": 1e6 / found["yes"]["per_s"] - 1e6 / found["no"]["per_s"],
            "plain_per_s": plain["per_s"],
            "plain_p99_ms": plain["p99_ms"],
        },
        {"plain": whole["per_s"] / plain["per_s"]},
        {"votes_per_s": Goal(at_least=15_000), "p99_ms": Goal(at_most=10)},
        {
            "votes_per_s": f"votes, durable, with receipt and next statement, over {CONNECTIONS} connections",
            "p50_ms": "half are answered within",
            "p99_ms": "one in a hundred takes longer",
            "with_receipts_per_s": "the endpoint alone, without pages and ledger beside it",
            "without_receipts_per_s": "the same, without receipts",
            "receipt_us": "what a receipt costs a vote, in microseconds: the difference of the two",
            "plain_per_s": "the plain way",
            "plain_p99_ms": "the plain way, one in a hundred takes longer",
            "plain": "more votes a second than the plain way",
        },
        compared_with="the plain way: a Django view and the ORM's update_or_create, under the same server",
        notes=[
            f"{PEOPLE} people, {STATEMENTS} statements, {EARLIER} earlier votes each; load and PostgreSQL share the cores.",
            f"{whole['answers']} votes counted over {seconds:g} s after one second of warming up.",
        ],
    )


if __name__ == "__main__":
    run("votes", measure)
