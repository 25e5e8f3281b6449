"""The database itself holds that only a named human decision ends an act, and that what a carer wrote never changes."""

from django.db import migrations

TRANSITIONS = {
    "asking": ("asking", "open", "refused", "abstained", "withheld", "expired"),
    "open": ("open", "decided"),
}

_ALLOWED = " OR ".join(
    f"(OLD.state = '{before}' AND NEW.state IN ({', '.join(repr(after) for after in afters)}))"
    for before, afters in TRANSITIONS.items()
)

FORWARD = f"""
CREATE FUNCTION acts_moves_as_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.state = NEW.state OR {_ALLOWED}) THEN
        RAISE EXCEPTION 'an act that is % cannot become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER act_moves_as_declared BEFORE UPDATE OF state ON acts_act
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION acts_moves_as_declared();

CREATE FUNCTION acts_decided_by_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM acts_decision d WHERE d.act_id = NEW.id AND d.carer_id = NEW.owner_id) THEN
        RAISE EXCEPTION 'an act is decided only by a decision of its owner' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER act_decided_by_somebody AFTER INSERT OR UPDATE ON acts_act
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'decided') EXECUTE FUNCTION acts_decided_by_somebody();

CREATE FUNCTION acts_decision_ends_its_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM acts_act a WHERE a.id = NEW.act_id AND a.state = 'decided') THEN
        RAISE EXCEPTION 'a decision ends its act' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER decision_ends_its_act AFTER INSERT ON acts_decision
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION acts_decision_ends_its_act();

CREATE FUNCTION acts_stays_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was written about an act never changes' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER decision_stays_as_written BEFORE UPDATE OR DELETE ON acts_decision
    FOR EACH ROW EXECUTE FUNCTION acts_stays_as_written();
CREATE TRIGGER own_assessment_stays_as_written BEFORE UPDATE OR DELETE ON acts_ownassessment
    FOR EACH ROW EXECUTE FUNCTION acts_stays_as_written();
CREATE TRIGGER spoken_answer_stays_as_written BEFORE UPDATE OR DELETE ON acts_spokenanswer
    FOR EACH ROW EXECUTE FUNCTION acts_stays_as_written();
CREATE TRIGGER access_stays_as_written BEFORE UPDATE OR DELETE ON acts_suggestionaccess
    FOR EACH ROW EXECUTE FUNCTION acts_stays_as_written();
"""

BACKWARD = """
DROP TRIGGER access_stays_as_written ON acts_suggestionaccess;
DROP TRIGGER spoken_answer_stays_as_written ON acts_spokenanswer;
DROP TRIGGER own_assessment_stays_as_written ON acts_ownassessment;
DROP TRIGGER decision_stays_as_written ON acts_decision;
DROP FUNCTION acts_stays_as_written();
DROP TRIGGER decision_ends_its_act ON acts_decision;
DROP FUNCTION acts_decision_ends_its_act();
DROP TRIGGER act_decided_by_somebody ON acts_act;
DROP FUNCTION acts_decided_by_somebody();
DROP TRIGGER act_moves_as_declared ON acts_act;
DROP FUNCTION acts_moves_as_declared();
"""


class Migration(migrations.Migration):
    dependencies = [("acts", "0002_act_of_establishment")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
