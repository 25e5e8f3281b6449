"""What a statement became is kept apart from the reply to it: it may become something before the house replies, and several things."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = [("statement", "statement"), ("consultation", "consultation"), ("charter-proposal", "charter-proposal"), ("project", "project")]

FORWARD = """
INSERT INTO consultations_outcomelink (id, consultation_id, statement_id, kind, thing, part, by_id, at)
SELECT gen_random_uuid(), consultation_id, statement_id, became_kind, became_id, '', signed_by_id, at FROM (
    SELECT DISTINCT ON (statement_id, became_kind, became_id) * FROM consultations_outcome
    WHERE became_kind IN ('charter-proposal', 'project') ORDER BY statement_id, became_kind, became_id, at
) first;
CREATE TRIGGER outcome_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consultations_outcomelink
    FOR EACH STATEMENT EXECUTE FUNCTION consultations_refuse();
"""
BACKWARD = "DROP TRIGGER outcome_link_append_only ON consultations_outcomelink;"


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0004_what_is_told_while_people_vote"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="OutcomeLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=KINDS, max_length=20)),
                ("thing", models.UUIDField()),
                ("part", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField()),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="outcomes_linked", to=settings.AUTH_USER_MODEL)),
                ("consultation", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="outcome_links", to="consultations.consultation")),
                ("statement", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="outcome_links", to="consultations.statement")),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "thing"], name="outcome_link_by_thing")],
                "constraints": [
                    models.UniqueConstraint(fields=("statement", "kind", "thing", "part"), name="outcome_link_once"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["charter-proposal", "project"])), name="outcome_link_kind_known"),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveConstraint(model_name="outcome", name="outcome_became_something"),
        migrations.RemoveField(model_name="outcome", name="became_id"),
        migrations.RemoveField(model_name="outcome", name="became_kind"),
    ]
