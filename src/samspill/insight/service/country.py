"""The country by any measure: the map, and who gains and loses by size of municipality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samspill.infra import charts
from samspill.infra.charts import Chart, Numbers, Steps, Tile
from samspill.insight.domain import sizes, tiles
from samspill.insight.domain.shapes import Value
from samspill.insight.domain.sizes import Net, Part
from samspill.insight.service.measures import Measure, measures, year_of
from samspill.insight.service.places import Place, everywhere
from samspill.insight.service.words import SIZES
from samspill.kernel.outcome import refuse

#: Change load is tight from 70 per cent of the free hours and too much from 100 (governance, section 6).
_LOAD = (40.0, 70.0, 100.0, 150.0)
_LOAD_LOOKS = ("m1", "m2", "l1", "l2", "l3")
_COUNT_MOST = 5
_SMALL = 20


@attrs.frozen(kw_only=True)
class National:
    """A measure over the country in a year: its figure in each municipality."""

    measure: Measure
    year: int
    values: Mapping[UUID, Value]

    @property
    def numbers(self) -> Numbers:
        """How its figures are written; a few hours or days are told with a decimal, many without."""
        measure = self.measure
        known = [value.number for value in self.values.values() if value.number is not None]
        small = any(n % 1 for n in known) and max(known) < _SMALL and measure.kind == "rising"
        decimals = max(measure.decimals, int(small))
        return Numbers(unit=str(measure.unit), decimals=decimals, signed=measure.signed)

    @property
    def title(self) -> str:
        """The measure, and the year when it has one."""
        if self.measure.timeless:
            return str(self.measure.title)
        return _("%(measure)s, %(year)s") % {"measure": self.measure.title, "year": self.year}

    def value_of(self, place: Place) -> Value:
        """Return the figure of a municipality; one without a figure says so."""
        return self.values.get(place.id, Value(number=None, text=_("no figure")))


def national(measure: str, year: int | None = None) -> National:
    """Return a measure over the country.

    Raises:
        RefusedError: `unknown_measure`.
    """
    found = measures().get(measure)
    if found is None:
        raise refuse(
            "unknown_measure",
            "There is no measure “%(measure)s”.",
            where="measure",
            remedy="Choose one of those on the map's page.",
            values={"measure": measure[:40]},
            status=404,
        )
    chosen = year_of(found, year)
    return National(measure=found, year=chosen, values=found.values(chosen))


def map_of(shown: National, *, key: str = "map", chosen: str = "") -> Chart:
    """Return the country as equal tiles, coloured by the measure."""
    places = list(everywhere().values())
    known = [value.number for value in shown.values.values() if value.number is not None]
    steps, words = _steps(shown.measure, known)
    return charts.tile_map(
        key=key,
        title=shown.title,
        tiles=[_tile(place, shown.value_of(place), shown.numbers) for place in places],
        steps=steps,
        step_words=words,
        numbers=shown.numbers,
        marks=_marks(places),
        label=_("Municipality"),
        group_label=_("County"),
        value_label=str(shown.measure.title),
        note=_(
            "Each municipality is one tile of the same size, near its place in the country. In brackets: how many "
            "municipalities. Sources: Samspill; © Kartverket (places)."
        ),
        chosen=chosen,
    )


def _tile(place: Place, value: Value, how: Numbers) -> Tile:
    return Tile(
        name=place.label,
        row=place.cell[0],
        column=place.cell[1],
        group=place.county,
        value=value.number,
        text=_with_cases(value, how) if value.cases else value.text,
        hidden=value.hidden,
        url=reverse("municipality", args=[place.number]),
    )


def _with_cases(value: Value, how: Numbers) -> str:
    """Return a figure with the number of live cases that it rests on."""
    cases = ngettext("%(cases)s live case", "%(cases)s live cases", value.cases or 0)
    return f"{how.say(value.number)} ({cases % {'cases': value.cases}})"


def _steps(measure: Measure, known: Sequence[float]) -> tuple[Steps, list[str]]:
    """Return the scale of a measure, with words where the bounds alone do not say it."""
    if measure.kind == "two_sided":
        return charts.two_sided(known), []
    if measure.kind == "load":
        return charts.fixed(_LOAD, _LOAD_LOOKS), [
            _("under 40 per cent: room"), _("40 to 70 per cent: some room"), _("70 to 100 per cent: tight"),
            _("100 to 150 per cent: too much"), _("over 150 per cent: far too much"),
        ]  # fmt: skip
    if measure.kind == "count" and len(set(known)) <= _COUNT_MOST:
        return _counted(sorted({round(value) for value in known}))
    return charts.rising(known), []


def _counted(values: Sequence[int]) -> tuple[Steps, list[str]]:
    """Return a step for each of a few whole numbers."""
    looks = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}.get(
        len(values), (2,)
    )
    bounds = [float(value) for value in values[1:]]
    return charts.fixed(bounds, [f"m{look + 1}" for look in looks]), [str(v) for v in values] or [
        ""
    ]


def _marks(places: Sequence[Place]) -> dict[str, tuple[tuple[int, int], str]]:
    """Return where the counties' names are written, beside the tiles on the open side."""
    everything = frozenset(place.cell for place in places)
    counties: dict[str, list[tuple[int, int]]] = {}
    for place in places:
        counties.setdefault(place.county, []).append(place.cell)
    found = {name: tiles.name_place(own, everything) for name, own in counties.items()}
    return {name: place for name, place in found.items() if place is not None}


def losses_and_gains() -> list[Part]:
    """Return who gains and loses in each size class, over all years of what is assessed."""
    shown = national("netto-per-innbygger")
    nets = [
        Net(
            municipality_no=place.number,
            inhabitants=place.inhabitants,
            nok_per_inhabitant=value.number,
        )
        for place in everywhere().values()
        if (value := shown.value_of(place)).number is not None
    ]
    return sizes.by_size(nets)


def sizes_chart(parts: Sequence[Part]) -> Chart:
    """Return gain and loss by size of municipality, counted by municipality and by people."""
    groups = [
        charts.Group(name=str(words), counts=[part.municipalities, part.people])
        for part, words in zip(parts, SIZES, strict=True)
    ]
    return charts.shares(
        key="sizes",
        title=_("Who gains and who loses, by size of municipality"),
        groups=groups if any(part.everybody for part in parts) else [],
        ways=(_("Municipalities"), _("People")),
        label=_("Size"),
        names=(_("gain"), _("about even"), _("lose")),
        note=_("About even: less than one krone per inhabitant either way.")
        if any(triple[1] for group in groups for triple in group.counts)
        else "",
    )


def mean_chart() -> Chart:
    """Return net per inhabitant by size of municipality, as people meet it (weighted by inhabitants)."""
    shown = national("netto-per-innbygger")
    sums = [[0.0, 0.0] for _bound in sizes.BOUNDS]
    for place in everywhere().values():
        number = shown.value_of(place).number
        if number is not None:
            sums[place.size][0] += number * place.inhabitants
            sums[place.size][1] += place.inhabitants
    rows = [
        charts.Bar(
            label=str(words), value=total / people if people else None, text="" if people else "–"
        )
        for (total, people), words in zip(sums, SIZES, strict=True)
    ]
    return charts.bars(
        key="mean-net",
        title=_("Net per inhabitant by size of municipality, all years"),
        rows=rows if any(people for _total, people in sums) else [],
        numbers=shown.numbers,
        label=_("Size"),
        value_label=_("Kroner per inhabitant"),
        note=_("Expected values. Below zero the municipality is left with a cost."),
    )
