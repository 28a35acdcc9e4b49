"""Machines that may ask the decision point, and the persons of an imported world."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Client(models.Model):
    """An organisation whose machines may ask, about which owners' scopes, and in which identifiers."""

    org_no = models.CharField(primary_key=True, max_length=9)
    name = models.CharField(max_length=200)
    #: Owners of the scopes it may ask about (`husbanken`, `kommune` …).
    owners = ArrayField(models.CharField(max_length=40))
    #: It has a legal basis for national numbers in the body; else it uses its own pseudonyms.
    may_use_numbers = models.BooleanField(default=False)
    legal_basis = models.CharField(max_length=200)
    #: Its caseworkers are told the fine reason of a refusal; else all refusals look alike.
    sees_reasons = models.BooleanField(default=False)
    #: Turns our identifiers into its pseudonyms and back; another client's are worth nothing to it.
    pseudonym_key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        """One row for each organisation."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(org_no__regex=r"^[0-9]{9}$"), name="mandates_client_org_no"
            )
        ]


class Imported(models.Model):
    """A person of an imported world: the name it has there. Only in installations for tests."""

    ref = models.CharField(primary_key=True, max_length=200)
    person = models.OneToOneField("identity.Person", on_delete=models.PROTECT, related_name="+")
