"""Files added to an application or a case, each under the name that the package gives the document."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Max

from samspill.cases import events
from samspill.cases.models import Attachment, Case, Draft
from samspill.cases.service import pins, protected_path, representing, storing, views
from samspill.cases.service.access import (
    DeniedError,
    citizen,
    door,
    not_found,
    own_case,
    own_draft,
)
from samspill.cases.service.values import AttachmentView
from samspill.infra import clock, files, isolation
from samspill.infra.models import StoredFile
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import service as packages

_MEDIA = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
_MEGABYTE = 1024 * 1024
_WHY = {
    "empty": "The file is empty.",
    "too_large": "The file is too large.",
    "type": "This kind of file is not taken.",
    "damaged": "The file is damaged and cannot be read.",
    "virus": "The file was stopped by the virus scan.",
    "scanner_down": "Files cannot be checked for viruses just now, so the file was not taken.",
}


@door
def attach(
    actor: Actor, *, draft_id: uuid.UUID, document: str, content: bytes, filename: str
) -> AttachmentView:
    """Add a file to one's draft; the same file of the same document a second time is there once.

    Args:
        actor: the writer.
        draft_id: the draft.
        document: the package's id of the document, with the row's number when there is one per row.
        content: the bytes.
        filename: as the sender calls it; shown, never used as a path.

    Raises:
        RefusedError: not a document of the package, wrong type, too large, too many, or infected.
    """
    own_draft(actor, draft_id)
    with transaction.atomic():
        draft = own_draft(actor, draft_id, lock=True)
        protected_path.require(actor, draft)
        row, new = _add(actor, draft, document, content, filename)
        if not new:
            return views.attachment_view(row)
        package = pins.pinned(draft)
        storing.note(
            actor,
            [views.log_entry(draft, package, action="write", purpose="add a document")],
            [
                events.DocumentAdded(
                    **views.about(draft), attachment_id=row.id, document=_bare(document)
                )
            ],
        )
    return views.attachment_view(row)


@door
def detach(actor: Actor, *, draft_id: uuid.UUID, attachment_id: uuid.UUID) -> None:
    """Take a file out of one's draft; doing it twice does no harm."""
    with transaction.atomic():
        draft = own_draft(actor, draft_id, lock=True)
        row = draft.attachments.filter(id=attachment_id).first()
        if row is None:
            return
        files.forget(row.file_id)
        row.delete()
        storing.note(
            actor,
            [
                views.log_entry(
                    draft, pins.pinned(draft), action="write", purpose="take away a document"
                )
            ],
            [],
        )


@door
def add_document(
    actor: Actor, *, case_id: uuid.UUID, document: str, content: bytes, filename: str
) -> AttachmentView:
    """Add a file to one's case after it was sent, asked for or not; the same file a second time is there once."""
    own_case(actor, case_id)
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        if not case.is_open:
            raise refuse(
                "case_closed",
                "This case is closed, so nothing can be added to it.",
                remedy="Send a message, or apply again.",
                status=409,
            )
        row, new = _add(actor, case, document, content, filename)
        if not new:
            return views.attachment_view(row)
        storing.note(
            actor,
            [views.log_entry(case, pins.pinned(case), action="write", purpose="add a document")],
            [
                events.DocumentAdded(
                    **views.about_case(case), attachment_id=row.id, document=_bare(document)
                )
            ],
        )
    return views.attachment_view(row)


@door
def read_attachment(actor: Actor, *, attachment_id: uuid.UUID) -> tuple[AttachmentView, bytes]:
    """Open a file of one's own draft or case."""
    citizen(actor)
    row = Attachment.objects.filter(id=attachment_id).first()
    owner = row or _of_another(attachment_id)
    if owner is None:
        raise not_found()
    whose: Draft | Case | None = None
    if owner.draft_id is not None:
        whose = own_draft(actor, owner.draft_id)
    elif owner.case_id is not None:
        whose = own_case(actor, owner.case_id)
    if row is None:
        raise not_found()
    if whose is None:  # of a paper form that is being typed
        raise not_found()
    if row.withheld or not representing.may_open(actor, whose, row):
        raise DeniedError(actor, subject_id=actor.subject_id, case_id=row.case_id or row.id)
    _, content = files.read(
        row.file_id,
        actor=actor,
        purpose="open a document",
        case_id=row.case_id or row.draft_id,
    )
    return views.attachment_view(row), content


