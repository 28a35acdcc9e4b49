"""A running installation to break: its own database, the stand-ins, the real web server and worker.

Everything is done as from outside: over HTTP with a session's cookie, and the rows are counted with SQL.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import psutil
import psycopg
import pytest
from joserfc.jwk import RSAKey

import samspill
from samspill.infra.encryption import keyring, values
from samspill.sandbox import testing

ALLOTMENT = Path(samspill.__file__).parent / "cases" / "tests" / "allotment"
READY_S = 60
CSRF = "t" * 32
Row = tuple[Any, ...]


@attrs.define
class Installation:
    """Addresses and environment of one installation; processes that were started in it."""

    database_url: str
    environment: dict[str, str]
    sandbox: testing.Running
    log: Path
    running: list[subprocess.Popen[bytes]] = attrs.field(factory=list)

    def command(self, *arguments: str) -> str:
        """Run one of our commands to its end and return what it wrote."""
        line = [sys.executable, "-m", "samspill.site.cli", *arguments]
        done = subprocess.run(
            line, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr[-3000:]
        return done.stdout

    def start(self, line: list[str]) -> subprocess.Popen[bytes]:
        """Start a process in its own group; what it writes goes to the log."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                line, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        return process

    def start_web(self, *, port: int | None = None, workers: int = 1) -> Web:
        """Start a web server as production does; several may stand side by side, as behind a balancer."""
        from samspill.site import serving

        at = port or free_port()
        return Web(
            self, at, self.start(serving.command(host="127.0.0.1", port=at, workers=workers))
        )

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start the worker as production does."""
        return self.start([sys.executable, "-m", "samspill.site.cli", "worker"])

    def kill_group(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its children outright, and wait until the port is free."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything that was started here."""
        for process in self.running:
            self.kill_group(process)

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Return the rows of a query."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(sql, values or None).fetchall()  # type: ignore[arg-type]

    def citizen(self, number: int) -> Citizen:
        """Log in one of the sandbox's applicants (the session is written as a login writes it)."""
        people = self.sandbox.population
        alone = [p for p in people.applicants() if is_ordinary(people, p)]
        person = alone[number]
        token, now = secrets.token_urlsafe(32), dt.datetime.now(dt.UTC)
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            person_id = self._person(connection, person.national_id, now)
            connection.execute(
                "INSERT INTO identity_session (id, token_hash, person_id, profile, level, name, units, org_no, issuer, "
                "subject, sid, id_token, started_at, last_seen_at, ended_by) "
                "SELECT %s, %s, %s, 'citizen', 'high', %s, '[]', '', 'test', 'test', '', '', %s, %s, ''",
                [
                    uuid.uuid4(),
                    hashlib.sha256(token.encode()).hexdigest(),
                    person_id,
                    person.name,
                    now,
                    now,
                ],
            )
        return Citizen(token, person)

    def _person(self, connection: Any, number: str, now: dt.datetime) -> uuid.UUID:
        """Return somebody's identifier; the row is written as a login writes it, with this installation's keys."""
        ring = keyring.FileSource(Path(self.environment["SAMSPILL_KEYS"]) / keyring.FILE).ring()
        person_id, key = uuid.uuid4(), ring.hashing[0]
        hashed = values.keyed_hash(number, key=key)
        sealed = values.encrypt_with(ring.writes, number, bound_to=f"identity_person {person_id}")
        known = connection.execute(
            "SELECT person_id FROM identity_number_hash WHERE hash = %s", [hashed]
        ).fetchone()
        if known is not None:
            return uuid.UUID(str(known[0]))
        connection.execute(
            "WITH made AS (INSERT INTO identity_person (id, number, created_at) VALUES (%s, %s, %s)) "
            "INSERT INTO identity_number_hash (hash, key, person_id) VALUES (%s, %s, %s)",
            [person_id, sealed, now, hashed, key.id, person_id],
        )
        return person_id


