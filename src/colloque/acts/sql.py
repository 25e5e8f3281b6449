"""The statements of the governed act, shared by two drivers: asyncpg in the gateway, psycopg in our own pages.

Parameters are `$n` arrays, one element a request, so that a batch is one round trip. psycopg runs the same text through
`psycopg.RawCursor`. Nothing here knows a driver.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from colloque.acts.core.record import ActRecord
from colloque.acts.core.request import ActRequest, Named
from colloque.acts.core.state import ActState

READ_STANDING = """
WITH asked AS (
    SELECT * FROM unnest(
        $1::int[], $2::uuid[], $3::uuid[], $4::bytea[], $5::uuid[], $6::bytea[], $7::uuid[], $8::uuid[],
        $9::timestamptz[], $10::text[]
    ) AS t(n, service, person, patient_digest, carer, practitioner_digest, system, act, at, token)
)
SELECT
    asked.n, declared.service, declared.project, declared.version, declared.status, house.id, house.timezone, house.ai_outage,
    (SELECT c.id FROM charter_charterversion c WHERE c.establishment_id = house.id AND c.adopted_at IS NOT NULL
        AND (c.applies_from IS NULL OR c.applies_from <= asked.at) ORDER BY c.number DESC LIMIT 1),
    person.id, person.version, person.unit_id, person.birth_month, person.wrapped,
    said.kinds, said.projects, said.answers,
    (SELECT array_agg(s.situation) FROM patients_situationrecord s
        WHERE s.person_id = person.id AND s.since <= asked.at AND (s.until IS NULL OR s.until > asked.at)),
    (SELECT p.carer_id FROM patients_presence p WHERE p.person_id = person.id AND p.since <= asked.at AND p.until > asked.at
        ORDER BY p.until DESC LIMIT 1),
    (SELECT i.sealed FROM patients_identity i WHERE i.person_id = person.id),
    carer.id, carer.profession,
    COALESCE((SELECT true FROM learning_attestation a WHERE a.account_id = carer.id AND a.establishment_id = house.id
        AND a.valid_from <= asked.at AND a.valid_until > asked.at LIMIT 1), false),
    carer.language,
    COALESCE((SELECT true FROM acts_ownassessment o WHERE o.act_id = asked.act AND o.carer_id = carer.id LIMIT 1), false),
    COALESCE((SELECT true FROM acts_usedtoken u WHERE u.system_id = asked.system AND u.jti = asked.token LIMIT 1), false),
    COALESCE((SELECT s.xmin::text FROM people_clientsystem s
        WHERE s.id = asked.system AND s.establishment_id = house.id AND s.is_active), ''),
    spoken.said_yes, spoken.heard_by_id
FROM asked
JOIN LATERAL (
    SELECT service.id AS service, service.act_kind, project.id AS project, project.version, project.status,
        project.establishment_id
    FROM projects_service service JOIN projects_project project ON project.id = service.project_id
    WHERE service.id = asked.service LIMIT 1
) declared ON true
JOIN LATERAL (SELECT * FROM people_establishment e WHERE e.id = declared.establishment_id LIMIT 1) house ON true
LEFT JOIN LATERAL (
    SELECT p.id, p.version, p.unit_id, p.birth_month, k.wrapped
    FROM patients_person p JOIN ledger_subject_key k ON k.subject = p.id
    WHERE p.id = COALESCE(asked.person, (SELECT i.person_id FROM patients_personidentifier i
            WHERE i.system_id = asked.system AND i.digest = asked.patient_digest))
        AND p.establishment_id = house.id AND (p.left_at IS NULL OR p.left_at > asked.at)
    LIMIT 1
) person ON true
LEFT JOIN LATERAL (
    SELECT a.id, a.language, m.profession
    FROM people_account a JOIN people_membership m ON m.account_id = a.id
    WHERE a.id = COALESCE(asked.carer, (SELECT i.account_id FROM people_practitioneridentifier i
            WHERE i.system_id = asked.system AND i.digest = asked.practitioner_digest))
        AND a.is_active AND m.establishment_id = house.id AND m.role = 'carer'
        AND m.valid_from <= asked.at AND (m.valid_until IS NULL OR m.valid_until > asked.at)
    ORDER BY m.valid_from DESC LIMIT 1
) carer ON true
LEFT JOIN LATERAL (
    SELECT array_agg(c.act_kind) AS kinds, array_agg(c.project_id) AS projects, array_agg(c.answer) AS answers
    FROM patients_choice c
    WHERE c.person_id = person.id AND c.replaced_at IS NULL
        AND c.act_kind IN ('', declared.act_kind) AND (c.project_id IS NULL OR c.project_id = declared.project)
) said ON true
LEFT JOIN LATERAL (
    SELECT s.said_yes, s.heard_by_id FROM acts_spokenanswer s WHERE s.act_id = asked.act LIMIT 1
) spoken ON true
ORDER BY asked.n
"""
"""Where everybody stands, one row for each request whose service exists; read with `acts.core.standing.standing_of`.

