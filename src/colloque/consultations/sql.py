"""The statements of the hot path of votes, shared by two drivers: asyncpg in the gateway, psycopg in our own pages.

Parameters are `$n` arrays, one element a vote, so that a batch is one round trip. psycopg runs the same text through
`psycopg.RawCursor`. Nothing here knows a driver.
"""

from __future__ import annotations

WRITE_VOTES = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest($1::int[], $2::uuid[], $3::int[], $4::int[], $5::smallint[], $7::text[], $8::uuid[])
        AS t(n, consultation, participant, statement, value, channel, helper)
), held AS MATERIALIZED (
    SELECT id FROM consultations_consultation
    WHERE id = ANY($2::uuid[]) AND state = 'open' AND (closes_at IS NULL OR closes_at > statement_timestamp())
    ORDER BY id FOR SHARE
), good AS MATERIALIZED (
    SELECT asked.* FROM asked
    JOIN held ON held.id = asked.consultation
    JOIN consultations_statement s
        ON s.consultation_id = asked.consultation AND s.number = asked.statement AND s.state = 'published'
), written AS (
    INSERT INTO consultations_vote AS kept
        (consultation_id, participant_number, statement_number, value, at, channel, helper_id, changes)
    SELECT consultation, participant, statement, value, $6::timestamptz, channel, helper, 0 FROM good WHERE value IS NOT NULL
    ORDER BY consultation, participant, statement
    ON CONFLICT (consultation_id, participant_number, statement_number) DO UPDATE
    SET value = EXCLUDED.value, at = EXCLUDED.at, channel = EXCLUDED.channel, helper_id = EXCLUDED.helper_id,
        changes = LEAST(kept.changes + (kept.value <> EXCLUDED.value)::int, 32000)
    WHERE (kept.value, kept.channel) IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.channel)
), taken_back AS (
    DELETE FROM consultations_vote kept USING good
    WHERE good.value IS NULL AND kept.consultation_id = good.consultation
        AND kept.participant_number = good.participant AND kept.statement_number = good.statement
)
SELECT asked.n, held.id IS NOT NULL, good.n IS NOT NULL
FROM asked LEFT JOIN held ON held.id = asked.consultation LEFT JOIN good ON good.n = asked.n
ORDER BY asked.n
"""
"""Writes votes; one row for each: its place, whether its consultation is open, whether it was written.

Arrays: place, consultation, participant's number, statement's number, value (null takes the vote back); `$6` is one moment
for all; then arrays of channels and of helpers' accounts or null. Each pair (participant, statement) may stand once only in a
batch. The same answer given again changes nothing. The consultation's row is held `FOR SHARE` to the end of the transaction:
whoever closes it waits for the votes under way, and after that none is written.
"""

CHANNEL = "colloque_votes"
"""On which our own pages tell the hot path `<consultation>/<participant's number>`: what it knows of them is older now."""

READ_PARTICIPANTS = """
SELECT asked.n, p.number, p.channel, p.helper, p.helped_by_id, voted.statements, voted.votes
FROM unnest($1::int[], $2::uuid[], $3::bytea[]) AS asked(n, consultation, digest)
JOIN consultations_participant p ON p.token_digest = asked.digest AND p.consultation_id = asked.consultation
    AND p.channel <> 'signed-in'
LEFT JOIN LATERAL (
    SELECT array_agg(v.statement_number) AS statements, array_agg(v.value) AS votes FROM consultations_vote v
    WHERE v.consultation_id = asked.consultation AND v.participant_number = p.number
) voted ON true
"""
"""Participants by the digest of what they hold, with their votes; no row for one who is unknown in that consultation, nor for
one who takes part by their account: a cookie alone does not vote for them.

Arrays: place, consultation, digest.
"""

READ_CONSULTATIONS = """
SELECT c.id, c.state, c.closes_at,
    COALESCE((SELECT max(m.id) FROM consultations_mapversion m WHERE m.consultation_id = c.id), 0),
    (SELECT md5(string_agg(s.number || ':' || s.xmin, ',' ORDER BY s.number)) FROM consultations_statement s
        WHERE s.consultation_id = c.id)
FROM consultations_consultation c WHERE c.id = ANY($1::uuid[])
"""
"""Where consultations stand: id, state, planned end, newest map, and a print that changes with any statement."""

READ_STATEMENTS = """
SELECT s.number, s.state, s.is_meta, s.text, s.language, s.text_en, s.easy, s.easy_en, target.number
FROM consultations_statement s LEFT JOIN consultations_statement target ON target.id = s.merged_into_id
WHERE s.consultation_id = $1 AND s.state IN ('published', 'merged') ORDER BY s.number
"""
"""The statements of one consultation that are voted on, or were merged into one that is."""

READ_COUNTS = """
SELECT (one->>'number')::int, (one->>'agree')::int, (one->>'disagree')::int, (one->>'passed')::int, (one->>'extremity')::float
FROM consultations_mapversion m CROSS JOIN LATERAL jsonb_array_elements(m.result->'statements') AS one
WHERE m.id = $1
"""
"""What the map of this id knows of each statement: number, agreements, disagreements, passes, extremity."""
