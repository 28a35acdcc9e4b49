"""Who comes to which case: lists and single answers agree, reasons, hand-overs, family, a grade that arrives."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from functools import partial
from typing import Any

import attrs
import pytest
from django.db import IntegrityError, connection, transaction

from samspill.cases.domain.worklist import Filters
from samspill.cases.models import Case, Finding, HandOver, Incident, Opening
from samspill.cases.service import (
    findings,
    grading,
    handing_over,
    handling,
    incidents,
    openings,
    scope,
    snooping,
    ties,
    worklist,
)
from samspill.cases.tests.builders import a_citizen, a_number, a_person
from samspill.cases.tests.staff_web import a_browser, text_of
from samspill.cases.tests.term_builders import (
    OWNER,
    a_case,
    a_caseworker,
    an_agency,
    an_employee,
    municipality_id,
)
from samspill.identity import employees as directory
from samspill.identity import service as identity
from samspill.identity.domain import Unit
from samspill.infra import clock, looks
from samspill.infra.models import AccessEntry, Event
from samspill.kernel.actor import Actor, system
from samspill.kernel.outcome import RefusedError
from samspill.mandates.service.employees import Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("august")]
WHY = "Kollegaen er syk og vedtaket haster"


def raw(table: str, column: str) -> str:
    """What stands in the only row of a table, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        ((found,),) = cursor.fetchall()
    return str(found)


