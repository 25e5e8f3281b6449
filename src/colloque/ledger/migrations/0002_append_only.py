"""What was written stays: append-only tables are refused by the database itself, and every entry enters the waiting list."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_tile_append_only BEFORE DELETE OR TRUNCATE ON ledger_tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_tile_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.path <> OLD.path OR substring(NEW.data FROM 1 FOR length(OLD.data)) <> OLD.data THEN
        RAISE EXCEPTION 'The ledger is append-only: tile % may only grow.', OLD.path USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_tile_grows BEFORE UPDATE ON ledger_tile
    FOR EACH ROW EXECUTE FUNCTION ledger_tile_grows();

CREATE FUNCTION ledger_checkpoint_is_cosigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.size, NEW.root, NEW.note, NEW.oldest, NEW.at) IS DISTINCT FROM (OLD.size, OLD.root, OLD.note, OLD.oldest, OLD.at)
        OR NEW.cosigned IS NULL
        OR substring(NEW.cosigned FROM 1 FOR length(COALESCE(OLD.cosigned, OLD.note))) <> COALESCE(OLD.cosigned, OLD.note)
    THEN
        RAISE EXCEPTION 'The ledger is append-only: checkpoint % may only gain cosignatures.', OLD.size
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_checkpoint_is_cosigned BEFORE UPDATE ON ledger_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_checkpoint_is_cosigned();

CREATE FUNCTION ledger_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_pending (entry_id) SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_enqueue AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_enqueue();

ALTER TABLE ledger_tile ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE ledger_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
"""

BACKWARD = """
DROP TRIGGER ledger_entry_enqueue ON ledger_entry;
DROP FUNCTION ledger_enqueue();
DROP TRIGGER ledger_checkpoint_is_cosigned ON ledger_checkpoint;
DROP FUNCTION ledger_checkpoint_is_cosigned();
DROP TRIGGER ledger_tile_grows ON ledger_tile;
DROP FUNCTION ledger_tile_grows();
DROP TRIGGER ledger_checkpoint_append_only ON ledger_checkpoint;
DROP TRIGGER ledger_tile_append_only ON ledger_tile;
DROP TRIGGER ledger_leaf_append_only ON ledger_leaf;
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
