"""A case in words for the employee's page: answers beside registers, tasks as small forms, what happened.

Nothing here decides what may be seen: `service` has done that. A protected address is left out once more,
so that a field that slipped through elsewhere is still not drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.cases.domain import answers as paths
from samspill.cases.service import CaseView, TaskView, staff_documents, wording
from samspill.cases.service.staff_case import Beside
from samspill.cases.service.views import hidden_fields
from samspill.cases.web import presenting
from samspill.cases.web.form_fields import Drawing, Parsed, draw, element_id
from samspill.kernel.periods import oslo_date
from samspill.municipalities import service as municipalities
from samspill.packages.service import Field, FieldState, MissingItem, Package, PageState, State

WHO = {
    "applicant": gettext_lazy("the applicant"),
    "municipality": gettext_lazy("the municipality"),
    "agency": gettext_lazy("the agency"),
    "register": gettext_lazy("a register"),
    "party": gettext_lazy("somebody in the household"),
    "system": gettext_lazy("Samspill"),
}
ROLES = {
    "applicant": gettext_lazy("the applicant"),
    "municipality_caseworker": gettext_lazy("caseworker in the municipality"),
    "municipality_leader": gettext_lazy("leader in the municipality"),
    "counter": gettext_lazy("guide in the municipality"),
    "agency_caseworker": gettext_lazy("caseworker in the agency"),
    "agency_leader": gettext_lazy("leader in the agency"),
    "protected_caseworker": gettext_lazy("cleared caseworker"),
    "agency_protected": gettext_lazy("cleared caseworker"),
    "system": gettext_lazy("Samspill, by itself"),
}
_HAPPENED = {
    "DraftStarted": gettext_lazy("The application was begun"),
    "ApplicationSubmitted": gettext_lazy("The application was sent"),
    "PaperRegistered": gettext_lazy("A paper application was registered"),
    "TaskCompleted": gettext_lazy("A task was done"),
    "TaskReminded": gettext_lazy("The month's run waits for a task"),
    "InformationRequested": gettext_lazy("The applicant was asked for something"),
    "InformationReceived": gettext_lazy("What was asked for came"),
    "MessageSent": gettext_lazy("A message was written"),
    "DocumentAdded": gettext_lazy("A document was added"),
    "CaseForwarded": gettext_lazy("The case was passed on"),
    "CaseReady": gettext_lazy("The municipality was finished"),
    "DecisionMade": gettext_lazy("A decision was made"),
    "LetterQueued": gettext_lazy("A letter was ordered"),
    "LetterSent": gettext_lazy("A letter was sent"),
    "PaymentOrdered": gettext_lazy("A payment was ordered"),
    "Recalculated": gettext_lazy("Earlier months were counted again"),
    "AppealReceived": gettext_lazy("An appeal came"),
    "AppealHandled": gettext_lazy("An appeal was handled"),
    "CaseStopped": gettext_lazy("The case was ended"),
    "ProtectionChanged": gettext_lazy("The address protection changed"),
    "CaseOpened": gettext_lazy("The case was opened"),
    "OpenedWithReason": gettext_lazy("The case was opened outside somebody's tasks, with a reason"),
    "HandedOver": gettext_lazy("The case was handed to a colleague"),
}
_QUIET = {"DraftSaved", "PageShown", "MissingTold", "DraftMoved", "DraftTakenOver", "DraftExpiring"}


@attrs.frozen(kw_only=True)
class Reading:
    """Hold a case and the drawing that all of its answers are shown with."""

    view: CaseView
    language: str
    hidden: frozenset[str]

    @classmethod
    def of(cls, view: CaseView) -> Reading:
        """Make the reading in the language of the page."""
        hidden = hidden_fields(view.package) if view.address_hidden else frozenset()
        return cls(view=view, language=presenting.language(), hidden=hidden)

    @property
    def drawing(self) -> Drawing:
        """Draw read-only, with the names of the registers."""
        package = self.view.package
        sources = {n: package.text(f"register.{n}.label", self.language) for n in package.lookups}
        return Drawing(package=package, language=self.language, sources=sources, read_only=True)

    def sections(self) -> list[dict[str, Any]]:
        """Return the application page by page, each answer beside what a register says."""
        found = []
        for page in self.view.pages:
            shown = attrs.evolve(page, fields=tuple(f for f in page.fields if not self._hides(f)))
            facts = [fact for block in draw(shown, self.drawing) for fact in _facts(block)]
            if facts:
                differ = sum(1 for fact in facts if fact["differs"])
                found.append(
                    {
                        "title": page.title,
                        "facts": facts,
                        "differ": differ,
                        "id": f"side-{page.key}",
                    }
                )
        return found

    def differences(self) -> list[dict[str, Any]]:
        """Return every answer that is another than the register's, with where it stands."""
        return [
            {**fact, "section": section["title"]}
            for section in self.sections()
            for fact in section["facts"]
            if fact["differs"]
        ]

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of one field, as laid beside a task."""
        if name in self.hidden:
            return []
        head = name.split(".", 1)[0]
        found = [
            fact
            for section in self.sections()
            for fact in section["facts"]
            if fact["field"] == name or fact["field"].startswith(f"{name}.")
        ]
        if found or self.view.values.get(head) is None:
            return found
        values = {head: self.view.values[head]}
        return [
            {"label": label, "value": text, "source": "", "differs": "", "field": head}
            for label, text in wording.answer_lines(self.view.package, values, self.language)
        ]

    def _hides(self, state: FieldState) -> bool:
        return state.field in self.hidden


def _facts(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    if block["kind"] == "field":
        return [] if block["type"] == "file" else [_fact(block)]
    return [
        {**_fact(field), "label": f"{row['title']}: {field['label']}"}
        for row in block["rows"]
        for field in row["fields"]
        if field["type"] != "file" and field["text"]
    ]


def _fact(field: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": field["label"],
        "value": field["text"] or None,
        "source": "" if field["differs"] else field["source"],
        "differs": field["register_text"] if field["differs"] else "",
        "field": paths.field_path(field["name"]),
    }


# ── tasks ─────────────────────────────────────────────────────────────────────────────────


def task_forms(
    reading: Reading, *, task_id: object = None, parsed: Parsed | None = None
) -> list[dict[str, Any]]:
    """Return the tasks: those of one's own as forms beside what to look at, others in words."""
    return [
        _task_form(reading, task, parsed if task.id == task_id else None)
        for task in reading.view.tasks
    ]


