"""The answers' JSON Schema (2020-12), generated from data.yaml, and what it finds wrong in answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import jsonschema_rs
from attrs import frozen

from samspill.kernel.ids import NationalId, is_org_no
from samspill.packages.domain import model

_ACCOUNT_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ACCOUNT_LENGTH: Final = 11
_DEFAULT_LENGTH: Final = 4000
_TEXT_PARTS: Final = {"type": "string", "maxLength": 200}


@frozen
class Wrong:
    """One wrong answer: where (`members[0].born`), which rule it breaks, and the limit."""

    path: str
    code: str
    limit: Any = None


def is_account_no(text: str) -> bool:
    """Tell whether a Norwegian account number's check digit is right (MOD11; blanks and dots are tolerated).

    >>> is_account_no("1234 56 78903"), is_account_no("12345678901")
    (True, False)
    """
    digits = text.replace(" ", "").replace(".", "")
    if len(digits) != _ACCOUNT_LENGTH or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(d) * weight for d, weight in zip(digits, _ACCOUNT_WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(digits[-1])


def _is_national_id(text: str) -> bool:
    return isinstance(NationalId.parse(text, allow_synthetic=True, allow_real=True), NationalId)


FORMATS: Final = {"national-id": _is_national_id, "org-no": is_org_no, "account-no": is_account_no}


def json_schema(package: model.Package, language: str = "nb") -> dict[str, Any]:
    """Return the schema of complete answers, with titles in a language, for those who integrate."""
    properties = {
        name: {"title": package.text(f"field.{spec.path}.label", language), **of_field(spec)}
        for name, spec in package.fields.items()
        if not spec.retired
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:samspill:package:{package.id}:{package.version}:answers",
        "title": package.text("service.title", language),
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def of_field(spec: model.Field) -> dict[str, Any]:
    """Return the schema of one field's answer."""
    if spec.type in ("list", "object"):
        return _nested(spec)
    return {**_BY_TYPE[spec.type], **_limits(spec)}


def _nested(spec: model.Field) -> dict[str, Any]:
    row = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: of_field(sub) for name, sub in spec.fields.items()},
    }
    if spec.type == "object":
        return row
    limits = {"minItems": spec.min_items, "maxItems": spec.max_items or 100}
    return {"type": "array", "items": row, **{k: v for k, v in limits.items() if v is not None}}


def _limits(spec: model.Field) -> dict[str, Any]:
    if spec.type == "choice":
        return {"enum": list(spec.options)} if spec.options else {"maxLength": 60}
    if spec.type == "choices":
        item = {"enum": list(spec.options)} if spec.options else {"type": "string", "maxLength": 60}
        return {"items": item}
    if spec.type == "text":
        found: dict[str, Any] = {"maxLength": spec.max_length or _DEFAULT_LENGTH}
        return {**found, "pattern": f"^(?:{spec.pattern})$"} if spec.pattern else found
    if spec.type in ("integer", "decimal", "amount"):
        limits = {"minimum": spec.min, "maximum": spec.max}
        return {name: limit for name, limit in limits.items() if limit is not None}
    return {}


def _object(required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


_BY_TYPE: Final[Mapping[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer", "minimum": -(10**12), "maximum": 10**12},
    "decimal": {"type": "number", "minimum": -1e12, "maximum": 1e12},
    "amount": {"type": "number", "minimum": -1e12, "maximum": 1e12, "multipleOf": 0.01},
    "date": {"type": "string", "format": "date"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "choices": {"type": "array", "uniqueItems": True},
    "national_id": {"type": "string", "format": "national-id"},
    "org_no": {"type": "string", "format": "org-no"},
    "account": {"type": "string", "format": "account-no"},
    "file": {"type": "string", "maxLength": 100},
    "person": _object(
        ("national_id",), national_id={"type": "string", "format": "national-id"}, name=_TEXT_PARTS
    ),
    "address": _object(
        ("street", "postal_code", "city"),
        street=_TEXT_PARTS,
        postal_code={"type": "string", "pattern": "^[0-9]{4}$"},
        city=_TEXT_PARTS,
        municipality_no={"type": "string", "pattern": "^[0-9]{4}$"},
        unit_no={"type": "string", "maxLength": 10},
        address_id={"type": "string", "maxLength": 60},
    ),
    "property": _object(
        ("municipality_no", "cadastral_no", "property_no"),
        municipality_no={"type": "string", "pattern": "^[0-9]{4}$"},
        cadastral_no={"type": "integer", "minimum": 1},
        property_no={"type": "integer", "minimum": 1},
        lease_no={"type": "integer", "minimum": 0},
        unit_no={"type": "string", "maxLength": 10},
    ),
}


@frozen(eq=False)
class AnswerValidator:
    """Finds what is wrong in answers; unanswered is not wrong here."""

    schema: Any
    dated: tuple[model.Field, ...]

    @classmethod
    def of(cls, package: model.Package) -> AnswerValidator:
        """Build it from a package."""
        schema = json_schema(package)
        for spec in package.fields.values():  # an answer to a retired question is kept, not judged
            if spec.retired:
                schema["properties"][spec.id] = True
        validator = jsonschema_rs.Draft202012Validator(
            schema, formats=dict(FORMATS), validate_formats=True
        )
        return cls(validator, tuple(_dated(package.fields.values())))

    def wrong(self, answers: Mapping[str, Any], on: dt.date) -> Iterator[Wrong]:
        """Give each wrong answer."""
        for error in self.schema.iter_errors(dict(answers)):
            path = list(error.instance_path)
            name = str(error.kind.name)
            if name == "additionalProperties":
                for key in error.kind.unexpected:
                    yield Wrong(join([*path, key]), "unknown_field")
            else:
                yield Wrong(join(path), name, error.kind.as_dict().get("limit"))
        for spec in self.dated:
            for path_text, value in values_at(answers, spec.path):
                yield from _wrong_date(spec, path_text, value, on)


def _dated(fields: Any) -> Iterator[model.Field]:
    for spec in fields:
        if spec.type == "date" and (spec.min is not None or spec.max is not None):
            yield spec
        yield from _dated(spec.fields.values())


def _wrong_date(spec: model.Field, path: str, value: Any, on: dt.date) -> Iterator[Wrong]:
    day = on.isoformat()
    low = day if spec.min == "on" else spec.min
    high = day if spec.max == "on" else spec.max
    if isinstance(value, str) and isinstance(low, str) and value < low:
        yield Wrong(path, "too_early", low)
    if isinstance(value, str) and isinstance(high, str) and value > high:
        yield Wrong(path, "too_late", high)


def values_at(answers: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """Give every value of a dotted path with its place: `members.born` is at `members[0].born` and on.

    >>> list(values_at({"m": [{"a": 1}, {}]}, "m.a"))
    [('m[0].a', 1)]
    """
    head, _, rest = path.partition(".")
    value = answers.get(head)
    if not rest:
        if value is not None:
            yield head, value
        return
    inside = [(head, value)] if isinstance(value, Mapping) else []
    if isinstance(value, list):
        inside = [
            (f"{head}[{at}]", row) for at, row in enumerate(value) if isinstance(row, Mapping)
        ]
    for place, row in inside:
        for sub, found in values_at(row, rest):
            yield f"{place}.{sub}", found


def join(parts: Sequence[str | int]) -> str:
    """Write a place: `["members", 0, "born"]` → `members[0].born`.

    >>> join(["members", 0, "born"])
    'members[0].born'
    """
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
