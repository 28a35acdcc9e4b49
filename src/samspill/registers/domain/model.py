"""What one asks a register, and what comes back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from samspill.kernel.ids import NationalId
from samspill.kernel.periods import Month, parse_duration

FailureKind = Literal["denied", "invalid", "notfound", "throttled", "unavailable", "expired"]
_TIME = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_DAYS_OF_MONTH = 28
KEPT_AT_MOST = dt.timedelta(days=90)
"""A reply of a register is deleted after this, however long a service declares it fresh."""


def _fresh(text: str) -> dt.timedelta:
    """Return the span of an ISO duration; a month counts as 28 days, never too long."""
    match = _TIME.fullmatch(text)
    if match is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    duration = parse_duration(text)
    return dt.timedelta(days=duration.months * _DAYS_OF_MONTH + duration.days)


@attrs.frozen
class Declaration:
    """The look-up as a published package declares it: without this no register is asked (SP-01).

    `fresh_for` is an ISO duration (`P1D`, `PT2H`); nothing is kept longer, `PT0S` keeps nothing.
    `needs_protected_address` only for a task of a cleared unit: else the address of a person with
    fortrolig or strengt fortrolig address never leaves this room.
    """

    package_id: str
    version: str
    name: str
    register: str
    legal_basis: str
    purpose: str
    fresh_for: str = "PT0S"
    params: Mapping[str, Any] = attrs.field(factory=dict)
    needs_protected_address: bool = False

    @property
    def keeps_for(self) -> dt.timedelta:
        """How long a reply may be used again: what is declared, and at most `KEPT_AT_MOST` (SP-12).

        Raises ValueError on a text that is no duration.
        """
        return min(_fresh(self.fresh_for), KEPT_AT_MOST)

    def lacks(self) -> str:
        """Return the first thing that a lawful look-up must state and this one does not, or ''."""
        stated = ("package_id", "version", "name", "register", "legal_basis", "purpose")
        return next((field for field in stated if not getattr(self, field).strip()), "")


Period = Month | int | None


@attrs.frozen
class Ask:
    """One question to a register about many people on one day (`period`: a month or a year)."""

    persons: tuple[NationalId, ...]
    on: dt.date
    period: Period = None
    params: Mapping[str, Any] = attrs.field(factory=dict)
    needs_protected_address: bool = False

    @property
    def month(self) -> Month:
        """The month asked about: the period, else the month of the day."""
        return self.period if isinstance(self.period, Month) else Month.of(self.on)


def period_key(period: Period) -> str:
    """Return a period as text."""
    return "" if period is None else str(period)


@attrs.frozen
class Found:
    """What the register says, in the normal shape of its kind. Personal data."""

    data: Mapping[str, Any]
    source: str
    fetched_at: dt.datetime
    sha256: str

    def __repr__(self) -> str:
        return f"Found({self.source}, {self.fetched_at:%Y-%m-%dT%H:%MZ}, …)"


@attrs.frozen
class NotFound:
    """The register answered, and does not know the person."""

    source: str


@attrs.frozen
class Unavailable:
    """The register gave no usable answer.

    `message_key` is an English msgid for the user; its placeholder `source` is the field of that name.
    """

    component: str
    kind: FailureKind
    retry_after: float | None
    message_key: str
    source: str = ""
    ref: str = ""


Outcome = Found | NotFound | Unavailable


@attrs.frozen
class PersonChange:
    """One item of the event feed: which number, what kind of change, when."""

    sequence: int
    person: str = attrs.field(repr=False)
    kind: str
    at: dt.datetime | None


def chunks(persons: Sequence[NationalId], size: int) -> list[tuple[NationalId, ...]]:
    """Cut a list into batches; each person once, in the order given."""
    unique = tuple(dict.fromkeys(persons))
    return [unique[i : i + size] for i in range(0, len(unique), size)]
