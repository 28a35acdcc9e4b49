"""From the door's values to what the templates show: words, addresses and order; no decisions."""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import attrs
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from samspill.cases.domain.answers import field_path
from samspill.cases.service import amount, wording
from samspill.cases.service.values import CheckResult, Conflict, DraftView, Receipt
from samspill.cases.service.views import owed
from samspill.cases.web import markup
from samspill.cases.web.facts import fact_of
from samspill.cases.web.form_fields import (
    Drawing,
    all_fields,
    check_text,
    draw,
    element_id,
    inputs_of,
)
from samspill.cases.web.uploads import PREFIX
from samspill.kernel.outcome import Refused
from samspill.packages.service import CheckItem, MissingItem, Package, PageState

_WHO = {
    "applicant": gettext_lazy("you"),
    "municipality": gettext_lazy("the municipality"),
    "agency": gettext_lazy("the agency"),
    "register": gettext_lazy("a register"),
    "party": gettext_lazy("another person in the household"),
}


def language() -> str:
    """Return the language of the page."""
    return get_language() or "nb"


def page_url(draft_id: uuid.UUID, key: str, field: str = "") -> str:
    """Return the address of a form page, at a field when one is named."""
    base = _page_path(draft_id, key)
    return f"{base}#{element_id(field)}" if field else base


@functools.lru_cache(maxsize=1024)
def _page_path(draft_id: uuid.UUID, key: str) -> str:
    """Find an address once: every page of a form is pointed to several times from each of them."""
    return reverse("application-page", kwargs={"draft_id": draft_id, "page": key})


def shown_pages(view: DraftView) -> list[PageState]:
    """Return the pages that show, in order."""
    return [page for page in view.evaluation.pages if page.visible is True]


def first_page(view: DraftView) -> str:
    """Return the first page with something unanswered, else the first."""
    pages = shown_pages(view)
    unfinished = {item.page_id for item in owed(view)}
    return next((p.key for p in pages if p.id in unfinished), pages[0].key)


def neighbour(view: DraftView, key: str, step: int) -> str | None:
    """Return the page before or after, or None at an end."""
    keys = [page.key for page in shown_pages(view)]
    at = keys.index(key) + step if key in keys else 0
    return keys[at] if 0 <= at < len(keys) else None


def sources(view: DraftView) -> dict[str, str]:
    """Return lookup name → the register's name, for those that are to be shown."""
    lang = language()
    return {
        o.name: view.package.text(f"register.{o.name}.label", lang)
        for o in view.lookups
        if o.status == "found" and o.show_source
    }


def service_context(package: Package, lang: str) -> dict[str, Any]:
    """Return what the service's own page shows."""
    text = package.texts.find
    return {
        "package": package,
        "title": package.text("service.title", lang),
        "lead": text("service.lead", lang),
        "paragraphs": [
            found for key in ("intro", "deadline", "after_submission")
            if (found := text(f"service.{key}", lang))
        ],
        "contact": package.service.contact,
        "law": law_by_act(package),
    }  # fmt: skip


def law_by_act(package: Package) -> list[dict[str, Any]]:
    """Return the acts that the service builds on, each once with its sections."""
    acts: dict[str, dict[str, Any]] = {}
    for law in package.service.law:
        entry = acts.setdefault(law.act, {"act": law.act, "url": law.url, "sections": []})
        if law.section:
            entry["sections"].append(law.section)
    return [
        {**entry, "sections": ", ".join(_without_sign(entry["sections"]))}
        for entry in acts.values()
    ]


def _without_sign(sections: Sequence[str]) -> list[str]:
    """Write the paragraph sign once: `§§ 2, 3, 4`."""
    bare = [section.removeprefix("§ ") for section in sections]
    several = len(bare) > 1 and all(section.startswith("§ ") for section in sections)
    return [f"§§ {bare[0]}", *bare[1:]] if several else list(sections)