def _task_form(reading: Reading, task: TaskView, parsed: Parsed | None) -> dict[str, Any]:
    states = field_states(reading.view, task.fields)
    drawing = Drawing(
        package=reading.view.package,
        language=reading.language,
        parsed=parsed,
        read_only=task.done or not task.mine,
    )
    blocks = draw(as_page(task.key, states), drawing)
    for block in blocks:
        block["id"] = f"o-{str(task.id)[-8:]}-{block['id']}"
    spec = next((t for t in reading.view.package.process.tasks if t.id == task.key), None)
    law = reading.view.package.law(spec.law) if spec is not None else None
    return {
        "task": task,
        "law": str(law) if law else "",
        "blocks": blocks,
        "answers": [(b["label"], b["text"] or _("Not answered")) for b in blocks]
        if task.done
        else [],
        "beside": [line for name in task.shows for line in reading.lines(name)],
        "shown": [state.path for state in states],
        "before_json": as_json({state.path: state.value for state in states}),
        "errors": wording.errors_of(blocks),
        "role": ROLES.get(task.role, task.role),
    }


def field_states(view: CaseView, fields: Sequence[str]) -> tuple[FieldState, ...]:
    """Return the places of some fields in a case, one for each row where they lie in a list."""
    found: list[FieldState] = []
    lang = presenting.language()
    for name in fields:
        spec, head = view.package.field_at(name), view.package.field_at(name.split(".", 1)[0])
        if spec is None or head is None:
            continue
        label = view.package.text(f"field.{name}.label", lang)
        if "." not in name or head.type != "list":
            found.append(_state(spec, name, label, paths.get(view.values, name)))
            continue
        for number, row in enumerate(view.values.get(head.id) or []):
            path = f"{head.id}[{number}].{name.split('.', 1)[1]}"
            name_of_row = wording.row_name(view.package, head, row, number + 1, lang)
            titled = f"{name_of_row}: {label}"
            found.append(_state(spec, path, titled, paths.get(view.values, path)))
    return tuple(found)


def as_json(values: Mapping[str, Any]) -> str:
    """Return values as text for a hidden field: what the form showed, to tell who changed what."""
    return json.dumps(values, ensure_ascii=False)


def _state(spec: Field, path: str, label: str, value: Any) -> FieldState:
    return FieldState(
        path=path,
        field=spec.path,
        visible=True,
        required=not spec.optional,
        answered=value is not None,
        value=value,
        label=label,
    )


def as_page(key: str, states: tuple[FieldState, ...]) -> PageState:
    """Return some fields as a page to draw or read."""
    return PageState(id=key, key=key, visible=True, title="", fields=states)


def posted_page(
    package: Package, posted: QueryDict, values: Mapping[str, Any] | None = None
) -> PageState:
    """Return the fields that a posted form says it showed, to be read back by their types."""
    lang, states = presenting.language(), []
    for path in posted.getlist("_shown"):
        try:
            spec = package.field_at(paths.field_path(path))
        except paths.BadPathError:
            spec = None
        if spec is not None:
            label = package.text(f"field.{spec.path}.label", lang)
            states.append(_state(spec, path, label, (values or {}).get(path)))
    return as_page("posted", tuple(states))


