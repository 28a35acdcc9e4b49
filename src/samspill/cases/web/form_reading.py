"""What was posted for one page of a form, read back: values, or the text as typed with what is wrong with it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from django.http import QueryDict
from django.utils.translation import gettext as _

from samspill.municipalities import service as municipalities
from samspill.packages.service import Field, Package, PageState

PARTS = {
    "address": ("street", "unit_no", "postal_code", "city", "municipality_no"),
    "person": ("name", "national_id"),
    "property": ("municipality_no", "cadastral_no", "property_no", "lease_no", "unit_no"),
}
_DIGITS = {"account", "national_id", "org_no"}
_REASON_LENGTH = 500


class Unreadable(ValueError):  # noqa: N818 - said to the applicant, not raised at a programmer
    """A text that is not what the field asks for; the message is for the applicant."""


@attrs.frozen(kw_only=True)
class Parsed:
    """What was posted: values by path, errors by path, what could not be read as typed, reasons by path."""

    values: dict[str, Any]
    errors: dict[str, str]
    typed: dict[str, Any]
    reasons: dict[str, str] = attrs.field(factory=dict)


def fingerprint(spec: Field, value: Any) -> str:
    """Give a short mark of a value as a form posts it, to tell whether a window has changed it."""
    if isinstance(value, Mapping):
        parts = PARTS.get(spec.type) or tuple(spec.fields)
        value = {part: value[part] for part in parts if value.get(part) not in (None, "")}
    elif isinstance(value, str):
        value = value.replace("\r\n", "\n").strip()
    written = _encode(value if value not in ("", [], (), {}) else None)
    return hashlib.sha256(written.encode()).hexdigest()[:12]


# Made once: `json.dumps` with options makes an encoder for every value.
_encode = json.JSONEncoder(sort_keys=True).encode


def known_before(posted: QueryDict) -> dict[str, str]:
    """Give the marks of the values that the window began with, by path."""
    pairs = (text.rpartition("=") for text in posted.getlist("_was"))
    return {path: mark for path, _sign, mark in pairs}


def parse(page: PageState, package: Package, posted: QueryDict) -> Parsed:
    """Read what was posted for the page's shown, editable fields; nothing else is taken."""
    parsed = Parsed(values={}, errors={}, typed={})
    shown = frozenset(posted.getlist("_shown"))  # what is not among them came to show since then
    for state in page.fields:
        spec = package.field_at(state.field)
        if spec is None or state.visible is not True or spec.type in {"list", "file"}:
            continue
        if state.editable == "no" or state.path not in shown:
            continue
        reason = posted.get(f"reason.{state.path}", "").strip()
        if reason:
            parsed.reasons[state.path] = reason[:_REASON_LENGTH]
        try:
            parsed.values[state.path] = _read(spec, state.path, posted)
        except Unreadable as error:
            parsed.errors[state.path] = str(error)
            parsed.typed[state.path] = _typed(spec, state.path, posted)
    return parsed


def _typed(spec: Field, path: str, posted: QueryDict) -> Any:
    if spec.type in PARTS:
        return {part: posted.get(f"{path}.{part}", "") for part in PARTS[spec.type]}
    if spec.type == "object":
        return {sub: posted.get(f"{path}.{sub}", "") for sub in spec.fields}
    return posted.get(path, "")


def _read(spec: Field, path: str, posted: QueryDict) -> Any:
    if spec.type == "choices":
        chosen = posted.getlist(path)
        return [option for option in spec.options if option in chosen] or None
    if spec.type in PARTS or spec.type == "object":
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
            part: _read_part(part, posted.get(f"{path}.{part}", "")) for part in PARTS[spec.type]
        }
    kept = {part: value for part, value in read.items() if value is not None}
    return kept or None


def _read_part(part: str, text: str) -> str | None:
    text = text.strip()
    return _municipality(text) if part == "municipality_no" and text else text or None


def _municipality(text: str) -> str:
    """Give the number of the municipality that a person named.

    Raises:
        Unreadable: no municipality has the name, or several do; then it says how to tell them apart.
    """
    if re.fullmatch(r"\d{4}", text):
        return text
    wanted = text.casefold().removesuffix("kommune").strip()
    hits = municipalities.search(text.removesuffix("kommune").strip())
    found = {
        now.number: now
        for hit in hits
        for now in (hit.became or (hit.municipality,))
        if wanted in {hit.matched.casefold(), now.name.casefold(), _full(now).casefold()}
    }
    if len(found) == 1:
        return next(iter(found))
    if found:
        several = ", ".join(_full(place) for place in found.values())
        raise Unreadable(
            _("There are several with this name. Write one of: %(names)s") % {"names": several}
        )
    near = ", ".join(dict.fromkeys(hit.municipality.name for hit in hits[:3]))
    if near:
        raise Unreadable(
            _("We know no municipality with this name. Did you mean %(names)s?") % {"names": near}
        )
    raise Unreadable(_("We know no municipality with this name. Check how it is written."))


def _full(place: municipalities.Municipality) -> str:
    return f"{place.name} ({place.county})"


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
    bare = re.sub(r"[\s\u00a0]|nok|kr\.?|,-", "", text.lower()).replace("\u2212", "-")
    if re.fullmatch(
        r"-?\d{1,3}([.,])\d{3}(\1\d{3})*", bare
    ):  # 14.500 or 14,500, as it is often written
        bare = re.sub(r"[.,]", "", bare)
    bare = bare.replace(",", ".")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", bare):
        example = "8200" if spec.type == "amount" else _("2.5")
        raise Unreadable(_("Write a number, for example %(example)s.") % {"example": example})
    value = float(bare)
    return int(value) if value.is_integer() else value


def _read_date(spec: Field, text: str) -> str:
    del spec
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y"):
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
