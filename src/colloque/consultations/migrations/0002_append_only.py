"""What was decided stays: the moderation log, the replies and the final tallies only grow, and words voted on do not change.

A statement's words may only be emptied, when it is rejected for what it says of somebody.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultations_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER moderation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consultations_moderationentry
    FOR EACH STATEMENT EXECUTE FUNCTION consultations_refuse();
CREATE TRIGGER outcome_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consultations_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION consultations_refuse();
CREATE TRIGGER closing_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consultations_closing
    FOR EACH STATEMENT EXECUTE FUNCTION consultations_refuse();

CREATE FUNCTION consultations_words_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL AND NEW.text <> OLD.text AND NOT (NEW.text = '' AND NEW.state = 'rejected') THEN
        RAISE EXCEPTION 'People vote on statement %: its words do not change.', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_words_stay BEFORE UPDATE ON consultations_statement
    FOR EACH ROW EXECUTE FUNCTION consultations_words_stay();
"""

BACKWARD = """
DROP TRIGGER statement_words_stay ON consultations_statement;
DROP FUNCTION consultations_words_stay();
DROP TRIGGER closing_append_only ON consultations_closing;
DROP TRIGGER outcome_append_only ON consultations_outcome;
DROP TRIGGER moderation_append_only ON consultations_moderationentry;
DROP FUNCTION consultations_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("consultations", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
