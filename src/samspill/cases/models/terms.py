"""Month by month: entries of a term, the run, its decisions and payments. Money in whole øre.

A decision is never changed: a correction is a new decision of the same case and term with the next
sequence number (a trigger in the first migration holds the columns that were decided).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from samspill.infra.encryption.fields import AnswersField
from samspill.kernel.ids import new_id

ENTRY_ORIGINS = ("new", "carried", "retest", "corrected")
ENTRY_STATES = ("waiting", "decided", "held", "stopped")
RUN_STATES = ("started", "deciding", "done", "failed")
DECISION_KINDS = ("ordinary", "corrected", "recalculated", "manual")
PAYMENT_KINDS = ("ordinary", "addition", "reclaim", "set_off")
PAYMENT_STATES = ("ordered", "sent", "paid", "stopped", "returned")


class TermEntry(models.Model):
    """A case's place in one term: it is to be decided, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="terms", db_index=False
    )
    package_id = models.CharField(max_length=64)
    term = models.DateField()  # the first day of the month
    sequence = models.PositiveSmallIntegerField(default=1)
    origin = models.CharField(max_length=10)
    retest = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, default="waiting")
    held_reason = models.CharField(max_length=48, blank=True, default="")
    made_at = models.DateTimeField()

    class Meta:
        """A case is tried once in a term for each sequence number."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "term", "sequence"], name="entry_once"),
            models.CheckConstraint(
                condition=Q(origin__in=ENTRY_ORIGINS), name="entry_origin_known"
            ),
            models.CheckConstraint(condition=Q(state__in=ENTRY_STATES), name="entry_state_known"),
            models.CheckConstraint(condition=Q(term__day=1), name="entry_term_is_month"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["package_id", "term", "state", "case"], name="entry_run"),
        ]


class TermRun(models.Model):
    """The run of one term of one package: where it is and what it came to. Resumable by its cursor."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package_id = models.CharField(max_length=64)
    term = models.DateField()
    state = models.CharField(max_length=10, default="started")
    situation_on = models.DateField()
    deadline_on = models.DateField()
    pay_on = models.DateField()
    cursor = models.UUIDField(null=True, blank=True)
    totals = models.JSONField(default=dict, blank=True)
    rulebook_version = models.CharField(max_length=64, blank=True, default="")
    rulebook_hash = models.CharField(max_length=64, blank=True, default="")
    failure = models.CharField(max_length=200, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One run a term and package."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["package_id", "term"], name="run_once_a_term"),
            models.CheckConstraint(condition=Q(state__in=RUN_STATES), name="run_state_known"),
            models.CheckConstraint(condition=Q(term__day=1), name="run_term_is_month"),
        ]


class Decision(models.Model):
    """What was decided for one case and term, with everything needed to explain and redo it (SP-15)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="decisions", db_index=False
    )
    run = models.ForeignKey(
        TermRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
    )
    package_id = models.CharField(max_length=64)
    municipality_id = models.UUIDField(null=True, blank=True)
    term = models.DateField()
    sequence = models.PositiveSmallIntegerField(default=1)
    replaces = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=14, default="ordinary")
    code = models.CharField(max_length=8)
    granted = models.BooleanField()
    amount_ore = models.BigIntegerField()
    automatic = models.BooleanField(default=True)
    decided_by = models.UUIDField(null=True, blank=True)
    inputs = AnswersField()
    trace = AnswersField()
    facts = AnswersField(default=dict)
    rulebook_version = models.CharField(max_length=64)
    rulebook_hash = models.CharField(max_length=64)
    decided_at = models.DateTimeField()

    class Meta:
        """One decision a case, term and sequence number."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "term", "sequence"], name="decision_once"),
            models.CheckConstraint(
                condition=Q(kind__in=DECISION_KINDS), name="decision_kind_known"
            ),
            models.CheckConstraint(condition=Q(amount_ore__gte=0), name="decision_not_negative"),
            models.CheckConstraint(
                condition=Q(granted=True) | Q(amount_ore=0),
                name="decision_refused_pays_nothing",
            ),
            models.CheckConstraint(condition=Q(term__day=1), name="decision_term_is_month"),
            models.CheckConstraint(
                condition=Q(automatic=True) | Q(decided_by__isnull=False),
                name="decision_by_a_person_says_who",
            ),
        ]


class Payment(models.Model):
    """Money to pay (or, when negative, to reclaim or set off) by a decision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    run = models.ForeignKey(
        TermRun,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
    )
    kind = models.CharField(max_length=10, default="ordinary")
    amount_ore = models.BigIntegerField()
    pay_on = models.DateField()
    account = models.CharField(max_length=34, blank=True, default="")  # empty: paid by payment card
    state = models.CharField(max_length=10, default="ordered")
    ordered_at = models.DateTimeField()

    class Meta:
        """One payment of a kind for each decision; the sign follows the kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "kind"], name="payment_once"),
            models.CheckConstraint(condition=Q(kind__in=PAYMENT_KINDS), name="payment_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=PAYMENT_STATES), name="payment_state_known"
            ),
            models.CheckConstraint(condition=~Q(amount_ore=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=Q(kind__in=("ordinary", "addition"), amount_ore__gt=0)
                | Q(kind__in=("reclaim", "set_off"), amount_ore__lt=0),
                name="payment_sign_follows_kind",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["case", "pay_on"], name="payment_case")]
