"""Documents that employees add: what it is, why, and whether the applicant sees it.

The rule is that a party sees the documents of their case (forvaltningsloven § 18). What is kept from the
applicant names the rule it is kept by: § 18 a (made inside the body for its own handling), § 18 b (fetched
from outside for that handling) or § 19 (what a party has no claim to know). A document inside one body is
not shown to the other side of the case either.

At the counter, scanned papers wait under the key of the form that is being typed. They become the case's
when the form is registered, and are destroyed when it never is.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet

from samspill.cases import events
from samspill.cases.models import WITHHELD_BY, Attachment, Case, Deletion
from samspill.cases.service import (
    attachments,
    decisions,
    pins,
    process,
    scope,
    stops,
    storing,
    views,
)
from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra import files as store
from samspill.infra.canonical import sha256_of
from samspill.infra.models import StoredFile
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse
from samspill.packages.service import Document, Package

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from samspill.cases.service.values import AttachmentView

#: What is none of the package's documents; ids of a package begin with a letter.
OTHER = "_other"
#: Rules by which a document is seen by the side that added it alone.
INTERNAL = ("fvl_18a", "fvl_18b")
CLEARED_AGENCY = "agency_protected"
_MAX_TITLE, _MAX_WHY = 100, 2000
_OTHER_DOCUMENT = Document(id=OTHER, max_files=20)
_PAPER_LIFETIME = dt.timedelta(hours=12)
_BATCH = 200


def documents_for(package: Package, side: str) -> tuple[str, ...]:
    """Name the documents that a side may add: its own, and those that applicants hand in over a desk."""
    return tuple(
        name
        for name, document in package.documents.items()
        if "applicant" in document.by or side in document.by
    )


def add_to_case(
    actor: Actor,
    *,
    case_id: UUID,
    document: str,
    files: Sequence[tuple[str, bytes]],
    why: str,
    title: str = "",
    withheld: str = "",
) -> tuple[AttachmentView, ...]:
    """Add a document to a case, say why, and by which rule it is kept from the applicant if it is.

    Args:
        actor: an employee who may see the case.
        case_id: the case.
        document: the package's id of the document, or `OTHER` with a title.
        files: its files, as (name, bytes); all are taken or none.
        why: in words; shown to the applicant when the document is.
        title: what it is, when it is none of the package's documents.
        withheld: empty, or one of `fvl_18a`, `fvl_18b`, `fvl_19`.

    Raises:
        RefusedError: `case_not_found`, `case_closed`, `no_such_document`, `title_needed`, `why_needed`,
            `no_such_rule`, `too_many_files`, `file_<reason>`.
    """
    scope.find(actor, case_id, purpose="add a document")
    _refuse_unsaid(document, title, why, withheld)
    with transaction.atomic():
        case = _locked(actor, case_id)
        package = pins.pinned(case)
        declared = _declared(package, document, scope.side_of(actor))
        said = {
            "title": title.strip()[:_MAX_TITLE] if document == OTHER else "",
            "why": why.strip()[:_MAX_WHY],
            "withheld": withheld,
        }
        there = case.attachments.filter(document=document).count()
        rows = []
        for at, (filename, content) in enumerate(files):
            kept = attachments.admit(
                actor,
                declared,
                content,
                filename,
                owner_id=case.applicant_id,
                there=there + at,
            )
            rows.append(_row(actor, kept, document=document, case=case, **said))
            _tell(actor, case, package, rows[-1])
    return tuple(views.attachment_view(row) for row in rows)


def seen_by_side(rows: tuple[AttachmentView, ...], side: str) -> tuple[AttachmentView, ...]:
    """Keep the documents that a side may see: what is internal to the other side is not shown."""
    return tuple(row for row in rows if may_see(row, side))


def may_see(row: Attachment | AttachmentView, side: str) -> bool:
    """Tell whether a side may see a document: what is internal is seen by the side that added it."""
    return row.withheld not in INTERNAL or side == _side_of_role(row.role)


# ── a paper form that is being typed ──────────────────────────────────────────────────────


def hold(
    actor: Actor,
    *,
    key: str,
    package: Package,
    person_id: UUID,
    document: str,
    content: bytes,
    filename: str,
) -> AttachmentView:
    """Keep a scanned document with a paper form that is being typed.

    Raises:
        RefusedError: `no_such_document`, `too_many_files`, `file_<reason>`.
    """
    with transaction.atomic():
        declared = _declared(package, document, scope.side_of(actor))
        there = _waiting(actor, key).filter(document=document).count()
        kept = attachments.admit(
            actor, declared, content, filename, owner_id=person_id, there=there
        )
        row = _row(actor, kept, document=document, paper_key=key)
    return views.attachment_view(row)


def held(actor: Actor, *, key: str) -> tuple[AttachmentView, ...]:
    """List what waits with a paper form of one's own."""
    return tuple(views.attachment_view(r) for r in _waiting(actor, key).order_by("added_at", "id"))


