from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx2 as httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from samspill.sandbox.clients import Client, Clients
from samspill.sandbox.oidc import ANSATTPORTEN, ID_PORTEN, AskedWrongly, OAuthError, Provider
from samspill.sandbox.population import STAFF
from samspill.sandbox.testing import Running

from .conftest import AFTER_LOGOUT, REDIRECT

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RAR = '[{"type": "ansattporten:altinn:service", "resource": "urn:altinn:resource:samspill:1"}]'
RAR_MANY = RAR.replace('"}]', '", "allow_multiple_organizations": "true"}]')


@attrs.define
class Party:
    """A relying party as the product has it, small enough to read."""

    running: Running
    http: httpx.Client
    key: RSAKey
    provider: str = "idporten"
    verifier: str = attrs.field(factory=lambda: secrets.token_urlsafe(48))
    nonce: str = attrs.field(factory=lambda: secrets.token_urlsafe(8))
    state: str = "tilstand/æ&x"

    @property
    def issuer(self) -> str:
        return f"{self.running.base_url}/{self.provider}"

    def assertion(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": "rp", "sub": "rp", "aud": self.issuer, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex,
        } | changed  # fmt: skip
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def signed(self, form: dict[str, str], assertion: str | None = None) -> dict[str, str]:
        return {
            "client_id": "rp",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
            **form,
        }

    def request(self, **changed: str) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        return {
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | changed

    def push(self, **changed: str) -> httpx.Response:
        return self.http.post(f"/{self.provider}/par", data=self.signed(self.request(**changed)))

    def address(self, **changed: str) -> str:
        answer = self.push(**changed)
        assert answer.status_code == 201, answer.text
        query = httpx.QueryParams(client_id="rp", request_uri=answer.json()["request_uri"])
        return f"{self.issuer}/authorize?{query}"

    def log_in(self, person: str, level: str = "high", **changed: str) -> dict[str, str]:
        location = self.running.sign_in(self.address(**changed), person, level)
        assert location.startswith(REDIRECT)
        return {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}

    def redeem(self, code: str, **changed: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        } | changed
        return self.http.post(f"/{self.provider}/token", data=self.signed(form))

    def claims(self, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(self.http.get(f"/{self.provider}/jwks").json())
        return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


@pytest.fixture
def party(sandbox: Running, http: httpx.Client, client_key: RSAKey) -> Party:
    sandbox.register_client(
        client_id="rp",
        redirect_uris=[REDIRECT],
        post_logout_redirect_uris=[AFTER_LOGOUT],
        jwks={"keys": [client_key.as_dict(private=False)]},
    )
    return Party(sandbox, http, client_key)


def test_discovery_has_no_trailing_slash_and_names_every_endpoint(party: Party) -> None:
    found = party.http.get("/idporten/.well-known/openid-configuration").json()
    assert found["issuer"] == party.issuer
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"):
        assert found[name].startswith(party.issuer + "/")
    assert found["pushed_authorization_request_endpoint"] == f"{party.issuer}/par"
    assert found["acr_values_supported"] == ["idporten-loa-substantial", "idporten-loa-high"]


def test_a_whole_login_gives_the_claims_of_id_porten(party: Party) -> None:
    person = party.running.population.applicant("single_mother_sandnes")
    answer = party.log_in("single_mother_sandnes", "substantial", ui_locales="nn")
    assert answer["iss"] == party.issuer
    assert answer["state"] == party.state
    tokens = party.redeem(answer["code"]).json()
    claims = party.claims(tokens["id_token"])
    assert claims["iss"] == party.issuer
    assert claims["aud"] == "rp"
    assert claims["pid"] == person.national_id
    assert claims["acr"] == "idporten-loa-substantial"
    assert claims["amr"] == ["Minid-OTC"]
    assert claims["nonce"] == party.nonce
    assert claims["locale"] == "nn"
    assert claims["sid"]
    assert claims["exp"] - claims["iat"] == 120
    assert person.national_id not in claims["sub"]


def test_one_can_type_a_number_instead(party: Party) -> None:
    person = party.running.population.persons[-1]
    claims = party.claims(party.redeem(party.log_in(person.national_id)["code"]).json()["id_token"])
    assert claims["pid"] == person.national_id
    assert claims["acr"] == "idporten-loa-high"


def test_unknown_number_shows_the_page_again(party: Party) -> None:
    with pytest.raises(AssertionError, match="Ingen i sandkassen"):
        party.running.sign_in(party.address(), "01810012345")


def test_replayed_code_is_refused(party: Party) -> None:
    code = party.log_in("couple_baerum")["code"]
    assert party.redeem(code).status_code == 200
    again = party.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_wrong_verifier_is_refused_and_burns_the_code(party: Party) -> None:
    code = party.log_in("couple_baerum")["code"]
    assert party.redeem(code, code_verifier="x" * 50).json()["error"] == "invalid_grant"
    assert party.redeem(code).json()["error"] == "invalid_grant"


def test_wrong_redirect_uri_at_the_token_is_refused(party: Party) -> None:
    code = party.log_in("couple_baerum")["code"]
    answer = party.redeem(code, redirect_uri=REDIRECT + "/")
    assert answer.json()["error"] == "invalid_grant"


def test_unregistered_redirect_uri_is_refused_at_par(party: Party) -> None:
    answer = party.push(redirect_uri=REDIRECT + "?x=1")
    assert answer.status_code == 400
    assert "redirect_uri" in answer.json()["error_description"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "https://somebody.else"}, "aud"),
        ({"iss": "other"}, "client_id"),
        ({"sub": "other"}, "client_id"),
        ({"exp": int(time.time()) + 6000}, "120"),
        ({"iat": 1, "exp": 100}, "expired"),
        ({"jti": None}, "jti"),
    ],
)
def test_wrong_client_assertion_is_refused(
    party: Party, changed: dict[str, Any], said: str
) -> None:
    form = party.signed(party.request(), party.assertion(**changed))
    answer = party.http.post("/idporten/par", data=form)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert said in answer.json()["error_description"]


