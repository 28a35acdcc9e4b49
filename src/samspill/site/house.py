"""The house drawn from the code itself: rooms, doors, events and who listens (`samspill map`)."""

from __future__ import annotations

import importlib
import inspect
from types import FunctionType

from samspill.infra import events, jobs
from samspill.site.apps import ROOMS


def describe() -> str:
    """Return the map as Markdown: each room's promise, its door, its events, its jobs, and the listeners."""
    parts = ["# The house, from its code\n"]
    parts += [_room(room) for room in ROOMS]
    listeners = events.subscribers()
    if listeners:
        parts.append("## Who listens\n")
        parts += [
            f"- `{name}` hears {', '.join(sorted(listener.types))}; owner: {listener.owner}"
            for name, listener in sorted(listeners.items())
        ]
    return "\n".join(parts) + "\n"


def doors(room: str) -> dict[str, FunctionType]:
    """Return the functions that a room offers to others, by name."""
    module = importlib.import_module(f"samspill.{room}.service")
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    found = {name: getattr(module, name) for name in names}
    return {
        name: thing
        for name, thing in sorted(found.items())
        if inspect.isfunction(thing) and thing.__module__.startswith(f"samspill.{room}")
    }


def _room(room: str) -> str:
    promise = (importlib.import_module(f"samspill.{room}").__doc__ or "").strip().splitlines()[0]
    lines = [f"## {room}\n", promise, "", "Door:"]
    for name, function in doors(room).items():
        summary = (function.__doc__ or "").strip().splitlines()[0]
        lines.append(f"- `{name}`: {summary}")
    told = sorted(name for name, kind in events.event_types().items() if kind.room == room)
    if told:
        lines.append(f"\nTells: {', '.join(told)}")
    own = sorted(
        job.name
        for job in jobs.jobs().values()
        if job.handler.__module__.startswith(f"samspill.{room}.")
    )
    if own:
        lines.append(f"\nJobs: {', '.join(own)}")
    return "\n".join(lines) + "\n"
