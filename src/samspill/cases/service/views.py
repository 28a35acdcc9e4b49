"""Rows as the values that the door gives out."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import attrs

from samspill.cases.domain import places, protection
from samspill.cases.models import Attachment, Case, Draft, InformationRequest
from samspill.cases.service import pins, place_fields, plan, prefill, rows
from samspill.cases.service.values import AttachmentView, DraftView, LookupOutcome, RequestView
from samspill.infra import clock, generation, sql
from samspill.packages import service as packages


def about(draft: Draft) -> dict[str, Any]:
    """Give the fields that every event of a draft carries."""
    return {
        "case_id": draft.id,
        "package_id": draft.package_id,
        "package_version": draft.package_version,
        "role": "applicant",
        "municipality_id": _shown(draft),
    }


def about_case(case: Case, role: str = "applicant") -> dict[str, Any]:
    """Give the fields that every event of a case carries."""
    return {
        "case_id": case.id,
        "package_id": case.package_id,
        "package_version": case.package_version,
        "role": role,
        "municipality_id": _shown(case),
    }


def _shown(row: Draft | Case) -> Any:
    """Give the municipality for events, and so for figures; none where an address is hidden."""
    return None if protection.hides_address(row.protection) else row.municipality_id


def log_entry(
    row: Draft | Case,
    package: packages.Package,
    *,
    action: str,
    purpose: str,
    fields: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Give the access-log entry of an act on a draft or a case."""
    return {
        "action": action,
        "purpose": purpose,
        "legal_basis": package.service.processing_basis,
        "subject_id": row.person_id if isinstance(row, Draft) else row.applicant_id,
        "case_id": row.id,
        "fields": fields,
    }


def draft_view(
    draft: Draft,
    package: packages.Package,
    *,
    language: str,
    moved: tuple[Any, ...] = (),
    looks_for_newer: bool = True,
    as_stored: bool = False,
    attachments: tuple[AttachmentView, ...] | None = None,
) -> DraftView:
    """Show a draft with everything evaluated, in the language that it is read in.

    `looks_for_newer`: tell of a newer version of the service; left out where only the check is wanted.
    `attachments`: where they are known already.
    `as_stored`: the draft stands as it was read or written (`row_version`), so that what it comes to may be kept.
    """
    attachments = attachment_views(draft) if attachments is None else attachments
    show = _kept_view if as_stored else _view
    view = show(draft, package, language=language, attachments=attachments)
    newer = pins.newer(draft) if looks_for_newer else None
    return attrs.evolve(view, newer=newer, moved=moved) if newer or moved else view


def _view(
    draft: Draft,
    package: packages.Package,
    *,
    language: str,
    attachments: tuple[AttachmentView, ...],
    row: Draft | None = None,
) -> DraftView:
    term, on = plan.situation(package, clock.today())
    hidden = protection.hides_address(draft.protection)
    left_out = hidden_fields(package) if hidden else frozenset()
    facts = prefill.known_facts(draft.facts)
    return DraftView(
        id=draft.id,
        package=package,
        language=draft.language,
        answers=places.answers_without(draft.answers, left_out) if hidden else draft.answers,
        facts=protection.without_places(facts) if hidden else facts,
        reasons=draft.reasons,
        lookups=outcomes(package, draft.facts),
        attachments=attachments,
        evaluation=evaluate(package, draft, on=on, attachments=attachments, language=language),
        revision=draft.revision,
        position=draft.position,
        saved_at=draft.saved_at,
        expires_at=draft.expires_at,
        address_hidden=hidden,
        hidden_fields=left_out,
        municipality_id=None if hidden else draft.municipality_id,
        situation_on=on,
        term=term,
        row=row,
    )


# The drafts of those who write just now: what one save ends with is what the next begins with.
_MOST_KEPT = 48
_kept: OrderedDict[uuid.UUID, tuple[tuple[Any, ...], DraftView]] = OrderedDict()
_kept_lock = threading.Lock()


def row_of(draft_id: uuid.UUID) -> Draft | None:
    """Give a draft as this process last read or wrote it, if it did; whether it stands so still must be asked."""
    found = _kept.get(draft_id) if generation.held() is not None else None
    return found[1].row if found else None


