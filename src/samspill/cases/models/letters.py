"""Letters that go out and appeals that come in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from samspill.infra.encryption.fields import ProseField
from samspill.kernel.ids import new_id

LETTER_STATES = ("queued", "made", "sent", "failed")
APPEAL_STATES = ("received", "clarified", "forwarded", "changed", "upheld", "withdrawn")


class Letter(models.Model):
    """A letter of a case in one language; made from the decision when it is needed, then kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="letters")
    decision = models.ForeignKey(
        "cases.Decision",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        db_index=False,
    )
    recipient = models.ForeignKey(  # somebody else than the applicant
        "identity.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    request = models.ForeignKey(
        "cases.InformationRequest",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=48)  # the package's id of the letter
    language = models.CharField(max_length=5)
    title = models.CharField(max_length=200, blank=True, default="", db_default="")
    html = ProseField(blank=True, default="")
    pdf_file_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=8, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True, default="")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One letter a decision, kind and language; without a decision one a person, kind and request."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=LETTER_STATES), name="letter_state_known"),
            models.UniqueConstraint(
                fields=["decision", "kind", "language"],
                condition=Q(decision__isnull=False),
                name="letter_once",
            ),
            models.UniqueConstraint(
                fields=["case", "kind", "recipient", "request"],
                condition=Q(decision__isnull=True),
                name="letter_once_a_person",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="letter_sent_has_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["state", "queued_at", "id"],
                condition=~Q(state="sent"),
                name="letter_not_sent",
            ),
            models.Index(
                fields=["recipient"],
                condition=Q(recipient__isnull=False),
                name="letter_recipient",
            ),
        ]


class Appeal(models.Model):
    """An appeal against one decision, with the deadline computed on the day it came."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="appeals")
    decision = models.ForeignKey("cases.Decision", on_delete=models.PROTECT, related_name="appeals")
    text = ProseField()
    received_at = models.DateTimeField()
    deadline_on = models.DateField()
    late = models.BooleanField(default=False)
    late_reason = ProseField(blank=True, default="")
    channel = models.CharField(max_length=10, default="digital")
    idempotency_key = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=10, default="received")
    clarification = ProseField(blank=True, default="")  # what the municipality found out
    outcome_reason = ProseField(blank=True, default="")
    outcome_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open appeal a decision."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=APPEAL_STATES), name="appeal_state_known"),
            models.CheckConstraint(condition=~Q(text=""), name="appeal_says_something"),
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(state__in=("received", "clarified", "forwarded")),
                name="appeal_one_open_a_decision",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["received_at", "id"],
                condition=Q(state__in=("received", "clarified", "forwarded")),
                name="appeal_open",
            ),
        ]
