"""What impact has calculated, as the public pages show it: of published initiatives, gains positive, losses negative.

Impact counts a cost as positive; here the sign is turned where somebody gains or loses, because that is how it is read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.impact import service as impact
from samspill.impact.service import AssessmentView, ChangeLoad, OwnFigure, meeting
from samspill.impact.service.meeting import KeyPersons
from samspill.infra import charts, clock
from samspill.infra.charts import Bar, Chart, Numbers, Series
from samspill.infra.written import reader
from samspill.insight.domain import sizes
from samspill.insight.domain.shapes import Value
from samspill.insight.domain.suppression import SMALLEST
from samspill.insight.service import register
from samspill.insight.service.memory import kept
from samspill.insight.service.places import Place, everywhere
from samspill.insight.service.words import ROLES, SIZES, word
from samspill.kernel.outcome import RefusedError
from samspill.kernel.wording import Said, known
from samspill.portfolio.service import InitiativeView, Story

_HUNDRED = 100.0
_MOST_ROLES, _MOST_SWINGS, _MOST_CLASHES, _MOST_NAMED = 4, 8, 12, 4
Figures = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Clash:
    """Where initiatives meet on the same people: per cent of a role's free hours in a year, and who asks for what.

    months: when they run at once, in words. key_person: one person carries the role.
    """

    year: int
    role: str
    share: float
    asked: Sequence[tuple[str, float]]
    months: str = ""
    key_person: bool = False

    @property
    def named(self) -> Sequence[tuple[str, float]]:
        """The initiatives that ask for the most."""
        return self.asked[:_MOST_NAMED]

    @property
    def more(self) -> int:
        """How many more there are."""
        return max(0, len(self.asked) - _MOST_NAMED)


@attrs.frozen(kw_only=True)
class Forecast:
    """One line in one municipality whose actual is known: its bounds, and what it became.

    kind: the reference class of the estimate, empty when it has none. measured: it came by itself. expected:
    the estimate as the owner gave it. cases: the live cases it rests on, None when it rests on none. scaled_to: so
    many cases it speaks of, where the live ones are a sample; None when it is a count.
    """

    label: str
    slug: str
    line: str
    year: int
    place: UUID
    kind: str
    measured: bool
    owner: str
    unit: str
    expected: float
    p50: float
    p85: float
    actual: float
    url: str = ""
    cases: int | None = None
    scaled_to: int | None = None


def three_digits(value: float) -> float:
    """Return a figure as sure as it is: an estimate has no more than three digits.

    >>> three_digits(-8_836_900.4), three_digits(0.0)
    (-8840000.0, 0.0)
    """
    return float(f"{value:.3g}")


# --- the country ------------------------------------------------------------------------------------


@kept
def _country(measure: str, year: int | None = None) -> Mapping[str, float]:
    return impact.country(measure, year)


def years() -> Sequence[int]:
    """Return this year when anything is assessed: net is over all years, and is not told apart by year."""
    assessed = any(_country("net_per_inhabitant").values())
    return (clock.today().year,) if assessed else ()


def net_per_inhabitant(year: int) -> Mapping[UUID, Value]:
    """Return municipality → expected kroner per inhabitant over all years of the calculation; a gain is positive."""
    del year
    found = _country("net_per_inhabitant")
    return {
        p.id: Value(number=-found[p.number]) for p in everywhere().values() if p.number in found
    }


@kept
def _by_year_assessed() -> Mapping[int, Mapping[str, float]]:
    """Return year → number → expected net kroner per inhabitant, as impact has it: a cost is above zero."""
    return impact.country_by_year()


def assessed_years() -> Sequence[int]:
    """Return the years that the calculations speak of."""
    return tuple(_by_year_assessed())


def net_in_year(year: int) -> Mapping[UUID, Value]:
    """Return municipality → expected kroner per inhabitant in one year; a gain is positive."""
    found = _by_year_assessed().get(year, {})
    return {
        p.id: Value(number=-found[p.number]) for p in everywhere().values() if p.number in found
    }


@kept
def _load_of(municipality_id: UUID) -> ChangeLoad:
    return impact.change_load(municipality_id)


def load_years() -> Sequence[int]:
    """Return the years in which anything asks for hours of municipalities."""
    first = next(iter(everywhere()), None)
    found = _load_of(first) if first is not None else None
    if found is None or not found.roles:
        return ()
    return [year for year, row in zip(found.years, found.hours, strict=True) if any(row)]


@kept
def _loads() -> Mapping[int, Mapping[str, float]]:
    years = load_years()
    return impact.loads_by_year(years[0], years[-1]) if years else {}


def load(year: int) -> Mapping[UUID, Value]:
    """Return municipality → per cent of the free hours of its most loaded role in a year."""
    found = _loads().get(year, {})
    return {
        p.id: Value(number=_HUNDRED * found[p.number])
        for p in everywhere().values()
        if p.number in found
    }


# --- one initiative ---------------------------------------------------------------------------------


def assessment_of(found: Story) -> AssessmentView | None:
    """Return the assessment that the register names as the one in force."""
    now = found.current_baseline or found.evidence.get("assessment")
    try:
        return impact.figures(uuid.UUID(str(now.body.get("assessment_id")))) if now else None
    except (ValueError, RefusedError):
        return None


def story_charts(found: Story) -> list[Chart]:
    """Return the charts of an initiative's consequences: by year, by size of municipality, and what moves the sum."""
    made = assessment_of(found)
    if made is None:
        return []
    in_kroner = made.figures["total"]["unit"] == "NOK"
    by_year = made.figures["by_year"]
    hours = by_year if not in_kroner else {y: one.get("hours") for y, one in by_year.items()}
    pictures = []
    if in_kroner:
        pictures.append(_by_year("cost", _("Net cost by year, all who bear it"), by_year, "kr"))
        pictures.append(_by_size(made.figures))
    if all(hours.values()):
        title = _("Net hours by year: used less freed")
        pictures.append(_by_year("net-hours", title, hours, _("hours")))
    if in_kroner and made.figures["tornado"]["kroner"]:
        pictures.append(_tornado(made))
    return pictures


