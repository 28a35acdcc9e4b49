"""Rows: replies kept for as long as a declaration allows, how far the feed has been read, and who answers.

A reply is personal data, and encrypted as a whole. It is kept for one package only (purpose limitation), never with
an address or a grade of address protection, and a job deletes it when its time is over.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.encryption.fields import SecretJSONField


class RegisterReply(models.Model):
    """What a register said about one person, for one package, until `expires_at`."""

    person = models.ForeignKey("identity.Person", on_delete=models.CASCADE, related_name="+")
    package_id = models.CharField(max_length=64)
    register = models.CharField(max_length=40)
    asked = models.CharField(max_length=64)
    data: models.Field[Any, Any] = SecretJSONField()
    source = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """One reply for each question; the two registers that tell of protection are refused."""

        db_table = "registers_reply"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "package_id", "register", "asked"], name="registers_reply_once"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("fetched_at")), name="registers_reply_expires"
            ),
            models.CheckConstraint(
                condition=~Q(register__startswith="folkeregisteret.")
                & ~Q(register__startswith="matrikkelen.")
                & ~Q(register__startswith="krr."),
                name="registers_reply_never_address_or_grade",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.fetched_at:%Y-%m-%d}"


class FeedPointer(models.Model):
    """The last sequence number of a feed that was handled."""

    feed = models.CharField(primary_key=True, max_length=40)
    sequence = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        """One row a feed."""

        db_table = "registers_feed_pointer"

    def __str__(self) -> str:
        return f"{self.feed}: {self.sequence}"


class ComponentHealth(models.Model):
    """When a component last answered or failed. Nothing about whom it was asked about."""

    component = models.CharField(primary_key=True, max_length=40)
    answered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    kind = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        """Either it answered last, or it fails since some time."""

        db_table = "registers_health"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="", failing_since__isnull=True)
                | (~Q(kind="") & Q(failing_since__isnull=False)),
                name="registers_health_one_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.kind or 'answers'}"
