from __future__ import annotations

import base64
import datetime as dt
import time
import uuid
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from samspill.sandbox.clients import Client, Clients
from samspill.sandbox.maskinporten import GRANT_TYPE, Maskinporten
from samspill.sandbox.oidc import OAuthError

ISSUER = "http://sandbox/maskinporten/"
NOW = 1_790_000_000
SCOPE = "skatteetaten:inntekt"


@pytest.fixture
def machine(client_key: RSAKey) -> Maskinporten:
    client = Client(
        "rp",
        jwks={"keys": [client_key.as_dict(private=False)]},
        org_no="942114184",
        scopes=(SCOPE, "krr:global/kontaktinformasjon.read"),
        delegations=("964965137",),
    )
    return Maskinporten(Clients((client,)), clock=lambda: NOW)


def _grant(key: RSAKey, *, header: dict[str, Any] | None = None, **changed: Any) -> dict[str, str]:
    claims = {
        "iss": "rp", "aud": ISSUER, "scope": SCOPE, "iat": NOW, "exp": NOW + 100, "jti": uuid.uuid4().hex,
    } | changed  # fmt: skip
    claims = {k: v for k, v in claims.items() if v is not None}
    head = {"alg": "RS256", "kid": key.kid} if header is None else header
    assertion = jwt.encode(head, claims, key, algorithms=["RS256", "RS512", "PS256"])
    return {"grant_type": GRANT_TYPE, "assertion": assertion}


def _claims(machine: Maskinporten, form: dict[str, str]) -> dict[str, Any]:
    found = machine.token(form, ISSUER)
    assert found["token_type"] == "Bearer"
    keys = KeySet.import_key_set(machine.signer.jwks())
    return dict(jwt.decode(found["access_token"], keys).claims)


def test_token_names_the_consumer(machine: Maskinporten, client_key: RSAKey) -> None:
    claims = _claims(machine, _grant(client_key))
    assert claims["iss"] == ISSUER
    assert claims["consumer"] == {"authority": "iso6523-actorid-upis", "ID": "0192:942114184"}
    assert claims["scope"] == SCOPE
    assert "supplier" not in claims


def test_delegation_names_consumer_and_supplier(machine: Maskinporten, client_key: RSAKey) -> None:
    claims = _claims(machine, _grant(client_key, consumer_org="964965137"))
    assert claims["consumer"]["ID"] == "0192:964965137"
    assert claims["supplier"]["ID"] == "0192:942114184"
    assert claims["delegation_source"]


