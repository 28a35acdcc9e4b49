"""The door to municipalities: resolve, search, figures. Everything here is public information.

Reading needs no actor: names, numbers and figures of municipalities are not personal data. All
answers come from a register held in memory, made once in each process from the rows.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from typing import cast

from samspill.infra import clock
from samspill.municipalities import models, reference
from samspill.municipalities.contacts import Contact, contact, planned, set_contact
from samspill.municipalities.domain import (
    Change,
    Edge,
    Figure,
    Hit,
    Municipality,
    Name,
    NotFound,
    Part,
    Registry,
    Several,
    Span,
    Unit,
)
from samspill.municipalities.domain.files import Listed
from samspill.municipalities.domain.history import Kind

__all__ = [
    "Change",
    "Contact",
    "Edge",
    "Figure",
    "Hit",
    "Listed",
    "Municipality",
    "Name",
    "NotFound",
    "Part",
    "Several",
    "Span",
    "all_current",
    "became",
    "by_id",
    "by_org_no",
    "changes_of",
    "contact",
    "county_names",
    "current",
    "default_language",
    "figure",
    "figures",
    "last_holder",
    "listed",
    "load_reference",
    "numbers_of",
    "on",
    "planned",
    "search",
    "set_contact",
]

MAX_HITS = 50


def on(number: str, date: dt.date) -> Municipality | Several | NotFound:
    """Return who answers to a municipality number on a day.

    A number of an earlier time leads forward to what it became, a later number back to what it was
    made of. `Several` says so when it is more than one: a case must then follow the address.
    """
    return _registry().on(number, date)


def current(number: str) -> Municipality | Several | NotFound:
    """Return who answers to a municipality number today."""
    return on(number, clock.today())


def by_id(id_: uuid.UUID, *, date: dt.date | None = None) -> Municipality | None:
    """Return a municipality by its id, with number and names as of a day (today if not given)."""
    return _registry().by_id(id_, date or clock.today())


def by_org_no(org_no: str) -> Municipality | None:
    """Return the municipality with an organisation number."""
    return _registry().by_org_no(org_no, clock.today())


def all_current() -> list[Municipality]:
    """Return the municipalities of today in alphabetical order (Norwegian and Sámi letters)."""
    return _registry().all(clock.today())


def listed() -> list[Listed]:
    """Return today's list with its figures straight from the reference files: it needs no database."""
    return reference.listed()


def county_names() -> dict[str, str]:
    """Return the name of each county by its number, through all years."""
    return reference.counties()


def search(text: str, *, limit: int = 20) -> list[Hit]:
    """Find municipalities by any official name, a former name or a number; best first.

    Case, diacritics, hyphens and the spellings ae, oe and aa make no difference.
    """
    return _registry().search(text[:80], on=clock.today(), limit=min(limit, MAX_HITS))


def became(municipality: Municipality) -> tuple[Municipality, ...]:
    """Return the municipalities of today into which a former one has gone."""
    registry = _registry()
    spans = registry.spans_of(municipality.id)
    return registry.became(spans[-1], clock.today()) if spans else ()


def last_holder(number: str) -> Municipality:
    """Return the last municipality that had a number; raise KeyError when nobody ever had it."""
    return _registry().last_holder(number)


def numbers_of(id_: uuid.UUID) -> tuple[Span, ...]:
    """Return the numbers a municipality has had, oldest first."""
    return tuple(_registry().spans_of(id_))


def changes_of(id_: uuid.UUID) -> list[Edge]:
    """Return the changes a municipality took part in since 2013, oldest first."""
    return _registry().edges_of(id_)


def figure(municipality_id: uuid.UUID, key: str, year: int) -> Figure | None:
    """Return one figure with its source, year and status, or None when it is not known."""
    return _figures(municipality_id).get((key, year))


def figures(municipality_id: uuid.UUID) -> list[Figure]:
    """Return all figures of a municipality, by key and year."""
    return [value for _, value in sorted(_figures(municipality_id).items())]


def default_language(id_: uuid.UUID) -> str:
    """Return the written form the municipality asks of the state: `nn` or else `nb` (språklova)."""
    return _registry_languages().get(id_, "nb")


def load_reference() -> bool:
    """Bring the rows up to the reference files; tell whether anything was written."""
    written = reference.load()
    forget()
    return written


def forget() -> None:
    """Drop what is held in memory (after a load, and between tests)."""
    _registry.cache_clear()
    _registry_languages.cache_clear()
    _figures.cache_clear()


@functools.cache
def _registry() -> Registry:
    names: dict[uuid.UUID, list[Name]] = {}
    for row in models.MunicipalityName.objects.order_by("municipality_id", "position"):
        names.setdefault(row.municipality_id, []).append(Name(row.language, row.text))
    units = [
        Unit(row.id, row.org_no, tuple(names.get(row.id, ())))
        for row in models.Municipality.objects.all()
    ]
    spans = [
        Span(
            row.municipality_id,
            row.number,
            row.name,
            row.validity.lower,
            row.validity.upper,
        )
        for row in models.MunicipalityNumber.objects.all()
    ]
    edges = [
        _edge(row) for row in models.Succession.objects.order_by("on_date", "old_number", "id")
    ]
    return Registry(units=units, spans=spans, edges=edges, counties=reference.counties())


@functools.cache
def _registry_languages() -> dict[uuid.UUID, str]:
    nynorsk = models.MunicipalityFigure.objects.filter(key="language_form", word="nynorsk")
    return dict.fromkeys(nynorsk.values_list("municipality_id", flat=True), "nn")


@functools.lru_cache(maxsize=512)
def _figures(municipality_id: uuid.UUID) -> dict[tuple[str, int], Figure]:
    rows = models.MunicipalityFigure.objects.filter(municipality_id=municipality_id)
    return {
        (row.key, row.year): Figure(
            row.key,
            cast("str", row.word) if row.number is None else row.number.normalize(),
            row.source,
            row.year,
            row.status,
        )
        for row in rows
    }


def _edge(row: models.Succession) -> Edge:
    change = Change(
        on=row.on_date,
        old_no=row.old_number,
        old_name=row.old_name,
        new_no=row.new_number,
        new_name=row.new_name,
        kind=cast("Kind", row.kind),
        share=row.share,
        status=row.status,
        note=row.note,
    )
    return Edge(change, row.old_id, row.new_id)
