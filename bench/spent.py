"""CPU seconds of our processes, read from /proc: also of those that have ended.

On a machine that others use too, this is the number that they disturb least: sixteen back ends are given more of two
busy cores than two web processes are, so rates beside a peer with other processes say little there.
"""

from __future__ import annotations

import os
from pathlib import Path

from bench import house

_TICK = os.sysconf("SC_CLK_TCK")


def cpu(running: house.House, postmaster: int) -> dict[str, float]:
    """Give the seconds used so far by the web, the worker and PostgreSQL, with all their children."""
    roots: dict[str, int] = {
        name: running.processes[name].pid for name in ("web", "worker") if name in running.processes
    }
    roots["PostgreSQL"] = postmaster
    return {name: sum(_spent(pid) for pid in family(root)) for name, root in roots.items()}


def _spent(pid: int) -> float:
    """Give the seconds that a process and its ended children have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) / _TICK


def family(root: int) -> list[int]:
    """Give a process and all that stem from it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(parent, []).append(int(path.parent.name))
    found, queue = [], [root]
    while queue:
        found.append(queue.pop())
        queue += parents.get(found[-1], [])
    return found


def postmaster(address: str) -> int:
    """Give the process of a database's PostgreSQL."""
    import psycopg

    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT current_setting('data_directory')").fetchone()
    assert row is not None
    return int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
