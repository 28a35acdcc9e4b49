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


def years(figures: Mapping[str, Any]) -> Chart:
    """Return the net cost by year with its band P10–P85."""
    by_year = figures["by_year"]
    rows = list(by_year.values())
    return charts.lines(
        key="years",
        title=_("Net cost by year"),
        x=[int(year) for year in by_year],
        series=[
            Series(
                name=_("Expected"),
                values=[row["mean"] for row in rows],
                low=[row["p10"] for row in rows],
                high=[row["p85"] for row in rows],
            )
        ],
        numbers=_numbers(figures),
        note=_("Below zero the year is a net gain. The band spans P10 to P85."),
    )


def swings(figures: Mapping[str, Any], titles: Mapping[str, str]) -> Chart:
    """Return the tornado: what each line does to the total when it is low and high."""
    column = "kroner" if figures["total"]["unit"] == "NOK" else "hours"
    rows = figures["tornado"][column][:_MOST_SWINGS]
    return charts.tornado(
        key="tornado",
        title=_("What the answer hangs on"),
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
