"""Strict readers of the published JSON: a world of persons and grants, and an AuthZEN query.

Unknown keys of a world are refused (a misspelled `revoked_at` would open a door); unknown fields of a query are passed
over, as AuthZEN 1.0 asks. Every refusal says where.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, cast

from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates.domain.model import (
    EID_LEVELS,
    KINDS,
    Decision,
    EidLevel,
    Grant,
    Level,
    Person,
    Protection,
    Question,
    World,
)

T = TypeVar("T")
RESOURCE_TYPE = "representation"
_PERSON_KEYS = {"born", "died", "address_protection", "blocks_voluntary"}
_GRANT_KEYS = {
    "id", "kind", "from", "to", "scopes", "level", "valid_from", "valid_to", "type", "revoked_at", "confirmed_by",
    "registered_by", "in_force", "source_current", "source_age_h", "may_delegate", "parent", "delegated_by",
}  # fmt: skip
_CONFIDENTIAL_NAMES = {"fortrolig", "kode7", "7"}
_VERY_OLD = 1e9
"""Hours; a whole number of any length is no older than this."""
_OPEN_NAMES = {"", "ugradert", "ingen", "none"}


def read_world(value: Any) -> World:
    """Return the world of `{persons, scope_parent, grants}`.

    Raises:
        RefusedError: something is missing, unknown or of the wrong kind; `where` is its path.
    """
    world = mapping(value, "world")
    _only(world, {"persons", "scope_parent", "grants"}, "world")
    persons = mapping(world.get("persons", {}), "persons")
    parents = mapping(world.get("scope_parent", {}), "scope_parent")
    grants = world.get("grants", [])
    if not isinstance(grants, list):
        raise bad_field("grants", wanted="a list of grants")
    read = tuple(_grant(item, f"grants[{n}]") for n, item in enumerate(grants))
    known: set[str] = set()
    for number, grant in enumerate(read):
        if grant.id in known:
            raise bad_field("grants", number, "id", wanted="an id that no other grant has")
        known.add(grant.id)
    return World(
        {key: _person(key, item) for key, item in persons.items()},
        read,
        {key: text(item, f"scope_parent.{key}") for key, item in parents.items()},
    )


def read_question(value: Any, *, now: dt.datetime) -> Question:
    """Return the question of an AuthZEN evaluation about a representation.

    Without `context.time` the instant is `now`; without `service_min_eid` a service asks for a substantial
    level; without `eid_level` the actor has none.

    Raises:
        RefusedError: a field is missing or of the wrong kind.
    """
    query = mapping(value, "request")
    subject = mapping(query.get("subject"), "subject")
    action = mapping(query.get("action"), "action")
    resource = mapping(query.get("resource"), "resource")
    properties = mapping(resource.get("properties", {}), "resource.properties")
    context = mapping(query.get("context", {}), "context")
    if text(resource.get("type"), "resource.type") != RESOURCE_TYPE:
        raise bad_field("resource.type", wanted=f'"{RESOURCE_TYPE}"')
    if text(subject.get("type"), "subject.type") != "person":
        raise bad_field("subject.type", wanted='"person"')
    return Question(
        actor=text(subject.get("id"), "subject.id"),
        subject=text(properties.get("on_behalf_of"), "resource.properties.on_behalf_of"),
        scope=text(resource.get("id"), "resource.id"),
        action=text(action.get("name"), "action.name"),
        at=_instant(context["time"], "context.time") if "time" in context else now,
        eid_level=_eid(context.get("eid_level", "none"), "context.eid_level"),
        service_min_eid=_eid(
            context.get("service_min_eid", "substantial"), "context.service_min_eid"
        ),
    )


def as_json(decision: Decision) -> dict[str, Any]:
    """Return the answer in AuthZEN's shape: `{decision, context: {reason, grant?, obligations}}`."""
    context: dict[str, Any] = {"reason": decision.reason.value}
    if decision.grant_id is not None:
        context["grant"] = decision.grant_id
    context["obligations"] = [owed.value for owed in decision.obligations]
    return {"decision": decision.allowed, "context": context}


def read_person(key: str, value: Any) -> Person:
    """Return one person of a world.

    Raises:
        RefusedError: a field is missing, unknown or of the wrong kind.
    """
    return _person(key, value)


def read_grant(value: Any, where: str) -> Grant:
    """Return one grant of a world.

    Raises:
        RefusedError: a field is missing, unknown or of the wrong kind; `where` begins its path.
    """
    return _grant(value, where)


def read_parent(key: str, value: Any) -> str:
    """Return the parent of one scope of a world.

    Raises:
        RefusedError: it is not a text.
    """
    return text(value, f"scope_parent.{key}")


def _person(key: str, value: Any) -> Person:
    where = f"persons.{key}"
    item = mapping(value, where)
    _only(item, _PERSON_KEYS, where)
    return Person(
        key,
        _date(item.get("born"), f"{where}.born"),
        _optional(item, "died", _date, where),
        _protection(item.get("address_protection")),
        _flag(item.get("blocks_voluntary", False), f"{where}.blocks_voluntary"),
    )


