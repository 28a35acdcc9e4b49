"""What live services show of the country: where they are open, what time they take, what time they free."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

import attrs

from samspill.cases import service as cases
from samspill.cases.service import DecisionDays, GainRow
from samspill.infra import clock
from samspill.insight.domain.equality import quantile
from samspill.insight.domain.suppression import suppress
from samspill.insight.service.memory import kept
from samspill.insight.service.places import everywhere
from samspill.packages import service as packages

_WHOLE = "case"
_MUNICIPALITY = "municipality"


@attrs.frozen(kw_only=True)
class Days:
    """How long it took from application to first decision in one place: median days over so many cases."""

    median: float
    cases: int
    hidden: bool = False


@attrs.frozen(kw_only=True)
class Hours:
    """Measured hours freed in one municipality over so many cases; hidden when they are too few."""

    freed: float
    cases: int
    hidden: bool = False


def services_on(on: dt.date) -> tuple[str, ...]:
    """Return the ids of the services that are published on a day."""
    found = {
        one.package_id
        for one in packages.list_published()
        if one.valid_from <= on and (one.valid_to is None or one.valid_to >= on)
    }
    return tuple(sorted(found))


def service_name(package_id: str, language: str) -> str:
    """Return the name of a service in a language."""
    return packages.published(package_id).text("service.title", language)


@kept
def open_in(on: dt.date) -> Mapping[UUID, int]:
    """Return municipality → how many of the shared services are open there on a day."""
    published = services_on(on)
    closed = [packages.closed_on(package_id, on) for package_id in published]
    return {place: len(published) - sum(place in shut for shut in closed) for place in everywhere()}


def first_service_on() -> dt.date | None:
    """Return the first day on which any shared service was published."""
    return min((one.valid_from for one in packages.list_published()), default=None)


@kept
def decision_days() -> tuple[DecisionDays, ...]:
    """Return days to the first decision, counted by service, municipality, quarter and days."""
    return tuple(cases.decision_days())


def days_by_place(year: int) -> Mapping[UUID, Days]:
    """Return municipality → median days to decision in a year; those of fewer than five cases hidden."""
    counts: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
    for row in decision_days():
        if row.quarter.year == year:
            counts[row.municipality_id].append((float(row.days), float(row.cases)))
    return shown_days(counts)


def shown_days(counts: Mapping[UUID, list[tuple[float, float]]]) -> dict[UUID, Days]:
    """Return the medians of (days, cases); no total is shown beside medians, so only small cells are hidden."""
    sizes = {str(place): round(sum(n for _d, n in rows)) for place, rows in counts.items()}
    shown = suppress(sizes, total=False)
    return {
        place: Days(
            median=quantile(sorted(rows), 0.5),
            cases=sizes[str(place)],
            hidden=shown.hides(str(place)),
        )
        for place, rows in counts.items()
    }


def days_years() -> list[int]:
    """Return the years in which anything was decided."""
    return sorted({row.quarter.year for row in decision_days()})


@kept
def hours_freed() -> Mapping[str, Hours]:
    """Return municipality number → measured hours freed in the municipality, over all services.

    Only lines of the whole case count, so that no minute counts twice. Small cells and their complements are hidden,
    because the total of the country is shown beside them.
    """
    found: dict[str, list[GainRow]] = defaultdict(list)
    for row in _gain_rows():
        if row.measure == _WHOLE and row.role == _MUNICIPALITY and row.municipality_no:
            found[row.municipality_no].append(row)
    counts = {number: sum(row.cases or 1 for row in rows) for number, rows in found.items()}
    shown = suppress(counts)
    return {
        number: Hours(
            freed=sum(row.saved_hours or 0.0 for row in rows),
            cases=counts[number],
            hidden=shown.hides(number) or any(row.suppressed for row in rows),
        )
        for number, rows in found.items()
        if any(row.before_minutes is not None or row.suppressed for row in rows)
    }


def _gain_rows() -> Iterable[GainRow]:
    for package_id in services_on(clock.today()):
        if packages.published(package_id).gains is not None:
            yield from cases.gain_table(package_id).rows
