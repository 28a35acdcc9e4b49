"""Drafts that were never sent: a notice before the end, deletion at the end, an account of it (SP-12)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction

from samspill.cases import events
from samspill.cases.models import Deletion, Draft
from samspill.cases.service import drafts, storing, views
from samspill.infra import clock
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id

NOTICE_BEFORE = dt.timedelta(days=7)
_BATCH = 500


def notify_expiring(actor: Actor) -> list[Draft]:
    """Mark the drafts that end within a week as noticed and say so with an event, each once.

    What is sent to the person says only that something unsent will be deleted, and when.
    """
    now = clock.now()
    with transaction.atomic():
        rows = list(
            Draft.objects.select_for_update(skip_locked=True)
            .filter(expires_at__gt=now, expires_at__lte=now + NOTICE_BEFORE, notified_at=None)
            .order_by("expires_at")[:_BATCH]
        )
        for draft in rows:
            draft.notified_at = now
            draft.save(update_fields=["notified_at"])
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


def delete_expired(actor: Actor) -> int:
    """Delete drafts whose lifetime is over, with their files; keep count and hash, never content."""
    total = 0
    while True:
        with transaction.atomic():
            rows = list(
                Draft.objects.select_for_update(skip_locked=True)
                .expired(clock.now())
                .order_by("expires_at")[:_BATCH]
            )
            if not rows:
                return total
            _delete(actor, rows)
        total += len(rows)


def _delete(actor: Actor, rows: list[Draft]) -> None:
    by_package: dict[str, list[Draft]] = defaultdict(list)
    for draft in rows:
        by_package[draft.package_id].append(draft)
    for package_id, gone in by_package.items():
        Deletion.objects.create(
            id=new_id(),
            kind="draft",
            package_id=package_id,
            count=len(gone),
            sha256=sha256_of(sorted(str(draft.id) for draft in gone)),
            at=clock.now(),
        )
    storing.note(actor, [], [events.DraftExpired(**views.about(draft)) for draft in rows])
    for draft in rows:
        drafts.delete(draft)