def test_reused_jti_is_refused(party: Party) -> None:
    assertion = party.assertion()
    first = party.http.post("/idporten/par", data=party.signed(party.request(), assertion))
    second = party.http.post("/idporten/par", data=party.signed(party.request(), assertion))
    assert first.status_code == 201
    assert second.json()["error_description"] == "the jti of the assertion has been used before"


def test_assertion_signed_by_another_key_is_refused(party: Party) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": party.key.kid})
    party.key = stranger
    assert party.push().status_code == 401


def test_client_with_keys_may_not_skip_par_or_the_assertion(party: Party) -> None:
    answer = party.http.get("/idporten/authorize", params={"client_id": "rp", **party.request()})
    assert answer.status_code == 400
    assert "PAR" in answer.text
    bare = party.http.post("/idporten/par", data={"client_id": "rp", **party.request()})
    assert bare.status_code == 401


def test_request_uri_works_once_and_alone(party: Party) -> None:
    url = party.address()
    assert party.http.get(url + "&scope=openid").status_code == 400
    url = party.address()
    assert party.http.get(url).status_code == 200
    assert party.http.get(url).status_code == 400


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"nonce": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"acr_values": "idporten-loa-highest"}, "invalid_request"),
        ({"authorization_details": "{"}, "invalid_authorization_details"),
        ({"authorization_details": RAR}, "invalid_authorization_details"),
    ],
)
def test_wrong_request_is_refused(party: Party, changed: dict[str, str], code: str) -> None:
    answer = party.push(**changed)
    assert (answer.status_code, answer.json()["error"]) == (400, code)


def test_public_client_is_told_of_its_mistake_in_the_redirect(
    sandbox: Running, http: httpx.Client, party: Party
) -> None:
    sandbox.register_client(client_id="public", redirect_uris=[REDIRECT])
    query = {"client_id": "public", **party.request(code_challenge_method="plain")}
    answer = http.get("/idporten/authorize", params=query)
    assert answer.status_code == 303
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told["error"] == ["invalid_request"]
    assert told["iss"] == [party.issuer]
    assert told["state"] == [party.state]


