"""What was said, signed or decided is never changed; nothing is deleted; no state without its transition."""

from django.db import migrations

_FUNCTIONS = """
CREATE FUNCTION portfolio_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted: add a new row', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION portfolio_state_has_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'registered' THEN
      RAISE EXCEPTION 'an initiative begins as registered'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF NEW.state <> OLD.state AND NEW.state IS DISTINCT FROM (
    SELECT t.to FROM portfolio_transition t
    WHERE t.initiative_id = NEW.id AND t.origin = OLD.state ORDER BY t.number DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'the state of an initiative changes only by a transition'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
_FIXED = (
    "initiativeversion",
    "transition",
    "evidence",
    "relevance",
    "involvement",
    "participant",
    "influence",
    "dissent",
    "comment",
    "adoption",
    "choice",
)
_KEPT = ("initiative", "link", "representative", "round", "candidate")


def _guard(table: str, acts: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER portfolio_{table}_kept BEFORE {acts} ON portfolio_{table} "
        "FOR EACH ROW EXECUTE FUNCTION portfolio_never_changed();",
        f"DROP TRIGGER portfolio_{table}_kept ON portfolio_{table};",
    )


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial")]

    operations = [
        migrations.RunSQL(
            _FUNCTIONS,
            "DROP FUNCTION portfolio_never_changed(); DROP FUNCTION portfolio_state_has_transition();",
        ),
        *(_guard(table, "UPDATE OR DELETE") for table in _FIXED),
        *(_guard(table, "DELETE") for table in _KEPT),
        migrations.RunSQL(
            "CREATE TRIGGER portfolio_state_moves BEFORE INSERT OR UPDATE OF state ON portfolio_initiative "
            "FOR EACH ROW EXECUTE FUNCTION portfolio_state_has_transition();",
            "DROP TRIGGER portfolio_state_moves ON portfolio_initiative;",
        ),
    ]
