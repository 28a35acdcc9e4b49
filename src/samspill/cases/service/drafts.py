"""Drafts: begin, open, write, leave, check. Registers are asked outside every transaction.

An unsent application belongs to the one who writes it. It is pinned to the newest version of its
service, saved field by field, and resumes on the field where it was left.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from samspill.cases import events
from samspill.cases.domain import answers as paths
from samspill.cases.domain.merge import Merged, merge
from samspill.cases.models import Draft
from samspill.cases.service import (
    amount,
    pins,
    prefill,
    protected_path,
    representing,
    rules_of_writing,
    storing,
    versions,
    views,
)
from samspill.cases.service.access import (
    DeniedError,
    citizen,
    deny_another,
    door,
    not_found,
    own_draft,
    writer_of,
)
from samspill.cases.service.values import CheckResult, Conflict, DraftView
from samspill.infra import clock, sql
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import OSLO, parse_duration
from samspill.packages import service as packages

_PURPOSE = "write an application"
_BEGUN = "WHERE person_id = %s AND package_id = %s AND written_by_id IS NOT DISTINCT FROM %s::uuid"
MAX_ANSWER_BYTES = 256 * 1024
_CHANGED_BY_A_SAVE = (
    "answers", "field_revisions", "revision", "position", "reasons", "municipality_id", "saved_at", "expires_at",
    "notified_at",
)  # fmt: skip
"""What a save may change; what registers said is as large again, and is not written once more with every answer."""


@door
def start_draft(actor: Actor, *, package_id: str, language: str | None = None) -> DraftView:
    """Begin an application, or go on with the one that is begun.

    Pins the newest published version, asks the registers that the package asks at the start, and
    fills in what they know, with the source shown.

    Args:
        actor: the citizen who writes.
        package_id: the service.
        language: of the application; the actor's when not given.

    Raises:
        RefusedError: not logged in strongly enough, the service is closed in the municipality, or
            a register that the service cannot begin without is down. `safe_contact`: the address of
            somebody in it is strictly confidential, and the service is not applied for here then (SP-28).
    """
    person = citizen(actor)
    package = packages.published(package_id, on=clock.today())
    rules_of_writing.may_apply(actor, package)
    representing.make_ready(actor)
    representing.require_for(actor, package, action="write")
    begun = _begun(actor, person, package_id)
    if begun is not None:
        return open_draft(actor, draft_id=begun.id)
    draft = new_draft(actor, person, package, language)
    gathered = prefill.gather(actor, package, draft, trigger="start")
    prefill.refuse_if_stopped(package, gathered)
    prefill.apply(package, draft, gathered)
    protected_path.require(actor, draft)
    rules_of_writing.is_open(package, draft.municipality_id)
    try:
        with transaction.atomic():
            storing.note(
                actor,
                [views.log_entry(draft, package, action="write", purpose=_PURPOSE)],
                [events.DraftStarted(**views.about(draft))],
                made=[draft],
            )
    except IntegrityError:  # a second click was quicker
        begun = _begun(actor, person, package_id)
        if begun is None:
            raise
        return open_draft(actor, draft_id=begun.id)
    return views.draft_view(draft, package, language=actor.language)


@door
def open_draft(actor: Actor, *, draft_id: uuid.UUID) -> DraftView:
    """Open a draft where it was left.

    The grade of address protection is fetched anew when the login is new (SP-22), look-ups that
    failed are tried again, and a draft on an older minor version is moved with the difference shown.
    """
    draft = own_draft(actor, draft_id)
    package = pins.pinned(draft)
    rules_of_writing.may_apply(actor, package)
    gathered = prefill.gather(actor, package, draft, trigger="open")
    with transaction.atomic():
        draft = own_draft(actor, draft_id, lock=True)
        moved = versions.move_within_minor(actor, draft)
        package = pins.pinned(draft)
        prefill.apply(package, draft, gathered)
        protected_path.require(actor, draft)
        _touch(draft)
        entry = views.log_entry(draft, package, action="read", purpose=_PURPOSE)
        storing.note(actor, [entry], [], changed=[draft])
    return views.draft_view(draft, package, language=actor.language, moved=moved)


@door
def show_page(actor: Actor, *, draft_id: uuid.UUID, page: str, field: str = "") -> DraftView:
    """Show one page: ask its registers, remember the place, and note that it was shown.

    The field where the page was left is kept as the place to resume at.

    Raises:
        RefusedError: no such page, or a register the page cannot do without is down.
    """
    draft: Any = own_draft(actor, draft_id)
    package = pins.pinned(draft)
    rules_of_writing.may_apply(actor, package)
    rules_of_writing.known_page(package, page)
    gathered = prefill.gather(actor, package, draft, trigger=f"page:{_bare(page)}")
    prefill.refuse_if_stopped(package, gathered)
    while True:  # written only if nobody else was quicker; then it is read again
        prefill.apply(package, draft, gathered)
        protected_path.require(actor, draft)
        was_here = draft.position.get("page") == page
        kept = field or (draft.position.get("field", "") if was_here else "")
        draft.position = {"page": page, "field": kept}
        _touch(draft)
        entry = views.log_entry(draft, package, action="read", purpose=_PURPOSE)
        shown = events.PageShown(**views.about(draft), page=_bare(page))
        with (
            transaction.atomic()
        ):  # of its own, so that the row's version is one that no other write has
            was_written = storing.update_unless_changed(actor, draft, [entry], [shown])
        if was_written:
            break
        draft = own_draft(actor, draft_id)
    return views.draft_view(
        draft,
        package,
        language=actor.language,
        as_stored=True,
        attachments=None if draft.had_files else (),  # told by the statement that read the draft
    )


@door
def draft_to_save(actor: Actor, *, draft_id: uuid.UUID) -> DraftView:
    """Give a draft as it stands to one who has a page of it open and is about to save.

    Nothing is written: what is saved is logged. When a register is to be asked (a new login, a look-up that
    failed) or a newer version is there, the draft is opened instead.
    """
    draft: Any = own_draft(actor, draft_id, known=views.row_of(draft_id))
    package = pins.pinned(draft)
    rules_of_writing.may_apply(actor, package)
    if prefill.is_due_at_opening(actor, package, draft) or pins.newer(draft) is not None:
        return open_draft(actor, draft_id=draft_id)
    protected_path.require(actor, draft)
    return views.draft_view(
        draft,
        package,
        language=actor.language,
        looks_for_newer=False,
        as_stored=True,
        attachments=None if draft.had_files else (),  # told by the statement that read the draft
    )


@door
def save_fields(
    actor: Actor,
    *,
    draft_id: uuid.UUID,
    revision: int,
    values: Mapping[str, Any],
    reasons: Mapping[str, str] | None = None,
    position: Mapping[str, str] | None = None,
    seen: DraftView | None = None,
) -> DraftView | Conflict:
    """Save some fields. Another tab's writing to other fields is kept; to the same: `Conflict`.

    Args:
        actor: the writer.
        draft_id: the draft.
        revision: the revision that the page was made from.
        values: path → value (`rent`, `members[0].student`); None empties a field.
        reasons: path → why, for what a register said and may be changed with a reason.
        position: `{page, field}` to resume at.
        seen: what `draft_to_save` gave a moment ago, so that it need not be read again.

    Raises:
        RefusedError: an unknown field, one the applicant may not write, or too much text.
    """
    known = seen.row if seen is not None and seen.id == draft_id else None
    row = sql.copied(known) if known is not None else None
    while True:  # written only if nobody else was quicker; then what they wrote is merged
        draft, row = row or own_draft(actor, draft_id), None
        deny_another(actor, draft)
        protected_path.require(actor, draft)
        package = pins.pinned(draft)
        rules_of_writing.may_apply(actor, package)
        draft.reasons = {**draft.reasons, **(reasons or {})}
        rules_of_writing.may_write(package, draft, values)
        merged = written(draft, revision, values)
        _take(draft, merged, position)
        rules_of_writing.not_too_large(draft, MAX_ANSWER_BYTES)
        prefill.find_municipality(package, draft)
        _touch(draft)
        entry = views.log_entry(
            draft, package, action="write", purpose=_PURPOSE, fields=merged.changed
        )
        happened = _saved_event(draft, merged)
        if storing.update_unless_changed(actor, draft, [entry], happened, only=_CHANGED_BY_A_SAVE):
            break
    view = views.draft_view(
        draft,
        package,
        language=actor.language,
        looks_for_newer=False,
        as_stored=True,
        attachments=seen.attachments if seen is not None else None,
    )
    return Conflict(draft=view, fields=merged.clashes) if merged.clashes else view


@door
def check(actor: Actor, *, draft_id: uuid.UUID) -> CheckResult:
    """Tell what is missing, why, who owes it and until when; and what the rules would say."""
    draft = own_draft(actor, draft_id)
    protected_path.require(actor, draft)
    package = pins.pinned(draft)
    rules_of_writing.may_apply(actor, package)
    result = checked(draft, package, language=actor.language)
    ids = tuple(sorted({f"{item.kind}:{paths.without_rows(item.id)}" for item in result.missing}))
    storing.note(
        actor,
        [views.log_entry(draft, package, action="read", purpose="check for what is missing")],
        [events.MissingTold(**views.about(draft), count=len(result.missing), items=ids)],
    )
    return result


def checked(
    draft: Draft, package: packages.Package, *, language: str, indicates: bool = True
) -> CheckResult:
    """Judge a draft without writing anything, in the words of a language.

    `indicates`: tell also what the rules would say, which nobody is shown who may send.
    """
    view = views.draft_view(draft, package, language=language, looks_for_newer=False)
    return CheckResult(
        draft=view,
        missing=views.owed(view),
        errors=tuple(view.evaluation.errors),
        waiting_for_registers=tuple(o for o in view.lookups if o.on_failure in ("wait", "stop")),
        indication=amount.indicate(
            package,
            view.evaluation,
            on=view.situation_on,
            term=view.term,
            language=language,
        )
        if indicates
        else None,
    )


@door
def discard_draft(actor: Actor, *, draft_id: uuid.UUID) -> None:
    """Delete one's own draft with its files; nothing of it is kept."""
    with transaction.atomic():
        draft = own_draft(actor, draft_id, lock=True)
        package = pins.pinned(draft)
        storing.note(
            actor,
            [views.log_entry(draft, package, action="write", purpose="delete a draft")],
            [events.DraftExpired(**views.about(draft), by_owner=True)],
        )
        delete(draft)


