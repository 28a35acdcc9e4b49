"""Who comes to a case outside the queue, and what is looked into afterwards.

Own ids of persons only, never a name or a number. A reason is never changed; what a leader says of it is added.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from samspill.infra.encryption.fields import ProseField
from samspill.kernel.ids import new_id

OPENING_STATES = ("new", "seen", "asked", "answered")
FINDING_STATES = ("new", "dismissed", "acted")
INCIDENT_STATES = ("open", "done")


class EmployeeTies(models.Model):
    """Whom an employee is close to, as Folkeregisteret said it; asked again each day.

    The keys are keyed hashes, to be compared and not read: of the surname, the dwelling and the street.
    """

    person_id = models.UUIDField(primary_key=True, editable=False)
    told_at = models.DateTimeField()
    family = ArrayField(models.UUIDField(), default=list)
    surname_key = models.CharField(max_length=64, blank=True, default="")
    home_key = models.CharField(max_length=64, blank=True, default="")
    street_key = models.CharField(max_length=64, blank=True, default="")


class Opening(models.Model):
    """A case that was opened outside any relation, with the written reason and how long it opens."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="openings", db_index=False
    )
    employee_id = models.UUIDField()
    org_no = models.CharField(max_length=9)
    units = models.JSONField(default=list)
    reason = ProseField()
    #: The case was in the compartment when it was opened: only cleared leaders are shown it.
    hidden = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=10, default="new")
    looked_by = models.UUIDField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    question = ProseField(blank=True, default="")
    answer = ProseField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Read by the organisation, newest first; and by employee and case at each look."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="opening_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=OPENING_STATES), name="opening_state_known"
            ),
            models.CheckConstraint(
                condition=Q(until__gte=F("opened_at")), name="opening_ends_after"
            ),
            models.CheckConstraint(
                condition=Q(state="new") | Q(looked_at__isnull=False), name="opening_looked_at"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["org_no", "-opened_at"], name="opening_of_org"),
            models.Index(fields=["employee_id", "case", "until"], name="opening_of_employee"),
            models.Index(fields=["case"], name="opening_of_case"),
        ]


class HandOver(models.Model):
    """A case that was handed to a named colleague."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="hand_overs", db_index=False
    )
    to_employee = models.UUIDField()
    by_employee = models.UUIDField()
    org_no = models.CharField(max_length=9)
    why = ProseField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """In force once for a case and an employee."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(why=""), name="hand_over_says_why"),
            models.UniqueConstraint(
                fields=["to_employee", "case"],
                condition=Q(ended_at__isnull=True),
                name="hand_over_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="hand_over_of_case")]


class Finding(models.Model):
    """Something in the access log that a leader should look at; most often it has a good explanation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.CharField(max_length=32)
    org_no = models.CharField(max_length=9)
    employee_id = models.UUIDField(null=True, blank=True)
    day = models.DateField()
    #: What makes it the same finding when the rules are run again.
    key = models.CharField(max_length=200, unique=True)
    count = models.PositiveIntegerField(default=1)
    cases = ArrayField(models.UUIDField(), default=list)
    hidden = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="new")
    reason = ProseField(blank=True, default="")
    looked_by = models.UUIDField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Read by the organisation: what waits first."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=FINDING_STATES), name="finding_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="new", looked_at__isnull=True)
                | (~Q(state="new") & Q(looked_at__isnull=False) & ~Q(reason="")),
                name="finding_settled_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["org_no", "-made_at"], name="finding_of_org")]


class Incident(models.Model):
    """A case whose address became strictly protected: who saw it in the days before (SP-26)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="incidents")
    #: The agency that owns the service; its cleared employees look into it.
    org_no = models.CharField(max_length=9)
    at = models.DateTimeField()
    #: [{employee_id, org_no, times, last_at}], from the access log of the thirty days before.
    seen_by = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="open")
    note = ProseField(blank=True, default="")
    done_by = models.UUIDField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open incident of a case."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="incident_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True)
                | (Q(state="done") & Q(done_at__isnull=False) & ~Q(note="")),
                name="incident_done_says_what",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["org_no", "-at"], name="incident_of_org")]
