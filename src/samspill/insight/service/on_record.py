"""The open sets of what each party has said, signed and chosen, and of hours and equality over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from samspill.insight.domain.datasets import Dataset, Field, Plain
from samspill.insight.domain.sizes import BOUNDS
from samspill.insight.service import equal, gains, register
from samspill.settlement import service as settlement

_SLUG = Field(name="slug", about="Stands in the address /tiltak/<slug>/")
_ORE = "øre"
Rows = list[Sequence[Plain]]


QUESTIONS = [
    _SLUG, Field(name="question", about="Key of the question (utredningsinstruksen section 2-1)"),
    Field(name="language", about="nb, nn or en"), Field(name="answer"),
]  # fmt: skip


def questions() -> Dataset:
    """Return the answers to the six questions, a row for each language that an answer is written in."""
    rows: Rows = [
        (one.slug, question, language, text)
        for one in register.everything()
        for question, said in one.answers.items()
        for language, text in said.items()
        if text
    ]
    return Dataset(
        name="seks-sporsmal", fields=QUESTIONS, rows=rows, key=("slug", "question", "language")
    )


VERDICTS = [
    _SLUG, Field(name="side", about="owner or ks"), Field(name="version", kind="integer"),
    Field(name="verdict", about="none, minor or material"), Field(name="signed_on", kind="date"),
    Field(name="answer_by", kind="date", about="The day the other side was to have answered"),
    Field(name="by", about="Organisation"), Field(name="criteria", about="Those that are answered with yes"),
    Field(name="remark", about="In bokmål, else as written"),
]  # fmt: skip


def verdicts() -> Dataset:
    """Return each side's signed verdict of relevance, with the criteria it says yes to."""
    rows: Rows = [
        (one.slug, said.side, said.version, said.verdict, said.signed_on, said.answer_by, said.by,
         "; ".join(_yes(said.criteria)), str(said.remark))
        for one, found in register.stories()
        for said in found.verdicts
    ]  # fmt: skip
    return Dataset(name="relevans", fields=VERDICTS, rows=rows, key=("slug", "side", "version"))


DISSENTS = [
    _SLUG, Field(name="number", kind="integer", about="Of the dissent"),
    Field(name="figure", kind="integer", about="Of the figure within the dissent"),
    Field(name="on", kind="date"), Field(name="by", about="Organisation"),
    Field(name="text", about="In bokmål, else as written"), Field(name="name", about="What the figure is of"),
    Field(name="unit", about="NOK, hours, share (of one), or a word"),
    Field(name="owner", kind="number", about="The owner's figure"),
    Field(name="ks", kind="number", about="KS' figure"),
]  # fmt: skip


def dissents() -> Dataset:
    """Return KS' own figures beside the owner's, a row for each figure; a dissent without figures has one row."""
    rows: Rows = []
    for one, found in register.stories():
        for number, said in enumerate(found.dissents, start=1):
            for place, figure in enumerate(said.figures or [{}], start=1):
                amounts = (_number(figure.get(side)) for side in ("owner", "ks"))
                told = (str(figure.get("name", "")), str(figure.get("unit", "")))
                rows.append(
                    (one.slug, number, place, said.at.date(), said.by, str(said.text), *told, *amounts)
                )  # fmt: skip
    return Dataset(name="uenighet", fields=DISSENTS, rows=rows, key=("slug", "number", "figure"))


STATEMENTS = [
    _SLUG, Field(name="number", kind="integer"), Field(name="kind", about="statement or recommendation"),
    Field(name="on", kind="date"), Field(name="by", about="Organisation"), Field(name="position"),
    Field(name="text", about="In bokmål, else as written"),
]  # fmt: skip


def statements() -> Dataset:
    """Return statements on the figures and recommendations in the rounds."""
    rows: Rows = [
        (one.slug, number, said.kind, said.at.date(), said.by, said.position, str(said.text))
        for one, found in register.stories()
        for number, said in enumerate(found.comments, start=1)
        if said.kind != "comment"
    ]
    return Dataset(name="uttalelser", fields=STATEMENTS, rows=rows, key=("slug", "number"))


CHOICES = [
    _SLUG, Field(name="round"), Field(name="budget_year", kind="integer"),
    Field(name="suggested_start", kind="integer", about="Year; empty when the calculation did not suggest it"),
    Field(name="chosen_start", kind="integer", about="Year; empty when it was not chosen"),
    Field(name="departs", kind="boolean", about="True when people chose otherwise than was suggested"),
    Field(name="reason", about="Why, in bokmål, else as written"), Field(name="by", about="Organisation"),
    Field(name="on", kind="date"),
]  # fmt: skip


