"""What was given, done or signed is never changed: only what is set once may be set, once. Nothing of ours is deleted."""

from django.db import migrations

_FUNCTIONS = """
CREATE FUNCTION mandates_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted: add a new row', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION mandates_grant_set_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before jsonb; after jsonb;
BEGIN
  IF OLD.source <> 'samspill' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a mandate is ended, never deleted' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  before := to_jsonb(OLD) - ARRAY['accepted_at', 'confirmed_by', 'revoked_at', 'revoked_by', 'revoke_reason'];
  after := to_jsonb(NEW) - ARRAY['accepted_at', 'confirmed_by', 'revoked_at', 'revoked_by', 'revoke_reason'];
  IF before IS DISTINCT FROM after
    OR (OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at)
    OR (OLD.confirmed_by <> '' AND NEW.confirmed_by <> OLD.confirmed_by)
    OR (OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by, NEW.revoke_reason)
        IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by, OLD.revoke_reason)) THEN
    RAISE EXCEPTION 'a mandate is changed by ending it and giving a new one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


def _guard(table: str, function: str = "mandates_never_changed") -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER mandates_{table}_kept BEFORE UPDATE OR DELETE ON mandates_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}();",
        f"DROP TRIGGER mandates_{table}_kept ON mandates_{table};",
    )


class Migration(migrations.Migration):
    dependencies = [("mandates", "0001_initial")]

    operations = [
        migrations.RunSQL(
            _FUNCTIONS,
            "DROP FUNCTION mandates_never_changed(); DROP FUNCTION mandates_grant_set_once();",
        ),
        _guard("granttext"),
        _guard("block"),
        _guard("step"),
        _guard("grant", "mandates_grant_set_once"),
    ]
