"""What registers said becomes answers, by the `out` of registers.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from samspill.packages.domain import model
from samspill.packages.domain.cel_run import Expression, World
from samspill.packages.domain.compiling import Compiled, compile_package
from samspill.packages.domain.worlds import (
    bare_world,
    known,
    row_world,
    situation_on,
    world_of,
)

APPLICANT = "applicant"


def prefill(
    package: model.Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    lookups: Collection[str] | None = None,
) -> dict[str, Any]:
    """Return the answers with what the replies know filled in.

    A field that must not be edited takes the reply's value; another one is filled only when it is
    unanswered. Rows are matched by the list's key; a row the register does not have stays. `lookups` limits
    which replies are used (all when left out).
    """
    compiled = compile_package(package)
    filled = dict(answers)
    for name, lookup in package.lookups.items():
        if facts.get(name) is None or (lookups is not None and name not in lookups):
            continue
        for target, out in lookup.out.items():
            if isinstance(out, model.ListOut):
                _fill_list(compiled, lookup, target, filled, facts, on)
            else:
                _fill_field(package, lookup, target, out, filled, facts[name])
    return filled


def register_value(
    compiled: Compiled, path: str, row_key: str | None, facts: Mapping[str, Any]
) -> tuple[str | None, Any]:
    """Find what a register says about a field (of a row).

    The lookup's name and the value (None when it says nothing).
    """
    source: str | None = None
    for name, out in compiled.register_sources.get(path, ()):
        source, reply = source or name, facts.get(name)
        if reply is None:
            continue
        lookup = compiled.package.lookups[name]
        if isinstance(out, model.ListOut):
            value = _row_value(reply, lookup, out, path.partition(".")[2], row_key)
        else:
            value = value_at(reply_about(lookup, reply, row_key), out)
        if value is not None:
            return name, value
    return source, None


def _row_value(
    reply: Any, lookup: model.Lookup, out: model.ListOut, sub: str, row_key: str | None
) -> Any:
    if row_key is None:
        return None
    for row in _reply_rows(lookup, reply, out):
        if str(value_at(row, out.fields.get(out.key, out.key))) == row_key:
            return value_at(row, out.fields[sub])
    return None


def reply_about(lookup: model.Lookup, reply: Any, row_key: str | None) -> Any:
    """Give the part of a reply that is about the applicant, or about the person of a row."""
    if lookup.single:
        return None if row_key else reply
    wanted = row_key or APPLICANT
    rows = reply if isinstance(reply, list) else []
    return next(
        (one for one in rows if isinstance(one, dict) and one.get("person") == wanted), None
    )


def beside_register(
    package: model.Package,
    lookup: model.Lookup,
    target: str,
    answers: Mapping[str, Any],
    reply: Any,
) -> dict[str | None, tuple[Any, Any]]:
    """Pair the answers of a field that a lookup fills with what its reply says (None: nothing).

    One pair under None, or in a list one for each row under the row's key; a row without a key is left out.
    """
    source = lookup.out[target]
    head, _, sub = target.partition(".")
    spec, value = package.fields.get(head), answers.get(head)
    if not isinstance(source, str):
        return {}
    if not sub or spec is None or spec.type != "list":
        answer = value.get(sub) if sub and isinstance(value, Mapping) else value
        return {None: (answer, value_at(reply_about(lookup, reply, None), source))}
    rows = [row for row in value or [] if isinstance(row, Mapping)]
    return {
        key: (row.get(sub), value_at(reply_about(lookup, reply, key), source))
        for row in rows
        if (key := row_key_of(spec, row))
    }


def value_at(tree: Any, path: str) -> Any:
    """Follow a dotted path; None when it ends early.

    >>> value_at({"name": {"full": "Kari"}}, "name.full")
    'Kari'
    """
    for key in path.split("."):
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree


def _fill_field(
    package: model.Package,
    lookup: model.Lookup,
    target: str,
    path: str,
    filled: dict[str, Any],
    reply: Any,
) -> None:
    head, _, sub = target.partition(".")
    spec = package.fields.get(head)
    if sub and spec is not None and spec.type == "list":
        rows = [dict(row) for row in filled.get(head) or [] if isinstance(row, Mapping)]
        for row in rows:
            key = row_key_of(spec, row)
            value = value_at(reply_about(lookup, reply, key), path) if key else None
            _put(row, sub, fitted(spec.fields.get(sub), value), lookup)
        if rows:
            filled[head] = rows
        return
    value = fitted(package.field_at(target), value_at(reply_about(lookup, reply, None), path))
    if not sub:
        _put(filled, head, value, lookup)
    else:
        inner = dict(filled.get(head) or {})
        _put(inner, sub, value, lookup)
        filled[head] = inner


_ADDRESS_KEYS = ("street", "postal_code", "city", "municipality_no", "unit_no", "address_id")


def fitted(spec: model.Field | None, value: Any) -> Any:
    """Leave of a reply's value what the field can hold (a register's address has more keys than an answer)."""
    if spec is not None and spec.type == "address" and isinstance(value, Mapping):
        return {key: value[key] for key in _ADDRESS_KEYS if value.get(key) is not None}
    return value


def _put(into: dict[str, Any], key: str, value: Any, lookup: model.Lookup) -> None:
    if value is not None and (lookup.editable == "no" or into.get(key) in (None, "")):
        into[key] = value


def row_key_of(spec: model.Field, row: Mapping[str, Any]) -> str | None:
    """Give the key of a row as text, or None when it is not filled in."""
    value = row.get(spec.key) if spec.key else None
    return str(value) if value not in (None, "") else None


def row_name_of(
    spec: model.Field, row: Mapping[str, Any], number: int, names: Mapping[str, str]
) -> str:
    """Give what a row is called in the id of a document, a task or a confirmation: never an identity number.

    Args:
        spec: the list.
        row: its answers.
        number: its place in the list, from 0.
        names: the caller's own ids of persons, by identity number.

    The row's key, unless it is an identity number: then the caller's own id of the person, or the row's place
    when there is none.
    """
    key = row_key_of(spec, row)
    if key is None:
        return str(number)
    sub = spec.fields.get(spec.key or "")
    if sub is not None and sub.type == "national_id":
        return names.get(key, str(number))
    return key


def _reply_rows(
    lookup: model.Lookup, reply: Any, out: model.ListOut
) -> Iterator[Mapping[str, Any]]:
    found = value_at(reply_about(lookup, reply, None), out.list)
    if isinstance(found, list):
        yield from (row for row in found if isinstance(row, Mapping))


def _fill_list(
    compiled: Compiled,
    lookup: model.Lookup,
    target: str,
    filled: dict[str, Any],
    facts: Mapping[str, Any],
    on: dt.date,
) -> None:
    out = lookup.out[target]
    assert isinstance(out, model.ListOut)
    spec = compiled.package.fields[target]
    rows = [dict(row) for row in filled.get(target) or [] if isinstance(row, Mapping)]
    by_key = {row_key_of(spec, row): row for row in rows}
    where = compiled.at("registers.yaml", "lookups", lookup.name, "out", target, "where")
    world = _world_for(where, compiled, filled, facts, on)
    for reply_row in _reply_rows(lookup, facts[lookup.name], out):
        if where is not None and where.ask(world.at(known(reply_row))) is not True:
            continue
        key = value_at(reply_row, out.fields.get(out.key, out.key))
        row = by_key.get(str(key)) if key is not None else None
        if row is None:
            row = {}
            rows.append(row)
            by_key[str(key)] = row
        for sub, path in out.fields.items():
            _put(row, sub, fitted(spec.fields.get(sub), value_at(reply_row, path)), lookup)
    if rows:
        filled[target] = rows


def _world_for(
    condition: Expression | None,
    compiled: Compiled,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    on: dt.date,
) -> World:
    """Build what a condition of rows sees; nearly all look at the row alone."""
    day = situation_on(compiled.package, on)
    if condition is None or condition.reads <= {"item", "on"}:
        return bare_world(day.isoformat())
    return world_of(compiled, answers, facts, on=day)


def persons_to_ask(
    package: model.Package,
    name: str,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
) -> list[tuple[str, str | None]]:
    """Say who a look-up is about: `("applicant", None)` and each row's key with its national number.

    A row without a number, or that `person_when` does not surely want, is left out.
    """
    compiled = compile_package(package)
    lookup = package.lookups[name]
    when = compiled.at("registers.yaml", "lookups", name, "person_when")
    found: list[tuple[str, str | None]] = []
    for who in lookup.persons:
        if who == APPLICANT:
            found.append((APPLICANT, None))
            continue
        spec = package.fields[who]
        rows = [row for row in answers.get(who) or [] if isinstance(row, Mapping)]
        world = _world_for(when, compiled, answers, facts, on)
        for row in rows:
            key, number = row_key_of(spec, row), row.get(lookup.person_field)
            wanted = when is None or when.ask(row_world(world, spec, row)) is True
            if key and number and wanted and all(key != known for known, _ in found):
                found.append((key, str(number)))
    return found
