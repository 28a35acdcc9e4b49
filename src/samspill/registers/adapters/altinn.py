"""Altinn 3's decision point: may one person act for another, asked in the JSON profile of XACML 3.0.

One call asks about one agent and one party: each resource, for `read` and for `write` (`MultiRequests`). A result
belongs to what it repeats of the question (`IncludeInResult`), never to its place in the list. Only Permit whose
obligations are all known is a yes, and it says the level of login that it demands: 3 is substantial, 4 is high. Deny,
NotApplicable, Indeterminate, an unknown obligation, an unknown level, a result that lacks or comes twice: all are no.
Shapes: docs.altinn.studio, "External authorization" and `POST /authorization/api/v1/authorize` (2026); the token of
Maskinporten is exchanged for one of Altinn's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, call_object, configured
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import Json, WireError, objects

SOURCE = "Altinn"
COMPONENT = Component(
    "altinn", "altinn:authorization/authorize", "/authentication/api/v1/exchange/maskinporten"
)
RESOURCE = "urn:altinn:resource"
PERSON = "urn:altinn:person:identifier-no"
ACTION = "urn:oasis:names:tc:xacml:1.0:action:action-id"
_OF_PERSON = "urn:altinn:minimum-authenticationlevel"
_OF_ORGANISATION = "urn:altinn:minimum-authenticationlevel-org"
"""What is demanded of a machine that comes for an organisation; our agents are persons who have logged in."""
_LEVELS = ("none", "none", "low", "substantial", "high")
_ACTIONS = ("read", "write")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")

Result = tuple[str, str]
"""A resource and an action."""


def rights(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return what one agent may do for each party, in the shape `altinn.rights`.

    `ask.params`: `agent`, the NationalId of the one who would act; `resources`, ids of Altinn's resource registry. Each
    holder is the agent: `{national_id, resource, level, eid}`, where `eid` is the level of login that is demanded.
    Without an agent or a resource nobody is asked about, and nobody holds anything.
    """
    agent, resources = ask.params.get("agent"), _ids(ask.params.get("resources", ()))
    if not isinstance(agent, NationalId) or not resources:
        return {party: {"holders": []} for party in ask.persons}
    return {party: {"holders": _holders(agent, party, resources)} for party in ask.persons}


def _ids(resources: Sequence[str]) -> tuple[str, ...]:
    for one in resources:
        if not _ID.fullmatch(one):
            msg = "a resource id has signs that Altinn's resource registry does not allow"
            raise ValueError(msg)
    return tuple(dict.fromkeys(resources))


def _holders(
    agent: NationalId, party: NationalId, resources: Sequence[str]
) -> list[dict[str, Any]]:
    answer = call_object(
        COMPONENT,
        "POST",
        "/authorization/api/v1/authorize",
        operation="authorize",
        json=question(agent, party, resources),
        headers=subscription(),
    )
    permitted = read_answer(answer or {}, party)
    return [
        {"national_id": agent.value, "resource": resource, "level": level, "eid": eid}
        for resource in resources
        for level, eid in _as_levels(permitted, resource)
    ]


def subscription() -> dict[str, str]:
    """Return the header that says which subscription a call is made by, where one is set."""
    key = str(configured(COMPONENT.name).get("subscription_key", ""))
    return {"Ocp-Apim-Subscription-Key": key} if key else {}


def question(agent: NationalId, party: NationalId, resources: Sequence[str]) -> dict[str, Any]:
    """Return the request: one subject, both actions, each resource with its party."""
    subject = {"Id": "s1", "Attribute": [_attribute(PERSON, agent.value, in_result=False)]}
    actions = [
        {"Id": f"a{n}", "Attribute": [_attribute(ACTION, one)]} for n, one in enumerate(_ACTIONS)
    ]
    asked = [
        {
            "Id": f"r{n}",
            "Attribute": [_attribute(RESOURCE, one), _attribute(PERSON, party.value)],
        }
        for n, one in enumerate(resources)
    ]
    references = [
        {"ReferenceId": ["s1", action["Id"], resource["Id"]]}
        for resource in asked
        for action in actions
    ]
    return {
        "Request": {
            "ReturnPolicyIdList": False,
            "AccessSubject": [subject],
            "Action": actions,
            "Resource": asked,
            "MultiRequests": {"RequestReference": references},
        }
    }


def _attribute(name: str, value: str, *, in_result: bool = True) -> dict[str, Any]:
    return {
        "AttributeId": name,
        "Value": value,
        "DataType": "http://www.w3.org/2001/XMLSchema#string",
        "IncludeInResult": in_result,
    }


def read_answer(answer: Json, party: NationalId) -> dict[Result, str]:
    """Return what is permitted for a party, with the level of login that each demands.

    Raises:
        WireError: the answer has no list of results.
    """
    told: dict[Result, list[str | None]] = {}
    for result in objects(_spelled(answer), "response"):
        one = _spelled(result)
        about = _about(one)
        if about.get(PERSON) == party.value and RESOURCE in about and ACTION in about:
            told.setdefault((about[RESOURCE], about[ACTION]), []).append(_demanded(one))
    return {
        what: levels[0]
        for what, levels in told.items()
        if len(levels) == 1 and levels[0] is not None
    }


def _spelled(found: Json) -> dict[str, Any]:
    """Return an object whose names begin with a small letter: Altinn writes both `Decision` and `decision`."""
    return {name[:1].lower() + name[1:]: value for name, value in found.items()}


def _about(result: Json) -> dict[str, str]:
    """Return what a result repeats of the question; an attribute that is told with two values is left out."""
    found: dict[str, set[str]] = {}
    for category in objects(result, "category", required=False):
        for attribute in objects(_spelled(category), "attribute", required=False):
            one = _spelled(attribute)
            name, value = one.get("attributeId"), one.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found.setdefault(name, set()).add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _demanded(result: Json) -> str | None:
    """Return the level of login that a Permit demands, or None when the result is no yes for us."""
    if result.get("decision") != "Permit":
        return None
    strongest = 0
    try:
        obligations = objects(result, "obligations", required=False)
        for obligation in obligations:
            assigned = objects(_spelled(obligation), "attributeAssignment")
            strongest = max(strongest, *map(_level_of, assigned))
    except (WireError, ValueError, TypeError):  # it asks for something that we do not understand
        return None
    return _LEVELS[strongest]


def _level_of(assignment: Mapping[str, Any]) -> int:
    """Return the level an assignment demands of a person; ValueError for what we do not know."""
    one = _spelled(assignment)
    category, value = one.get("category"), one.get("value")
    if category not in (_OF_PERSON, _OF_ORGANISATION) or isinstance(value, bool | float):
        raise ValueError
    level = int(value)  # type: ignore[arg-type]  # what is no number is refused by int
    if not 0 <= level < len(_LEVELS):
        raise ValueError
    return level if category == _OF_PERSON else 0


def _as_levels(permitted: Mapping[Result, str], resource: str) -> list[tuple[str, str]]:
    """Return how far a resource is open and what each step demands; who may write may read, so write needs both."""
    reads, writes = (permitted.get((resource, action)) for action in _ACTIONS)
    if reads is None:
        return []
    if writes is None:
        return [("read", reads)]
    both = max(reads, writes, key=_LEVELS.index)
    return [("write", both)] if both == reads else [("read", reads), ("write", both)]
