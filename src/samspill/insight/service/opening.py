"""Open data: everything published, under names and columns that keep their meaning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samspill.infra import clock
from samspill.insight.domain import catalogue as dcat
from samspill.insight.domain.datasets import Dataset, Field, Plain
from samspill.insight.service import ahead, on_record, publishing, register
from samspill.insight.service.measures import Measure, measures
from samspill.insight.service.memory import kept
from samspill.insight.service.places import everywhere
from samspill.kernel.outcome import refuse

_LANGUAGES = ("nb", "nn", "en")
_TYPES = {"csv": "text/csv; charset=utf-8; header=present", "json": "application/json"}
_NUMBER = Field(name="municipality_no", about="Four digits, as text")
_NAME = Field(name="municipality", about="Official name")
_YEAR = Field(name="year", kind="integer")


@attrs.frozen(kw_only=True)
class Offer:
    """One set that is offered: its name, words, theme of the EU's data theme list, and how its rows are made.

    fields: its columns, known before the rows are: the page that tells of all sets does not wait for them to be made.
    """

    name: str
    title: Promise
    about: Promise
    theme: str
    make: Callable[[], Dataset]
    fields: Sequence[Field]


def open_data(name: str, kind: str) -> tuple[str, str]:
    """Return a set as text and its content type; `kind` is `csv` or `json`.

    Raises:
        RefusedError: `unknown_data`.
    """
    offer = offers().get(name)
    if offer is None or kind not in _TYPES:
        raise refuse(
            "unknown_data",
            "There are no open data “%(name)s”.",
            where="name",
            remedy="Choose one of those at /data/.",
            values={"name": f"{name}.{kind}"[:80]},
            status=404,
        )
    made = _made(name)
    if kind == "csv":
        return made.csv(), _TYPES[kind]
    with translation.override("nb"):
        about = {
            "title": str(offer.title),
            "description": str(offer.about),
            "licence": dcat.LICENCE,
            "made_at": clock.now().isoformat(),
        }
    return json.dumps(made.json(about), ensure_ascii=False), _TYPES[kind]


@kept
def _made(name: str) -> Dataset:
    """Return a set with its rows; the same for every reader: texts that have several wordings are in bokmål."""
    with translation.override("nb"):
        return offers()[name].make()


def described() -> list[dict[str, Any]]:
    """Return every set with its columns."""
    return [
        {
            "name": offer.name,
            "title": offer.title,
            "about": offer.about,
            "fields": offer.fields,
        }
        for offer in offers().values()
    ]


def catalogue(base_url: str) -> dict[str, Any]:
    """Return the catalogue entry of all sets as JSON-LD."""
    address = f"{base_url.rstrip('/')}/data/"
    return dcat.catalogue(
        address=address,
        title=_said(_("Open data from Samspill")),
        description=_said(
            _("What is decided and delivered together by the state and all municipalities.")
        ),
        publisher=_publisher(),
        entries=[_entry(address, offer) for offer in offers().values()],
        modified=clock.today(),
    )


def offers() -> dict[str, Offer]:
    """Return everything that is offered, by name."""
    found = {offer.name: offer for offer in _OWN}
    for measure in measures().values():
        found[measure.key] = Offer(
            name=measure.key,
            title=measure.title,
            about=measure.about,
            theme="GOVE",
            make=lambda measure=measure: _by_measure(measure),  # type: ignore[misc]
            fields=_measure_fields(measure),
        )
    return found


def pictures() -> list[dict[str, Any]]:
    """Return the pictures that others may show: title and address."""
    maps = [
        {"title": measure.title, "address": f"/kart.svg?measure={measure.key}"}
        for measure in measures().values()
        if measure.years()
    ]
    return [
        *maps,
        {"title": _("Who gains and who loses, by size"), "address": "/diagram/fordeling.svg"},
        {"title": _("Estimate against actual"), "address": "/diagram/anslag-og-fasit.svg"},
        {"title": _("How often the bounds held"), "address": "/diagram/kalibrering.svg"},
        {"title": _("Services that are open"), "address": "/diagram/tjenester.svg"},
        {
            "title": _("Days from application to decision"),
            "address": "/diagram/dager-til-vedtak.svg",
        },
    ]


def _by_measure(measure: Measure) -> Dataset:
    """Return a measure in every municipality and year, the hidden ones named as hidden and without a figure."""
    rows: list[Sequence[Plain]] = []
    places = sorted(everywhere().values(), key=lambda place: place.number)
    for year in measure.years():
        values = measure.values(year)
        for place in places:
            value = values.get(place.id)
            if value is not None:
                shown = None if value.number is None else round(value.number, 6)
                rows.append((place.number, place.name, year, shown, value.hidden))
    return Dataset(
        name=measure.key,
        fields=_measure_fields(measure),
        rows=rows,
        key=("municipality_no", "year"),
    )


def _measure_fields(measure: Measure) -> list[Field]:
    unit = str(measure.unit) if not isinstance(measure.unit, Promise) else _english(measure.unit)
    return [
        _NUMBER, _NAME, _YEAR,
        Field(name="value", kind="number", unit=unit, about=_english(measure.about)),
        Field(name="hidden", kind="boolean", about="True when the figure rests on fewer than five cases"),
    ]  # fmt: skip


def _initiatives() -> Dataset:
    rows = [
        (one.slug, *_worded(one.titles), *_worded(one.summaries), one.owner_org_no, one.owner,
         one.sector, one.life_event, one.legal, one.legal_reference, one.state, one.state_since.date(),
         one.window_from, one.window_to, one.relevance.state, one.relevance.verdict, one.version)
        for one in register.everything()
    ]  # fmt: skip
    return Dataset(name="tiltak", fields=_INITIATIVE_FIELDS, rows=rows, key=("slug",))


def _worded(every: Mapping[str, str]) -> tuple[str, str, str]:
    """Return a text in each language, empty where it is not written: the set itself has no reader's language."""
    return every.get("nb", ""), every.get("nn", ""), every.get("en", "")


