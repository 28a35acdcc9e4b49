"""A grant's life: which act is possible in which state, and by whom. Pure.

offered ──accept──► active ──withdraw · renounce · change · block──► ended
   └────decline · withdraw──────────────────────────────────────────►
paper: pending ──confirm──► active          time alone: future ► active ► expired

Nothing goes back from `ended`: a change is an end and a new grant.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import attrs

State = Literal["offered", "pending", "future", "active", "expired", "ended"]
Act = Literal["accept", "decline", "withdraw", "renounce", "change", "renew", "confirm"]
Side = Literal["giver", "agent", "employee"]

NOTICE_DAYS = 30
"""A grant that ends may be renewed from so many days before, and both sides are told then."""

_STANDING: frozenset[State] = frozenset({"offered", "pending", "future", "active"})
_RULES: dict[Act, tuple[Side, frozenset[State]]] = {
    "accept": ("agent", frozenset({"offered"})),
    "decline": ("agent", frozenset({"offered"})),
    "withdraw": ("giver", _STANDING),
    "renounce": ("agent", frozenset({"future", "active"})),
    "change": ("giver", _STANDING),
    "renew": ("giver", frozenset({"active", "expired"})),
    "confirm": ("employee", frozenset({"pending"})),
}


@attrs.frozen
class Facts:
    """What a grant's state follows from. `vouched`: a paper has both its signatures."""

    accepted: bool
    vouched: bool
    valid_from: dt.date | None
    valid_to: dt.date | None
    ended: bool


def state_of(facts: Facts, on: dt.date) -> State:
    """Return the state on a date in Norway."""
    if facts.ended:
        return "ended"
    if facts.valid_to is not None and on > facts.valid_to:
        return "expired"
    if not facts.vouched:
        return "pending"
    if not facts.accepted:
        return "offered"
    return "future" if facts.valid_from is not None and on < facts.valid_from else "active"


def may(act: Act, side: Side, state: State) -> bool:
    """Tell whether a side may do an act in a state."""
    whose, states = _RULES[act]
    return side == whose and state in states


def renewable(facts: Facts, on: dt.date) -> bool:
    """Tell whether a grant is so near its end (or past it) that it may be renewed."""
    if facts.valid_to is None or facts.ended:
        return False
    return on >= facts.valid_to - dt.timedelta(days=NOTICE_DAYS)
