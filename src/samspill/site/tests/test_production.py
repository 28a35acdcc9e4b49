"""What a production start refuses."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from samspill.infra.encryption import keyring
from samspill.infra.settings_reader import components, database
from samspill.site.production import refusals


def test_a_production_start_refuses_stand_ins_and_says_which():
    with override_settings(SAMSPILL=_sandboxed()):
        where = {refusal["where"] for refusal in refusals()}
    assert {"SAMSPILL_ENV", "SAMSPILL_SECRET_KEY", "SAMSPILL_SANDBOX_URL"} <= where
    assert {"citizen issuer", "folkeregisteret address", "maskinporten key"} <= where


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://u:p@db.example.no/samspill", "certificate"),
        ("postgresql://u:p@127.0.0.1/samspill", "certificate"),
        ("postgresql://u:p@db.example.no/samspill?sslmode=require", "certificate"),
        ("postgresql://u:p@db.example.no/samspill?sslmode=verify-ca", "certificate"),
        ("postgresql:///samspill?host=/run/postgresql,db.example.no", "certificate"),
        ("postgresql:///samspill?hostaddr=10.0.0.1", "certificate"),
        (
            "postgresql://u:p@db.example.no/s?sslmode=verify-full&ssl_min_protocol_version=TLSv1",
            "1.2",
        ),
        ("postgresql://u:p@db.example.no/samspill?sslmode=verify-full", ""),
        ("postgresql:///samspill?host=/run/postgresql", ""),
        ("postgresql:///samspill", ""),
    ],
)
def test_a_database_over_a_network_without_checked_tls_is_refused(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setattr(settings, "DATABASES", {"default": database(address)})
    about = [
        r["message"] for r in refusals() if "TLS" in r["message"] or "certificate" in r["message"]
    ]
    assert bool(about) == bool(said)
    assert all(said in message for message in about)


def test_the_keys_of_national_numbers_are_judged(settings, tmp_path):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path}
    path = tmp_path / keyring.FILE

    def said() -> str:
        return " ".join(one["message"] for one in refusals() if one["where"] == keyring.FILE)

    assert "missing" in said()
    keyring.make_file(path, prefix=keyring.LOCAL)
    assert "trying out" in said()
    path.unlink()
    keyring.make_file(path)
    assert said() == ""
    path.chmod(0o644)
    assert "Everybody" in said()
    path.chmod(0o600)
    path.write_text("encrypt 00000000 QUJD")
    assert "32 bytes" in said()
    assert "QUJD" not in said()


def _sandboxed():
    return {**settings.SAMSPILL, **components({"SAMSPILL_SANDBOX_URL": "http://127.0.0.1:9"})}
