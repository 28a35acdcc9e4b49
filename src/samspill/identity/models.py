"""Rows of the room: a person by number, a login under way, a session.

National numbers are stored encrypted and found by a keyed hash (`infra.encryption`).
Tokens are stored as SHA-256 only, so that a copy of the database logs nobody in.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Func, Q
from django.db.models.lookups import Exact

from samspill.infra.encryption.fields import SecretField

_WHOLE: models.IntegerField[int, int] = models.IntegerField()


class Person(models.Model):
    """A person's own identifier with us, and the one place where it meets the national number, which is encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Key id, then nonce and ciphertext; bound to the row (`bound_to`), so that it opens nowhere else.
    number = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        """What is no ciphertext is refused: a plain number cannot be stored by mistake."""

        db_table = "identity_person"
        constraints = (
            models.CheckConstraint(
                condition=Q(number__regex=r"^[a-z0-9-]{8,20}\.[A-Za-z0-9_-]{52}$"),
                name="identity_person_encrypted",
            ),
        )

    def __str__(self) -> str:
        """Show the identifier, never the number."""
        return str(self.id)

    @staticmethod
    def bound_to(person_id: uuid.UUID) -> str:
        """Return what the encrypted number of a person is bound to."""
        return f"identity_person {person_id}"


class NumberHash(models.Model):
    """What a person is found by: the national number's hash under one key.

    A person has one row for each hash key in use, so that a key can be changed while people log in. All stand in
    one column with one uniqueness, whichever key they were made with.
    """

    hash = models.BinaryField(primary_key=True, max_length=32)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=20)

    class Meta:
        """One row for each person and key; a key's rows are counted and filled in by it."""

        db_table = "identity_number_hash"
        constraints = (
            models.UniqueConstraint(fields=["person", "key"], name="identity_number_hash_once"),
            models.CheckConstraint(
                condition=Exact(Func("hash", function="octet_length", output_field=_WHOLE), 32),
                name="identity_number_hash_of_32_bytes",
            ),
        )


class LoginAttempt(models.Model):
    """A login that was begun and not ended. Used once: finishing deletes the row."""

    state_hash = models.CharField(primary_key=True, max_length=64)
    browser_hash = models.CharField(max_length=64)
    profile = models.CharField(max_length=12)
    nonce = models.CharField(max_length=64)
    code_verifier = models.CharField(max_length=128)
    level = models.CharField(max_length=12)
    next_url = models.CharField(max_length=500)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        """Old rows are removed by a job."""

        db_table = "identity_login_attempt"


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions in the words of the room."""

    def alive(
        self, *, at: dt.datetime, idle: dt.timedelta, longest: dt.timedelta
    ) -> SessionQuerySet:
        """Keep those neither ended nor timed out."""
        return self.filter(
            ended_at__isnull=True, last_seen_at__gt=at - idle, started_at__gt=at - longest
        )


class Session(models.Model):
    """One login on one device, until log-out or time-out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    profile = models.CharField(max_length=12)
    level = models.CharField(max_length=12)
    name = models.CharField(max_length=200, blank=True)
    units = models.JSONField(default=list)
    org_no = models.CharField(max_length=9, blank=True)
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    sid = models.CharField(max_length=255, blank=True)
    id_token = SecretField(blank=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=20, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        """Found by token on every request, by the provider's `sid` or subject at log-out."""

        db_table = "identity_session"
        constraints = (
            models.CheckConstraint(
                condition=Q(profile__in=("citizen", "employee")), name="identity_session_profile"
            ),
            models.CheckConstraint(
                condition=Q(level__in=("substantial", "high")), name="identity_session_level"
            ),
        )
        indexes = (
            models.Index(fields=["issuer", "sid"], name="identity_session_sid"),
            models.Index(fields=["issuer", "subject"], name="identity_session_subject"),
            models.Index(
                fields=["org_no"],
                condition=Q(ended_at__isnull=True) & ~Q(org_no=""),
                name="identity_session_org",
            ),
        )


class Employee(models.Model):
    """Somebody as an organisation's employee, as the last login said: what a leader calls them by."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    org_no = models.CharField(max_length=9)
    name = models.CharField(max_length=200, blank=True, default="")
    roles = models.JSONField(default=list)
    units = models.JSONField(default=list)
    services = models.JSONField(default=list)
    municipality_id = models.UUIDField(null=True, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        """Once for each organisation; emptied a year after the last login."""

        db_table = "identity_employee"
        constraints = (
            models.UniqueConstraint(fields=["person", "org_no"], name="identity_employee_once"),
        )
        indexes = (models.Index(fields=["org_no", "name"], name="identity_employee_of"),)
