"""A table for what is forgotten soon: attempts counted against rate limits, codes already used."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0002_invitations")]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE people_cache (
                cache_key varchar(255) NOT NULL PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX people_cache_expires ON people_cache (expires);
            """,
            "DROP TABLE people_cache",
        )
    ]
