"""Actuals that come by themselves, with their grade; and what each municipality bears in each year."""

from django.db import migrations, models

_AS_BEFORE = """
  IF (NEW.initiative_id, NEW.number, NEW.version, NEW.line_set_id, NEW.assumptions_id, NEW.first_year, NEW.last_year,
      NEW.seed, NEW.draws, NEW.drivers, NEW.figures, NEW.matrix, NEW.sha256, NEW.made_at)
     IS DISTINCT FROM
     (OLD.initiative_id, OLD.number, OLD.version, OLD.line_set_id, OLD.assumptions_id, OLD.first_year, OLD.last_year,
      OLD.seed, OLD.draws, OLD.drivers, OLD.figures, OLD.matrix, OLD.sha256, OLD.made_at) THEN"""
_MOVES = """
CREATE OR REPLACE FUNCTION impact_assessment_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'frozen' THEN
    RAISE EXCEPTION 'an assessment is never deleted, and a frozen one never changed: make a new one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;%s
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
_WITH_YEARS = _AS_BEFORE.replace("NEW.matrix,", "NEW.matrix, NEW.yearly,").replace(
    "OLD.matrix,", "OLD.matrix, OLD.yearly,"
)


class Migration(migrations.Migration):
    dependencies = [("impact", "0002_guards")]

    operations = [
        migrations.AddField("actual", "grade", models.CharField(default="expert", max_length=12)),
        migrations.AddField("actual", "cases", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AlterField(
            "actual", "by_org_no", models.CharField(blank=True, default="", max_length=9)
        ),
        migrations.AddConstraint(
            "actual",
            models.CheckConstraint(
                condition=models.Q(
                    ("grade__in", ("assumption", "expert", "comparable", "measured"))
                ),
                name="impact_actual_grade",
            ),
        ),
        migrations.AddField("assessment", "yearly", models.BinaryField(default=b"")),
        migrations.RunSQL(_MOVES % _WITH_YEARS, _MOVES % _AS_BEFORE),
    ]
