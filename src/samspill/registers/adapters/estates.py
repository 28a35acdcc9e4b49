"""Digitalt dødsbo (the courts, through Altinn): who may act for an estate.

Shapes: Altinn/oed-authz, README (2026). "The values must not be cached": a declaration keeps nothing, and what
`mandates` holds of it counts for the act that it was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, call_object
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import Json, day, flag, objects, optional_text, text

COMPONENT = Component("doedsbo", "altinn:dd:authlookup")
SOURCE = "Digitalt dødsbo"
_CERTIFICATE = "urn:domstolene:digitaltdodsbo:skifteattest"
_ASSETS = "urn:domstolene:digitaltdodsbo:formuesfullmakt"
_PROXY = "urn:altinn:digitaltdodsbo:skiftefullmakt:individuell"


def estates(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return the holders of each estate in the shape `doedsbo.roles`; one without any has an empty list."""
    return {person: {"holders": holders(_assignments(person))} for person in ask.persons}


def _assignments(person: NationalId) -> Sequence[Json]:
    body = call_object(
        COMPONENT,
        "POST",
        "/api/v1/authorization/roles/search",
        operation="roles/search",
        json={"estateSsn": person.value},
    )
    return [one for one in objects(body or {}, "roleAssignments") if _is_of(one, person)]


def _is_of(assignment: Json, person: NationalId) -> bool:
    return text(assignment, "estateSsn") == person.value


def holders(assignments: Sequence[Json]) -> list[dict[str, Any]]:
    """Return who may act for one estate: how far, alone or together, and since when.

    An heir with skifteattest acts together with the others; alone who is the only one, or holds the proxies of all
    the others: one withdrawal ends it (R19), whatever a collective role still says. A formuesfullmakt gives sight.
    Restricted roles and unknown ones give nothing.
    """
    open_ones = [one for one in assignments if not flag(one, "isRestricted", default=False)]
    heirs = {text(one, "recipientSsn") for one in open_ones if one.get("role") == _CERTIFICATE}
    found: dict[str, dict[str, Any]] = {}
    for one in open_ones:
        level = _level(one, open_ones, heirs)
        number = text(one, "recipientSsn")
        if level and (number not in found or found[number]["level"] == "read"):
            found[number] = {
                "national_id": number,
                "level": "read" if level == "read" else "write",
                "joint": level == "joint",
                "from": day(one, "created"),
            }
    return [found[number] for number in sorted(found)]


def _level(one: Json, assignments: Sequence[Json], heirs: set[str]) -> str:
    """Return `write`, `joint` (together with the other heirs), `read`, or '' for nothing."""
    role, recipient = one.get("role"), text(one, "recipientSsn")
    if role not in (_CERTIFICATE, _PROXY):
        return "read" if role == _ASSETS else ""
    stands_for = _stands_for(recipient, assignments) | ({recipient} & heirs)
    if heirs and heirs <= stands_for:
        return "write"
    return "joint" if stands_for & heirs else ""


def _stands_for(recipient: str, assignments: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the heirs who have given somebody their proxy."""
    return {
        heir
        for one in assignments
        if one.get("role") == _PROXY
        and one.get("recipientSsn") == recipient
        and (heir := optional_text(one, "heirSsn")) is not None
    }
