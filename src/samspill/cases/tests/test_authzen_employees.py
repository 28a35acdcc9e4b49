"""AuthZEN about employees: the answer of the decision point that guards our own pages."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from django.test import Client

from samspill.cases.models import Case
from samspill.cases.service import scope
from samspill.cases.tests.builders import a_number
from samspill.cases.tests.staff_web import a_task
from samspill.cases.tests.term_builders import OWNER, a_case, an_agency
from samspill.identity import employees as directory
from samspill.identity.adapters import machine_tokens
from samspill.identity.domain import LONGEST, Unit
from samspill.identity.machine_claims import Machine
from samspill.infra import clock
from samspill.infra.models import AccessEntry
from samspill.kernel.ids import new_id
from samspill.mandates.service import asking_employees, clients
from samspill.mandates.web.authzen import SCOPE

pytestmark = pytest.mark.django_db


class Tokens:
    """A reader that knows the agency's token, and a stranger's."""

    def read(self, token: str) -> Machine:
        return Machine(token, scopes=frozenset({SCOPE}))


@pytest.fixture
def case(ferry, known, monkeypatch) -> Case:
    monkeypatch.setattr(machine_tokens, "reader", Tokens)
    for org_no in (OWNER, "974761076"):
        clients.register_client(
            org_no=org_no, name="Etat", owners=[], legal_basis="lov", may_use_numbers=True,
            sees_reasons=org_no == OWNER,
        )  # fmt: skip
    logged_in(an_agency())
    return a_case(ferry, known)


def logged_in(actor: Any) -> None:
    unit = Unit(org_no=actor.org_no, name="", kind="agency", roles=actor.roles,
                units=actor.units, services=actor.services)  # fmt: skip
    directory.seen(actor.person_id, "Kari Ansatt", [unit])


def ask(path: str, body: Any, org_no: str = OWNER) -> Any:
    answer = Client().post(
        f"/access/v1/{path}", json.dumps(body), content_type="application/json",
        headers={"Authorization": f"Bearer {org_no}"},
    )  # fmt: skip
    return answer.json() if answer.status_code == 200 else answer.status_code


def query(name: object, *, kind: str = "case", action: str = "read", serial: int = 900) -> Any:
    return {
        "subject": {"type": "employee", "id": a_number(serial).value},
        "action": {"name": action},
        "resource": {"type": kind, "id": str(name)},
        "context": {"purpose": "saksbehandling"},
    }


def reason(answer: Any) -> tuple[bool, str]:
    return answer["decision"], answer["context"]["reason"]


def test_a_case_and_its_task_are_answered_as_the_pages_answer(case):
    task = a_task(case)
    assert reason(ask("evaluation", query(case.id))) == (True, "QUEUE")
    assert reason(ask("evaluation", query(task.id, kind="task", action="write"))) == (True, "QUEUE")
    logged_in(attrs.evolve(an_agency(), services=frozenset()))
    assert reason(ask("evaluation", query(case.id))) == (False, "REASON_NEEDED")
    assert AccessEntry.objects.filter(purpose="employees' access: saksbehandling").count() == 3


def test_a_hidden_case_and_none_are_answered_alike(case):
    Case.objects.filter(pk=case.pk).update(protection="strengtFortrolig", municipality=None)
    hidden, none = (ask("evaluation", query(one)) for one in (case.id, new_id()))
    assert hidden == none
    assert reason(none) == (False, "NO_RESOURCE")


def test_one_organisation_learns_nothing_of_anothers_employees(case):
    assert reason(ask("evaluation", query(case.id), "974761076")) == (False, "DENIED")
    search = {**query(case.id), "subject": {"type": "employee"}}
    assert ask("search/subject", search, "974761076")["results"] == []


def test_an_old_login_says_nothing_of_what_somebody_may_do_now(case):
    with clock.frozen(clock.now() + LONGEST["employee"]):
        assert reason(ask("evaluation", query(case.id))) == (False, "NO_ROLE")


def test_reports_are_for_roles_and_for_services_one_owns(case):
    del case
    assert reason(ask("evaluation", query("gains", kind="report"))) == (True, "REPORT")
    assert reason(ask("evaluation", query("payments:ferry", kind="report"))) == (True, "REPORT")
    for name, action in (("payments:another", "read"), ("gains", "write"), ("others", "read")):
        answer = ask("evaluation", query(name, kind="report", action=action))
        assert reason(answer) == (False, "NO_RESOURCE")


def test_many_at_once_in_order_beside_representations_and_stopped_where_asked(case):
    other = {
        "subject": {"type": "person", "id": "p-x"},
        "action": {"name": "read"},
        "resource": {"type": "representation", "id": "a:b", "properties": {"on_behalf_of": "p-y"}},
    }
    bad = query(case.id, kind="house")
    items = [query(case.id), other, bad, query(case.id, action="write")]
    found = ask("evaluations", {"evaluations": items})["evaluations"]
    assert [one["decision"] for one in found] == [True, False, False, True]
    assert found[2]["context"]["error"]["status"] == 400
    stop = {"evaluations": items, "options": {"evaluations_semantic": "deny_on_first_deny"}}
    assert len(ask("evaluations", stop)["evaluations"]) == 2
    assert ask("evaluations", {**stop, "options": {"evaluations_semantic": "x"}}) == 400


def test_searches_give_what_the_decision_allows(case):
    cases = ask("search/resource", {**query("x"), "resource": {"type": "case"}})["results"]
    assert cases == [{"type": "case", "id": str(one.id)} for one in scope.visible(an_agency())]
    assert {"type": "case", "id": str(case.id)} in cases
    names = ask("search/action", {**query(case.id), "action": {}})["results"]
    assert [one["name"] for one in names] == ["read", "write"]
    [found] = ask("search/subject", {**query(case.id), "subject": {"type": "employee"}})["results"]
    same = {**query(case.id), "subject": found}
    assert reason(ask("evaluation", same)) == (True, "QUEUE")


@pytest.mark.parametrize(
    "changes",
    [
        {"resource": 1},
        {"resource": {"type": "case"}},
        {"action": {"name": "open"}},
        {"subject": {"type": "employee"}},
        {"context": []},
    ],
)
def test_a_question_that_cannot_be_read_is_told_so(case, changes):
    assert ask("evaluation", {**query(case.id), **changes}) == 400
    assert asking_employees.is_about(query(case.id))
