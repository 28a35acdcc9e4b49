"""What people do with a case: tasks, requests for information, messages, and the time it takes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.encryption.fields import AnswersField, ProseField
from samspill.kernel.ids import new_id

TASK_STATES = ("open", "done", "dropped")
REQUEST_STATES = ("open", "answered", "withdrawn", "expired")
SENDERS = ("applicant", "municipality", "agency", "system")


class Task(models.Model):
    """One thing that a role must judge, as the package declares it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    #: The package's id of the task; of one row `<id>:<key>`, where a person is named by our own id of them.
    key = models.CharField(max_length=120)
    role = models.CharField(max_length=32)
    state = models.CharField(max_length=10, default="open")
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    reminded_at = models.DateTimeField(
        null=True, blank=True
    )  # when the month's run last waited for it
    values = AnswersField(default=dict, blank=True)  # what was decided: field id → value
    reason = ProseField(blank=True, default="")
    done_by = models.UUIDField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open task of a kind in a case."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(key__regex=r"[0-9]{11}$"), name="task_names_no_number"
            ),
            models.CheckConstraint(condition=Q(state__in=TASK_STATES), name="task_state_known"),
            models.UniqueConstraint(
                fields=["case", "key"], condition=Q(state="open"), name="task_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True)
                | (~Q(state="open") & Q(done_at__isnull=False)),
                name="task_done_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "state"], name="task_case"),
            models.Index(
                fields=["role", "key", "due_on", "id"],
                condition=Q(state="open"),
                name="task_open",
            ),
            # Few of one kind among very many cases: found from the task. The key can go on after a colon.
            models.Index(
                fields=["key", "case"],
                opclasses=["varchar_pattern_ops", "uuid_ops"],
                condition=Q(state="open"),
                name="task_open_kind",
            ),
        ]


class InformationRequest(models.Model):
    """A list of what is missing, sent to the applicant with a deadline."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="requests")
    #: [{kind: field|document|confirmation, id, why_key, note, answered_at}]; a row is named as in `Attachment`.
    items = AnswersField()
    text = ProseField(blank=True, default="")
    asked_by = models.UUIDField(null=True, blank=True)
    role = models.CharField(max_length=32)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, default="open")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Closed requests say when."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=REQUEST_STATES), name="request_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="request_closed_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="request_open"),
        ]


class Message(models.Model):
    """One message on a case, either way; read when the receiver opened it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    sender = models.CharField(max_length=16)
    receiver = models.CharField(max_length=16)
    person_id = models.UUIDField(null=True, blank=True)
    #: Who wrote it when it was not the applicant but one who acts for them.
    by_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    text = ProseField()
    idempotency_key = models.CharField(max_length=100, blank=True, default="")
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """From one side to the other; once for each key."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sender__in=SENDERS), name="message_sender_known"),
            models.CheckConstraint(
                condition=Q(receiver__in=SENDERS), name="message_receiver_known"
            ),
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="message_goes_across"),
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
            models.UniqueConstraint(
                fields=["case", "sender", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="message_one_per_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case", "sent_at", "id"], name="message_case"),
            models.Index(
                fields=["receiver", "sent_at"],
                condition=Q(read_at__isnull=True),
                name="message_unread",
            ),
        ]


class StepTime(models.Model):
    """Active seconds of one step of one case, computed from events with idle time cut off."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    package_id = models.CharField(max_length=64)
    package_version = models.CharField(max_length=32)
    municipality_id = models.UUIDField(null=True, blank=True)
    role = models.CharField(max_length=32)
    step = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    active_seconds = models.PositiveIntegerField()
    cut_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        """A step of a case is measured once."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case_id", "role", "step", "sequence"], name="step_time_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="step_time_forwards"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["package_id", "package_version", "municipality_id", "ended_at"],
                name="step_time_gain",
            ),
        ]
