"""The door: declared or refused, logged, kept no longer than allowed, told of changes."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.canonical import sha256_of
from samspill.infra.http import ComponentError
from samspill.infra.models import AccessEntry, Event
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import NationalId
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import Month
from samspill.registers import models, service
from samspill.registers.service import Declaration, Found, Unavailable
from samspill.sandbox.testing import Running

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 8, 1)
CITIZEN = Actor(kind="citizen", person_id=uuid.uuid4(), level="high", request_id="r1")


def declared(register: str = "nav.benefits", **more: object) -> Declaration:
    stated = {"legal_basis": "bustøttelova § 8 a", "purpose": "decide", **more}
    return Declaration("service", "1.2.0", "facts", register, **stated)


def someone(sandbox: Running, case: str = "student_on_aap") -> NationalId:
    text = sandbox.population.applicant(case).national_id
    found = NationalId.parse(text, allow_synthetic=True, allow_real=False)
    assert isinstance(found, NationalId)
    return found


def look(
    sandbox: Running,
    declaration: Declaration | None = None,
    case: str = "student_on_aap",
    **more: object,
) -> service.Outcome:
    stated = declared() if declaration is None else declaration
    return service.lookup(
        actor=CITIZEN, declaration=stated, person=someone(sandbox, case), on=ON, **more
    )


# -- declared or refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declaration", "code"),
    [
        (None, "register.not_declared"),
        (declared(legal_basis=""), "register.not_declared"),
        (declared(purpose=" "), "register.not_declared"),
        (declared(fresh_for="a day"), "register.not_declared"),
        (declared("skatteetaten.everything"), "register.unknown"),
    ],
)
def test_a_look_up_without_full_declaration_is_refused_and_logged(
    sandbox: Running, declaration: Declaration | None, code: str
) -> None:
    with pytest.raises(RefusedError) as error:
        service.lookup(actor=CITIZEN, declaration=declaration, person=someone(sandbox), on=ON)
    assert error.value.refused.code == code
    assert error.value.refused.as_error()["remedy"]
    entry = AccessEntry.objects.get()
    assert (entry.action, entry.outcome) == ("lookup", "deny")


def test_no_register_is_asked_when_the_look_up_is_refused(sandbox: Running) -> None:
    sandbox.switches.set("nav", "down", times=1)
    with pytest.raises(RefusedError):
        service.lookup(actor=CITIZEN, declaration=None, person=someone(sandbox), on=ON)
    assert sandbox.switches.as_json()["components"]["nav"]["times"] == 1


# -- the log ---------------------------------------------------------------------------------------


def test_a_look_up_is_logged_with_purpose_legal_basis_and_names_of_facts(sandbox: Running) -> None:
    case_id = uuid.uuid4()
    look(sandbox, case_id=case_id)
    entry = AccessEntry.objects.get()
    assert (entry.action, entry.outcome, entry.purpose) == ("lookup", "permit", "decide")
    assert entry.legal_basis == "bustøttelova § 8 a"
    assert entry.subject_id == identity.person_for(someone(sandbox))
    assert (entry.actor_id, entry.case_id) == (CITIZEN.person_id, case_id)
    assert "young_disabled" in entry.fields
    assert entry.detail == {
        "register": "nav.benefits",
        "lookup": "facts",
        "package": "service 1.2.0",
        "result": "Found",
        "kept": False,
    }


def test_a_batch_leaves_one_row_for_each_person(sandbox: Running) -> None:
    people = [someone(sandbox, case) for case in ("student_on_aap", "young_disabled", "no_income")]
    service.lookup_many(actor=system("run"), declaration=declared(), persons=people, on=ON)
    subjects = set(AccessEntry.objects.values_list("subject_id", flat=True))
    assert subjects == set(identity.person_ids_for(people).values())
    assert AccessEntry.objects.count() == 3


def test_an_attempt_that_failed_is_logged_as_such(sandbox: Running) -> None:
    sandbox.switches.set("nav", "down")
    assert isinstance(look(sandbox), Unavailable)
    assert AccessEntry.objects.get().detail["result"] == "Unavailable"


def test_no_data_leave_when_the_log_cannot_be_written(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(rows: object) -> None:
        raise IntegrityError("the log is full")

    monkeypatch.setattr(service.access_log, "record_many", broken)
    with pytest.raises(IntegrityError):
        look(sandbox, declared(fresh_for="P1D"))
    assert models.RegisterReply.objects.count() == 0


# -- kept no longer than allowed --------------------------------------------------------------------


def test_a_reply_is_used_again_while_it_is_fresh(sandbox: Running) -> None:
    first = look(sandbox, declared(fresh_for="P1D"))
    sandbox.switches.set("nav", "down")
    again = look(sandbox, declared(fresh_for="P1D"))
    assert isinstance(first, Found)
    assert isinstance(again, Found)
    assert (again.data, again.sha256, again.fetched_at) == (
        first.data,
        first.sha256,
        first.fetched_at,
    )
    assert [entry.detail["kept"] for entry in AccessEntry.objects.order_by("id")] == [False, True]


def test_a_reply_is_asked_for_anew_when_it_is_old(sandbox: Running) -> None:
    look(sandbox, declared(fresh_for="PT1H"))
    sandbox.switches.set("nav", "down")
    with clock.frozen(clock.now() + dt.timedelta(hours=1, seconds=1)):
        assert isinstance(look(sandbox, declared(fresh_for="PT1H")), Unavailable)


def test_a_shorter_freshness_holds_for_what_was_kept_longer(sandbox: Running) -> None:
    look(sandbox, declared(fresh_for="P30D"))
    sandbox.switches.set("nav", "down")
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        assert isinstance(look(sandbox, declared(fresh_for="P1D")), Unavailable)


def test_no_reply_is_kept_longer_than_ninety_days_whatever_is_declared(sandbox: Running) -> None:
    look(sandbox, declared(fresh_for="P2Y"))
    kept = models.RegisterReply.objects.get()
    assert kept.expires_at - kept.fetched_at == dt.timedelta(days=90)


def test_nothing_is_kept_without_freshness(sandbox: Running) -> None:
    look(sandbox, declared())
    assert models.RegisterReply.objects.count() == 0


def test_a_reply_to_one_package_is_not_given_to_another(sandbox: Running) -> None:
    look(sandbox, declared(fresh_for="P1D"))
    sandbox.switches.set("nav", "down")
    other = Declaration("other", "1.0.0", "facts", "nav.benefits", "law", "why", fresh_for="P1D")
    assert isinstance(look(sandbox, other), Unavailable)


def test_a_reply_about_one_month_is_not_given_for_another(sandbox: Running) -> None:
    stated = declared("skatteetaten.income", fresh_for="P1D")
    august = look(sandbox, stated, period=Month(2026, 8))
    july = look(sandbox, stated, period=Month(2026, 7))
    assert isinstance(august, Found)
    assert isinstance(july, Found)
    assert (august.data["month"], july.data["month"]) == ("2026-08", "2026-07")


@pytest.mark.parametrize(
    "register",
    ["folkeregisteret.person", "folkeregisteret.household", "matrikkelen.dwelling", "krr.contact"],
)
def test_grade_address_and_contact_are_never_kept(sandbox: Running, register: str) -> None:
    assert isinstance(look(sandbox, declared(register, fresh_for="P30D")), Found)
    assert models.RegisterReply.objects.count() == 0


def test_the_database_refuses_to_keep_what_tells_of_protection(sandbox: Running) -> None:
    person = identity.person_for(someone(sandbox))
    now = clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.RegisterReply.objects.create(
            person_id=person,
            package_id="p",
            register="folkeregisteret.person",
            asked="x",
            data={},
            source="s",
            sha256="x",
            fetched_at=now,
            expires_at=now + dt.timedelta(days=1),
        )


def test_a_grade_changed_between_two_look_ups_is_seen(sandbox: Running) -> None:
    stated = declared("folkeregisteret.person", fresh_for="P30D")
    before = look(sandbox, stated)
    sandbox.changes.set_protection(someone(sandbox).value, grade="strengtFortrolig")
    after = look(sandbox, stated)
    assert isinstance(before, Found)
    assert isinstance(after, Found)
    assert (before.data["protection"], after.data["protection"]) == ("ugradert", "strengtFortrolig")


def test_purge_deletes_only_what_is_over(sandbox: Running) -> None:
    look(sandbox, declared(fresh_for="P1D"))
    look(sandbox, declared("lanekassen.student", fresh_for="P30D"))
    assert service.purge() == 0
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        gone = str(models.RegisterReply.objects.exclude(register="lanekassen.student").get().pk)
        assert service.purge() == 1
        told = AccessEntry.objects.get(purpose="delete what is past its time")
        assert told.detail == {"what": "register replies", "count": 1, "sha256": sha256_of([gone])}
        assert service.purge() == 0
    assert models.RegisterReply.objects.get().register == "lanekassen.student"


# -- many ------------------------------------------------------------------------------------------


def test_a_batch_that_fails_leaves_the_others(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "BATCH", 2)
    people = [someone(sandbox, c) for c in ("student_on_aap", "young_disabled", "no_income")]
    sandbox.switches.set("nav", "wrong_schema", times=1)
    found = service.lookup_many(actor=system("run"), declaration=declared(), persons=people, on=ON)
    assert [type(found[person]) for person in people] == [Unavailable, Unavailable, Found]


def test_asking_about_nobody_is_no_call(sandbox: Running) -> None:
    answers = service.lookup_many(actor=system("run"), declaration=declared(), persons=[], on=ON)
    assert answers == {}
    assert AccessEntry.objects.count() == 0


def test_kept_and_fresh_are_joined(sandbox: Running) -> None:
    stated = declared(fresh_for="P1D")
    look(sandbox, stated, case="student_on_aap")
    people = [someone(sandbox, c) for c in ("student_on_aap", "young_disabled")]
    found = service.lookup_many(actor=system("run"), declaration=stated, persons=people, on=ON)
    assert all(isinstance(answer, Found) for answer in found.values())
    kept = AccessEntry.objects.order_by("-id")[:2]
    assert sorted(entry.detail["kept"] for entry in kept) == [False, True]


# -- the feed --------------------------------------------------------------------------------------


def test_the_feed_tells_of_people_we_know_and_only_once(sandbox: Running) -> None:
    service.read_feed(actor=system("feed"))
    known, unknown = someone(sandbox, "young_disabled"), someone(sandbox, "no_income")
    person_id = identity.person_for(known)
    for person in (known, unknown):
        sandbox.changes.set_protection(person.value, grade="fortrolig")
    assert service.read_feed(actor=system("feed")) >= 1
    bodies = Event.objects.filter(type="PersonChanged").values_list("body", flat=True)
    assert {body["person_id"] for body in bodies} == {str(person_id)}
    assert not any(known.value in str(body) for body in bodies)
    assert service.read_feed(actor=system("feed")) == 0


def test_a_change_of_a_person_drops_what_was_kept(sandbox: Running) -> None:
    service.read_feed(actor=system("feed"))
    look(sandbox, declared(fresh_for="P30D"))
    sandbox.changes.set_protection(someone(sandbox).value, grade="fortrolig")
    service.read_feed(actor=system("feed"))
    assert models.RegisterReply.objects.count() == 0


def test_the_pointer_stays_when_the_feed_is_down(sandbox: Running) -> None:
    service.read_feed(actor=system("feed"))
    before = models.FeedPointer.objects.get().sequence
    identity.person_for(someone(sandbox))
    sandbox.changes.set_protection(someone(sandbox).value, grade="fortrolig")
    sandbox.switches.set("folkeregisteret", "down")
    with pytest.raises(ComponentError):
        service.read_feed(actor=system("feed"))
    assert models.FeedPointer.objects.get().sequence == before
    sandbox.switches.set("folkeregisteret", "normal")
    from samspill.infra import http

    http.reset_circuits()
    assert service.read_feed(actor=system("feed")) >= 1


def test_register_names_are_those_of_the_plan() -> None:
    assert set(service.registers()) == {
        "folkeregisteret.person",
        "folkeregisteret.household",
        "folkeregisteret.representation",
        "folkeregisteret.family",
        "doedsbo.roles",
        "altinn.rights",
        "skatteetaten.income",
        "skatteetaten.tax_settlement",
        "nav.benefits",
        "lanekassen.student",
        "matrikkelen.dwelling",
        "husbanken.loans",
        "krr.contact",
    }
