"""The room over PostgreSQL: each act allowed, refused, repeated; the register fresh, silent, wrong."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from django.db import IntegrityError, connection, transaction

from samspill.infra import clock, events
from samspill.infra.models import AccessEntry
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.models import Grant, GrantText, Party, Step
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    Register,
    a_mandate,
    ask,
    citizen,
    employee,
    number,
    offer,
    person,
    reason,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def told(mandate_id):
    return [one.type for one in events.story(mandate_id)]


# ── give and accept ────────────────────────────────────────────────────────────────────────────


def test_a_mandate_counts_when_the_agent_has_accepted_it(register: Register):
    made = a_mandate(accepted=False)
    assert reason() == "PENDING_CONFIRMATION"
    service.accept(citizen(2), mandate_id=made)
    decision = service.decide(ask())
    assert (decision.allowed, decision.grant_id) == (True, str(made))
    assert told(made) == ["MandateGiven", "MandateAccepted"]
    assert reason(1, 2) == "NO_GRANT", "a mandate has a direction"


def test_the_signed_text_is_kept_by_its_hash(register: Register):
    made = a_mandate()
    row = Grant.objects.select_related("text").get(id=made)
    assert "Kari Prøve1" in row.text.text
    assert "Kari Prøve2" in row.text.text
    assert GrantText.objects.get().sha256 == row.text_id


def test_another_text_than_the_one_shown_is_not_signed(register: Register):
    shown = service.preview(citizen(1), offer())
    with pytest.raises(RefusedError) as refused:
        service.give(citizen(1), offer(level="read"), text_sha256=shown.sha256)
    assert refused.value.refused.code == "text_changed"
    assert not Grant.objects.exists()


def test_the_same_text_signed_twice_is_one_mandate(register: Register):
    assert a_mandate(accepted=False) == a_mandate(accepted=False)
    assert Step.objects.filter(what="given").count() == 1


def test_accepting_twice_is_accepting_once(register: Register):
    made = a_mandate()
    service.accept(citizen(2), mandate_id=made)
    assert told(made).count("MandateAccepted") == 1


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"agent_family": "Annen"}, "agent_number"),
        ({"agent_number": "123"}, "agent_number"),
        ({"scopes": ()}, "scopes"),
        ({"scopes": ("*",)}, "scopes"),
        ({"scopes": ("husbanken:*",)}, "scopes"),
        ({"valid_from": dt.date(2020, 1, 1)}, "valid_from"),
        ({"valid_to": dt.date(2020, 1, 1)}, "valid_to"),
        ({"valid_to": dt.date(2090, 1, 1)}, "valid_to"),
    ],
)
def test_an_offer_that_will_not_do_says_where(register: Register, wrong, where):
    with pytest.raises(RefusedError) as refused:
        service.preview(citizen(1), offer(**wrong))
    assert refused.value.refused.where == where


def test_nobody_gives_a_mandate_to_themselves_or_for_another(register: Register):
    with pytest.raises(RefusedError):
        service.preview(citizen(1), offer(1))
    acting = citizen(1, on_behalf_of=person(3))
    with pytest.raises(RefusedError) as refused:
        service.preview(acting, offer(2))
    assert refused.value.refused.code == "only_yourself"


def test_a_hidden_person_is_answered_as_one_who_is_not_there(register: Register):
    register.know(3, protection="strengtFortrolig")
    answers = []
    for agent in (3, 40):
        with pytest.raises(RefusedError) as refused:
            service.preview(citizen(1), offer(agent))
        answers.append(refused.value.refused)
    assert answers[0] == answers[1]


def test_a_giver_under_age_is_refused(register: Register):
    register.know(1, born="2015-05-05")
    with pytest.raises(RefusedError) as refused:
        service.preview(citizen(1), offer())
    assert refused.value.refused.code == "too_young"


def test_a_mandate_of_another_is_not_there(register: Register):
    made = a_mandate()
    for act in (service.withdraw, service.renounce, service.accept, service.decline, service.get):
        with pytest.raises(RefusedError) as refused:
            act(citizen(3), mandate_id=made)
        assert refused.value.refused.status == 404
    assert reason() == "GRANT"


# ── change, withdraw, renounce, renew, block ──────────────────────────────────────────────────


def test_a_withdrawal_works_from_that_second_and_once(register: Register):
    made = a_mandate()
    assert reason() == "GRANT"
    service.withdraw(citizen(1), mandate_id=made)
    assert reason() == "REVOKED"
    service.withdraw(citizen(1), mandate_id=made)
    assert told(made).count("MandateWithdrawn") == 1
    with pytest.raises(RefusedError):
        service.accept(citizen(2), mandate_id=made)


def test_the_agent_may_renounce_but_not_withdraw(register: Register):
    made = a_mandate()
    with pytest.raises(RefusedError):
        service.withdraw(citizen(2), mandate_id=made)
    service.renounce(citizen(2), mandate_id=made)
    assert reason() == "REVOKED"


def test_a_declined_mandate_never_counts(register: Register):
    made = a_mandate(accepted=False)
    service.decline(citizen(2), mandate_id=made)
    with pytest.raises(RefusedError):
        service.accept(citizen(2), mandate_id=made)
    assert reason() == "REVOKED"


def test_a_change_to_less_goes_on_and_to_more_waits_for_the_agent(register: Register):
    made = a_mandate()
    less = offer(level="read")
    text = service.preview_change(citizen(1), mandate_id=made, offer=less)
    second = service.change(citizen(1), mandate_id=made, offer=less, text_sha256=text.sha256)
    assert reason(action="read") == "GRANT"
    assert reason(action="write") == "REVOKED"
    more = offer(scopes=("husbanken:bostoette", "husbanken:startlaan"))
    text = service.preview_change(citizen(1), mandate_id=second, offer=more)
    third = service.change(citizen(1), mandate_id=second, offer=more, text_sha256=text.sha256)
    assert reason(scope="husbanken:startlaan") == "PENDING_CONFIRMATION"
    service.accept(citizen(2), mandate_id=third)
    assert reason(scope="husbanken:startlaan") == "GRANT"
    assert Grant.objects.get(id=third).replaces_id == second


def test_a_mandate_is_renewed_in_its_last_thirty_days_only(register: Register):
    today = clock.today()
    made = a_mandate(valid_to=today + 60 * DAY)
    last = today + 400 * DAY

    def renew(mandate_id):
        asked = offer(valid_to=last)
        text = service.preview_change(citizen(1), mandate_id=mandate_id, offer=asked)
        return service.renew(
            citizen(1), mandate_id=mandate_id, valid_to=last, text_sha256=text.sha256
        )

    with pytest.raises(RefusedError) as refused:
        renew(made)
    assert refused.value.refused.code == "not_yet"
    with clock.frozen(clock.now() + 45 * DAY):
        assert service.look_after() == (1, 0)
        assert service.look_after() == (0, 0)
        new = renew(made)
        assert reason() == "GRANT"
        assert service.get(citizen(1), mandate_id=new).state == "active"
        assert "MandateChanged" in told(made)


def test_a_mandate_that_has_run_out_is_told_once(register: Register):
    made = a_mandate(valid_to=clock.today())
    with clock.frozen(clock.now() + 2 * DAY):
        assert service.look_after() == (0, 1)
        assert service.look_after() == (0, 0)
        Party.objects.update(told_at=clock.now())
        assert reason() == "EXPIRED"
    assert told(made)[-1] == "MandateExpired"


def test_a_block_stops_voluntary_mandates_and_can_be_lifted(register: Register):
    a_mandate()
    service.block(citizen(1), blocked=True)
    service.block(citizen(1), blocked=True)
    assert reason() == "PARTY_BLOCKS"
    with pytest.raises(RefusedError) as refused:
        a_mandate()
    assert refused.value.refused.code == "shut"  # it would not count, and be told that it does
    service.block(citizen(1), blocked=False)
    assert reason() == "GRANT"


def test_a_block_at_the_counter_needs_a_reason(register: Register):
    with pytest.raises(RefusedError):
        service.block(employee(5), blocked=True, person_id=person(1))
    service.block(employee(5), blocked=True, person_id=person(1), reason="Ba om det på telefon.")
    assert Party.objects.get(person_id=person(1)).blocks_voluntary


# ── the register ───────────────────────────────────────────────────────────────────────────────


def test_facts_older_than_a_day_are_no_answer_and_are_emptied(register: Register):
    a_mandate()
    with clock.frozen(clock.now() + dt.timedelta(hours=25)):
        register.down = True
        assert service.decide_fresh(citizen(2), ask()).reason == "SOURCE_STALE"
        assert service.purge() == 2
        register.down = False
        assert service.decide_fresh(citizen(2), ask()).reason == "GRANT"


def test_a_register_that_is_down_for_an_hour_stops_nothing(register: Register):
    a_mandate()
    register.down = True
    with clock.frozen(clock.now() + dt.timedelta(hours=3)):
        assert service.decide_fresh(citizen(2), ask()).reason == "GRANT"


def guardianship(guardian: int, *tasks: str) -> list[dict]:
    areas = [dict(zip(("vergeTjenestevirksomhet", "vergeTjenesteoppgave"), t.split(":"), strict=True)) for t in tasks]  # fmt: skip
    element = {"erGjeldende": True, "verge": {"foedselsEllerDNummer": number(guardian).value, "tjenesteomraade": areas}}  # fmt: skip
    return [element, element]


def test_a_guardian_has_the_listed_tasks_until_the_register_says_otherwise(register: Register):
    tasks = ("husbanken:bostoette", "kartverket:sletting", "skatteetaten:innkreving")
    register.know(1, guardianships=guardianship(2, *tasks))
    actor = citizen(2)
    assert service.decide_fresh(actor, ask()).reason == "GRANT"
    consent = service.decide(ask(scope="kartverket:sletting"))
    assert consent.obligations == (service.Obligation.STATSFORVALTER_CONSENT,)
    assert reason(scope="skatteetaten:innkreving") == "SCOPE"
    register.know(1)
    event = events.Stored(1, clock.now(), "PersonChanged", None, {"person_id": str(person(1))})
    service.person_changed(event)
    assert reason() == "SOURCE_STALE"
    assert service.decide_fresh(actor, ask()).reason == "NO_GRANT"


def test_a_guardian_without_a_number_gives_no_right_and_stops_nothing(register: Register):
    nameless = {"erGjeldende": True, "verge": {"navnFoedselsdato": {}, "tjenesteomraade": []}}
    odd = {"erGjeldende": True, "verge": {"foedselsEllerDNummer": "00000000000", "tjenesteomraade": [{"vergeTjenestevirksomhet": "husbanken", "vergeTjenesteoppgave": "bostoette"}]}}  # fmt: skip
    register.know(1, guardianships=[nameless, odd, *guardianship(2, "husbanken:bostoette")])
    assert service.decide_fresh(citizen(2), ask()).reason == "GRANT"


def test_a_parent_acts_until_the_birthday_and_ukjent_goes_by_hand(register: Register):
    today = clock.today()
    born = today.replace(year=today.year - 17)
    parents = [
        {"national_id": number(2).value, "kind": "felles"},
        {"national_id": number(3).value, "kind": "ukjent"},
    ]
    register.know(1, born=born.isoformat(), parents=parents)
    register.know(2, children=[{"national_id": number(1).value, "kind": "felles"}])
    assert service.decide_fresh(citizen(2), ask()).reason == "GRANT"
    assert service.decide_fresh(citizen(3), ask(3)).reason == "MANUAL_ONLY"
    names = [one.name for one in service.may_act_for(citizen(2))]
    assert names == ["Kari Prøve1"]
    with clock.frozen(dt.datetime.combine(born.replace(year=born.year + 18), dt.time(1))):
        Party.objects.update(told_at=clock.now())
        Grant.objects.update(told_at=clock.now())
        assert reason() == "AGE"


def test_a_dead_giver_ends_everything(register: Register):
    a_mandate()
    register.know(1, dead=True, died=clock.today().isoformat())
    event = events.Stored(1, clock.now(), "PersonChanged", None, {"person_id": str(person(1))})
    service.person_changed(event)
    assert service.decide_fresh(citizen(2), ask()).reason == "DECEASED"


def test_one_who_becomes_hidden_is_out_of_reach_and_of_every_list(register: Register):
    a_mandate()
    assert len(service.may_act_for(citizen(2))) == 1
    register.know(1, protection="strengtFortrolig")
    event = events.Stored(1, clock.now(), "PersonChanged", None, {"person_id": str(person(1))})
    service.person_changed(event)
    assert service.may_act_for(citizen(2)) == []
    assert reason() == "PROTECTED_ROUTE"
    assert reason(3, 1) == "SOURCE_STALE", "nothing is held of the third"
    assert service.decide_fresh(citizen(3), ask(3)).reason == "PROTECTED_ROUTE"


# ── many at once ───────────────────────────────────────────────────────────────────────────────


def test_a_list_is_one_statement_and_answers_as_one_by_one(
    register: Register, django_assert_num_queries
):
    a_mandate()
    a_mandate(3, 2)
    pairs = [(2, 1), (2, 3), (1, 2), (2, 2), (3, 1)]
    questions = [
        ask(actor, subject, scope=scope, action=action)
        for actor, subject in pairs
        for scope in ("husbanken:bostoette", "kommune:sosialeTjenester")
        for action in ("read", "write")
    ]
    questions.append(attrs.evolve(questions[0], subject="nobody"))
    with django_assert_num_queries(1):
        many = service.decide_many(questions)
    assert many == [service.decide(one) for one in questions]
    assert {str(one.reason) for one in many} >= {
        "GRANT",
        "SCOPE",
        "NO_GRANT",
        "SELF",
        "SOURCE_STALE",
    }


def test_a_mandate_passed_on_ends_with_the_one_it_came_from(register: Register):
    service.decide_fresh(citizen(3), ask(3))
    parent = a_mandate(may_delegate=True)
    row = Grant.objects.get(id=parent)
    child = Grant.objects.create(
        kind="fullmakt", grantor_id=person(1), grantee_id=person(3), scopes=row.scopes, level="read",
        valid_from=row.valid_from, parent=row, delegated_by=str(person(2)), accepted_at=clock.now(),
        channel="web", created_at=clock.now(),
    )  # fmt: skip
    assert service.decide(ask(3, action="read")).grant_id == str(child.id)
    service.withdraw(citizen(1), mandate_id=parent)
    assert reason(3, action="read") == "REVOKED"


# ── organisations, paper, phone ────────────────────────────────────────────────────────────────


def test_a_mandate_to_an_organisation_is_used_by_those_it_names(register: Register):
    asked = offer(agent_number="", agent_org_no=OTHER_ORG, agent_org_name="Hjelpen")
    text = service.preview(citizen(1), asked)
    made = service.give(citizen(1), asked, text_sha256=text.sha256)
    leader = employee(4, "municipality_leader", org_no=OTHER_ORG)
    service.accept_for_organisation(leader, mandate_id=made)
    assert service.decide_fresh(citizen(2), ask()).reason == "NO_GRANT"
    named = service.name_user(leader, number=number(2).value, family="Prøve2")
    assert service.name_user(leader, number=number(2).value, family="Prøve2") == named
    assert service.decide(ask()).grant_id == str(made)
    assert [one.name for one in service.may_act_for(citizen(2))] == ["Kari Prøve1"]
    with pytest.raises(RefusedError):
        service.end_user(employee(4, "municipality_leader"), user_id=named)
    service.end_user(leader, user_id=named)
    assert reason() == "NO_GRANT"
    with pytest.raises(RefusedError):
        service.users(employee(5))


def a_paper(by: int = 5) -> tuple:
    made = service.register_paper(
        employee(by), giver_number=number(1).value, giver_family="Prøve1", offer=offer()
    )
    return made, employee(by)


def test_paper_takes_two_employees_and_neither_is_the_agent(register: Register):
    made, first = a_paper()
    assert reason() == "PENDING_CONFIRMATION"
    with pytest.raises(RefusedError) as refused:
        service.approve_paper(first, mandate_id=made)
    assert refused.value.refused.code == "four_eyes"
    with pytest.raises(RefusedError) as refused:
        service.approve_paper(employee(2), mandate_id=made)
    assert refused.value.refused.code == "own_matter"
    with pytest.raises(RefusedError) as refused:
        service.approve_paper(employee(6, org_no=OTHER_ORG), mandate_id=made)
    assert refused.value.refused.status == 404
    service.approve_paper(employee(6), mandate_id=made)
    assert reason() == "GRANT"
    assert told(made) == ["MandateGiven", "MandateConfirmed"]


def test_a_party_cannot_register_the_paper(register: Register):
    for party in (1, 2):
        with pytest.raises(RefusedError) as refused:
            a_paper(by=party)
        assert refused.value.refused.code == "own_matter"


def test_the_code_of_the_letter_confirms_once_and_within_five_tries(
    register: Register, monkeypatch
):
    from samspill.mandates.service import paper

    letters = []
    monkeypatch.setattr(paper, "_letter", lambda _row, code: letters.append(code) or b"%PDF")
    made, first = a_paper()
    with pytest.raises(RefusedError):
        service.print_letter(first, mandate_id=made)
    service.print_letter(employee(6), mandate_id=made)
    service.print_letter(employee(6), mandate_id=made)
    for wrong in ("ABCD", letters[0], "", "x" * 99):
        with pytest.raises(RefusedError) as refused:
            service.confirm_by_code(first, mandate_id=made, code=wrong)
        assert refused.value.refused.code == "code_wrong"
    service.confirm_by_code(
        first, mandate_id=made, code=f"{letters[1][:4]} {letters[1][4:].lower()}"
    )
    assert reason() == "GRANT"


def test_a_code_is_dead_after_five_wrong_tries(register: Register, monkeypatch):
    from samspill.mandates.service import paper

    letters = []
    monkeypatch.setattr(paper, "_letter", lambda _row, code: letters.append(code) or b"%PDF")
    made, first = a_paper()
    service.print_letter(employee(6), mandate_id=made)
    for _ in range(5):
        with pytest.raises(RefusedError):
            service.confirm_by_code(first, mandate_id=made, code="WRONG")
    with pytest.raises(RefusedError):
        service.confirm_by_code(first, mandate_id=made, code=letters[0])
    assert reason() == "PENDING_CONFIRMATION"


def test_the_letter_is_a_pdf(register: Register):
    made, _first = a_paper()
    assert service.print_letter(employee(6), mandate_id=made).startswith(b"%PDF")


def test_the_giver_can_have_a_paper_ended(register: Register):
    made, first = a_paper()
    service.approve_paper(employee(6), mandate_id=made)
    service.end_on_request(first, mandate_id=made)
    assert reason() == "REVOKED"


def test_the_phone_check_tells_the_fine_reason_to_employees_only(register: Register):
    a_mandate(level="read")

    def check(actor, action="read"):
        return service.phone_check(
            actor, agent_number=number(2).value, subject_number=number(1).value,
            scope="husbanken:bostoette", action=action,
        )  # fmt: skip

    worker = employee(5, "municipality_caseworker")
    assert check(worker).allowed
    assert check(worker, "write").reason == "LEVEL"
    with pytest.raises(RefusedError):
        check(employee(5, "municipal_lead"))
    with pytest.raises(RefusedError):
        check(citizen(5))
    assert AccessEntry.objects.filter(purpose="mandates: check on the phone").count() == 4


def test_the_phone_check_hides_who_is_hidden(register: Register):
    register.know(1, protection="strengtFortrolig")
    numbers = {"scope": "husbanken:bostoette", "agent_number": number(2).value}
    worker = employee(5, "municipality_caseworker")
    hidden = service.phone_check(worker, subject_number=number(1).value, **numbers)
    unknown = service.phone_check(worker, subject_number=number(40).value, **numbers)
    assert hidden == unknown
    cleared = employee(5, "protected_caseworker")
    seen = service.phone_check(cleared, subject_number=number(1).value, **numbers)
    assert seen.reason == "PROTECTED_ROUTE"


# ── act for another ────────────────────────────────────────────────────────────────────────────


def test_one_acts_for_another_until_the_mandate_is_withdrawn(register: Register):
    made = a_mandate()
    agent = citizen(2)
    chosen = service.choose(agent, mandate_id=made, scope="husbanken:bostoette")
    assert service.current(agent) == chosen
    assert service.current(citizen(2, session_id="another login")) is None
    service.withdraw(citizen(1), mandate_id=made)
    assert service.current(agent) is None
    assert not service.may_act_for(agent)


def test_one_does_not_choose_what_the_mandate_does_not_carry(register: Register):
    made = a_mandate()
    with pytest.raises(RefusedError) as refused:
        service.choose(citizen(2), mandate_id=made, scope="kommune:sosialeTjenester")
    assert refused.value.refused.code == "mandate.scope"
    with pytest.raises(RefusedError) as refused:
        service.choose(citizen(3), mandate_id=made, scope="husbanken:bostoette")
    assert refused.value.refused.status == 404


def test_the_represented_person_sees_every_use_a_guardians_too(register: Register):
    register.know(1, guardianships=guardianship(3, "husbanken:bostoette"))
    made = a_mandate()
    service.choose(citizen(2), mandate_id=made, scope="husbanken:bostoette")
    found = service.find(citizen(3), number=number(1).value, family="Prøve1")
    service.choose(citizen(3), mandate_id=found.mandate_id, scope="husbanken:bostoette")
    uses = [(one.kind, one.what) for one in service.uses_of(citizen(1)) if one.what == "used"]
    assert uses == [("vergemaal", "used"), ("fullmakt", "used")]
    assert [one.what for one in service.uses_of(citizen(2), mandate_id=made)][-1] == "given"


def test_a_stranger_finds_nobody_by_number_and_name(register: Register):
    with pytest.raises(RefusedError) as stranger:
        service.find(citizen(4), number=number(1).value, family="Prøve1")
    with pytest.raises(RefusedError) as nobody:
        service.find(citizen(4), number=number(40).value, family="Prøve1")
    assert stranger.value.refused == nobody.value.refused


# ── the rows themselves ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE mandates_grant SET level = 'read'",
        "UPDATE mandates_grant SET scopes = '{nav:sosialeTjenester}'",
        "UPDATE mandates_grant SET accepted_at = now() + interval '1 day'",
        "UPDATE mandates_grant SET revoked_at = NULL, revoke_reason = ''",
        "UPDATE mandates_grant SET source = 'freg'",
        "DELETE FROM mandates_grant",
        "UPDATE mandates_step SET what = 'x'",
        "DELETE FROM mandates_step",
        "UPDATE mandates_granttext SET text = 'x'",
    ],
)
def test_what_was_given_and_done_cannot_be_rewritten(register: Register, statement: str):
    made = a_mandate()
    service.withdraw(citizen(1), mandate_id=made)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_act_stands_in_the_access_log_of_the_giver(register: Register):
    made = a_mandate()
    service.withdraw(citizen(1), mandate_id=made)
    entries = AccessEntry.objects.filter(subject_id=person(1), action="write")
    purposes = list(entries.order_by("id").values_list("purpose", flat=True))
    assert purposes == ["mandates: given", "mandates: accepted", "mandates: withdrawn"]
