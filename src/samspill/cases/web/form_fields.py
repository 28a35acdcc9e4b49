"""One page of a form, drawn from the package's definition: values for the templates, no HTML.

Names of form fields are paths (`rent`, `members[0].born`); rows and documents are numbered, never named by a
person. What a register said is shown in words with its source; what may not be changed is never an input.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.cases.service import wording
from samspill.cases.web.form_reading import PARTS, Parsed, Unreadable, fingerprint, parse
from samspill.packages.service import CheckItem, Field, FieldState, Package, PageState

__all__ = ["Drawing", "Parsed", "Unreadable", "check_text", "draw", "element_id", "parse"]

_LONG_TEXT = 300
_OPTIONAL_PARTS = {"unit_no", "lease_no", "national_id"}
_AUTOCOMPLETE = {"street": "street-address", "postal_code": "postal-code", "city": "address-level2"}


@attrs.frozen(kw_only=True)
class Drawing:
    """What drawing a page needs to know besides the page itself.

    `overrides` are values to show instead of the saved ones; `hidden` are fields that are not drawn at all;
    `masked` hides the last digits of identity numbers in words.
    """

    package: Package
    language: str
    save_url: str = ""
    sources: Mapping[str, str] = attrs.field(factory=dict)
    parsed: Parsed | None = None
    show_missing: bool = False
    read_only: bool = False
    overrides: Mapping[str, Any] = attrs.field(factory=dict)
    reasons: Mapping[str, str] = attrs.field(factory=dict)
    hidden: frozenset[str] = frozenset()
    masked: bool = False


def draw(page: PageState, drawing: Drawing) -> list[dict[str, Any]]:
    """Return the page's blocks in order: a field, or the rows of a list (`kind` tells which)."""
    blocks: list[dict[str, Any]] = []
    rows: dict[str, Any] | None = None
    for state, spec in _shown_states(page, drawing):
        if spec.type == "list":
            rows = _rows_block(state, spec, drawing)
            blocks.append(rows)
        elif rows is not None and state.path.startswith(f"{rows['name']}["):
            _put_in_row(rows["rows"][state.row or 0], _field(state, spec, drawing))
        else:
            blocks.append({"kind": "field", **_field(state, spec, drawing)})
    return blocks


def _shown_states(page: PageState, drawing: Drawing) -> Iterator[tuple[FieldState, Field]]:
    for state in page.fields:
        spec = drawing.package.field_at(state.field)
        if spec is not None and state.visible is True and state.field not in drawing.hidden:
            yield state, spec


def drawn_states(page: PageState, drawing: Drawing) -> Iterator[tuple[FieldState, Field]]:
    """Walk the fields that `draw` draws, those of rows too, without drawing them."""
    return (pair for pair in _shown_states(page, drawing) if pair[1].type != "list")


def is_read_only(state: FieldState, spec: Field, drawing: Drawing) -> bool:
    """Tell whether a field is shown in words and not as an input."""
    if drawing.read_only or state.editable == "no":
        return True
    from_register = state.register_value is not None
    return spec.type == "national_id" and from_register and not state.differs


