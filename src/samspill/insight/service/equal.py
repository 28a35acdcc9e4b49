"""Equality between municipalities over time: which services are open, and how long a decision takes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs
from django.utils.translation import gettext as _

from samspill.infra import charts, clock
from samspill.infra.charts import Chart, Numbers, Panel, Series
from samspill.insight.domain.equality import quantile, weighted_mean
from samspill.insight.domain.suppression import SMALLEST
from samspill.insight.service import live
from samspill.insight.service.places import Place, everywhere
from samspill.insight.service.words import SIZES

_QUARTERS = 12
_HUNDRED = 100


@attrs.frozen(kw_only=True)
class Equality:
    """Quarters (first days), share of services open and days to decision by size class; None = no figure or hidden."""

    quarters: Sequence[dt.date]
    services: int
    open_share: Mapping[int, Sequence[float | None]]
    open_everywhere: Sequence[float | None]
    days: Mapping[int, Sequence[float | None]]
    days_low: Sequence[float | None]
    days_middle: Sequence[float | None]
    days_high: Sequence[float | None]

    @property
    def labels(self) -> list[str]:
        """The quarters as they are written."""
        return [quarter_words(one) for one in self.quarters]


def equality() -> Equality:
    """Return how alike services and waiting are over the last three years."""
    quarters = _quarters()
    places = everywhere()
    open_on = [live.open_in(_end(one)) for one in quarters]
    offered = [len(live.services_on(_end(one))) for one in quarters]
    shares = [
        {place: number / total for place, number in found.items()} if total else {}
        for found, total in zip(open_on, offered, strict=True)
    ]
    days = _days(places)
    spread = [_spread(days.get(one, {})) for one in quarters]
    return Equality(
        quarters=quarters,
        services=offered[-1] if offered else 0,
        open_share={
            size: [
                _mean(
                    [
                        (found[p.id], p.inhabitants)
                        for p in places.values()
                        if p.size == size and p.id in found
                    ]
                )
                for found in shares
            ]
            for size in range(len(SIZES))
        },
        open_everywhere=[
            _mean([(share, places[p].inhabitants) for p, share in found.items()])
            for found in shares
        ],
        days={
            size: [_class_median(days.get(one, {}), size) for one in quarters]
            for size in range(len(SIZES))
        },
        days_low=[one[0] for one in spread],
        days_middle=[one[1] for one in spread],
        days_high=[one[2] for one in spread],
    )


def services_chart(found: Equality) -> Chart:
    """Return the share of services that are open, by size of municipality, over time."""
    return charts.small_multiples(
        key="open",
        title=_("Share of the shared services that are open where people live"),
        x=found.labels,
        x_label=_("Quarter"),
        panels=_panels(found.open_share) if found.services else [],
        numbers=Numbers(unit="%"),
        note=_("Each municipality counts by its inhabitants."),
    )


def days_chart(found: Equality) -> Chart:
    """Return days to a decision in the country, with the band between municipalities."""
    known = any(value is not None for value in found.days_middle)
    line = Series(
        name=_("Half of the municipalities decide within"),
        values=found.days_middle,
        low=found.days_low,
        high=found.days_high,
    )
    return charts.lines(
        key="days",
        title=_("Days from application to decision"),
        x=found.labels if known else [],
        x_label=_("Quarter"),
        series=[line] if known else [],
        numbers=Numbers(unit=_("days")),
        band=_("From the quickest tenth to the slowest tenth of the municipalities"),
        note=_(
            "A municipality with fewer than %(number)s decided cases in the quarter is not counted."
        )
        % {"number": SMALLEST},
    )


def days_by_size_chart(found: Equality) -> Chart:
    """Return days to a decision by size of municipality, over time."""
    known = any(value is not None for values in found.days.values() for value in values)
    panels = [
        Panel(title=str(SIZES[size]), series=[Series(name=_("Days, median"), values=values)])
        for size, values in found.days.items()
    ]
    return charts.small_multiples(
        key="days-size",
        title=_("Days from application to decision, by size of municipality"),
        x=found.labels,
        x_label=_("Quarter"),
        panels=panels if known else [],
        numbers=Numbers(unit=_("days")),
        note=_("Fewer than %(number)s cases in a size class and quarter are not shown.")
        % {"number": SMALLEST},
    )


def quarter_words(first: dt.date) -> str:
    """Return a quarter as it is written: `1. kv. 2026`, `Q1 2026`."""
    return _("Q%(quarter)s %(year)s") % {"quarter": (first.month + 2) // 3, "year": first.year}


def _panels(shares: Mapping[int, Sequence[float | None]]) -> list[Panel]:
    return [
        Panel(
            title=str(SIZES[size]),
            series=[
                Series(
                    name=_("Open where people live"),
                    values=[None if v is None else _HUNDRED * v for v in values],
                )
            ],
        )
        for size, values in shares.items()
    ]


def _quarters() -> list[dt.date]:
    """Return the first days of the quarters since there was a service, at most three years."""
    first = live.first_service_on()
    if first is None:
        return []
    today = clock.today()
    place = today.year * 4 + (today.month - 1) // 3
    since = max(first.year * 4 + (first.month - 1) // 3, place - _QUARTERS + 1)
    return [dt.date(one // 4, one % 4 * 3 + 1, 1) for one in range(since, place + 1)]


def _end(first: dt.date) -> dt.date:
    """Return the last day of a quarter that has begun, or today when it still goes on."""
    following = dt.date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    return min(following - dt.timedelta(days=1), clock.today())


Counts = dict[Place, list[tuple[float, float]]]


def _days(places: Mapping[UUID, Place]) -> dict[dt.date, Counts]:
    """Return quarter → municipality → (days, cases)."""
    found: dict[dt.date, Counts] = defaultdict(lambda: defaultdict(list))
    for row in live.decision_days():
        place = places.get(row.municipality_id)
        if place is not None:
            found[row.quarter][place].append((float(row.days), float(row.cases)))
    return found


def _class_median(counts: Counts, size: int) -> float | None:
    rows = sorted(row for place, own in counts.items() if place.size == size for row in own)
    return quantile(rows, 0.5) if sum(cases for _days, cases in rows) >= SMALLEST else None


def _spread(counts: Counts) -> tuple[float | None, float | None, float | None]:
    """Return the tenth, half and ninetieth of the municipalities' medians, of those with enough cases."""
    medians = sorted(
        (quantile(sorted(rows), 0.5), 1.0)
        for rows in counts.values()
        if sum(cases for _days, cases in rows) >= SMALLEST
    )
    if not medians:
        return None, None, None
    return quantile(medians, 0.1), quantile(medians, 0.5), quantile(medians, 0.9)


def _mean(values: list[tuple[float, float]]) -> float | None:
    return weighted_mean(values)
