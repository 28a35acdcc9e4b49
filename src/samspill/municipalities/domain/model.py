"""The values this room hands out."""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from typing import Literal

import attrs

Language = Literal["nb", "se", "smj", "sma", "fkv"]
Form = Literal["bokmål", "nynorsk", "nøytral"]


@attrs.frozen
class Name:
    """One official name and its language: nb (Norwegian), se, smj, sma (Sámi), fkv (Kven)."""

    language: str
    text: str


@attrs.frozen
class Municipality:
    """A municipality as it was on one day.

    `names` stand in the official order. `valid_from` and `valid_to` bound the number (half open;
    None: before the known history, or still valid). `id` never changes while the unit lives.
    """

    id: uuid.UUID
    number: str
    name: str
    names: tuple[Name, ...]
    county_no: str
    county: str
    org_no: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    name_is_unique: bool = True

    @property
    def official_name(self) -> str:
        """All official names in official order, joined as Statistics Norway does."""
        return " – ".join(name.text for name in self.names)

    @property
    def label(self) -> str:
        """The official name, with the county when another municipality has the same name."""
        return (
            self.official_name if self.name_is_unique else f"{self.official_name} ({self.county})"
        )


@attrs.frozen
class Part:
    """One of several answers: a municipality and the share of the people (None: not known)."""

    municipality: Municipality
    share: decimal.Decimal | None


@attrs.frozen
class Several:
    """The number leads to more than one municipality on that day.

    `reason` is `split` (a later day: cases must follow the address) or `merged` (an earlier day: the
    municipality was made of these).
    """

    number: str
    on: dt.date
    parts: tuple[Part, ...]
    reason: Literal["split", "merged"]


@attrs.frozen
class NotFound:
    """No municipality has or had the number: unknown, or the day is before the known history."""

    number: str
    on: dt.date
    reason: Literal["unknown_number", "before_history"]


@attrs.frozen
class Former:
    """A municipality that is no more, and what it became."""

    municipality: Municipality
    became: tuple[Municipality, ...]


@attrs.frozen
class Hit:
    """One answer to a search. `became` is empty for a municipality of today."""

    municipality: Municipality
    matched: str
    became: tuple[Municipality, ...] = ()


@attrs.frozen
class Figure:
    """One number about a municipality: never a value without its source, year and status."""

    key: str
    value: decimal.Decimal | str
    source: str
    year: int
    status: str
