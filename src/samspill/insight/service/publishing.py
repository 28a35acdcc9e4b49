"""The open sets of what is calculated, settled and learnt; published initiatives only."""

from __future__ import annotations

from collections.abc import Sequence

from samspill.impact import service as impact
from samspill.insight.domain.datasets import Dataset, Field, Plain
from samspill.insight.service import consequence, register
from samspill.insight.service.places import everywhere
from samspill.kernel.wording import LANGUAGES
from samspill.settlement import service as settlement

_SLUG = Field(name="slug", about="Stands in the address /tiltak/<slug>/")
_NUMBER = Field(name="municipality_no", about="Four digits, as text")
_NAME = Field(name="municipality", about="Official name")
_NOK = "NOK, prices of the assumption set; cost above zero, gain below"
_HOURS = "hours; used above zero, freed below"


_CONSEQUENCES_KINDS = (("p10", "P10"), ("p50", "P50"), ("p85", "P85"), ("expected", "Expected"))
CONSEQUENCES = [
    _SLUG, _NUMBER, _NAME,
    Field(name="first_year", kind="integer"), Field(name="last_year", kind="integer"),
    *(Field(name=f"nok_{key}", kind="number", unit=_NOK, about=said) for key, said in _CONSEQUENCES_KINDS),
    *(Field(name=f"hours_{key}", kind="number", unit=_HOURS, about=said) for key, said in _CONSEQUENCES_KINDS),
]  # fmt: skip


def consequences() -> Dataset:
    """Return what each assessed initiative means for each municipality, over all its years."""
    names = {place.number: place.name for place in everywhere().values()}
    keys = ("p10", "p50", "p85", "mean")
    rows: list[Sequence[Plain]] = []
    for one in register.everything():
        for made in impact.assessments(one.id)[:1]:
            in_kroner = made.figures["total"]["unit"] == "NOK"
            for number, figure in sorted(made.figures["by_municipality"].items()):
                kroner, hours = (figure, figure.get("hours", {})) if in_kroner else ({}, figure)
                amounts = [part.get(key) for part in (kroner, hours) for key in keys]
                rows.append(
                    (
                        one.slug,
                        number,
                        names.get(number, ""),
                        made.first_year,
                        made.last_year,
                        *amounts,
                    )
                )
    return Dataset(
        name="konsekvenser",
        fields=CONSEQUENCES,
        rows=rows,
        key=("slug", "municipality_no"),
    )


EFFECT_LINES = [
    _SLUG, Field(name="line"), Field(name="name"), Field(name="bearer"), Field(name="category"),
    Field(name="role"), Field(name="driver"), Field(name="quantity", kind="number"), Field(name="unit"),
    Field(name="elasticity", kind="number"),
    Field(name="grade", about="assumption, expert, comparable or measured"), Field(name="source"),
    Field(name="language", about="What name and source are written in: nb, nn, en; empty when nobody said"),
    *(Field(name=f"name_{one}", about="The name in another language, when it is given") for one in LANGUAGES),
]  # fmt: skip


def effect_lines() -> Dataset:
    """Return the effect lines behind the figures, with source and evidence grade."""
    rows: list[Sequence[Plain]] = [
        (one.slug, line.key, line.name, line.bearer, line.category, line.role, str(line.driver),
         line.quantity, line.unit, line.elasticity, line.grade, line.source, line.language,
         *(line.translations.get(language, {}).get("name", "") for language in LANGUAGES))
        for one in register.everything()
        for line in impact.lines_of(one.id).lines
    ]  # fmt: skip
    return Dataset(name="virkningslinjer", fields=EFFECT_LINES, rows=rows, key=("slug", "line"))


ACTUALS = [
    _SLUG, Field(name="line"), _NUMBER, _NAME, Field(name="year", kind="integer"),
    Field(name="unit", about="NOK or hours"),
    Field(name="estimate", kind="number", about="As the owner gave it"),
    Field(name="p50", kind="number"), Field(name="p85", kind="number"),
    Field(name="actual", kind="number"),
    Field(name="measured", kind="boolean", about="True when it came by itself"),
    Field(name="reference_class", about="The kind of estimate; empty when it has none"),
    Field(name="cases", kind="integer", about="Live cases it rests on; empty when it rests on none"),
    Field(name="scaled_to", kind="integer",
          about="Cases a year the actual speaks of, where the live ones are a sample; empty when it is a count"),
]  # fmt: skip


def actuals() -> Dataset:
    """Return each estimate beside what it became; figures of fewer live cases than may be shown are left out."""
    places = everywhere()
    rows: list[Sequence[Plain]] = [
        (one.slug, one.line, places[one.place].number, places[one.place].name, one.year, one.unit,
         round(one.expected, 6), round(one.p50, 6), round(one.p85, 6), one.actual, one.measured, one.kind,
         one.cases, one.scaled_to)
        for one in consequence.forecasts()
    ]  # fmt: skip
    return Dataset(
        name="anslag-og-fasit",
        fields=ACTUALS,
        rows=rows,
        key=("slug", "line", "municipality_no", "year"),
    )


SETTLEMENTS = [
    _SLUG, Field(name="settlement"), Field(name="year", kind="integer"),
    Field(name="party", about="Municipality number or organisation number"), Field(name="name"),
    Field(name="kind", about="tariff, share, compensation, due, gain_planned, gain_realised, by cause, withdrawn"),
    Field(name="ore", kind="integer", unit="øre"),
]  # fmt: skip


def settlements() -> Dataset:
    """Return every line of every settled year, party by party, in øre."""
    slugs = {one.id: one.slug for one in register.everything()}
    rows: list[Sequence[Plain]] = []
    for made in settlement.list_settlements(None):
        if made.initiative_id not in slugs:
            continue
        for party in settlement.settlement(made.id).statements:
            rows += [
                (
                    slugs[made.initiative_id],
                    str(made.id),
                    made.year,
                    party.party,
                    party.name,
                    kind,
                    ore,
                )
                for kind, ore in party.lines
            ]
    return Dataset(
        name="avregninger", fields=SETTLEMENTS, rows=rows, key=("settlement", "party", "kind")
    )
