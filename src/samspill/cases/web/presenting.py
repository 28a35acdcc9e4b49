"""From the door's values to what the templates show: words, addresses and order; no decisions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from samspill.cases.service.values import CheckResult, Conflict, DraftView, Receipt
from samspill.cases.web.form_fields import Drawing, check_text, draw, element_id
from samspill.cases.web.uploads import PREFIX
from samspill.kernel.outcome import Refused
from samspill.packages.service import MissingItem, Package, PageState

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
    base = reverse("application-page", kwargs={"draft_id": draft_id, "page": key})
    return f"{base}#{element_id(field)}" if field else base


def shown_pages(view: DraftView) -> list[PageState]:
    """Return the pages that show, in order."""
    return [page for page in view.evaluation.pages if page.visible is True]


def first_page(view: DraftView) -> str:
    """Return the first page with something unanswered, else the first."""
    pages = shown_pages(view)
    owed = {item.page_id for item in view.evaluation.missing}
    return next((p.key for p in pages if p.id in owed), pages[0].key)


def neighbour(view: DraftView, key: str, step: int) -> str | None:
    """Return the page before or after, or None at an end."""
    keys = [page.key for page in shown_pages(view)]
    at = keys.index(key) + step if key in keys else 0
    return keys[at] if 0 <= at < len(keys) else None


def sources(view: DraftView) -> dict[str, str]:
    """Return lookup name → the register's name, for those that are to be shown."""
    return {o.name: o.source for o in view.lookups if o.status == "found" and o.show_source}


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
        "law": package.service.law,
    }  # fmt: skip


def missing_items(view: DraftView, missing: Sequence[MissingItem]) -> list[dict[str, Any]]:
    """Return the one list of what is missing, each with why, who, until when, and where to give it."""
    shown = {page.id: page.key for page in shown_pages(view)}
    return [
        {
            "title": item.label,
            "why": item.why,
            "who": _WHO.get(item.who, item.who),
            "until": item.until,
            "kind": item.kind,
            "law": f"{law.act} {law.section}" if (law := item.law) else "",
            "page": _key_of(item, shown),
            "url": _place(view, item, shown),
        }
        for item in missing
    ]


def _key_of(item: MissingItem, shown: Mapping[str, str]) -> str:
    key = shown.get(item.page_id or "", "")
    return f"{item.page_id}[{item.row}]" if item.row is not None and "[" in key else key


def _place(view: DraftView, item: MissingItem, shown: Mapping[str, str]) -> str:
    key = _key_of(item, shown)
    if not key or item.who != "applicant":
        return ""
    return page_url(view.id, key, item.id if item.kind == "field" else "")


def missing_context(view: DraftView) -> dict[str, Any]:
    """Return the list for the side of a page."""
    items = missing_items(view, view.evaluation.missing)
    mine = [item for item in items if item["url"]]
    return {"missing_items": items, "missing_count": len(items), "missing_mine": len(mine)}


def page_context(
    view: DraftView, state: PageState, blocks: list[dict[str, Any]], problems: Mapping[str, str]
) -> dict[str, Any]:
    """Return what a form page shows."""
    pages = shown_pages(view)
    keys = [page.key for page in pages]
    documents = document_fields(view, state, problems)
    lang = language()
    here = [item for item in missing_context(view)["missing_items"] if item["page"] == state.key]
    return {
        "has_aside": True,
        "view": view,
        "form_page": state,
        "title": state.title,
        "lead": _lead(view.package, state.id, lang),
        "service_title": view.package.text("service.title", lang),
        "blocks": blocks,
        "documents": documents,
        "facts": [fact for name in state.facts if (fact := fact_of(view, name))],
        "problems": lookup_problems(view),
        "step": keys.index(state.key) + 1,
        "steps": len(pages),
        "is_first": keys[0] == state.key,
        "is_last": keys[-1] == state.key,
        "errors": _errors_of(blocks)
        + [{"id": name, "text": text} for name, text in problems.items()],
        "shown_fields": [field.path for field in state.fields if field.visible],
        "missing_here": here,
        **missing_context(view),
    }


def _lead(package: Package, page_id: str, lang: str) -> str:
    found = (package.texts.find(f"page.{page_id}.{part}", lang) for part in ("lead", "intro"))
    return " ".join(text for text in found if text)