def missing_items(view: DraftView, missing: Sequence[MissingItem]) -> list[dict[str, Any]]:
    """Return the one list of what is missing, each with why, who, until when, and where to give it."""
    shown = {page.id: page.key for page in shown_pages(view)}
    return [
        {
            "title": _title_of(view, item),
            "why": item.why,
            "who": _WHO.get(item.who, item.who),
            "until": wording.day_text(item.until),
            "kind": item.kind,
            "law": f"{law.act} {law.section}" if (law := item.law) else "",
            "page": _key_of(item, shown),
            "url": _place(view, item, shown),
        }
        for item in missing
    ]


def _title_of(view: DraftView, item: MissingItem) -> str:
    """Return what is missing, and in whose row: several may be asked the same."""
    if item.kind == "document":
        document = item.id.split(":", 1)[0]
        return wording.document_label(view.package, view.answers, document, item.row, language())
    name = wording.whose(view.package, view.answers, item.id, language())
    return f"{name}: {item.label}" if name else item.label


def _key_of(item: MissingItem, shown: Mapping[str, str]) -> str:
    key = shown.get(item.page_id or "", "")
    return f"{item.page_id}[{item.row}]" if item.row is not None and "[" in key else key


def _place(view: DraftView, item: MissingItem, shown: Mapping[str, str]) -> str:
    key = _key_of(item, shown)
    if not key or item.who != "applicant":
        return ""
    return page_url(view.id, key, item.id if item.kind == "field" else "")