def test_pid_and_audience_are_carried_over(machine: Maskinporten, client_key: RSAKey) -> None:
    claims = _claims(machine, _grant(client_key, pid="01819206356", resource=["https://api"]))
    assert (claims["pid"], claims["aud"]) == ("01819206356", ["https://api"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": ISSUER.rstrip("/")}, "aud must be"),
        ({"iat": NOW - 11}, "within 10 s"),
        ({"iat": NOW + 11}, "within 10 s"),
        ({"exp": NOW + 121}, "at most 120"),
        ({"exp": NOW}, "ahead"),
        ({"jti": None}, "jti"),
        ({"iat": "now"}, "whole seconds"),
        ({"iss": "stranger"}, "registered keys"),
        ({"scope": "ks:fiks"}, "ks:fiks"),
        ({"scope": ""}, "no scope"),
        ({"consumer_org": "999999999"}, "delegated"),
        ({"consumer_org": "964965137", "iss_onbehalfof": "x"}, "exclude each other"),
    ],
)
def test_broken_rule_is_named(
    machine: Maskinporten, client_key: RSAKey, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(OAuthError, match=said):
        machine.token(_grant(client_key, **changed), ISSUER)


def test_jti_may_be_used_once(machine: Maskinporten, client_key: RSAKey) -> None:
    form = _grant(client_key)
    machine.token(form, ISSUER)
    with pytest.raises(OAuthError, match="jti has been used"):
        machine.token(form, ISSUER)


@pytest.mark.parametrize(
    "header", [{"alg": "RS256"}, {"alg": "RS256", "kid": "client-1", "x5c": ["AA=="]}]
)
def test_exactly_one_of_kid_and_x5c(
    machine: Maskinporten, client_key: RSAKey, header: dict[str, Any]
) -> None:
    with pytest.raises(OAuthError, match="exactly one"):
        machine.token(_grant(client_key, header=header), ISSUER)


def test_algorithm_must_be_rsa_pkcs1(machine: Maskinporten, client_key: RSAKey) -> None:
    machine.token(_grant(client_key, header={"alg": "RS512", "kid": "client-1"}), ISSUER)
    with pytest.raises(OAuthError, match="algorithm"):
        machine.token(_grant(client_key, header={"alg": "PS256", "kid": "client-1"}), ISSUER)


def test_unknown_kid_other_grant_and_nonsense(machine: Maskinporten, client_key: RSAKey) -> None:
    with pytest.raises(OAuthError, match="kid"):
        machine.token(_grant(client_key, header={"alg": "RS256", "kid": "other"}), ISSUER)
    with pytest.raises(OAuthError, match="grant_type"):
        machine.token({"grant_type": "client_credentials"}, ISSUER)
    with pytest.raises(OAuthError, match="not a signed JWT"):
        machine.token({"grant_type": GRANT_TYPE, "assertion": "abc"}, ISSUER)


def _certificate(key: RSAKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key)
        .serial_number(7)
        .not_valid_before(day)
        .not_valid_after(day + dt.timedelta(days=400))
        .sign(key.private_key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def test_certificate_of_the_client_is_accepted(machine: Maskinporten, client_key: RSAKey) -> None:
    header = {"alg": "RS256", "x5c": [_certificate(client_key)]}
    assert _claims(machine, _grant(client_key, header=header))["client_id"] == "rp"
    stranger = RSAKey.generate_key(2048, {"kid": "s"})
    header = {"alg": "RS256", "x5c": [_certificate(stranger)]}
    with pytest.raises(OAuthError, match="certificate"):
        machine.token(_grant(stranger, header=header), ISSUER)


def test_system_user_is_one_party(machine: Maskinporten, client_key: RSAKey) -> None:
    org = {"authority": "iso6523-actorid-upis", "ID": "0192:964965137"}
    details = [{"type": "urn:altinn:systemuser", "systemuser_org": org}]
    claims = _claims(machine, _grant(client_key, authorization_details=details))
    assert claims["authorization_details"][0]["systemuser_org"] == org
    with pytest.raises(OAuthError, match="one object"):
        machine.token(_grant(client_key, authorization_details=details * 2), ISSUER)


def test_register_checks_signature_issuer_time_and_scope(client_key: RSAKey) -> None:
    clock = [float(NOW)]
    client = Client("rp", jwks={"keys": [client_key.as_dict(private=False)]})
    machine = Maskinporten(Clients((client,)), clock=lambda: clock[0])
    token = "Bearer " + str(machine.token(_grant(client_key), ISSUER)["access_token"])
    assert machine.check(token, SCOPE, ISSUER) is None
    assert machine.check(None, SCOPE, ISSUER) == (
        401,
        "no access token; send Authorization: Bearer <token from Maskinporten>",
    )
    assert machine.check(token[:-4] + "AAAA", SCOPE, ISSUER)[0] == 401  # type: ignore[index]
    assert machine.check(token, SCOPE, "http://other/")[0] == 401  # type: ignore[index]
    assert machine.check(token, "nav:ytelser.read", ISSUER)[0] == 403  # type: ignore[index]
    clock[0] += 121
    assert machine.check(token, SCOPE, ISSUER)[1] == "the access token has expired"  # type: ignore[index]


def test_keys_are_read_again_when_a_kid_is_unknown(tmp_path: Any, client_key: RSAKey) -> None:
    file = tmp_path / "jwks.json"
    file.write_text('{"keys": []}')
    clients = Clients((Client("rp", jwks_file=str(file)),))
    client = clients.get("rp")
    assert client is not None
    assert clients.key(client, "client-1") is None
    file.write_text(
        str([client_key.as_dict(private=False)]).replace("'", '"').join(('{"keys": ', "}"))
    )
    assert clients.key(client, "client-1") is not None


def test_clock_is_the_real_one_by_default(client_key: RSAKey) -> None:
    client = Client("rp", jwks={"keys": [client_key.as_dict(private=False)]})
    now = int(time.time())
    form = _grant(client_key, iat=now, exp=now + 60)
    assert Maskinporten(Clients((client,))).token(form, ISSUER)["expires_in"] == 120