def test_high_is_the_only_choice_when_high_is_asked(party: Party) -> None:
    url = party.address(acr_values="idporten-loa-high")
    page = party.http.get(url).text
    assert 'value="high"' in page
    assert 'value="substantial"' not in page
    answer = party.log_in("couple_baerum", "substantial", acr_values="idporten-loa-high")
    claims = party.claims(party.redeem(answer["code"]).json()["id_token"])
    assert claims["acr"] == "idporten-loa-high"


def test_cancel_tells_the_client(party: Party) -> None:
    page = party.http.get(party.address()).text
    found = re.search(r'name="interaction" value="([^"]+)"', page)
    assert found
    answer = party.http.post(
        "/idporten/choose", data={"interaction": found.group(1), "cancel": "1"}
    )
    assert "error=access_denied" in answer.headers["Location"]
    again = party.http.post("/idporten/choose", data={"interaction": found.group(1), "cancel": "1"})
    assert again.status_code == 400


def _choose(party: Party, url: str, person: str) -> httpx.Response:
    page = party.http.get(url).text
    found = re.search(r'name="interaction" value="([^"]+)"', page)
    assert found
    form = {"interaction": found.group(1), "person": person, "level": "high"}
    return party.http.post(f"/{party.provider}/choose", data=form)


def test_single_sign_on_answers_without_asking_until_logout(party: Party) -> None:
    _choose(party, party.address(), "couple_baerum")
    silent = party.http.get(party.address())
    assert silent.status_code == 303
    assert "code=" in silent.headers["Location"]
    assert party.http.get(party.address(prompt="login")).status_code == 200
    party.http.get("/idporten/end_session")
    assert party.http.get(party.address()).status_code == 200
    nobody = party.http.get(party.address(prompt="none"))
    assert "error=login_required" in nobody.headers["Location"]


def test_logout_goes_back_only_to_a_registered_address(party: Party) -> None:
    tokens = party.redeem(party.log_in("couple_baerum")["code"]).json()
    good = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": AFTER_LOGOUT,
        "state": "s1",
    }
    answer = party.http.post("/idporten/end_session", data=good)
    assert answer.headers["Location"] == f"{AFTER_LOGOUT}?state=s1"
    bad = good | {"post_logout_redirect_uri": "http://127.0.0.1:9/elsewhere"}
    assert party.http.post("/idporten/end_session", data=bad).status_code == 400


