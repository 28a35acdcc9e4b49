"""The initiative, its frozen versions, what it requires or excludes, and each step it took.

The row of the initiative holds the version in force; every version is kept as it was, and every step is a transition.
Nothing is deleted: triggers refuse it (second migration).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id
from samspill.portfolio.domain.description import LEGAL, SECTORS
from samspill.portfolio.domain.links import KINDS as LINK_KINDS
from samspill.portfolio.domain.states import STATES


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    """Speak of initiatives in the words of the domain."""

    def published(self) -> InitiativeQuerySet:
        """Keep what everybody may read."""
        return self.filter(published_at__isnull=False)

    def of_owner(self, org_no: str) -> InitiativeQuerySet:
        """Keep those of one owner."""
        return self.filter(owner_org_no=org_no)


class Initiative(models.Model):
    """A digitalisation measure that may touch municipalities, as it stands now."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    owner_org_no = models.CharField(max_length=9)
    title = models.CharField(max_length=160)
    summary = models.TextField(blank=True, default="")
    sector = models.CharField(max_length=24, default="other")
    life_event = models.CharField(max_length=40, blank=True, default="")
    legal = models.CharField(max_length=12, default="voluntary")
    legal_reference = models.CharField(max_length=300, blank=True, default="")
    #: [{package_id, change: creates|changes, title}]
    packages = models.JSONField(default=list, blank=True)
    window_from = models.DateField(null=True, blank=True)
    window_to = models.DateField(null=True, blank=True)
    #: question → text
    questions = models.JSONField(default=dict, blank=True)
    #: {nn|en: {title?, summary?, questions?: {question: text}}}; the columns above are in bokmål.
    translations = models.JSONField(default=dict, blank=True)
    #: [{title, url, question}]
    references = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=16, default="registered")
    state_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    #: Rises with every change, so that two who edit at the same time are told.
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        """A duty names its law; a window goes forwards."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="initiative_state_known"),
            models.CheckConstraint(condition=Q(legal__in=LEGAL), name="initiative_legal_known"),
            models.CheckConstraint(condition=Q(sector__in=SECTORS), name="initiative_sector_known"),
            models.CheckConstraint(
                condition=~Q(legal="duty") | ~Q(legal_reference=""), name="initiative_duty_has_law"
            ),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True)
                | Q(window_to__isnull=True)
                | Q(window_to__gte=F("window_from")),
                name="initiative_window_forwards",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="initiative_has_title"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner_org_no", "state"], name="initiative_owner"),
            models.Index(fields=["state", "title", "id"], name="initiative_state"),
            models.Index(
                fields=["title", "id"],
                condition=Q(published_at__isnull=False),
                name="initiative_public",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class InitiativeVersion(Written):
    """What an initiative said at one time, word for word; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True, default="")
    by_org_no = models.CharField(max_length=9)
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """One version of a number."""

        constraints: ClassVar = [
            in_known_language("version"),
            models.UniqueConstraint(fields=["initiative", "number"], name="version_once"),
        ]


class Link(models.Model):
    """One initiative requires or excludes another, from a time on; taken away again it keeps its days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=10)
    other = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="linked_from")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Never to itself, once at a time."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=LINK_KINDS), name="link_kind_known"),
            models.CheckConstraint(condition=~Q(initiative=F("other")), name="link_to_another"),
            models.UniqueConstraint(
                fields=["initiative", "kind", "other"],
                condition=Q(removed_at__isnull=True),
                name="link_once",
            ),
        ]


class Transition(Written):
    """One step from a state to another: who, why, and what the guard saw; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="transitions", db_index=False
    )
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=16, blank=True, default="")
    to = models.CharField(max_length=16)
    version = models.PositiveIntegerField()
    reason = models.TextField(blank=True, default="")
    #: What was seen when the step was taken: relevance, KS' silence, assumption set, round.
    seen = models.JSONField(default=dict, blank=True)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_role = models.CharField(max_length=24, blank=True, default="")
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Numbered in order; two who step at once cannot both."""

        constraints: ClassVar = [
            in_known_language("transition"),
            models.CheckConstraint(condition=Q(to__in=STATES), name="transition_to_known"),
            models.UniqueConstraint(fields=["initiative", "number"], name="transition_once"),
        ]


class Evidence(models.Model):
    """What a higher room, or KS, has laid down about an initiative; the last of a kind counts, all are kept."""

    KINDS = ("assessment", "ks_figures", "agreement", "gain_plan", "actual")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="evidence", db_index=False
    )
    kind = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    by_org_no = models.CharField(max_length=9, blank=True, default="")
    by_role = models.CharField(max_length=24, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        """Numbered in order within a kind."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=("assessment", "ks_figures", "agreement", "gain_plan", "actual")
                ),
                name="evidence_kind_known",
            ),
            models.UniqueConstraint(
                fields=["initiative", "kind", "number"], name="evidence_numbered"
            ),
        ]