@door
def take_over_draft(actor: Actor, *, draft_id: uuid.UUID) -> None:
    """Go on alone with what an agent has begun for one: the draft is the person's own from now on.

    Whether the mandate still stands does not matter: the represented person always keeps control.

    Raises:
        RefusedError: not begun for the actor, or the actor has begun an application of the same service too.
    """
    person = citizen(actor)
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(id=draft_id).first()
        if draft is None:
            raise not_found()
        if draft.person_id != person or representing.acts_for_another(actor):
            raise DeniedError(actor, subject_id=draft.person_id, case_id=draft_id)
        if draft.written_by_id is None:
            return
        if Draft.objects.filter(
            person_id=person, written_by__isnull=True, package_id=draft.package_id
        ).exists():
            raise refuse(
                "draft_exists",
                "You have begun an application for the same yourself.",
                remedy="Send or delete your own first, then go on with this one.",
                status=409,
            )
        draft.written_by_id, draft.protection_session = (
            None,
            "",
        )  # graded anew in the person's login
        draft.save(update_fields=["written_by", "protection_session"])
        entry = views.log_entry(
            draft, pins.pinned(draft), action="write", purpose="take over a draft"
        )
        storing.note(actor, [entry], [events.DraftTakenOver(**views.about(draft))])


def delete(draft: Draft) -> None:
    """Take away a draft and the files added to it (in the caller's transaction)."""
    from samspill.infra import files

    for file_id in draft.attachments.values_list("file_id", flat=True):
        files.forget(file_id)
    draft.attachments.all().delete()
    draft.delete()


