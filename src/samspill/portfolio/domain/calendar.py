"""The budget year of state and municipalities: what is open now, what comes next, what a late cost means.

    Step        something that happens on a day or between two, for one budget year
    Window      the time in which something can still be brought in
    Coverage    whether a cost that becomes known on a day can be in a municipality's budget of a year

The dates are data (`data/budget_calendar.yaml`, with sources). A date the source gives roughly is moved to the working
day before it, and says that it is rough. Rule: a cost that becomes known after the municipal council has adopted its
budget stands *uten budsjettdekning* (without budget coverage) in that year (kommuneloven §§ 14-3 and 14-5).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import attrs
import yaml

from samspill.kernel.outcome import refuse
from samspill.kernel.periods import working_day_on_or_before

Side = Literal["state", "municipal", "both"]
Status = Literal["in_time", "late", "uncovered"]
_FILE = Path(__file__).parents[1] / "data" / "budget_calendar.yaml"
_DAY = dt.timedelta(days=1)
_AHEAD = 3
REMIND_BEFORE = (28, 7, 1)


@attrs.frozen
class Step:
    """Something that happens for a budget year. `about`: roughly then. `ours`: set by this platform."""

    key: str
    side: Side
    budget_year: int
    first: dt.date
    last: dt.date
    about: bool
    ours: bool
    roles: tuple[str, ...]
    titles: dict[str, str] = attrs.field(eq=False)
    sources: dict[str, str] = attrs.field(eq=False)

    def source(self, language: str) -> str:
        """Return where the date is from, in a language (English when it is not one of ours)."""
        return self.sources.get(language, self.sources["en"])

    def title(self, language: str) -> str:
        """Return what happens, in a language (English when it is not one of ours)."""
        return self.titles.get(language, self.titles["en"]) % {"year": self.budget_year}


@attrs.frozen
class Window:
    """The time in which something can be brought in; both days are inside."""

    key: str
    side: Side
    budget_year: int
    opens: dt.date
    closes: dt.date
    titles: dict[str, str] = attrs.field(eq=False)

    def title(self, language: str) -> str:
        """Return what can be brought in, in a language."""
        return self.titles.get(language, self.titles["en"]) % {"year": self.budget_year}

    def is_open(self, on: dt.date) -> bool:
        """Tell whether it is open on a day."""
        return self.opens <= on <= self.closes


@attrs.frozen
class Coverage:
    """Whether a cost can be in a municipality's budget.

    status: `in_time` (before the director's proposal), `late` (only the council can still take it in), `uncovered`
    (the budget is adopted: uten budsjettdekning). first_year: the first year in which it can be covered in time.
    """

    status: Status
    year: int
    proposal_on: dt.date
    adopted_on: dt.date
    first_year: int


@attrs.frozen
class Reminder:
    """Somebody is to be reminded today of a step that ends in so many days."""

    step: Step
    days: int
    roles: tuple[str, ...]


@functools.cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


@functools.cache
def steps(budget_year: int) -> tuple[Step, ...]:
    """Return the steps of one budget year, in order."""
    found = [_step(row, budget_year) for row in _data()["steps"]]
    return tuple(sorted(found, key=lambda step: (step.last, step.first, step.key)))


def step(key: str, budget_year: int) -> Step:
    """Return one step of a budget year.

    Raises:
        RefusedError: there is no such step.
    """
    for one in steps(budget_year):
        if one.key == key:
            return one
    raise refuse(
        "unknown_step",
        "The calendar has no step %(key)s.",
        where="key",
        remedy="Use a step of the calendar",
        values={"key": key},
    )


def _step(row: dict[str, Any], budget_year: int) -> Step:
    about = bool(row.get("about"))
    last = _day(row["to"], budget_year, about=about)
    return Step(
        key=row["key"],
        side=row["side"],
        budget_year=budget_year,
        first=_day(row["from"], budget_year, about=False) if "from" in row else last,
        last=last,
        about=about,
        ours=bool(row.get("ours")),
        roles=tuple(row["roles"]),
        titles=row["title"],
        sources=row["source"],
    )


def _day(row: dict[str, int], budget_year: int, *, about: bool) -> dt.date:
    day = dt.date(budget_year + row["year"], row["month"], row["day"])
    return working_day_on_or_before(day) if about else day


@functools.cache
def windows(budget_year: int) -> tuple[Window, ...]:
    """Return the windows of one budget year, in order of closing."""
    found = [
        Window(
            key=row["key"],
            side=row["side"],
            budget_year=budget_year,
            opens=_edge(row["opens"], budget_year, opening=True),
            closes=_edge(row["closes"], budget_year, opening=False),
            titles=row["title"],
        )
        for row in _data()["windows"]
    ]
    return tuple(sorted(found, key=lambda window: (window.closes, window.key)))


def _edge(row: dict[str, str], budget_year: int, *, opening: bool) -> dt.date:
    ((how, key),) = row.items()
    one = step(key, budget_year)
    if how == "after":
        return one.last + _DAY
    if how == "before":
        return one.first - _DAY
    return one.first if opening else one.last


def open_windows(on: dt.date) -> list[Window]:
    """Return the windows that are open on a day, the one that closes first at the top."""
    near = (window for year in _near(on) for window in windows(year))
    return sorted((w for w in near if w.is_open(on)), key=lambda w: (w.closes, w.key))


def next_deadlines(on: dt.date, *, count: int = 8, side: Side | None = None) -> list[Step]:
    """Return the steps that end on or after a day, the nearest first; of one side, with what concerns both."""
    coming = (one for year in _near(on) for one in steps(year))
    wanted = (
        one for one in coming if one.last >= on and (side is None or one.side in (side, "both"))
    )
    return sorted(wanted, key=lambda one: (one.last, one.budget_year, one.key))[:count]


def round_deadline(budget_year: int) -> dt.date:
    """Return the last day of the priority round for a budget year: before the ministries' proposals in January."""
    return step("priority_round", budget_year).last


def coverage(known_on: dt.date, *, year: int, adopted_on: dt.date | None = None) -> Coverage:
    """Tell whether a cost of a year, known on a day, can be in the municipal budget.

    adopted_on: the day the municipality's council adopted the budget; the last lawful day when it is not known.
    """
    proposal = step("municipal_proposal", year).first
    adopted = adopted_on or step("council_adopts", year).last
    status: Status = "in_time" if known_on < proposal else "late"
    if known_on > adopted:
        status = "uncovered"
    first = year
    while known_on >= step("municipal_proposal", first).first:
        first += 1
    return Coverage(status, year, proposal, adopted, first)


def reminders(on: dt.date, *, before: tuple[int, ...] = REMIND_BEFORE) -> list[Reminder]:
    """Return whom to remind on a day: four weeks, one week and a day before each step ends."""
    return [
        Reminder(one, (one.last - on).days, one.roles)
        for one in next_deadlines(on, count=100)
        if (one.last - on).days in before
    ]


def _near(on: dt.date) -> Iterator[int]:
    """Yield the budget years whose steps can touch a day: this one to the one three years on."""
    yield from range(on.year, on.year + _AHEAD + 1)
