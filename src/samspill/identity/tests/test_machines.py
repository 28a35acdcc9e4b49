"""Tokens of machines: what must hold, each fault by itself, the answers of RFC 6750, and no token that falls over."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import time
from typing import Any

import pytest
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from samspill.identity.access import rule_of
from samspill.identity.adapters import machine_tokens
from samspill.identity.adapters.machine_tokens import TokenReader
from samspill.identity.machine_claims import Machine, TokenError, machine_of
from samspill.identity.machines import needs_machine
from samspill.infra.http import ComponentError

SCOPE, ISSUER, OURS = "samspill:representation.read", "http://maskinporten.test/", "https://s.test"
HUSBANKEN, VENDOR = "942114184", "999888777"
KEY, FORGED = RSAKey.generate_key(2048), RSAKey.generate_key(2048)


def party(org_no: object = HUSBANKEN, authority: str = "iso6523-actorid-upis") -> dict[str, Any]:
    return {"authority": authority, "ID": f"0192:{org_no}"}


def claims(**changes: Any) -> dict[str, Any]:
    """Claims as Maskinporten gives them; `...` takes one out."""
    now = int(time.time())
    told = {
        "iss": ISSUER, "scope": SCOPE, "iat": now, "exp": now + 120, "jti": "j", "client_id": "c",
        "token_type": "Bearer", "client_amr": "private_key_jwt", "consumer": party(), **changes,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not ...}


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    header = header or {"alg": "RS256", "kid": "one"}
    return jwt.encode(header, claims(**changes), key, algorithms=["RS256", "RS512", "HS256"])


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> TokenReader:
    """A reader whose issuer publishes one key."""
    made = TokenReader(ISSUER, audiences=frozenset({OURS}))
    public = {"keys": [{**KEY.as_dict(private=False), "kid": "one"}]}
    document = {"jwks_uri": f"{ISSUER}jwk"}
    monkeypatch.setattr(made, "_json", lambda path: public if path == "/jwk" else document)
    monkeypatch.setattr(machine_tokens, "reader", lambda: made)
    return made


@needs_machine(scope=SCOPE)
def view(request: HttpRequest) -> JsonResponse:
    machine: Machine = request.machine  # type: ignore[attr-defined]
    return JsonResponse({"org_no": machine.org_no, "supplier": machine.supplier})


def ask(authorization: str | None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return view(RequestFactory().post("/x", headers=headers))


def test_a_good_token_names_its_consumer_and_its_supplier(reader: TokenReader):
    assert json.loads(ask(f"Bearer {token()}").content) == {"org_no": HUSBANKEN, "supplier": ""}
    delegated = token(supplier=party(VENDOR), delegation_source="https://www.altinn.no")
    assert json.loads(ask(f"bearer {delegated}").content) == {
        "org_no": HUSBANKEN,
        "supplier": VENDOR,
    }


@pytest.mark.parametrize("audience", [OURS, f"{OURS}/", [OURS, "https://other.test"]])
def test_a_token_for_our_address_is_taken_also_with_scopes_of_others(
    reader: TokenReader, audience: Any
):
    made = token(aud=audience, scope=f"{SCOPE} krr:global")
    assert reader.read(made).scopes == {SCOPE, "krr:global"}


def test_a_token_is_checked_once_while_it_lives(reader: TokenReader, monkeypatch):
    made = token()
    first = reader.read(made)
    monkeypatch.setattr(reader, "_claims", lambda _token: pytest.fail("checked again"))
    assert reader.read(made) == first


NOW = int(time.time())
FAR_OFF = NOW + 36_000  # also when the file is run long after it is read


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "http://another.test/"}, "issuer"),
        ({"iss": ...}, "issuer"),
        ({"exp": NOW - 60}, "expired"),
        ({"exp": ...}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"exp": NOW + 90_000}, "too long"),
        ({"iat": FAR_OFF, "exp": FAR_OFF + 100}, "not valid yet"),
        ({"iat": ...}, "iat"),
        ({"nbf": FAR_OFF}, "not valid yet"),
        ({"aud": "https://other.test"}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": {"a": OURS}}, "audience"),
        ({"aud": None}, "audience"),
        ({"scope": f"{SCOPE} folkeregister:deling"}, "other services"),
        ({"consumer": ...}, "consumer"),
        ({"consumer": party("12")}, "consumer"),
        ({"consumer": party(HUSBANKEN, "gln")}, "consumer"),
        ({"consumer": HUSBANKEN}, "consumer"),
        ({"supplier": party(VENDOR)}, "delegated"),
        ({"supplier": {}, "delegation_source": "https://www.altinn.no"}, "supplier"),
        ({"delegation_source": "https://www.altinn.no"}, "supplier"),
        ({"pid": "01010112345"}, "one person"),
        ({"authorization_details": [{"type": "urn:altinn:systemuser"}]}, "system user"),
    ],
)
def test_each_fault_refuses_and_is_named_without_a_claim(
    reader: TokenReader, changes: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        answer = ask(f"Bearer {token(**changes)}")
    assert answer.status_code == 401
    assert said in json.loads(answer.content)["error"]["message"]
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    assert "invalid_token" in caplog.text
    assert HUSBANKEN not in caplog.text
    assert "01010112345" not in caplog.text + answer.content.decode() + answer["WWW-Authenticate"]


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_a_forged_signature_is_refused_whatever_the_header_says(reader: TokenReader):
    shared = token(KEY, {"alg": "RS256", "kid": "one", "typ": "x"}).split(".")[1]
    head = _part(b'{"alg":"HS256","kid":"one"}')
    mac = hmac.digest(KEY.as_pem(private=False), f"{head}.{shared}".encode(), "sha256")
    none = _part(b'{"alg":"none","kid":"one"}')
    body = token().split(".")[1]
    wrong = [
        token(FORGED),
        token(KEY, {"alg": "RS512", "kid": "one"}),
        f"{head}.{shared}.{_part(mac)}",  # the public key as if it were a shared secret
        token(KEY, {"alg": "RS256", "kid": "two"}),
        token(KEY, {"alg": "RS256"}),
        token()[:-6] + "AAAAAA",
        f"{none}.{body}.",
        "a.b.c", "å" * 40, "x" * 10_000, ".", "..", "[].[].[]",
    ]  # fmt: skip
    assert [ask(f"Bearer {one}").status_code for one in wrong] == [401] * len(wrong)


def test_without_the_scope_it_is_403_and_says_which(reader: TokenReader):
    answer = ask(f"Bearer {token(scope='samspill:another')}")
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert f'scope="{SCOPE}"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer  ", "Basic dTpw", "DPoP x"])
def test_without_a_token_no_error_is_told(reader: TokenReader, authorization: str | None):
    answer = ask(authorization)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == f'Bearer realm="samspill", scope="{SCOPE}"'


def test_a_silent_issuer_is_503_with_a_wait(reader: TokenReader, monkeypatch: pytest.MonkeyPatch):
    def down(_path: str) -> Any:
        raise ComponentError("maskinporten", "keys", "unavailable")

    monkeypatch.setattr(reader, "_json", down)
    answer = ask(f"Bearer {token()}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")


def test_the_rule_stands_on_the_view():
    rule = rule_of(view)
    assert rule is not None
    assert (rule.roles, rule.scope, rule.is_open) == (frozenset({"machine"}), SCOPE, False)
    assert view.csrf_exempt  # type: ignore[attr-defined]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
_few = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@_few
@given(name=st.sampled_from(["iss", "exp", "iat", "consumer", "scope"]), value=_VALUES)
def test_no_claim_of_another_kind_falls_over_or_lets_in(name: str, value: Any):
    told = {**claims(), name: value}
    try:
        machine = machine_of(told, issuer=ISSUER, audiences=frozenset({OURS}), now=time.time())
    except TokenError:
        return
    if name == "scope":
        assert SCOPE not in machine.scopes or value == SCOPE
    else:
        assert value == claims()[name] or (name in {"exp", "iat"} and 0 < value < 2**40)


@_few
@given(noise=st.binary(max_size=60), at=st.integers(0, 400), whole=st.text(max_size=40))
def test_no_token_falls_over_or_lets_in(reader: TokenReader, noise: bytes, at: int, whole: str):
    good = token()
    bent = good[:at] + base64.urlsafe_b64encode(noise).decode() + good[at + len(noise) + 1 :]
    for one in (bent, whole, f"{whole}.{good}", f"{good}.{whole}"):
        answer = ask(f"Bearer {one}")
        assert answer.status_code in ((401, 200) if one.strip() == good else (401,))
