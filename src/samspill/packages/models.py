"""Rows of the room: published versions, frozen; and what each municipality has set."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class PublishedPackage(models.Model):
    """One version of a service, whole. A trigger refuses every change: publishing freezes."""

    package_id = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    major = models.IntegerField()
    minor = models.IntegerField()
    patch = models.IntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    owner_org_no = models.CharField(max_length=9)
    files = models.JSONField()
    lock = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=100)

    class Meta:
        """A version is published once."""

        db_table = "packages_published"
        constraints = (
            models.UniqueConstraint(fields=["package_id", "version"], name="packages_version_once"),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="packages_hash_shape"
            ),
        )
        indexes = (models.Index(fields=["package_id", "valid_from"], name="packages_by_date"),)


class MunicipalSettings(models.Model):
    """What a municipality has set for a service, from a date until the next setting of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    package_id = models.CharField(max_length=60)
    municipality = models.ForeignKey("municipalities.Municipality", on_delete=models.PROTECT)
    versions = models.CharField(max_length=60, default="", blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    values = models.JSONField(default=dict)
    open = models.BooleanField(default=True)
    closed_reason = models.CharField(max_length=500, default="", blank=True)
    closed_until = models.DateField(null=True)
    set_at = models.DateTimeField()
    set_by = models.UUIDField(null=True)

    class Meta:
        """At most one setting is in force on any day."""

        db_table = "packages_municipal_settings"
        constraints = (
            ExclusionConstraint(
                name="packages_settings_one_a_day",
                expressions=[
                    ("package_id", RangeOperators.EQUAL),
                    ("municipality", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_to"),
                            Value("[)"),
                            function="daterange",
                            output_field=models.Field(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="packages_settings_ends_after",
            ),
            models.CheckConstraint(
                condition=Q(open=True) | ~Q(closed_reason=""), name="packages_closed_has_reason"
            ),
        )


class PrivacyAssessment(models.Model):
    """What a service means for privacy, for one declaration (`basis`); what is decided never changes (trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    package_id = models.CharField(max_length=60)
    #: The version that the declaration was read from; others that declare the same share the assessment.
    package_version = models.CharField(max_length=30)
    owner_org_no = models.CharField(max_length=9)
    number = models.PositiveIntegerField()
    basis = models.JSONField()
    basis_sha256 = models.CharField(max_length=64)
    answers = models.JSONField()
    #: Every employee who has written in it; none of them may approve it.
    writers = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="draft")
    revision = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_by = models.UUIDField(null=True)
    submitted_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_role = models.CharField(max_length=40, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        """Numbered within a service; one open at a time for a declaration; four eyes."""

        db_table = "packages_privacy_assessment"
        constraints = (
            models.UniqueConstraint(
                fields=["package_id", "number"], name="packages_assessment_numbered"
            ),
            models.UniqueConstraint(
                fields=["package_id", "basis_sha256"],
                condition=Q(state__in=("draft", "submitted", "approved")),
                name="packages_assessment_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "submitted", "approved", "returned")),
                name="packages_assessment_state",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=("draft", "submitted"), decided_at=None, decided_by=None)
                    | Q(
                        state__in=("approved", "returned"),
                        decided_at__isnull=False,
                        decided_by__isnull=False,
                    )
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
        )
