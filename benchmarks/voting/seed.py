"""Fills an installation with a consultation and prepares its votes.

python -m benchmarks.voting.seed FOLDER PORT,PORT,… VOTES
"""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.governed.load import write_requests

PEOPLE = 12_000
STATEMENTS = 500
EARLIER = 10
MARKER = b'"next"'


def fill() -> tuple[str, list[str]]:
    """An open consultation of many people, each with some votes already; its id and everybody's tickets."""
    from django.db import connection

    from colloque.consultations.core.tickets import new_ticket, ticket_digest
    from colloque.consultations.models import Consultation, Participant, Statement
    from colloque.people.models import Account, Establishment

    now = datetime.now(UTC)
    house = Establishment.objects.create(slug="banc", name="Banc d’essai", kind="hospital")
    facilitator = Account.objects.create(email="facilitator@banc.example")
    held = Consultation.objects.create(
        establishment=house, number=1, slug="votes", title="Votes", question="Combien ?", state="open",
        anonymity="open-link", moderation="open", created_by=facilitator, created_at=now, opened_by=facilitator,
        opens_at=now - timedelta(days=1),
    )  # fmt: skip
    Statement.objects.bulk_create(
        Statement(
            consultation=held, number=number, text=f"Affirmation {number} : l’IA aide les personnes qui soignent.",
            state="published", is_seed=True, submitted_at=now, published_at=now,
        )
        for number in range(1, STATEMENTS + 1)
    )  # fmt: skip
    tickets = [new_ticket(secrets.token_bytes) for _ in range(PEOPLE)]
    Participant.objects.bulk_create(
        [
            Participant(
                consultation=held, number=number, channel="link", token_digest=ticket_digest(ticket), joined_at=now
            )
            for number, ticket in enumerate(tickets, start=1)
        ],
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consultations_vote (consultation_id, participant_number, statement_number, value, at, channel) "
            "SELECT %s, p, (p * 7 + n * 31) %% %s + 1, (p + n) %% 3 - 1, %s, 'self' "
            "FROM generate_series(1, %s) p, generate_series(1, %s) n ON CONFLICT DO NOTHING",
            [held.id, STATEMENTS, now - timedelta(hours=1), PEOPLE, EARLIER],
        )
        cursor.execute("VACUUM ANALYZE")
    return str(held.id), tickets


def a_vote(port: int, consultation: str, cookie: str, ticket: str, statement: int, value: int) -> bytes:
    """A whole HTTP request, with the headers a browser sends."""
    body = b'{"statement":%d,"value":%d}' % (statement, value)
    head = (
        f"POST /votes/{consultation} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nAccept-Language: fr\r\n"
        f"Cookie: csrftoken=0123456789abcdef0123456789abcdef; {cookie}={ticket}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    """Fill, then prepare a file of votes for each port: everybody answers one statement after the other."""
    import django

    django.setup()
    from uuid import UUID

    from colloque.consultations.core.tickets import cookie_name

    folder, ports, count = Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3])
    consultation, tickets = fill()
    cookie = cookie_name(UUID(consultation))
    for turn, port in enumerate(ports):
        write_requests(
            folder / f"votes-{port}",
            [
                a_vote(
                    int(port), consultation, cookie, tickets[n % PEOPLE],
                    (n // PEOPLE + n % PEOPLE * 13 + turn * 97) % STATEMENTS + 1, n % 3 - 1,
                )
                for n in range(count)
            ],
            MARKER,
        )  # fmt: skip


if __name__ == "__main__":
    main()
