"""What a participant holds: a secret in a cookie, one for each consultation, of which the database keeps only the digest."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from colloque.kernel.sealing import RandomBytes
from colloque.people.core.links import digest_of, new_secret

COOKIE_LASTS_S: Final = 180 * 24 * 3600
"""Longer than a consultation is open, so that one comes back to one's votes."""


def cookie_name(consultation: UUID) -> str:
    """The name of the cookie of a consultation."""
    return f"c_{consultation.hex}"


def new_ticket(random_bytes: RandomBytes) -> str:
    """43 characters (256 random bits): the value of the cookie."""
    return new_secret(random_bytes)


def ticket_digest(ticket: str) -> bytes:
    """The 32 bytes that `Participant.token_digest` keeps of it."""
    return digest_of(ticket)