def page_context(
    view: DraftView, state: PageState, blocks: list[dict[str, Any]], problems: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a form page shows."""
    keys = [page.key for page in shown_pages(view)]
    lang = language()
    position = view.position
    beside = side_context(view, state.key)
    return {
        "has_aside": True,
        "view": view,
        "form_page": state,
        "title": state.title,
        "about": _about(view, state, lang),
        "lead": _lead(view.package, state.id, lang),
        "service_title": view.package.text("service.title", lang),
        "blocks": blocks,
        "documents": document_fields(view, state, problems),
        "facts": [fact for name in state.facts if (fact := fact_of(view, name, lang))],
        "problems": lookup_problems(view, state),
        "hidden_here": view.address_hidden
        and any(field.field in view.hidden_fields for field in state.fields),
        "step": keys.index(state.key) + 1,
        "steps": len(keys),
        "is_first": keys[0] == state.key,
        "is_last": keys[-1] == state.key,
        "errors": _errors_of(blocks)
        + [{"id": name, "text": text} for name, text in problems.items()],
        "remembered": markup.remembered(
            shown=inputs_of(blocks),
            marks={f["name"]: f["mark"] for f in all_fields(blocks) if not f["readonly"]},
            aside=beside["aside_mark"],
        ),
        "focus": element_id(position.get("field", "")) if position.get("field") else "",
        **beside,
    }


class OverviewLine(NamedTuple):
    """One page in the overview: its key and title, whom it is about, how many answers are left on it."""

    key: str
    title: str
    about: str
    left: int
    here: bool

    @property
    def state(self) -> str:
        """Say how the line is marked: `now`, `next` or `done`."""
        return "now" if self.here else "next" if self.left else "done"


@attrs.frozen(kw_only=True)
class Overview:
    """What the overview beside a page shows, without addresses; `mark` tells two that differ apart."""

    lines: tuple[OverviewLine, ...]
    missing: int
    mark: str


def overview(view: DraftView, here: str) -> Overview:
    """Count what is left on every page that shows."""
    lang, pages, missing = language(), shown_pages(view), owed(view)
    shown = {page.id: page.key for page in pages}
    left: dict[str, int] = {}
    for item in missing:
        if item.who == "applicant" and (key := _key_of(item, shown)):
            left[key] = left.get(key, 0) + 1
    lines = tuple(
        OverviewLine(
            key=page.key,
            title=page.title,
            about=_about(view, page, lang),
            left=left.get(page.key, 0),
            here=page.key == here,
        )
        for page in pages
    )
    shown_as = repr((lang, str(view.id), len(missing), [tuple(line) for line in lines]))
    mark = hashlib.sha256(shown_as.encode()).hexdigest()[:12]
    return Overview(lines=lines, missing=len(missing), mark=mark)


def overview_context(view: DraftView, found: Overview) -> dict[str, Any]:
    """Return what the template of the overview shows."""
    lang = language()
    left = sum(line.left for line in found.lines)
    return {
        "view": view,
        "aside_mark": found.mark,
        "missing_count": found.missing,
        "overview": Markup("").join(
            markup.overview_line(
                state=line.state,
                url=page_url(view.id, line.key),
                here=line.here,
                title=f"{line.title}: {line.about}" if line.about else line.title,
                left=wording.left_on_page(line.left, lang),
            )
            for line in found.lines
        ),
        "left": wording.left_in_all(left, found.missing, lang),
        "way_on": _way_on(view.id, "missing" if found.missing else "review"),
    }


@functools.lru_cache(maxsize=1024)
def _way_on(draft_id: uuid.UUID, to: str) -> str:
    """Find the address of the list of what is missing, or of the page to look over, once."""
    return reverse(f"application-{to}", kwargs={"draft_id": draft_id})


def side_context(view: DraftView, here: str) -> dict[str, Any]:
    """Return the overview beside a page: every page with how much is left on it."""
    return overview_context(view, overview(view, here))


def _about(view: DraftView, page: PageState, lang: str) -> str:
    """Return whom a repeated page is about."""
    if page.row is None:
        return ""
    spec = next((p for p in view.package.form.pages if p.id == page.id), None)
    field = view.package.fields.get(spec.repeat_for or "") if spec else None
    rows = view.answers.get(field.id) or () if field else ()
    if field is None or page.row >= len(rows):
        return ""
    return wording.row_name(view.package, field, rows[page.row], page.row + 1, lang)


def _lead(package: Package, page_id: str, lang: str) -> str:
    found = (package.texts.find(f"page.{page_id}.{part}", lang) for part in ("lead", "intro"))
    return " ".join(text for text in found if text)


def _errors_of(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return wording.errors_of(all_fields(blocks))


def document_fields(
    view: DraftView, state: PageState, problems: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the file fields of a page: the documents that are demanded or already there."""
    lang, fields = language(), []
    for number, document in enumerate(view.evaluation.documents):
        wanted = document.document in state.documents
        if not wanted or not (document.demanded or document.delivered):
            continue
        name, key = f"{PREFIX}{number}", f"document.{document.document}"
        fields.append(
            {
                "name": name,
                "id": name,
                "type": "file",
                "label": wording.document_label(
                    view.package, view.answers, document.document, document.row, lang
                ),
                "help": " ".join(
                    t for w in ("why", "hint") if (t := view.package.texts.find(f"{key}.{w}", lang))
                ),
                "required": bool(document.demanded),
                "accept": ".pdf,.jpg,.jpeg,.png",
                "error": problems.get(name, ""),
                "files": [
                    {"id": a.id, "name": a.filename, "size": a.size}
                    for a in view.attachments
                    if a.document == document.id
                ],
            }
        )
    return fields


def lookup_problems(view: DraftView, page: PageState | None = None) -> list[dict[str, str]]:
    """Return what is said about registers that gave no answer: the package's words for it.

    With a page, only the registers that the page has something from.
    """
    lang = language()
    return [
        {
            "name": view.package.text(f"register.{o.name}.label", lang),
            "text": view.package.texts.find(o.text_key, lang) or _("It does not answer just now."),
        }
        for o in view.lookups
        if o.on_failure and (page is None or _concerns(view.package, o.name, page))
    ]


def _concerns(package: Package, name: str, page: PageState) -> bool:
    lookup = package.lookups[name]
    fields = {state.field.split(".", 1)[0] for state in page.fields}
    asked_here = f"page:{page.id}" in lookup.when or name in page.facts
    return asked_here or any(target.split(".", 1)[0] in fields for target in lookup.out)


def conflict_rows(conflict: Conflict) -> list[dict[str, Any]]:
    """Return the fields that two windows wrote to, with both values in words."""
    package, lang = conflict.draft.package, language()

    def words(path: str, value: Any) -> str:
        spec = package.field_at(field_path(path))
        if spec is None or value in (None, "", []) or spec.type == "list":
            return _("nothing")
        return wording.value_text(package, spec, value, lang)

    return [
        {
            "id": element_id(path),
            "label": package.text(f"field.{field_path(path)}.label", lang),
            "mine": words(path, both.offered),
            "theirs": words(path, both.saved),
        }
        for path, both in conflict.fields.items()
    ]


def check_context(result: CheckResult, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of what is missing shows."""
    del request
    view = result.draft
    return {
        "view": view,
        "service_title": view.package.text("service.title", language()),
        "missing_items": missing_items(view, result.missing),
        "errors": [_wrong(view, e) for e in result.errors if e.level == "error"],
        "warnings": [check_text(e, view.package, language()) for e in result.errors
                     if e.level == "warning"],
        "waiting": _waiting(view, {o.name for o in result.waiting_for_registers}),
        "not_eligible": view.package.texts.find("service.not_eligible", language())
        if view.evaluation.eligible is False else "",
        "may_submit": result.may_submit,
        "amount": indication(result),
    }  # fmt: skip


def _waiting(view: DraftView, names: set[str]) -> list[str]:
    """Return the registers that are waited for, each once, by the name people know."""
    labels = (view.package.text(f"register.{name}.label", language()) for name in sorted(names))
    return list(dict.fromkeys(labels))


def _wrong(view: DraftView, item: CheckItem) -> dict[str, str]:
    """Return something that is wrong, with the way to the place where it is put right."""
    pages = {page.id: page.key for page in reversed(shown_pages(view))}
    key = f"{item.page_id}[{item.row}]" if item.row is not None else item.page_id or ""
    key = key if key in pages.values() else pages.get(item.page_id or "", "")
    url = page_url(view.id, key, item.path) if key else ""
    return {"url": url, "text": check_text(item, view.package, language())}


def indication(result: CheckResult) -> dict[str, Any] | None:
    """Return the indicative amount in words, with its steps."""
    found = result.indication
    if found is None:
        return None
    package = result.draft.package
    return {
        "amount": found.amount,
        "code": found.code,
        "code_text": package.texts.find(f"code.{found.code}.label", language())
        if found.code else None,
        "interval": found.interval,
        "unanswered": len(found.unanswered),
        "term": found.term.first if found.term else None,
        "steps": steps_of(_shown_steps(result), package) if found.explanation else [],
    }  # fmt: skip


def _shown_steps(result: CheckResult) -> Any:
    """Return the explanation; where an address is hidden, without what tells where it is."""
    assert result.indication is not None
    explanation, view = result.indication.explanation, result.draft
    if not view.address_hidden:
        return explanation
    steps, _hidden = amount.steps_without_places(view.package, view.situation_on, explanation.steps)
    return explanation._replace(steps=steps)


def steps_of(explanation: Any, package: Package | None = None) -> list[dict[str, Any]]:
    """Return the steps of a calculation as the page shows them; codes are told by their names."""
    last = len(explanation.steps) - 1
    labels = package.texts.find if package else lambda _key, _lang: None
    return [
        {
            "name": step.label,
            "value": labels(f"code.{step.value}.label", language())
            or wording.quantity_text(step.value, step.unit),
            "formula": step.formula,
            "law": step.law,
            "total": at == last,
        }
        for at, step in enumerate(explanation.steps)
    ]


def review_context(result: CheckResult, request: HttpRequest) -> dict[str, Any]:
    """Return what the last page shows: answers, what is missing, the amount, the declaration."""
    view, lang = result.draft, language()
    drawing = Drawing(
        package=view.package, language=lang, sources=sources(view), read_only=True, masked=True,
        hidden=hidden_in(view),
    )  # fmt: skip
    sections = [
        {
            "title": page.title,
            "about": _about(view, page, lang),
            "url": page_url(view.id, page.key),
            "parts": parts_of(draw(page, drawing)),
        }
        for page in shown_pages(view)
    ]
    declarations = [
        {"id": item, "text": view.package.text(f"declaration.{item}", lang)}
        for item in view.package.form.declaration
    ]
    return {
        **check_context(result, request),
        "has_aside": True,
        "sections": [section for section in sections if section["parts"]],
        "declarations": declarations,
        "attachments": [
            {
                "file": file,
                "label": view.package.text(f"document.{file.document.split(':')[0]}.label", lang),
            }
            for file in view.attachments
        ],
        "on_review": True,
        **side_context(view, ""),
        "missing_items": missing_items(view, result.missing),
    }


def hidden_in(view: DraftView) -> frozenset[str]:
    """Return the fields that must not be drawn, because they tell where a protected person is."""
    return view.hidden_fields if view.address_hidden else frozenset()


def parts_of(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a page's answers in words: lines, and the rows of lists under their names."""
    parts: list[dict[str, Any]] = []
    for block in blocks:
        if block["kind"] == "field":
            if not parts or "rows" in parts[-1]:
                parts.append({"lines": []})
            parts[-1]["lines"].append((block["label"], answer_text(block)))
            continue
        rows = [
            {
                "title": row["title"],
                "lines": [(f["label"], answer_text(f)) for f in row["fields"]
                          if (f["value"] not in (None, "") or f["required"])
                          and f["text"] != row["title"]],
            }
            for row in block["rows"]
        ]  # fmt: skip
        parts.append({"label": block["label"], "rows": rows})
    return parts


def answered_of(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return (label, answer in words) of a page's blocks; a row is one line under its name."""
    lines: list[tuple[str, str]] = []
    for block in blocks:
        if block["kind"] == "field":
            lines.append((block["label"], answer_text(block)))
            continue
        for row in block["rows"]:
            words = [answer_text(f) for f in row["fields"] if f["value"] not in (None, "")]
            lines.append((f"{block['label']}: {row['title']}", ", ".join(words)))
    return lines


def answer_text(field: Mapping[str, Any]) -> str:
    """Return a drawn field's value in words; another value can be laid in to be told the same way."""
    told: str = field["words"](field["value"])
    return told or _("Not answered")


def newer_context(view: DraftView) -> dict[str, Any]:
    """Return what is said when a newer version of the service wants a yes."""
    return {
        "view": view,
        "newer": view.newer,
        "title": view.package.text("service.title", language()),
    }


def receipt_context(shown: Receipt, request: HttpRequest) -> dict[str, Any]:
    """Return what the receipt shows."""
    from samspill.municipalities import service as municipalities
    from samspill.packages import service as packages

    package = packages.published(shown.package_id)
    place = municipalities.by_id(shown.municipality_id) if shown.municipality_id else None
    return {
        "receipt": shown,
        "title": package.text("service.title", language()),
        "after": package.texts.find("service.after_submission", language()),
        "municipality": place.name if place else "",
        "term": shown.term.first if shown.term else None,
        "verify_url": request.build_absolute_uri(reverse("verify")),
    }


def pdf(content: bytes, name: str) -> HttpResponse:
    """Return a PDF to open in the browser."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = disposition("inline", f"{name}.pdf")
    return response


def disposition(how: str, filename: str) -> str:
    """Return a Content-Disposition whose name may hold any letter."""
    return f"{how}; filename*=UTF-8''{quote(filename)}"


def refusal(refused: Refused) -> str:
    """Return a refusal and its remedy in the language of the page."""
    said = _(refused.message) % refused.values
    remedy = _(refused.remedy) % refused.values if refused.remedy else ""
    return f"{said} {remedy}".strip()
