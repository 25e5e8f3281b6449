"""Arguments, replays, departures and reviews stay as they were written: the database sees to it."""

from django.db import migrations

TABLES = ("charter_argument", "charter_replayrecord", "charter_departure", "charter_rulereview")
FORWARD = """
CREATE FUNCTION charter_debate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was said and shown about a rule stays.' USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION charter_debate_stays();\n"
    for table in TABLES
)
BACKWARD = "".join(f"DROP TRIGGER {table}_stays ON {table};\n" for table in TABLES) + "DROP FUNCTION charter_debate_stays();"


class Migration(migrations.Migration):
    dependencies = [("charter", "0003_proposals")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