# ── the page ──────────────────────────────────────────────────────────────────────────────


def context(
    view: CaseView, beside: Beside, *, task_id: object = None, parsed: Parsed | None = None
) -> dict[str, Any]:
    """Return what the case page shows."""
    reading, lang = Reading.of(view), presenting.language()
    forms = task_forms(reading, task_id=task_id, parsed=parsed)
    missing = [missing_line(item) for item in view.missing]
    return {
        "has_aside": True,
        "case": view,
        "beside": beside,
        "title": view.applicant_name or _("Case %(number)s") % {"number": view.number},
        "service": view.package.text("service.title", lang),
        "sections": reading.sections(),
        "differences": reading.differences(),
        "open_tasks": [form for form in forms if not form["task"].done],
        "done_tasks": [form for form in forms if form["task"].done],
        "errors": [error for form in forms for error in form["errors"]],
        "missing": missing,
        "askable": [item for item in missing if item["askable"]],
        "moves": _moves(view),
        "story": _story(beside),
        "attachments": [_attachment(view, a) for a in view.attachments],
        "requests": [_request(view, r) for r in view.requests],
        "decisions": [_decision(view, beside, d) for d in view.decisions],
        "places": [(p, held_text(view.package, p.held_reason)) for p in beside.places],
        "changes": [_change(view, c) for c in view.changes],
        **_about(view),
    }


def _about(view: CaseView) -> dict[str, Any]:
    """Return the words at the side: where it waits, how it came, whose it is, and what can be done."""
    lang = presenting.language()
    place = None
    if view.municipality_id is not None and not view.address_hidden:
        place = municipalities.by_id(view.municipality_id)
    return {
        "waits": WHO.get(view.waiting_for, _("nobody")),
        "channel": CHANNELS.get(view.channel, view.channel),
        "municipality": place.label if place is not None else "",
        "letter_language": _LANGUAGES.get(view.language, view.language),
        "may_ask": any(
            state.waits_for == "applicant"
            for event in view.events
            for state in targets_of(view, event)
        ),
        "may_change": bool(own_fields(view)),
        "may_add": may_add(view),
        "withheld_rules": WITHHELD_RULES,
        "open_appeals": ("received", "clarified", "forwarded"),
        "documents": [
            {
                "value": f"document:{name}",
                "label": view.package.text(f"document.{name}.label", lang),
            }
            for name, document in view.package.documents.items()
            if "applicant" in document.by
        ],
    }


_LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
CHANNELS = {
    "digital": gettext_lazy("electronically"),
    "paper": gettext_lazy("on paper"),
    "counter": gettext_lazy("at the counter"),
}


def missing_line(item: MissingItem) -> dict[str, Any]:
    """Return one missing thing in words, and whether the applicant can be asked for it."""
    return {
        "value": f"{item.kind}:{item.id}",
        "title": item.label,
        "why": item.why,
        "who": WHO.get(item.who, item.who),
        "until": item.until,
        "kind": item.kind,
        "askable": item.who in ("applicant", "party"),
    }


def held_text(package: Package, reason: str) -> str:
    """Return in words why a case was put aside by the run."""
    kind, _sep, name = reason.partition(":")
    if kind == "register":
        register = package.texts.find(f"register.{name}.label", presenting.language()) or name
        return _("%(register)s gave no answer") % {"register": register}
    return str(_HELD.get(kind, reason))


_HELD = {
    "": "",
    "open_tasks": gettext_lazy("A task must be done first"),
    "with_municipality": gettext_lazy("The municipality is not finished"),
    "time_to_answer": gettext_lazy("The applicant still has time to answer"),
    "unknown_inputs": gettext_lazy("The rules lack something they cannot do without"),
}


def _moves(view: CaseView) -> list[dict[str, Any]]:
    """Return the steps of the process that can be taken by one press, in the package's words."""
    found: list[dict[str, Any]] = []
    for event in view.events:
        targets = targets_of(view, event)
        if _has_own_form(view, event, targets):
            continue
        onward = view.side == "municipality" and any(s.waits_for == "agency" for s in targets)
        found.append(
            {
                "event": event,
                "label": view.package.text(f"event.{event}.label", presenting.language()),
                "ends": all(state.final for state in targets),
                "forward": onward and not any(move["forward"] for move in found),
            }
        )
    return sorted(found, key=lambda move: (move["ends"], not move["forward"]))


def targets_of(view: CaseView, event: str) -> list[State]:
    """Return the states that an event leads to from where the case is."""
    process = view.package.process
    steps = [t for t in process.transitions if t.event == event and view.state in t.from_states]
    return [process.states[step.to] for step in steps]


