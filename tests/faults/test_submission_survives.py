"""Nobody's application is lost or made twice, whatever dies while it is being sent."""

from __future__ import annotations

import datetime as dt
import functools
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from samspill.infra import database
from tests.faults.installation import Answer, Citizen, Installation, Web, installation

SEEDS = int(os.environ.get("SAMSPILL_FAULT_SEEDS", "12"))
TERM_KILLS = 5
TOGETHER = 3
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may read (pytest shuts its folders for everybody else)."""
    with tempfile.TemporaryDirectory(prefix="samspill-faults-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def place(disk: Path) -> Iterator[Installation]:
    """An installation on a durable server of its own: other tests' open transactions would hold its events back."""
    folder = disk / "postgres"
    server = database.start(folder, cleanup_mode=None)
    try:
        with installation(disk / "place", database.ensure_database(server, "samspill")) as made:
            yield made
    finally:
        database.stop(folder)


@attrs.define
class Sending:
    """One application under way: who sends it, with which key, and what was answered."""

    citizen: Citizen
    draft: str
    key: str
    answer: Answer | None = None

    def try_once(self, web: Web) -> None:
        """Send; a broken connection is no answer."""
        try:
            self.answer = self.citizen.send(web, self.draft, self.key)
        except (OSError, http.client.HTTPException):
            self.answer = None

    @property
    def acknowledged(self) -> bool:
        """Whether the applicant was told that it is received."""
        return self.answer is not None and self.answer.status == 302


def prepared(web: Web, seed: int, citizens: list[Citizen]) -> list[Sending]:
    return [Sending(who, who.fill_in(web), f"{seed}-{at}") for at, who in enumerate(citizens)]


def send_together(
    web: Web,
    sendings: list[Sending],
    strike: Callable[[], None],
    after_s: float,
    *,
    head_start_s: float = 0,
) -> None:
    """Let all send at once while the strike comes `after_s` after its start; they wait for `head_start_s`."""

    def struck() -> None:
        time.sleep(after_s)
        strike()

    blow = threading.Thread(target=struck)
    with ThreadPoolExecutor(len(sendings)) as pool:
        blow.start()
        time.sleep(head_start_s)
        list(pool.map(lambda sending: sending.try_once(web), sendings))
    blow.join()


def stored(place: Installation, draft: str) -> tuple[int, ...]:
    """How many of each row an application has: case, application, event, log row, draft left."""
    found = place.rows(
        "SELECT (SELECT count(*) FROM cases_case WHERE id = %s), "
        "(SELECT count(*) FROM cases_application WHERE case_id = %s), "
        "(SELECT count(*) FROM infra_event WHERE key = %s AND type = 'ApplicationSubmitted'), "
        "(SELECT count(*) FROM infra_access_entry WHERE case_id = %s AND action = 'write' AND detail ? 'body_sha256'), "
        "(SELECT count(*) FROM cases_draft WHERE id = %s)",
        *[draft] * 5,
    )
    return tuple(found[0])


def judge(place: Installation, web: Web, sendings: list[Sending]) -> int:
    """Hold what was acknowledged against what is stored, retry, and look again; return how many were cut off."""
    cut_off = 0
    for sending in sendings:
        before = stored(place, sending.draft)
        assert before in {(1, 1, 1, 1, 0), (0, 0, 0, 0, 1)}, f"half an application: {before}"
        if sending.acknowledged:
            assert before == (1, 1, 1, 1, 0), "an acknowledged application is lost"
        cut_off += not sending.acknowledged
        again = sending.citizen.send_until_answered(web, sending.draft, sending.key)
        assert (again.status, again.location) == (302, f"/kvittering/{sending.draft}/"), again.text[
            -1500:
        ]
        assert stored(place, sending.draft) == (1, 1, 1, 1, 0), "made twice, or not at all"
    return cut_off


def usual_duration(web: Web, citizens: list[Citizen]) -> float:
    """How long sending takes when nothing dies; the second round, when everything is warm."""
    for turn in (1, 2):
        sendings = prepared(web, -turn * web.port, citizens)
        began = time.monotonic()
        send_together(web, sendings, lambda: None, 0)
        assert all(s.acknowledged for s in sendings)
    return time.monotonic() - began


def test_kill_9_of_the_web_loses_nothing_and_makes_nothing_twice(place: Installation) -> None:
    """Two web servers stand side by side: one dies at a random moment, the retry comes to the other."""
    chance = random.Random(int(os.environ.get("SAMSPILL_FAULT_SEED", "2")))
    webs = [place.start_web(), place.start_web()]
    citizens = [place.citizen(n) for n in range(TOGETHER)]
    usual = [usual_duration(web.wait(), citizens) for web in webs][-1]
    cut_off = 0
    for seed in range(SEEDS):
        web, other = webs[seed % 2].wait(), webs[1 - seed % 2]
        sendings = prepared(web, seed, citizens)
        only_workers = seed % 5 == 4
        strike = web.kill_workers if only_workers else web.kill
        send_together(web, sendings, strike, chance.uniform(0, usual * 1.1))
        if not only_workers:
            web.process = place.start_web(port=web.port).process
        cut_off += judge(place, web.wait() if only_workers else other.wait(), sendings)
    for web in webs:
        web.kill()
    print(f"{SEEDS} kills, {cut_off} of {SEEDS * TOGETHER} submissions were cut off")
    assert cut_off, "no kill hit a submission: the delays prove nothing"
    total = place.rows("SELECT count(*), count(DISTINCT case_id) FROM cases_application")[0]
    assert total == ((SEEDS + 4) * TOGETHER,) * 2


