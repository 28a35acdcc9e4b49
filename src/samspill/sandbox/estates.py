"""Digitalt dødsbo: who may act for an estate, as the courts and the heirs have said (Altinn's oed-authz).

Two estates: that of the dead spouse of `dead_spouse` has one heir, one who may only see, and one whose right is
restricted; that of `dead_applicant` has two heirs who must act together, and somebody to whom both have given a proxy.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.population import Population
from samspill.sandbox.web import Reply, Route, error_of, read_json, reply_json

SCOPE = "altinn:dd:authlookup"
_COURT, _HEIRS = "urn:domstolene:digitaltdodsbo", "urn:altinn:digitaltdodsbo:skiftefullmakt"
CERTIFICATE, ASSETS = f"{_COURT}:skifteattest", f"{_COURT}:formuesfullmakt"
INDIVIDUAL, COLLECTIVE = f"{_HEIRS}:individuell", f"{_HEIRS}:kollektiv"


class Assignment(NamedTuple):
    """One role of somebody in an estate. Persons are named cases; `heir`: for whom a proxy acts."""

    recipient: str
    role: str
    heir: str = ""
    restricted: bool = False


ESTATES: dict[str, tuple[Assignment, ...]] = {
    "dead_spouse": (
        Assignment("dead_spouse", CERTIFICATE),
        Assignment("dead_spouse", COLLECTIVE),
        Assignment("couple_baerum", ASSETS),
        Assignment("capital_income", ASSETS, restricted=True),
    ),
    "dead_applicant": (
        Assignment("couple_baerum", CERTIFICATE),
        Assignment("owner_with_loan", CERTIFICATE),
        Assignment("self_employed", INDIVIDUAL, heir="couple_baerum"),
        Assignment("self_employed", INDIVIDUAL, heir="owner_with_loan"),
        Assignment("self_employed", COLLECTIVE),
    ),
}


def deceased(population: Population, case: str) -> str:
    """Give the number of the one whose estate it is."""
    members = population.households[population.cases[case].household].members
    dead = (population.persons[at] for at in members)
    return next(person.national_id for person in dead if person.died is not None)


def search(sandbox: Sandbox, request: Request) -> Response:
    """Answer the roles in one estate, or of one recipient, as published."""
    asked = read_json(request)
    estate, recipient = asked.get("estateSsn"), asked.get("recipientSsn")
    if not isinstance(estate, str) and not isinstance(recipient, str):
        raise Reply(
            error_of("doedsbo", 400, "400", "Send estateSsn or recipientSsn: eleven digits.")
        )
    found = [
        told
        for told in _all(sandbox.population)
        if (not isinstance(estate, str) or told["estateSsn"] == estate)
        and (not isinstance(recipient, str) or told["recipientSsn"] == recipient)
    ]
    return reply_json({"roleAssignments": found})


def _all(population: Population) -> list[dict[str, Any]]:
    return [_told(population, case, one) for case, assigned in ESTATES.items() for one in assigned]


def _told(population: Population, case: str, one: Assignment) -> dict[str, Any]:
    told: dict[str, Any] = {
        "estateSsn": deceased(population, case),
        "recipientSsn": population.applicant(one.recipient).national_id,
        "role": one.role,
        "created": "2026-11-04T09:18:30.83395+00:00",
        "isRestricted": one.restricted,
    }
    if one.heir:
        told["heirSsn"] = population.applicant(one.heir).national_id
    return told


ROUTES: list[Route] = [
    (Rule("/doedsbo/api/v1/authorization/roles/search", methods=["POST"]), search)
]
