"""Matrikkelen: the dwelling unit where a person is registered. No form is published (docs/rooms/sandbox.md)."""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, post_persons
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import (
    Json,
    an_object,
    by_person,
    flag,
    objects,
    optional_number,
    optional_text,
)

COMPONENT = Component("matrikkelen", "matrikkelen:boenheter.read")
SOURCE = "Matrikkelen"


def dwellings(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return for each person with a registered unit the shape `matrikkelen.dwelling`."""
    wanted = {person.value: person for person in ask.persons}
    question = {"personidentifikatorer": list(wanted)}
    body = post_persons(COMPONENT, "/v1/boenheter", question, operation="boenheter")
    entries = by_person(objects(body, "boenheter"), "personidentifikator", wanted)
    return {person: read_dwelling(entry) for person, entry in entries.items()}


def read_dwelling(entry: Json) -> dict[str, Any]:
    """Translate one unit. What is not registered is None: the municipality then judges it."""
    building = an_object(entry.get("bygningstype") or {}, "bygningstype")
    return {
        "address_id": optional_text(entry, "adresseIdentifikator"),
        "unit_no": optional_text(entry, "bruksenhetsnummer"),
        "municipality_no": optional_text(entry, "kommunenummer"),
        "building_type": optional_text(building, "kode"),
        "building_name": optional_text(building, "navn"),
        "unit_type": optional_text(entry, "bruksenhetstype"),
        "approved": flag(entry, "godkjentSomBolig"),
        "holiday_home": flag(entry, "fritidsbolig"),
        "institution": flag(entry, "institusjon"),
        "rooms": optional_number(entry, "antallRom"),
        "bath": _has(entry, "bad"),
        "toilet": _has(entry, "wc"),
        "kitchen": optional_text(entry, "kjoekkentilgang"),
        "area_m2": optional_number(entry, "bruksareal"),
    }


def _has(entry: Json, key: str) -> bool | None:
    """Tell whether the unit has it: registered as yes or no, or as how many."""
    value = entry.get(key)
    if isinstance(value, bool):
        return value
    count = optional_number(entry, key)
    return None if count is None else count > 0
