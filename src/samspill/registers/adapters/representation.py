"""Folkeregisteret: who may act for a person by law, as far as the register says so.

The parts on guardianship and parental responsibility are confidential; they are asked for only by a declaration of
their own. Guardianships are handed on as the register wrote them: `mandates` reads the tasks strictly.
"""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import folkeregisteret
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import (
    Json,
    current,
    day,
    objects,
    optional_text,
)

_GUARDIANSHIP = "vergemaalEllerFremtidsfullmakt"
_PARTS = (
    "navn",
    "status",
    "foedsel",
    "doedsfall",
    "bostedsadresse",
    "deltBosted",
    "adressebeskyttelse",
    "foreldreansvar",
    _GUARDIANSHIP,
)


def representations(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `folkeregisteret.representation`."""
    return {
        person: read_representation(document)
        for person, document in folkeregisteret.documents(ask, _PARTS).items()
    }


def read_representation(document: Json) -> dict[str, Any]:
    """Translate a person document: life, grade, guardianships as written, parents and children."""
    person = folkeregisteret.read_person(document)
    death = current(objects(document, "doedsfall", required=False))
    responsibility = [
        one
        for one in objects(document, "foreldreansvar", required=False)
        if one.get("erGjeldende") is True
    ]
    return {
        "name": person["name"],
        "born": person["born"],
        "dead": person["dead"],
        "died": day(death, "doedsdato") if death else None,
        "protection": person["protection"],
        "guardianships": [dict(one) for one in objects(document, _GUARDIANSHIP, required=False)],
        "parents": _others(responsibility, "ansvarlig"),
        "children": _others(responsibility, "ansvarssubjekt"),
    }


def _others(elements: list[Json], key: str) -> list[dict[str, str]]:
    """Return the other side of each responsibility that has a number, with its kind; each once."""
    found = {
        (number, optional_text(one, "ansvar") or "ukjent")
        for one in elements
        if (number := optional_text(one, key)) is not None
    }
    return [{"national_id": number, "kind": kind} for number, kind in sorted(found)]
