"""Rows: municipalities, their names, numbers, changes and figures. No decisions here.

A number is never a key: it is a row with a validity that the database keeps free of overlaps.
Names and numbers carry keys ordered byte by byte (collation "C"), because there is no ICU.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q


class Municipality(models.Model):
    """One municipality through its life, whatever numbers it has had."""

    id = models.UUIDField(primary_key=True, editable=False)
    org_no = models.CharField(max_length=9, null=True, unique=True)

    class Meta:
        """An organisation number stands for one municipality only."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(org_no__regex=r"^[89]\d{8}$"),
                name="municipality_org_no_shape",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class MunicipalityName(models.Model):
    """An official name in one language; `position` is the official order (0 first)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="names")
    language = models.CharField(max_length=3)
    text = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    search_key = models.CharField(max_length=80, db_index=True)
    sort_key = models.CharField(max_length=200, db_collation="C")

    class Meta:
        """One name in each position of the official order."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["municipality", "position"],
                name="municipality_name_one_position",
            ),
            models.CheckConstraint(
                condition=Q(language__in=["nb", "se", "smj", "sma", "fkv"]),
                name="municipality_name_language",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class MunicipalityNumber(models.Model):
    """A number and the name it stood for, with validity [from, to)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="numbers")
    number = models.CharField(max_length=4)
    name = models.CharField(max_length=80)
    validity = DateRangeField()

    class Meta:
        """A number has one holder, and a municipality one number, at any time."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(number__regex=r"^\d{4}$"), name="municipality_number_shape"
            ),
            ExclusionConstraint(
                name="municipality_number_one_holder",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="municipality_one_number_at_a_time",
                expressions=[
                    ("municipality", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Succession(models.Model):
    """What became what on a date; `share` is the part of the people, null when not known."""

    old = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="went_to")
    new = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="came_from")
    on_date = models.DateField(null=True)
    old_number = models.CharField(max_length=4)
    old_name = models.CharField(max_length=80)
    new_number = models.CharField(max_length=4)
    new_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    share = models.DecimalField(max_digits=6, decimal_places=4, null=True)
    status = models.CharField(max_length=60)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        """A change of numbers has a date; a share is above 0 and at most 1."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["merger", "split", "renumbering", "boundary", "name"]),
                name="succession_kind",
            ),
            models.CheckConstraint(
                condition=Q(share__isnull=True) | (Q(share__gt=0) & Q(share__lte=1)),
                name="succession_share_is_a_share",
            ),
            models.CheckConstraint(
                condition=Q(on_date__isnull=False) | Q(kind__in=["boundary", "name"]),
                name="succession_of_numbers_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_number} → {self.new_number}"


class MunicipalityFigure(models.Model):
    """One figure with source, year and status: a number or a word, never both."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="figures")
    key = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    word = models.CharField(max_length=40, null=True)
    source = models.CharField(max_length=160)
    status = models.CharField(max_length=40)

    class Meta:
        """One figure for each municipality, key and year."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["municipality", "key", "year"], name="municipality_figure_once"
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, word__isnull=False)
                | Q(number__isnull=False, word__isnull=True),
                name="municipality_figure_number_or_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.year}"


class ReferenceLoad(models.Model):
    """Which version of the files the rows were made from (one row)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        """There is one row."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="reference_load_one_row"),
        ]

    def __str__(self) -> str:
        return self.sha256


class MunicipalContact(models.Model):
    """How people reach a municipality without a computer, from a day until it tells something else."""

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="contacts"
    )
    phone = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    hours = models.CharField(max_length=300, blank=True, default="")
    validity = DateRangeField()
    set_at = models.DateTimeField()
    set_by = models.UUIDField()

    class Meta:
        """One in force on any day, and never without telephone and address."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(phone="") & ~Q(address=""), name="municipal_contact_whole"
            ),
            ExclusionConstraint(
                name="municipal_contact_one_a_day",
                expressions=[
                    ("municipality", RangeOperators.EQUAL),
                    ("validity", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.phone
