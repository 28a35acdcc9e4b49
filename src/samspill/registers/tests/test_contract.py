"""Each adapter against the stand-in, over HTTP, in every mode of the switches."""

from __future__ import annotations

import base64
import datetime as dt
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from joserfc.jwk import RSAKey

from samspill.infra.http import ComponentError
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import system
from samspill.kernel.ids import NationalId
from samspill.kernel.periods import Month
from samspill.registers import service
from samspill.registers.adapters import clients
from samspill.registers.service import Declaration, Found, NotFound, Unavailable
from samspill.sandbox.people import Person
from samspill.sandbox.testing import Running

pytestmark = pytest.mark.django_db

ACTOR = system("contract-test")
ON = dt.date(2026, 8, 1)
#: register -> (component of the switches, period)
ASKED = {
    "folkeregisteret.person": ("folkeregisteret", None),
    "folkeregisteret.household": ("folkeregisteret", None),
    "skatteetaten.income": ("skatteetaten", Month(2026, 8)),
    "skatteetaten.tax_settlement": ("skatteetaten", 2025),
    "nav.benefits": ("nav", None),
    "lanekassen.student": ("lanekassen", None),
    "matrikkelen.dwelling": ("matrikkelen", None),
    "husbanken.loans": ("husbanken", None),
    "krr.contact": ("krr", None),
}
KEYS = {
    "folkeregisteret.person": "national_id name born status dead marital_status address shared_residence protection",
    "folkeregisteret.household": "members",
    "skatteetaten.income": "month total items",
    "skatteetaten.tax_settlement": "year net_wealth dwelling_tax_value capital_income business_income foreign_income",
    "nav.benefits": "young_disabled occupational_injury disability_pension single_old_age_pensioner "
    "old_age_pension student_exempting benefits",
    "lanekassen.student": "student from to level",
    "matrikkelen.dwelling": "address_id unit_no building_type approved holiday_home institution",
    "husbanken.loans": "loans",
    "krr.contact": "reserved status can_be_notified mobile email language postbox",
}
NOBODY = "17912099997"


def declared(register: str, **more: object) -> Declaration:
    return Declaration("service", "1.0.0", "facts", register, "lov § 1", "decide", **more)


def number(text: str) -> NationalId:
    found = NationalId.parse(text, allow_synthetic=True, allow_real=False)
    assert isinstance(found, NationalId)
    return found


def the(sandbox: Running, case: str) -> Person:
    """The first person of a named case."""
    return sandbox.population.applicant(case)


def ask(register: str, person: str, **more: object) -> service.Outcome:
    on = more.pop("on", ON)
    period = more.pop("period", ASKED[register][1])
    declaration = declared(register, **more)
    return service.lookup(
        actor=ACTOR, declaration=declaration, person=number(person), on=on, period=period
    )


def data(register: str, person: Person, **more: object) -> dict:
    found = ask(register, person.national_id, **more)
    assert isinstance(found, Found), found
    return dict(found.data)


@pytest.mark.parametrize("register", ASKED)
def test_gives_the_normal_shape_for_one_and_for_many(sandbox: Running, register: str) -> None:
    people = [p.national_id for p in list(sandbox.population.persons)[:40]]
    single = ask(register, people[0])
    many = service.lookup_many(
        actor=ACTOR,
        declaration=declared(register),
        persons=[number(n) for n in people],
        on=ON,
        period=ASKED[register][1],
    )
    assert isinstance(single, Found)
    assert isinstance(many[number(people[0])], Found)
    assert many[number(people[0])].data == single.data
    assert many[number(people[0])].sha256 == single.sha256
    for answer in many.values():
        assert isinstance(answer, Found)
        assert set(KEYS[register].split()) <= set(answer.data) or answer.data == {}


@pytest.mark.parametrize("register", ASKED)
def test_every_person_of_the_population_can_be_read(sandbox: Running, register: str) -> None:
    everybody = [number(p.national_id) for p in sandbox.population.persons]
    answers = service.lookup_many(
        actor=ACTOR,
        declaration=declared(register),
        persons=everybody,
        on=ON,
        period=ASKED[register][1],
    )
    assert len(answers) == len(everybody)
    assert {type(answer) for answer in answers.values()} <= {Found, NotFound}


