"""Agreements: versions that never change, their parties and payers, signatures and exits.

A signature stands for one version of one party; a new version has none until it is signed (a trigger keeps
versions, parties, payers, signatures and exits as they were written).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id

AGREEMENT_STATES = ("draft", "offered", "signed", "ended")


class Agreement(Written):
    """An agreement on cost and gain of one initiative; `number` is the version that stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative_id = models.UUIDField(db_index=True)
    title = models.CharField(max_length=200)
    owner_org_no = models.CharField(max_length=9)
    state = models.CharField(max_length=10, default="draft")
    number = models.PositiveIntegerField(default=1)
    in_force = models.PositiveIntegerField(null=True, blank=True)  # the last version all signed
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        """A known state; the version in force is one that was made."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=AGREEMENT_STATES), name="agreement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(in_force__isnull=True) | Q(in_force__lte=F("number")),
                name="agreement_in_force_made",
            ),
            in_known_language("agreement"),
        ]


class AgreementVersion(Written):
    """The terms of one version as JSON, and what they came to when they were written."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    terms = models.JSONField()
    tests = models.JSONField()
    closes = models.BooleanField()
    shortfall_ore = models.BigIntegerField(default=0)
    first_year = models.PositiveSmallIntegerField()
    last_year = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True, default="")
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_role = models.CharField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        """One version of each number; a period that goes forward."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.CheckConstraint(
                condition=Q(last_year__gte=F("first_year")), name="agreement_version_forwards"
            ),
            in_known_language("agreement_version"),
        ]


class AgreementParty(models.Model):
    """A party of a version and what the version comes to for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="parties")
    party = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)  # municipality | organisation
    municipality = models.ForeignKey(
        "municipalities.Municipality", null=True, blank=True, on_delete=models.PROTECT
    )
    org_no = models.CharField(max_length=9, blank=True, default="")
    inhabitants = models.PositiveIntegerField(default=0)
    share_ore = models.BigIntegerField(default=0)
    borne_ore = models.BigIntegerField(default=0)
    tariff_once_ore = models.BigIntegerField(default=0)
    tariff_year_ore = models.BigIntegerField(default=0)
    expected_gain_ore = models.BigIntegerField(default=0)
    transfer_ore = models.BigIntegerField(default=0)
    net_ore = models.BigIntegerField(default=0)

    class Meta:
        """A party stands once in a version; a municipality has its row, others a number."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "party"], name="agreement_party_once"),
            models.CheckConstraint(
                condition=Q(kind="municipality", municipality__isnull=False)
                | Q(kind="organisation", municipality__isnull=True),
                name="agreement_party_kind",
            ),
        ]


class Payer(models.Model):
    """Who pays a line of cost: the key, each its own, or a party; empty while it is not settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="payers")
    position = models.PositiveSmallIntegerField()
    line = models.CharField(max_length=200)
    payer = models.CharField(max_length=40, blank=True, default="")
    year_ore = models.BigIntegerField(null=True, blank=True)

    class Meta:
        """One line at each place."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "position"], name="payer_line_once"),
        ]


class Signature(models.Model):
    """A party's signature on one version, with the hash of the terms that were signed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    party = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    by_person_id = models.UUIDField(null=True, blank=True)
    by_role = models.CharField(max_length=32)
    signed_on = models.DateField()
    signed_at = models.DateTimeField()

    class Meta:
        """A party signs a version once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "party"], name="signature_once"),
        ]


class Exit(Written):
    """A party's notice: it is bound through `leaves_on`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="exits")
    party = models.CharField(max_length=40)
    declared_on = models.DateField()
    leaves_on = models.DateField()
    reason = models.CharField(max_length=1000, blank=True, default="")
    by_role = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        """A party leaves an agreement once, and not before it says so."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "party"], name="exit_once"),
            models.CheckConstraint(
                condition=Q(leaves_on__gte=F("declared_on")), name="exit_after_notice"
            ),
            in_known_language("exit"),
        ]