class _Told(BaseHTTPRequestHandler):
    bodies: list[str] = []

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.bodies.append(self.rfile.read(length).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Told)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_logout_tells_the_services_in_front_and_behind(party: Party, listener: HTTPServer) -> None:
    party.running.register_client(
        client_id="rp",
        redirect_uris=[REDIRECT],
        post_logout_redirect_uris=[AFTER_LOGOUT],
        jwks={"keys": [party.key.as_dict(private=False)]},
        frontchannel_logout_uri="http://127.0.0.1:9/front",
        backchannel_logout_uri=f"http://127.0.0.1:{listener.server_port}/back",
    )
    tokens = party.redeem(party.log_in("couple_baerum")["code"]).json()
    sid = party.claims(tokens["id_token"])["sid"]
    answer = party.http.post(
        "/idporten/end_session",
        data={"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT},
    )
    assert answer.status_code == 200
    assert f"sid={sid}" in answer.text
    assert "frame-src http://127.0.0.1:9" in answer.headers["Content-Security-Policy"]
    assert AFTER_LOGOUT in answer.headers["Refresh"]
    for _ in range(100):
        if _Told.bodies:
            break
        time.sleep(0.02)
    token = parse_qs(_Told.bodies.pop())["logout_token"][0]
    claims = party.claims(token)
    assert claims["sid"] == sid
    assert "http://schemas.openid.net/event/backchannel-logout" in claims["events"]
    assert "nonce" not in claims


# -- Ansattporten -------------------------------------------------------------------------------------


@pytest.fixture
def staff_party(party: Party) -> Party:
    party.provider = "ansattporten"
    return party


def _staff_claims(party: Party, key: str, **changed: str) -> dict[str, Any]:
    answer = party.log_in(key, **changed)
    return party.claims(party.redeem(answer["code"]).json()["id_token"])


def test_employee_has_organisation_and_rights(staff_party: Party) -> None:
    claims = _staff_claims(staff_party, "leder-1108", authorization_details=RAR)
    assert claims["acr"] == "high"
    detail = claims["authorization_details"][0]
    assert detail["type"] == "ansattporten:altinn:service"
    assert detail["resource"] == "urn:altinn:resource:samspill:1"
    assert detail["reportees"] == [
        {
            "ID": "0192:964965137",
            "Authority": "iso6523-actorid-upis",
            "Name": "Sandnes kommune",
            "Rights": ["saksbehandler", "leder", "tjeneste:*", "enhet:*"],
        }
    ]


def test_employee_of_two_municipalities_gets_both_when_several_are_allowed(
    staff_party: Party,
) -> None:
    claims = _staff_claims(staff_party, "to-kommuner", authorization_details=RAR_MANY)
    assert len(claims["authorization_details"][0]["reportees"]) == 2


def test_employee_of_two_municipalities_chooses_one_otherwise(staff_party: Party) -> None:
    url = staff_party.address(authorization_details=RAR)
    with pytest.raises(AssertionError, match="organisasjon"):
        staff_party.running.sign_in(url, "to-kommuner")
    url = staff_party.address(authorization_details=RAR)
    location = staff_party.running.sign_in(url, "to-kommuner", organisation="964965226")
    code = parse_qs(urlsplit(location).query)["code"][0]
    claims = staff_party.claims(staff_party.redeem(code).json()["id_token"])
    names = [r["Name"] for r in claims["authorization_details"][0]["reportees"]]
    assert names == ["Stavanger kommune"]


def test_employee_without_organisation_logs_in_with_no_details(staff_party: Party) -> None:
    claims = _staff_claims(staff_party, "ingen-kommune", authorization_details=RAR_MANY)
    assert "authorization_details" not in claims
    assert claims["pid"] == next(s.national_id for s in STAFF if s.key == "ingen-kommune")


def test_no_organisations_unless_asked(staff_party: Party) -> None:
    assert "authorization_details" not in _staff_claims(staff_party, "leder-1108")


def test_citizens_cannot_use_ansattporten(staff_party: Party) -> None:
    with pytest.raises(AssertionError, match="Ingen i sandkassen"):
        staff_party.running.sign_in(staff_party.address(), "single_mother_sandnes")


# -- a provider that lies -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "claim", "wrong"),
    [
        ("acr_too_low", "acr", "idporten-loa-substantial"),
        ("pid_missing", "pid", None),
        ("wrong_nonce", "nonce", "another-nonce"),
        ("wrong_audience", "aud", "another-client"),
    ],
)
def test_faults_change_one_claim_once(
    party: Party, fault: str, claim: str, wrong: str | None
) -> None:
    party.running.switches.set_fault("idporten", fault)
    lie = party.claims(party.redeem(party.log_in("couple_baerum")["code"]).json()["id_token"])
    assert lie.get(claim) == wrong
    truth = party.claims(party.redeem(party.log_in("couple_baerum")["code"]).json()["id_token"])
    assert truth[claim] != wrong


def test_new_key_is_published_beside_the_old(party: Party) -> None:
    old = party.redeem(party.log_in("couple_baerum")["code"]).json()["id_token"]
    assert party.http.post("/_sandbox/keys/idporten").status_code == 200
    new = party.redeem(party.log_in("couple_baerum")["code"]).json()["id_token"]
    kids = [
        json.loads(base64.urlsafe_b64decode(t.split(".")[0] + "==="))["kid"] for t in (old, new)
    ]
    assert kids[0] != kids[1]
    assert party.claims(old)["pid"] == party.claims(new)["pid"]