_INITIATIVE_FIELDS = [
    Field(name="slug", about="Stands in the address /tiltak/<slug>/"),
    Field(name="title", about="In bokmål"), Field(name="title_nn", about="In nynorsk, where it is written"),
    Field(name="title_en", about="In English, where it is written"),
    Field(name="summary", about="In bokmål"), Field(name="summary_nn", about="In nynorsk, where it is written"),
    Field(name="summary_en", about="In English, where it is written"),
    Field(name="owner_org_no", about="Organisation number of the owner"), Field(name="owner"),
    Field(name="sector"), Field(name="life_event"),
    Field(name="legal", about="voluntary or duty"), Field(name="legal_reference", about="The law of a duty"),
    Field(name="state"), Field(name="state_since", kind="date"),
    Field(name="window_from", kind="date", about="Planned introduction, first day"),
    Field(name="window_to", kind="date", about="Planned introduction, last day"),
    Field(name="relevance_state", about="unsigned, waiting, agreed, disagreement or silence"),
    Field(name="relevance_verdict", about="The verdict that holds: none, minor or material"),
    Field(name="version", kind="integer"),
]  # fmt: skip


_STEPS_FIELDS = [
    Field(name="slug"), Field(name="number", kind="integer"), Field(name="from_state"), Field(name="to_state"),
    Field(name="on", kind="date"), Field(name="by", about="Organisation"), Field(name="role"),
    Field(name="version", kind="integer"), Field(name="reason"),
]  # fmt: skip


def _steps() -> Dataset:
    rows = [
        (one.slug, number, step.origin, step.to, step.at.date(), step.by, step.role, step.version, step.text)
        for one, found in register.stories()
        for number, step in enumerate(found.steps, start=1)
    ]  # fmt: skip
    return Dataset(name="tiltak-historikk", fields=_STEPS_FIELDS, rows=rows, key=("slug", "number"))


_INVOLVEMENT_FIELDS = [
    Field(name="slug"), Field(name="held_on", kind="date"), Field(name="phase"), Field(name="form"),
    Field(name="municipalities"), Field(name="others"), Field(name="raised"),
    Field(name="changed", about="What changed because of it"),
]  # fmt: skip


