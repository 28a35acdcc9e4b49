"""Where a case stands and where it may go: the package's states and transitions, and why not.

The process is the package's; this module only walks it. What blocks (open tasks, unmet conditions)
is found by the caller and comes in as plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal, Protocol

import attrs

Reason = Literal["unknown_event", "closed", "wrong_state", "wrong_role", "open_tasks", "unmet"]


class State(Protocol):
    """What is read of a state of a package."""

    @property
    def id(self) -> str:
        """The id."""

    @property
    def waits_for(self) -> Any:
        """Who must act."""

    @property
    def final(self) -> bool:
        """Whether nothing follows."""


class Transition(Protocol):
    """What is read of a transition of a package."""

    @property
    def from_states(self) -> tuple[str, ...]:
        """Where it can be taken."""

    @property
    def to(self) -> str:
        """Where it leads."""

    @property
    def event(self) -> str:
        """What happens."""

    @property
    def by(self) -> tuple[Any, ...]:
        """Who can make it happen."""

    @property
    def when(self) -> str | None:
        """A condition, or None."""


class Process(Protocol):
    """What is read of the process of a package."""

    @property
    def states(self) -> Mapping[str, Any]:
        """States by id."""

    @property
    def transitions(self) -> Iterable[Any]:
        """All transitions."""


@attrs.frozen(kw_only=True)
class Moved:
    """Tell the new state, who must act in it, and whether the case ends there."""

    state: str
    waiting_for: str
    final: bool


@attrs.frozen(kw_only=True)
class Denied:
    """Tell why an event cannot happen now; `allowed` are states or roles in which it could."""

    reason: Reason
    event: str
    state: str
    allowed: tuple[str, ...] = ()


def _always(_condition: str) -> bool:
    return True


def move(
    process: Process,
    *,
    state: str,
    event: str,
    role: str,
    open_blocking_tasks: Collection[str] = (),
    is_met: Callable[[str], bool] = _always,
) -> Moved | Denied:
    """Walk one step, or say why not.

    The reasons come in this order: an event the package does not know, a case that is closed, the
    wrong state, the wrong role, tasks that must be done first, a condition that is not met.
    """
    known = [step for step in process.transitions if step.event == event]
    denied = _denied_early(process, known, state=state, event=event, role=role)
    if denied is not None:
        return denied
    steps = [s for s in known if state in s.from_states and role in s.by]
    if open_blocking_tasks and all(step.to != state for step in steps):
        return Denied(
            reason="open_tasks",
            event=event,
            state=state,
            allowed=tuple(sorted(open_blocking_tasks)),
        )
    for step in steps:
        if step.when is None or is_met(step.when):
            return arrived(process, step.to)
    return Denied(reason="unmet", event=event, state=state)


def arrived(process: Process, state: str) -> Moved:
    """Describe a state as somebody who has just come there."""
    found = process.states[state]
    return Moved(
        state=state,
        waiting_for="nobody" if found.final else found.waits_for,
        final=found.final,
    )


def events_in(process: Process, *, state: str, role: str) -> tuple[str, ...]:
    """List what a role can make happen in a state, in the package's order, each once."""
    if process.states[state].final:
        return ()
    steps = (s.event for s in process.transitions if state in s.from_states and role in s.by)
    return tuple(dict.fromkeys(steps))


def _denied_early(
    process: Process, known: list[Any], *, state: str, event: str, role: str
) -> Denied | None:
    if not known:
        return Denied(reason="unknown_event", event=event, state=state)
    here = [step for step in known if state in step.from_states]
    if not here:
        if process.states[state].final:
            return Denied(reason="closed", event=event, state=state)
        allowed = sorted({name for step in known for name in step.from_states})
        return Denied(reason="wrong_state", event=event, state=state, allowed=tuple(allowed))
    if not any(role in step.by for step in here):
        allowed = sorted({str(name) for step in here for name in step.by})
        return Denied(reason="wrong_role", event=event, state=state, allowed=tuple(allowed))
    return None
