"""What was calculated, answered or reported is never changed, not even by a bulk update or by hand."""

from django.db import migrations

_FUNCTIONS = """
CREATE FUNCTION impact_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted: add a new row', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION impact_assessment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'frozen' THEN
    RAISE EXCEPTION 'an assessment is never deleted, and a frozen one never changed: make a new one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (NEW.initiative_id, NEW.number, NEW.version, NEW.line_set_id, NEW.assumptions_id, NEW.first_year, NEW.last_year,
      NEW.seed, NEW.draws, NEW.drivers, NEW.figures, NEW.matrix, NEW.sha256, NEW.made_at)
     IS DISTINCT FROM
     (OLD.initiative_id, OLD.number, OLD.version, OLD.line_set_id, OLD.assumptions_id, OLD.first_year, OLD.last_year,
      OLD.seed, OLD.draws, OLD.drivers, OLD.figures, OLD.matrix, OLD.sha256, OLD.made_at) THEN
    RAISE EXCEPTION 'what went into an assessment and came out of it is never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT ((OLD.state = 'draft' AND NEW.state IN ('draft', 'consulted'))
       OR (OLD.state = 'consulted' AND NEW.state IN ('consulted', 'agreed', 'dissent'))
       OR (OLD.state IN ('agreed', 'dissent') AND NEW.state IN (OLD.state, 'frozen'))) THEN
    RAISE EXCEPTION 'an assessment goes draft, consulted, agreed or dissent, frozen'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
_FIXED = ("assumptionversion", "lineset", "checklistanswer", "drivervalue", "baseline", "actual")


def _guard(table):
    return migrations.RunSQL(
        f"CREATE TRIGGER impact_{table}_fixed BEFORE UPDATE OR DELETE ON impact_{table} "
        "FOR EACH ROW EXECUTE FUNCTION impact_never_changed();",
        f"DROP TRIGGER impact_{table}_fixed ON impact_{table};",
    )


class Migration(migrations.Migration):
    dependencies = [("impact", "0001_initial")]

    operations = [
        migrations.RunSQL(
            _FUNCTIONS,
            "DROP FUNCTION impact_never_changed(); DROP FUNCTION impact_assessment_moves();",
        ),
        *(_guard(table) for table in _FIXED),
        migrations.RunSQL(
            "CREATE TRIGGER impact_assessment_moves BEFORE UPDATE OR DELETE ON impact_assessment "
            "FOR EACH ROW EXECUTE FUNCTION impact_assessment_moves();",
            "DROP TRIGGER impact_assessment_moves ON impact_assessment;",
        ),
    ]
