"""Put a municipality's names, figures and history into words."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs
from django.utils.formats import localize
from django.utils.translation import gettext, gettext_noop

from samspill.municipalities import service
from samspill.municipalities.domain import Edge, Figure, Municipality, Several

_LANGUAGES = {
    "nb": gettext_noop("Norwegian"),
    "se": gettext_noop("Northern Sámi"),
    "smj": gettext_noop("Lule Sámi"),
    "sma": gettext_noop("Southern Sámi"),
    "fkv": gettext_noop("Kven"),
}
_FIGURES = {
    "population": gettext_noop("Inhabitants, 1 January"),
    "language_form": gettext_noop("Written form asked for in letters from the state"),
    "centrality_index": gettext_noop("Centrality index (0–1000)"),
    "centrality_class": gettext_noop("Centrality class (1 = most central, 6 = least)"),
    "kostra_group": gettext_noop("KOSTRA group"),
    "expenditure_need": gettext_noop("Expenditure need (the country = 1)"),
    "sami_administrative_area": gettext_noop("In the administrative area for Sámi languages"),
    "robek": gettext_noop("In ROBEK: the state must approve loans"),
}
_STATUSES = {
    "published": gettext_noop("Published"),
    "derived": gettext_noop("Worked out from published figures"),
    "interval": gettext_noop("Only the range is known"),
    "uncertain": gettext_noop("Uncertain"),
}
_WORDS = {
    "yes": gettext_noop("Yes"),
    "no": gettext_noop("No"),
    "bokmål": gettext_noop("Bokmål"),
    "nynorsk": gettext_noop("Nynorsk"),
    "nøytral": gettext_noop("Neutral (either form)"),
}

_SAYINGS = {
    ("merger", False): gettext_noop("Merged from %(old)s. Number %(new_no)s."),
    ("merger", True): gettext_noop("Became part of %(new)s (number %(new_no)s)."),
    ("split", False): gettext_noop("Took over from %(old)s, which was split. Number %(new_no)s."),
    ("split_kept", False): gettext_noop("Was split. What was left got the number %(new_no)s."),
    ("split", True): gettext_noop("Was split. Parts went to %(new)s."),
    ("renumbering", False): gettext_noop(
        "New number %(new_no)s (before: %(old_no)s), because the county changed."
    ),
    ("renumbering", True): gettext_noop(
        "New number %(new_no)s (before: %(old_no)s), because the county changed."
    ),
    ("boundary", False): gettext_noop("Took over a part of %(old)s."),
    ("boundary", True): gettext_noop("A part went to %(new)s."),
    ("name", False): gettext_noop("New official name: %(new)s."),
    ("name", True): gettext_noop("New official name: %(new)s."),
}


@attrs.frozen
class ShownName:
    """A name and the name of its language."""

    text: str
    code: str
    language: str


@attrs.frozen
class ShownFigure:
    """A figure in the reader's words."""

    label: str
    value: str
    year: int
    source: str
    status: str
    is_number: bool


@attrs.frozen
class ShownPart:
    """One of the municipalities a number leads to. `share` is None when it is not known."""

    municipality: Municipality
    share: str | None


@attrs.frozen
class Happening:
    """One point of a municipality's history. `note` is the source's own Norwegian words."""

    on: dt.date | None
    text: str
    note: str = ""


def names(municipality: Municipality) -> list[ShownName]:
    """Return the official names in official order, with the names of their languages."""
    return [
        ShownName(name.text, name.language, gettext(_LANGUAGES[name.language]))
        for name in municipality.names
    ]


def figures(known: Iterable[Figure]) -> list[ShownFigure]:
    """Return the figures in the order of the page, the newest year first."""
    order = list(_FIGURES)
    ordered = sorted(known, key=lambda figure: (order.index(figure.key), -figure.year))
    return [
        ShownFigure(
            label=gettext(_FIGURES[figure.key]),
            value=_value(figure),
            year=figure.year,
            source=figure.source,
            status=gettext(_STATUSES[figure.status]),
            is_number=isinstance(figure.value, Decimal),
        )
        for figure in ordered
    ]


def _value(figure: Figure) -> str:
    if isinstance(figure.value, str):
        return gettext(_WORDS[figure.value]) if figure.value in _WORDS else figure.value
    whole = figure.value == figure.value.to_integral_value()
    value = int(figure.value) if whole else figure.value
    return localize(value, use_l10n=True) if not whole else f"{value:,}".replace(",", "\u00a0")


def parts(found: Several) -> list[ShownPart]:
    """Return where a number leads, with the share of the people in per cent."""
    return [
        ShownPart(part.municipality, None if part.share is None else _per_cent(part.share))
        for part in found.parts
    ]


def _per_cent(share: Decimal) -> str:
    return f"{localize((share * 100).quantize(Decimal('0.1')), use_l10n=True)}\u00a0%"


def history(municipality: Municipality) -> list[Happening]:
    """Return what happened to a municipality since 2013, oldest first, undated last."""
    edges = service.changes_of(municipality.id)

    def together(edge: Edge) -> tuple[dt.date | None, str, bool]:
        return edge.change.on, _kind(edge), _is_out(edge, municipality)

    return [
        _happening(on, kind, list(group), out=out)
        for (on, kind, out), group in itertools.groupby(edges, key=together)
    ]


def _kind(edge: Edge) -> str:
    """Return the kind; a municipality that goes on after its own split has a saying of its own."""
    goes_on = edge.change.kind == "split" and edge.old_id == edge.new_id
    return "split_kept" if goes_on else edge.change.kind


def _happening(on: dt.date | None, kind: str, edges: Sequence[Edge], *, out: bool) -> Happening:
    return Happening(on, _say(kind, edges, out=out), _note(edges[0]))


def _is_out(edge: Edge, municipality: Municipality) -> bool:
    return edge.old_id == municipality.id and edge.new_id != municipality.id


def _say(kind: str, edges: Sequence[Edge], *, out: bool) -> str:
    change = edges[0].change
    values = {
        "old": _list(edge.change.old_name for edge in edges),
        "new": _list(edge.change.new_name for edge in edges),
        "old_no": change.old_no,
        "new_no": change.new_no,
    }
    return gettext(_SAYINGS[kind, out]) % values


def _list(names_: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names_))
    if len(unique) == 1:
        return unique[0]
    return gettext("%(first)s and %(last)s") % {"first": ", ".join(unique[:-1]), "last": unique[-1]}


def _note(edge: Edge) -> str:
    change = edge.change
    if change.kind == "name":
        return f"{change.status}; {change.note}"
    return change.note if change.kind == "boundary" else ""