@pytest.mark.parametrize(
    "register", sorted(set(ASKED) - {"skatteetaten.tax_settlement", "skatteetaten.income"})
)
def test_a_person_the_register_does_not_know_is_not_found(sandbox: Running, register: str) -> None:
    assert isinstance(ask(register, NOBODY), NotFound)


@pytest.mark.parametrize("register", ASKED)
@pytest.mark.parametrize(
    ("mode", "how", "kind"),
    [
        ("down", "503", "unavailable"),
        ("down", "close", "unavailable"),
        ("wrong_schema", "503", "invalid"),
        ("throttled", "503", "throttled"),
    ],
)
def test_a_register_that_fails_is_told_in_plain_words(
    sandbox: Running, register: str, mode: str, how: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PERSON_BUDGET_S", 1.0)
    person = the(sandbox, "single_mother_sandnes").national_id
    sandbox.switches.set(ASKED[register][0], mode, how=how)
    answer = ask(register, person)
    assert isinstance(answer, Unavailable)
    assert answer.kind == kind
    assert answer.component in {ASKED[register][0], "husbanken_loans"}
    assert answer.source in answer.message_key % {"source": answer.source}


@pytest.mark.parametrize("register", ASKED)
def test_a_slow_register_costs_no_more_than_the_budget(
    sandbox: Running, register: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(register, the(sandbox, "single_mother_sandnes").national_id)
    monkeypatch.setattr(clients, "PERSON_BUDGET_S", 0.2)
    sandbox.switches.set(ASKED[register][0], "slow", seconds=0.6, times=1)
    answer = ask(register, the(sandbox, "single_mother_sandnes").national_id)
    assert isinstance(answer, Unavailable)
    assert answer.kind == "unavailable"


@pytest.mark.parametrize("register", ASKED)
def test_one_failed_call_is_tried_again(sandbox: Running, register: str) -> None:
    sandbox.switches.set(ASKED[register][0], "down", times=1)
    assert isinstance(ask(register, the(sandbox, "single_mother_sandnes").national_id), Found)


def test_a_register_that_is_down_for_long_is_left_in_peace(sandbox: Running) -> None:
    sandbox.switches.set("nav", "down")
    person = the(sandbox, "single_mother_sandnes").national_id
    for _ in range(3):
        ask("nav.benefits", person)
    sandbox.switches.set("nav", "normal")
    answer = ask("nav.benefits", person)
    assert isinstance(answer, Unavailable)
    assert answer.retry_after is not None


def test_folkeregisteret_counts_its_wait_in_milliseconds(sandbox: Running) -> None:
    sandbox.switches.set("folkeregisteret", "throttled")
    answer = ask("folkeregisteret.person", the(sandbox, "protected").national_id)
    assert isinstance(answer, Unavailable)
    assert answer.retry_after == 1.0


def test_folkeregisteret_is_asked_again_after_the_wait_it_asks_for(sandbox: Running) -> None:
    sandbox.switches.set("folkeregisteret", "throttled", times=1)
    answer = ask("folkeregisteret.person", the(sandbox, "protected").national_id)
    assert isinstance(answer, Found)


@pytest.mark.parametrize(
    "register", sorted(name for name in ASKED if not name.startswith("folkeregisteret"))
)
def test_the_others_count_their_wait_in_seconds(sandbox: Running, register: str) -> None:
    sandbox.switches.set(ASKED[register][0], "throttled")
    answer = ask(register, the(sandbox, "single_mother_sandnes").national_id)
    assert isinstance(answer, Unavailable)
    assert (answer.kind, answer.retry_after) == ("throttled", 1.0)


def test_maskinporten_down_is_told_as_the_component_it_is(sandbox: Running) -> None:
    sandbox.switches.set("maskinporten", "down")
    answer = ask("nav.benefits", the(sandbox, "single_mother_sandnes").national_id)
    assert isinstance(answer, Unavailable)
    assert (answer.component, answer.kind) == ("maskinporten", "unavailable")


def test_a_wrong_address_is_never_read_as_no_income(sandbox: Running) -> None:
    settings.SAMSPILL["registers"]["skatteetaten"]["base_url"] += "/wrong"
    for register in ("skatteetaten.income", "skatteetaten.tax_settlement"):
        answer = ask(register, the(sandbox, "single_mother_sandnes").national_id)
        assert isinstance(answer, Unavailable)
        assert answer.kind == "invalid"


def test_an_address_that_is_not_set_is_unavailable(sandbox: Running) -> None:
    settings.SAMSPILL["registers"]["krr"]["base_url"] = ""
    answer = ask("krr.contact", the(sandbox, "single_mother_sandnes").national_id)
    assert isinstance(answer, Unavailable)


# -- what the named cases say ------------------------------------------------------------------------


def test_address_under_protection_does_not_leave_the_room(sandbox: Running) -> None:
    for case, grade in [("protected", "fortrolig"), ("protected_strictly", "strengtFortrolig")]:
        person = data("folkeregisteret.person", the(sandbox, case))
        assert person["protection"] == grade
        assert person["address"] is None
        assert person["shared_residence"] is None


def test_a_cleared_task_may_have_the_protected_address(sandbox: Running) -> None:
    person = data("folkeregisteret.person", the(sandbox, "protected"), needs_protected_address=True)
    assert person["protection"] == "fortrolig"
    assert person["address"]["municipality_no"]


def test_client_address_is_shown(sandbox: Running) -> None:
    person = data("folkeregisteret.person", the(sandbox, "client_address"))
    assert person["protection"] == "klientadresse"
    assert person["address"] is not None


def test_an_unknown_grade_is_the_strictest(sandbox: Running) -> None:
    person = data("folkeregisteret.person", the(sandbox, "grade_unknown"))
    assert (person["protection"], person["address"]) == ("strengtFortrolig", None)


def test_two_addresses_in_force_give_the_latest(sandbox: Running) -> None:
    address = data("folkeregisteret.person", the(sandbox, "two_current_addresses"))["address"]
    assert address["municipality_no"]
    assert address["postal_code"]


def test_the_dead_the_moved_and_the_renumbered(sandbox: Running) -> None:
    assert data("folkeregisteret.person", the(sandbox, "dead_applicant"))["dead"] is True
    assert data("folkeregisteret.person", the(sandbox, "emigrated"))["status"] == "utflyttet"
    changed = the(sandbox, "number_changed")
    assert data("folkeregisteret.person", changed)["national_id"] == changed.national_id


def test_a_person_without_known_address_is_still_found(sandbox: Running) -> None:
    person = data("folkeregisteret.person", the(sandbox, "unknown_address"))
    assert person["address"] is None or person["address"]["street"] is None


def test_a_household_has_roles_and_grades(sandbox: Running) -> None:
    members = data("folkeregisteret.household", the(sandbox, "single_mother_sandnes"))["members"]
    assert sorted(m["relation"] for m in members) == ["child", "child", "self"]
    couple = data("folkeregisteret.household", the(sandbox, "couple_baerum"))["members"]
    assert sorted(m["relation"] for m in couple) == ["self", "spouse"]
    shared = data("folkeregisteret.household", the(sandbox, "shared_residence_child"))["members"]
    assert [m["shared_residence"] for m in shared if m["relation"] == "child"] == [True]
    assert {m["protection"] for m in members} == {"ugradert"}


def test_three_payments_in_a_month_are_counted(sandbox: Running) -> None:
    person = the(sandbox, "three_payments_aap")
    by_month = {
        month: data("skatteetaten.income", person, period=Month(2026, month))["items"]
        for month in range(1, 13)
    }
    counts = {item["payments"] for items in by_month.values() for item in items}
    assert counts == {2, 3}
    three = next(items[0] for items in by_month.values() if items[0]["payments"] == 3)
    assert three["kind"] == "ytelseFraOffentlige"
    assert three["benefit"] == "arbeidsavklaringspenger"
    assert three["amount"] % 3 == 0


def test_an_income_has_the_name_of_its_payer(sandbox: Running) -> None:
    income = data("skatteetaten.income", the(sandbox, "single_mother_sandnes"))
    assert income["month"] == "2026-08"
    assert income["total"] == sum(item["amount"] for item in income["items"]) == 23000
    assert income["items"][0]["payer"]
    assert re.fullmatch(r"\d{9}", income["items"][0]["payer_org_no"])


def test_names_of_payers_are_no_condition(sandbox: Running) -> None:
    sandbox.switches.set("enhetsregisteret", "down")
    income = data("skatteetaten.income", the(sandbox, "single_mother_sandnes"))
    assert income["total"] == 23000
    assert income["items"][0]["payer"] == ""


def test_no_income_and_no_settlement_are_answers(sandbox: Running) -> None:
    nobody_pays = the(sandbox, "no_income")
    assert data("skatteetaten.income", nobody_pays) == {"month": "2026-08", "total": 0, "items": []}
    assert data("skatteetaten.tax_settlement", nobody_pays, period=1999) == {}


def test_the_settlement_is_summed_by_kind(sandbox: Running) -> None:
    assert (
        data("skatteetaten.tax_settlement", the(sandbox, "tenant_with_wealth"))["net_wealth"]
        == 400000
    )
    assert data("skatteetaten.tax_settlement", the(sandbox, "self_employed"))["business_income"] > 0
    assert (
        data("skatteetaten.tax_settlement", the(sandbox, "foreign_pension"))["foreign_income"] > 0
    )
    assert data("skatteetaten.tax_settlement", the(sandbox, "capital_income"))["capital_income"] > 0
    assert (
        data("skatteetaten.tax_settlement", the(sandbox, "owner_with_loan"))["dwelling_tax_value"]
        > 0
    )


def test_without_a_year_the_newest_settlement_is_given(sandbox: Running) -> None:
    found = data("skatteetaten.tax_settlement", the(sandbox, "tenant_with_wealth"), period=None)
    assert found["year"] == 2025


def test_one_call_each_gives_the_same_as_bulk(sandbox: Running) -> None:
    people = [number(p.national_id) for p in list(sandbox.population.persons)[:12]]

    def answers(register: str) -> dict:
        declaration = declared(register)
        found = service.lookup_many(
            actor=ACTOR, declaration=declaration, persons=people, on=ON, period=ASKED[register][1]
        )
        return {
            person: answer.data for person, answer in found.items() if isinstance(answer, Found)
        }

    bulk = {r: answers(r) for r in ("skatteetaten.income", "skatteetaten.tax_settlement")}
    settings.SAMSPILL["registers"]["skatteetaten"]["bulk"] = False
    assert {register: answers(register) for register in bulk} == bulk


def test_nav_says_what_the_rules_ask(sandbox: Running) -> None:
    young = data("nav.benefits", the(sandbox, "young_disabled"))
    assert (young["young_disabled"], young["disability_pension"]) == (True, True)
    assert data("nav.benefits", the(sandbox, "occupational_injury"))["occupational_injury"] is True
    pensioner = data("nav.benefits", the(sandbox, "single_pensioner"))
    assert (pensioner["old_age_pension"], pensioner["single_old_age_pensioner"]) == (True, True)
    couple = data("nav.benefits", the(sandbox, "pensioner_couple"))
    assert (couple["old_age_pension"], couple["single_old_age_pensioner"]) == (True, False)
    assert data("nav.benefits", the(sandbox, "student_on_aap"))["student_exempting"] is True
    assert data("nav.benefits", the(sandbox, "single_mother_sandnes"))["benefits"] == []


def test_lanekassen_tells_students_from_others(sandbox: Running) -> None:
    assert data("lanekassen.student", the(sandbox, "student_alone"))["student"] is True
    assert data("lanekassen.student", the(sandbox, "single_mother_sandnes"))["student"] is False
    pupil = data("lanekassen.student", the(sandbox, "pupil_begun_at_25"))
    assert pupil["level"] == "videregaaende"


def test_matrikkelen_tells_what_a_dwelling_is(sandbox: Running) -> None:
    assert data("matrikkelen.dwelling", the(sandbox, "holiday_home"))["holiday_home"] is True
    assert data("matrikkelen.dwelling", the(sandbox, "institution"))["institution"] is True
    assert data("matrikkelen.dwelling", the(sandbox, "not_approved_basement"))["approved"] is False


def test_husbanken_tells_what_a_loan_costs(sandbox: Running) -> None:
    (loan,) = data("husbanken.loans", the(sandbox, "owner_with_loan"))["loans"]
    assert loan["yearly_cost"] == loan["interest"] + loan["instalments"] + loan["fees"] > 0
    assert 0 < loan["dwelling_share"] <= 1


def test_krr_tells_reservation_and_old_contact_points(sandbox: Running) -> None:
    assert data("krr.contact", the(sandbox, "reserved_against_digital"))["reserved"] is True
    old = data("krr.contact", the(sandbox, "contact_outdated"))
    assert (old["mobile_usable"], old["email_usable"]) == (False, False)
    assert data("krr.contact", the(sandbox, "tenant_with_wealth"))["language"] == "nn"


# -- traces ----------------------------------------------------------------------------------------------


def test_no_number_of_a_person_stands_in_a_log_line(
    sandbox: Running, caplog: pytest.LogCaptureFixture
) -> None:
    from samspill.infra.logs import LineFormatter

    caplog.set_level(logging.INFO)
    person = the(sandbox, "single_mother_sandnes").national_id
    for register in ASKED:
        ask(register, person)
        sandbox.switches.set(ASKED[register][0], "wrong_schema", times=1)
        ask(register, person)
    lines = [LineFormatter().format(record) for record in caplog.records]
    assert lines
    assert [line for line in lines if person in line] == []
    rows = AccessEntry.objects.values_list("purpose", "legal_basis", "detail", "fields")
    assert person not in str(list(rows))


def test_the_token_is_fetched_once_and_again_when_it_was_refused(sandbox: Running) -> None:
    client = clients.tokens()
    first = client.token("nav:ytelser.read")
    assert client.token("nav:ytelser.read") == first
    client.forget("nav:ytelser.read")
    assert client.token("nav:ytelser.read") != first
    key = ("nav:ytelser.read", "")
    client._tokens[key] = type(client._tokens[key])("revoked", 1e12)
    assert isinstance(ask("nav.benefits", the(sandbox, "single_mother_sandnes").national_id), Found)


def test_a_scope_we_have_not_is_denied(sandbox: Running) -> None:
    with pytest.raises(ComponentError) as error:
        clients.tokens().token("somebody:elses")
    assert error.value.kind == "denied"


def test_a_delegated_token_is_for_the_other_organisation_and_kept_apart(
    sandbox: Running, key_file: Path
) -> None:
    key = RSAKey.import_key(key_file.read_text("ascii"))
    key.ensure_kid()
    jwks = {"keys": [key.as_dict(private=False)]}
    sandbox.register_client(client_id="supplier", jwks=jwks, delegations=["964965137"])
    settings.SAMSPILL["maskinporten"]["client_id"] = "supplier"
    clients.close_all()
    client, scope = clients.tokens(), "nav:ytelser.read"
    own, delegated = client.token(scope), client.token(scope, consumer_org="964965137")
    assert client.token(scope, consumer_org="964965137") == delegated
    told = claims_of(delegated)
    assert told["consumer"]["ID"] == "0192:964965137"
    assert told["supplier"]["ID"] == claims_of(own)["consumer"]["ID"]
    with pytest.raises(ComponentError, match="invalid_grant") as error:
        client.token(scope, consumer_org="964338531")
    assert error.value.kind == "denied"
    with pytest.raises(ValueError, match="nine digits"):
        client.token(scope, consumer_org="Sandnes")
    client.forget(scope)
    assert client.token(scope, consumer_org="964965137") != delegated


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_a_rotated_key_signs_the_next_fetch(sandbox: Running, tmp_path: Path) -> None:
    old, new = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))
    jwks = {"keys": [one.as_dict(private=False) for one in (old, new)]}
    sandbox.register_client(client_id="rotating", jwks=jwks)
    file = tmp_path / "client.pem"
    file.write_bytes(old.as_pem(private=True))
    settings.SAMSPILL["maskinporten"] |= {"client_id": "rotating", "key_file": str(file)}
    clients.close_all()
    client, scope = clients.tokens(), "nav:ytelser.read"
    first = client.token(scope)
    file.write_bytes(new.as_pem(private=True) + old.as_pem(private=True))
    sandbox.register_client(client_id="rotating", jwks={"keys": [new.as_dict(private=False)]})
    client.forget()
    assert client.token(scope) != first


def test_a_missing_key_file_says_which_setting(sandbox: Running) -> None:
    settings.SAMSPILL["maskinporten"]["key_file"] = "/nowhere/key.pem"
    with pytest.raises(ComponentError, match="SAMSPILL_MASKINPORTEN_KEY"):
        clients.tokens().token("nav:ytelser.read")
