"""The charts of an assessment, each with its table twin (`infra.charts`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from django.utils.translation import gettext as _

from samspill.impact.domain.facts import SIZE_CLASSES
from samspill.impact.web import page, words
from samspill.infra import charts
from samspill.infra.charts import Bar, Chart, Series, Swing

_MOST_SWINGS = 10


def years(figures: Mapping[str, Any]) -> list[Chart]:
    """Return the net kroner by year and the net hours by year, each with its band P10–P85: never in one sum."""
    rows = figures["by_year"]
    first = figures["total"]["unit"] == "NOK"
    hours = {
        year: row["hours"] if first else row
        for year, row in rows.items()
        if not first or row.get("hours")
    }
    kroner = _by_year(
        "years",
        _("Net cost by year"),
        rows if first else {},
        page.money(),
        _("Below zero the year is a net gain. The band spans P10 to P85."),
    )
    worked = _by_year(
        "hours",
        _("Net hours by year"),
        hours,
        page.hours(),
        _("Below zero the year frees hours. The band spans P10 to P85."),
    )
    return [*kroner, *worked]


def _by_year(
    key: str, title: str, rows: Mapping[str, Any], numbers: charts.Numbers, note: str
) -> list[Chart]:
    if not rows:
        return []
    values = list(rows.values())
    band = Series(
        name=_("Expected"),
        values=[row["mean"] for row in values],
        low=[row["p10"] for row in values],
        high=[row["p85"] for row in values],
    )
    drawn = charts.lines(
        key=key,
        title=title,
        x=[int(year) for year in rows],
        series=[band],
        numbers=numbers,
        note=note,
    )
    return [drawn]


def swings(figures: Mapping[str, Any], titles: Mapping[str, str]) -> Chart:
    """Return the tornado: what each line does to the total when it is low and high."""
    column = "kroner" if figures["total"]["unit"] == "NOK" else "hours"
    rows = figures["tornado"][column][:_MOST_SWINGS]
    return charts.tornado(
        key="tornado",
        title=_("The total when each line is low and high"),
        rows=[
            Swing(
                label=titles.get(row["line"], row["line"]), low=row["at_low"], high=row["at_high"]
            )
            for row in rows
        ],
        middle=rows[0]["expected"] if rows else 0,
        numbers=_numbers(figures),
        note=_("The total when a line is at its P10 and at its P90, and all others as expected."),
    )


def sizes(figures: Mapping[str, Any]) -> Chart:
    """Return the expected net per inhabitant by size of municipality: a gain is above zero, as on the public pages."""
    column = "kroner" if figures["total"]["unit"] == "NOK" else "hours"
    people = {row[0]: row[4] for row in figures["losers"]}
    rows = [
        Bar(label=words.word(words.SIZES, name), value=-figure["mean"] / people[name])
        for name in SIZE_CLASSES
        if people.get(name) and (figure := figures["by_size"][column].get(name))
    ]
    return charts.bars(
        key="sizes",
        title=_("Net per inhabitant by size of municipality, all years"),
        rows=rows,
        numbers=charts.Numbers(unit="kr", decimals=1, signed=True),
        label=_("Size of municipality"),
        value_label=_("Kroner per inhabitant over all years"),
        note=_("Expected values. Below zero the municipality is left with a cost."),
    )


def bearers(figures: Mapping[str, Any]) -> Chart:
    """Return the expected net by bearer: a gain is above zero."""
    column = "kroner" if figures["total"]["unit"] == "NOK" else "hours"
    rows = [
        Bar(label=words.word(words.BEARER_SHORT, name), value=-figure["mean"])
        for name, figure in figures["by_bearer"][column].items()
    ]
    return charts.bars(
        key="bearers",
        title=_("Who gains, and who bears the cost"),
        rows=rows,
        numbers=attrs.evolve(_numbers(figures), signed=True),
        label=_("Bearer"),
        value_label=_("Expected"),
        note=_("Above zero is a gain, below zero a cost."),
    )


def _numbers(figures: Mapping[str, Any]) -> charts.Numbers:
    return page.money() if figures["total"]["unit"] == "NOK" else page.hours()