def losers_of(found: Story) -> tuple[Chart | None, tuple[int, int]]:
    """Return who loses on an initiative by size, and how many municipalities and people they are in all."""
    made = assessment_of(found)
    rows = impact.losers(made.id) if made else []
    if not rows:
        return None, (0, 0)
    chart = charts.shares(
        key="losers",
        title=_("Left with a net cost, by size of municipality"),
        groups=[
            charts.Group(
                name=str(SIZES[at]),
                counts=[(of - lose, 0, lose), (everybody - people, 0, people)],
            )
            for at, (_size, lose, of, people, everybody) in enumerate(rows)
        ],
        ways=(_("Municipalities"), _("People")),
        label=_("Size"),
        names=(_("no net cost"), _("about even"), _("net cost")),
    )
    return chart, (sum(row[1] for row in rows), sum(row[3] for row in rows))


def _by_year(key: str, title: str, rows: Figures, unit: str) -> Chart:
    known = sorted(rows)
    line = Series(
        name="P50",
        values=[rows[year]["p50"] for year in known],
        low=[rows[year]["p10"] for year in known],
        high=[rows[year]["p85"] for year in known],
    )
    return charts.lines(
        key=key,
        title=title,
        x=known,
        series=[line],
        numbers=Numbers(unit=unit),
        note=_("Below zero is a gain: less is spent than before."),
    )