def _of_another(attachment_id: uuid.UUID) -> Attachment | None:
    """Find what was reached for, so that the refusal is logged on the right person."""
    with isolation.wider("denied"):
        return Attachment.objects.filter(id=attachment_id).first()


def _add(
    actor: Actor, owner: Draft | Case, document: str, content: bytes, filename: str
) -> tuple[Attachment, bool]:
    """Add a file, and tell whether it is new: the same one a second time is left as it is."""
    package = pins.pinned(owner)
    declared = package.documents.get(_bare(document))
    if declared is None or "applicant" not in declared.by:
        raise refuse(
            "no_such_document",
            "This application does not ask for such a document.",
            where=_bare(document)[:64],
            remedy="Choose one of the documents on the page.",
        )
    there = owner.attachments.filter(document=document).count()
    person = owner.person_id if isinstance(owner, Draft) else owner.applicant_id
    kept = admit(actor, declared, content, filename, owner_id=person, there=there)
    twin = _twin(owner, document, kept)
    if twin is not None:
        files.forget(kept.id)
        return twin, False
    row = Attachment.objects.create(
        id=new_id(),
        draft=owner if isinstance(owner, Draft) else None,
        case=owner if isinstance(owner, Case) else None,
        document=document,
        file_id=kept.id,
        filename=kept.filename,
        media_type=kept.media_type,
        size=kept.size,
        added_by=citizen(actor) if actor.person_id is None else actor.person_id,
        role="applicant",
        added_at=clock.now(),
    )
    return row, True


def _twin(owner: Draft | Case, document: str, kept: StoredFile) -> Attachment | None:
    """Return the same file, when the applicant's side has just added it to the same document: a click too many.

    What came with the application, or before somebody last asked for something, does not count: sent once more it is an
    answer, and whoever asked is told.
    """
    added = owner.attachments.filter(
        document=document, role="applicant", filename=kept.filename, size=kept.size
    )
    if isinstance(owner, Case):
        asked = owner.requests.aggregate(last=Max("asked_at"))["last"]
        added = added.filter(added_at__gt=max(asked or owner.submitted_at, owner.submitted_at))
    rows = {row.file_id: row for row in added}
    same = files.alike(kept, among=rows)
    return None if same is None else rows[same]


def admit(
    actor: Actor,
    declared: packages.Document,
    content: bytes,
    filename: str,
    *,
    owner_id: uuid.UUID,
    there: int,
) -> StoredFile:
    """Take a file into the store if the document is of its kind, size and number.

    Args:
        actor: who adds it.
        declared: what the package says of the document.
        content: the bytes.
        filename: as the sender calls it.
        owner_id: the person whom it is about.
        there: how many files the document has already.

    Raises:
        RefusedError: `too_many_files`, `file_<reason>` of `infra.files`.
    """
    if there >= declared.max_files:
        raise refuse(
            "too_many_files",
            "There are already %(count)s files for this document.",
            where=declared.id,
            remedy="Take one away before you add another.",
            values={"count": declared.max_files},
        )
    if len(content) > declared.max_size_mb * _MEGABYTE:
        raise _refused("too_large", declared)
    kept = files.store(content, filename=filename, owner_id=owner_id, actor=actor)
    if isinstance(kept, files.FileRefused):
        raise _refused(kept.reason, declared)
    if kept.media_type not in {_MEDIA[name] for name in declared.types}:
        raise _refused("type", declared)
    return kept


def _refused(reason: str, declared: packages.Document) -> RefusedError:
    return refuse(
        f"file_{reason}",
        _WHY[reason],
        where=declared.id,
        remedy="Add a file of type %(types)s of at most %(size)s MB.",
        values={"types": ", ".join(declared.types).upper(), "size": declared.max_size_mb},
        status=503 if reason == "scanner_down" else 400,
    )


def _bare(document: str) -> str:
    return document.split(":", 1)[0]
