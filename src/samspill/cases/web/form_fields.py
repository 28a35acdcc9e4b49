"""One page of a form: drawn from the package's definition, and read back from what was posted.

Names of form fields are paths (`rent`, `members[0].born`); rows and documents are numbered, never named by a
person. What cannot be read as its type comes back with the text as it was typed and an error beside it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.packages.service import CheckItem, Field, FieldState, Package, PageState

_PARTS = {
    "address": ("street", "unit_no", "postal_code", "city", "municipality_no"),
    "person": ("name", "national_id"),
    "property": ("municipality_no", "cadastral_no", "property_no", "lease_no", "unit_no"),
}
_DIGITS = {"account", "national_id", "org_no"}
_LONG_TEXT = 300


class Unreadable(ValueError):  # noqa: N818 - said to the applicant, not raised at a programmer
    """A text that is not what the field asks for; the message is for the applicant."""


@attrs.frozen(kw_only=True)
class Parsed:
    """What was posted: values by path, errors by path, and the texts as typed for what could not be read."""

    values: dict[str, Any]
    errors: dict[str, str]
    typed: dict[str, str]


@attrs.frozen(kw_only=True)
class Drawing:
    """What drawing a page needs to know besides the page itself."""

    package: Package
    language: str
    save_url: str = ""
    sources: Mapping[str, str] = attrs.field(factory=dict)
    parsed: Parsed | None = None
    show_missing: bool = False
    read_only: bool = False


# ── drawing ───────────────────────────────────────────────────────────────────────────────


def draw(page: PageState, drawing: Drawing) -> list[dict[str, Any]]:
    """Return the page's blocks in order: a field, or the rows of a list (`kind` tells which)."""
    blocks: list[dict[str, Any]] = []
    rows: dict[str, Any] | None = None
    for state in page.fields:
        spec = drawing.package.field_at(state.field)
        if spec is None or state.visible is not True:
            continue
        if spec.type == "list":
            rows = _rows_block(state, spec, drawing)
            blocks.append(rows)
        elif rows is not None and state.path.startswith(f"{rows['name']}["):
            _row(rows, state.row or 0, drawing)["fields"].append(_field(state, spec, drawing))
        else:
            blocks.append({"kind": "field", **_field(state, spec, drawing)})
    return blocks


def _rows_block(state: FieldState, spec: Field, drawing: Drawing) -> dict[str, Any]:
    count = len(state.value or ())
    block = {
        "kind": "rows",
        "name": state.path,
        "label": state.label,
        "help": _text(drawing, spec, "hint"),
        "add_label": _text(drawing, spec, "add") or _("Add one more"),
        "may_add": not drawing.read_only and (spec.max_items is None or count < spec.max_items),
        "error": _error(state, drawing),
        "rows": [],
    }
    for number in range(count):
        _row(block, number, drawing)
    return block


def _row(block: dict[str, Any], number: int, drawing: Drawing) -> dict[str, Any]:
    rows: list[dict[str, Any]] = block["rows"]
    while len(rows) <= number:
        at = len(rows)
        rows.append({"number": at + 1, "name": f"{block['name']}[{at}]", "fields": [],
                     "may_remove": not drawing.read_only})  # fmt: skip
    return rows[number]


def _field(state: FieldState, spec: Field, drawing: Drawing) -> dict[str, Any]:
    typed = drawing.parsed.typed if drawing.parsed else {}
    value = typed.get(state.path, state.value)
    error = _error(state, drawing)
    read_only = drawing.read_only or state.editable == "no"
    return {
        "name": state.path,
        "id": element_id(state.path),
        "type": _widget(spec),
        "label": state.label,
        "help": " ".join(t for w in ("why", "hint") if (t := _text(drawing, spec, w))),
        "required": state.required,
        "value": value,
        "values": value if isinstance(value, list | tuple) else (),
        "options": _options(spec, drawing),
        "parts": _parts(state, spec, drawing, read_only=read_only),
        "unit": _text(drawing, spec, "unit"),
        "max_length": spec.max_length,
        "readonly": read_only,
        "error": error["text"] if error and error["level"] == "error" else "",
        "warning": error["text"] if error and error["level"] == "warning" else "",
        "source": drawing.sources.get(state.lookup or "")
        if state.register_value is not None
        else "",
        "differs": state.differs,
        "register_value": state.register_value,
        "save_url": drawing.save_url,
    }


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
    state: FieldState, spec: Field, drawing: Drawing, *, read_only: bool
) -> list[dict[str, Any]]:
    if spec.type == "object":
        subs = [(sub.id, sub.type, drawing.package.text(f"field.{sub.path}.label", drawing.language))
                for sub in spec.fields.values()]  # fmt: skip
    else:
        subs = [(part, "text", _part_label(part)) for part in _PARTS.get(spec.type, ())]
    whole = state.value if isinstance(state.value, Mapping) else {}
    return [
        {
            "name": f"{state.path}.{part}",
            "part": part,
            "id": element_id(f"{state.path}.{part}"),
            "type": kind,
            "label": label,
            "value": whole.get(part, ""),
            "required": state.required,
            "readonly": read_only,
            "save_url": drawing.save_url,
        }
        for part, kind, label in subs
    ]


