"""What Folkeregisteret said of a person, blocks, who acts for whom now, and named users of organisations."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q

from samspill.infra.encryption.fields import ProseField
from samspill.kernel.ids import new_id


class Party(models.Model):
    """What is known of a person for a decision. Facts of the register count for 24 hours and are then emptied (R17).

    `blocks_voluntary` is the person's own choice and stays.
    """

    person = models.OneToOneField(
        "identity.Person", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    born = models.DateField(null=True)
    died = models.DateField(null=True)
    protection = models.CharField(max_length=20, blank=True, default="")
    told_at = models.DateTimeField(null=True)
    blocks_voluntary = models.BooleanField(default=False)

    class Meta:
        """Facts are there all or none; those that have grown old are found by their time.

        A list of decisions fetches a hundred people who lie anywhere: by their hash that is two blocks each, where the
        tree of the primary key is four.
        """

        indexes: ClassVar = [
            models.Index(fields=["told_at"], name="mandates_party_told"),
            HashIndex(fields=["person"], name="mandates_party_by_hash"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | (Q(born__isnull=False) & ~Q(protection="")),
                name="mandates_party_whole",
            )
        ]


class Block(models.Model):
    """A person shut or opened for voluntary mandates (R15). Only added to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    blocked = models.BooleanField()
    at = models.DateTimeField()
    by_person_id = models.UUIDField(null=True)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    reason = ProseField(blank=True, default="")


class OrganisationUser(models.Model):
    """Somebody named by an organisation to use the mandates that it has been given."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    org_no = models.CharField(max_length=9)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    named_by = models.UUIDField()
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        """One standing naming of a person in an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "org_no"],
                condition=Q(ended_at__isnull=True),
                name="mandates_user_once",
            )
        ]


class Acting(models.Model):
    """In this login, one acts for another: chosen in two steps, tried again at each request."""

    session_id = models.CharField(primary_key=True, max_length=64)
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    subject_name = models.CharField(max_length=200)
    scope = models.CharField(max_length=120)
    begun_at = models.DateTimeField()

    class Meta:
        """Nobody acts for themselves."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(person=models.F("subject")), name="mandates_acting_for_another"
            )
        ]
