"""What was settled: never changed (a trigger), so that a statement is the same for ever."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from samspill.kernel.ids import new_id
from samspill.settlement.models.agreement import Agreement


class Settlement(models.Model):
    """One year of one agreement, settled under the version that was in force."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="settlements")
    version = models.PositiveIntegerField()
    year = models.PositiveSmallIntegerField()
    due_ore = models.BigIntegerField()
    realised_ore = models.BigIntegerField()
    withdrawn_ore = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_role = models.CharField(max_length=32)
    closed_on = models.DateField()
    closed_at = models.DateTimeField()

    class Meta:
        """A year of an agreement is settled once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "year"], name="settlement_once"),
        ]


class SettlementLine(models.Model):
    """One amount of one party: which kind, how many øre, in which order it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="lines")
    party = models.CharField(max_length=40)
    kind = models.CharField(max_length=24)
    position = models.PositiveSmallIntegerField()
    ore = models.BigIntegerField()

    class Meta:
        """Each kind stands once for a party."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["settlement", "party", "kind"], name="settlement_line_once"
            ),
        ]


class Statement(models.Model):
    """What one party is told of a settled year: its lines, its gains and where they came from."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="statements")
    party = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    municipality = models.ForeignKey(
        "municipalities.Municipality", null=True, blank=True, on_delete=models.PROTECT
    )
    org_no = models.CharField(max_length=9, blank=True, default="")
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        """One statement a party."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["settlement", "party"], name="statement_once"),
        ]
