"""The measures of the map and the open data: what each means, its years, and its figure in each municipality."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from uuid import UUID

import attrs
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samspill.infra import clock
from samspill.insight.domain.shapes import Value
from samspill.insight.domain.suppression import SMALLEST
from samspill.insight.service import ahead, consequence, live
from samspill.insight.service.places import everywhere
from samspill.insight.service.words import FEWER

Kind = Literal["two_sided", "rising", "load", "count"]
Values = Mapping[UUID, Value]


@attrs.frozen(kw_only=True)
class Measure:
    """One measure. `unit` is `kr`, `%` or a word; `key` stands in addresses and never changes its meaning."""

    key: str
    title: Promise
    about: Promise
    kind: Kind
    years: Callable[[], Sequence[int]]
    values: Callable[[int], Values]
    unit: str | Promise = ""
    timeless: bool = False  # over all years: the year is not said
    decimals: int = 0

    @property
    def signed(self) -> bool:
        """Tell whether its figures have signs."""
        return self.kind == "two_sided"


def measures() -> dict[str, Measure]:
    """Return every measure by key."""
    return {one.key: one for one in _ALL}


def offered() -> list[Measure]:
    """Return the measures that have a figure for any year."""
    return [one for one in _ALL if one.years()]


def year_of(measure: Measure, asked: int | None) -> int:
    """Return the year asked for when the measure has it, else the one nearest to today."""
    known = list(measure.years())
    if asked in known:
        return int(asked or 0)
    today = clock.today().year
    return min(known, key=lambda year: (abs(year - today), -year), default=today)


def fewer() -> str:
    """Return the words for a hidden figure."""
    return str(FEWER % {"number": SMALLEST})


def _plain(values: Mapping[UUID, float]) -> Values:
    return {place: Value(number=float(number)) for place, number in values.items()}


def _open_in(year: int) -> Values:
    today = clock.today()
    day = min(dt.date(year, 12, 31), today) if year <= today.year else dt.date(year, 1, 1)
    return _plain(live.open_in(day))


def _service_years() -> Sequence[int]:
    first = live.first_service_on()
    return range(first.year, clock.today().year + 1) if first else ()


def _coming(year: int) -> Values:
    return _plain(ahead.number_coming(year))


def _days(year: int) -> Values:
    return {
        place: Value(number=None, text=fewer(), hidden=True)
        if days.hidden
        else Value(number=days.median)
        for place, days in live.days_by_place(year).items()
    }


def _hours(_year: int) -> Values:
    found = live.hours_freed()
    return {
        place.id: Value(number=None, text=fewer(), hidden=True)
        if found[place.number].hidden
        else Value(number=found[place.number].freed, cases=found[place.number].cases)
        for place in everywhere().values()
        if place.number in found
    }


def _hour_years() -> Sequence[int]:
    return (clock.today().year,) if live.hours_freed() else ()


_ALL: tuple[Measure, ...] = (
    Measure(
        key="netto-per-innbygger",
        title=_("Net per inhabitant"),
        about=_(
            "What all assessed initiatives together are expected to leave the municipality with, over all years of the "
            "calculation: income less cost, in kroner per inhabitant. Hours are not counted as kroner."
        ),
        unit="kr",
        kind="two_sided",
        timeless=True,
        years=consequence.years,
        values=consequence.net_per_inhabitant,
    ),
    Measure(
        key="netto-per-innbygger-aret",
        title=_("Net per inhabitant in the year"),
        about=_(
            "What all assessed initiatives together are expected to leave the municipality with in one year: income "
            "less cost, in kroner per inhabitant. Hours are not counted as kroner."
        ),
        unit="kr",
        kind="two_sided",
        years=consequence.assessed_years,
        values=consequence.net_in_year,
        decimals=1,
    ),
    Measure(
        key="endringslast",
        title=_("Change load"),
        about=_(
            "Hours that the initiatives ask of the most loaded role in the year, as a share of the hours that role "
            "has free. Above 100 per cent there are not enough people."
        ),
        unit="%",
        kind="load",
        years=consequence.load_years,
        values=consequence.load,
    ),
    Measure(
        key="tiltak-under-innforing",
        title=_("Initiatives being introduced"),
        about=_(
            "How many initiatives have their window of introduction in the municipality in the year."
        ),
        kind="count",
        years=ahead.years,
        values=_coming,
    ),
    Measure(
        key="tjenester-i-drift",
        title=_("Shared services that are open"),
        about=_(
            "How many of the shared services take applications in the municipality, at the end of the year or today."
        ),
        kind="count",
        years=_service_years,
        values=_open_in,
    ),
    Measure(
        key="frigjorte-timer",
        title=_("Measured hours freed"),
        about=_(
            "Hours freed in the municipality so far, measured in live cases against what a case took before. "
            "Nobody keeps time: it is counted from what happens in each case."
        ),
        unit=_("hours"),
        kind="rising",
        timeless=True,
        years=_hour_years,
        values=_hours,
    ),
    Measure(
        key="dager-til-vedtak",
        title=_("Days to a decision"),
        about=_(
            "Days from application to the first decision in the year, median of the municipality's cases."
        ),
        unit=_("days"),
        kind="rising",
        years=live.days_years,
        values=_days,
    ),
)
