"""The case walks the package's process, and says why when it does not."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.domain import machine


@attrs.frozen
class AState:
    id: str
    waits_for: str = "nobody"
    final: bool = False


@attrs.frozen
class AStep:
    from_states: tuple[str, ...]
    to: str
    event: str
    by: tuple[str, ...]
    when: str | None = None


@attrs.frozen
class AProcess:
    states: dict[str, AState]
    transitions: tuple[AStep, ...]


PROCESS = AProcess(
    states={
        s.id: s
        for s in (
            AState("sent", "municipality"),
            AState("asked", "applicant"),
            AState("ready", "agency"),
            AState("special", "agency"),
            AState("done", "agency", final=True),
        )
    },
    transitions=(
        AStep(("sent",), "asked", "ask", ("municipality",)),
        AStep(("asked",), "sent", "answer", ("applicant",)),
        AStep(("sent",), "special", "approve", ("municipality",), when="odd"),
        AStep(("sent",), "ready", "approve", ("municipality",)),
        AStep(("sent", "asked", "ready"), "done", "withdraw", ("applicant",)),
    ),
)


def test_walks_the_first_step_whose_condition_is_met() -> None:
    odd = machine.move(
        PROCESS, state="sent", event="approve", role="municipality", is_met=lambda _: True
    )
    plain = machine.move(
        PROCESS, state="sent", event="approve", role="municipality", is_met=lambda _: False
    )
    assert (odd, plain) == (
        machine.Moved(state="special", waiting_for="agency", final=False),
        machine.Moved(state="ready", waiting_for="agency", final=False),
    )


def test_a_final_state_waits_for_nobody() -> None:
    assert machine.move(PROCESS, state="sent", event="withdraw", role="applicant") == machine.Moved(
        state="done", waiting_for="nobody", final=True
    )


@pytest.mark.parametrize(
    ("state", "event", "role", "reason"),
    [
        ("sent", "fly", "municipality", "unknown_event"),
        ("done", "ask", "municipality", "closed"),
        ("ready", "ask", "municipality", "wrong_state"),
        ("sent", "ask", "applicant", "wrong_role"),
    ],
)
def test_says_why_not(state: str, event: str, role: str, reason: str) -> None:
    denied = machine.move(PROCESS, state=state, event=event, role=role)
    assert isinstance(denied, machine.Denied)
    assert denied.reason == reason


def test_open_tasks_hold_the_case_and_are_named() -> None:
    denied = machine.move(
        PROCESS, state="sent", event="approve", role="municipality", open_blocking_tasks=["control"]
    )
    assert isinstance(denied, machine.Denied)
    assert (denied.reason, denied.allowed) == ("open_tasks", ("control",))


def test_an_unmet_condition_without_another_way_is_told() -> None:
    only = AProcess(
        PROCESS.states, (AStep(("sent",), "ready", "approve", ("municipality",), when="x"),)
    )
    denied = machine.move(
        only, state="sent", event="approve", role="municipality", is_met=lambda _: False
    )
    assert isinstance(denied, machine.Denied)
    assert denied.reason == "unmet"


@given(
    state=st.sampled_from(sorted(PROCESS.states)),
    event=st.sampled_from(["ask", "answer", "approve", "withdraw", "fly"]),
    role=st.sampled_from(["applicant", "municipality", "agency"]),
)
def test_what_is_listed_is_what_can_happen(state: str, event: str, role: str) -> None:
    moved = machine.move(PROCESS, state=state, event=event, role=role, is_met=lambda _: True)
    listed = event in machine.events_in(PROCESS, state=state, role=role)
    assert isinstance(moved, machine.Moved) == listed
    if isinstance(moved, machine.Moved):
        assert moved.state in PROCESS.states
