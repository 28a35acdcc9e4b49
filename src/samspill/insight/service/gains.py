"""Hours of an initiative: estimated, measured, taken out; in the country, and in one municipality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import attrs
from django.utils.translation import gettext as _

from samspill.infra import charts, clock
from samspill.infra.charts import Chart, Numbers, Series
from samspill.insight.domain.suppression import suppress
from samspill.kernel.outcome import RefusedError
from samspill.settlement import service as settlement


@attrs.frozen(kw_only=True)
class HourYear:
    """Hours of one year by state; measured and taken out are None when they rest on too few cases."""

    year: int
    estimated: float
    measured: float | None
    taken_out: float | None
    cases: int


@attrs.frozen(kw_only=True)
class HourStory:
    """The hours of an initiative by year, and in all; an hour stands once in each state."""

    years: Sequence[HourYear]

    @property
    def estimated(self) -> float:
        """Hours planned in all."""
        return sum(one.estimated for one in self.years)

    @property
    def measured(self) -> float:
        """Hours measured in all, of the years that are shown."""
        return sum(one.measured or 0.0 for one in self.years)

    @property
    def taken_out(self) -> float:
        """Hours taken out in all, of the years that are shown."""
        return sum(one.taken_out or 0.0 for one in self.years)

    @property
    def is_empty(self) -> bool:
        """Tell whether no gain is planned or measured."""
        return not self.years

    @property
    def hides(self) -> bool:
        """Tell whether any year is hidden because it rests on too few cases."""
        return any(one.measured is None for one in self.years)


def hours_of(initiative_id: UUID, *, municipality_id: UUID | None = None) -> HourStory:
    """Return the hours of a published initiative, in the country or in one municipality."""
    try:
        found = settlement.hours(initiative_id, municipality_id=municipality_id)
    except RefusedError:
        return HourStory(years=())
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for gain in found.gains:
        if not gain.counts_hours:
            continue
        for year in gain.years:
            row = sums[year.year]
            row[0] += float(year.planned)
            row[1] += float(year.hours.measured + year.hours.taken_out)
            row[2] += float(year.hours.taken_out)
            row[3] += year.cases
    few = suppress({str(year): round(row[3]) for year, row in sums.items()})
    return HourStory(
        years=tuple(
            HourYear(
                year=year,
                estimated=row[0],
                measured=None if few.hides(str(year)) else row[1],
                taken_out=None if few.hides(str(year)) else row[2],
                cases=round(row[3]),
            )
            for year, row in sorted(sums.items())
        )
    )


def hours_chart(story: HourStory, key: str = "hours") -> Chart:
    """Return the hours by year: estimated, measured, taken out."""
    years = [one.year for one in story.years]
    this = clock.today().year

    def so_far(one: HourYear, hours: float | None) -> float | None:
        return hours if one.year <= this else None  # a year to come is not a year without hours

    return charts.lines(
        key=key,
        title=_("Hours by year"),
        x=years,
        series=[
            Series(name=_("Estimated"), values=[one.estimated for one in story.years]),
            Series(name=_("Measured"), values=[so_far(one, one.measured) for one in story.years]),
            Series(name=_("Taken out"), values=[so_far(one, one.taken_out) for one in story.years]),
        ]
        if years
        else [],
        numbers=Numbers(unit=_("hours")),
        note=_(
            "Hours are not kroner: an hour becomes money only when somebody takes it out of a budget."
        )
        + (
            " " + _("%(year)s is not over; more will be measured.") % {"year": this}
            if this in years
            else ""
        ),
    )
