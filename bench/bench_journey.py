"""A whole journey: begin, three pages, look over, send, receipt, PDF; CPU of every process of ours, and memory.

Log-in is left out, and so are the stand-ins (national registers do not run here) and the one who clicks. CPU is
read from /proc before and after: web, worker, and every PostgreSQL process, also those that have ended.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from bench import house, people, spent
from bench.row import Row

ROUNDS = 5
EACH = 12
_PEER_CPU, _PEER_MB = 0.75, 300
_ANSWERS = {"has_shed": "yes", "shed_size": "4", "fee": "400", "note": "Ved elva."}


def run() -> list[Row]:
    """Measure the journey and the memory of each process after it."""
    with house.house(registers="canned", worker=True) as running:
        persons = iter(people.applicants(2 + ROUNDS * EACH))
        for _ in range(2):
            _journey(running.port, next(persons))
        postmaster = spent.postmaster(running.database)
        totals, seconds, parts = [], [], []
        for _ in range(ROUNDS):
            before, begun = spent.cpu(running, postmaster), time.perf_counter()
            for _ in range(EACH):
                _journey(running.port, next(persons))
            seconds.append((time.perf_counter() - begun) / EACH)
            time.sleep(1.5)  # the worker takes up what was told
            after = spent.cpu(running, postmaster)
            parts.append({name: (after[name] - before[name]) / EACH for name in after})
            totals.append(sum(parts[-1].values()))
        return [_row_of_cpu(totals, seconds, parts), _row_of_memory(_memory(running))]


def _journey(port: int, person: str) -> None:
    browser = people.Browser(port, house.citizen_session(person))
    address, page = browser.post("/tjenester/parcel/start/", [])
    pages = 0
    while "/side/" in address:
        action, fields = people.form_of(page, "/side/")
        wanted = {name: value for name, value in _ANSWERS.items() if f'name="{name}"' in page}
        address, page = browser.post(action, [*people.filled(fields, wanted), ("next", "")])
        pages += 1
    assert pages == 3, f"the form has {pages} pages"
    action, fields = people.form_of(page, "/send/")
    address, page = browser.post(action, [*fields, ("declared", "truth")])
    assert "/kvittering/" in address, f"was not sent, but came to {address}"
    assert browser.content(f"{address}pdf/").startswith(b"%PDF")


def _memory(running: house.House) -> dict[str, float]:
    found = {}
    for name in ("web", "worker"):
        for number, pid in enumerate(spent.family(running.processes[name].pid)):
            status = Path(f"/proc/{pid}/status").read_text()
            kilobytes = next(
                int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
            )
            found[f"{name} {number}" if number else name] = kilobytes / 1024
    return found


def _row_of_cpu(spent: list[float], seconds: list[float], parts: list[dict[str, float]]) -> Row:
    median = statistics.median(spent)
    each = ", ".join(f"{n} {statistics.median(one[n] for one in parts):.3f}" for n in parts[0])
    return Row(
        name="whole journey: 3 pages, submit, receipt, PDF; CPU over all processes",
        ours=f"{median:.3f} CPU s, {statistics.median(seconds):.2f} s on the clock",
        peer=f"Open Forms 4.0 {_PEER_CPU} CPU s (measured earlier, not in this run)",
        limit="0.12 CPU s",
        ratio=median,
        target="<= 0.12",
        met=median <= 0.12,
        spread=f"lowest-highest of {ROUNDS} rounds of {EACH}: {min(spent):.3f}-{max(spent):.3f} CPU s; medians: {each}",
    )


def _row_of_memory(memory: dict[str, float]) -> Row:
    most = max(memory.values())
    return Row(
        name="memory of the largest process after the journeys",
        ours=f"{most:.0f} MB resident",
        peer=f"Open Forms 4.0 {_PEER_MB} MB (measured earlier, not in this run)",
        limit="120 MB",
        ratio=most,
        target="<= 120",
        met=most <= 120,
        spread=", ".join(f"{name} {value:.0f}" for name, value in memory.items()),
    )
