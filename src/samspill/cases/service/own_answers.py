"""Answers and register facts of one application, for who asks for everything about themselves: others' things apart.

Own: the applicant's answers, each with where it is from, and what registers said of the applicant. Others': rows of a
household. The applicant has written them or was shown them, and may see the case's documents (forvaltningsloven § 18);
identity numbers are cut to the date of birth, and what registers said of each other person is theirs to ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from samspill.cases.domain import places, protection
from samspill.cases.service import views
from samspill.cases.service.wording import Line, answer_parts
from samspill.packages import service as packages

_APPLICANT = "applicant"
_BIRTH_DIGITS = 6


@attrs.frozen(kw_only=True)
class Told:
    """Answers and facts of an application, or of a draft, and what others' parts of it hold."""

    answers: list[dict[str, Any]]
    lines: tuple[tuple[str, str], ...]
    facts: dict[str, Any]
    others: list[dict[str, Any]]
    others_lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def told(
    package: packages.Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
    reasons: Mapping[str, Any],
    *,
    language: str,
    hides_places: bool,
) -> Told:
    """Return what an application holds, with the source of each answer, and others' parts for themselves."""
    if hides_places:
        answers = places.answers_without(answers, views.hidden_fields(package))
        facts = {
            name: {**one, "data": protection.without_places(one.get("data"))}
            for name, one in facts.items()
        }
    seen = {key: value for key, value in answers.items() if _is_seen(package, key)}
    own = {key: value for key, value in seen.items() if not _holds_persons(package, key)}
    theirs = {k: _without_unseen(package, k, value) for k, value in seen.items() if k not in own}
    found = {name: _own_fact(package, name, entry) for name, entry in facts.items()}
    return Told(
        answers=[_answer(package, k, v, facts, reasons, language) for k, v in own.items()],
        lines=tuple(_lines(package, own, language)),
        facts={name: one for name, one in found.items() if one is not None},
        others=[{"field": key, "rows": masked(value)} for key, value in theirs.items()],
        others_lines=tuple(_others_lines(package, theirs, language)),
    )


def _others_lines(
    package: packages.Package, theirs: Mapping[str, Any], language: str
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for part in answer_parts(package, theirs, language, masked=True):
        if not isinstance(part, Line):
            for name, lines in part.rows:
                yield name, tuple((line.label, line.text) for line in lines)


def row_about(
    package: packages.Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Mapping[str, Any]],
    number: str,
) -> dict[str, Any]:
    """Return what another's application holds about the person with this identity number, and nothing else of it."""
    found: dict[str, Any] = {"answers": [], "facts": {}}
    for field in package.fields.values():
        value = answers.get(field.id)
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, Mapping) and _is_number_of(field, row, number):
                found["answers"].append({"field": field.id, "row": dict(row)})
    for name, entry in facts.items():
        data = entry.get("data")
        mine = (
            [one for one in data if isinstance(one, Mapping) and one.get("person") == number]
            if isinstance(data, list)
            else []
        )
        if mine:
            found["facts"][name] = {**_when(entry), "data": mine}
    return found


def masked(value: Any) -> Any:
    """Return a value in which identity numbers are cut to the date of birth."""
    if isinstance(value, Mapping):
        return {
            key: _cut(one) if key == "national_id" else masked(one) for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    return value


def _of_person(data: Any, person: str) -> list[Any]:
    rows = data if isinstance(data, list) else []
    return [one for one in rows if isinstance(one, Mapping) and one.get("person") == person]


def _cut(number: Any) -> str:
    return f"{str(number)[:_BIRTH_DIGITS]}*****" if number else ""


def _is_seen(package: packages.Package, key: str) -> bool:
    field = package.fields.get(key)
    return field is not None and _APPLICANT in field.visible_to


def _holds_persons(package: packages.Package, key: str) -> bool:
    return package.fields[key].type == "list" and _number_fields(package.fields[key]) != []


def _number_fields(field: packages.Field) -> list[str]:
    return [sub.id for sub in field.fields.values() if sub.type == "national_id"]


def _is_number_of(field: packages.Field, row: Mapping[str, Any], number: str) -> bool:
    return any(str(row.get(key) or "") == number for key in _number_fields(field))


def _without_unseen(package: packages.Package, key: str, rows: Any) -> list[dict[str, Any]]:
    subs = package.fields[key].fields
    return [
        {
            name: value
            for name, value in row.items()
            if name in subs and _APPLICANT in subs[name].visible_to
        }
        for row in rows or []
        if isinstance(row, Mapping)
    ]


def _answer(
    package: packages.Package,
    key: str,
    value: Any,
    facts: Mapping[str, Mapping[str, Any]],
    reasons: Mapping[str, Any],
    language: str,
) -> dict[str, Any]:
    field = package.fields[key]
    return {
        "field": key,
        "label": package.texts.find(f"field.{key}.label", language) or key,
        "value": value,
        "why_needed": field.purpose,
        "source": _source(package, key, facts),
        "changed_because": reasons.get(key, ""),
    }


def _source(
    package: packages.Package, key: str, facts: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Say where a value is from: a register that fills the field and has answered, else who the package says."""
    for name, look in package.lookups.items():
        fills = any(target.partition(".")[0] == key for target in look.out)
        if fills and facts.get(name, {}).get("status") == "found":
            return {"kind": "register", "register": look.register, **_when(facts[name])}
    return {"kind": package.fields[key].source}


def _when(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"source": str(entry.get("source", "")), "fetched_at": str(entry.get("fetched_at", ""))}


def _lines(
    package: packages.Package, answers: Mapping[str, Any], language: str
) -> Iterator[tuple[str, str]]:
    for part in answer_parts(package, answers, language, masked=True):
        if isinstance(part, Line):
            yield part.label, part.text
        else:
            for name, inner in part.rows:
                yield (
                    f"{part.label}: {name}",
                    "; ".join(f"{one.label}: {one.text}" for one in inner),
                )


def _own_fact(
    package: packages.Package, name: str, entry: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return what a register said of the applicant; what it said of others, or of a whole household, is left out."""
    data, look = entry.get("data"), package.lookups.get(name)
    if look is None or any(not isinstance(out, str) for out in look.out.values()):
        return None
    if isinstance(data, list):
        data = _of_person(data, _APPLICANT)
    return {
        **_when(entry),
        "register": look.register,
        "status": entry.get("status", ""),
        "purpose": look.purpose,
        "legal_basis": look.legal_basis,
        "data": data,
    }
