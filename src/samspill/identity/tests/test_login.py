"""The whole login over HTTP, with the provider being honest, lying, slow and attacked."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import logging
import re
import time

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from samspill.identity import domain, service
from samspill.identity.adapters import keys, providers
from samspill.identity.domain import Rejected
from samspill.identity.models import Employee, LoginAttempt, Person, Session
from samspill.identity.tests.conftest import Browser, staff
from samspill.infra import clock
from samspill.infra.canonical import sha256_of
from samspill.infra.events import story
from samspill.infra.models import AccessEntry, Event
from samspill.kernel.actor import system
from samspill.sandbox.population import STAFF

pytestmark = pytest.mark.django_db


def number_of(session):
    return service.national_id_of(session.person_id, actor=system("test"), purpose="test").value


def open_sessions():
    return Session.objects.filter(ended_at__isnull=True)


def test_a_citizen_logs_in_and_comes_back_to_the_page(browser, citizen):
    answer = browser.log_in(citizen, path="/logg-inn/person/?next=/min-side/")
    assert (answer.status_code, answer["Location"]) == (302, "/min-side/")
    session = open_sessions().get()
    assert number_of(session) == citizen
    assert (session.profile, session.level) == ("citizen", "high")
    assert [event.type for event in story(session.id)] == ["LoggedIn"]
    assert LoginAttempt.objects.count() == 0


def test_the_cookie_is_opaque_and_closed(browser, citizen):
    cookie = browser.log_in(citizen).cookies["samspill"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert citizen not in cookie.value
    assert not Session.objects.filter(token_hash=cookie.value).exists()


def test_the_cookie_is_bound_to_the_host_in_production(settings):
    settings.SAMSPILL = {**settings.SAMSPILL, "environment": "production"}
    assert service.session_cookie().startswith("__Host-")


def test_nothing_about_the_person_is_in_the_address_to_the_provider(browser):
    address = browser.client.get("/logg-inn/person/?next=/min-side/")["Location"]
    assert "request_uri=" in address
    for secret in ("state", "nonce", "redirect_uri", "code_challenge", "min-side"):
        assert secret not in address


def test_the_provider_is_told_the_level_the_language_and_the_hash_of_our_secret(
    browser, monkeypatch
):
    told = {}

    def pushed(_self, parameters):
        told.update(parameters)
        return "https://login.example/"

    monkeypatch.setattr(type(providers.provider_for("citizen")), "authorization_url", pushed)
    browser.client.cookies["sprak"] = "nn"
    browser.client.get("/logg-inn/person/?nivaa=high")
    assert (told["acr_values"], told["ui_locales"]) == ("idporten-loa-high", "nn")
    assert (told["code_challenge_method"], len(told["code_challenge"])) == ("S256", 43)
    assert told["state"] != told["nonce"]
    browser.client.get("/logg-inn/person/")
    assert told["acr_values"] == "idporten-loa-substantial"


def test_how_somebody_showed_who_they_are_is_kept_with_the_login(browser, citizen):
    browser.log_in(citizen)
    told = Event.objects.filter(type="LoggedIn").latest("id")
    assert told.body["methods"] == ["BankID"]


def test_the_same_person_gets_the_same_identifier(browser, sandbox, citizen):
    browser.log_in(citizen)
    Browser(sandbox).log_in(citizen)
    assert Session.objects.values("person").distinct().count() == 1
    assert Person.objects.count() == 1


def test_a_stronger_login_replaces_the_session(browser, citizen):
    browser.log_in(citizen, level="substantial")
    weak = open_sessions().get()
    browser.log_in(citizen, path="/logg-inn/person/?nivaa=high")
    strong = open_sessions().get()
    assert (weak.level, strong.level) == ("substantial", "high")
    assert weak.token_hash != strong.token_hash
    weak.refresh_from_db()
    assert weak.ended_by == "new_login"


# --- attacks and lies -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("wrong_iss", "issuer_mismatch"),
        ("wrong_nonce", "token_invalid"),
        ("wrong_audience", "token_invalid"),
        ("expired_id_token", "token_invalid"),
        ("pid_missing", "no_national_id"),
        ("acr_too_low", "level_too_low"),
    ],
)
def test_a_lying_provider_logs_nobody_in(browser, sandbox, citizen, caplog, fault, code):
    sandbox.switches.set_fault("idporten", fault)
    with caplog.at_level(logging.WARNING):
        answer = browser.log_in(citizen, path="/logg-inn/person/?nivaa=high")
    assert answer.status_code == 403
    assert f"login refused: {code}" in caplog.text
    assert citizen not in caplog.text
    assert not open_sessions().exists()
    assert b"/uten-e-id/" in answer.content


def test_an_answer_is_used_once(browser, citizen):
    back = browser.answer(citizen)
    assert browser.client.get(back).status_code == 302
    assert browser.client.get(back).status_code == 400
    assert open_sessions().count() == 1


def test_a_code_is_used_once_even_with_a_new_state(browser, citizen):
    used = dict(pair.split("=", 1) for pair in browser.answer(citizen).split("?")[1].split("&"))
    fresh = dict(pair.split("=", 1) for pair in browser.answer(citizen).split("?")[1].split("&"))
    answer = browser.client.get(
        f"/logg-inn/person/retur/?code={used['code']}&state={fresh['state']}&iss={fresh['iss']}"
    )
    assert answer.status_code == 403
    assert not open_sessions().exists()


def test_an_answer_in_another_browser_is_refused(browser, citizen):
    back = browser.answer(citizen)
    assert Client().get(back).status_code == 400
    assert not open_sessions().exists()


def test_an_answer_at_the_other_profile_is_refused(browser, citizen):
    back = browser.answer(citizen).replace("/person/", "/ansatt/")
    assert browser.client.get(back).status_code == 400


def test_an_answer_without_issuer_is_refused(browser, citizen):
    back = re.sub(r"[?&]iss=[^&]*", "", browser.answer(citizen))
    assert browser.client.get(back).status_code == 403
    assert not open_sessions().exists()


def test_an_answer_after_ten_minutes_is_refused(browser, citizen):
    back = browser.answer(citizen)
    LoginAttempt.objects.update(expires_at=clock.now() - dt.timedelta(seconds=1))
    assert browser.client.get(back).status_code == 400


def test_two_tabs_do_not_disturb_each_other(browser, citizen):
    first, second = browser.answer(citizen), browser.answer(citizen)
    assert browser.client.get(first).status_code == 302
    assert browser.client.get(second).status_code == 302
    assert open_sessions().count() == 1


def test_a_cancelled_login_says_so_and_offers_a_way_on(browser, citizen):
    answer = browser.log_in(citizen, cancel="1")
    assert answer.status_code == 200
    assert "state" not in answer.content.decode()
    assert b"/logg-inn/person/?" in answer.content
    assert not open_sessions().exists()


def b64(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def forged(provider) -> dict[str, str]:
    """Make tokens that look like the provider's but are not."""
    provider.claims_of("x.y.z")
    provider._fetched_keys(60)
    kid, real = next(iter(provider._keys.value.items()))
    claims = {"iss": provider.issuer, "aud": provider.client_id, "exp": int(time.time()) + 60}
    other = RSAKey.generate_key(2048)
    signed = f"{b64({'alg': 'HS256', 'kid': kid})}.{b64(claims)}"
    mac = hmac.new(real.as_pem(private=False), signed.encode(), "sha256").digest()
    shared = f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    return {
        "none": f"{b64({'alg': 'none', 'kid': kid})}.{b64(claims)}.",
        "None in capitals": f"{b64({'alg': 'NONE', 'kid': kid})}.{b64(claims)}.",
        "public key as secret": shared,
        "another key": jwt.encode({"alg": "RS256", "kid": kid}, claims, other),
        "unknown kid": jwt.encode({"alg": "RS256", "kid": "no-such"}, claims, other),
        "no kid": jwt.encode({"alg": "RS256"}, claims, other),
        "own key in the header": jwt.encode(
            {"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other
        ),
        "not a token": "hello",
        "empty": "",
    }


def test_forged_tokens_are_rejected(provider):
    tokens = forged(provider)
    outcomes = {name: provider.claims_of(text) for name, text in tokens.items()}
    assert {name: type(found) for name, found in outcomes.items()} == dict.fromkeys(
        tokens, Rejected
    )


def test_a_new_signing_key_of_the_provider_is_found(browser, sandbox, citizen, provider):
    browser.log_in(citizen)
    provider._keys = type(provider._keys)(provider._keys.value, time.monotonic() - 60)
    before = set(provider._keys.value)
    sandbox.app.sandbox.providers["idporten"].signer.rotate()
    assert browser.log_in(citizen).status_code == 302
    assert set(provider._keys.value) != before


def test_unknown_keys_do_not_make_us_call_without_end(provider, monkeypatch):
    provider._fetched_keys(60)
    calls = []
    monkeypatch.setattr(provider, "_call", lambda *a, **_k: calls.append(a))
    token = f"{b64({'alg': 'RS256', 'kid': 'x'})}.{b64({})}.AAAA"
    for _ in range(50):
        assert isinstance(provider.claims_of(token), Rejected)
    assert calls == []


# --- provider away ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["down", "wrong_schema", "throttled"])
def test_a_provider_that_fails_gives_a_page_with_ways_on(sandbox, mode, settings):
    providers_of = settings.SAMSPILL["login"]["citizen"]
    providers_of["client_id"] = "samspill"
    sandbox.switches.set("idporten", mode)
    answer = Client().get("/logg-inn/person/?next=/min-side/")
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "/uten-e-id/" in page
    assert "next=%2Fmin-side%2F" in page


def test_an_issuer_that_is_not_set_gives_the_same_page(settings):
    login = {**settings.SAMSPILL["login"]}
    login["citizen"] = {**login["citizen"], "issuer": "", "client_id": "unset"}
    settings.SAMSPILL = {**settings.SAMSPILL, "login": login}
    assert Client().get("/logg-inn/person/").status_code == 503


# --- employees --------------------------------------------------------------------------------------


def page_as(client: Client, path: str = "/"):
    return client.get(path).wsgi_request.actor


def test_an_employee_with_one_organisation_acts_for_it(browser):
    member = staff(1)
    browser.log_in(member.national_id, profile="employee", path="/logg-inn/ansatt/?next=/arbeid/")
    actor = page_as(browser.client)
    assert actor.kind == "employee"
    assert actor.org_no == member.reportees[0].org_no
    assert actor.roles


def test_an_employee_serves_the_queues_that_the_login_names_and_no_other(browser):
    member = next(one for one in STAFF if one.key == "barnehage-1108")
    browser.log_in(member.national_id, profile="employee")
    actor = page_as(browser.client)
    assert (actor.services, actor.units) == (frozenset({"barnehage"}), frozenset({"oppvekst"}))
    [known] = Employee.objects.filter(person_id=actor.person_id)
    assert (known.org_no, known.services) == (actor.org_no, ["barnehage"])
    assert [one.person_id for one in service.colleagues(actor)] == [actor.person_id]


def test_an_employee_with_two_chooses_and_has_no_role_before(browser):
    member = staff(2)
    answer = browser.log_in(member.national_id, profile="employee")
    assert answer["Location"].startswith("/logg-inn/enhet/")
    assert page_as(browser.client).roles == frozenset()
    chosen = member.reportees[1].org_no
    answer = browser.client.post("/logg-inn/enhet/", {"unit": chosen, "next": "/arbeid/"})
    assert answer["Location"] == "/arbeid/"
    assert page_as(browser.client).org_no == chosen


def test_everybody_begins_where_their_work_is(browser, sandbox, citizen):
    assert browser.log_in(citizen)["Location"] == "/min-side/"
    homes = {
        "saksbehandler-1108": "/arbeid/",
        "leder-husbanken": "/etat/",
        "tiltakseier-husbanken": "/samstyring/",
        "samordner-ks": "/samstyring/",
        "budsjett-dfd": "/samstyring/",
        "sekretariat-digdir": "/samstyring/",
        "digitaliseringsleder-1108": "/samstyring/",
    }
    for key, home in homes.items():
        member = next(m for m in STAFF if m.key == key)
        answer = Browser(sandbox).log_in(member.national_id, profile="employee")
        assert answer["Location"] == home, key


def test_an_organisation_of_somebody_else_can_not_be_chosen(browser):
    member = staff(2)
    browser.log_in(member.national_id, profile="employee")
    mine = {r.org_no for r in member.reportees}
    other = next(r.org_no for m in STAFF for r in m.reportees if r.org_no not in mine)
    assert browser.client.post("/logg-inn/enhet/", {"unit": other}).status_code == 422
    assert page_as(browser.client).org_no is None


def test_an_employee_without_organisation_is_told_why(browser):
    member = staff(0)
    answer = browser.log_in(member.national_id, profile="employee")
    shown = browser.client.get(answer["Location"])
    assert shown.status_code == 403
    assert page_as(browser.client).roles == frozenset()


def test_an_organisation_outside_samspill_gives_no_role(browser):
    service.use_directory(lambda _org_no: None)
    browser.log_in(staff(1).national_id, profile="employee")
    assert page_as(browser.client).roles == frozenset()


# --- sessions ---------------------------------------------------------------------------------------


def later(minutes: int):
    return clock.frozen(clock.now() + dt.timedelta(minutes=minutes))


def test_a_session_ends_after_thirty_idle_minutes(browser, citizen):
    browser.log_in(citizen)
    with later(29):
        assert page_as(browser.client).kind == "citizen"
    with later(29 + 29):
        assert page_as(browser.client).kind == "citizen"
    with later(29 + 29 + 31):
        assert page_as(browser.client).kind == "anonymous"
    assert Session.objects.get().ended_by == "timeout"


@pytest.mark.django_db(transaction=True)
def test_a_session_that_timed_out_is_ended_where_no_transaction_is_open(browser, citizen):
    """A request has no transaction around it, as the other tests have: the page must be served all the same."""
    browser.log_in(citizen)
    with later(31):
        assert page_as(browser.client).kind == "anonymous"
    assert Session.objects.get().ended_by == "timeout"


def test_an_employees_session_ends_after_two_hours_of_work(browser):
    browser.log_in(staff(1).national_id, profile="employee")
    start = clock.now()
    for minutes in range(20, 120, 20):
        with clock.frozen(start + dt.timedelta(minutes=minutes)):
            assert page_as(browser.client).kind == "employee"
    with clock.frozen(start + dt.timedelta(minutes=121)):
        assert page_as(browser.client).kind == "anonymous"


def test_a_timed_out_person_is_told_that_nothing_is_lost(browser, citizen):
    browser.log_in(citizen)
    with later(31):
        answer = browser.client.get("/logg-inn/enhet/?x=1")
    assert "utlopt=1" in answer["Location"]
    assert "next=" in answer["Location"]


def test_log_out_ends_the_session_and_offers_the_providers_too(browser, citizen):
    browser.log_in(citizen)
    token = browser.client.cookies["samspill"].value
    page = browser.client.post("/logg-ut/")
    assert page.status_code == 200
    assert b"id_token_hint" in page.content
    assert "/idporten" not in page["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1" in page["Content-Security-Policy"]
    assert Session.objects.get().id_token == ""
    stolen = Client()
    stolen.cookies["samspill"] = token
    assert page_as(stolen).kind == "anonymous"


def test_log_out_clears_what_the_browser_keeps(browser, citizen):
    browser.log_in(citizen)
    page = browser.client.post("/logg-ut/")
    assert page["Clear-Site-Data"] == '"cache", "storage"'
    assert page.cookies["samspill"]["max-age"] == 0
    assert Client().get("/logget-ut/")["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in Client().get("/logg-inn/")


def test_log_out_by_link_is_not_possible(browser, citizen):
    browser.log_in(citizen)
    assert browser.client.get("/logg-ut/").status_code == 405
    assert page_as(browser.client).kind == "citizen"


def test_log_out_of_another_site_is_refused_without_form_token(browser, citizen):
    browser.log_in(citizen)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.client.cookies
    assert strict.post("/logg-ut/").status_code == 403
    assert open_sessions().exists()


def test_front_channel_logout_finds_the_session_without_cookie(browser, citizen):
    browser.log_in(citizen)
    session = open_sessions().get()
    query = {"iss": session.issuer, "sid": session.sid}
    answer = Client().get("/logg-ut/front/", query)
    assert answer.status_code == 200
    assert not open_sessions().exists()
    assert Client().get("/logg-ut/front/", query).status_code == 200


@pytest.mark.parametrize("query", [{}, {"iss": "https://evil.example", "sid": "x"}, {"sid": ""}])
def test_front_channel_logout_of_nothing_ends_nothing(browser, citizen, query):
    browser.log_in(citizen)
    Client().get("/logg-ut/front/", query)
    assert open_sessions().count() == 1


def logout_token(sandbox, session, **changes):
    claims = {
        "iss": session.issuer,
        "aud": "samspill",
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "jti": "j",
        "sid": session.sid,
        "events": {domain.LOGOUT_EVENT: {}},
    } | changes
    return sandbox.app.sandbox.providers["idporten"].signer.sign(claims, kind="logout+jwt")


def test_back_channel_logout_ends_the_session_once_and_may_be_repeated(browser, sandbox, citizen):
    browser.log_in(citizen)
    session = open_sessions().get()
    token = logout_token(sandbox, session)
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post("/logg-ut/bak/", {"logout_token": token})
        assert answer.status_code == 200
    assert not open_sessions().exists()
    assert [event.type for event in story(session.id)] == ["LoggedIn", "LoggedOut"]


def test_back_channel_logout_by_subject_ends_all_devices(browser, sandbox, citizen):
    browser.log_in(citizen)
    Browser(sandbox).log_in(citizen)
    session = open_sessions().first()
    token = logout_token(sandbox, session, sid="", sub=session.subject)
    Client().post("/logg-ut/bak/", {"logout_token": token})
    assert not open_sessions().exists()


def test_back_channel_logout_with_a_bad_token_ends_nothing(browser, sandbox, citizen):
    browser.log_in(citizen)
    session = open_sessions().get()
    good = logout_token(sandbox, session)
    bad = [
        "",
        "x",
        good[:-6] + "AAAAAA",
        logout_token(sandbox, session, aud="other"),
        logout_token(sandbox, session, events={}),
        logout_token(sandbox, session, nonce="n"),
    ]
    for token in bad:
        assert Client().post("/logg-ut/bak/", {"logout_token": token}).status_code == 400
    assert open_sessions().count() == 1


def test_a_person_is_cut_off_at_once(browser):
    member = staff(1)
    browser.log_in(member.national_id, profile="employee")
    session = open_sessions().get()
    boss = page_as(Client())
    ended = service.end_sessions(
        actor=boss, person_id=session.person_id, org_no=member.reportees[0].org_no
    )
    assert ended == 1
    assert page_as(browser.client).kind == "anonymous"


def test_housekeeping_removes_what_is_over(browser, citizen):
    from samspill.identity.jobs import tidy

    browser.log_in(citizen)
    browser.answer(citizen)
    assert tidy() == (0, 0)
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        gone = [str(Session.objects.get().pk)]
        begun = [str(LoginAttempt.objects.get().pk)]
        assert tidy() == (1, 1)
    told = AccessEntry.objects.filter(purpose="delete what is past its time").order_by("id")
    assert [one.detail for one in told] == [
        {"what": "login attempts", "count": 1, "sha256": sha256_of(begun)},
        {"what": "sessions", "count": 1, "sha256": sha256_of(gone)},
    ]


# --- our own keys -----------------------------------------------------------------------------------


def test_our_keys_are_published_without_their_private_half(sandbox):
    found = Client().get("/.well-known/jwks.json").json()["keys"]
    assert found
    for key in found:
        assert {"kty", "n", "e", "kid", "use", "alg"} >= set(key)


def test_keys_rotate_without_a_gap(tmp_path):
    path = tmp_path / "client.pem"
    keys.ensure_key(path)
    assert path.stat().st_mode & 0o077 == 0
    first = keys.load_keys(path)[0].kid
    second = keys.add_key(path)
    assert keys.load_keys(path)[0].kid == first
    assert {key["kid"] for key in keys.public_jwks([path])["keys"]} == {first, second}
    assert keys.promote_key(path) == second == keys.load_keys(path)[0].kid
    assert keys.retire_key(path) == 1
    assert [key.kid for key in keys.load_keys(path)] == [second]
    keys.ensure_key(path)
    assert keys.load_keys(path)[0].kid == second


@pytest.mark.parametrize(
    "content", [None, "", "hello", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"]
)
def test_a_bad_key_file_is_named(tmp_path, content):
    path = tmp_path / "client.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(keys.KeyFileError, match=r"client\.pem"):
        keys.load_keys(path)
