"""What may be written in a draft, by whom, and when: refusals in plain words with the remedy."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from samspill.cases.domain import answers as paths
from samspill.cases.domain import protection
from samspill.cases.models import Draft
from samspill.cases.service import place_fields
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import service as packages


def may_apply(actor: Actor, package: packages.Package) -> None:
    """Refuse a login that is too weak for the service."""
    if not actor.has_level(package.service.login.level):
        raise refuse(
            "login_too_weak",
            "This service needs a stronger login.",
            remedy="Log in again with a stronger e-ID, such as BankID.",
            values={"level": package.service.login.level},
            status=403,
        )


def is_open(package: packages.Package, municipality_id: uuid.UUID | None) -> None:
    """Refuse when the municipality does not receive this service now."""
    if municipality_id is None:
        return
    settings = packages.settings_for(package.id, municipality_id, clock.today())
    if not settings.open:
        raise refuse(
            "service_closed",
            "Your municipality does not receive this application now: %(reason)s",
            remedy="Contact the municipality, or send the application on paper.",
            values={"reason": settings.closed_reason or "-"},
            status=409,
        )


def known_page(package: packages.Package, page: str) -> None:
    """Refuse a page that the form does not have."""
    match = re.fullmatch(r"([a-z][a-z0-9_]*)(\[\d{1,3}\])?", page)
    if match is None or all(known.id != match[1] for known in package.form.pages):
        raise refuse(
            "no_such_page",
            "This application has no such page.",
            remedy="Go to the first page of the application.",
            status=404,
        )


def may_write(package: packages.Package, draft: Draft, values: Mapping[str, Any]) -> None:
    """Refuse fields that do not exist, are not the applicant's, or are held by a register."""
    hidden = place_fields.of(package)
    _storable(values)
    for path, value in values.items():
        try:
            at = paths.field_path(path)
        except paths.BadPathError:
            raise unknown_field(path) from None
        field = package.field_at(at)
        if field is None or field.retired:
            raise unknown_field(at)
        if field.source not in ("citizen", "register") or "applicant" not in field.visible_to:
            raise refuse(
                "not_yours_to_answer",
                "This field is filled in by others.",
                where=at,
                remedy="Leave it as it is; write a message if it is wrong.",
                status=403,
            )
        if protection.hides_address(draft.protection) and at in hidden and value is not None:
            raise refuse(
                "address_protected",
                "Addresses are not stored here while your address is, or may be, protected.",
                where=at,
                remedy="Leave the field empty. Those who handle the case find what they need.",
                status=409,
            )
        try:
            _keeps_register_value(package, draft, path, value)
        except paths.BadPathError:  # a row far beyond the end of its list
            raise unknown_field(path) from None


def _storable(values: Any) -> None:
    """Refuse text that is not text: NUL, and halves of characters, which no database keeps."""
    if isinstance(values, dict | Mapping):
        _storable(list(values))
        _storable(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            if isinstance(value, str | dict | list | tuple | Mapping):
                _storable(value)
    elif isinstance(values, str) and not _is_text(values):
        raise refuse(
            "unreadable_text",
            "The application holds characters that are not text.",
            where="answers",
            remedy="Write the text again, without characters pasted from other programs.",
        )


def _is_text(value: str) -> bool:
    """Tell whether a text can be stored: no NUL, and no half of a character, which has no UTF-8."""
    if "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def unknown_field(path: str) -> RefusedError:
    """Make the refusal of a field that the form does not have."""
    return refuse(
        "unknown_field",
        "This application has no field %(field)s.",
        where=path[:80],
        remedy="Load the page again.",
        values={"field": path[:80] if re.fullmatch(r"[a-z0-9_.\[\]]{1,80}", path) else "?"},
    )


def not_too_large(draft: Draft, limit: int) -> None:
    """Refuse answers that together are larger than any honest application."""
    if len(json.dumps(draft.answers, ensure_ascii=False).encode()) > limit:
        raise refuse(
            "too_large",
            "There is too much text in this application.",
            remedy="Shorten the longest texts, or add them as a document.",
            status=413,
        )


def _keeps_register_value(package: packages.Package, draft: Draft, path: str, value: Any) -> None:
    """Refuse to change what a register said, unless the package lets the applicant."""
    head = paths.segments(path)[0]
    for name, lookup in package.lookups.items():
        entry = draft.facts.get(name)
        if entry is None or entry.get("status") != "found":
            continue
        for target in lookup.out:
            if target.split(".", 1)[0] != head or lookup.editable == "yes":
                continue
            reason = draft.reasons.get(path) or draft.reasons.get(str(head))
            if lookup.editable == "with_reason" and reason:
                continue
            if _differs(package, lookup, draft, path, value, target):
                raise _register_holds(lookup, path)


def _register_holds(lookup: packages.Lookup, path: str) -> RefusedError:
    if lookup.editable == "with_reason":
        return refuse(
            "reason_needed",
            "This comes from a register. Say why it is wrong to change it.",
            where=path,
            remedy="Write the reason beside the field.",
        )
    return refuse(
        "register_holds",
        "This comes from a register and cannot be changed here.",
        where=path,
        remedy="If it is wrong, have it corrected in the register, or write a message.",
        status=403,
    )


def _differs(
    package: packages.Package,
    lookup: packages.Lookup,
    draft: Draft,
    path: str,
    value: Any,
    target: str,
) -> bool:
    """Tell whether the offered value changes what the register said; what it said nothing about is the applicant's."""
    after, source = paths.put(draft.answers, path, value), lookup.out[target]
    reply = draft.facts[lookup.name]["data"]
    if isinstance(source, str):
        if paths.field_path(path) != target and path != target.split(".", 1)[0]:
            return False
        old, new = (
            packages.beside_register(package, lookup, target, answers, reply)
            for answers in (draft.answers, after)
        )
        return any(
            said is not None and answer is not None and row in new and new[row][0] != answer
            for row, (answer, said) in old.items()
        )
    return any(
        row is None or any(row.get(sub) != old.get(sub) for sub in source.fields)
        for old, row in _rows_before_and_after(draft, reply, after, target, source)
    )


def _rows_before_and_after(
    draft: Draft, reply: Any, after: Mapping[str, Any], target: str, source: Any
) -> list[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
    """Pair the rows that a register filled with what they would become."""
    key = source.key
    replied = paths.get(reply, source.list) or []
    filled = {paths.get(row, source.fields[key]) for row in replied}
    new = {row.get(key): row for row in after.get(target) or [] if isinstance(row, Mapping)}
    old = [row for row in draft.answers.get(target) or [] if row.get(key) in filled]
    return [(row, new.get(row.get(key))) for row in old]
