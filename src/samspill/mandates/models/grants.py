"""Mandates, the text that was signed, their append-only history, and letters with a code."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from samspill.kernel.ids import new_id

OWN = "samspill"
"""The source of grants that are made here; all others are a register's word, held for at most 24 hours."""


class GrantText(models.Model):
    """The very text that was shown and signed, found by its hash. Never changed."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    text = models.TextField()
    language = models.CharField(max_length=5)
    version = models.CharField(max_length=20)
    made_at = models.DateTimeField()


class Grant(models.Model):
    """One right to act for somebody. Of our own nothing is changed but what is set once: accepted, confirmed, ended."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=20, default=OWN)
    source_ref = models.CharField(max_length=120, blank=True, default="")
    grantor = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    grantor_name = models.CharField(max_length=200, blank=True, default="")
    grantee = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    grantee_org = models.CharField(max_length=9, blank=True, default="")
    grantee_name = models.CharField(max_length=200, blank=True, default="")
    scopes = ArrayField(models.CharField(max_length=120))
    level = models.CharField(max_length=5)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    may_delegate = models.BooleanField(default=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    delegated_by = models.CharField(max_length=60, blank=True, default="")
    parental_type = models.CharField(max_length=20, blank=True, default="")
    in_force = models.BooleanField(default=False)
    source_current = models.BooleanField(default=True)
    #: Binds together with others only, as two heirs do.
    joint = models.BooleanField(default=False, db_default=False)
    told_at = models.DateTimeField(null=True)
    text = models.ForeignKey(GrantText, on_delete=models.PROTECT, null=True, related_name="+")
    evidence_file = models.UUIDField(null=True)
    registered_by = models.CharField(max_length=60, blank=True, default="")
    registered_org = models.CharField(max_length=9, blank=True, default="")
    object_until = models.DateField(null=True)
    confirmed_by = models.CharField(max_length=60, blank=True, default="")
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    revoke_reason = models.CharField(max_length=20, blank=True, default="")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10)
    created_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        """One agent; a period that runs forward; a signed text stands for one standing grant only."""

        indexes: ClassVar = [
            models.Index(fields=["grantee", "grantor"], name="mandates_grant_pair"),
            models.Index(fields=["grantor", "created_at"], name="mandates_grant_giver"),
            models.Index(
                fields=["grantee_org", "grantor"],
                condition=~Q(grantee_org=""),
                name="mandates_grant_org",
            ),
            models.Index(
                fields=["valid_to"],
                condition=Q(valid_to__isnull=False, revoked_at__isnull=True),
                name="mandates_grant_ends",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(grantee__isnull=False, grantee_org="")
                | (Q(grantee__isnull=True) & ~Q(grantee_org="")),
                name="mandates_grant_one_agent",
            ),
            models.CheckConstraint(
                condition=Q(grantee__isnull=True) | ~Q(grantee=F("grantor")),
                name="mandates_grant_for_another",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="mandates_grant_forward",
            ),
            models.CheckConstraint(
                condition=Q(level__in=("read", "write")), name="mandates_grant_level"
            ),
            models.CheckConstraint(
                condition=~Q(scopes__contains=["*"]), name="mandates_grant_no_star"
            ),
            models.UniqueConstraint(
                fields=["text"],
                condition=Q(revoked_at__isnull=True, source=OWN),
                name="mandates_grant_text_once",
            ),
            models.UniqueConstraint(
                fields=["grantor", "grantee", "source", "source_ref"],
                condition=~Q(source=OWN),
                name="mandates_grant_source_once",
            ),
        ]


class Step(models.Model):
    """Something that happened to a grant, a register's too. Only added to."""

    id = models.BigAutoField(primary_key=True)
    #: Not a foreign key: a register's word is emptied after a day, but what was done by it is remembered.
    grant_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    grantor_id = models.UUIDField()
    what = models.CharField(max_length=12)
    at = models.DateTimeField()
    by_person_id = models.UUIDField(null=True)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    channel = models.CharField(max_length=10)
    scope = models.CharField(max_length=120, blank=True, default="")
    about_id = models.UUIDField(null=True)

    class Meta:
        """Read by grant or by the represented person, oldest first."""

        indexes: ClassVar = [
            models.Index(fields=["grant_id", "id"], name="mandates_step_story"),
            models.Index(fields=["grantor_id", "id"], name="mandates_step_of"),
        ]


class CodeLetter(models.Model):
    """A code sent on paper to the giver's registered address; brought back, it confirms a paper mandate (R12)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="letters")
    code_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