def _has_own_form(view: CaseView, event: str, targets: Sequence[State]) -> bool:
    """Tell whether a step is taken by a form elsewhere on the page: asking, deciding, appealing."""
    process = view.package.process
    if "appeal" in event or all(state.waits_for == "applicant" for state in targets):
        return True
    decides = {view.package.service.decided_by, "system"}
    steps = [t for t in process.transitions if t.event == event and view.state in t.from_states]
    if not all(set(step.by) <= decides for step in steps):
        return False
    decided = {decision.state for decision in process.decisions}
    return view.waiting_for == "system" or all(step.to in decided for step in steps)


def _story(beside: Beside) -> list[dict[str, Any]]:
    """Return what happened, newest first; openings of one role on one day are one line with all its times."""
    lines: list[dict[str, Any]] = []
    opened: dict[tuple[Any, str], dict[str, Any]] = {}
    for e in reversed(beside.story):
        if e.name in _QUIET:
            continue
        who = ROLES.get(e.role, e.role)
        line: dict[str, Any] = {
            "at": e.at,
            "what": _HAPPENED.get(e.name, e.name),
            "who": who,
            "times": [],
        }
        if e.name == "CaseOpened":
            first = opened.setdefault((oslo_date(e.at), e.role), line)
            first["times"].append(e.at)
            if first is not line:
                continue
        lines.append(line)
    return lines


def _attachment(view: CaseView, file: Any) -> dict[str, Any]:
    return {
        "file": file,
        "label": wording.document_name(view.package, file, presenting.language()),
        "from": ROLES.get(file.role, file.role),
        "withheld": _("Not shown to the applicant") if file.withheld else "",
    }


WITHHELD_RULES = (
    ("", gettext_lazy("Yes, as the rule is"), "forvaltningsloven § 18"),
    ("fvl_18a", gettext_lazy("No, we made it for our own handling"), "forvaltningsloven § 18 a"),
    ("fvl_18b", gettext_lazy("No, we fetched it for our own handling"), "forvaltningsloven § 18 b"),
    (
        "fvl_19",
        gettext_lazy("No, it tells what the applicant has no claim to know"),
        "forvaltningsloven § 19",
    ),
)


def may_add(view: CaseView) -> list[dict[str, str]]:
    """Return the kinds of documents that the employee's side may add, and last any other."""
    lang = presenting.language()
    found = [
        {"value": name, "label": view.package.text(f"document.{name}.label", lang)}
        for name in staff_documents.documents_for(view.package, view.side)
    ]
    return [*found, {"value": staff_documents.OTHER, "label": _("Something else")}]


def _request(view: CaseView, asked: Any) -> dict[str, Any]:
    names = [item_label(view.package, item) for item in asked.items]
    return {"asked": asked, "names": names, "open": asked.state == "open"}


def item_label(package: Package, item: Mapping[str, Any]) -> str:
    """Return the name of something that was asked for."""
    stem = {"document": "document", "confirmation": "party"}.get(item["kind"], "field")
    name = paths.without_rows(str(item["id"]))
    return package.texts.find(f"{stem}.{name}.label", presenting.language()) or name


def _decision(view: CaseView, beside: Beside, decision: Any) -> dict[str, Any]:
    newest = max(
        (d.sequence for d in view.decisions if d.term == decision.term), default=decision.sequence
    )
    return {
        "decision": decision,
        "standing": decision.sequence == newest,
        "correct_by": next(
            (day for term, day in beside.correctable if term.first == decision.term), None
        )
        if decision.sequence == newest
        else None,
    }


def _change(view: CaseView, change: Any) -> dict[str, Any]:
    lang = presenting.language()
    names = [view.package.texts.find(f"field.{f}.label", lang) or f for f in change.fields]
    return {"change": change, "names": names, "role": ROLES.get(change.role, change.role)}


def own_fields(view: CaseView) -> tuple[str, ...]:
    """Return the fields that the actor's side fills in, to be changed outside a task."""
    return tuple(
        spec.path
        for spec in view.package.fields.values()
        if spec.source == "caseworker" and view.side in spec.visible_to and spec.type != "list"
    )


def merge_rows(package: Package, conflict: Any) -> list[dict[str, Any]]:
    """Return the fields that two people changed, with the value before, theirs and one's own, in words."""
    lang = presenting.language()
    rows = []
    for both in conflict.fields:
        name = paths.field_path(both.field)
        spec = package.field_at(name)
        assert spec is not None  # the form was read by the package
        rows.append(
            {
                "label": package.text(f"field.{name}.label", lang),
                "id": element_id(both.field),
                "before": _said(package, spec, both.before),
                "theirs": _said(package, spec, both.theirs),
                "mine": _said(package, spec, both.mine),
            }
        )
    return rows


def _said(package: Package, spec: Field, value: Any) -> str:
    if value is None or value in ("", []):
        return _("Not answered")
    return wording.value_text(package, spec, value, presenting.language())
