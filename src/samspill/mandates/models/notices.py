"""Notices to the two sides of a mandate: on their page, or as a letter on paper."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from samspill.kernel.ids import new_id

CHANNELS = ("", "digital", "paper")
STATES = ("queued", "sent")


class Notice(models.Model):
    """Something that a giver or an agent is told. `key` says what happened, so that it is told once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=120)
    #: Not a foreign key: a register's word is emptied after a day, but what was told of it is kept.
    mandate_id = models.UUIDField()
    person = models.ForeignKey(
        "identity.Person", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=20)
    #: The names as they were, and whose organisation's counter posts a letter.
    names = models.JSONField(default=dict)
    posted_by_org = models.CharField(max_length=9, blank=True, default="")
    #: Chosen by Kontakt- og reservasjonsregisteret when it is made: empty until then.
    channel = models.CharField(max_length=8, blank=True, default="")
    language = models.CharField(max_length=5, blank=True, default="")
    title = models.CharField(max_length=200, blank=True, default="")
    text = models.TextField(blank=True, default="")
    file_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, default="queued")
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        """Once a person for each thing that happened; read by person, made by age."""

        indexes: ClassVar = [
            models.Index(fields=["person", "-queued_at"], name="mandates_notice_of"),
            models.Index(fields=["mandate_id"], name="mandates_notice_about"),
            models.Index(
                fields=["queued_at"], condition=Q(state="queued"), name="mandates_notice_queue"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="mandates_notice_once"),
            models.CheckConstraint(
                condition=Q(channel__in=CHANNELS), name="mandates_notice_channel"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="mandates_notice_state"),
            models.CheckConstraint(
                condition=Q(state="queued") | (~Q(channel="") & ~Q(text="")),
                name="mandates_notice_sent_whole",
            ),
        ]