# -- time ---------------------------------------------------------------------------------------------


class _Clock:
    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timed() -> tuple[Provider, _Clock, dict[str, str]]:
    clock = _Clock()
    client = Client("public", redirect_uris=(REDIRECT,))
    provider = Provider(ID_PORTEN, Clients((client,)), clock=clock)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()
    request = {
        "client_id": "public", "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid", "state": "s",
        "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return provider, clock, request


def _identity() -> Any:
    from samspill.sandbox.oidc import Identity

    return Identity("01819206356", "high")


def test_code_lives_a_minute(timed: tuple[Provider, _Clock, dict[str, str]]) -> None:
    provider, clock, request = timed
    session = provider.start_session(_identity())
    address = provider.finish(provider.begin(request), session, "http://op")
    clock.now += 61
    form = {
        "client_id": "public", "grant_type": "authorization_code", "redirect_uri": REDIRECT,
        "code": parse_qs(urlsplit(address).query)["code"][0], "code_verifier": "v" * 43,
    }  # fmt: skip
    with pytest.raises(OAuthError, match="older than 60 s"):
        provider.token(form, "http://op")


def test_pushed_request_lives_two_minutes(timed: tuple[Provider, _Clock, dict[str, str]]) -> None:
    provider, clock, request = timed
    uri = provider.push(request, "http://op")["request_uri"]
    clock.now += 121
    with pytest.raises(OAuthError, match="older than 120 s"):
        provider.begin({"client_id": "public", "request_uri": uri})


@pytest.mark.parametrize(("wait", "again"), [(29 * 60, True), (31 * 60, False)])
def test_session_idles_out_after_half_an_hour(
    timed: tuple[Provider, _Clock, dict[str, str]], wait: int, again: bool
) -> None:
    provider, clock, request = timed
    session = provider.start_session(_identity())
    clock.now += wait
    assert (provider.sign_on(provider.begin(request), session.sid) is not None) is again


def test_session_ends_after_two_hours_of_use(
    timed: tuple[Provider, _Clock, dict[str, str]],
) -> None:
    provider, clock, request = timed
    session = provider.start_session(_identity())
    for _ in range(5):
        clock.now += 25 * 60
        interaction = provider.begin(request)
        alive = provider.sign_on(interaction, session.sid)
        if alive is not None:
            provider.finish(interaction, alive, "http://op")
    assert provider.sign_on(provider.begin(request), session.sid) is None


def test_employee_sessions_are_kept_apart_by_client() -> None:
    clients = Clients((Client("a", (REDIRECT,)), Client("b", (REDIRECT,))))
    provider = Provider(ANSATTPORTEN, clients)
    request = {
        "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid", "state": "s",
        "nonce": "n", "code_challenge": "c", "code_challenge_method": "S256",
    }  # fmt: skip
    session = provider.start_session(_identity())
    provider.finish(provider.begin({"client_id": "a", **request}), session, "http://op")
    assert provider.sign_on(provider.begin({"client_id": "a", **request}), session.sid)
    assert provider.sign_on(provider.begin({"client_id": "b", **request}), session.sid) is None


def test_a_login_is_finished_once(timed: tuple[Provider, _Clock, dict[str, str]]) -> None:
    provider, _, request = timed
    interaction = provider.begin(request)
    session = provider.start_session(_identity())
    provider.finish(interaction, session, "http://op")
    with pytest.raises(OAuthError, match="already finished"):
        provider.finish(interaction, session, "http://op")


def test_wrong_request_of_a_trusted_address_can_be_told(
    timed: tuple[Provider, _Clock, dict[str, str]],
) -> None:
    provider, _, request = timed
    with pytest.raises(AskedWrongly):
        provider.begin(request | {"scope": "profile"})
    with pytest.raises(OAuthError):
        provider.begin(request | {"client_id": "unknown"})
