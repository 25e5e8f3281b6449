"""Statements shared by Django's connection and by the gateway's own (asyncpg); parameters are `$n` arrays.

psycopg runs the same text through `psycopg.RawCursor`. Nothing here knows a driver.
"""

from __future__ import annotations


def insert_entries(first: int = 1) -> str:
    """The statement that adds a batch of sealed entries, without a final semicolon, ready to be one part of a larger `WITH`.

    Four parameters from `$first`: arrays of ids (uuid), subjects (uuid), leaves (bytea), sealed payloads (bytea), all of
    one length. It returns the ids. The waiting list is filled by a trigger.
    """
    ids, subjects, leaves, sealed = (f"${first + offset}" for offset in range(4))
    return (
        "INSERT INTO ledger_entry (id, subject, leaf, sealed) "  # noqa: S608 - only parameter numbers are put in
        f"SELECT * FROM unnest({ids}::uuid[], {subjects}::uuid[], {leaves}::bytea[], {sealed}::bytea[]) RETURNING id"
    )


INSERT_ENTRIES = insert_entries()

SELECT_SUBJECT_KEYS = "SELECT subject, wrapped FROM ledger_subject_key WHERE subject = ANY($1::uuid[]) FOR KEY SHARE"
"""The wrapped keys of some persons, held against erasure until the transaction ends."""

INSERT_SUBJECT_KEYS = (
    "INSERT INTO ledger_subject_key (subject, wrapped) SELECT * FROM unnest($1::uuid[], $2::bytea[]) "
    "ON CONFLICT (subject) DO NOTHING"
)
"""Keys for persons who have none yet; whoever came first wins, so read them again afterwards."""
