"""Assessments of privacy: four eyes by constraint, and what is decided stays as it was by trigger."""

import uuid

from django.db import migrations, models
from django.db.models import F, Q

_GUARD = """
CREATE FUNCTION packages_assessment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('approved', 'returned') THEN
    RAISE EXCEPTION 'a decided assessment never changes';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an assessment is never deleted';
  END IF;
  IF NEW.basis <> OLD.basis OR NEW.basis_sha256 <> OLD.basis_sha256 OR NEW.package_id <> OLD.package_id THEN
    RAISE EXCEPTION 'what an assessment is about never changes';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER packages_assessment_rows BEFORE UPDATE OR DELETE ON packages_privacy_assessment
  FOR EACH ROW EXECUTE FUNCTION packages_assessment_guard();
"""
_DROP = """
DROP TRIGGER packages_assessment_rows ON packages_privacy_assessment;
DROP FUNCTION packages_assessment_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("packages", "0004_generation")]

    operations = [
        migrations.CreateModel(
            name="PrivacyAssessment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("package_id", models.CharField(max_length=60)),
                ("package_version", models.CharField(max_length=30)),
                ("owner_org_no", models.CharField(max_length=9)),
                ("number", models.PositiveIntegerField()),
                ("basis", models.JSONField()),
                ("basis_sha256", models.CharField(max_length=64)),
                ("answers", models.JSONField()),
                ("writers", models.JSONField(default=list)),
                ("state", models.CharField(default="draft", max_length=10)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("submitted_by", models.UUIDField(null=True)),
                ("submitted_at", models.DateTimeField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_role", models.CharField(blank=True, default="", max_length=40)),
                ("decided_at", models.DateTimeField(null=True)),
                ("note", models.TextField(blank=True, default="")),
            ],
            options={
                "db_table": "packages_privacy_assessment",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("package_id", "number"), name="packages_assessment_numbered"
                    ),
                    models.UniqueConstraint(
                        condition=Q(state__in=("draft", "submitted", "approved")),
                        fields=("package_id", "basis_sha256"),
                        name="packages_assessment_one_standing",
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=("draft", "submitted", "approved", "returned")),
                        name="packages_assessment_state",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("decided_at", None),
                            ("decided_by", None),
                            ("state__in", ("draft", "submitted")),
                        )
                        | Q(
                            ("decided_at__isnull", False),
                            ("decided_by__isnull", False),
                            ("state__in", ("approved", "returned")),
                        ),
                        name="packages_assessment_decided",
                    ),
                    models.CheckConstraint(
                        condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                        name="packages_assessment_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="draft")
                        | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                        name="packages_assessment_submitted",
                    ),
                ],
            },
        ),
        migrations.RunSQL(_GUARD, _DROP),
    ]