def _protection(value: Any) -> Protection:
    """Return the grade; a grade nobody knows is the strictest (R17)."""
    name = "" if value is None or value is False else str(value).strip().lower().replace("_", "")
    if name in _OPEN_NAMES:
        return Protection.OPEN
    if name in _CONFIDENTIAL_NAMES:
        return Protection.CONFIDENTIAL
    return Protection.CLIENT if name == "klientadresse" else Protection.STRICT


def _grant(value: Any, where: str) -> Grant:
    item = mapping(value, where)
    _only(item, _GRANT_KEYS, where)
    kind = text(item.get("kind"), f"{where}.kind")
    if kind not in KINDS:
        raise bad_field(where, "kind", wanted=" | ".join(sorted(KINDS)))
    scopes = item.get("scopes", [])
    if not isinstance(scopes, list):
        raise bad_field(where, "scopes", wanted="a list of scopes")
    return Grant(
        id=text(item.get("id"), f"{where}.id"),
        kind=kind,
        grantor=text(item.get("from"), f"{where}.from"),
        grantee=text(item.get("to"), f"{where}.to"),
        scopes=frozenset(text(scope, f"{where}.scopes[{n}]") for n, scope in enumerate(scopes)),
        level=_level(item.get("level", "read"), f"{where}.level"),
        valid_from=_optional(item, "valid_from", _date, where),
        valid_to=_optional(item, "valid_to", _date, where),
        revoked_at=_optional(item, "revoked_at", _instant, where),
        parental_type=_optional(item, "type", text, where) or "",
        registered_by=_optional(item, "registered_by", text, where) or "",
        confirmed_by=_optional(item, "confirmed_by", text, where) or "",
        in_force=_flag(item.get("in_force", False), f"{where}.in_force"),
        source_current=_flag(item.get("source_current", True), f"{where}.source_current"),
        source_age_h=_hours(item.get("source_age_h", 0), f"{where}.source_age_h"),
        may_delegate=_flag(item.get("may_delegate", False), f"{where}.may_delegate"),
        parent=_optional(item, "parent", text, where) or "",
        delegated_by=_optional(item, "delegated_by", text, where) or "",
    )


def _optional(
    item: Mapping[str, Any], key: str, read: Callable[[Any, str], T], where: str
) -> T | None:
    value = item.get(key)
    return None if value is None else read(value, f"{where}.{key}")


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return an object.

    Raises:
        RefusedError: it is none.
    """
    if not isinstance(value, Mapping):
        raise bad_field(where, wanted="an object")
    return value


def _only(item: Mapping[str, Any], keys: set[str], where: str) -> None:
    for key in item:
        if key not in keys:
            raise refuse(
                "bad_input",
                "There is no such field here.",
                where=f"{where}.{key}",
                remedy="Use one of these: %(allowed)s.",
                values={"allowed": ", ".join(sorted(keys))},
            )


def text(value: Any, where: str) -> str:
    """Return a text that says something.

    Raises:
        RefusedError: it is none.
    """
    if not isinstance(value, str) or not value:
        raise bad_field(where, wanted="a text that is not empty")
    return value


def _flag(value: Any, where: str) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise bad_field(where, wanted="true or false")
    return value


def _hours(value: Any, where: str) -> float:
    """Return hours; null is an age that nobody knows, and so too old (R17)."""
    if value is None:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise bad_field(where, wanted="hours, 0 or more")
    return float(min(value, _VERY_OLD))


def _level(value: Any, where: str) -> Level:
    if value not in ("read", "write"):
        raise bad_field(where, wanted='"read" or "write"')
    return cast("Literal['read', 'write']", value)


def _eid(value: Any, where: str) -> EidLevel:
    if value not in EID_LEVELS:
        raise bad_field(where, wanted=" | ".join(EID_LEVELS))
    return cast("EidLevel", value)


def _date(value: Any, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text(value, where)[:10])
    except ValueError as error:
        raise bad_field(where, wanted="a date, as 2026-08-01") from error


def _instant(value: Any, where: str) -> dt.datetime:
    """Return an instant in UTC; one without a zone is read as UTC."""
    try:
        at = dt.datetime.fromisoformat(text(value, where))
        at = (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise bad_field(where, wanted="an instant, as 2026-08-01T10:00:00Z") from error
    if not dt.MINYEAR < at.year < dt.MAXYEAR:  # its date in Norway must be a date too
        raise bad_field(where, wanted="an instant, as 2026-08-01T10:00:00Z")
    return at


def bad_field(*place: str | int, wanted: str) -> RefusedError:
    """Return the refusal of a field: its path (names and numbers), and in English what to write there."""
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return refuse(
        "bad_input",
        "This field is missing or not what it must be.",
        where=where.removeprefix("."),
        remedy="Write %(wanted)s.",
        values={"wanted": wanted},
    )
