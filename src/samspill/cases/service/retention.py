"""Drafts that were never sent: a notice before the end, deletion at the end, an account of it (SP-12).

Nothing is deleted that its owner was not told of a week before: a draft whose notice could not be made in time
lives until a week after it. The notice stands on My page; what is told elsewhere is for who delivers messages, by
the event `DraftExpiring`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import F, QuerySet

from samspill.cases import events
from samspill.cases.models import Deletion, Draft
from samspill.cases.service import drafts, pins, storing, views
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id

SUBSCRIBER = "cases.draft_notices"
HEARS = (events.DraftExpiring,)
NOTICE_BEFORE = dt.timedelta(days=7)
#: The job that notices runs once a day, so a notice may be some hours less than a week old.
_TOLD_FOR = dt.timedelta(days=6)
_BATCH = 500


def notify_expiring(actor: Actor) -> list[Draft]:
    """Mark the drafts that end within a week as noticed and say so with an event, each once.

    What is sent to the person says only that something unsent will be deleted, and when.
    """
    now = clock.now()
    with transaction.atomic():
        rows = list(
            Draft.objects.select_for_update(skip_locked=True)
            .filter(expires_at__lte=now + NOTICE_BEFORE, notified_at=None)
            .order_by("expires_at")[:_BATCH]
        )
        for draft in rows:
            draft.notified_at = now
            draft.expires_at = max(draft.expires_at, now + _TOLD_FOR)
            draft.save(update_fields=["notified_at", "expires_at"])
        storing.note(
            actor,
            [],
            [
                events.DraftExpiring(
                    **views.about(draft), person_id=draft.person_id, on=draft.expires_at.isoformat()
                )
                for draft in rows
            ],
        )
    return rows


def tell(event: log.Stored) -> None:
    """Put the notice on the owner's My page; harmless to repeat, and when the draft was sent or saved since."""
    on = dt.datetime.fromisoformat(str(event.body["on"]))
    draft = Draft.objects.filter(pk=str(event.key)).first()
    if draft is None or draft.notified_at is None or draft.expires_at != on:
        return
    if draft.told_at is None or draft.told_at < draft.notified_at:
        draft.told_at = clock.now()
        draft.save(update_fields=["told_at"])
        package = pins.pinned(draft)
        entry = views.log_entry(
            draft, package, action="write", purpose="tell of a deletion to come"
        )
        storing.note(system(SUBSCRIBER), [entry], [])


def delete_expired(actor: Actor) -> int:
    """Delete drafts whose lifetime is over, with their files; keep count and hash, never content."""
    total = 0
    while True:
        with transaction.atomic():
            rows = list(
                Draft.objects.select_for_update(skip_locked=True)
                .expired(clock.now())
                .filter(notified_at__lte=clock.now() - _TOLD_FOR)
                .order_by("expires_at")[:_BATCH]
            )
            if not rows:
                return total
            delete(actor, rows)
        total += len(rows)


def expired() -> QuerySet[Draft]:
    """Return the drafts whose lifetime is over."""
    return Draft.objects.expired(clock.now())


def accounts() -> QuerySet[Deletion]:
    """Return the room's accounts of deletions, with their kind as `what`."""
    return Deletion.objects.annotate(what=F("kind"))


def delete(actor: Actor, rows: list[Draft]) -> None:
    """Delete drafts with their files; keep count and hash, never content (in the caller's transaction)."""
    by_package: dict[str, list[Draft]] = defaultdict(list)
    for draft in rows:
        by_package[draft.package_id].append(draft)
    for package_id, gone in by_package.items():
        proof = sha256_of(sorted(str(draft.id) for draft in gone))
        Deletion.objects.create(
            id=new_id(),
            kind="draft",
            package_id=package_id,
            count=len(gone),
            sha256=proof,
            at=clock.now(),
        )
        access_log.record(
            actor=actor,
            action="write",
            purpose="delete unsent applications",
            detail={"service": package_id, "count": len(gone), "sha256": proof},
        )
    storing.note(actor, [], [events.DraftExpired(**views.about(draft)) for draft in rows])
    for draft in rows:
        drafts.delete(draft)
