"""The case and the frozen application that began it.

A case has the same id as the draft it grew from, so that an address a citizen saved still leads home.
Invariants that must survive a bulk update are constraints here and triggers in the first migration
(an application is never changed).
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from samspill.infra.encryption.fields import AnswersField, ProseField
from samspill.kernel.ids import new_id

#: Grades of address protection as Folkeregisteret says them; `unknown` is handled as the strictest.
PROTECTION = ("ugradert", "klientadresse", "fortrolig", "strengtFortrolig", "unknown")
#: Grades under which no address may be stored, shown or printed.
ADDRESS_HIDDEN = ("fortrolig", "strengtFortrolig", "unknown")
#: Grades under which only cleared people in a unit of their own may know that the case exists.
COMPARTMENT = ("strengtFortrolig", "unknown")

CHANNELS = ("digital", "paper", "counter")
WAITING_FOR = ("applicant", "party", "municipality", "agency", "system", "nobody")


class CaseQuerySet(models.QuerySet["Case"]):
    """Speak of cases in the words of the domain."""

    def open(self) -> CaseQuerySet:
        """Keep the cases that are not closed."""
        return self.filter(closed_at__isnull=True)

    def of_applicant(self, person_id: UUID) -> CaseQuerySet:
        """Keep the cases of one person."""
        return self.filter(applicant_id=person_id)

    def visible_outside_compartment(self) -> CaseQuerySet:
        """Leave out the cases that only a cleared unit may know of (SP-23)."""
        return self.exclude(protection__in=COMPARTMENT)


class Case(models.Model):
    """One applicant's case under one pinned version of a service package."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package_id = models.CharField(max_length=64)
    package_version = models.CharField(max_length=32)
    package_sha256 = models.CharField(max_length=64)
    #: Empty only for protected addresses: where such a person lives is not known here (SP-24).
    municipality = models.ForeignKey(
        "municipalities.Municipality",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    municipality_no_at_submission = models.CharField(max_length=4, blank=True, default="")
    applicant = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: Who sent it for the applicant; empty when the applicant did.
    submitted_by = models.ForeignKey(
        "identity.Person",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    #: The name of the one who sent it for the applicant, as it was then: letters and records carry both.
    submitted_by_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    #: Our own ids of everybody else who is named in the case: who is close to one of them keeps away (SP-06).
    persons = ArrayField(models.UUIDField(), default=list, blank=True)
    registered_by = models.UUIDField(null=True, blank=True)
    applicant_name = models.CharField(max_length=200, blank=True, default="")
    state = models.CharField(max_length=48)
    unit = models.CharField(max_length=64, blank=True, default="")
    waiting_for = models.CharField(max_length=16, default="municipality")
    due_on = models.DateField(null=True, blank=True)
    #: The employee who has taken the case; nobody else is kept out by it.
    handler_id = models.UUIDField(null=True, blank=True)
    protection = models.CharField(max_length=20, default="unknown")
    protection_checked_at = models.DateTimeField()
    language = models.CharField(max_length=5)
    channel = models.CharField(max_length=10, default="digital")
    situation_on = models.DateField()
    submitted_at = models.DateTimeField()
    #: Values that changed after submission (answers to requests, results of tasks): field id → value.
    amended = AnswersField(default=dict, blank=True)
    stopped_reason = models.CharField(max_length=32, blank=True, default="")
    closed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()

    objects = CaseQuerySet.as_manager()

    class Meta:
        """Work lists read by municipality or package, what is waited for, day and id."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(protection__in=PROTECTION), name="case_protection_known"
            ),
            models.CheckConstraint(condition=Q(channel__in=CHANNELS), name="case_channel_known"),
            models.CheckConstraint(
                condition=Q(waiting_for__in=WAITING_FOR), name="case_waiting_for_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(waiting_for="nobody"),
                name="case_closed_waits_for_nobody",
            ),
            models.CheckConstraint(
                condition=Q(municipality__isnull=False) | Q(protection__in=ADDRESS_HIDDEN),
                name="case_has_municipality",
            ),
        ]
        indexes: ClassVar = [
            # Keyset paging of the work lists: equality on the first columns, order by the last two.
            models.Index(
                fields=["municipality", "waiting_for", "due_on", "id"],
                name="case_work_municipality",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["package_id", "waiting_for", "due_on", "id"],
                name="case_work_agency",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["municipality", "state", "submitted_at", "id"],
                name="case_mun_state",
            ),
            models.Index(fields=["municipality", "submitted_at", "id"], name="case_mun_time"),
            models.Index(
                fields=["package_id", "state", "submitted_at", "id"],
                name="case_pkg_state",
            ),
            models.Index(fields=["package_id", "submitted_at", "id"], name="case_pkg_time"),
            models.Index(fields=["applicant", "-submitted_at"], name="case_applicant"),
            models.Index(
                fields=["submitted_by"],
                name="case_submitted_by",
                condition=Q(submitted_by__isnull=False),
            ),
            models.Index(
                fields=["handler_id", "due_on", "id"],
                name="case_work_mine",
                condition=Q(closed_at__isnull=True, handler_id__isnull=False),
            ),
            models.Index(
                fields=["due_on", "id"],
                name="case_work_compartment",
                condition=Q(closed_at__isnull=True, protection__in=COMPARTMENT),
            ),
            GinIndex(fields=["persons"], name="case_persons"),
        ]

    @property
    def protected(self) -> bool:
        """Say whether the address must be hidden."""
        return self.protection in ADDRESS_HIDDEN

    @property
    def is_open(self) -> bool:
        """Say whether anything can still happen without a new application."""
        return self.closed_at is None


class Application(models.Model):
    """What the applicant signed, word for word, with the register facts it was built on; never changed."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    applicant = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answers = AnswersField()
    facts = AnswersField(default=dict)
    reasons = AnswersField(default=dict)
    declaration = models.JSONField(default=dict)
    #: Of the answers, documents and declarations that were signed; shown to who verifies a receipt.
    body_sha256 = models.CharField(max_length=64)
    #: Of the request that sent it: the same key with another request is refused (SP-37).
    request_sha256 = models.CharField(max_length=64, blank=True, default="")
    idempotency_key = models.CharField(max_length=100)
    receipt_code = models.CharField(max_length=24, unique=True)
    submitted_at = models.DateTimeField()

    class Meta:
        """One application a case; one a key and person."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["applicant", "idempotency_key"], name="application_one_per_key"
            ),
            models.CheckConstraint(condition=~Q(idempotency_key=""), name="application_key_given"),
        ]


class Amendment(models.Model):
    """One change of a submitted case's values: who, when, why, before and after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="amendments", db_index=False
    )
    sequence = models.PositiveIntegerField()
    origin = models.CharField(max_length=20)  # request | task | change | register
    role = models.CharField(max_length=32)
    person_id = models.UUIDField(null=True, blank=True)
    before = AnswersField(default=dict)
    after = AnswersField(default=dict)
    reason = ProseField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """Changes of a case are numbered."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "sequence"], name="amendment_in_order"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="amendment_changes"),
        ]
