"""Every address × every role × own and other organisation × grade: only declared cells allow, and nothing shines through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from samspill.cases.models import Case
from samspill.cases.service import scope
from samspill.cases.tests.term_builders import OWNER as FERRY_OWNER
from samspill.identity.adapters import machine_tokens
from samspill.identity.machine_claims import Machine, invalid
from samspill.identity.service import rule_of
from samspill.infra.tests import restricted
from samspill.mandates.service import clients, paper
from samspill.mandates.service.employees import Action, Employee, Ruling
from samspill.mandates.web.authzen import SCOPE
from samspill.site.api import api
from tests.matrix import cells
from tests.matrix.people import Person
from tests.matrix.trying import REFUSED, Matrix, Tried, attempt
from tests.matrix.world import Thing
from tests.routes import Route, routes

pytestmark = pytest.mark.django_db
METHODS = ("get", "post")
ROUTES = routes()
LEADS = [route for route in ROUTES if "anyone" not in route.roles]


# ── the declarations are those of the code ──────────────────────────────────────────────────────


def test_every_address_is_declared_with_the_roles_that_its_view_asks_for():
    assert {route.name: route.roles for route in ROUTES} == {
        name: declared.roles for name, declared in cells.routes().items()
    }


def test_every_operation_of_the_api_is_declared():
    found = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for one in view.operations:
                rule = rule_of(one.view_func)
                roles = rule.roles if rule else frozenset({"anyone"})
                found |= {f"{method} /api/v1{prefix}{path}": roles for method in one.methods}
    assert found == {name: declared.roles for name, declared in cells.operations().items()}
    described = api.get_openapi_schema()["paths"]
    told = {f"{m.upper()} {path}" for path, ways in described.items() for m in ways}
    assert told == set(found)


def test_every_door_leads_somewhere():
    named = {d for route in cells.routes().values() for d in (route.get, route.post)}
    assert named - {cells.NOWHERE, cells.UNMADE} == set(cells.doors())


# ── the cells ───────────────────────────────────────────────────────────────────────────────────


@attrs.frozen
class Cell:
    """One try: who, where, to what, how; and whether it is declared."""

    person: Person
    who: str
    route: Route
    thing: Thing | None
    method: str
    declared: bool

    def told(self, tried: Tried) -> str:
        """What happened, for the message of a failing test."""
        grade = f" ({self.thing.kind}, {self.thing.grade})" if self.thing else ""
        return f"{self.who}: {self.method.upper()} {self.route.name}{grade} → {tried.status}"


def gate(matrix: Matrix) -> Iterator[Cell]:
    """Nobody, and one in turn of those whose role the address does not ask for."""
    for n, route in enumerate(LEADS):
        wrong = [one for one in matrix.people if one.actor and not one.roles & route.roles]
        turn = wrong[n % len(wrong) :][:1] if wrong else []
        for person in (matrix.people[0], *turn):
            thing = _first(matrix, route)
            for method in METHODS:
                yield Cell(person, person.name, route, thing, method, declared=False)


_TOGETHER = frozenset(cells.GROUPS["together"])


def behind(matrix: Matrix) -> Iterator[Cell]:
    """Everybody whose role the address asks for, with every thing that it may lead to."""
    for route in LEADS:
        for method in METHODS:
            door = cells.routes()[route.name].door(method)
            shown: set[str] = set()
            for who, person, thing in _who_may_try(matrix, route, door):
                open_to_role = door == cells.NOWHERE and (route.name, who) not in cells.KEPT_OUT
                declared = open_to_role or (
                    thing is not None and cells.doors()[door].lets_in(who, thing.grade)
                )
                alike = _alike(route, method, who, thing)
                if declared and alike in shown:
                    continue
                yield Cell(person, who, route, thing, method, declared)
                shown |= {alike} if declared and alike else set()


def _alike(route: Route, method: str, who: str, thing: Thing | None) -> str:
    """Name what is shown alike, so that one yes of it is enough (pages are slow to make); every no is tried."""
    state = thing.grade if thing else ""
    if state in {"published", "fortrolig"} or (not state and route.roles <= _TOGETHER):
        return f"all {state}"
    role, _, place = who.partition(": ")
    group = next((name for name, roles in cells.GROUPS.items() if role in roles), "")
    return f"{group} {place} {state}" if group and method == "get" else ""


def _who_may_try(
    matrix: Matrix, route: Route, door: str
) -> Iterator[tuple[str, Person, Thing | None]]:
    inside = [one for one in matrix.people if one.roles & route.roles]
    kind = cells.doors()[door].thing if door in cells.doors() else ""
    things = [one for one in matrix.things if one.kind == kind] or [None]
    for thing in things:
        for person in inside:
            yield person.name, person, thing
        if thing is not None and "citizen" in route.roles:
            yield from ((who, person, thing) for who, person in thing.citizens.items())


def _first(matrix: Matrix, route: Route) -> Thing | None:
    door = cells.routes()[route.name].get
    kind = cells.doors()[door].thing if door in cells.doors() else ""
    return next((one for one in matrix.things if one.kind == kind), None)


def faults(matrix: Matrix, chosen: Iterator[Cell]) -> list[str]:
    """Try cells; return what was not as declared: let in, kept out, or told of."""
    found: list[str] = []
    missing: set[tuple[str, str]] = set()
    for cell in chosen:
        if (cell.route.name, cell.method) in missing:
            continue
        values = cell.thing.values if cell.thing else {}
        form = cells.FORMS.get(cell.route.name, {})
        tried = attempt(cell.person, cell.route, values, cell.method, form)
        if tried.status >= 500:
            found.append(f"fell over: {cell.told(tried)}")
        if not tried.has_method:
            missing.add((cell.route.name, cell.method))
        elif tried.let_in is not cell.declared:
            found.append(f"{'let in' if tried.let_in else 'kept out'}: {cell.told(tried)}")
        known = cell.thing is not None and _may_know(
            cell, cell.thing
        )  # the refusal is shown on its page
        if tried.wrote and not cell.declared and not known:
            found.append(f"wrote: {cell.told(tried)}")
        found += [
            f"told of {one}: {cell.told(tried)}" for one in _shining_through(matrix, cell, tried)
        ]
    return found


def _shining_through(matrix: Matrix, cell: Cell, tried: Tried) -> list[str]:
    """Whose name or number stands in an answer to one who may not know of it."""
    return [
        f"{thing.kind} {thing.grade}"
        for thing in matrix.things
        if any(trace in tried.body for trace in thing.traces) and not _may_know(cell, thing)
    ]


def _may_know(cell: Cell, thing: Thing) -> bool:
    """Tell whether one may know of a thing: an employee by role and place, a citizen by what it is to this very thing."""
    me = cell.person.actor
    if me is None:
        return False
    names = [cell.who] if me.kind == "employee" else [
        name for name, one in thing.citizens.items()
        if one.actor and one.actor.person_id == me.person_id
    ]  # fmt: skip
    return any(cells.doors()[thing.kind].lets_in(name, thing.grade) for name in names)


def test_nobody_and_the_wrong_role_stop_at_the_door(matrix: Matrix):
    found = faults(matrix, gate(matrix))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_only_declared_cells_allow(matrix: Matrix):
    found = faults(matrix, behind(matrix))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_a_strictly_protected_case_answers_as_one_that_was_never_there(matrix: Matrix):
    """Status, length and the statements that are asked alike, for everybody who may come there and not to the case.

    The same statements are the same work: what an answer takes tells nothing either (SP-23).
    """
    hidden = next(one for one in matrix.things if one.grade == "strengtFortrolig")
    route, unlike = next(one for one in ROUTES if one.name == "staff-case"), []
    for person in matrix.people[:6]:
        attempt(person, route, {}, "get")  # what a process keeps, such as packages, is fetched once
    for person in matrix.people:
        if person.roles & route.roles and not cells.doors()["case"].lets_in(
            person.name, hidden.grade
        ):
            (there, asked), (not_there, asked_of_none) = (
                _with_statements(person, route, values) for values in (hidden.values, {})
            )
            if (there.status, len(there.body)) != (404, len(not_there.body)):
                unlike.append(f"{person.name}: {there.status}, {len(there.body)}")
            if asked != asked_of_none:
                unlike.append(f"{person.name}: {set(asked) ^ set(asked_of_none)}")
    assert unlike == []


def _with_statements(person: Person, route: Route, values: Any) -> tuple[Tried, list[str]]:
    with CaptureQueriesContext(connection) as captured:
        tried = attempt(person, route, values, "get")
    # Django's own write values into their text; what is compared is which statement it is.
    return tried, [re.sub(r"'[^']*'|[0-9]+", "?", one["sql"]) for one in captured.captured_queries]


_BODIES = {
    "POST /api/v1/applications": ('{"package": "ferry", "answers": {}}', "application/json"),
    "POST /api/v1/packages/{package_id}/compute": ("{}", "application/json"),
}


@pytest.mark.parametrize("operation", sorted(cells.operations()))
def test_the_api_lets_in_whom_it_declares(matrix: Matrix, operation: str):
    declared = cells.operations()[operation]
    method, path = operation.split(" ")
    address = path.replace("{number}", "1108").replace("{package_id}", "bostotte")
    wrong = []
    for person in matrix.people:
        with transaction.atomic():
            send = getattr(person.client, method.lower())
            answer = send(address, *_BODIES.get(operation, ()), headers={"Idempotency-Key": "k"})
            transaction.set_rollback(True)
        may = "anyone" in declared.roles or bool(person.roles & declared.roles)
        if (answer.status_code not in REFUSED) is not may:
            wrong.append(f"{person.name}: {answer.status_code}")
    assert wrong == []


# ── machines ────────────────────────────────────────────────────────────────────────────────────

MACHINES = {
    "registered": (Machine(FERRY_OWNER, scopes=frozenset({SCOPE})), 200),
    "registered, by a supplier": (Machine(FERRY_OWNER, "999888777", frozenset({SCOPE})), 200),
    "another scope": (Machine(FERRY_OWNER, scopes=frozenset({"samspill:another"})), 403),
    "another consumer": (Machine("999999999", scopes=frozenset({SCOPE})), 403),
}


def test_a_machine_comes_in_with_its_scope_and_as_a_registered_consumer_alone(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
):
    known = {f"token-{n}": machine for n, (machine, _) in enumerate(MACHINES.values())}
    monkeypatch.setattr(machine_tokens, "reader", lambda: Reader(known))
    clients.register_client(
        org_no=FERRY_OWNER, name="Etat", owners=["husbanken"], legal_basis="lov"
    )
    body = {
        "subject": {"type": "person", "id": "p-AAAA"}, "action": {"name": "read"},
        "resource": {"type": "representation", "id": "husbanken:bostoette", "properties": {"on_behalf_of": "p-AAAA"}},
    }  # fmt: skip
    expected = {f"token-{n}": status for n, (_, status) in enumerate(MACHINES.values())}
    expected |= {"stolen": 401, "": 401}
    for route in (one for one in ROUTES if one.roles == {"machine"}):
        told = {}
        for token in expected:
            headers = {"Authorization": f"Bearer {token}"}
            answer = Client().post(
                f"/{route.pattern}", json.dumps(body), "application/json", headers=headers
            )
            told[token] = answer.status_code
        assert told == expected, route.name


@attrs.frozen
class Reader:
    """A reader of tokens that knows a few."""

    known: dict[str, Machine]

    def read(self, token: str) -> Machine:
        """Return whose token it is."""
        if token not in self.known:
            raise invalid("Unknown.")
        return self.known[token]


# ── the matrix can fail ─────────────────────────────────────────────────────────────────────────


def test_a_case_that_is_given_to_whoever_asks_is_seen_by_the_matrix(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
):
    """A hole is made: the decision about a case says yes to every employee. The matrix must name who came in.

    The database still keeps another municipality and the strictly protected apart; so it is asked to be silent too.
    """
    rule = scope._rule

    def careless(employee: Employee, case: Case, action: Action) -> Ruling:
        return rule(attrs.evolve(employee, side="system"), case, action)

    monkeypatch.setattr(scope, "_rule", careless)
    cells = [cell for cell in behind(matrix) if cell.route.name == "staff-case"]
    other = "let in: municipality_caseworker: other: GET staff-case (case, ugradert) → 200"
    hidden = "agency_caseworker: own: GET staff-case (case, strengtFortrolig) → 200"
    behind_the_wall = faults(matrix, iter(cells))
    assert behind_the_wall, "within the frame of the database the hole is one"
    assert other not in behind_the_wall
    assert f"let in: {hidden}" not in behind_the_wall
    monkeypatch.setattr(restricted, "_take", lambda _statement: None)
    found = faults(matrix, iter(cells))
    assert other in found
    assert f"let in: {hidden}" in found
    assert f"told of case strengtFortrolig: {hidden}" in found


def test_a_list_of_what_others_have_registered_is_seen_by_the_matrix(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch
):
    """A hole is made in a list: the page is the actor's own to see, and its rows are another municipality's.

    The database keeps them apart all the same; so it is asked to be silent too.
    """
    own = next(one.actor for one in matrix.people if one.name == "counter: own")
    assert own is not None
    monkeypatch.setattr(paper, "_employee", lambda _actor: own.org_no)
    cells = [cell for cell in behind(matrix) if cell.route.name == "mandate-papers"]
    told = "told of paper ugradert: municipality_caseworker: other: GET mandate-papers → 200"
    assert told not in faults(matrix, iter(cells))
    monkeypatch.setattr(restricted, "_take", lambda _statement: None)
    assert told in faults(matrix, iter(cells))