def test_kill_9_of_the_worker_loses_no_event_and_counts_none_twice(place: Installation) -> None:
    """Whatever the worker was at: each case's steps are counted as one undisturbed worker counts them."""
    chance = random.Random(3)
    web, worker = place.start_web().wait(), place.start_worker()
    citizens = [place.citizen(n) for n in range(TOGETHER)]
    for seed in range(1000, 1003):
        sendings = prepared(web, seed, citizens)
        for sending in sendings:
            sending.try_once(web)
            assert sending.acknowledged
        time.sleep(chance.uniform(0, 1.5))
        place.kill_group(worker)
        judge(place, web, sendings)
        worker = place.start_worker()
    wait_until_drained(place)
    place.kill_group(worker)
    web.kill()
    assert place.rows("SELECT count(*) FROM infra_event_dead") == [(0,)]
    counted = "SELECT case_id, count(*) FROM cases_steptime WHERE step = 'applying' GROUP BY case_id ORDER BY 1"
    assert place.rows(counted) == place.rows("SELECT id, 1 FROM cases_case ORDER BY 1")


def wait_until_drained(place: Installation) -> None:
    newest = place.rows("SELECT max(id) FROM infra_event WHERE type = 'ApplicationSubmitted'")[0][0]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        at = place.rows(
            "SELECT position FROM infra_event_cursor WHERE subscriber = 'cases.step_times'"
        )
        if at and at[0][0] >= newest:
            return
        time.sleep(0.1)
    pytest.fail(f"the worker did not come to event {newest}")


def test_a_database_that_stops_at_once_loses_nothing_acknowledged(
    place: Installation, disk: Path
) -> None:
    """`pg_ctl stop -m immediate` is a power cut to PostgreSQL: it recovers from its log at the next start."""
    assert place.rows("SHOW synchronous_commit") == [("on",)]
    assert place.rows("SHOW fsync") == [("on",)]
    chance = random.Random(5)
    web = place.start_web().wait()
    citizens = [place.citizen(n) for n in range(TOGETHER)]
    usual = usual_duration(web, citizens)
    cut_off, seed = 0, 2000
    while seed < 2000 + SEEDS and (cut_off < TOGETHER or seed < 2004):
        seed += 1
        sendings = prepared(web, seed, citizens)
        stop = functools.partial(database._pg_ctl, disk / "postgres", "-m", "immediate", "restart")
        # The command takes longer to begin than a submission lasts: it is given a start before they are sent.
        send_together(web, sendings, stop, chance.uniform(0, usual), head_start_s=usual)
        cut_off += judge(place, web, sendings)
    web.kill()
    print(f"{cut_off} submissions were cut off")
    assert cut_off, "no stop hit a submission: the delays prove nothing"


def test_kill_9_of_the_months_run_decides_each_case_once(place: Installation) -> None:
    """The run is killed in the middle of batches, goes on from what is left, and nothing is decided or paid twice."""
    line = [sys.executable, "-m", "tests.faults.term_run_killed", str(TERM_KILLS)]
    ran = subprocess.run(line, env=place.environment, cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr[-3000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["killed"] >= 2, "no kill hit the run: it proves nothing"
    cases = told["cases"]
    assert told["decided"] == cases
    assert place.rows("SELECT state, count(*) FROM cases_termrun GROUP BY 1") == [("done", 1)]
    # The file's other tests have sent applications of another service, which wait for a month of their own.
    entries = "SELECT term, state, count(*) FROM cases_termentry WHERE package_id = 'ferry' GROUP BY 1, 2 ORDER BY 1"
    assert place.rows(entries) == [
        (dt.date(2026, 8, 1), "decided", cases),
        (dt.date(2026, 9, 1), "waiting", cases),
    ]
    for rows, key in (
        ("cases_decision", "case_id"),
        ("cases_payment", "decision_id"),
        ("cases_letter", "decision_id"),
        ("infra_event WHERE type = 'DecisionMade'", "key"),
        ("infra_event WHERE type = 'PaymentOrdered'", "key"),
        ("infra_access_entry WHERE purpose = 'decide the term' AND action = 'write'", "case_id"),
    ):
        counted = f"SELECT count(*), count(DISTINCT {key}) FROM {rows}"
        assert place.rows(counted) == [(cases, cases)], rows
