"""The life of an initiative: its states, the steps between them, and which role may take each step.

    registered → relevance → involved → assessed → prioritised → decided → agreed → introducing → operating
      → realising → closed          beside: not_relevant, deferred, stopped

A step may go back to where it can be mended (`involved`, `relevance`); the way back needs a reason, as every
step aside does. Nothing is erased: each step is a transition that stays. Source: governance, section 2.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

#: The straight way, in order.
WAY: tuple[str, ...] = (
    "registered",
    "relevance",
    "involved",
    "assessed",
    "prioritised",
    "decided",
    "agreed",
    "introducing",
    "operating",
    "realising",
    "closed",
)
ASIDE: tuple[str, ...] = ("not_relevant", "deferred", "stopped")
STATES: tuple[str, ...] = WAY + ASIDE
FINAL: frozenset[str] = frozenset({"closed", "stopped"})

OWNER = "initiative_owner"
KS = "ks_coordinator"
LEAD = "municipal_lead"
MINISTRY = "ministry"
SECRETARIAT = "secretariat"
ROLES: tuple[str, ...] = (OWNER, KS, LEAD, MINISTRY, SECRETARIAT)


@attrs.frozen
class Step:
    """One allowed step: from where, to where, by whom, and whether it must say why."""

    origin: str
    to: str
    by: frozenset[str]
    reason: bool = False


def _step(origin: str, to: str, *by: str, reason: bool = False) -> Step:
    return Step(origin, to, frozenset(by), reason)


STEPS: tuple[Step, ...] = (
    _step("registered", "relevance", OWNER),
    _step("relevance", "involved", OWNER),
    _step("involved", "assessed", OWNER, SECRETARIAT),
    _step("assessed", "prioritised", OWNER),
    _step("prioritised", "decided", MINISTRY),
    _step("decided", "agreed", OWNER),
    _step("agreed", "introducing", OWNER),
    _step("introducing", "operating", OWNER),
    _step("operating", "realising", OWNER),
    _step("realising", "closed", OWNER, SECRETARIAT),
    # aside, and back again
    _step("relevance", "not_relevant", OWNER),
    _step("not_relevant", "relevance", OWNER, KS, reason=True),
    _step("assessed", "deferred", OWNER, MINISTRY, reason=True),
    _step("prioritised", "deferred", OWNER, MINISTRY, reason=True),
    _step("decided", "deferred", MINISTRY, reason=True),
    _step("deferred", "prioritised", OWNER),
    _step("deferred", "involved", OWNER, reason=True),
    _step("assessed", "involved", OWNER, reason=True),
    _step("prioritised", "involved", OWNER, reason=True),
    *(
        _step(state, "stopped", OWNER, MINISTRY, reason=True)
        for state in STATES
        if state not in FINAL
    ),
)


def step(origin: str, to: str) -> Step | None:
    """Return the step between two states, or None when there is no such step.

    >>> step("registered", "relevance").reason
    False
    >>> step("closed", "operating") is None
    True
    """
    return next((one for one in STEPS if one.origin == origin and one.to == to), None)


def steps_from(origin: str, roles: Iterable[str] | None = None) -> tuple[Step, ...]:
    """Return the steps that lead on from a state, for those with one of the roles (None: for anybody)."""
    held = None if roles is None else frozenset(roles)
    return tuple(
        one
        for one in STEPS
        if one.origin == origin and (held is None or not held.isdisjoint(one.by))
    )


def place_of(state: str) -> int:
    """Return how far along the straight way a state is (0–10); a state aside counts as where it left.

    >>> place_of("assessed"), place_of("not_relevant"), place_of("deferred")
    (3, 1, 3)
    """
    if state in WAY:
        return WAY.index(state)
    return {"not_relevant": 1, "deferred": 3}.get(state, 0)
