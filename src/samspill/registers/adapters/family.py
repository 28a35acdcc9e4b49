"""Folkeregisteret: who is so near to somebody that the one must not decide in the other's case.

Asked about employees only. Names, numbers of relatives and where the person lives; nothing else of the document.
"""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import folkeregisteret
from samspill.registers.adapters.clients import call_object
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import Json, an_object, by_person, objects, optional_text

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
    body = call_object(
        folkeregisteret.COMPONENT,
        "POST",
        "/offentlig-med-hjemmel/v1/personer/bulkoppslag",
        operation="bulkoppslag",
        batch=len(ask.persons) > 1,
        json={"foedselsEllerDNummer": [person.value for person in ask.persons]},
        params=[("part", part) for part in _PARTS],
    )
    wanted = {person.value: person for person in ask.persons}
    entries = by_person(objects(body or {}, "oppslag"), "foedselsEllerDNummer", wanted)
    return {
        person: read_family(an_object(entry.get("folkeregisterperson"), "folkeregisterperson"))
        for person, entry in entries.items()
        if entry.get("folkeregisterperson") is not None
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