def _part_label(part: str) -> str:
    return {
        "street": _("Street and number"),
        "unit_no": _("Unit number (for example H0201)"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "municipality_no": _("Municipality number"),
        "name": _("Name"),
        "national_id": _("National identity number (11 digits)"),
        "cadastral_no": _("Cadastral number"),
        "property_no": _("Property number"),
        "lease_no": _("Lease number"),
    }[part]


def _text(drawing: Drawing, spec: Field, what: str) -> str:
    return drawing.package.texts.find(f"field.{spec.path}.{what}", drawing.language) or ""


def _error(state: FieldState, drawing: Drawing) -> dict[str, str] | None:
    if drawing.parsed and state.path in drawing.parsed.errors:
        return {"level": "error", "text": drawing.parsed.errors[state.path]}
    if state.error is not None:
        text = check_text(state.error, drawing.package, drawing.language)
        return {"level": state.error.level, "text": text}
    if drawing.show_missing and state.required and not state.answered:
        return {
            "level": "error",
            "text": _("Answer this: %(question)s") % {"question": state.label},
        }
    return None


def check_text(item: CheckItem, package: Package, language: str) -> str:
    """Return what is wrong, in words: the package's own, else by the rule that was broken."""
    del package, language
    if item.text:
        return item.text
    text = _BROKEN.get(item.id, gettext_lazy("This cannot be right. Look at it once more."))
    return str(text) % {"limit": item.limit}


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


# ── reading ───────────────────────────────────────────────────────────────────────────────


def parse(page: PageState, package: Package, posted: QueryDict) -> Parsed:
    """Read what was posted for the page's shown, editable fields; nothing else is taken."""
    parsed = Parsed(values={}, errors={}, typed={})
    for state in page.fields:
        spec = package.field_at(state.field)
        if spec is None or state.visible is not True or spec.type in {"list", "file"}:
            continue
        if state.editable == "no" or not _was_shown(state.path, posted):
            continue
        try:
            parsed.values[state.path] = _read(spec, state.path, posted)
        except Unreadable as error:
            parsed.errors[state.path] = str(error)
            parsed.typed[state.path] = posted.get(state.path, "")
    return parsed


def _was_shown(path: str, posted: QueryDict) -> bool:
    """Tell whether the field was on the page that was posted: it may have come to show since then."""
    return path in posted.getlist("_shown")


def _read(spec: Field, path: str, posted: QueryDict) -> Any:
    if spec.type == "choices":
        chosen = posted.getlist(path)
        return [option for option in spec.options if option in chosen] or None
    if spec.type in _PARTS or spec.type == "object":
        return _read_parts(spec, path, posted)
    text = posted.get(path, "").strip()
    if not text:
        return None
    return _READERS.get(spec.type, _read_text)(spec, text)


def _read_parts(spec: Field, path: str, posted: QueryDict) -> dict[str, Any] | None:
    if spec.type == "object":
        read = {sub.id: _read(sub, f"{path}.{sub.id}", posted) for sub in spec.fields.values()}
    else:
        read = {
            part: posted.get(f"{path}.{part}", "").strip() or None for part in _PARTS[spec.type]
        }
    kept = {part: value for part, value in read.items() if value is not None}
    return kept or None


def _read_text(spec: Field, text: str) -> str:
    if spec.type in _DIGITS:
        return re.sub(r"[\s.]", "", text)
    return text.replace("\r\n", "\n")


def _read_integer(spec: Field, text: str) -> int:
    del spec
    try:
        return int(re.sub(r"\s", "", text))
    except ValueError:
        raise Unreadable(_("Write a whole number with digits only, for example 3.")) from None


def _read_number(spec: Field, text: str) -> float | int:
    bare = re.sub(r"[\s\u00a0]|kr\.?|,-", "", text.lower())
    bare = bare.replace(",", ".") if "," in bare else bare
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", bare):
        example = "8200" if spec.type == "amount" else "2,5"
        raise Unreadable(_("Write a number, for example %(example)s.") % {"example": example})
    value = float(bare)
    return int(value) if value.is_integer() else value


def _read_date(spec: Field, text: str) -> str:
    del spec
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        try:
            return dt.datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            continue
    raise Unreadable(_("Write a date as day, month and year, for example 01.08.2026."))


def _read_boolean(spec: Field, text: str) -> bool:
    del spec
    return text == "true"


def _read_choice(spec: Field, text: str) -> str:
    if spec.options and text not in spec.options:
        raise Unreadable(_("Choose one of the answers."))
    return text


_READERS: dict[str, Callable[[Field, str], Any]] = {
    "integer": _read_integer,
    "decimal": _read_number,
    "amount": _read_number,
    "date": _read_date,
    "boolean": _read_boolean,
    "choice": _read_choice,
}