def choices() -> Dataset:
    """Return what was suggested and chosen of each initiative in each priority round, and why they differ."""
    rows: Rows = [
        (one.slug, str(made.round_id), made.budget_year, made.suggested_start, made.chosen_start,
         made.departs, str(made.reason), made.by, made.at.date())
        for one, found in register.stories()
        for made in found.choices
    ]  # fmt: skip
    return Dataset(name="prioriteringer", fields=CHOICES, rows=rows, key=("slug", "round"))


_AMOUNTS = (
    ("share", "A year, by the key"), ("borne", "A year, lines it pays alone"),
    ("tariff_once", "To join"), ("tariff_year", "Tariff a year"),
    ("expected_gain", "In cash a year"), ("transfer", "Compensation; above zero is received"),
    ("net", "Over the whole period, with compensation"),
)  # fmt: skip
AGREEMENTS = [
    _SLUG, Field(name="agreement"), Field(name="title"), Field(name="state", about="offered, signed or ended"),
    Field(name="version", kind="integer"),
    Field(name="party", about="Municipality number or organisation number"), Field(name="name"),
    Field(name="kind"),
    *(Field(name=f"{name}_ore", kind="integer", unit=_ORE, about=said) for name, said in _AMOUNTS),
    Field(name="signed_on", kind="date"), Field(name="leaves_on", kind="date"),
]  # fmt: skip


def agreements() -> Dataset:
    """Return every party of the agreements that are put forward or signed: what it pays, gains, and when it signed."""
    slugs = {one.id: one.slug for one in register.everything()}
    rows: Rows = []
    for brief in settlement.list_agreements(None):
        if brief.initiative_id not in slugs:
            continue
        made = settlement.get(brief.id)
        rows += [
            (slugs[made.initiative_id], str(made.id), made.title, made.state, made.number, party.party,
             party.name, party.kind, party.share, party.borne, party.tariff_once, party.tariff_year,
             party.expected_gain, party.transfer, party.net, party.signed_on, party.leaves_on)
            for party in made.parties
        ]  # fmt: skip
    return Dataset(name="avtaler", fields=AGREEMENTS, rows=rows, key=("agreement", "party"))


HOURS = [
    _SLUG, Field(name="year", kind="integer"),
    Field(name="estimated", kind="number", unit="hours", about="In the plan"),
    Field(name="measured", kind="number", unit="hours", about="In live cases or reported, taken out or not"),
    Field(name="taken_out", kind="number", unit="hours", about="Of the measured"),
    Field(name="cases", kind="integer", about="Live cases it rests on"),
    Field(name="hidden", kind="boolean", about="True when the figure rests on fewer than five cases"),
]  # fmt: skip


def hours() -> Dataset:
    """Return hours of each initiative's gain plan by year: estimated, measured, taken out; few cases are hidden."""
    rows: Rows = [
        (one.slug, row.year, float(row.estimated), row.measured, row.taken_out,
         None if row.measured is None else row.cases, row.measured is None)
        for one in register.everything()
        for row in gains.hours_of(one.id).years
    ]  # fmt: skip
    return Dataset(name="gevinsttimer", fields=HOURS, rows=rows, key=("slug", "year"))


EQUALITY = [
    Field(name="quarter", kind="date", about="Its first day"),
    Field(name="inhabitants_from", kind="integer", about="Lower bound of the size class"),
    Field(name="services_open", kind="number",
          about="Share of the shared services that are open, each municipality by its inhabitants"),
    Field(name="days_to_decision", kind="number", unit="days",
          about="Median; empty for fewer than five cases in the class and quarter"),
]  # fmt: skip


def equality() -> Dataset:
    """Return services open and days to a decision, by quarter and size class, as the page shows them."""
    found = equal.equality()
    rows: Rows = [
        (quarter, lower, found.open_share[size][place], found.days[size][place])
        for place, quarter in enumerate(found.quarters)
        for size, lower in enumerate(BOUNDS)
    ]
    return Dataset(name="likhet", fields=EQUALITY, rows=rows, key=("quarter", "inhabitants_from"))


def _yes(criteria: Mapping[str, Any]) -> list[str]:
    return [key for key, said in criteria.items() if isinstance(said, Mapping) and said.get("yes")]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
