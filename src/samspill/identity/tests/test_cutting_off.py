"""A leader cuts an employee of the own organisation off at once, and nobody else's (SP-21)."""

from __future__ import annotations

import uuid

import pytest

from samspill.identity import cutting_off, service
from samspill.identity.models import Employee, Session
from samspill.identity.tests.conftest import Browser
from samspill.infra.models import AccessEntry
from samspill.kernel.outcome import RefusedError
from samspill.sandbox.staff import STAFF

pytestmark = pytest.mark.django_db
PAGE = "/arbeid/innlogget/"


def rights(member) -> dict[str, set[str]]:
    return {one.org_no: set(one.rights) for one in member.reportees}


def who_work_together():
    """A leader, somebody else of the same organisation, and somebody of another one."""
    alone = [member for member in STAFF if len(member.reportees) == 1]
    for boss in alone:
        [(org_no, has)] = rights(boss).items()
        others = [one for one in alone if one is not boss and org_no in rights(one)]
        if "leder" in has and others:
            return boss, others[0], next(one for one in alone if org_no not in rights(one))
    raise AssertionError


@pytest.fixture
def three(sandbox) -> list[Browser]:
    """The three, each logged in."""
    found = []
    for member in who_work_together():
        browser = Browser(sandbox)
        browser.log_in(member.national_id, profile="employee")
        found.append(browser)
    return found


def actor(browser: Browser):
    return browser.client.get("/").wsgi_request.actor


def refused(boss, person_id) -> str:
    with pytest.raises(RefusedError) as caught:
        cutting_off.cut_off(boss, person_id=person_id)
    return caught.value.refused.code


def test_the_leader_ends_the_logins_of_one_and_the_others_go_on(three):
    boss, colleague, stranger = three
    person = actor(colleague).person_id
    shown = boss.client.get(PAGE).content.decode()
    assert str(person) in shown
    assert str(actor(stranger).person_id) not in shown
    answer = boss.client.post(PAGE, {"person": str(person)})
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?gjort=1")
    assert [actor(one).kind for one in three] == ["employee", "anonymous", "employee"]
    assert Session.objects.get(person_id=person).ended_by == "cut_off"
    assert str(person) not in boss.client.get(PAGE).content.decode()
    told = AccessEntry.objects.filter(purpose="end sessions").get()
    assert (told.actor_id, told.subject_id) == (actor(boss).person_id, person)


def test_machines_are_no_longer_told_what_the_employee_may_do(three):
    boss, colleague, _ = three
    person, org_no = actor(colleague).person_id, actor(colleague).org_no
    assert service.as_actor(person, org_no=org_no) is not None
    assert cutting_off.cut_off(actor(boss), person_id=person) == 1
    assert service.as_actor(person, org_no=org_no) is None
    assert Employee.objects.filter(person_id=person).exists()
    assert refused(actor(boss), person) == "no_such_employee"


def test_nobody_cuts_off_oneself_or_anothers_and_a_caseworker_nobody(three):
    boss, colleague, stranger = three
    for one in (actor(boss).person_id, actor(stranger).person_id, uuid.uuid4()):
        assert refused(actor(boss), one) == "no_such_employee"
    assert refused(actor(colleague), actor(boss).person_id) == "no_such_employee"
    assert cutting_off.logged_in(actor(colleague)) == ()
    assert colleague.client.get(PAGE).status_code == 403
    assert boss.client.post(PAGE, {"person": "nobody"}).status_code == 409
    assert [actor(one).kind for one in three] == ["employee"] * 3
