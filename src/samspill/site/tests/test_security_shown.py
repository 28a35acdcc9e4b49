"""Requirements of ASVS that are shown by the whole site at once (docs/run/security.md)."""

from __future__ import annotations

import ast
import contextlib
import gzip
import re
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

import samspill
from samspill.cases.tests.builders import a_person, allotment, known
from samspill.cases.tests.staff_web import a_browser
from samspill.infra import files, http
from samspill.kernel.actor import system
from samspill.site import middleware

__all__ = ["allotment", "known"]
pytestmark = pytest.mark.django_db
SOURCE = Path(samspill.__file__).parent
ADDRESSES = (
    "/",
    "/helse/",
    "/finnes-ikke/",
    "/min-side/",
    "/api/v1/openapi.json",
    "/kalkulator/x/",
)
INJECTIONS = ("' OR 1=1 --", '"; DROP TABLE cases_case; --', "%' UNION SELECT 1 --", "\\x00'")
YEAR_S = 31_536_000


def modules() -> list[Path]:
    """Our own code, without tests and without the stand-ins."""
    beside = ("tests", "sandbox", "migrations")
    return [p for p in SOURCE.rglob("*.py") if not set(beside) & set(p.parts)]


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_headers(client: Client, address: str) -> None:
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_its_type_and_charset(client: Client, address: str) -> None:
    answer = client.get(address)
    if answer.getvalue():
        kind = answer["Content-Type"]
        assert "charset=utf-8" in kind or kind in {"application/json", "text/plain"}, kind


def test_production_asks_for_https_for_two_years(rf, settings) -> None:
    from django.http import HttpResponse

    def ask() -> str | None:
        answer = middleware.SecurityHeadersMiddleware(lambda _: HttpResponse())(rf.get("/"))
        return answer.get("Strict-Transport-Security")

    assert ask() is None
    settings.SAMSPILL = {**settings.SAMSPILL, "environment": "production"}
    found = re.fullmatch(r"max-age=(\d+); includeSubDomains", ask() or "")
    assert found is not None
    assert int(found[1]) >= 2 * YEAR_S


@pytest.mark.usefixtures("allotment")
@pytest.mark.parametrize("text", INJECTIONS)
def test_what_is_searched_for_is_never_sql(text: str) -> None:
    office = a_browser("municipality_caseworker")
    found = [
        office.post("/arbeid/finn/", {"number": text}),
        office.get("/arbeid/", {"oppgave": text, "tilstand": text, "alder": text, "etter": text}),
        office.get("/kommuner/", {"q": text}),
    ]
    assert [answer.status_code for answer in found if answer.status_code >= 500] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        assert cursor.fetchone() == (0,)


def test_no_xml_is_parsed() -> None:
    parsers = ("xml", "lxml", "defusedxml", "xmltodict")
    found = {
        f"{path.name}: {name}"
        for path in modules()
        for name in imports(path)
        if name.split(".")[0] in parsers
    }
    assert found == set()


def packed(kind: str) -> bytes:
    zeros = b"\0" * 5_000_000
    if kind == "gzip":
        return gzip.compress(zeros)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large.pdf", zeros)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["gzip", "zip"])
@pytest.mark.parametrize("name", ["a.pdf", "a.png", "a.zip"])
def test_a_packed_file_is_refused_unopened(kind: str, name: str) -> None:
    kept = files.store(packed(kind), filename=name, owner_id=a_person(1), actor=system("test"))
    assert isinstance(kept, files.FileRefused)
    assert kept.reason == "type"


@pytest.mark.parametrize(
    "path", [".git/config", "../settings.py", "..%2fsettings.py", "%2e%2e/wsgi.py", "/etc/passwd"]
)
def test_nothing_beside_the_static_files_is_served(client: Client, path: str) -> None:
    assert client.get(f"/static/{path}").status_code in {400, 404}
    assert client.get(f"/{path.lstrip('/')}").status_code == 404


def test_calls_go_nowhere_but_to_the_addresses_that_are_set() -> None:
    """Only `infra.http` calls out, from one address a component, and it follows no redirect elsewhere."""
    callers = {"httpx", "requests", "urllib3", "aiohttp", "urllib.request", "http.client"}
    found = {str(p.relative_to(SOURCE)) for p in modules() if imports(p) & callers}
    # The supervisor waits for its own children; the verifier of the log is run by others, outside the system.
    assert found <= {"infra/http.py", "site/supervisor.py", "infra/proof/offline.py"}
    asked: list[str] = []

    class Leads(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Leads) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        component = http.Client(
            "trial", f"http://127.0.0.1:{server.server_port}", budget_s=2, retries=0
        )
        with contextlib.suppress(http.ComponentError):
            component.get("/here", operation="try")
        server.shutdown()
    assert asked == ["/here"]
