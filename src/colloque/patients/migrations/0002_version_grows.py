"""A person's version grows with every change of choices, situations or presence, whoever makes the change."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION patients_version_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER person_version_grows BEFORE UPDATE ON patients_person
    FOR EACH ROW EXECUTE FUNCTION patients_version_grows();

CREATE FUNCTION patients_touch_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE patients_person SET version = version
        WHERE id IN (COALESCE(NEW.person_id, OLD.person_id), COALESCE(OLD.person_id, NEW.person_id));
    RETURN NULL;
END $$;
CREATE TRIGGER choice_touches_person AFTER INSERT OR UPDATE OR DELETE ON patients_choice
    FOR EACH ROW EXECUTE FUNCTION patients_touch_person();
CREATE TRIGGER situation_touches_person AFTER INSERT OR UPDATE OR DELETE ON patients_situationrecord
    FOR EACH ROW EXECUTE FUNCTION patients_touch_person();
CREATE TRIGGER presence_touches_person AFTER INSERT OR UPDATE OR DELETE ON patients_presence
    FOR EACH ROW EXECUTE FUNCTION patients_touch_person();
"""

BACKWARD = """
DROP TRIGGER presence_touches_person ON patients_presence;
DROP TRIGGER situation_touches_person ON patients_situationrecord;
DROP TRIGGER choice_touches_person ON patients_choice;
DROP FUNCTION patients_touch_person();
DROP TRIGGER person_version_grows ON patients_person;
DROP FUNCTION patients_version_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