def _kept_view(
    draft: Any,
    package: packages.Package,
    *,
    language: str,
    attachments: tuple[AttachmentView, ...],
) -> DraftView:
    """Show a stored draft, or give what the same version of its row came to before in this process."""
    if generation.held() is None:
        return _view(draft, package, language=language, attachments=attachments, row=draft)
    key = (draft.row_version, generation.held(), clock.today(), language, attachments)
    found = _kept.get(draft.id)
    if found is not None and found[0] == key:
        return found[1]
    view = _view(draft, package, language=language, attachments=attachments, row=draft)
    with _kept_lock:
        _kept.pop(draft.id, None)
        _kept[draft.id] = (key, view)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return view


def evaluate(
    package: packages.Package,
    draft: Draft,
    *,
    on: dt.date,
    attachments: tuple[AttachmentView, ...],
    language: str,
) -> packages.Evaluation:
    """Evaluate a draft by its package and its municipality's settings."""
    settings = None
    if draft.municipality_id is not None:
        settings = packages.settings_for(package.id, draft.municipality_id, on).values
    return packages.evaluate(
        package,
        draft.answers,
        prefill.known_facts(draft.facts),
        on=on,
        language=language,
        documents=tuple(a.document for a in attachments),
        settings=settings,
        channel="digital",
        unavailable=tuple(n for n, e in draft.facts.items() if e["status"] == "unavailable"),
        today=clock.today(),
        row_names=rows.names_of(package, draft.answers),
        notes=False,  # nobody is shown what could change
    )


def evaluate_case(package: packages.Package, case: Case, *, on: dt.date) -> packages.Evaluation:
    """Evaluate a submitted case as it now stands, with what was added after submission."""
    settings = None
    if case.municipality_id is not None:
        settings = packages.settings_for(package.id, case.municipality_id, on).values
    return packages.evaluate(
        package,
        {**case.application.answers, **case.amended},
        prefill.known_facts(case.application.facts),
        on=on,
        language=case.language,
        documents=tuple(a.document for a in attachment_views(case)),
        settings=settings,
        channel=case.channel,
        today=clock.today(),
        notes=False,
    )


def owed(view: DraftView) -> tuple[Any, ...]:
    """Give what is missing; nobody is asked for an address that must not be stored here."""
    if not view.hidden_fields:
        return view.evaluation.missing
    return tuple(
        item
        for item in view.evaluation.missing
        if item.kind != "field" or _definition(item.id) not in view.hidden_fields
    )


def hidden_fields(package: packages.Package) -> frozenset[str]:
    """Name the fields that hold a place and are left out for protected people."""
    return place_fields.of(package)


def outcomes(package: packages.Package, facts: dict[str, Any]) -> tuple[LookupOutcome, ...]:
    """Tell how each look-up went, in the package's order."""
    found = []
    for name, lookup in package.lookups.items():
        entry = facts.get(name)
        if entry is None:
            continue
        down = entry["status"] == "unavailable"
        found.append(
            LookupOutcome(
                name=name,
                status=entry["status"],
                source=entry.get("source", ""),
                fetched_at=dt.datetime.fromisoformat(entry["fetched_at"]),
                on_failure=lookup.on_failure if down else None,
                text_key=f"register.{name}.down" if down else f"register.{name}.label",
                show_source=lookup.show_source,
            )
        )
    return tuple(found)


def attachment_views(
    owner: Draft | Case, *, shown: Callable[[Attachment], bool] | None = None
) -> tuple[AttachmentView, ...]:
    """List the files of a draft or case, oldest first; `shown` leaves out what a reader does not see."""
    if owner._state.adding:  # noqa: SLF001 - a draft that is not stored has none
        return ()
    column = "draft_id" if isinstance(owner, Draft) else "case_id"
    rows = sql.read(Attachment, f"WHERE {column} = %s ORDER BY added_at, id", [owner.pk])
    return tuple(attachment_view(row) for row in rows if shown is None or shown(row))


def attachment_view(row: Attachment) -> AttachmentView:
    """Show one file."""
    names = [field.name for field in attrs.fields(AttachmentView)]
    return AttachmentView(**{name: getattr(row, name) for name in names})


def _definition(item_id: str) -> str:
    from samspill.cases.domain.answers import without_rows

    return without_rows(item_id)


def request_view(row: InformationRequest) -> RequestView:
    """Show what the applicant was asked for."""
    return RequestView(
        id=row.id,
        items=tuple(row.items),
        text=row.text,
        asked_at=row.asked_at,
        due_on=row.due_on,
        open=row.state == "open",
    )
