"""Folkeregisteret: who is so near to somebody that the one must not decide in the other's case.

Asked about employees only. Names, numbers of relatives and where the person lives; nothing else of the document.
"""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import folkeregisteret
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import Json, objects, optional_text

_PARTS = (
    "navn",
    "status",
    "familierelasjon",
    "bostedsadresse",
    "deltBosted",
    "adressebeskyttelse",
)
_ROLES = {
    "far": "parent",
    "mor": "parent",
    "medmor": "parent",
    "barn": "child",
    "ektefelleEllerPartner": "spouse",
}


def families(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `folkeregisteret.family`."""
    return {
        person: read_family(document)
        for person, document in folkeregisteret.documents(ask, _PARTS).items()
    }


def read_family(document: Json) -> dict[str, Any]:
    """Translate a person document: name, address unless it is protected, and relatives in force.

    A former spouse counts too: forvaltningsloven § 6 first paragraph c names those who have been married.
    """
    person = folkeregisteret.read_person(document)
    relatives = {
        (number, _ROLES[role])
        for one in objects(document, "familierelasjon", required=False)
        if (role := optional_text(one, "relatertPersonsRolle")) in _ROLES
        and (role == "ektefelleEllerPartner" or one.get("erGjeldende") is True)
        and (number := optional_text(one, "relatertPerson")) is not None
    }
    return {
        "name": person["name"],
        "address": person["address"],
        "relatives": [
            {"national_id": number, "relation": role} for number, role in sorted(relatives)
        ],
    }
