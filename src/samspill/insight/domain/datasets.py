"""The shape of open data: rows of plain values with columns that say what they are; as CSV, JSON and in the catalogue.

Names of data sets, columns and addresses never change their meaning; a new meaning gets a new name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from samspill.kernel import spreadsheet

Kind = Literal["string", "integer", "number", "date", "boolean"]
Plain = str | int | float | bool | dt.date | None


@attrs.frozen(kw_only=True)
class Field:
    """One column: name, kind, unit (blank for none) and what it says, in English."""

    name: str
    kind: Kind = "string"
    unit: str = ""
    about: str = ""


@attrs.frozen(kw_only=True)
class Dataset:
    """One set of open data with its rows; `key` names the columns that tell rows apart."""

    name: str
    fields: Sequence[Field]
    rows: Sequence[Sequence[Plain]]
    key: tuple[str, ...]

    def __attrs_post_init__(self) -> None:
        """Refuse rows of another length than the columns: that would be a fault of ours."""
        wrong = next((row for row in self.rows if len(row) != len(self.fields)), None)
        if wrong is not None:
            message = f"{self.name}: a row has {len(wrong)} values for {len(self.fields)} columns"
            raise ValueError(message)

    def csv(self) -> str:
        """Return CSV (RFC 4180 with LF): a header of column names, ISO dates, point as decimal sign, blank for none."""
        head = [field.name for field in self.fields]
        rows = ([_as_text(value) for value in row] for row in self.rows)
        return spreadsheet.table([head, *rows], end="\n")

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as objects of plain JSON values."""
        names = [field.name for field in self.fields]
        return [dict(zip(names, map(_as_json, row), strict=True)) for row in self.rows]

    def json(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Return the set as one object: what it is, its columns, its rows."""
        columns = [attrs.asdict(field) for field in self.fields]
        return {
            "name": self.name,
            **about,
            "key": list(self.key),
            "columns": columns,
            "rows": self.records(),
        }


def _as_text(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    # A sheet must not take a text that begins like a formula for one.
    return (
        f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "@", "\t", "\r"} else text
    )


def _as_json(value: Plain) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