Arrays: place in the batch, service, person or null, blind index of the patient's identifier or null, carer or null, blind
index of the practitioner's identifier or null, client system or null, act, moment, the token's `jti` or null. Each lookup
stands behind a `LIMIT`, so that it stays one walk of an index a request, however large the tables and old their statistics.
"""

READ_SERVICES = """
SELECT
    service.id, project.id, project.version, house.id, house.slug, service.slug, project.slug, project.name,
    service.remote_id, service.hook, service.act_kind, service.title, service.description,
    project.status, project.track, project.autonomy, project.endpoint, project.timeout_ms,
    service.prefetch::text, project.intended_use::text, project.model_card::text, service.inputs::text,
    ARRAY(SELECT DISTINCT s.act_kind FROM projects_service s WHERE s.project_id = project.id)
FROM projects_service service
JOIN projects_project project ON project.id = service.project_id
JOIN people_establishment house ON house.id = project.establishment_id
WHERE service.id = $1 OR house.slug = $2
ORDER BY project.slug, service.slug
"""
"""One service by id, or all of an establishment by its slug; read with `acts.core.standing.declared_service_of`."""

WRITE_ACTS = """
WITH given AS (
    SELECT *, row_number() OVER (PARTITION BY system, token ORDER BY n) AS use_of_token FROM unnest(
        $1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[],
        $10::uuid[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::timestamptz[],
        $17::bytea[], $18::bytea[], $19::text[], $20::text[], $21::bytea[], $22::uuid[],
        $23::bigint[], $24::bigint[], $25::bool[], $26::bool[], $27::text[], $28::timestamptz[], $29::bool[], $30::bytea[]
    ) AS t(n, id, establishment, unit, project, service, person, owner, system, charter, act_kind, hook_instance, state,
        requested_at, answered_at, closed_at, facts, verdict, rules, withheld_because, sealed_input, entry,
        person_version, project_version, outage, guarded, token, token_expires, resumes, wrapped_key)
), held_persons AS MATERIALIZED (
    SELECT p.id, p.version FROM patients_person p WHERE p.id = ANY($7::uuid[]) ORDER BY p.id FOR SHARE
), held_projects AS MATERIALIZED (
    SELECT p.id, p.version FROM projects_project p WHERE p.id = ANY($5::uuid[]) ORDER BY p.id FOR SHARE
), current AS MATERIALIZED (
    SELECT given.*,
        (subject.wrapped = given.wrapped_key AND (NOT given.guarded OR (
            held_persons.version = given.person_version AND held_projects.version = given.project_version
            AND house.ai_outage = given.outage
            AND given.charter IS NOT DISTINCT FROM (
                SELECT c.id FROM charter_charterversion c WHERE c.establishment_id = house.id
                    AND c.adopted_at IS NOT NULL AND (c.applies_from IS NULL OR c.applies_from <= given.requested_at)
                    ORDER BY c.number DESC LIMIT 1)
        ))) IS TRUE AS is_current,
        NOT given.resumes OR EXISTS (SELECT FROM acts_act a WHERE a.id = given.id AND a.state = 'asking') AS is_open
    FROM given
    JOIN held_persons ON held_persons.id = given.person
    JOIN held_projects ON held_projects.id = given.project
    JOIN LATERAL (SELECT e.id, e.ai_outage FROM people_establishment e WHERE e.id = given.establishment LIMIT 1) house ON true
    LEFT JOIN LATERAL (
        SELECT k.wrapped FROM ledger_subject_key k WHERE k.subject = given.person LIMIT 1
    ) subject ON true
), tokens AS (
    INSERT INTO acts_usedtoken (system_id, jti, expires_at)
    SELECT system, token, token_expires FROM current
    WHERE is_current AND is_open AND token IS NOT NULL AND use_of_token = 1
    ON CONFLICT DO NOTHING
    RETURNING system_id, jti
), fresh AS (
    SELECT current.* FROM current LEFT JOIN tokens ON tokens.system_id = current.system AND tokens.jti = current.token
    WHERE is_current AND is_open AND (current.token IS NULL OR (tokens.jti IS NOT NULL AND use_of_token = 1))
), written AS (
    INSERT INTO acts_act (id, establishment_id, unit_id, project_id, service_id, person_id, owner_id, system_id, charter_id,
        act_kind, hook_instance, state, requested_at, answered_at, closed_at, facts, verdict, rules, withheld_because,
        sealed_input, entry)
    SELECT id, establishment, unit, project, service, person, owner, system, charter, act_kind, hook_instance, state,
        requested_at, answered_at, closed_at, facts, verdict, rules::jsonb, withheld_because, sealed_input, entry
    FROM fresh
    ON CONFLICT (id) DO UPDATE SET
        owner_id = EXCLUDED.owner_id, charter_id = EXCLUDED.charter_id, state = EXCLUDED.state,
        answered_at = EXCLUDED.answered_at, closed_at = EXCLUDED.closed_at, facts = EXCLUDED.facts,
        verdict = EXCLUDED.verdict, rules = EXCLUDED.rules, withheld_because = EXCLUDED.withheld_because,
        sealed_input = EXCLUDED.sealed_input, entry = EXCLUDED.entry
    WHERE acts_act.state = 'asking'
    RETURNING id, entry
), suggested AS (
    INSERT INTO acts_suggestion (id, act_id, position, sealed, stripped, shown_at)
    SELECT s.id, s.act, s.position, s.sealed, s.stripped::jsonb, s.shown_at
    FROM unnest($31::uuid[], $32::uuid[], $33::smallint[], $34::bytea[], $35::text[], $36::timestamptz[])
        AS s(id, act, position, sealed, stripped, shown_at)
    JOIN written ON written.id = s.act
), logged AS (
    INSERT INTO ledger_entry (id, subject, leaf, sealed)
    SELECT e.id, e.subject, e.leaf, e.sealed
    FROM unnest($22::uuid[], $37::uuid[], $38::bytea[], $39::bytea[]) AS e(id, subject, leaf, sealed)
    JOIN written ON written.entry = e.id
)
SELECT given.n, written.id IS NOT NULL,
    CASE WHEN written.id IS NOT NULL THEN ''
        WHEN current.id IS NULL THEN 'gone'
        WHEN NOT current.is_current THEN 'stale'
        WHEN NOT current.is_open THEN 'closed'
        WHEN fresh.id IS NULL THEN 'token-used'
        ELSE 'closed' END
FROM given
LEFT JOIN current ON current.n = given.n
LEFT JOIN fresh ON fresh.n = given.n
LEFT JOIN written ON written.id = given.id AND fresh.n IS NOT NULL
ORDER BY given.n
"""
"""Writes the steps of a batch of acts: act, suggestions, sealed entry and used token, or nothing of one.

A step is written only where the person, the project, the charter in force and the outage are still those of its verdict,
where the person's key is still the one it was sealed under, and where its token was never used. The rows of persons and
projects are held until the end, so that a choice or a suspension comes either wholly before or wholly after. Rows: place,
whether written, and `stale`, `token-used`, `closed` (the act that should resume no longer asks) or `gone`.
"""


def columns_to_read(requests: Sequence[ActRequest]) -> list[Any]:
    """The parameters of `READ_STANDING` for a batch; places count from 0."""
    columns: list[list[Any]] = [[] for _ in range(10)]
    for place, request in enumerate(requests):
        caller = request.caller
        for column, value in zip(
            columns,
            (
                place,
                request.service,
                None if isinstance(request.person, Named) else request.person,
                request.person.digest if isinstance(request.person, Named) else None,
                None if isinstance(request.carer, Named) else request.carer,
                request.carer.digest if isinstance(request.carer, Named) else None,
                caller.system if caller is not None else None,
                request.id,
                request.at,
                caller.token_id if caller is not None else None,
            ),
            strict=True,
        ):
            column.append(value)
    return list(columns)


_json = msgspec.json.Encoder()
_ENDS = frozenset({ActState.REFUSED, ActState.ABSTAINED, ActState.WITHHELD})


def _act_values(place: int, record: ActRecord) -> tuple[Any, ...]:
    request, service, caller = record.request, record.service, record.request.caller
    return (
        place,
        request.id,
        record.establishment,
        record.person.unit,
        service.project,
        service.id,
        record.person.id,
        record.owner,
        caller.system if caller is not None else None,
        record.charter,
        service.act_kind.value,
        request.hook_instance,
        record.state.value,
        request.at,
        record.at if record.state is ActState.OPEN else None,
        record.at if record.state in _ENDS else None,
        record.facts,
        record.verdict,
        _json.encode(record.rules).decode(),
        record.withheld_because,
        record.sealed_input,
        record.entry.id,
        record.person.version,
        service.project_version,
        record.outage,
        record.guarded,
        caller.token_id if caller is not None else None,
        caller.token_expires if caller is not None else None,
        request.waiting is not None,
        record.person.wrapped_key,
    )


def columns_to_write(records: Sequence[ActRecord]) -> list[Any]:
    """The parameters of `WRITE_ACTS` for a batch; places count from 0."""
    acts = [_act_values(place, record) for place, record in enumerate(records)]
    suggestions = [
        (s.id, record.request.id, s.position, s.sealed, _json.encode(s.stripped).decode(), record.shown_at)
        for record in records
        for s in record.suggestions
    ]
    entries = [(record.entry.subject, record.entry.leaf, record.entry.sealed) for record in records]
    return [
        *(list(column) for column in zip(*acts, strict=True)),
        *([list(column) for column in zip(*suggestions, strict=True)] if suggestions else [[] for _ in range(6)]),
        *(list(column) for column in zip(*entries, strict=True)),
    ]
