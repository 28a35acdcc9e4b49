"""Take what was posted for a page of the form: read it, save it, and tell where the writer goes next."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.http import HttpRequest

from samspill.cases import service
from samspill.cases.domain.answers import field_path, get
from samspill.cases.service.values import Conflict, DraftView
from samspill.cases.web import presenting, uploads
from samspill.cases.web.form_reading import Parsed, fingerprint, known_before, parse
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError

_OF_THE_FIELD = {"reason_needed", "register_holds", "address_protected"}


@attrs.frozen(kw_only=True)
class Saved:
    """How a save went: the draft after it, what could not be read, what clashed, which files were refused."""

    view: DraftView
    parsed: Parsed
    marks: Mapping[str, str] = attrs.field(factory=dict)
    problems: Mapping[str, str] = attrs.field(factory=dict)
    conflict: Conflict | None = None


def is_background(request: HttpRequest) -> bool:
    """Tell whether the page saved by itself while somebody writes."""
    return bool(request.headers.get("HX-Request"))


def save(request: HttpRequest, draft_id: uuid.UUID, page: str) -> Saved | None:
    """Save what was posted for a page; None when the draft has no such page now."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    before = service.draft_to_save(actor, draft_id=draft_id)
    state = before.evaluation.page(page)
    if state is None or state.visible is not True:
        return None
    parsed = parse(state, before.package, request.POST)
    marks = _marks(before, parsed)
    saved = _save(request, before, page, parsed, marks)
    if isinstance(saved, Conflict):
        return Saved(view=saved.draft, parsed=parsed, conflict=saved)
    saved = _rows(request, saved, page)
    problems = uploads.take(request, saved)
    if request.FILES or "remove" in request.POST:
        saved = service.open_draft(actor, draft_id=draft_id)
    return Saved(view=saved, parsed=parsed, marks=marks, problems=problems)


def _marks(before: DraftView, parsed: Parsed) -> dict[str, str]:
    """Return the marks of what the window has now: what it will begin with the next time it saves."""
    specs = {path: before.package.field_at(field_path(path)) for path in parsed.values}
    return {path: fingerprint(spec, parsed.values[path]) for path, spec in specs.items() if spec}


def _save(
    request: HttpRequest, before: DraftView, page: str, parsed: Parsed, marks: Mapping[str, str]
) -> DraftView | Conflict:
    """Save what this window has changed; what another window has changed too may clash.

    A field that stands as the window found it is not offered, so that an old page never undoes a newer answer.
    """
    known = known_before(request.POST)
    changed = {
        path: value for path, value in parsed.values.items() if known.get(path) != marks[path]
    }
    fresh: dict[str, Any] = {}
    stale: dict[str, Any] = {}
    for path, value in changed.items():
        spec = before.package.field_at(field_path(path))
        now = fingerprint(spec, get(before.answers, path)) if spec else ""
        (fresh if known.get(path) == now else stale)[path] = value
    saved = _write(request, before.id, before.revision, page, parsed, fresh, seen=before)
    if stale and isinstance(saved, DraftView):
        saved = _write(request, before.id, _revision(request, before), page, parsed, stale)
    return saved


def _write(
    request: HttpRequest,
    draft_id: uuid.UUID,
    revision: int,
    page: str,
    parsed: Parsed,
    values: dict[str, Any],
    seen: DraftView | None = None,
) -> DraftView | Conflict:
    """Save some values; one that a register holds is set aside with its reason, and the rest is saved."""
    while True:
        try:
            return service.save_fields(
                request.actor,  # type: ignore[attr-defined]
                draft_id=draft_id,
                revision=revision,
                values=values,
                reasons=parsed.reasons,
                position={"page": page, "field": field_of(request)},
                seen=seen,
            )
        except RefusedError as error:
            where = error.refused.where
            if error.refused.code not in _OF_THE_FIELD or where not in values:
                raise
            parsed.errors[where] = presenting.refusal(error.refused)
            parsed.typed[where] = values.pop(where)


def _revision(request: HttpRequest, before: DraftView) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else before.revision  # noqa: PLR2004 - digits


def field_of(request: HttpRequest) -> str:
    """Return the field that was being written, when the page saved by itself."""
    return request.headers.get("HX-Trigger-Name", "")[:80]


def _rows(request: HttpRequest, view: DraftView, page: str) -> DraftView:
    """Add an empty row, or take one away, as a button asked for."""
    added, removed = request.POST.get("add_row", ""), request.POST.get("remove_row", "")
    name = added or removed.partition("[")[0]
    spec = view.package.fields.get(name)
    if spec is None or spec.type != "list":
        return view
    rows = list(view.answers.get(name) or [])
    if added:
        rows.append({})
    else:
        number = removed.partition("[")[2].removesuffix("]")
        if not number.isdecimal() or int(number) >= len(rows):
            return view
        del rows[int(number)]
    after = service.save_fields(
        request.actor,  # type: ignore[attr-defined]
        draft_id=view.id,
        revision=view.revision,
        values={name: rows},
        position={"page": page, "field": ""},
    )
    return after.draft if isinstance(after, Conflict) else after


def stays_at(request: HttpRequest, view: DraftView, page: str) -> str | None:
    """Return the field to stay at on the page, or None to go on.

    One stays after a button of the page itself, and when the answers brought new questions to show.
    """
    posted = request.POST
    if added := posted.get("add_row"):
        rows = view.answers.get(added)
        return f"{added}[{len(rows) - 1}]" if isinstance(rows, list) and rows else added
    if removed := posted.get("remove_row"):
        return removed.partition("[")[0]
    if "save" in posted:
        return ""
    if "upload" in posted or "remove" in posted:
        return "documents"
    return _new_question(request, view, page) if "next" in posted else None


def _new_question(request: HttpRequest, view: DraftView, page: str) -> str | None:
    state = view.evaluation.page(page)
    shown = request.POST.getlist("_shown")
    hidden = presenting.hidden_in(view)
    return next(
        (
            field.path
            for field in (state.fields if state and state.visible else ())
            if field.visible
            and field.required
            and not field.answered
            and field.editable != "no"
            and field.field not in hidden
            and field.path not in shown
            and not isinstance(field.value, list | tuple)
        ),
        None,
    )