def _involvement() -> Dataset:
    rows: list[Sequence[Plain]] = []
    for one, found in register.stories():
        for held in found.involvements:
            changed = " / ".join(i.text for i in held.influences if i.changed)
            rows.append((one.slug, held.held_on, held.phase, held.form, "; ".join(held.municipalities), held.others,
                         held.raised, changed))  # fmt: skip
    return Dataset(
        name="medvirkning", fields=_INVOLVEMENT_FIELDS, rows=rows, key=("slug", "held_on", "form")
    )


_WINDOWS_FIELDS = [
    Field(name="slug"), _NUMBER, _NAME, Field(name="choice", about="planned, confirmed or declined"),
    Field(name="starts_on", kind="date"), Field(name="ends_on", kind="date"),
    Field(name="without_cover", kind="boolean", about="The cost became known after the year's budget was adopted"),
]  # fmt: skip


def _windows() -> Dataset:
    slugs = {one.id: one.slug for one in register.everything()}
    places = everywhere()
    rows = sorted(
        (slugs[initiative], places[place].number, places[place].name, window.choice, window.starts_on,
         window.ends_on, window.without_cover)
        for (initiative, place), window in ahead.windows().items()
        if place in places
    )  # fmt: skip
    return Dataset(
        name="innforingsvinduer", fields=_WINDOWS_FIELDS, rows=rows, key=("slug", "municipality_no")
    )


_MUNICIPALITIES_FIELDS = [
    _NUMBER, _NAME, Field(name="county_no"), Field(name="county"),
    Field(name="inhabitants", kind="integer", about="1 January; source: Statistics Norway"),
    Field(name="inhabitants_year", kind="integer"),
    Field(name="tile_row", kind="integer", about="Row of the municipality's hexagon"),
    Field(name="tile_column", kind="integer", about="Column; odd rows lie half a tile to the right"),
]  # fmt: skip


def _municipalities() -> Dataset:
    rows = [
        (
            p.number,
            p.name,
            p.county_no,
            p.county,
            round(p.inhabitants),
            p.inhabitants_year,
            p.cell[0],
            p.cell[1],
        )
        for p in sorted(everywhere().values(), key=lambda place: place.number)
    ]
    return Dataset(
        name="kommuner", fields=_MUNICIPALITIES_FIELDS, rows=rows, key=("municipality_no",)
    )


