"""The pages: give and accept, act in two steps, withdraw from open sessions, the counter and the phone."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any

import pytest
from django.test import Client

from samspill.identity import service as identity
from samspill.identity.models import Session
from samspill.identity.sessions import hashed
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.mandates import service
from samspill.mandates.models import Grant
from samspill.mandates.service import altinn, sources
from samspill.mandates.tests.builders import (
    Register,
    a_mandate,
    citizen,
    employee,
    number,
)
from samspill.mandates.tests.test_service import guardianship
from samspill.registers import health
from samspill.registers.service import Health

pytestmark = pytest.mark.django_db
HELPERS = "974760673"
OFFER = {"scopes": "husbanken:bostoette", "level": "write", "valid_from": "", "valid_to": ""}


def browser(actor: Actor, language: str = "en") -> Client:
    client, token, now = Client(), secrets.token_urlsafe(32), clock.now()
    units = []
    if actor.org_no:
        units = [{"org_no": actor.org_no, "name": "Kommunen", "kind": "municipality", "roles": sorted(actor.roles),
                  "municipality_id": str(actor.municipality_id)}]  # fmt: skip
    Session.objects.create(
        token_hash=hashed(token), person_id=actor.person_id, profile=actor.kind, level="high", name=actor.name,
        units=units, org_no=actor.org_no or "", issuer="test", subject="test", started_at=now, last_seen_at=now,
    )  # fmt: skip
    client.cookies["samspill"] = token
    client.cookies["sprak"] = language
    return client


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def signed(answer: Any) -> str:
    found = re.search(r'name="text_sha256" value="([0-9a-f]{64})"', answer.content.decode())
    assert found, text(answer)
    return found[1]


def test_give_read_sign_and_accept(register: Register):
    giver, agent = browser(citizen(1)), browser(citizen(2))
    typed = {**OFFER, "agent_number": number(2).value, "agent_family": "Prøve2"}
    shown = giver.post("/fullmakter/gi/", {**typed, "step": "preview"})
    assert "Kari Prøve1 lets Kari Prøve2 act on their behalf." in text(shown)
    done = giver.post(
        "/fullmakter/gi/", {**typed, "step": "sign", "text_sha256": signed(shown)}, follow=True
    )
    assert "It counts when the agent has said yes" in text(done)
    made = Grant.objects.get().id
    assert "Yes, I will act for Kari Prøve1" in text(agent.get(f"/fullmakter/{made}/"))
    done = agent.post(f"/fullmakter/{made}/svar/", {"act": "ja"}, follow=True)
    assert "In force" in text(done)
    assert browser(citizen(3)).get(f"/fullmakter/{made}/").status_code == 404


def test_what_was_typed_comes_back_with_its_fault(register: Register):
    typed = {**OFFER, "agent_number": number(2).value, "agent_family": "Annen", "step": "preview"}
    answer = browser(citizen(1)).post("/fullmakter/gi/", typed)
    assert answer.status_code == 422
    assert "We did not find anybody with this number and surname." in text(answer)
    assert 'value="Annen"' in text(answer)
    again = browser(citizen(1)).post("/fullmakter/gi/", {**typed, "step": "edit"})
    assert 'value="Annen"' in text(again)


def test_acting_takes_two_steps_and_ends_at_the_withdrawal(register: Register):
    made = a_mandate()
    agent = browser(citizen(2))
    assert "Kari Prøve1" in text(agent.get("/fullmakter/opptre/"))
    step = agent.get(f"/fullmakter/opptre/{made}/")
    assert "Act for Kari Prøve1?" in text(step)
    assert "You act on behalf of" not in text(step)
    agent.post(f"/fullmakter/opptre/{made}/", {"scope": "husbanken:bostoette"})
    for path in ("/min-side/", "/fullmakter/"):
        assert "You act on behalf of <strong>Kari Prøve1</strong>" in text(agent.get(path))
    assert "Cases of Kari Prøve1" in text(agent.get("/min-side/"))
    assert "On this page you are yourself" not in text(agent.get("/min-side/"))
    assert "On this page you are yourself" in text(agent.get("/min-side/innsyn/"))
    service.withdraw(citizen(1), mandate_id=made)
    ended = agent.get("/min-side/", follow=True)
    assert ended.redirect_chain[0][0] == "/fullmakter/opptre/?gjort=avsluttet"
    assert "You no longer act for the other person" in text(ended)
    assert "for" not in agent.cookies or not agent.cookies["for"].value


def test_an_autosave_and_a_button_after_a_withdrawal_both_lead_to_why(register: Register):
    """The field saves itself as it is left, a moment before the button that was pressed is let go."""
    made = a_mandate()
    agent = browser(citizen(2))
    agent.post(f"/fullmakter/opptre/{made}/", {"scope": "husbanken:bostoette"})
    service.withdraw(citizen(1), mandate_id=made)
    page = "/soknad/00000000-0000-4000-8000-000000000000/side/husleie/"
    saved = agent.post(page, headers={"HX-Request": "true"})
    assert saved.headers["HX-Redirect"] == "/fullmakter/opptre/?gjort=avsluttet"
    pressed = agent.post(page, follow=True)
    assert pressed.redirect_chain[0][0] == "/fullmakter/opptre/?gjort=avsluttet"
    assert "You no longer act for the other person" in text(pressed)
    assert agent.get("/min-side/").status_code == 200, "told once, one is oneself again"


def test_one_acts_for_oneself_again(register: Register):
    made = a_mandate()
    agent = browser(citizen(2))
    agent.post(f"/fullmakter/opptre/{made}/", {"scope": "husbanken:bostoette"})
    answer = agent.post("/fullmakter/opptre/slutt/", follow=True)
    assert "You now act for yourself" in text(answer)
    assert "You act on behalf of" not in text(agent.get("/min-side/"))


def test_the_cookie_alone_lets_nobody_act(register: Register):
    a_mandate()
    stranger = browser(citizen(3))
    stranger.cookies["for"] = "1"
    assert stranger.get("/min-side/").status_code == 302
    assert "You act on behalf of" not in text(stranger.get("/fullmakter/"))


def test_change_renew_shut_and_print(register: Register):
    made = a_mandate(valid_to=clock.today())
    giver = browser(citizen(1))
    assert "Let it go on" in text(giver.get(f"/fullmakter/{made}/"))
    path = f"/fullmakter/{made}/endre/?forny=1"
    form = text(giver.get(path))
    assert "Let the mandate go on" in form
    assert re.findall(r'<input[^>]* name="([^"]+)"', form)[-3:] == ["scopes", "level", "valid_to"]
    asked = {key: OFFER[key] for key in ("scopes", "level", "valid_to")}
    shown = giver.post(path, {**asked, "step": "preview"})
    done = giver.post(path, {**asked, "step": "sign", "text_sha256": signed(shown)}, follow=True)
    assert "The mandate goes on" in text(done)
    new = Grant.objects.get(revoked_at__isnull=True).id
    path = f"/fullmakter/{new}/endre/"
    shown = giver.post(path, {**OFFER, "level": "read", "step": "preview"})
    done = giver.post(path, {**OFFER, "level": "read", "step": "sign", "text_sha256": signed(shown)}, follow=True)  # fmt: skip
    assert "The mandate is changed" in text(done)
    newest = Grant.objects.get(revoked_at__isnull=True).id
    assert giver.get(f"/fullmakter/{newest}/pdf/").content.startswith(b"%PDF")
    assert "Renewed" in text(giver.get("/fullmakter/bruk/"))
    assert "2 that are ended" in text(giver.get("/fullmakter/"))
    assert "Does not count while you are shut" not in text(giver.get("/fullmakter/"))
    shut = text(giver.post("/fullmakter/sperr/", {"blocked": "true"}, follow=True))
    assert "You are shut" in shut
    assert "Does not count while you are shut" in shut
    assert "open for mandates again" in text(giver.post("/fullmakter/sperr/", {"blocked": "false"}, follow=True))  # fmt: skip


def test_paper_at_the_counter(register: Register):
    first, second = browser(employee(5)), browser(employee(6))
    typed = {**OFFER, "agent_number": number(2).value, "agent_family": "Prøve2",
             "giver_number": number(1).value, "giver_family": "Prøve1"}  # fmt: skip
    answer = first.post("/arbeid/fullmakter/papir/", typed, follow=True)
    assert "It does not count before a colleague" in text(answer)
    made = Grant.objects.get().id
    refused = first.post(f"/arbeid/fullmakter/{made}/bekreft/")
    assert refused.status_code == 403
    assert "cannot confirm it" in text(refused)
    assert first.post(f"/arbeid/fullmakter/{made}/brev/").status_code == 403
    assert second.post(f"/arbeid/fullmakter/{made}/brev/")["Content-Type"] == "application/pdf"
    wrong = first.post(f"/arbeid/fullmakter/{made}/bekreft/", {"code": "WRONG"})
    assert wrong.status_code == 422
    done = second.post(f"/arbeid/fullmakter/{made}/bekreft/", follow=True)
    assert "counts from now" in text(done)
    assert "Kari Prøve1" in text(first.get("/arbeid/fullmakter/"))
    assert "Trondheim kommune" in text(browser(citizen(1)).get("/fullmakter/bruk/"))
    first.post(f"/arbeid/fullmakter/{made}/avslutt/")
    assert service.get(citizen(1), mandate_id=made).state == "ended"


def test_a_paper_without_a_number_is_told_what_is_missing_and_a_wrong_one_is_checked_against_it(
    register: Register,
):
    counter = browser(employee(5))
    empty = text(counter.post("/arbeid/fullmakter/papir/", OFFER))
    assert "The number and the surname must both be written." in empty
    wrong = {**OFFER, "giver_number": number(1).value, "giver_family": "Annen"}
    answer = text(counter.post("/arbeid/fullmakter/papir/", wrong))
    assert "Check both against the paper" in answer
    assert "contact the municipality" not in answer, "whoever reads it is the municipality"


def test_a_guardian_chooses_among_things_that_have_a_name_here(register: Register):
    tasks = ("bank:representasjonDagligbank", "husbanken:bostoette")
    register.know(1, guardianships=guardianship(2, *tasks))
    agent = browser(citizen(2))
    asked = {"number": number(1).value, "family": "Prøve1"}
    page = text(agent.post("/fullmakter/opptre/", asked, follow=True))
    assert "Act for Kari Prøve1?" in page
    assert "bank:" not in page
    assert 'value="husbanken:bostoette"' in page
    listed = text(agent.get("/fullmakter/opptre/"))
    assert "Housing allowance, other things elsewhere" in listed


def test_the_phone_check_answers_on_the_page(register: Register):
    a_mandate(level="read")
    typed = {"agent_number": number(2).value, "subject_number": number(1).value,
             "scope": "husbanken:bostoette", "level": "read"}  # fmt: skip
    phone = browser(employee(5))
    assert "Yes. The mandate covers this now." in text(phone.post("/arbeid/fullmakter/telefon/", typed))  # fmt: skip
    answer = phone.post("/arbeid/fullmakter/telefon/", {**typed, "level": "write"})
    assert "lets the agent see, but not send" in text(answer)
    assert phone.post("/arbeid/fullmakter/telefon/", {**typed, "agent_number": "1"}).status_code == 422  # fmt: skip


def test_a_leader_names_users_and_the_counter_shuts_for_somebody(register: Register):
    leader = browser(employee(5, "municipality_leader"))
    named = {"number": number(2).value, "family": "Prøve2"}
    answer = leader.post("/arbeid/fullmakter/brukere/", named, follow=True)
    assert "Remove Kari Prøve2" in text(answer)
    user = service.users(employee(5, "municipality_leader"))[0]
    leader.post("/arbeid/fullmakter/brukere/", {"end": str(user.id)})
    assert service.users(employee(5, "municipality_leader")) == []
    assert leader.post("/arbeid/fullmakter/brukere/", {"end": "x"}).status_code == 404
    counter = browser(employee(6))
    refused = counter.post("/arbeid/fullmakter/sperr/", {**named, "blocked": "true"})
    assert refused.status_code == 422
    asked = {**named, "reason": "Ringte."}
    shut = counter.post("/arbeid/fullmakter/sperr/", {**asked, "blocked": "true"}, follow=True)
    assert "The person is shut" in text(shut)
    assert service.overview(citizen(2)).blocked
    again = counter.post("/arbeid/fullmakter/sperr/", {**asked, "blocked": "false"}, follow=True)
    assert "The person is open again" in text(again)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_page_is_in_both_forms_of_norwegian(register: Register, language: str):
    a_mandate()
    answer = text(browser(citizen(1), language).get("/fullmakter/"))
    assert {"nb": "De som kan handle for meg", "nn": "Dei som kan handle for meg"}[
        language
    ] in answer


# ── an organisation and its named users ────────────────────────────────────────────────────────


def _leads(register: Register, serial: int = 4) -> None:
    role = {"role": "DAGL", "alone": False, "together": False, "ended": False}
    identity.person_for(number(serial))
    register.know_organisation(HELPERS, holders=[{"national_id": number(serial).value, **role}])


def test_an_organisation_is_given_a_mandate_by_its_number_and_its_leader_names_who_uses_it(
    register: Register,
):
    _leads(register)
    giver, leader, helper = browser(citizen(1)), browser(citizen(4)), browser(citizen(2))
    typed = {**OFFER, "agent_kind": "organisation", "agent_org": f"{HELPERS[:3]} {HELPERS[3:]}"}
    shown = giver.post("/fullmakter/gi/", {**typed, "step": "preview"})
    assert "Hjelpen" in text(shown)
    giver.post("/fullmakter/gi/", {**typed, "step": "sign", "text_sha256": signed(shown)})
    made = Grant.objects.get()
    assert (made.grantee_org, made.grantee_name) == (HELPERS, "Hjelpen")

    led = leader.post("/fullmakter/virksomhet/", {"org_no": HELPERS}, follow=True)
    address = f"/fullmakter/virksomhet/{HELPERS}/"
    assert led.redirect_chain[-1][0] == address
    assert "Kari Prøve1" in text(led)
    leader.post(address, {"accept": str(made.id)})
    done = leader.post(address, {"number": number(2).value, "family": "Prøve2"}, follow=True)
    assert "Remove Kari Prøve2" in text(done)
    assert "Hjelpen" in text(leader.get("/fullmakter/virksomhet/"))
    assert "You are named by Hjelpen." in text(helper.get("/fullmakter/opptre/"))
    assert "You are named by Hjelpen." in text(helper.get(f"/fullmakter/opptre/{made.id}/"))
    chosen = helper.post(f"/fullmakter/opptre/{made.id}/", {"scope": "husbanken:bostoette"})
    assert chosen.status_code == 302
    user = service.users(citizen(4), org_no=HELPERS)[0]
    leader.post(address, {"end": str(user.id)})
    stopped = helper.get("/min-side/")
    assert stopped["Location"].startswith("/fullmakter/opptre/")


def test_who_does_not_lead_is_told_so_and_a_number_that_is_none_is_not_taken(register: Register):
    _leads(register)
    other = browser(citizen(5))
    answer = other.post("/fullmakter/virksomhet/", {"org_no": HELPERS})
    assert answer.status_code == 403
    assert "You have no mandate for this." in text(answer)
    assert other.get(f"/fullmakter/virksomhet/{HELPERS}/").status_code == 403
    assert other.get("/fullmakter/virksomhet/123456789/").status_code == 404
    answer = other.post("/fullmakter/virksomhet/", {"org_no": "123"})
    assert answer.status_code == 422
    typed = {**OFFER, "agent_kind": "organisation", "agent_org": "123", "step": "preview"}
    answer = other.post("/fullmakter/gi/", typed)
    assert "We did not find this organisation." in text(answer)


def test_a_weak_login_does_not_lead_an_organisation(register: Register):
    _leads(register)
    client = browser(citizen(4))
    Session.objects.update(level="substantial")
    assert "nivaa=high" in client.get("/fullmakter/virksomhet/")["Location"]


# ── where mandates come from ───────────────────────────────────────────────────────────────────


def test_everybody_sees_which_sources_are_asked_and_the_way_by_hand():
    shown = text(Client().get("/fullmakter/kilder/", HTTP_ACCEPT_LANGUAGE="en"))
    for one in sources.states():
        part = shown.partition(f">{one.name}</h2>")[2].partition("</li>")[0]
        assert ("Not connected" in part) is not one.connected
        assert ("Do this instead:" in part) is not one.connected
    assert "Statsforvalteren" in shown


def test_a_source_that_is_connected_later_is_shown_as_connected(monkeypatch: Any):
    monkeypatch.setattr(sources, "is_connected", lambda _one: True)
    shown = text(Client().get("/fullmakter/kilder/", HTTP_ACCEPT_LANGUAGE="en"))
    assert "Not connected" not in shown
    assert "An answer counts for 24 hours." in shown
    assert "An answer counts for 15 minutes." in shown


@pytest.mark.parametrize(
    ("kind", "hours", "what", "when"),
    [
        ("", 0, "", "It last answered within the last hour."),
        ("", 3, "", "It last answered today."),
        ("", 24, "", "It last answered yesterday."),
        ("", 24 * 9, "", "It last answered on "),
        ("unavailable", 3, "It did not answer when it was last asked. This began today.", ""),
        ("throttled", 3, "It was too busy to answer when it was last asked.", ""),
        ("invalid", 3, "Its last answer could not be read.", ""),
        (
            "denied",
            3,
            "It did not let us in when it was last asked.",
            "It has not answered us yet.",
        ),
    ],
)
def test_the_page_says_when_each_source_last_answered_and_that_it_fails(
    monkeypatch: Any, kind: str, hours: int, what: str, when: str
):
    now = dt.datetime(2026, 11, 20, 18, 30, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(sources, "is_connected", lambda one: one.code == "freg")
    at = now - dt.timedelta(hours=hours)
    told = Health(failed_at=at, failing_since=at, kind=kind) if kind else Health(answered_at=at)
    monkeypatch.setattr(sources.registers, "health", lambda _names: {"folkeregisteret": told})
    shown = text(Client().get("/fullmakter/kilder/", HTTP_ACCEPT_LANGUAGE="en"))
    part = shown.partition(">Folkeregisteret</h2>")[2].partition("</li>")[0]
    assert what in part
    assert when in part
    assert ("Does not answer" in part) is bool(kind)
    assert ("Do this instead:" in part) is bool(kind)
    assert "18:30" not in part
    assert "19:30" not in part


def test_what_a_look_up_met_stands_on_the_page(register: Register):
    health.forget()
    register.down = True
    service.may_act_for(citizen(2))
    assert sources.states()[0].health.kind == "unavailable"  # type: ignore[union-attr]
    register.down = False
    service.may_act_for(citizen(2))
    assert sources.states()[0].health.kind == ""  # type: ignore[union-attr]
    health.forget()


def test_a_mandate_from_altinn_says_so_where_one_chooses_whom_to_act_for(
    register: Register, monkeypatch: Any
):
    monkeypatch.setattr(altinn, "is_asked", lambda: True)
    now = clock.now()
    row = Grant.objects.create(
        kind="fullmakt", source="altinn.substantial", source_ref="r:write", level="write",
        grantor_id=citizen(1).person_id, grantor_name="Kari Prøve1", grantee_id=citizen(2).person_id,
        scopes=["husbanken:bostoette"], told_at=now, accepted_at=now, channel="register",
        created_at=now,
    )  # fmt: skip
    agent = browser(citizen(2))
    shown = text(agent.get("/fullmakter/opptre/"))
    assert "Given in Altinn." in shown
    assert "was the mandate given in Altinn?" in shown
    assert "Altinn is asked again" in text(agent.get(f"/fullmakter/opptre/{row.id}/"))
