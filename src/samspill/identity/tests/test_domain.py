"""What is accepted as a login, case by case."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.identity import domain
from samspill.identity.domain import Claims, Rejected
from samspill.kernel.actor import LEVELS

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
AT = NOW.timestamp()


def token(**changes):
    claims = {
        "iss": "https://idporten.no",
        "aud": "samspill",
        "sub": "pairwise",
        "pid": "17912099997",
        "acr": "idporten-loa-high",
        "nonce": "n",
        "iat": AT - 1,
        "exp": AT + 119,
        "sid": "s",
    } | changes
    return {key: value for key, value in claims.items() if value is not ...}


def read(claims, *, wanted="substantial"):
    return domain.read_id_token(
        claims,
        issuer="https://idporten.no",
        client_id="samspill",
        nonce="n",
        wanted=wanted,
        acr_prefix="idporten-loa-",
        now=NOW,
    )


def test_accepts_a_good_token():
    found = read(token())
    assert isinstance(found, Claims)
    assert (found.level, found.pid, found.sid) == ("high", "17912099997", "s")


@pytest.mark.parametrize(
    ("amr", "methods"),
    [
        (["BankID"], ("BankID",)),
        (["Minid-PIN", "Minid-OTC"], ("Minid-PIN", "Minid-OTC")),
        ("TestID", ("TestID",)),
        (None, ()),
        ([{"a": 1}, 7, "", "x" * 41, "<b>"], ()),
    ],
)
def test_how_somebody_showed_who_they_are_may_be_absent_and_is_never_trusted(amr, methods):
    claims = token() if amr is None else {**token(), "amr": amr}
    found = read(claims)
    assert isinstance(found, Claims)
    assert found.methods == methods


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://idporten.no/"},
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["samspill", "another"]},
        {"aud": ["samspill", "another"], "azp": "another"},
        {"aud": ...},
        {"exp": AT - 60},
        {"exp": ...},
        {"exp": "9999999999"},
        {"exp": True},
        {"iat": AT + 3600},
        {"iat": ...},
        {"nonce": "other"},
        {"nonce": ...},
        {"sub": ""},
    ],
)
def test_rejects_a_token_that_is_not_for_this_login(changes):
    found = read(token(**changes))
    assert isinstance(found, Rejected)
    assert found.code == "token_invalid"


@pytest.mark.parametrize(
    "acr",
    [
        "idporten-loa-low",
        "eidas-loa-high",
        "high",
        "idporten-loa-",
        "idporten-loa-highest",
        "",
        None,
        4,
    ],
)
def test_rejects_a_level_that_is_too_low_or_unknown(acr):
    assert read(token(acr=acr)) == Rejected("level_too_low", f"acr {str(acr)!r}")


def test_rejects_substantial_where_high_is_asked():
    found = read(token(acr="idporten-loa-substantial"), wanted="high")
    assert isinstance(found, Rejected)


def test_keeps_a_login_without_pid_apart():
    found = read(token(pid=...))
    assert isinstance(found, Claims)
    assert found.pid is None


def test_accepts_several_audiences_when_we_are_the_authorised_party():
    assert isinstance(read(token(aud=["samspill", "x"], azp="samspill")), Claims)


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_levels_are_ordered(a, b, c):
    assert domain.is_enough(a, wanted=a)
    if domain.is_enough(a, wanted=b) and domain.is_enough(b, wanted=c):
        assert domain.is_enough(a, wanted=c)


@pytest.mark.parametrize(
    "details",
    [
        None,
        "x",
        [],
        [3],
        [{}],
        [{"reportees": "x"}],
        [{"reportees": [1, {}, {"ID": "974760673"}, {"ID": "0192:123"}, {"ID": "9908:974760673"}]}],
    ],
)
def test_malformed_representation_gives_no_organisation(details):
    assert list(domain.reportees_in(details)) == []


def test_reads_an_organisation_with_rights():
    details = [
        {"reportees": [{"ID": "0192:974760673", "Name": "Etat", "Rights": ["saksbehandler", 7]}]}
    ]
    (found,) = domain.reportees_in(details)
    assert (found.org_no, found.name, found.rights) == ("974760673", "Etat", {"saksbehandler"})


def test_a_right_means_nothing_in_the_wrong_kind_of_organisation():
    assert domain.roles_for("agency", ["veileder"]) == frozenset()
    assert domain.roles_for("municipality", ["VEILEDER"]) == {"counter"}


@given(st.text(max_size=60))
def test_never_goes_to_another_site_after_login(text):
    url = domain.safe_next(text)
    assert url.startswith("/")
    assert not url.startswith("//")
    assert "\\" not in url
    assert "\n" not in url


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "x"},
        {"aud": "x"},
        {"iat": AT - 10_000},
        {"iat": None},
        {"exp": AT - 100},
        {"events": {}},
        {"events": None},
        {"nonce": "n"},
        {"sid": "", "sub": ""},
    ],
)
def test_rejects_a_logout_token_that_does_not_hold(changes):
    claims = {
        "iss": "https://idporten.no",
        "aud": "samspill",
        "iat": AT,
        "sid": "s",
        "events": {domain.LOGOUT_EVENT: {}},
    }

    def read_it(token):
        return domain.read_logout_token(
            token, issuer="https://idporten.no", client_id="samspill", now=NOW
        )

    assert read_it(claims) == ("s", "")
    assert isinstance(read_it(claims | changes), Rejected)
