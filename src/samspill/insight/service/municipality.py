"""My municipality on a page: what comes and when, what it costs, who is overloaded, what is gained."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from django.utils.translation import gettext as _

from samspill.impact.service.meeting import KeyPersons
from samspill.infra import charts
from samspill.infra.charts import Chart
from samspill.insight.service import ahead, consequence, country, gains, measures, register
from samspill.insight.service.ahead import Coming
from samspill.insight.service.gains import HourStory
from samspill.insight.service.places import Place, everywhere, place_of
from samspill.municipalities import service as municipalities
from samspill.municipalities.service import Municipality
from samspill.portfolio.service import InitiativeView


@attrs.frozen(kw_only=True)
class Beside:
    """A measure of the municipality beside the middle of those of its size."""

    title: str
    year: str
    value: str
    alike: str


@attrs.frozen(kw_only=True)
class Gained:
    """What an initiative has freed in the municipality."""

    initiative: InitiativeView
    hours: HourStory


@attrs.frozen(kw_only=True)
class MunicipalityPage:
    """Everything of one municipality that everybody may see."""

    place: Place
    coming: Sequence[Coming]
    beside: Sequence[Beside]
    cost: Chart | None
    years: Chart | None
    hours: Chart | None
    load: Chart | None
    collisions: Sequence[consequence.Clash]
    key_persons: KeyPersons | None
    gained: Sequence[Gained]
    map: Chart | None


def municipality_page(number: str) -> MunicipalityPage | None:
    """Return the page of a municipality of today, also by an old number; None when it is several or unknown."""
    found = municipalities.current(number)
    if not isinstance(found, Municipality):
        return None
    place = place_of(found.number)
    if place is None:
        return None
    cost, hours = consequence.place_charts(place)
    load, collisions = consequence.load_of(place)
    return MunicipalityPage(
        place=place,
        coming=ahead.coming_to(place.id),
        beside=_beside(place),
        cost=cost,
        years=consequence.own_years(place),
        hours=hours,
        load=load,
        collisions=collisions,
        key_persons=consequence.key_persons_of(place),
        gained=_gained(place),
        map=_map(place),
    )


def _beside(place: Place) -> list[Beside]:
    """Return each measure of the municipality beside the median of its size class."""
    found = []
    for measure in measures.offered():
        shown = country.national(measure.key)
        own = shown.value_of(place)
        alike = sorted(
            value.number
            for other in everywhere().values()
            if other.size == place.size and (value := shown.value_of(other)).number is not None
        )
        middle = alike[len(alike) // 2] if alike else None
        found.append(
            Beside(
                title=str(measure.title),
                year="–" if measure.timeless else str(shown.year),
                value=own.text or shown.numbers.say(own.number),
                alike=shown.numbers.say(middle),
            )
        )
    return found


def _gained(place: Place) -> list[Gained]:
    live_states = {"introducing", "operating", "realising", "closed"}
    found = [
        Gained(initiative=one, hours=gains.hours_of(one.id, municipality_id=place.id))
        for one in register.everything()
        if one.state in live_states
    ]
    return [one for one in found if not one.hours.is_empty]


def _map(place: Place) -> Chart | None:
    """Return the country with the municipality framed, by the first measure that has figures."""
    offered = measures.offered()
    if not offered:
        return None
    return country.map_of(country.national(offered[0].key), key="here", chosen=place.label)


def gained_chart(page: MunicipalityPage) -> Chart:
    """Return measured hours by initiative beside what was estimated."""
    return charts.bars_beside(
        key="gained",
        title=_("Hours freed in the municipality so far"),
        rows=[
            charts.Bar(
                label=one.initiative.title,
                value=None if one.hours.hides else one.hours.measured,
                text=measures.fewer() if one.hours.hides else "",
                claim=one.hours.taken_out if not one.hours.hides else None,
            )
            for one in page.gained
        ],
        numbers=charts.Numbers(unit=_("hours")),
        label=_("Initiative"),
        value_label=_("Measured"),
        claim_label=_("Taken out"),
    )