def inputs_of(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the paths of the fields that are drawn as inputs: what the page may post."""
    return [field["name"] for field in all_fields(blocks) if not field["readonly"]]


def all_fields(blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Walk the fields of a page, those of rows too."""
    for block in blocks:
        if block["kind"] == "field":
            yield dict(block)
            continue
        for row in block["rows"]:
            yield from row["fields"]


def _rows_block(state: FieldState, spec: Field, drawing: Drawing) -> dict[str, Any]:
    rows = list(state.value or ())
    one = _text(drawing, spec, "one")
    return {
        "kind": "rows",
        "name": state.path,
        "id": element_id(state.path),
        "label": state.label,
        "help": _text(drawing, spec, "hint"),
        "add_label": _text(drawing, spec, "add") or _("Add one more"),
        "may_add": not drawing.read_only and (spec.max_items is None or len(rows) < spec.max_items),
        "error": wrong_in(state, drawing),
        "rows": [
            {
                "number": number,
                "name": f"{state.path}[{number - 1}]",
                "id": element_id(f"{state.path}[{number - 1}]"),
                "title": wording.row_name(drawing.package, spec, row, number, drawing.language),
                "one": one,
                "fields": [],
                "known": [],
                "correct": [],
                "asked": [],
                "source": "",
                "open": False,
                "may_remove": not drawing.read_only,
            }
            for number, row in enumerate(rows, start=1)
        ],
    }


def _put_in_row(row: dict[str, Any], field: dict[str, Any]) -> None:
    """Place a field in its row: what a register said is told in words first, and can be corrected apart."""
    row["fields"].append(field)
    if not field["from_register"]:
        row["asked"].append(field)
        return
    row["may_remove"] = False
    if field["type"] != "national_id" and field["text"] != row["title"]:
        row["known"].append(field)
    row["source"] = row["source"] or field["source"]
    if not field["readonly"]:
        row["correct"].append(field)
        row["open"] = row["open"] or bool(field["error"])


def _field(state: FieldState, spec: Field, drawing: Drawing) -> dict[str, Any]:
    value = _shown_value(state, drawing)
    found, level = wrong_in(state, drawing), ""
    if found:
        level = found["level"]
    from_register = state.register_value is not None
    read_only = is_read_only(state, spec, drawing)
    drawn = {
        "name": state.path,
        "id": element_id(state.path),
        "type": _widget(spec),
        "label": state.label,
        "help": " ".join(t for w in ("why", "hint") if (t := _text(drawing, spec, w))),
        "required": state.required,
        "value": value,
        "words": functools.partial(_words, drawing, spec),
        "text": _words(drawing, spec, value),
        "values": value if isinstance(value, list | tuple) else (),
        "options": _options(spec, drawing),
        "parts": _parts(state, spec, drawing, value, read_only=read_only),
        "unit": _text(drawing, spec, "unit"),
        "max_length": spec.max_length,
        "readonly": read_only,
        "error": found["text"] if found and level == "error" else "",
        "warning": found["text"] if found and level == "warning" else "",
        "source": drawing.sources.get(state.lookup or "", "") if from_register else "",
        "mark": fingerprint(spec, state.value),
        "from_register": from_register,
        "differs": state.differs,
        "register_value": state.register_value,
        "register_text": _words(drawing, spec, state.register_value) if state.differs else "",
        "needs_reason": from_register and state.editable == "with_reason" and not drawing.read_only,
        "reason": _reason(state, drawing),
        "reason_name": f"reason.{state.path}",
        "save_url": drawing.save_url,
    }
    return {**drawn, "told": {**drawn, "id": f"{drawn['id']}-register"}}


def _shown_value(state: FieldState, drawing: Drawing) -> Any:
    typed = drawing.parsed.typed if drawing.parsed else {}
    return typed.get(state.path, drawing.overrides.get(state.path, state.value))


def _reason(state: FieldState, drawing: Drawing) -> str:
    posted = drawing.parsed.reasons if drawing.parsed else {}
    return posted.get(state.path) or drawing.reasons.get(state.path, "")


def _words(drawing: Drawing, spec: Field, value: Any) -> str:
    if value is None or value in ("", [], ()):
        return ""
    masked = drawing.masked or (spec.type == "national_id" and not drawing.read_only)
    return wording.value_text(drawing.package, spec, value, drawing.language, masked=masked)


def _widget(spec: Field) -> str:
    if spec.type == "text" and (spec.max_length or 0) > _LONG_TEXT:
        return "longtext"
    return "object" if spec.type in {"person", "property"} else spec.type


def _options(spec: Field, drawing: Drawing) -> list[dict[str, str]]:
    return [
        {
            "value": option,
            "label": drawing.package.text(f"field.{spec.path}.option.{option}", drawing.language),
        }
        for option in spec.options
    ]


def _parts(
    state: FieldState, spec: Field, drawing: Drawing, value: Any, *, read_only: bool
) -> list[dict[str, Any]]:
    if spec.type == "object":
        subs = [(sub.id, sub.type, drawing.package.text(f"field.{sub.path}.label", drawing.language))
                for sub in spec.fields.values()]  # fmt: skip
    else:
        subs = [(part, "text", _part_label(part)) for part in PARTS.get(spec.type, ())]
    whole = value if isinstance(value, Mapping) else {}
    return [
        {
            "name": f"{state.path}.{part}",
            "part": part,
            "id": element_id(f"{state.path}.{part}"),
            "type": kind,
            "label": label,
            "value": _part_value(part, whole.get(part)),
            "required": state.required and part not in _OPTIONAL_PARTS,
            "readonly": read_only,
            "autocomplete": _AUTOCOMPLETE.get(part, "off"),
            "save_url": "",
        }
        for part, kind, label in subs
    ]


def _part_value(part: str, value: Any) -> Any:
    """Show a municipality by its name; everything else as it is."""
    if part == "municipality_no" and value:
        return wording.municipality_name(str(value)) or value
    return "" if value is None else value


_PART_LABELS = {
    "street": gettext_lazy("Street and number"),
    "unit_no": gettext_lazy("Unit number (for example H0201)"),
    "postal_code": gettext_lazy("Postal code"),
    "city": gettext_lazy("City"),
    "municipality_no": gettext_lazy("Municipality"),
    "name": gettext_lazy("Name"),
    "national_id": gettext_lazy("National identity number (11 digits)"),
    "cadastral_no": gettext_lazy("Cadastral number"),
    "property_no": gettext_lazy("Property number"),
    "lease_no": gettext_lazy("Lease number"),
}


def _part_label(part: str) -> str:
    return str(_PART_LABELS[part])


def _text(drawing: Drawing, spec: Field, what: str) -> str:
    return drawing.package.texts.find(f"field.{spec.path}.{what}", drawing.language) or ""


def wrong_in(state: FieldState, drawing: Drawing) -> dict[str, str] | None:
    """Return what is wrong with a field as it is drawn (`level`, `text`), or None."""
    if drawing.parsed and state.path in drawing.parsed.errors:
        return {"level": "error", "text": drawing.parsed.errors[state.path]}
    if state.error is not None:
        text = check_text(state.error, drawing.package, drawing.language)
        return {"level": state.error.level, "text": text}
    if drawing.show_missing and state.required and not state.answered:
        return {"level": "error", "text": _("Answer this question.")}
    return None


def check_text(item: CheckItem, package: Package, language: str) -> str:
    """Return what is wrong, in words: the package's own, else by the rule that was broken."""
    del package, language
    if item.text:
        return item.text
    text = _BROKEN.get(item.id, gettext_lazy("This cannot be right. Look at it once more."))
    limit = wording.day_text(item.limit) if item.id in _DATES else item.limit
    return str(text) % {"limit": limit}


_DATES = {"too_early", "too_late"}
_BROKEN = {
    "minimum": gettext_lazy("This must be at least %(limit)s."),
    "maximum": gettext_lazy("This must be at most %(limit)s."),
    "maxLength": gettext_lazy("Write at most %(limit)s characters."),
    "too_early": gettext_lazy("The date cannot be before %(limit)s."),
    "too_late": gettext_lazy("The date cannot be after %(limit)s."),
    "minItems": gettext_lazy("Give at least %(limit)s."),
    "maxItems": gettext_lazy("Give at most %(limit)s."),
    "pattern": gettext_lazy("This is not written as it should be."),
    "format": gettext_lazy("A digit is wrong or missing. Check the number."),
}


def element_id(path: str) -> str:
    """Return the id of a field's element: `members[0].born` → `f-members-0-born`."""
    return "f-" + re.sub(r"[^a-z0-9_]+", "-", path.lower()).strip("-")
