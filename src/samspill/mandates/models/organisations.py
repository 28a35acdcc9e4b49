"""What Enhetsregisteret said of an organisation and of those in it whom we know; held for at most 24 hours."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Organisation(models.Model):
    """An answer of the register: it counts until `expires_at`, and is then deleted with its roles."""

    org_no = models.CharField(primary_key=True, max_length=9)
    name = models.CharField(max_length=200, blank=True, default="")
    form = models.CharField(max_length=10, blank=True, default="")
    deleted_on = models.DateField(null=True)
    bankrupt = models.BooleanField()
    told_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Never an authority of ours: no answer is kept longer than a day."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("told_at") + dt.timedelta(hours=24)),
                name="mandates_organisation_a_day",
            )
        ]


class Role(models.Model):
    """A role of somebody we know, and how far it binds the organisation."""

    id = models.UUIDField(primary_key=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="roles")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=10)
    level = models.CharField(max_length=5)
    joint = models.BooleanField()
    court_appointed = models.BooleanField()
    ended = models.BooleanField()

    class Meta:
        """One row for each role of a person in an organisation."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person", "code"], name="mandates_role_once"
            ),
            models.CheckConstraint(
                condition=Q(level__in=("read", "write")), name="mandates_role_level"
            ),
        ]
