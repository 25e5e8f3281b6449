"""Arguments that moderation hid, each with its public reason; what was hidden stays hidden and known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = (
    "CREATE TRIGGER charter_hiddenargument_stays BEFORE UPDATE OR DELETE ON charter_hiddenargument "
    "FOR EACH ROW EXECUTE FUNCTION charter_debate_stays();"
)
BACKWARD = "DROP TRIGGER charter_hiddenargument_stays ON charter_hiddenargument;"


class Migration(migrations.Migration):
    dependencies = [
        ("charter", "0005_replay_run"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HiddenArgument",
            fields=[
                (
                    "argument",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="hidden",
                        serialize=False,
                        to="charter.argument",
                    ),
                ),
                ("reason", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arguments_hidden",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="hidden_argument_has_a_reason"
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
