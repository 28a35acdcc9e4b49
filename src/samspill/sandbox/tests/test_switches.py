from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2 as httpx
import pytest

from samspill.sandbox import HEALTH_PATH, MARKER_PATHS
from samspill.sandbox.app import create_app
from samspill.sandbox.context import Config, ConfigError
from samspill.sandbox.switches import COMPONENTS, SwitchError, Switches
from samspill.sandbox.testing import Running

NAMES = "/enhetsregisteret/api/enheter/889640782"


def _set(http: httpx.Client, component: str, **body: object) -> httpx.Response:
    return http.put(f"/_sandbox/switches/{component}", json=body)


def test_down_is_503_until_made_normal(http: httpx.Client) -> None:
    assert _set(http, "enhetsregisteret", mode="down").status_code == 200
    assert http.get(NAMES).status_code == 503
    _set(http, "enhetsregisteret", mode="normal")
    assert http.get(NAMES).status_code == 200


def test_one_component_down_leaves_the_others_up(http: httpx.Client) -> None:
    _set(http, "nav", mode="down")
    assert http.get(NAMES).status_code == 200
    assert http.post("/nav/v1/ytelser", json={}).status_code == 503


def test_down_can_break_the_connection(http: httpx.Client) -> None:
    _set(http, "enhetsregisteret", mode="down", how="close")
    with pytest.raises(httpx.TransportError):
        http.get(NAMES)


def test_slow_waits(http: httpx.Client) -> None:
    _set(http, "enhetsregisteret", mode="slow", seconds=0.3)
    began = time.monotonic()
    assert http.get(NAMES).status_code == 200
    assert time.monotonic() - began >= 0.3


def test_throttled_says_when_to_come_back(http: httpx.Client) -> None:
    for component in ("enhetsregisteret", "folkeregisteret"):
        _set(http, component, mode="throttled")
    answer = http.get(NAMES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    path = "/folkeregisteret/offentlig-med-hjemmel/v1/hendelser/feed/"
    assert http.get(path).headers["Retry-After"] == "1000"


def test_wrong_schema_is_json_without_the_expected_fields(http: httpx.Client) -> None:
    _set(http, "enhetsregisteret", mode="wrong_schema")
    answer = http.get(NAMES)
    assert answer.status_code == 200
    assert "navn" not in answer.json()


def test_times_counts_calls_down_to_normal(http: httpx.Client) -> None:
    _set(http, "enhetsregisteret", mode="down", times=2)
    assert [http.get(NAMES).status_code for _ in range(3)] == [503, 503, 200]


def test_login_provider_can_be_down_too(http: httpx.Client) -> None:
    _set(http, "idporten", mode="down")
    assert http.get("/idporten/.well-known/openid-configuration").status_code == 503


@pytest.mark.parametrize(
    ("component", "body", "said"),
    [
        ("posten", {"mode": "down"}, "Unknown component"),
        ("nav", {"mode": "sleepy"}, "Unknown mode"),
        ("nav", {"mode": "down", "how": "slam"}, "Unknown how"),
        ("nav", {"mode": "slow", "seconds": "mange"}, "float"),
    ],
)
def test_wrong_switch_says_what_is_allowed(
    http: httpx.Client, component: str, body: dict[str, object], said: str
) -> None:
    answer = _set(http, component, **body)
    assert answer.status_code == 400
    assert said in answer.json()["feil"]["melding"]


def test_reset_makes_everything_normal(http: httpx.Client) -> None:
    _set(http, "nav", mode="down")
    http.post("/_sandbox/reset")
    state = http.get("/_sandbox/switches").json()
    assert {c["mode"] for c in state["components"].values()} == {"normal"}


def test_unknown_fault_is_refused() -> None:
    with pytest.raises(SwitchError, match="acr_too_low"):
        Switches().set_fault("idporten", "sleepy")


def test_markers_cover_every_component(http: httpx.Client) -> None:
    assert {f"/{c}" for c in COMPONENTS} < set(MARKER_PATHS)
    assert http.get(HEALTH_PATH).json()["sandbox"] is True


def test_client_registered_over_http_can_push(http: httpx.Client) -> None:
    body = {"client_id": "late", "redirect_uris": ["http://127.0.0.1:9/x"]}
    assert http.post("/_sandbox/clients", json=body).status_code == 201
    wrong = http.post("/_sandbox/clients", json={"client_id": "late", "secret": "x"})
    assert (wrong.status_code, "secret" in wrong.json()["feil"]["melding"]) == (400, True)


def test_environment_sets_up_the_client() -> None:
    config = Config.from_environment(
        {
            "SAMSPILL_SANDBOX_BASE_URL": "http://sand/",
            "SAMSPILL_SANDBOX_HOUSEHOLDS": "7",
            "SAMSPILL_SANDBOX_REDIRECT_URIS": "http://a http://b",
            "SAMSPILL_SANDBOX_CLIENT_JWKS_FILE": "/tmp/k.json",
        }
    )
    assert (config.base_url, config.households) == ("http://sand", 7)
    assert config.clients[0].redirect_uris == ("http://a", "http://b")
    assert config.clients[0].has_keys
    with pytest.raises(ConfigError, match="SAMSPILL_SANDBOX_SEED"):
        Config.from_environment({"SAMSPILL_SANDBOX_SEED": "mange"})


def test_base_url_of_the_settings_is_the_issuer() -> None:
    app = create_app(Config(base_url="http://sand:1", households=1))
    from werkzeug.test import Client

    found = Client(app).get("/maskinporten/.well-known/oauth-authorization-server").get_json()
    assert found["issuer"] == "http://sand:1/maskinporten/"


# -- pages --------------------------------------------------------------------------------------------


def _choose_page(sandbox: Running, http: httpx.Client, **query: str) -> str:
    sandbox.register_client(client_id="public", redirect_uris=["http://127.0.0.1:9/x"])
    request = {
        "client_id": "public", "response_type": "code", "redirect_uri": "http://127.0.0.1:9/x", "scope": "openid",
        "state": "s", "nonce": "n", "code_challenge": "c", "code_challenge_method": "S256", **query,
    }  # fmt: skip
    return http.get("/idporten/authorize", params=request).text


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("nb", "Velg hvem du vil være"),
        ("nn", "Vel kven du vil vere"),
        ("en", "Choose who to be"),
        ("se", "Velg hvem"),
    ],
)
def test_choose_page_speaks_the_language_asked_for(
    sandbox: Running, http: httpx.Client, language: str, title: str
) -> None:
    page = _choose_page(sandbox, http, ui_locales=language)
    assert title in page
    case = sandbox.population.cases["young_disabled"]
    assert case.shows[language if language != "se" else "nb"] in page


