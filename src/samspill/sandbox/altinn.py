"""Altinn 3: the exchange of tokens, and the decision point that says whether somebody may act for another.

Every rule of the request is demanded: a token of Altinn's own, the header of the subscription, and each reference to
a known subject, action and resource. Who has given whom what is `RIGHTS`; persons are named cases. The resources are
made up: no service of ours stands in Altinn's registry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.web import Reply, Route, error_of, read_json, reply_json

SCOPE = "altinn:authorization/authorize"
HOUSING_BENEFIT, START_LOAN = "samspill-demo-bostotte", "samspill-demo-startlan"
_RESOURCE, _PERSON = "urn:altinn:resource", "urn:altinn:person:identifier-no"
_ACTION = "urn:oasis:names:tc:xacml:1.0:action:action-id"
_LEVEL = "urn:altinn:minimum-authenticationlevel"
_OK = "urn:oasis:names:tc:xacml:1.0:status:ok"
_MARK = "altinn-"
_CATEGORY = "urn:oasis:names:tc:xacml:3.0:attribute-category:"


class Right(NamedTuple):
    """What one has given another in Altinn. `demands`: obligations as (category, value)."""

    party: str
    agent: str
    resource: str
    actions: tuple[str, ...]
    demands: tuple[tuple[str, str], ...] = ((_LEVEL, "3"),)


RIGHTS: tuple[Right, ...] = (
    Right("tenant_with_wealth", "self_employed", HOUSING_BENEFIT, ("read", "write")),
    Right("single_pensioner", "self_employed", HOUSING_BENEFIT, ("read",)),
    Right("adapted_dwelling", "self_employed", HOUSING_BENEFIT, ("read",)),
    Right("adapted_dwelling", "self_employed", HOUSING_BENEFIT, ("write",), ((_LEVEL, "4"),)),
    Right(
        "municipal_tenant",
        "self_employed",
        HOUSING_BENEFIT,
        ("read", "write"),
        ((_LEVEL, "3"), ("urn:altinn:something-new", "1")),
    ),
    Right("owner_with_loan", "self_employed", START_LOAN, ("read", "write")),
)
_TOKEN_MISSING = "Access denied due to missing subscription key."  # noqa: S105 - a sentence


def exchange(_sandbox: Sandbox, request: Request) -> Response:
    """Give a token of Altinn's for one of Maskinporten's, which the app has checked."""
    return reply_json(f"{_MARK}{_bearer(request)}")


def _bearer(request: Request) -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def authorize(sandbox: Sandbox, request: Request) -> Response:
    """Answer each reference of the request, as published."""
    _let_in(sandbox, request)
    asked = read_json(request).get("Request")
    if not isinstance(asked, Mapping):
        raise _bad("Send Request: an object.")
    return reply_json({"Response": [_result(sandbox, *one) for one in _references(asked)]})


def _let_in(sandbox: Sandbox, request: Request) -> None:
    if not request.headers.get("Ocp-Apim-Subscription-Key"):
        raise Reply(error_of("altinn", 401, "401", _TOKEN_MISSING))
    token = _bearer(request)
    issuer = sandbox.issuer("maskinporten", request)
    inner = f"Bearer {token.removeprefix(_MARK)}" if token.startswith(_MARK) else None
    refused = sandbox.maskinporten.check(inner, SCOPE, issuer)
    if refused is not None:
        raise Reply(error_of("altinn", refused[0], str(refused[0]), refused[1]))


def _bad(message: str) -> Reply:
    return Reply(error_of("altinn", 400, "400", message))


_Attributes = list[dict[str, Any]]


def _references(asked: Mapping[str, Any]) -> Iterator[tuple[_Attributes, _Attributes, _Attributes]]:
    """Give subject, action and resource of each request; without references there is one of each."""
    kinds = ("AccessSubject", "Action", "Resource")
    if any(not isinstance(asked.get(kind), list) or not asked[kind] for kind in kinds):
        raise _bad("Send AccessSubject, Action and Resource: lists with at least one each.")
    if "MultiRequests" not in asked:
        subject, action, resource = (asked[kind][0]["Attribute"] for kind in kinds)
        yield subject, action, resource
        return
    known = [{one.get("Id"): one["Attribute"] for one in asked[kind]} for kind in kinds]
    for reference in asked["MultiRequests"]["RequestReference"]:
        found = [
            next((kind[id_] for id_ in reference["ReferenceId"] if id_ in kind), None)
            for kind in known
        ]
        subject, action, resource = found
        if subject is None or action is None or resource is None:
            raise _bad("Each reference names one subject, one action and one resource by Id.")
        yield subject, action, resource


def _value(attributes: _Attributes, name: str) -> str:
    return next((str(one["Value"]) for one in attributes if one["AttributeId"] == name), "")


def _result(
    sandbox: Sandbox, subject: _Attributes, action: _Attributes, resource: _Attributes
) -> dict[str, Any]:
    number = {
        case: sandbox.population.applicant(case).national_id
        for right in RIGHTS
        for case in (right.party, right.agent)
    }
    held = next(
        (
            right
            for right in RIGHTS
            if number[right.agent] == _value(subject, _PERSON)
            and number[right.party] == _value(resource, _PERSON)
            and right.resource == _value(resource, _RESOURCE)
            and _value(action, _ACTION) in right.actions
        ),
        None,
    )
    told: dict[str, Any] = {
        "Decision": "Permit" if held else "NotApplicable",
        "Status": {"StatusCode": {"Value": _OK}},
        "Category": [
            {"CategoryId": f"{_CATEGORY}{kind}", "Attribute": repeated}
            for kind, attributes in (("action", action), ("resource", resource))
            if (repeated := [_repeated(one) for one in attributes if one.get("IncludeInResult")])
        ],
    }
    if held:
        told["Obligations"] = [_obligation(n, *one) for n, one in enumerate(held.demands, 1)]
    return told


def _repeated(attribute: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attribute[name] for name in ("AttributeId", "DataType", "Value")}


def _obligation(n: int, category: str, value: str) -> dict[str, Any]:
    return {
        "id": f"urn:altinn:obligation:authenticationLevel{n}",
        "attributeAssignment": [
            {
                "attributeId": f"urn:altinn:obligation-assignment:{n}",
                "value": value,
                "category": category,
                "dataType": "http://www.w3.org/2001/XMLSchema#integer",
                "issuer": None,
            }
        ],
    }


ROUTES: list[Route] = [
    (Rule("/altinn/authentication/api/v1/exchange/maskinporten", methods=["GET"]), exchange),
    (Rule("/altinn/authorization/api/v1/authorize", methods=["POST"]), authorize),
]