def _by_size(figures: Figures) -> Chart:
    """Return expected net per inhabitant by size class, over all years; a gain is positive."""
    sums = [[0.0, 0.0] for _bound in sizes.BOUNDS]
    for number, people in zip(figures["numbers"], figures["inhabitants"], strict=True):
        row = sums[sizes.size_class(people)]
        row[0] -= figures["by_municipality"][number]["mean"]
        row[1] += people
    return charts.bars(
        key="by-size",
        title=_("Gain for each inhabitant by size of municipality, all years"),
        rows=[
            Bar(
                label=str(words), value=net / people if people else None, text="" if people else "–"
            )
            for (net, people), words in zip(sums, SIZES, strict=True)
        ],
        numbers=Numbers(unit="kr", signed=True, decimals=1),
        label=_("Size"),
        value_label=_("Kroner per inhabitant"),
        note=_("Expected values. Below zero the municipality is left with a cost."),
    )


def _tornado(made: AssessmentView) -> Chart:
    lines = impact.lines_of(made.initiative_id).lines
    names = {line.key: line.said("name", reader()) or line.key for line in lines}
    rows = impact.tornado(made.id)
    return charts.tornado(
        key="tornado",
        title=_("What the sum hangs on"),
        rows=[
            charts.Swing(
                label=names.get(row["line"], row["line"]),
                low=row["at_low"] / 1e6,
                high=row["at_high"] / 1e6,
            )
            for row in rows[:_MOST_SWINGS]
        ],
        middle=rows[0]["expected"] / 1e6,
        numbers=Numbers(decimals=1),
        label=_("Effect"),
        note=_(
            "Net cost in million kroner. Each bar shows the sum when one effect alone goes from low (P10) "
            "to high (P90)."
        ),
    )


# --- one municipality -------------------------------------------------------------------------------


@kept
def own(municipality_id: UUID) -> tuple[OwnFigure, ...]:
    """Return what each live initiative means for a municipality, as impact has it: a cost is above zero."""
    return tuple(impact.for_municipality(municipality_id))


def place_charts(place: Place) -> tuple[Chart | None, Chart | None]:
    """Return net kroner and net hours of each assessed initiative in one municipality, over all its years."""
    assessed = [one for one in own(place.id) if one.kroner and one.hours]
    kroner = [(one, one.kroner) for one in assessed if one.kroner and any(one.kroner)]
    hours = [(one, one.hours) for one in assessed if one.hours and any(one.hours)]
    return (
        _each(
            "own-kroner", _("Kroner, all years: what each initiative leaves us with"), kroner, "kr"
        ),
        _each("own-hours", _("Hours, all years: freed less used"), hours, _("hours")),
    )


def own_years(place: Place) -> Chart | None:
    """Return the municipality's net kroner by year of all that is assessed; a gain is positive."""
    sums: dict[int, float] = {}
    for one in own(place.id):
        for year, (kroner, _hours) in one.by_year.items():
            sums[year] = sums.get(year, 0.0) - kroner
    if not any(sums.values()):
        return None
    known = sorted(sums)
    people = place.inhabitants or 1
    return charts.bars(
        key="own-years",
        title=_("Net kroner per inhabitant, year by year"),
        rows=[Bar(label=str(year), value=sums[year] / people) for year in known],
        numbers=Numbers(unit="kr", signed=True, decimals=1),
        label=_("Year"),
        value_label=_("Kroner per inhabitant"),
        note=_(
            "All assessed initiatives together, expected. Below zero the year costs more than it gives. Each is "
            "calculated for ten years from its own start, so the last years hold only the latest."
        ),
    )


def _each(
    key: str, title: str, rows: Sequence[tuple[OwnFigure, Sequence[float]]], unit: str
) -> Chart | None:
    if not rows:
        return None
    how = Numbers(unit=unit, signed=True)
    return charts.bars(
        key=key,
        title=title,
        rows=[
            Bar(
                label=_("%(title)s (from %(low)s to %(high)s)")
                % {
                    "title": one.initiative.title,
                    "low": how.say(three_digits(-values[2])),
                    "high": how.say(three_digits(-values[0])),
                },
                value=three_digits(-values[3]),
                url=reverse("initiative", args=[one.initiative.slug]),
            )
            for one, values in rows
        ],
        numbers=how,
        label=_("Initiative"),
        value_label=_("Expected"),
        note=_("The bar is the expected value. In brackets: from P85 of the cost to P10."),
    )


