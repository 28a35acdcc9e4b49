"""What a production start refuses."""

from __future__ import annotations

import json
import os

import pytest
from django.conf import settings
from django.test import override_settings

from samspill.infra.encryption import keyring
from samspill.infra.settings_reader import SettingsError, components, database, with_secrets
from samspill.site import supervisor
from samspill.site.production import refusals


def test_a_production_start_refuses_stand_ins_and_says_which():
    with override_settings(SAMSPILL=_sandboxed()):
        where = {refusal.where for refusal in refusals()}
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
    about = [r.message for r in refusals() if "TLS" in r.message or "certificate" in r.message]
    assert bool(about) == bool(said)
    assert all(said in message for message in about)


def test_the_keys_of_national_numbers_are_judged(settings, tmp_path):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path}
    path = tmp_path / keyring.FILE

    def said() -> str:
        return " ".join(one.message for one in refusals() if one.where == keyring.FILE)

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


def test_a_secret_is_read_from_the_file_that_a_vault_mounts(tmp_path):
    path = tmp_path / "secret"
    path.write_text("x" * 60 + "\n")
    said = with_secrets({"SAMSPILL_SECRET_KEY_FILE": str(path), "SAMSPILL_ENV": "production"})
    assert said["SAMSPILL_SECRET_KEY"] == "x" * 60
    assert with_secrets({"DATABASE_URL": "postgresql:///a"})["DATABASE_URL"] == "postgresql:///a"


@pytest.mark.parametrize(
    ("kept", "also", "said"),
    [
        ("", "", "empty"),
        (None, "", "cannot be read"),
        ("postgresql:///a", "postgresql:///b", "both"),
    ],
)
def test_a_file_of_a_secret_that_will_not_do_is_said_without_the_secret(tmp_path, kept, also, said):
    path = tmp_path / "url"
    if kept is not None:
        path.write_text(kept)
    with pytest.raises(SettingsError) as refused:
        with_secrets({"DATABASE_URL_FILE": str(path), "DATABASE_URL": also})
    assert said in str(refused.value)
    assert refused.value.variable == "DATABASE_URL_FILE"
    assert refused.value.remedy
    assert "postgresql" not in str(refused.value)


def test_a_run_on_one_machine_neither_gives_a_mounted_secret_twice_nor_misses_it(
    tmp_path, monkeypatch
):
    mounted = {}
    for name in ("DATABASE_URL", "SAMSPILL_SECRET_KEY"):
        (tmp_path / name).write_text(f"of {name}")
        mounted[f"{name}_FILE"] = str(tmp_path / name)
    monkeypatch.setattr(os, "environ", dict(mounted))
    plan = supervisor.Plan(port=1, data=tmp_path, demo=False, households=1)
    supervisor._environment(plan, 2)
    kept = with_secrets(json.loads((tmp_path / "environment.json").read_text()))
    assert kept.items() <= with_secrets(os.environ).items()
    assert kept["DATABASE_URL"] == "of DATABASE_URL"
    assert kept["SAMSPILL_SECRET_KEY"] == "of SAMSPILL_SECRET_KEY"


def test_a_secret_that_everybody_can_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_text("x" * 60)
    monkeypatch.delenv("SAMSPILL_SECRET_KEY", raising=False)
    monkeypatch.setenv("SAMSPILL_SECRET_KEY_FILE", str(path))
    path.chmod(0o644)
    assert "SAMSPILL_SECRET_KEY_FILE" in {one.where for one in refusals()}
    path.chmod(0o400)
    assert not {"SAMSPILL_SECRET_KEY_FILE", "SAMSPILL_SECRET_KEY"} & {
        one.where for one in refusals()
    }


@pytest.mark.parametrize(
    ("clamd", "unscanned", "refused"),
    [
        ("", "", True),
        ("", "ja", True),
        ("127.0.0.1:3310", "", False),
        ("", "Accepted by the security lead 2026-11-22: scanned at the gateway", False),
    ],
)
def test_uploads_that_nobody_scans_are_refused_unless_somebody_accepts_it_in_writing(
    settings, clamd, unscanned, refused
):
    settings.SAMSPILL = {**settings.SAMSPILL, "clamd": clamd, "unscanned": unscanned}
    assert ("SAMSPILL_CLAMD" in {one.where for one in refusals()}) is refused


@pytest.mark.parametrize(
    ("key", "resources", "refused"),
    [
        ("", None, {"SAMSPILL_ALTINN_SUBSCRIPTION_KEY", "SAMSPILL_ALTINN_RESOURCES"}),
        ("k", "husbanken:bostoette,made-up,yes", {"SAMSPILL_ALTINN_RESOURCES"}),
        ("k", "husbanken:bostoette,Wrong Id,no", {"SAMSPILL_ALTINN_RESOURCES"}),
        ("k", "husbanken:bostoette,hb-bostotte,no", set()),
    ],
)
def test_altinn_without_a_subscription_or_a_registered_resource_is_refused(
    settings, tmp_path, key, resources, refused
):
    file = tmp_path / "resources.csv"
    file.write_text(f"scope,resource,made_up\n{resources}\n")
    altinn = {
        "base_url": "https://platform.altinn.no",
        "subscription_key": key,
        "resources": str(file) if resources else "",
    }
    registers = {**settings.SAMSPILL["registers"], "altinn": altinn}
    settings.SAMSPILL = {**settings.SAMSPILL, "registers": registers}
    assert {one.where for one in refusals() if "ALTINN" in one.where} == refused
    registers["altinn"] = {**altinn, "base_url": ""}
    assert not [one for one in refusals() if "ALTINN" in one.where]


def _sandboxed():
    return {**settings.SAMSPILL, **components({"SAMSPILL_SANDBOX_URL": "http://127.0.0.1:9"})}
