"""What is not sent yet: the draft, its attachments, and the account of what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from samspill.infra.encryption.fields import AnswersField, ProseField
from samspill.kernel.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


#: Why a document is kept from the applicant: forvaltningsloven § 18 a (made inside one body for its own
#: handling), § 18 b (fetched from outside for that handling), § 19 (what a party has no claim to know).
WITHHELD_BY = ("fvl_18a", "fvl_18b", "fvl_19")


class DraftQuerySet(models.QuerySet["Draft"]):
    """Speak of drafts in the words of the domain."""

    def of_person(self, person_id: UUID) -> DraftQuerySet:
        """Keep the drafts of one person."""
        return self.filter(person_id=person_id)

    def expired(self, at: datetime) -> DraftQuerySet:
        """Keep the drafts whose lifetime is over."""
        return self.filter(expires_at__lte=at)


class Draft(models.Model):
    """An application being written; deleted when it is sent or its lifetime is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    #: Who writes it for the person; empty when the person does.
    written_by = models.ForeignKey(
        "identity.Person",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    package_id = models.CharField(max_length=64)
    package_version = models.CharField(max_length=32)
    package_sha256 = models.CharField(max_length=64)
    municipality = models.ForeignKey(
        "municipalities.Municipality",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )
    answers = AnswersField(default=dict, blank=True)
    #: field id → the revision in which it was last written; lets two tabs merge field by field.
    field_revisions = models.JSONField(default=dict, blank=True)
    #: look-up name → {status, data, source, fetched_at, sha256, message_key, retry_after}
    facts = AnswersField(default=dict, blank=True)
    position = models.JSONField(default=dict, blank=True)  # {page, field}
    protection = models.CharField(max_length=20, default="unknown")
    protection_checked_at = models.DateTimeField(null=True, blank=True)
    #: A hash of the session in which the grade was fetched: a new login fetches it anew (SP-22).
    protection_session = models.CharField(max_length=64, blank=True, default="")
    #: field path → why the applicant changed what a register said.
    reasons = AnswersField(default=dict, blank=True)
    language = models.CharField(max_length=5)
    revision = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    #: When it was found to end soon (void after each visit), and when its owner's My page told so.
    notified_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        """One draft a person, writer and service."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "package_id"],
                condition=Q(written_by__isnull=True),
                name="draft_one_per_person_and_package",
            ),
            models.UniqueConstraint(
                fields=["person", "written_by", "package_id"],
                condition=Q(written_by__isnull=False),
                name="draft_one_per_pair_and_package",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="draft_expiry")]


class Attachment(models.Model):
    """A file the applicant or a caseworker added, by the package's own name of the document."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    draft = models.ForeignKey(
        Draft,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attachments",
    )
    case = models.ForeignKey(
        "cases.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
    )
    #: The key of a paper form that is being typed: its files become the case's when it is registered.
    paper_key = models.CharField(max_length=100, null=True, blank=True)
    #: The package's id of the document; of one row `<id>:<name>`, where a person is named by our own id of them.
    document = models.CharField(max_length=120)
    title = models.CharField(max_length=100, blank=True, default="", db_default="")
    why = ProseField(blank=True, default="", db_default="")  # said by the employee who added it
    #: The rule that withholds it from the applicant; empty: the applicant sees it.
    withheld = models.CharField(max_length=12, blank=True, default="", db_default="")
    file_id = models.UUIDField()
    filename = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    added_by = models.UUIDField()
    role = models.CharField(max_length=32)
    added_at = models.DateTimeField()

    class Meta:
        """Of a draft, a case or a paper form, never of two; what is withheld says why it was added."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(document__regex=r"[0-9]{11}$"), name="attachment_names_no_number"
            ),
            models.CheckConstraint(
                condition=Q(draft__isnull=True, case__isnull=False, paper_key__isnull=True)
                | Q(draft__isnull=False, case__isnull=True, paper_key__isnull=True)
                | Q(draft__isnull=True, case__isnull=True, paper_key__isnull=False),
                name="attachment_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(withheld="") | (Q(withheld__in=WITHHELD_BY) & ~Q(why="")),
                name="attachment_withheld_by_law",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["paper_key"],
                condition=Q(paper_key__isnull=False),
                name="attachment_paper",
            ),
        ]


class Deletion(models.Model):
    """How much a retention job deleted, by count and hash, never content (SP-12)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=32)
    package_id = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