def let_go(actor: Actor, *, key: str, attachment_id: UUID) -> None:
    """Take a scanned document away from a paper form; doing it twice does no harm."""
    with transaction.atomic():
        _destroy(_waiting(actor, key).filter(pk=attachment_id))


def become_the_cases(actor: Actor, case: Case, key: str) -> None:
    """Give the documents of a registered paper form to its case, in the present transaction."""
    rows = list(_waiting(actor, key).select_for_update())
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(case=case, paper_key=None)
    package = pins.pinned(case)
    for row in rows:
        _tell(actor, case, package, row)


def sweep() -> int:
    """Destroy what waits with forms that were never registered; keep count and hash, never content."""
    with transaction.atomic():
        old = left_over().select_for_update(skip_locked=True)
        gone = _destroy(old.order_by("added_at")[:_BATCH])
        if gone:
            Deletion.objects.create(
                id=new_id(),
                kind="paper_document",
                package_id="",
                count=len(gone),
                sha256=sha256_of(sorted(gone)),
                at=clock.now(),
            )
    return len(gone)


def left_over() -> QuerySet[Attachment]:
    """Return what waits with forms that were never registered, and has waited long enough."""
    return Attachment.objects.filter(
        paper_key__isnull=False, added_at__lte=clock.now() - _PAPER_LIFETIME
    )


def _waiting(actor: Actor, key: str) -> Any:
    if actor.person_id is None:
        return Attachment.objects.none()
    return Attachment.objects.filter(paper_key=key, added_by=actor.person_id)


def _destroy(rows: Any) -> list[str]:
    gone = [(row.pk, row.file_id) for row in rows]
    Attachment.objects.filter(pk__in=[pk for pk, _ in gone]).delete()
    for _, file_id in gone:
        store.forget(file_id)
    return [str(file_id) for _, file_id in gone]


# ── inside ────────────────────────────────────────────────────────────────────────────────


def _refuse_unsaid(document: str, title: str, why: str, withheld: str) -> None:
    if document == OTHER and not title.strip():
        raise refuse(
            "title_needed",
            "A document of another kind must have a name.",
            where="title",
            remedy="Write what it is in a few words.",
        )
    if not why.strip():
        raise refuse(
            "why_needed",
            "A document must say why it was added.",
            where="why",
            remedy="Write in a sentence what it shows or who sent it.",
        )
    if withheld and withheld not in WITHHELD_BY:
        raise refuse(
            "no_such_rule",
            "A document is kept from the applicant by a rule of law only.",
            where="withheld",
            remedy="Choose the rule from the list, or let the applicant see it.",
            law="forvaltningsloven § 18",
        )


def _declared(package: Package, document: str, side: str) -> Document:
    bare = document.split(":", 1)[0]
    if bare == OTHER:
        return _OTHER_DOCUMENT
    if bare not in documents_for(package, side):
        raise refuse(
            "no_such_document",
            "The service has no such document that you may add.",
            where=bare[:64],
            remedy="Choose one of the documents in the list.",
        )
    return package.documents[bare]


def _locked(actor: Actor, case_id: UUID) -> Case:
    case: Case = (
        scope.visible(actor, action="write").select_for_update(of=("self",)).get(pk=case_id)
    )
    appealed = case.appeals.filter(state__in=("received", "clarified", "forwarded"))
    if case.closed_at is not None and not appealed.exists():
        raise refuse(
            "case_closed",
            "The case is closed.",
            remedy="Nothing more can be done in it; a new application makes a new case.",
            status=409,
        )
    return case


def _row(actor: Actor, kept: StoredFile, *, document: str, **more: Any) -> Attachment:
    assert actor.person_id is not None  # an employee is somebody
    return Attachment.objects.create(
        id=new_id(),
        document=document,
        file_id=kept.id,
        filename=kept.filename,
        media_type=kept.media_type,
        size=kept.size,
        added_by=actor.person_id,
        role=_role(actor),
        added_at=clock.now(),
        **more,
    )


def _tell(actor: Actor, case: Case, package: Package, row: Attachment) -> None:
    """Note it in log and events, and bring the tasks in line: a document may be what was missing."""
    bare = row.document.split(":", 1)[0]
    about = decisions.about(stops.facts_of(case), role=scope.role_of(actor))
    happened = events.DocumentAdded(**about, attachment_id=row.id, document=bare)
    if case.closed_at is None:
        process.settle(actor, case, package, happened)
    else:
        log.append(happened, actor=actor)
    entry = views.log_entry(
        case, package, action="write", purpose="add a document", fields=(f"document:{bare}",)
    )
    storing.note(actor, [entry], [])


def _role(actor: Actor) -> str:
    """Give the role to keep with a document; it tells the side also of who is cleared and nothing else."""
    role = scope.role_of(actor)
    return CLEARED_AGENCY if role == scope.CLEARED and scope.side_of(actor) == "agency" else role


def _side_of_role(role: str) -> str:
    return "agency" if role.startswith("agency") else "municipality"
