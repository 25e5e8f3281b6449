"""Finished days kept as columns, and the database's own care that nothing kept outlives a change of what it was made from."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

FORGET = """
ALTER TABLE acts_keptacts ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE FUNCTION acts_forget_kept_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kept-acts/' || late.establishment_id::text, 0))
        FROM (SELECT DISTINCT establishment_id FROM added WHERE requested_at < now() - interval '30 minutes'
            ORDER BY establishment_id) late;
    DELETE FROM acts_keptacts k USING added a
        WHERE k.establishment_id = a.establishment_id AND k.until > a.requested_at AND k.since <= a.requested_at;
    RETURN NULL;
END $$;

CREATE FUNCTION acts_forget_kept_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('kept-acts/' || late.establishment_id::text, 0))
        FROM (SELECT DISTINCT o.establishment_id FROM earlier o JOIN later n ON n.id = o.id
            WHERE (o.facts, o.unit_id, o.person_id, o.requested_at, o.establishment_id)
                IS DISTINCT FROM (n.facts, n.unit_id, n.person_id, n.requested_at, n.establishment_id)
            AND o.requested_at < now() - interval '30 minutes' ORDER BY o.establishment_id) late;
    DELETE FROM acts_keptacts k USING earlier o, later n
        WHERE n.id = o.id
            AND (o.facts, o.unit_id, o.person_id, o.requested_at, o.establishment_id)
                IS DISTINCT FROM (n.facts, n.unit_id, n.person_id, n.requested_at, n.establishment_id)
            AND (k.establishment_id = o.establishment_id AND k.until > o.requested_at AND k.since <= o.requested_at
                OR k.establishment_id = n.establishment_id AND k.until > n.requested_at AND k.since <= n.requested_at);
    RETURN NULL;
END $$;

CREATE FUNCTION acts_forget_kept_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM acts_keptacts k USING removed r
        WHERE k.establishment_id = r.establishment_id AND k.until > r.requested_at AND k.since <= r.requested_at;
    RETURN NULL;
END $$;

CREATE TRIGGER acts_forget_kept_added AFTER INSERT ON acts_act
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION acts_forget_kept_added();
CREATE TRIGGER acts_forget_kept_changed AFTER UPDATE ON acts_act
    REFERENCING OLD TABLE AS earlier NEW TABLE AS later FOR EACH STATEMENT EXECUTE FUNCTION acts_forget_kept_changed();
CREATE TRIGGER acts_forget_kept_removed AFTER DELETE ON acts_act
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION acts_forget_kept_removed();
"""
KEEP = """
DROP TRIGGER acts_forget_kept_added ON acts_act;
DROP TRIGGER acts_forget_kept_changed ON acts_act;
DROP TRIGGER acts_forget_kept_removed ON acts_act;
DROP FUNCTION acts_forget_kept_added();
DROP FUNCTION acts_forget_kept_changed();
DROP FUNCTION acts_forget_kept_removed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("acts", "0006_one_index_a_lookup"),
        ("people", "0004_one_index_a_lookup"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptActs",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("shape", models.CharField(max_length=64)),
                ("acts", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "establishment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept_acts",
                        to="people.establishment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("establishment", "until"), name="kept_acts_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="kept_acts_some_time"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORGET, KEEP),
    ]