@pytest.fixture
def august():
    with clock.frozen(dt.datetime(2026, 8, 17, 10, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def case(ferry, known) -> Case:
    return a_case(ferry, known, state="submitted", amended={})


def elsewhere(**changes: Any) -> Actor:
    """Give a caseworker of the same municipality who serves another service."""
    actor = a_caseworker(serial=910)
    return attrs.evolve(actor, services=frozenset({"barnehage"}), **changes)


def a_leader(serial: int = 920) -> Actor:
    return an_employee("municipality_caseworker", "municipality_leader", serial=serial)


def named(actor: Actor, name: str) -> Actor:
    """Let an employee have logged in, so that colleagues know the name."""
    assert actor.person_id is not None
    unit = Unit(
        org_no=actor.org_no or "", name="", kind="municipality", roles=actor.roles,
        units=actor.units, services=actor.services,
    )  # fmt: skip
    directory.seen(actor.person_id, name, [unit])
    return actor


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


# ── lists and single answers ──────────────────────────────────────────────────────────────


def test_a_list_shows_exactly_what_the_decision_allows_for_any_employee_and_case(ferry, known):
    """Random employees against random cases, seeded: the query and the pure rule say the same of each pair."""
    chance = random.Random(20261122)
    people = [a_person(serial) for serial in range(30, 36)]
    rows = [a_random_case(chance, ferry, people, serial) for serial in range(40, 56)]
    for serial in range(14):
        actor = a_random_employee(chance, people, serial)
        for row in rows[:5]:
            something_of_ones_own(chance, actor, row)
        for action in ("read", "write"):
            listed = set(scope.visible(actor, action=action).values_list("pk", flat=True))
            allowed = {row.pk for row in rows if scope.ruling(actor, row, action).allowed}
            assert listed == allowed, (actor, action)


def a_random_case(chance: random.Random, ferry: Any, people: list[uuid.UUID], serial: int) -> Case:
    case = a_case(ferry, serial=serial, term=None)
    closed = chance.choice([None, None, 30, 500])
    told = {
        "unit": chance.choice(["", "boligkontor", "nav_kontor"]),
        "municipality_id": municipality_id(chance.choice(["1108", "1103"])),
        "package_id": chance.choice(["ferry", "ferry", "barnehage"]),
        "protection": chance.choice(["ugradert", "ugradert", "fortrolig", "strengtFortrolig"]),
        "applicant_id": chance.choice([*people, case.applicant_id]),
        "submitted_by_id": chance.choice([None, None, *people]),
        "persons": chance.sample(people, chance.choice([0, 0, 1, 2])),
        "handler_id": chance.choice([None, *people]),
        "closed_at": clock.now() - dt.timedelta(days=closed) if closed else None,
    }
    if closed:
        told["waiting_for"] = "nobody"
    Case.objects.filter(pk=case.pk).update(**told)
    case.refresh_from_db()
    return case


def a_random_employee(chance: random.Random, people: list[uuid.UUID], serial: int) -> Actor:
    roles = chance.choice(
        [
            ("municipality_caseworker",),
            ("municipality_leader",),
            ("counter",),
            ("protected_caseworker",),
            ("municipality_caseworker", "protected_caseworker"),
            ("agency_caseworker",),
            ("agency_leader", "protected_caseworker"),
        ]
    )
    agency = any(role.startswith("agency") for role in roles)
    me = chance.choice([*people, a_person(70)])
    if chance.random() < 0.9:
        ties.remember(me, chance.sample(people, chance.choice([0, 0, 1])))
    return Actor(
        kind="employee",
        person_id=me,
        org_no=OWNER if agency else "964965137",
        municipality_id=None if agency else municipality_id(chance.choice(["1108", "1103"])),
        roles=frozenset(roles),
        units=frozenset(chance.sample(["boligkontor", "nav_kontor", "*"], 1)),
        services=frozenset(chance.sample(["ferry", "barnehage", "*"], chance.choice([0, 1, 2]))),
        session_id=str(serial),
    )


def something_of_ones_own(chance: random.Random, actor: Actor, case: Case) -> None:
    told = {"org_no": actor.org_no, "employee_id": actor.person_id}
    if chance.random() < 0.2:
        until = clock.now() + dt.timedelta(minutes=chance.choice([0, 60]))
        Opening.objects.create(
            case=case,
            reason=WHY,
            opened_at=clock.now() - dt.timedelta(hours=1),
            until=until,
            **told,
        )
    living = HandOver.objects.filter(case=case, to_employee=actor.person_id, ended_at=None)
    if chance.random() < 0.1 and not living.exists():
        HandOver.objects.create(
            case=case, to_employee=actor.person_id, by_employee=uuid.uuid4(), why=WHY,
            org_no=actor.org_no, at=clock.now(),
        )  # fmt: skip


# ── a reason ──────────────────────────────────────────────────────────────────────────────


class TestReason:
    def test_the_queue_of_ones_service_needs_none_another_services_case_does(self, case) -> None:
        assert scope.ruling(a_caseworker(), case, "write").ground is Ground.QUEUE
        assert refused(handling.open_case, elsewhere(), case_id=case.id) == "case_outside"
        assert worklist.work_list(elsewhere(), Filters()).lines == ()

    def test_opens_for_reading_for_two_hours_and_stands_in_the_log_at_once(self, case) -> None:
        me = elsewhere()
        opened = openings.open_with_reason(me, case_id=case.id, reason=WHY)
        assert opened is not None
        handling.open_case(me, case_id=case.id)
        assert refused(handling.reply, me, case_id=case.id, text="Hei") == "opened_to_read"
        assert refused(handling.take, me, case_id=case.id) == "opened_to_read"
        entry = AccessEntry.objects.get(purpose=openings.PURPOSE, outcome="permit")
        assert (entry.subject_id, entry.case_id) == (case.applicant_id, case.id)
        assert entry.detail["written_reason"] == WHY
        assert Event.objects.filter(type="OpenedWithReason", key=case.id).count() == 1
        with clock.frozen(clock.now() + openings.OPENS_FOR):
            assert refused(handling.open_case, me, case_id=case.id) == "case_outside"

    def test_a_national_number_in_the_reason_is_hidden_in_the_row_and_blotted_in_the_log(
        self, case
    ) -> None:
        number = a_number(3).value
        row = openings.open_with_reason(
            elsewhere(), case_id=case.id, reason=f"{WHY} Det gjelder {number}."
        )
        assert row is not None
        assert number in Opening.objects.get(id=row.id).reason
        assert raw("cases_opening", "reason").count("~n.") == 1
        entry = AccessEntry.objects.get(purpose=openings.PURPOSE, outcome="permit")
        assert number not in str(entry.detail)
        assert entry.detail["written_reason"].endswith("Det gjelder ···········.")

    def test_a_leader_may_ask_in_one_word_and_an_empty_question_is_told_so(self, case) -> None:
        row = openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
        assert row is not None
        ask = partial(openings.look_at, a_leader(), opening_id=row.id, asks=True)
        with pytest.raises(RefusedError, match="reason_needed") as told:
            ask(question=" ")
        assert "at least" not in told.value.refused.message
        ask(question="Hvorfor?")
        assert Opening.objects.get(id=row.id).question == "Hvorfor?"

    @pytest.mark.parametrize("text", ["", "   ", "fordi", "tre korte ord", "x " * 400])
    def test_too_little_or_too_much_opens_nothing(self, case, text) -> None:
        code = refused(openings.open_with_reason, elsewhere(), case_id=case.id, reason=text)
        assert code == "reason_needed"
        assert not Opening.objects.exists()
        assert not AccessEntry.objects.filter(purpose=openings.PURPOSE).exists()

    def test_sent_twice_is_one_opening(self, case) -> None:
        first = openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
        assert openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY) == first

    def test_stores_nothing_for_whoever_needs_no_reason(self, case) -> None:
        assert openings.open_with_reason(a_caseworker(), case_id=case.id, reason=WHY) is None
        assert not Opening.objects.exists()

    def test_opens_nothing_of_another_organisation_nor_a_hidden_one(self, case) -> None:
        stranger = an_employee("municipality_leader", number="1103", serial=930)
        code = refused(openings.open_with_reason, stranger, case_id=case.id, reason=WHY)
        assert code == "case_not_found"
        Case.objects.filter(pk=case.pk).update(protection="strengtFortrolig")
        code = refused(openings.open_with_reason, elsewhere(), case_id=case.id, reason=WHY)
        assert code == "case_not_found"
        assert scope.locate(elsewhere(), case.application.receipt_code) is None

    def test_the_person_reads_the_reason_but_not_the_name(self, case) -> None:
        named(elsewhere(), "Leken Sandkasse")
        openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
        found, _more = looks.looks_at(a_citizen())
        [look] = [one for one in found if one.purpose == openings.PURPOSE]
        assert look.reason == WHY

    def test_the_leader_of_the_same_organisation_sees_it_the_same_day_and_asks(self, case) -> None:
        me = named(elsewhere(), "Leken Sandkasse")
        openings.open_with_reason(me, case_id=case.id, reason=WHY)
        [seen] = openings.for_leader(a_leader())
        assert (seen.employee, seen.number, seen.reason, seen.state) == (
            "Leken Sandkasse", case.application.receipt_code, WHY, "new",
        )  # fmt: skip
        openings.look_at(a_leader(), opening_id=seen.id, question="Hvem er syk?")
        [asked] = openings.mine(me)
        assert (asked.state, asked.question) == ("asked", "Hvem er syk?")
        openings.answer(me, opening_id=seen.id, text="Per i boligkontoret")
        openings.look_at(a_leader(), opening_id=seen.id)
        [seen] = openings.for_leader(a_leader())
        assert (seen.state, seen.answer) == ("seen", "Per i boligkontoret")

    def test_no_other_leader_sees_it_nor_looks_at_ones_own(self, case) -> None:
        opened = openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
        others = (
            an_employee("municipality_leader", number="1103", serial=931),
            an_employee("agency_leader", serial=932),
            a_caseworker(serial=933),
            attrs.evolve(a_leader(), person_id=elsewhere().person_id),
        )
        others = (attrs.evolve(others[0], org_no="964965226"), *others[1:])
        for other in others:
            assert openings.for_leader(other) == []
            assert refused(openings.look_at, other, opening_id=opened.id) == "not_found"

    def test_a_reason_must_say_something_whatever_writes_the_row(self, case) -> None:
        with pytest.raises(IntegrityError, match="opening_says_why"), transaction.atomic():
            Opening.objects.create(
                case=case, employee_id=uuid.uuid4(), org_no="1", reason="",
                opened_at=clock.now(), until=clock.now(),
            )  # fmt: skip


# ── handed over ───────────────────────────────────────────────────────────────────────────


def test_whoever_is_handed_a_case_works_on_it_whatever_queues_they_serve(case):
    me = named(elsewhere(), "Leken Sandkasse")
    assert refused(handling.take, me, case_id=case.id) == "case_outside"
    row = handing_over.hand_over(a_caseworker(), case_id=case.id, to=me.person_id, why="Inhabil")
    again = handing_over.hand_over(a_caseworker(), case_id=case.id, to=me.person_id, why="Inhabil")
    assert again == row
    handling.take(me, case_id=case.id)
    assert scope.ruling(me, Case.objects.get(pk=case.pk), "write").ground is Ground.HANDLER


def test_a_case_is_handed_to_a_known_colleague_only(case):
    stranger = an_employee("municipality_caseworker", number="1103", serial=940)
    named(attrs.evolve(stranger, org_no="964965226"), "Fremmed Fugl")
    code = refused(
        handing_over.hand_over,
        a_caseworker(),
        case_id=case.id,
        to=stranger.person_id,
        why="Tar den",
    )
    assert code == "no_such_colleague"


# ── too close ─────────────────────────────────────────────────────────────────────────────


class TestTooClose:
    def test_family_is_refused_everywhere_and_the_case_goes_to_another(self, case) -> None:
        me = a_caseworker(serial=950)
        handling.take(me, case_id=case.id)
        ties.remember(me.person_id, [case.applicant_id])
        assert refused(handling.open_case, me, case_id=case.id) == "disqualified"
        assert refused(openings.open_with_reason, me, case_id=case.id, reason=WHY) == "disqualified"
        assert worklist.work_list(me, Filters()).lines == ()
        case.refresh_from_db()
        assert case.handler_id is None
        grounds = AccessEntry.objects.filter(outcome="deny").values_list(
            "detail__ground", flat=True
        )
        assert set(grounds) == {"FAMILY"}
        [told] = findings.for_leader(a_leader())
        assert (told.rule, told.numbers) == ("disqualified", (case.application.receipt_code,))

    def test_somebody_of_the_household_counts_as_the_applicant_does(self, case) -> None:
        me = a_caseworker(serial=951)
        ties.remember(me.person_id, [a_person(77)])
        Case.objects.filter(pk=case.pk).update(persons=[a_person(77)])
        assert refused(handling.open_case, me, case_id=case.id) == "disqualified"

    def test_whom_one_represents_is_refused(self, case) -> None:
        from samspill.mandates.models import Grant

        me = a_caseworker(serial=952)
        grant = Grant.objects.create(
            kind="fullmakt", grantor_id=case.applicant_id, grantee_id=me.person_id, scopes=["a:b"],
            level="read", channel="web", created_at=clock.now(), accepted_at=clock.now(),
        )  # fmt: skip
        assert refused(handling.open_case, me, case_id=case.id) == "disqualified"
        long_ago = clock.now() - dt.timedelta(days=400)
        Grant.objects.filter(pk=grant.pk).update(revoked_at=long_ago)
        handling.open_case(me, case_id=case.id)

    def test_nobody_is_let_in_while_no_register_says_who_is_family(self, case, known) -> None:
        known.down.add("folkeregisteret.family")
        me = attrs.evolve(a_caseworker(), person_id=a_person(953))
        assert refused(handling.open_case, me, case_id=case.id) == "family_unknown"
        assert not scope.visible(me).exists()
        assert not Finding.objects.exists()

    def test_what_was_said_stands_for_a_week_when_the_register_is_down(self, case, known) -> None:
        me = a_caseworker(serial=954)
        known.down.add("folkeregisteret.family")
        with clock.frozen(clock.now() + dt.timedelta(days=6)):
            handling.open_case(me, case_id=case.id)
        with clock.frozen(clock.now() + dt.timedelta(days=8)):
            assert refused(handling.open_case, me, case_id=case.id) == "family_unknown"

    def test_the_whole_family_and_the_household_are_asked_for_once_a_day(self, known) -> None:
        number = {name: a_number(serial).value for serial, name in enumerate(NEAR, start=960)}
        mine = [("mor", "parent"), ("barn", "child"), ("ektefelle", "spouse")]
        known.replies["folkeregisteret.family"] = {
            number["meg"]: a_family(number, mine, family="Prøve"),
            number["mor"]: a_family(number, [("meg", "child"), ("søster", "child")]),
        }
        known.replies["folkeregisteret.household"][number["meg"]] = {
            "members": [{"national_id": number[one]} for one in ("meg", "leieboer")]
        }
        me = attrs.evolve(a_caseworker(), person_id=a_person(960))
        found = ties.family_of(me)
        assert found == {a_person(960 + n) for n in range(1, len(NEAR))}
        asked = len(known.asked)
        assert ties.family_of(me) == found
        assert len(known.asked) == asked


NEAR = ("meg", "mor", "barn", "ektefelle", "søster", "leieboer")


def a_family(
    number: dict[str, str], near: list[tuple[str, str]], family: str = ""
) -> dict[str, Any]:
    return {
        "name": {"full": f"Kari {family}", "family": family},
        "address": None,
        "relatives": [{"national_id": number[who], "relation": how} for who, how in near],
    }


# ── a grade that arrives ──────────────────────────────────────────────────────────────────


def test_a_grade_between_the_page_and_the_sending_cuts_everybody_off(case, known):
    """SP-26: the page was open in two browsers; the next request of each finds nothing, and the list says who saw it."""
    desk, leader = (
        a_browser("municipality_caseworker"),
        a_browser("municipality_leader", serial=921),
    )
    page = f"/arbeid/sak/{case.id}/"
    assert desk.get(page).status_code == 200
    openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
    known.know(1, protection="strengtFortrolig")
    grading.regrade_person(system("feed"), person_id=case.applicant_id)

    hidden = desk.post(f"{page}melding/", {"text": "Hei", "key": "k"})
    unknown = desk.post(f"/arbeid/sak/{uuid.uuid4()}/melding/", {"text": "Hei", "key": "k"})
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert len(hidden.content) == len(unknown.content)
    assert leader.get(page).status_code == 404
    assert not case.messages.exists()
    assert case.application.receipt_code not in text_of(desk.get("/arbeid/"))
    assert refused(handling.open_case, elsewhere(), case_id=case.id) == "case_not_found"
    assert openings.for_leader(a_leader()) == []

    cleared = an_employee("agency_caseworker", "protected_caseworker", serial=970)
    [incident] = incidents.for_cleared(cleared)
    assert {one.org_no for one in incident.seen_by} == {"964965137"}
    assert len(incident.seen_by) == 2
    incidents.settle(cleared, incident_id=incident.id, note="Begge er snakket med")
    assert (
        refused(incidents.settle, cleared, incident_id=incident.id, note="En gang til")
        == "not_found"
    )
    assert refused(incidents.settle, a_leader(), incident_id=incident.id, note="Nei") == "not_found"


def test_a_household_member_whose_grade_arrives_hides_the_case(ferry, known):
    row = a_case(ferry, known, serial=1, state="submitted")
    Case.objects.filter(pk=row.pk).update(persons=[a_person(8)])
    known.know(1, protection="strengtFortrolig")
    grading.regrade_person(system("feed"), person_id=a_person(8))
    row.refresh_from_db()
    assert (row.protection, row.municipality_id) == ("strengtFortrolig", None)
    grading.regrade_person(system("feed"), person_id=a_person(8))
    assert Incident.objects.filter(case=row).count() == 1


# ── rules over the log ────────────────────────────────────────────────────────────────────


def test_the_rules_run_again_find_nothing_new_and_the_leader_settles_what_they_found(case):
    colleague = named(a_caseworker(serial=1), "Kari Kollega")
    assert colleague.person_id == case.applicant_id
    me = named(a_caseworker(serial=980), "Ivrig Nabo")
    handling.open_case(me, case_id=case.id)
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        assert snooping.run(system("rules")) == 1
        assert snooping.run(system("rules")) == 0
        [found] = findings.for_leader(a_leader())
        assert (found.rule, found.employee, found.count) == ("own_colleague", "Ivrig Nabo", 1)
        settle = {"finding_id": found.id, "outcome": "dismissed"}
        assert refused(findings.settle, a_leader(), **settle, reason=" ") == "reason_needed"
        assert refused(findings.settle, me, **settle, reason="Alt i orden") == "not_found"
        findings.settle(a_leader(), **settle, reason="Hadde køen den dagen")
        assert refused(findings.settle, a_leader(), **settle, reason="Igjen") == "not_found"
        assert snooping.run(system("rules")) == 0
        [found] = findings.for_leader(a_leader())
        assert (found.state, found.reason) == ("dismissed", "Hadde køen den dagen")


# ── pages ─────────────────────────────────────────────────────────────────────────────────


def test_a_case_outside_ones_tasks_leads_to_the_page_that_asks_why(case):
    me = a_browser("municipality_caseworker", serial=990, services=frozenset({"barnehage"}))
    number = case.application.receipt_code
    found = me.post("/arbeid/finn/", {"number": number}, follow=True)
    assert found.redirect_chain[-1][0] == f"/arbeid/sak/{case.id}/apne/"
    assert number in text_of(found)
    assert "Kari" not in text_of(found)
    bad = me.post(f"/arbeid/sak/{case.id}/apne/", {"reason": "fordi"})
    assert bad.status_code == 422
    good = me.post(f"/arbeid/sak/{case.id}/apne/", {"reason": WHY}, follow=True)
    assert "You can read it until" in text_of(good)
    assert me.post(f"/arbeid/sak/{case.id}/melding/", {"text": "Hei"}).status_code == 403


def test_the_leaders_page_shows_names_and_case_numbers_and_no_person(case):
    named(elsewhere(), "Leken Sandkasse")
    opened = openings.open_with_reason(elsewhere(), case_id=case.id, reason=WHY)
    leader = a_browser("municipality_leader", serial=921)
    text = text_of(leader.get("/arbeid/oppslag/"))
    assert "Leken Sandkasse" in text
    assert case.application.receipt_code in text
    assert WHY in text
    assert case.applicant_name not in text
    assert str(elsewhere().person_id) not in text
    address = f"/arbeid/oppslag/apnet/{opened.id}/"
    assert leader.post(address, {"ask": "1", "question": " "}).status_code == 422
    assert leader.post(address, {"seen": "1"}).status_code == 302
    assert a_browser("municipality_caseworker", serial=922).post(address).status_code == 403


def test_who_is_named_in_a_case_stays_named(ferry, known):
    from samspill.cases.service import persons

    row = a_case(ferry, known)
    row.persons = [a_person(8)]
    persons.follow(row, ferry)
    assert row.persons == [a_person(8)]


def test_an_employee_is_known_by_name_in_the_own_organisation_alone(db):
    named(a_caseworker(serial=995), "Kari Kollega")
    assert [one.name for one in identity.colleagues(a_leader())] == ["Kari Kollega"]
    assert identity.colleagues(an_agency()) == []
    assert identity.colleagues(a_citizen()) == []
