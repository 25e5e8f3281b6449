"""A project's version grows with every change in it, its services or its suspensions, whoever makes the change."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION projects_version_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER project_version_grows BEFORE UPDATE ON projects_project
    FOR EACH ROW EXECUTE FUNCTION projects_version_grows();

CREATE FUNCTION projects_touch_project() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE projects_project SET version = version
        WHERE id IN (COALESCE(NEW.project_id, OLD.project_id), COALESCE(OLD.project_id, NEW.project_id));
    RETURN NULL;
END $$;
CREATE TRIGGER service_touches_project AFTER INSERT OR UPDATE OR DELETE ON projects_service
    FOR EACH ROW EXECUTE FUNCTION projects_touch_project();
CREATE TRIGGER suspension_touches_project AFTER INSERT OR UPDATE OR DELETE ON projects_suspension
    FOR EACH ROW EXECUTE FUNCTION projects_touch_project();
"""

BACKWARD = """
DROP TRIGGER suspension_touches_project ON projects_suspension;
DROP TRIGGER service_touches_project ON projects_service;
DROP FUNCTION projects_touch_project();
DROP TRIGGER project_version_grows ON projects_project;
DROP FUNCTION projects_version_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