def test_without_a_language_asked_for_the_pages_speak_the_browsers(sandbox: Running) -> None:
    for wanted, title in (
        ("nn-NO,nb;q=0.8", "Vel kven"),
        ("fr,no;q=0.5", "Velg hvem"),
        ("en-GB", "Choose who"),
    ):
        with httpx.Client(
            base_url=sandbox.base_url, headers={"Accept-Language": wanted}
        ) as browser:
            assert title in _choose_page(sandbox, browser)
            assert (
                f'<html lang="{wanted[:2].replace("fr", "nb")}"' in browser.get("/_sandbox/").text
            )


def test_pages_have_no_inline_script_or_style_and_one_heading(
    sandbox: Running, http: httpx.Client
) -> None:
    for page in (_choose_page(sandbox, http), http.get("/_sandbox/?q=a").text):
        assert page.count("<h1>") == 1
        assert "<script" not in page
        assert not re.search(r"\sstyle=|\son[a-z]+=", page)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
    policy = http.get("/_sandbox/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy


def test_search_narrows_the_people_by_municipality(sandbox: Running, http: httpx.Client) -> None:
    page = _choose_page(sandbox, http)
    found = re.search(r'name="interaction" value="([^"]+)"', page)
    assert found
    query = {"interaction": found.group(1), "q": "", "municipality_no": "1108"}
    hits = http.get("/idporten/authorize", params=query).text
    assert sandbox.population.applicant("single_mother_sandnes").name in hits
    assert sandbox.population.applicant("couple_baerum").name not in hits
    nobody = http.get("/idporten/authorize", params=query | {"q": "finnesikke"}).text
    assert "Ingen passer" in nobody


def test_names_are_escaped(sandbox: Running, http: httpx.Client) -> None:
    assert '"><b>' not in http.get("/_sandbox/", params={"q": '"><b>x'}).text


def test_style_sheet_is_a_file(http: httpx.Client) -> None:
    answer = http.get("/_sandbox/static/sandbox.css")
    assert answer.headers["Content-Type"].startswith("text/css")


# -- the real server ----------------------------------------------------------------------------------


@pytest.fixture
def granian() -> Iterator[httpx.Client]:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "samspill.sandbox", "--port", str(port)]
    environment = os.environ | {"SAMSPILL_SANDBOX_HOUSEHOLDS": "20"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}")
    try:
        for _ in range(200):
            try:
                client.get(HEALTH_PATH)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield client
    finally:
        client.close()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def test_it_runs_under_granian_with_the_same_switches(granian: httpx.Client) -> None:
    assert granian.get(HEALTH_PATH).json()["households"] > 20
    _set(granian, "enhetsregisteret", mode="down", how="close")
    with pytest.raises(httpx.TransportError):
        granian.get(NAMES)
    _set(granian, "enhetsregisteret", mode="normal")
    assert granian.get(NAMES).json()["navn"] == "ARBEIDS- OG VELFERDSETATEN"
