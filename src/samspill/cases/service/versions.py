"""Drafts and newer versions of their service: small steps by themselves, large ones by a yes."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from samspill.cases import events
from samspill.cases.models import Draft
from samspill.cases.service import protected_path, storing, views
from samspill.cases.service.access import door, own_draft
from samspill.cases.service.pins import newer, pinned
from samspill.cases.service.values import DraftView, NewerVersion
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.packages import service as packages


def move_within_minor(actor: Actor, draft: Draft) -> tuple[Any, ...]:
    """Move a draft to a newer patch or minor version and give the differences, or nothing."""
    step = newer(draft)
    if step is None or step.level == "major":
        return ()
    return _move(actor, draft, step)


@door
def move_draft(actor: Actor, *, draft_id: uuid.UUID) -> DraftView:
    """Move one's draft to the newest version, also across a major one; answers follow by field id."""
    with transaction.atomic():
        draft = own_draft(actor, draft_id, lock=True)
        protected_path.require(actor, draft)
        step = newer(draft)
        moved = _move(actor, draft, step) if step is not None else ()
        if moved:
            draft.save()
    return views.draft_view(draft, pinned(draft), language=actor.language, moved=moved)


def _move(actor: Actor, draft: Draft, step: NewerVersion) -> tuple[Any, ...]:
    old = pinned(draft)
    new = packages.published(draft.package_id, on=clock.today())
    moved = packages.move_answers(old, new, draft.answers)
    draft.answers = dict(moved.answers)
    draft.package_version, draft.package_sha256 = new.version, new.sha256
    draft.revision += 1
    kept = {key: rev for key, rev in draft.field_revisions.items() if key in draft.answers}
    draft.field_revisions = kept
    draft.facts = {name: fact for name, fact in draft.facts.items() if name in new.lookups}
    storing.note(
        actor,
        [views.log_entry(draft, new, action="write", purpose="move a draft to a newer version")],
        [events.DraftMoved(**views.about(draft), from_version=old.version, level=str(step.level))],
    )
    return (*step.entries, *moved.changes)
