"""A version's text never changes, it is adopted once, and it is never deleted: the database sees to it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION charter_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Versions of a charter stay.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.id, NEW.establishment_id, NEW.number, NEW.cedar, NEW.preamble, NEW.proposed_by_id, NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.establishment_id, OLD.number, OLD.cedar, OLD.preamble, OLD.proposed_by_id, OLD.proposed_at)
        OR OLD.adopted_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'A version of a charter does not change; propose another.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER charter_version_stays BEFORE UPDATE OR DELETE ON charter_charterversion
    FOR EACH ROW EXECUTE FUNCTION charter_version_stays();
"""

BACKWARD = """
DROP TRIGGER charter_version_stays ON charter_charterversion;
DROP FUNCTION charter_version_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("charter", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
