"""Rows of the ground. Both logs are INSERT-only: a trigger refuses anything else."""

from __future__ import annotations

import uuid

from django.db import models

from samspill.infra.encryption.fields import ProseField


class Event(models.Model):
    """A domain event, written in the transaction of the change it tells of."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    txid = models.BigIntegerField()
    type = models.CharField(max_length=60)
    room = models.CharField(max_length=30)
    key = models.UUIDField(null=True)
    body = models.JSONField()

    class Meta:
        """Readers go by id; one case's story by key."""

        db_table = "infra_event"
        indexes = (
            models.Index(fields=["key", "id"], name="infra_event_key"),
            models.Index(fields=["type", "id"], name="infra_event_type"),
        )


class EventCursor(models.Model):
    """How far a subscriber has read."""

    subscriber = models.CharField(primary_key=True, max_length=80)
    position = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    last_error = models.TextField(default="", blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        """One row a subscriber."""

        db_table = "infra_event_cursor"


class DeadEvent(models.Model):
    """An event that a subscriber could not handle, kept for a named owner."""

    subscriber = models.CharField(max_length=80)
    event_id = models.BigIntegerField()
    error = models.TextField()
    owner = models.CharField(max_length=80)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """At most one row for each event and subscriber."""

        db_table = "infra_event_dead"
        constraints = (
            models.UniqueConstraint(fields=["subscriber", "event_id"], name="infra_event_dead_one"),
        )


class AccessEntry(models.Model):
    """One reading or writing of personal data, permitted or refused (SP-07)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_org_no = models.CharField(max_length=9, default="")
    actor_roles = models.JSONField(default=list)
    on_behalf_of = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    action = models.CharField(max_length=10)
    purpose = models.CharField(max_length=200)
    legal_basis = models.CharField(max_length=200, default="")
    case_id = models.UUIDField(null=True)
    fields = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, default="permit")
    channel = models.CharField(max_length=10)
    request_id = models.CharField(max_length=40, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        """A citizen's page reads by subject, an auditor by case."""

        db_table = "infra_access_entry"
        indexes = (
            models.Index(fields=["subject_id", "-id"], name="infra_access_subject"),
            models.Index(fields=["case_id", "-id"], name="infra_access_case"),
        )


class StoredFile(models.Model):
    """A file in the content-addressed store; the name that the owner gave it is a property of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.IntegerField()
    media_type = models.CharField(max_length=100)
    filename = models.CharField(max_length=226)
    owner_id = models.UUIDField(null=True, db_index=True)
    scan = models.CharField(max_length=12)
    stored_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        """Two owners of the same bytes have a row each and one content."""

        db_table = "infra_file"


class LogLeaf(models.Model):
    """An access entry's place in the tree; its salt is deleted when the entry is."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    hash = models.BinaryField()
    salt = models.BinaryField(null=True)

    class Meta:
        """Rows can only be added; the one change allowed is a salt that becomes NULL."""

        db_table = "infra_log_leaf"


class LogNode(models.Model):
    """The hash of a full subtree of `2 ** level` leaves; levels 4, 8, 12 … are stored."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        """Rows can only be added."""

        db_table = "infra_log_node"


class LogCheckpoint(models.Model):
    """What the log said of itself at one time, signed.

    Every number of the access log up to `through` is decided: it has a leaf, or its transaction was rolled back.
    `absent` counts the latter.
    """

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField(db_index=True)
    root = models.BinaryField()
    at = models.DateTimeField()
    through = models.BigIntegerField()
    absent = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        """Rows can only be added."""

        db_table = "infra_log_checkpoint"


class LogCosignature(models.Model):
    """A witness's signature under a checkpoint."""

    checkpoint = models.ForeignKey(LogCheckpoint, on_delete=models.PROTECT, related_name="+")
    witness = models.CharField(max_length=200)
    line = models.CharField(max_length=600)
    seen_at = models.DateTimeField()

    class Meta:
        """One for each witness and checkpoint; rows can only be added."""

        db_table = "infra_log_cosignature"
        constraints = (
            models.UniqueConstraint(
                fields=["checkpoint", "witness"], name="infra_log_cosignature_one"
            ),
        )


class LookReport(models.Model):
    """A person says that a look at their data seems wrong; the organisation's leader answers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    entry_id = models.BigIntegerField()
    subject_id = models.UUIDField(db_index=True)
    org_no = models.CharField(max_length=9, blank=True)
    protected = models.BooleanField()
    text = ProseField()
    reported_at = models.DateTimeField()
    answer = ProseField(blank=True, default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """One report for each entry; an answer is whole or not there."""

        db_table = "infra_look_report"
        constraints = (
            models.UniqueConstraint(fields=["entry_id"], name="infra_look_report_one"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None, answered_by=None)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
                name="infra_look_report_answered",
            ),
        )
        indexes = (
            models.Index(
                fields=["org_no", "reported_at"],
                condition=models.Q(answered_at=None),
                name="infra_look_report_open",
            ),
        )


class OwnDataRequest(models.Model):
    """Somebody asks for everything that is stored about a person; made by a job, kept for a few days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    subject_id = models.UUIDField()
    #: The employee who asked for the person at the counter; empty when the person did.
    asked_by = models.UUIDField(null=True)
    org_no = models.CharField(max_length=9, blank=True, default="")
    reason = ProseField(blank=True, default="")
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=8, default="waiting")
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    json = models.BinaryField(null=True)
    pdf = models.BinaryField(null=True)
    json_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        """One waiting request of a kind; the content is there exactly while it may be fetched."""

        db_table = "infra_own_data_request"
        constraints = (
            models.UniqueConstraint(
                fields=["subject_id", "asked_by"],
                condition=models.Q(state="waiting"),
                name="infra_own_data_one_waiting",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(state="ready", json__isnull=False, pdf__isnull=False)
                | models.Q(state__in=("waiting", "gone"), json=None, pdf=None),
                name="infra_own_data_content",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_by=None) | ~models.Q(reason=""),
                name="infra_own_data_counter_reason",
            ),
        )
        indexes = (
            models.Index(fields=["subject_id", "-asked_at"], name="infra_own_data_of"),
            models.Index(
                fields=["expires_at"], condition=models.Q(state="ready"), name="infra_own_data_ends"
            ),
        )


class DeadEnd(models.Model):
    """How many came to a page that leads no further, by day and kind; nothing about whom (SP-10)."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    kind = models.CharField(max_length=60)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One row a day and kind."""

        db_table = "infra_dead_end"
        constraints = (models.UniqueConstraint(fields=["day", "kind"], name="infra_dead_end_one"),)


class DeletionAccount(models.Model):
    """One deletion of what was past its time: how many, and the hash of their identifiers (SP-12)."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        """Read by kind, and by the hash of who has a copy from before."""

        db_table = "infra_deletion_account"
        indexes = (models.Index(fields=["sha256"], name="infra_deletion_hash"),)