def load_of(place: Place) -> tuple[Chart | None, list[Clash]]:
    """Return the load of the most loaded roles by year in one municipality, and its collisions."""
    found = _load_of(place.id)
    if not found.roles:
        return None, []
    most = sorted(
        range(len(found.roles)), key=lambda role: -max(row[role] for row in found.shares)
    )[:_MOST_ROLES]
    chart = charts.lines(
        key="load",
        title=_("Hours asked for, as a share of the hours each role has free"),
        x=found.years,
        series=[
            Series(
                name=word(ROLES, found.roles[role]),
                values=[_HUNDRED * row[role] for row in found.shares],
            )
            for role in most
        ],
        numbers=Numbers(unit="%"),
        note=_("From 70 per cent it is tight, from 100 there are not enough people. %(grade)s")
        % {"grade": _graded(found)},
    )
    clashes = [
        Clash(
            year=one.year,
            role=word(ROLES, one.role),
            share=_HUNDRED * one.share,
            asked=[(_title(found, id_), hours) for id_, hours in one.asked],
            months=meeting.months_of(found, one),
            key_person=meeting.is_key_person(found, one.role),
        )
        for one in found.collisions[:_MOST_CLASHES]
    ]
    return chart, clashes


def key_persons_of(place: Place) -> KeyPersons | None:
    """Return the roles of a municipality's collisions that one person carries; None when there is none."""
    return meeting.key_persons(_load_of(place.id), lambda role: word(ROLES, role))


def _title(found: ChangeLoad, id_: str) -> str:
    """Return what an initiative is called in the reader's language; the load is kept for readers of any."""
    title = found.titles.get(id_, id_)
    return title.read_in(reader()) if isinstance(title, Said) else title


def _graded(found: ChangeLoad) -> str:
    if all(grade == "assumption" for grade in found.grades):
        return _("The free hours are an assumption until the municipality gives its own.")
    return _("Some of the free hours are the municipality's own figures.")


# --- estimate and actual ----------------------------------------------------------------------------


def forecasts() -> tuple[Forecast, ...]:
    """Return every line of a published initiative with an actual beside its forecast, named as the reader says it."""
    return _forecasts(get_language() or "nb")


@kept
def _forecasts(language: str) -> tuple[Forecast, ...]:
    """Return the forecasts; a figure of fewer live cases than may be shown is left out."""
    places = everywhere()
    found: list[Forecast] = []
    for one in register.everything():
        rows = impact.actuals_of(one.id)
        lines = impact.forecast_lines(one.id) if rows else ()
        names = {line.key: line.said("name", known(language)) for line in lines}
        found += [
            _forecast(one, row, names.get(row.line) or row.line, places[row.municipality_id])
            for row in rows
            if row.expected and row.municipality_id in places and not _is_few(row.cases)
        ]
    return tuple(found)


def _is_few(cases: int | None) -> bool:
    return cases is not None and 0 < cases < SMALLEST


def _forecast(one: InitiativeView, row: Any, name: str, place: Place) -> Forecast:
    return Forecast(
        label=f"{one.title}: {name}, {place.label}, {row.year}",
        slug=one.slug,
        line=name,
        year=row.year,
        place=place.id,
        kind=row.reference_class,
        measured=row.grade == "measured",
        owner=one.owner,
        unit="hours" if row.unit != "NOK" else "NOK",
        expected=row.expected,
        p50=row.p50,
        p85=row.p85,
        actual=row.value,
        url=reverse("initiative", args=[one.slug]),
        cases=row.cases,
        scaled_to=row.scaled_to,
    )
