"""The public register: which initiatives there are, and the story of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import attrs
from django.utils import translation

from samspill.insight.service.memory import kept
from samspill.portfolio import service as portfolio
from samspill.portfolio.service import InitiativeView, Story

_PAGE = 200


@attrs.frozen(kw_only=True)
class Wanted:
    """What to keep of the list; empty keeps all. `year` is one in which the initiative is introduced."""

    text: str = ""
    state: str = ""
    owner: str = ""
    sector: str = ""
    life_event: str = ""
    legal: str = ""
    year: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Tell whether anything is filtered away."""
        return any(attrs.astuple(self))


@attrs.frozen(kw_only=True)
class Facets:
    """What the filters offer: only what is there, with how many of each."""

    states: Sequence[tuple[str, int]]
    owners: Sequence[tuple[str, str, int]]
    sectors: Sequence[tuple[str, int]]
    life_events: Sequence[tuple[str, int]]
    legal: Sequence[tuple[str, int]]
    years: Sequence[int]


@kept
def everything() -> tuple[InitiativeView, ...]:
    """Return every published initiative, in order of title."""
    found: list[InitiativeView] = []
    after: str | None = None
    while True:
        page = portfolio.list_initiatives(
            portfolio.Filters(public_only=True, size=_PAGE), after=after
        )
        found += page.items
        after = page.after
        if after is None:
            return tuple(found)


@kept
def stories() -> tuple[tuple[InitiativeView, Story], ...]:
    """Return every published initiative with its whole story, its texts in bokmål: what the open data are made of."""
    with translation.override("nb"):
        return tuple((one, portfolio.story(one.slug)) for one in everything())


def initiatives(wanted: Wanted) -> list[InitiativeView]:
    """Return the published initiatives that match, in order of title in the reader's language."""
    found = [one for one in everything() if _matches(one, wanted)]
    return sorted(found, key=lambda one: sortable(one.title))


def facets() -> Facets:
    """Return what there is to filter by."""
    rows = everything()
    owners = {row.owner_org_no: row.owner for row in rows}
    counted = _count(row.owner_org_no for row in rows)
    return Facets(
        states=_count(row.state for row in rows),
        owners=sorted(((no, owners[no], n) for no, n in counted), key=lambda o: o[1]),
        sectors=_count(row.sector for row in rows),
        life_events=_count(row.life_event for row in rows if row.life_event),
        legal=_count(row.legal for row in rows),
        years=sorted({year for row in rows for year in years_of(row)}),
    )


def initiative_story(slug: str) -> Story:
    """Return the story of a published initiative.

    Raises:
        RefusedError: `not_found`, also for what is not published.
    """
    return portfolio.story(slug)


def years_of(one: InitiativeView) -> range:
    """Return the years of the planned introduction; none when no window is set."""
    if one.window_from is None:
        return range(0)
    last = one.window_to or one.window_from
    return range(one.window_from.year, last.year + 1)


def coming(on: dt.date) -> list[InitiativeView]:
    """Return what is on its way to municipalities or being introduced on a day, the nearest first."""
    on_the_way = {"assessed", "prioritised", "decided", "agreed", "introducing"}
    rows = [row for row in everything() if row.state in on_the_way]
    last = dt.date.max
    live = [row for row in rows if (row.window_to or last) >= on]
    return sorted(live, key=lambda row: (row.window_from or last, row.title))


def _matches(one: InitiativeView, wanted: Wanted) -> bool:
    exact = (
        (wanted.state, one.state),
        (wanted.owner, one.owner_org_no),
        (wanted.sector, one.sector),
        (wanted.life_event, one.life_event),
        (wanted.legal, one.legal),
    )
    if any(asked and asked != has for asked, has in exact):
        return False
    if wanted.year is not None and wanted.year not in years_of(one):
        return False
    return not wanted.text.strip() or one.says(wanted.text)


def sortable(text: str) -> str:
    """Return a text by which Norwegian words sort as in a Norwegian list: æ, ø and å last.

    >>> sorted(["Åpen", "Øst", "Ærlig", "Zoo"], key=sortable)
    ['Zoo', 'Ærlig', 'Øst', 'Åpen']
    """
    return text.casefold().translate(_LAST_LETTERS)


_LAST_LETTERS = str.maketrans("æäøöå", "{{||}")


def _count(values: Iterable[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
