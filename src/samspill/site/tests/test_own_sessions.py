"""See where one is logged in, end it; change keys without a moment in which a signature fails."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest
from django.db import connection
from django.test import Client

from samspill.identity import service, sessions
from samspill.identity.adapters import keys
from samspill.identity.domain import Claims, Unit
from samspill.infra import clock
from samspill.kernel.ids import NationalId, check_digits
from samspill.site.cli import main

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 8, 10, 9, tzinfo=dt.UTC)


def a_person(day: int) -> uuid.UUID:
    for individual in range(900, 1000):
        nine = f"{day:02d}8190{individual}"
        if (digits := check_digits(nine)) is not None:
            number = NationalId.parse(nine + digits, allow_synthetic=True, allow_real=False)
            assert isinstance(number, NationalId)
            return service.person_for(number)
    raise AssertionError


def logged_in(day: int = 1, profile: str = "citizen") -> Client:
    claims = Claims(
        issuer="https://login.example", subject=str(day), sid=str(uuid.uuid4()), level="high",
        pid=None, name="Prøve Ansatt", reportees=(),
    )  # fmt: skip
    unit = Unit(org_no="964965137", name="Sandnes kommune", kind="municipality",
                roles=frozenset({"municipality_caseworker"}), municipality_id="")  # fmt: skip
    _, token = sessions.begin(
        profile=profile, person_id=a_person(day), claims=claims, id_token="",
        units=[unit] if profile == "employee" else [],
    )  # fmt: skip
    client = Client()
    client.cookies[service.session_cookie()] = token
    client.cookies["sprak"] = "en"
    return client


def listed(client: Client) -> list[str]:
    """Give the ids of the other sessions that the page offers to end."""
    body = client.get("/innlogginger/").content.decode()
    return re.findall(r'name="session" value="([^"]+)"', body)


def is_open(client: Client) -> bool:
    return client.get("/innlogginger/").status_code == 200


def test_each_sees_the_own_sessions_of_the_same_kind_and_this_one_is_marked() -> None:
    here, other, stranger = logged_in(), logged_in(), logged_in(2)
    at_work = logged_in(profile="employee")
    assert len(listed(here)) == 1
    assert listed(stranger) == []
    assert "Sandnes kommune" in at_work.get("/innlogginger/").content.decode()
    assert listed(at_work) == []
    assert here.get("/innlogginger/").content.decode().count("This device") == 1
    assert is_open(other)


def test_one_is_ended_and_it_is_logged() -> None:
    here, other = logged_in(), logged_in()
    here.post("/innlogginger/", {"session": listed(here)[0]})
    assert (is_open(here), is_open(other)) == (True, False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM infra_access_entry WHERE purpose = 'end my sessions'")
        assert cursor.fetchone() == (1,)


def test_all_others_are_ended() -> None:
    here, others = logged_in(), [logged_in(), logged_in()]
    here.post("/innlogginger/", {"others": "1"})
    assert is_open(here)
    assert not any(is_open(one) for one in others)


def test_anothers_session_is_left_alone_and_no_id_does_no_harm() -> None:
    here, elsewhere, stranger = logged_in(), logged_in(), logged_in(2)
    for wrong in (*listed(here), "nothing", str(uuid.uuid4())):
        stranger.post("/innlogginger/", {"session": wrong})
    assert is_open(elsewhere)
    assert is_open(stranger)


def test_nobody_is_shown_without_login() -> None:
    assert Client().get("/innlogginger/").status_code == 302


class TestKeyRotation:
    @pytest.fixture
    def path(self, tmp_path, monkeypatch):
        path = tmp_path / "client.pem"
        keys.ensure_key(path)
        monkeypatch.setattr(service.providers, "provider_for", lambda _profile: None)
        monkeypatch.setattr(service.providers, "key_files", lambda: [path, path])
        return path

    @staticmethod
    def kids(path) -> list[str]:
        return [str(key.kid) for key in keys.load_keys(path)]

    def test_a_key_is_published_before_it_signs_and_kept_after(self, path) -> None:
        [old] = self.kids(path)
        day = dt.timedelta(days=1)
        with clock.frozen(NOW):
            [done] = service.rotate_keys()
        new = done.kid
        assert (done.step, done.next_step, done.next_at) == ("published", "sign", NOW + day)
        assert self.kids(path) == [old, new]
        assert {k["kid"] for k in keys.public_jwks([path])["keys"]} == {old, new}
        with clock.frozen(NOW + day - dt.timedelta(minutes=1)):
            [done] = service.rotate_keys()
        assert (done.step, self.kids(path)) == ("waiting", [old, new])
        with clock.frozen(NOW + day):
            [done] = service.rotate_keys()
        assert (done.step, self.kids(path)) == ("signing", [new, old])
        with clock.frozen(NOW + day + dt.timedelta(hours=1)):
            [done] = service.rotate_keys()
        assert (done.step, done.next_step) == ("waiting", "retire")
        with clock.frozen(NOW + 2 * day):
            [done] = service.rotate_keys()
        assert (done.step, self.kids(path)) == ("retired", [new])
        with clock.frozen(NOW + 3 * day):
            assert service.rotate_keys()[0].step == "published"

    def test_a_file_changed_by_hand_waits_anew(self, path) -> None:
        keys.add_key(path)
        with clock.frozen(NOW):
            [done] = service.rotate_keys()
        assert (done.step, done.next_step) == ("waiting", "sign")
        with clock.frozen(NOW + dt.timedelta(days=1)):
            assert service.rotate_keys()[0].step == "signing"

    def test_the_command_says_what_it_did(self, path, capsys) -> None:
        assert main(["keys", "rotate"]) == 0
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert ("client.pem", "published") in {(one["file"], one["step"]) for one in said}
        assert len(self.kids(path)) == 2

    def test_the_command_refuses_what_it_cannot_do(self, path, capsys) -> None:
        assert main(["keys", "rotate", "--wait-hours", "-1"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["where"] == "--wait-hours"
        path.write_text("nothing")
        assert main(["keys", "rotate"]) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "key_file"
