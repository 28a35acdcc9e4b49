"""Read the reference files: today's list, the counties and the table of changes.

Pure: the text of the files comes in as rows. Which figure has which source is stated here once, and
in `data/README.md` for people.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping

import attrs

from samspill.municipalities.domain.history import KINDS, Change
from samspill.municipalities.domain.model import Figure, Name

Row = Mapping[str, str]

_SSB = "Statistisk sentralbyrå"
_LANGUAGE_COLUMNS = (
    ("se", "navn_nordsamisk"),
    ("smj", "navn_lulesamisk"),
    ("sma", "navn_sorsamisk"),
    ("fkv", "navn_kvensk"),
)


class ReferenceFileError(ValueError):
    """A reference file has a row that cannot be read; the message says which and why."""


@attrs.frozen
class Listed:
    """One municipality of today's list."""

    number: str
    name: str
    names: tuple[Name, ...]
    org_no: str | None
    figures: tuple[Figure, ...]


def read_change(row: Row) -> Change:
    """Read one row of `municipality_changes.csv`."""
    try:
        return Change(
            on=dt.date.fromisoformat(row["dato"]) if row["dato"] else None,
            old_no=row["gammelt_nummer"],
            old_name=row["gammelt_navn"],
            new_no=row["nytt_nummer"],
            new_name=row["nytt_navn"],
            kind=KINDS[row["type"]],
            share=decimal.Decimal(row["andel"]) if row["andel"] else None,
            status=row["status"],
            note=row["merknad"],
        )
    except (KeyError, ValueError, decimal.InvalidOperation) as error:
        msg = f"municipality_changes.csv: the row {dict(row)} cannot be read ({error!r})"
        raise ReferenceFileError(msg) from error


def read_listed(row: Row) -> Listed:
    """Read one row of `municipalities.csv`."""
    try:
        return Listed(
            number=row["kommunenummer"],
            name=row["navn"],
            names=_names(row),
            org_no=row["organisasjonsnummer"] or None,
            figures=tuple(_figures(row)),
        )
    except (KeyError, ValueError, decimal.InvalidOperation) as error:
        msg = (
            f"municipalities.csv: the row of {row.get('kommunenummer')} cannot be read ({error!r})"
        )
        raise ReferenceFileError(msg) from error


def _names(row: Row) -> tuple[Name, ...]:
    languages = {row[column]: language for language, column in _LANGUAGE_COLUMNS if row[column]}
    names = tuple(
        Name("nb" if text == row["navn"] else languages.get(text, "nb"), text)
        for text in row["navn_offisielt"].split(" – ")
    )
    missing = set(languages) - {name.text for name in names}
    if missing:
        msg = f"the official name lacks {sorted(missing)}"
        raise ValueError(msg)
    return names


def _figures(row: Row) -> Iterable[Figure]:
    for year in (2024, 2025, 2026):
        value = decimal.Decimal(row[f"folketall_{year}"])
        yield Figure("population", value, f"{_SSB}, 07459", year, "published")
    yield Figure("language_form", row["maalform"], *_form_source(row["maalform_sikkerhet"]))
    yield _number(
        "centrality_index",
        row["sentralitetsindeks"],
        f"{_SSB}, Klass 128",
        2024,
        "published",
    )
    yield _number(
        "centrality_class",
        row["sentralitetsklasse"],
        f"{_SSB}, Klass 128",
        2024,
        "derived",
    )
    kostra = {"kilde": "published", "utledet": "derived", "intervall": "interval"}
    status = kostra[row["kostra_gruppe_status"]]
    yield Figure("kostra_group", row["kostra_gruppe"], f"{_SSB}, Klass 112", 2020, status)
    sami = "yes" if row["samisk_forvaltningsomraade"] == "ja" else "no"
    yield Figure("sami_administrative_area", sami, "Kartverket", 2023, "published")
    robek = "yes" if row["robek_2026_04"] == "ja" else "no"
    yield Figure("robek", robek, "KDD, ROBEK 2026-04-20", 2026, "published")
    if row["utgiftsbehov_2026"]:
        source = "KDD, Grønt hefte, A-k"
        yield _number("expenditure_need", row["utgiftsbehov_2026"], source, 2026, "published")


def _form_source(certainty: str) -> tuple[str, int, str]:
    status = {
        "høy": "published",
        "utledet": "derived",
        "middels": "uncertain",
        "usikker": "uncertain",
    }
    return "Språkrådet, målvedtak", 2024, status[certainty]


def _number(key: str, text: str, source: str, year: int, status: str) -> Figure:
    return Figure(key, decimal.Decimal(text), source, year, status)
