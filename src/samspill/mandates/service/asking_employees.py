"""AuthZEN 1.0 about employees: may this employee of the caller's own organisation do this to a case, task or report?

`subject.type` is `employee`, `resource.type` is `case`, `task` or `report`. The answer is that of the decision point
which guards our own pages. An organisation asks about its own employees only, and an employee whose login is older than
a session can be has no role that is sure. What the employee must not know exists is answered like what does not exist.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs

from samspill.identity import service as identity
from samspill.infra import access_log
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.mandates.domain.employees import HIDDEN, Action, Ruling
from samspill.mandates.domain.reading import bad_field, mapping, text
from samspill.mandates.service.clients import Caller

SUBJECT = "employee"
KINDS = ("case", "task", "report")
ACTIONS: tuple[Action, ...] = ("read", "write")
NO_RESOURCE, NO_ROLE, DENIED = "NO_RESOURCE", "NO_ROLE", "DENIED"
MOST = 1000
_ENTITIES = ("subject", "action", "resource", "context")

Rule = Callable[[Actor, str, str, Action], Ruling | None]
Readable = Callable[[Actor, str, Action], list[str]]
Others = Callable[..., dict[str, Any]]
_cases: dict[str, Any] = {}


def use_cases(rule: Rule, readable: Readable) -> None:
    """Say who knows the cases; the room of cases lies above this one."""
    _cases["rule"], _cases["readable"] = rule, readable


@attrs.frozen
class Query:
    """A question about an employee, as it was read."""

    employee: str
    kind: str
    name: str
    action: Action
    purpose: str


def is_about(body: Any) -> bool:
    """Tell whether a request, or one of its evaluations, asks about an employee."""
    if not isinstance(body, Mapping):
        return False
    subject = body.get("subject")
    return isinstance(subject, Mapping) and subject.get("type") == SUBJECT


def evaluate(caller: Caller, body: Any, *, request_id: str = "") -> dict[str, Any]:
    """Answer one evaluation.

    Raises:
        RefusedError: a field is missing or of the wrong kind.
    """
    query = _query(body)
    ruled = _ruled(caller, query)
    _log(caller, query, ruled, request_id)
    return _said(caller, ruled)


def evaluate_many(
    caller: Caller, body: Any, others: Others, *, request_id: str = ""
) -> dict[str, Any]:
    """Answer many evaluations, of which some are about employees; `others` answers the rest.

    Raises:
        RefusedError: the request itself is not of the right shape.
    """
    items = body.get("evaluations") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not items or len(items) > MOST:
        return (evaluate if is_about(body) and not items else others)(
            caller, body, request_id=request_id
        )
    defaults = {name: body[name] for name in _ENTITIES if name in body}
    whole = [{**defaults, **one} if isinstance(one, Mapping) else one for one in items]
    if not any(map(is_about, whole)):
        return others(caller, body, request_id=request_id)
    semantic = _semantic(body)
    said: list[dict[str, Any]] = []
    for one in whole:  # in order, so that nothing is asked, or logged, after the answer that stops
        said.append(_answer(caller, one, others, request_id))
        if semantic is not None and said[-1]["decision"] is semantic:
            break
    return {"evaluations": said}


def _answer(caller: Caller, item: Any, others: Others, request_id: str) -> dict[str, Any]:
    if not is_about(item):
        return cast(
            "dict[str, Any]",
            others(caller, {"evaluations": [item]}, request_id=request_id)["evaluations"][0],
        )
    try:
        return evaluate(caller, item, request_id=request_id)
    except RefusedError as error:
        told = {"status": 400, **error.refused.as_error()}
        return {"decision": False, "context": {"error": told}}


def _semantic(body: Mapping[str, Any]) -> bool | None:
    """Return the answer that stops the others, or None when all are given."""
    options = body.get("options", {})
    named = (
        options.get("evaluations_semantic", "execute_all") if isinstance(options, Mapping) else ""
    )
    known = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}
    if named not in known:
        raise bad_field("options.evaluations_semantic", wanted=" | ".join(known))
    return known[named]


def search(caller: Caller, what: str, body: Any, *, request_id: str = "") -> list[dict[str, Any]]:
    """Find the employees, resources or actions for which the answer would be yes; in a fixed order.

    Raises:
        RefusedError: a field is missing or of the wrong kind.
    """
    found = _SEARCHES[what](caller, body)
    access_log.record(
        actor=caller.actor(request_id),
        action="search",
        purpose="employees' access",
        legal_basis=caller.legal_basis,
        detail={"search": what, "hits": len(found)},
    )
    return found


def _subjects(caller: Caller, body: Any) -> list[dict[str, Any]]:
    query = _query({**body, "subject": {"type": SUBJECT, "id": "anybody"}})
    staff = identity.sure_of(caller.org_no)
    may = [one for one in staff if _allows(_rule(one, query)) and one.person_id is not None]
    ids = [caller.pseudonym(one.person_id) for one in may if one.person_id is not None]
    return [{"type": SUBJECT, "id": one} for one in sorted(ids)]


def _resources(caller: Caller, body: Any) -> list[dict[str, Any]]:
    resource = body.get("resource")
    asked = {**resource, "id": "any"} if isinstance(resource, Mapping) else resource
    query = _query({**body, "resource": asked})
    actor = _employee(caller, query.employee)
    readable = cast("Readable", _cases["readable"])
    names = readable(actor, query.kind, query.action) if actor is not None else []
    return [{"type": query.kind, "id": name} for name in names]


def _actions(caller: Caller, body: Any) -> list[dict[str, Any]]:
    query = _query({**body, "action": {"name": "read"}})
    actor = _employee(caller, query.employee)
    if actor is None:
        return []
    may = (one for one in ACTIONS if _allows(_rule(actor, attrs.evolve(query, action=one))))
    return [{"name": one} for one in may]


_SEARCHES = {"subject": _subjects, "resource": _resources, "action": _actions}


def _employee(caller: Caller, text: str) -> Actor | None:
    """Return the employee of the caller's own organisation; None for anybody else and for an old login."""
    person = caller.person(text)
    return identity.as_actor(uuid.UUID(person), org_no=caller.org_no) if person else None


