"""Statements of the gateway alone; parameters are `$n`."""

from __future__ import annotations

READ_HOUSE = """
SELECT house.id, house.slug, subject.wrapped, system.id, system.xmin::text, system.issuer, system.jwks::text,
    system.origins::text
FROM people_establishment house
LEFT JOIN people_clientsystem system ON system.establishment_id = house.id AND system.is_active
LEFT JOIN ledger_subject_key subject ON subject.subject = house.id
WHERE house.slug = $1
"""
"""An establishment by its slug, one row for each of its active client systems."""

READ_CHARTER = "SELECT number, cedar FROM charter_charterversion WHERE id = $1 AND adopted_at IS NOT NULL"

MAKE_HOUSE_KEY = """
INSERT INTO ledger_subject_key (subject, wrapped) VALUES ($1, $2) ON CONFLICT (subject) DO NOTHING
"""

REFUSE_CALL = """
WITH burnt AS (
    INSERT INTO acts_usedtoken (system_id, jti, expires_at)
    SELECT system.id, $2, $3 FROM people_clientsystem system
    WHERE system.id = $1 AND system.is_active AND system.xmin::text = $4
    ON CONFLICT DO NOTHING
    RETURNING id
), logged AS (
    INSERT INTO ledger_entry (id, subject, leaf, sealed)
    SELECT $5::uuid, $6::uuid, $7::bytea, $8::bytea FROM burnt WHERE $5::uuid IS NOT NULL
)
SELECT EXISTS (SELECT FROM burnt)
"""
"""Uses up the token of a call that comes to nothing, and records why; false where the token was used before."""

FORGET_TOKENS = "DELETE FROM acts_usedtoken WHERE expires_at < $1"
"""Tokens past their time need no memory: they are refused for being expired."""
