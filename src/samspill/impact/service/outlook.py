"""Reductions over all initiatives: a municipality's own figures, its load, and the country by a measure."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact import models
from samspill.impact.country import facts as country_facts
from samspill.impact.domain import load, reductions, simulation
from samspill.impact.domain.facts import Facts
from samspill.impact.domain.load import Collision
from samspill.impact.domain.weights import COLUMNS, Initiative, plan
from samspill.impact.service import (
    assessing,
    describing,
    drivers,
    forecasting,
    learning,
    sets,
)
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio

if TYPE_CHECKING:
    Floats = np.ndarray[Any, np.dtype[np.float64]]
else:  # numpy is read when something is computed (`kernel.later`)
    Floats = Any

ENDED = frozenset({"not_relevant", "deferred", "stopped", "closed"})
#: What `country` can be asked for.
MEASURES = ("net_per_inhabitant", "net_per_inhabitant_year", "net_hours_per_1000", "load")
#: The year of one that has declined: after every calculation.
NEVER = 9999
_PAGE = 200


@attrs.frozen
class OwnFigure:
    """What an initiative means for one municipality: net kroner and net hours over all its years.

    kroner, hours: (P10, P50, P85, expected); None where nobody has assessed the initiative. by_year: expected net
    kroner and net hours of each year.
    """

    initiative: portfolio.InitiativeView
    assessment_id: uuid.UUID | None
    kroner: tuple[float, float, float, float] | None
    hours: tuple[float, float, float, float] | None
    years: tuple[int, int] | None
    per_inhabitant: float | None
    by_year: Mapping[int, tuple[float, float]] = attrs.field(factory=dict)


@attrs.frozen
class ChangeLoad:
    """The load of one municipality: share by year and role, and the collisions.

    shares: (years, roles). hours: (years, roles) expected. capacity: free hours by role. grade: `measured` … or
    `assumption` where the municipality has not given its own. windows: first and last day of each initiative's
    introduction, by id: the municipality's own choice, else the initiative's. What it has declined asks for nothing.
    hours_per_year: of one full-time employee, from the assumption set.
    """

    years: tuple[int, ...]
    roles: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    hours: tuple[tuple[float, ...], ...]
    capacity: tuple[float, ...]
    grades: tuple[str, ...]
    collisions: tuple[Collision, ...]
    titles: dict[str, str]
    windows: dict[str, tuple[dt.date, dt.date]]
    hours_per_year: float

    def together(self, one: Collision) -> load.Together:
        """Return the months in which those who meet in a collision are introduced at once."""
        return load.together([id_ for id_, _hours in one.asked], self.windows, one.year)

    def carried(self, role: str) -> load.Carried:
        """Return how much of one person's year a role's free hours are."""
        return load.Carried(self.capacity[self.roles.index(role)], self.hours_per_year)

    def is_assumed(self, role: str) -> bool:
        """Tell whether a role's free hours are an assumption, not the municipality's own."""
        return self.grades[self.roles.index(role)] == "assumption"


def live_initiatives(actor: Actor | None = None) -> list[portfolio.InitiativeView]:
    """Return the initiatives the actor may read that are under way or planned."""
    found: list[portfolio.InitiativeView] = []
    after: str | None = None
    while True:
        page = portfolio.list_initiatives(portfolio.Filters(size=_PAGE), after=after, actor=actor)
        found += [view for view in page.items if view.state not in ENDED]
        after = page.after
        if after is None:
            return found


def for_municipality(municipality_id: uuid.UUID, *, actor: Actor | None = None) -> list[OwnFigure]:
    """Return what each live initiative means for a municipality, the largest expected net cost first."""
    place = _place(municipality_id)
    views = live_initiatives(actor)
    newest = _newest([view.id for view in views])
    found = [_own(view, newest.get(view.id), place) for view in views]
    return sorted(found, key=lambda own: -own.kroner[3] if own.kroner else np.inf)


def change_load(municipality_id: uuid.UUID, *, actor: Actor | None = None) -> ChangeLoad:
    """Return the load of a municipality by year and role, with the collision list."""
    place = _place(municipality_id)
    views = live_initiatives(actor)
    chosen = _chosen(views, actor, municipality_id)
    outcome = _expected(views, [place], chosen)
    found = outcome.load
    given = drivers.current(municipality_id)
    grades = tuple(
        given[f"capacity:{role}"].grade if f"capacity:{role}" in given else "assumption"
        for role in found.roles
    )
    return ChangeLoad(
        years=outcome.plan.years,
        roles=found.roles,
        shares=tuple(tuple(map(float, row)) for row in found.share[0]),
        hours=tuple(tuple(map(float, row)) for row in found.hours[0]),
        capacity=tuple(map(float, found.capacity[0])),
        grades=grades,
        collisions=tuple(load.collisions(outcome.plan, found, place=0)),
        titles={str(view.id): view.title for view in views},
        windows=_windows(views, chosen),
        hours_per_year=outcome.request.parameters.hours_per_year,
    )


def country(
    measure: str, year: int | None = None, *, actor: Actor | None = None
) -> dict[str, float]:
    """Return a value for each municipality by number; what only one measure needs is not calculated for another.

    Args:
        measure: `net_per_inhabitant` (expected net kroner over all years; negative is a gain),
            `net_per_inhabitant_year` (the same in `year` alone), `net_hours_per_1000`, or `load` (the most loaded
            role's share of its free hours in `year`).
        year: this year when left out.

    Raises:
        RefusedError: `unknown_choice`.
    """
    if measure not in MEASURES:
        raise refuse(
            "unknown_choice", "%(given)s is not one of the choices.", where="measure",
            remedy="Choose one of: %(choices)s", values={"given": measure[:50], "choices": ", ".join(MEASURES)},
        )  # fmt: skip
    if measure == "load":
        wanted = year or clock.today().year
        return loads_by_year(wanted, wanted, actor=actor)[wanted]
    places = drivers.facts()
    views = live_initiatives(actor)
    column, scale = (1, 1000) if measure == "net_hours_per_1000" else (0, 1)
    only = (year or clock.today().year) if measure == "net_per_inhabitant_year" else None
    total = {place.number: 0.0 for place in places}
    for row in _newest([view.id for view in views]).values():
        amounts = _matrix(row)[column, :, 3] if only is None else _in_year(row, column, only)
        for number, amount in zip(row.figures["numbers"], amounts, strict=True):
            if number in total:
                total[number] += float(amount)
    return {p.number: scale * total[p.number] / p.inhabitants for p in places if p.inhabitants}


def years_assessed(*, actor: Actor | None = None) -> range:
    """Return the years that the assessments of live initiatives speak of; empty when there is none."""
    rows = _newest([view.id for view in live_initiatives(actor)]).values()
    if not rows:
        return range(0)
    return range(min(row.first_year for row in rows), max(row.last_year for row in rows) + 1)


def country_by_year(*, actor: Actor | None = None) -> dict[int, dict[str, float]]:
    """Return `net_per_inhabitant_year` of `country` for every year assessed; the assessments are read once for all."""
    rows = _newest([view.id for view in live_initiatives(actor)]).values()
    places = [place for place in drivers.facts() if place.inhabitants]
    at = {place.number: n for n, place in enumerate(places)}
    total: dict[int, Floats] = {}
    for row in rows:
        known = [(n, at[number]) for n, number in enumerate(row.figures["numbers"]) if number in at]
        kroner = _yearly(row)[0]
        for year in range(row.first_year, row.last_year + 1):
            sums = total.setdefault(year, np.zeros(len(places)))
            sums[[to for _n, to in known]] += kroner[[n for n, _to in known], year - row.first_year]
    return {
        year: {p.number: float(total[year][n] / p.inhabitants) for n, p in enumerate(places)}
        for year in sorted(total)
    }


def losers(
    assessment_id: uuid.UUID, *, actor: Actor | None = None
) -> list[tuple[str, int, int, int, int]]:
    """Return who is left with a net cost, by size class: (class, lose, of, people in them, of people)."""
    found = assessing.figures(assessment_id, actor=actor).figures["losers"]
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


def tornado(
    assessment_id: uuid.UUID, column: str = "kroner", *, actor: Actor | None = None
) -> list[dict[str, Any]]:
    """Return what each line moves of the total of an assessment, the widest first."""
    found: list[dict[str, Any]] = assessing.figures(assessment_id, actor=actor).figures["tornado"][
        column
    ]
    return found


def _newest(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, models.Assessment]:
    rows = (
        models.Assessment.objects.filter(initiative_id__in=list(ids))
        .select_related("line_set", "assumptions")
        .order_by("initiative_id", "-number")
    )
    return {row.initiative_id: row for row in rows.distinct("initiative_id")}


def _matrix(row: models.Assessment) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.frombuffer(bytes(row.matrix), "<f4").reshape(2, len(row.figures["numbers"]), 4)


def _in_year(row: models.Assessment, column: int, year: int) -> Floats:
    """Return (municipalities,) what each bears in one year, expected; zeros in a year outside the calculation."""
    if not row.first_year <= year <= row.last_year:
        return np.zeros(len(row.figures["numbers"]))
    return _yearly(row)[column, :, year - row.first_year]


def _yearly(row: models.Assessment) -> Floats:
    """Return (2, municipalities, years) expected; worked out again for an assessment from before they were kept."""
    shape = (2, len(row.figures["numbers"]), row.last_year - row.first_year + 1)
    if row.yearly:
        return np.frombuffer(bytes(row.yearly), "<f4").reshape(shape).astype(float)
    known = {p.number: p for p in drivers.laid_over(country_facts(), row.drivers)}
    places = [known[number] for number in row.figures["numbers"] if number in known]
    item = Initiative(str(row.initiative_id), describing.read(row.line_set.lines), row.first_year)
    laid = plan([item], places, (row.first_year, row.last_year), forecasting.parameters_of(row))
    found = np.zeros(shape)
    at = [n for n, number in enumerate(row.figures["numbers"]) if number in known]
    for column, name in enumerate(COLUMNS):
        found[column, at] = load.expected_of(laid, name)
    return found


def _own(view: portfolio.InitiativeView, row: models.Assessment | None, place: Facts) -> OwnFigure:
    if row is None or place.number not in row.figures["numbers"]:
        return OwnFigure(view, None, None, None, None, None)
    at = row.figures["numbers"].index(place.number)
    kroner, hours = (
        (float(v[0]), float(v[1]), float(v[2]), float(v[3])) for v in _matrix(row)[:, at]
    )
    each = kroner[3] / place.inhabitants if place.inhabitants else None
    expected = _yearly(row)[:, at]
    years = range(row.first_year, row.last_year + 1)
    by_year = {year: (float(expected[0, n]), float(expected[1, n])) for n, year in enumerate(years)}
    return OwnFigure(view, row.id, kroner, hours, (row.first_year, row.last_year), each, by_year)


def _place(municipality_id: uuid.UUID) -> Facts:
    found = municipalities.by_id(municipality_id)
    places = [p for p in drivers.facts() if found is not None and p.number == found.number]
    if not places:
        raise refuse(
            "unknown_municipality",
            "There is no such municipality today.",
            where="municipality_id",
            remedy="Choose a municipality of today.",
        )
    return places[0]


Chosen = Mapping[tuple[uuid.UUID, uuid.UUID], portfolio.ChosenWindow]


def _chosen(
    views: Sequence[portfolio.InitiativeView],
    actor: Actor | None,
    municipality_id: uuid.UUID | None = None,
) -> Chosen:
    """Return what municipalities have chosen, by (initiative, municipality): one query."""
    return portfolio.chosen_windows(
        initiative_ids=[view.id for view in views],
        municipality_ids=None if municipality_id is None else [municipality_id],
        actor=actor,
    )


def _starts(chosen: Chosen) -> dict[uuid.UUID, dict[str, int]]:
    """Return the year each municipality begins, by initiative and number; one that declined never does."""
    numbers = {place.id: place.number for place in municipalities.all_current()}
    found: dict[uuid.UUID, dict[str, int]] = {}
    for (initiative_id, place_id), window in chosen.items():
        begins = window.starts_on.year if window.starts_on else None
        year = NEVER if window.choice == "declined" else begins
        if place_id in numbers and year is not None:
            found.setdefault(initiative_id, {})[numbers[place_id]] = year
    return found


def _windows(
    views: Sequence[portfolio.InitiativeView], chosen: Chosen
) -> dict[str, tuple[dt.date, dt.date]]:
    """Return the days of each initiative's introduction in the one municipality that `chosen` is of."""
    own = {initiative_id: window for (initiative_id, _place), window in chosen.items()}
    found = {}
    for view in views:
        mine = own.get(view.id)
        first = mine.starts_on if mine and mine.starts_on else view.window_from
        last = mine.ends_on if mine and mine.ends_on else view.window_to
        if first and last and first <= last:
            found[str(view.id)] = (first, last)
    return found


def _items(views: Sequence[portfolio.InitiativeView], chosen: Chosen) -> list[Initiative]:
    lines, starts = describing.stored_of([view.id for view in views]), _starts(chosen)
    return [
        describing.as_initiative(view, lines[view.id], starts.get(view.id))
        for view in views
        if view.id in lines
    ]


def _expected(
    views: Sequence[portfolio.InitiativeView], places: Sequence[Facts], chosen: Chosen
) -> simulation.Outcome:
    """Simulate all initiatives in some places with few draws: only expected values are read, and they are exact."""
    assumptions = sets.newest()
    parameters = attrs.evolve(
        assumptions.parameters(), reference_classes=learning.classes(assumptions)
    )
    items = _items(views, chosen)
    return simulation.simulate(
        simulation.Request(tuple(items), tuple(places), _span(items), 64, 1, parameters)
    )


def _span(items: Sequence[Initiative]) -> tuple[int, int]:
    """Return this year and the years in which something begins, five years at least and fifteen at most."""
    this = clock.today().year
    own = [year for item in items for year in item.starts.values() if year != NEVER]
    starts = own + [line.start or item.start or this for item in items for line in item.lines]
    last = max([this + 4, *(year + 2 for year in starts)])
    return this, min(last, this + 14)


def loads_by_year(
    first: int, last: int, *, actor: Actor | None = None
) -> dict[int, dict[str, float]]:
    """Return `load` of `country` for each year from `first` to `last`; lines and windows are read once for all."""
    places = drivers.facts()
    views = live_initiatives(actor)
    assumptions = sets.newest()
    parameters = attrs.evolve(
        assumptions.parameters(), reference_classes=learning.classes(assumptions)
    )
    items = _items(views, _chosen(views, actor))
    found = load.load(plan(items, places, (first, last), parameters), parameters)
    most = found.share.max(axis=2, initial=0.0)
    return {
        year: {p.number: reductions.rounded(most[n, at], 4) for n, p in enumerate(places)}
        for at, year in enumerate(range(first, last + 1))
    }
