"""Enhetsregisteret (Brønnøysund): an organisation, its roles, and who signs for it.

Three calls: the organisation (open), its roles with the holders' national numbers (`autorisert-api`, by a token), and
signature and prokura (Fullmakttjenesten, open), which name holders by date of birth, name and role. A holder without a
Norwegian number cannot be told from another: no right follows. Shapes: brreg/openAPI; data.brreg.no/fullmakt/docs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from samspill.infra.http import ComponentError
from samspill.registers.adapters.clients import Component, call_object
from samspill.registers.domain.reading import (
    Json,
    WireError,
    an_object,
    day,
    flag,
    objects,
    optional_text,
    text,
)

SOURCE = "Enhetsregisteret"
NAME = "enhetsregisteret.roles"
COMPONENT = Component("enhetsregisteret", None)
AUTHORISED = Component("enhetsregisteret", "brreg:data:enhetsregisteret:roller:person:oppslag:fnr")
AUTHORITY = Component("fullmakttjenesten", None)
_BANKRUPT = ("konkurs", "underTvangsavviklingEllerTvangsopplosning")

Signatory = tuple[str, str, str]
"""Date of birth, name in small letters, and role: what Fullmakttjenesten knows of somebody."""


def organisation(org_no: str) -> dict[str, Any] | None:
    """Return an organisation in the shape `enhetsregisteret.roles`; None when there is no such number.

    `{org_no, name, form, deleted, bankrupt, holders: [{national_id, role, alone, together, ended}]}`; of a deleted
    one no holders are asked for.

    Raises:
        ComponentError, WireError: the register did not give a usable answer.
    """
    try:
        unit = _get(COMPONENT, f"/api/enheter/{org_no}", "enheter")
    except ComponentError as error:
        if error.kind == "notfound":
            return None
        if error.kind == "expired":  # taken out of the register altogether
            return _gone(org_no)
        raise
    deleted = day(unit, "slettedato")
    return {
        "org_no": org_no,
        "name": text(unit, "navn"),
        "form": text(an_object(unit.get("organisasjonsform"), "organisasjonsform"), "kode"),
        "deleted": deleted,
        "bankrupt": any(flag(unit, key, default=False) for key in _BANKRUPT),
        "holders": [] if deleted else _holders(org_no),
    }


def _gone(org_no: str) -> dict[str, Any]:
    long_ago = dt.date.min.isoformat()
    return {
        "org_no": org_no, "name": "", "form": "", "deleted": long_ago, "bankrupt": False, "holders": [],
    }  # fmt: skip


def _get(component: Component, path: str, operation: str) -> Json:
    body = call_object(component, "GET", path, operation=operation)
    if body is None:
        msg = "the answer is empty"
        raise WireError(msg)
    return body


def _holders(org_no: str) -> list[dict[str, Any]]:
    roles = _get(AUTHORISED, f"/autorisert-api/enheter/{org_no}/roller", "roller")
    combinations = [
        combination
        for kind in ("signatur", "prokura")
        for combination in read_authority(_get(AUTHORITY, f"/enheter/{org_no}/{kind}", kind))
    ]
    return read_holders(roles, combinations)


def read_authority(document: Json) -> list[frozenset[Signatory]]:
    """Return the combinations of people who bind an organisation together; one of one person signs alone.

    Rules that no machine can read (a free text alone) give none.
    """
    an_object(document.get("status"), "status")  # every answer has one: without it, it is another's
    told = document.get("signeringsKombinasjon")
    if told is None:
        return []
    combinations = objects(an_object(told, "signeringsKombinasjon"), "kombinasjon", required=False)
    found = []
    for one in combinations:
        people = objects(one, "personRolleKombinasjon", required=False)
        if people:
            found.append(frozenset(map(_signatory, people)))
    return found


def _signatory(person: Json) -> Signatory:
    role = text(an_object(person.get("rolle"), "rolle"), "kode")
    return _date(text(person, "fodselsdato")), _plain(text(person, "navn")), role


def _date(written: str) -> str:
    """Return a date as `2001-12-31`; Fullmakttjenesten writes `31.12.2001`."""
    match = re.fullmatch(r"(\d{2})\.(\d{2})\.(\d{4})", written)
    try:
        return dt.date.fromisoformat(
            "-".join(reversed(match.groups())) if match else ""
        ).isoformat()
    except ValueError as error:
        msg = "fodselsdato is not a date"
        raise WireError(msg) from error


def read_holders(roles: Json, combinations: Sequence[frozenset[Signatory]]) -> list[dict[str, Any]]:
    """Return the holders that have a number, with their role, and whether they bind alone or with others.

    Two holders whom Fullmakttjenesten cannot tell apart bind with others only: the machine cannot know which it is.
    """
    held = list(_held(roles))
    keys = [key for _, key in held]
    return [
        {
            **told,
            "alone": keys.count(key) == 1 and frozenset({key}) in combinations,
            "together": any(key in one for one in combinations),
        }
        for told, key in held
        if told["national_id"] is not None
    ]


def _held(roles: Json) -> Iterator[tuple[dict[str, Any], Signatory]]:
    for group in objects(roles, "rollegrupper", required=False):
        for role in objects(group, "roller", required=False):
            person = role.get("person")
            if person is None:  # held by an organisation, as an accountant's is
                continue
            yield _one(role, an_object(person, "person"))


def _one(role: Json, person: Json) -> tuple[dict[str, Any], Signatory]:
    code = text(an_object(role.get("type"), "type"), "kode")
    name = an_object(person.get("navn"), "navn")
    parts = (optional_text(name, part) for part in ("fornavn", "mellomnavn", "etternavn"))
    key = day(person, "fodselsdato") or "", _plain(" ".join(filter(None, parts))), code
    ended = flag(role, "avregistrert", default=False) or flag(person, "erDoed", default=False)
    told = {
        "national_id": optional_text(person, "fodselsnummer"),
        "role": code,
        "ended": bool(ended),
    }
    return told, key


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
