"""What is on its way to each municipality, by the windows of the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import attrs

from samspill.insight.service import register
from samspill.insight.service.memory import kept
from samspill.insight.service.places import everywhere
from samspill.portfolio import service as portfolio
from samspill.portfolio.service import InitiativeView

#: States in which a municipality must reckon with an initiative.
RECKONED = frozenset({"assessed", "prioritised", "decided", "agreed", "introducing"})


@attrs.frozen(kw_only=True)
class Coming:
    """One initiative that comes to one municipality, with the window that holds there and who set it."""

    initiative: InitiativeView
    begins: dt.date | None
    ends: dt.date | None
    choice: str  # planned, confirmed, declined; blank when the municipality has not chosen
    without_cover: bool


@kept
def windows() -> Mapping[tuple[UUID, UUID], portfolio.ChosenWindow]:
    """Return (initiative, municipality) → the window the municipality has chosen, of everything that comes."""
    ids = [one.id for one in register.everything() if one.state in RECKONED]
    return portfolio.chosen_windows(initiative_ids=ids)


def coming_to(municipality_id: UUID) -> list[Coming]:
    """Return what comes to a municipality, the nearest first; what it has declined stands last."""
    chosen = windows()
    found = [
        _coming(one, chosen.get((one.id, municipality_id)))
        for one in register.everything()
        if one.state in RECKONED
    ]
    last = dt.date.max
    return sorted(
        found, key=lambda c: (c.choice == "declined", c.begins or last, c.initiative.title)
    )


@kept
def number_coming(year: int) -> Mapping[UUID, int]:
    """Return municipality → how many initiatives are being introduced there in a year."""
    counts = dict.fromkeys(everywhere(), 0)
    chosen = windows()
    for one in register.everything():
        if one.state not in RECKONED:
            continue
        for place in counts:
            coming = _coming(one, chosen.get((one.id, place)))
            counts[place] += coming.choice != "declined" and _covers(coming, year)
    return counts


def years() -> list[int]:
    """Return the years in which anything is being introduced."""
    found: set[int] = set()
    for one in register.everything():
        if one.state in RECKONED:
            found.update(register.years_of(one))
    for window in windows().values():
        if window.starts_on and window.ends_on:
            found.update(range(window.starts_on.year, window.ends_on.year + 1))
    return sorted(found)


def _coming(one: InitiativeView, window: portfolio.ChosenWindow | None) -> Coming:
    return Coming(
        initiative=one,
        begins=window.starts_on if window and window.starts_on else one.window_from,
        ends=window.ends_on if window and window.ends_on else one.window_to,
        choice=window.choice if window else "",
        without_cover=bool(window and window.without_cover),
    )


def _covers(coming: Coming, year: int) -> bool:
    if coming.begins is None:
        return False
    last = coming.ends or coming.begins
    return coming.begins.year <= year <= last.year