def _rule(actor: Actor, query: Query) -> Ruling | None:
    return cast("Rule", _cases["rule"])(actor, query.kind, query.name, query.action)


def _allows(ruled: Ruling | None) -> bool:
    return ruled is not None and ruled.allowed


def _ruled(caller: Caller, query: Query) -> Ruling | str:
    """Rule on a query; a word when there is nothing to rule on."""
    actor = _employee(caller, query.employee)
    if actor is None:
        return NO_ROLE
    ruled = _rule(actor, query)
    return NO_RESOURCE if ruled is None or ruled.ground in HIDDEN else ruled


def _said(caller: Caller, ruled: Ruling | str) -> dict[str, Any]:
    allowed = isinstance(ruled, Ruling) and ruled.allowed
    reason = ruled if isinstance(ruled, str) else ruled.ground.value
    if not allowed and not caller.sees_reasons:
        reason = DENIED
    return {"decision": allowed, "context": {"reason": reason, "obligations": []}}


def _log(caller: Caller, query: Query, ruled: Ruling | str, request_id: str) -> None:
    person = caller.person(query.employee)
    allowed = isinstance(ruled, Ruling) and ruled.allowed
    access_log.record(
        actor=caller.actor(request_id),
        action="read",
        purpose=f"employees' access: {query.purpose}",
        legal_basis=caller.legal_basis,
        subject_id=uuid.UUID(person) if person else None,
        outcome="permit" if allowed else "deny",
        detail={"resource": f"{query.kind}:{query.name[:80]}", "action": query.action},
    )


def _query(body: Any) -> Query:
    request = mapping(body, "request")
    subject, action = mapping(request.get("subject"), "subject"), request.get("action")
    resource = mapping(request.get("resource"), "resource")
    if subject.get("type") != SUBJECT:
        raise bad_field("subject.type", wanted=f'"{SUBJECT}"')
    kind = text(resource.get("type"), "resource.type")
    if kind not in KINDS:
        raise bad_field("resource.type", wanted=" | ".join(KINDS))
    name = text(mapping(action, "action").get("name"), "action.name")
    if name not in ACTIONS:
        raise bad_field("action.name", wanted=" | ".join(ACTIONS))
    context = mapping(request.get("context", {}), "context")
    purpose = context.get("purpose")
    plain = "".join(c for c in purpose if c.isprintable()) if isinstance(purpose, str) else ""
    return Query(
        employee=text(subject.get("id"), "subject.id"),
        kind=kind,
        name=text(resource.get("id"), "resource.id"),
        action=name,
        purpose=plain[:120],
    )