_OWN: tuple[Offer, ...] = (
    Offer(
        name="tiltak", title=_("Initiatives"), theme="GOVE", make=_initiatives,
        fields=_INITIATIVE_FIELDS,
        about=_("Every published initiative as it stands: owner, sector, legal basis, state, window, relevance."),
    ),
    Offer(
        name="tiltak-historikk", title=_("The steps of initiatives"), theme="GOVE", make=_steps,
        fields=_STEPS_FIELDS,
        about=_("Every step from a state to another, by whom, on which version, and why."),
    ),
    Offer(
        name="medvirkning", title=_("Involvement and influence"), theme="GOVE", make=_involvement,
        fields=_INVOLVEMENT_FIELDS,
        about=_("Who was involved in what form, what they raised, and what changed because of it."),
    ),
    Offer(
        name="innforingsvinduer", title=_("Windows of introduction"), theme="GOVE", make=_windows,
        fields=_WINDOWS_FIELDS,
        about=_("When each municipality introduces each initiative, planned, confirmed or declined."),
    ),
    Offer(
        name="kommuner", title=_("Municipalities and their tiles"), theme="REGI", make=_municipalities,
        fields=_MUNICIPALITIES_FIELDS,
        about=_("The municipalities of today with county, inhabitants and place in the map of equal tiles."),
    ),
    Offer(
        name="konsekvenser", title=_("Consequences for each municipality"), theme="ECON", make=publishing.consequences,
        fields=publishing.CONSEQUENCES,
        about=_("What each assessed initiative costs and frees in each municipality over all its years: P10, P50, P85 "
                "and expected, kroner and hours in columns of their own."),
    ),
    Offer(
        name="virkningslinjer", title=_("Effect lines"), theme="ECON", make=publishing.effect_lines,
        fields=publishing.EFFECT_LINES,
        about=_("Every effect behind the figures: who bears it, what drives it, how much, its source and how sure."),
    ),
    Offer(
        name="anslag-og-fasit", title=_("Estimates and what they became"), theme="ECON", make=publishing.actuals,
        fields=publishing.ACTUALS,
        about=_("Each estimate that has met real figures, by line, municipality and year, with its bounds."),
    ),
    Offer(
        name="avregninger", title=_("Settled years"), theme="ECON", make=publishing.settlements,
        fields=publishing.SETTLEMENTS,
        about=_("What each party of an agreement was due and gained in each settled year, line by line, to the øre."),
    ),
    Offer(
        name="seks-sporsmal", title=_("Answers to the six questions"), theme="GOVE", make=on_record.questions,
        fields=on_record.QUESTIONS,
        about=_("What each owner answers to the six questions of utredningsinstruksen, in the languages it is written "
                "in."),
    ),
    Offer(
        name="relevans", title=_("Verdicts of relevance"), theme="GOVE", make=on_record.verdicts,
        fields=on_record.VERDICTS,
        about=_("What the owner and KS have signed about whether it is relevant for municipalities, and by which "
                "criteria."),
    ),
    Offer(
        name="uenighet", title=_("KS' figures beside the owner's"), theme="GOVE", make=on_record.dissents,
        fields=on_record.DISSENTS,
        about=_("Every dissent that is lodged, figure by figure."),
    ),
    Offer(
        name="uttalelser", title=_("Statements and recommendations"), theme="GOVE", make=on_record.statements,
        fields=on_record.STATEMENTS,
        about=_("What KS has said of the figures, and what was recommended in the priority rounds."),
    ),
    Offer(
        name="prioriteringer", title=_("Choices in the priority rounds"), theme="GOVE", make=on_record.choices,
        fields=on_record.CHOICES,
        about=_("What the calculation suggested, what was chosen, and the reason where they differ."),
    ),
    Offer(
        name="avtaler", title=_("Agreements and their parties"), theme="ECON", make=on_record.agreements,
        fields=on_record.AGREEMENTS,
        about=_("What each party of the agreements pays and is expected to gain, to the øre, and when it signed."),
    ),
    Offer(
        name="gevinsttimer", title=_("Hours of the gain plans"), theme="ECON", make=on_record.hours,
        fields=on_record.HOURS,
        about=_("Hours estimated, measured and taken out, for each initiative and year."),
    ),
    Offer(
        name="likhet", title=_("Equality over time"), theme="GOVE", make=on_record.equality,
        fields=on_record.EQUALITY,
        about=_("Services that are open and days to a decision, by quarter and size of municipality."),
    ),
)  # fmt: skip


def _entry(address: str, offer: Offer) -> dcat.Entry:
    return dcat.Entry(
        name=offer.name,
        title=_said(offer.title),
        description=_said(offer.about),
        keywords={
            "nb": ("kommuner", "digitalisering"), "nn": ("kommunar", "digitalisering"),
            "en": ("municipalities", "digitalisation"),
        },
        theme=offer.theme,
        files={kind: f"{address}{offer.name}.{kind}" for kind in _TYPES},
    )  # fmt: skip


def _publisher() -> dcat.Publisher:
    return dcat.Publisher(
        name=_said(_("Samspill, the state and the municipalities together")),
        email=settings.SAMSPILL.get("contact", "post@samspill.example"),
    )


def _said(text: Promise) -> Mapping[str, str]:
    """Return a text in every language."""
    return dict(_in_each(text))


def _in_each(text: Promise) -> Iterator[tuple[str, str]]:
    for language in _LANGUAGES:
        with translation.override(language):
            yield language, str(text)


def _english(text: Promise) -> str:
    with translation.override("en"):
        return str(text)