@attrs.define
class Web:
    """One web server: its port and its process, which is started again when it ends."""

    place: Installation
    port: int
    process: subprocess.Popen[bytes]

    def wait(self) -> Web:
        """Wait until it answers its health check; a process that has ended is started again, as by systemd."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if request(self.port, "GET", "/helse/").status == 200:
                    return self
            if self.process.poll() is not None:
                self.process = self.place.start_web(port=self.port).process
            time.sleep(0.02)
        pytest.fail(f"the web did not answer:\n{self.place.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """`kill -9` of the server and its workers at once."""
        self.place.kill_group(self.process)

    def kill_workers(self) -> None:
        """`kill -9` of the workers; the server is to start new ones."""
        for worker in psutil.Process(self.process.pid).children(recursive=True):
            worker.kill()


@attrs.frozen
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


@attrs.frozen
class Citizen:
    """Somebody with a browser."""

    token: str
    person: Any

    def get(self, web: Web, path: str) -> Answer:
        """GET a page."""
        return request(web.port, "GET", path, cookie=self.cookie)

    def post(self, web: Web, path: str, **fields: Any) -> Answer:
        """POST a form."""
        return request(web.port, "POST", path, cookie=self.cookie, fields=fields)

    @property
    def cookie(self) -> str:
        """The session and the form token."""
        return f"samspill={self.token}; csrf={CSRF}"

    def fill_in(self, web: Web, *, fee: int = 400) -> str:
        """Begin an application and answer everything; return the draft's id."""
        begun = self.post(web, "/tjenester/allotment/start/")
        assert begun.status == 302, begun.text[-2000:]
        draft = begun.location.split("/")[2]
        page, costs = f"/soknad/{draft}/side/home/", f"/soknad/{draft}/side/costs/"
        for path, fields in (
            (page, {"_shown": ["has_shed"], "has_shed": "false"}),
            (costs, {"_shown": ["fee", "note"], "fee": str(fee), "note": ""}),
        ):
            shown = self.get(web, path)
            found = re.search(r'name="revision"[^>]* value="(\d+)"', shown.text)
            assert found, (shown.status, shown.location, shown.text[-1500:])
            saved = self.post(web, path, revision=found[1], save="1", **fields)
            assert saved.status == 302, saved.text[-2000:]
        return draft

    def send(self, web: Web, draft: str, key: str) -> Answer:
        """Send the application with an idempotency key."""
        return self.post(web, f"/soknad/{draft}/send/", key=key, declared="truth")

    def send_until_answered(
        self, web: Web, draft: str, key: str, *, within_s: float = 60
    ) -> Answer:
        """Send again with the same key until there is an answer that is not an error of ours."""
        deadline, said = time.monotonic() + within_s, ""
        while time.monotonic() < deadline:
            try:
                answer = self.send(web, draft, key)
            except (OSError, http.client.HTTPException) as error:
                said = repr(error)
            else:
                if answer.status < 500:
                    return answer
                said = f"{answer.status}: {answer.text[-500:]}"
            time.sleep(0.05)
        pytest.fail(f"no answer in {within_s} s; at last: {said}")


def is_ordinary(people: Any, person: Any) -> bool:
    """Whether a person lives alone, at an open address, so that the imagined service asks little."""
    home = people.household_of(person.national_id)
    return home is not None and len(home.members) == 1 and home.case is None


def request(
    port: int, method: str, path: str, *, cookie: str = "", fields: dict[str, Any] | None = None
) -> Answer:
    """Make one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Accept-Language": "nb", "X-CSRFToken": CSRF}
    body = None
    if fields is not None:
        body = urlencode(fields, doseq=True)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return Answer(answer.status, answer.getheader("Location", ""), text)
    finally:
        connection.close()


def measured_service(folder: Path) -> Path:
    """The imagined service with the time of applying measured, so that the worker has work at each event."""
    shutil.copytree(ALLOTMENT, folder)
    (folder / "gains.yaml").write_text(
        'before: {minutes_municipality: 30, minutes_agency: 0, minutes_citizen: 20, source: "Anslag", status: claim}\n'
        "measures:\n  - {name: applying, from_event: DraftStarted, to_event: ApplicationSubmitted, role: applicant}\n"
        "idle_after: PT10M\nwho_gains: [municipality]\n"
    )
    for texts in (folder / "texts").glob("*.yaml"):
        with texts.open("a") as file:
            file.write('\nmeasure.applying.label: "Applying"\n')
    return folder


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def installation(folder: Path, database_url: str) -> Iterator[Installation]:
    """Bring an empty database up to date, start the stand-ins, and clean up after."""
    keys = folder / "keys"
    keys.mkdir(parents=True)
    key = RSAKey.generate_key(2048, auto_kid=True)
    (keys / "client.pem").write_bytes(key.as_pem(private=True))
    public = {**key.as_dict(private=False), "use": "sig", "alg": "RS256"}
    (keys / "client.jwks.json").write_text(json.dumps({"keys": [public]}))
    sandbox = testing.start(households=120, seed=3)
    sandbox.register_client(client_id="samspill", jwks={"keys": [public]})
    clean = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("SAMSPILL_", "DATABASE_URL", "DJANGO_"))
    }
    environment = {
        **clean, "DATABASE_URL": database_url, "SAMSPILL_DATA": str(folder), "SAMSPILL_KEYS": str(keys),
        "SAMSPILL_FILES": str(folder / "files"), "SAMSPILL_SANDBOX_URL": sandbox.base_url,
        "SAMSPILL_SECRET_KEY": "s" * 50, "SAMSPILL_LIMITS": "off", "SAMSPILL_BASE_URL": "http://127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "samspill.site.settings",
    }  # fmt: skip
    made = Installation(database_url, environment, sandbox, folder / "log.txt")
    try:
        made.command("migrate")
        made.command("package", "publish", str(measured_service(folder / "allotment")))
        yield made
    finally:
        made.stop()
        sandbox.stop()