def _errors_of(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    fields = [f for b in blocks for f in ([b] if b["kind"] == "field" else _fields_of_rows(b))]
    return [{"id": f["id"], "text": f"{f['label']}: {f['error']}"} for f in fields if f["error"]]


def _fields_of_rows(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [field for row in block["rows"] for field in row["fields"]]


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
                "label": view.package.text(f"{key}.label", lang),
                "help": view.package.texts.find(f"{key}.help", lang) or "",
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


def fact_of(view: DraftView, name: str) -> dict[str, Any] | None:
    """Return a look-up shown read-only: its lines in words, and where and when it was fetched."""
    outcome = next((o for o in view.lookups if o.name == name), None)
    if outcome is None or outcome.status != "found":
        return None
    lang = language()
    lines = _lines(view.package, f"fact.{name}", view.facts.get(name, {}), lang)
    title = view.package.texts.find(f"fact.{name}.title", lang) or outcome.source
    return {"title": title, "lines": lines, "source": outcome.source, "at": outcome.fetched_at}


def _lines(package: Package, key: str, value: Any, lang: str) -> list[tuple[str, Any]]:
    """Return (label, value) of every part that the package has a word for."""
    if isinstance(value, Mapping) and set(value) >= {"data"}:
        value = value["data"]
    lines: list[tuple[str, Any]] = []
    for part, content in value.items() if isinstance(value, Mapping) else ():
        label = package.texts.find(f"{key}.{part}", lang)
        if isinstance(content, list | tuple):
            for row in content:
                lines += _lines(package, f"{key}.{part}", row, lang)
        elif label and content is not None:
            lines.append((label, _plain(content)))
    return lines


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value


def lookup_problems(view: DraftView) -> list[str]:
    """Return what is said about registers that gave no answer: the package's words for it."""
    lang = language()
    return [
        view.package.texts.find(o.text_key, lang)
        or _("%(source)s does not answer just now.") % {"source": o.source}
        for o in view.lookups
        if o.on_failure
    ]


def conflict_rows(conflict: Conflict) -> list[dict[str, Any]]:
    """Return the fields that two windows wrote to, with both values."""
    package, lang = conflict.draft.package, language()
    rows = []
    for path, both in conflict.fields.items():
        label = package.text(f"field.{_bare(path)}.label", lang)
        rows.append(
            {"id": element_id(path), "label": label, "mine": both.mine, "theirs": both.theirs}
        )
    return rows


def _bare(path: str) -> str:
    head, _sep, rest = path.partition("[")
    return head + rest.partition("]")[2] if rest else path


def check_context(result: CheckResult, request: HttpRequest) -> dict[str, Any]:
    """Return what the page of what is missing shows."""
    del request
    view = result.draft
    return {
        "view": view,
        "service_title": view.package.text("service.title", language()),
        "missing_items": missing_items(view, result.missing),
        "errors": [{"id": "", "text": check_text(e, view.package, language())} for e in result.errors
                   if e.level == "error"],
        "warnings": [check_text(e, view.package, language()) for e in result.errors
                     if e.level == "warning"],
        "waiting": [o.source for o in result.waiting_for_registers],
        "may_submit": result.may_submit,
        "amount": indication(result),
        "last_page": shown_pages(view)[-1].key,
    }  # fmt: skip


def indication(result: CheckResult) -> dict[str, Any] | None:
    """Return the indicative amount in words, with its steps."""
    found = result.indication
    if found is None:
        return None
    labels = result.draft.package.texts.find
    return {
        "amount": found.amount,
        "code": found.code,
        "code_text": labels(f"code.{found.code}.label", language()) if found.code else None,
        "interval": found.interval,
        "unanswered": len(found.unanswered),
        "term": found.term.first if found.term else None,
        "steps": steps_of(found.explanation) if found.explanation else [],
    }


def steps_of(explanation: Any) -> list[dict[str, Any]]:
    """Return the steps of a calculation as the page shows them."""
    last = len(explanation.steps) - 1
    return [
        {
            "name": step.label,
            "value": number_text(step.value, step.unit),
            "formula": step.formula,
            "law": step.law,
            "total": at == last,
        }
        for at, step in enumerate(explanation.steps)
    ]


def number_text(value: Any, unit: str) -> str:
    """Return a value with its unit: grouped digits, comma, kroner."""
    if isinstance(value, bool):
        return str(_plain(value))
    if not isinstance(value, int | float):
        return str(value)
    decimals = 0 if float(value).is_integer() else 2
    text = f"{value:,.{decimals}f}".replace(",", "\u00a0").replace(
        ".", "," if language() != "en" else "."
    )
    return f"{text} kr" if unit.startswith("NOK") else text


def review_context(result: CheckResult, request: HttpRequest) -> dict[str, Any]:
    """Return what the last page shows: answers, what is missing, the amount, the declaration."""
    view, lang = result.draft, language()
    drawing = Drawing(package=view.package, language=lang, sources=sources(view), read_only=True)
    sections = [
        {
            "title": page.title,
            "url": page_url(view.id, page.key),
            "blocks": answered_of(draw(page, drawing)),
        }
        for page in shown_pages(view)
    ]
    declarations = [
        {"id": item, "text": view.package.text(f"declaration.{item}", lang)}
        for item in view.package.form.declaration
    ]
    return {
        **check_context(result, request),
        "sections": [section for section in sections if section["blocks"]],
        "declarations": declarations,
        "attachments": view.attachments,
    }


def answered_of(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return (label, answer in words) of a page's blocks, rows numbered."""
    lines: list[tuple[str, str]] = []
    for block in blocks:
        if block["kind"] == "field":
            lines.append((block["label"], answer_text(block)))
            continue
        for row in block["rows"]:
            words = [
                answer_text(field) for field in row["fields"] if field["value"] not in (None, "")
            ]
            lines.append((f"{block['label']} {row['number']}", ", ".join(words)))
    return lines


def answer_text(field: Mapping[str, Any]) -> str:
    """Return an answer in words."""
    value = field["value"]
    if value in (None, "", []):
        return _("Not answered")
    if isinstance(value, bool):
        return str(_plain(value))
    labels = {option["value"]: option["label"] for option in field["options"]}
    if isinstance(value, list | tuple):
        return ", ".join(labels.get(v, str(v)) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    if field["type"] == "amount":
        return number_text(value, "NOK")
    return labels.get(value, str(value))


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