def _begun(actor: Actor, person: uuid.UUID, package_id: str) -> Draft | None:
    found = sql.read(Draft, _BEGUN, [person, package_id, writer_of(actor)])
    return found[0] if found else None


def new_draft(
    actor: Actor, person: uuid.UUID, package: packages.Package, language: str | None
) -> Draft:
    """Make a draft that is not stored yet."""
    now = clock.now()
    chosen = language or actor.language
    return sql.new(
        Draft,
        id=new_id(),
        person_id=person,
        written_by_id=writer_of(actor),
        package_id=package.id,
        package_version=package.version,
        package_sha256=package.sha256,
        language=chosen if chosen in package.service.languages else package.service.languages[0],
        started_at=now,
        saved_at=now,
        expires_at=expiry(package, now),
    )


def expiry(package: packages.Package, now: dt.datetime) -> dt.datetime:
    """Give the end of the last day that an untouched draft is kept."""
    return _end_of(package.service.draft_lifetime, now.astimezone(OSLO).date())


@functools.lru_cache(maxsize=64)
def _end_of(lifetime: str, day: dt.date) -> dt.datetime:
    last = parse_duration(lifetime).after(day)
    return dt.datetime.combine(last, dt.time(23, 59, 59), tzinfo=OSLO).astimezone(dt.UTC)


def written(draft: Draft, revision: int, values: Mapping[str, Any]) -> Merged:
    """Merge values into a draft's answers, made from one of its revisions (nothing is saved)."""
    if not 0 < revision <= draft.revision:
        raise refuse(
            "unknown_revision",
            "The page is not from this draft.",
            remedy="Load the page again; what you have saved is kept.",
            status=409,
        )
    try:
        return merge(
            answers=draft.answers,
            field_revisions=draft.field_revisions,
            revision=draft.revision,
            base=revision,
            offered=values,
        )
    except paths.BadPathError as error:
        raise rules_of_writing.unknown_field(str(error)) from None


def _take(draft: Draft, merged: Merged, position: Mapping[str, str] | None) -> None:
    draft.answers = dict(merged.answers)
    draft.field_revisions = dict(merged.field_revisions)
    draft.revision = merged.revision
    if position is not None:
        draft.position = {"page": position.get("page", ""), "field": position.get("field", "")}


def _touch(draft: Draft) -> None:
    """Give the draft a new lifetime: every visit does, and a notice already sent is void."""
    now = clock.now()
    draft.saved_at = now
    draft.expires_at = expiry(pins.pinned(draft), now)
    draft.notified_at = None


def _saved_event(draft: Draft, merged: Merged) -> list[events.CaseEvent]:
    if not merged.changed:
        return []
    fields = tuple(sorted({paths.without_rows(path) for path in merged.changed}))
    page = _bare(draft.position.get("page", ""))
    return [events.DraftSaved(**views.about(draft), fields=fields, page=page)]


def _bare(page: str) -> str:
    """Give a page's id without the row of a repeated page (`member[0]` → `member`)."""
    return page.split("[", 1)[0]
