"""Dates as the law counts them: months (terms), validity, working days, durations.

Instants are UTC; what day it is, is decided in Europe/Oslo.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

if TYPE_CHECKING:
    from holidays import HolidayBase

OSLO = ZoneInfo("Europe/Oslo")
_SATURDAY = 5
_MONTHS = 12


@attrs.frozen(order=True)
class Month:
    """A calendar month, the unit that terms are counted in."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Return the month of `YYYY-MM`; raise ValueError on anything else.

        >>> Month.parse("2026-08")
        Month(year=2026, month=8)
        """
        match = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
        if match is None:
            msg = f"{text!r} is not a month; write it as YYYY-MM, for example 2026-08"
            raise ValueError(msg)
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: dt.date) -> Month:
        """Return the month that a day lies in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __add__(self, months: int) -> Month:
        count = self.year * _MONTHS + self.month - 1 + months
        return Month(count // _MONTHS, count % _MONTHS + 1)

    def __sub__(self, months: int) -> Month:
        return self + -months

    @property
    def first(self) -> dt.date:
        """The first day of the month."""
        return dt.date(self.year, self.month, 1)

    @property
    def last(self) -> dt.date:
        """The last day of the month."""
        return (self + 1).first - dt.timedelta(days=1)

    def day(self, number: int) -> dt.date:
        """Return a day of the month; beyond its end, the last day."""
        return min(self.first + dt.timedelta(days=number - 1), self.last)


@attrs.frozen
class Period:
    """Days from and including `start` to and including `end` (None: no end)."""

    start: dt.date
    end: dt.date | None = None

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@functools.cache
def _holidays() -> HolidayBase:
    import holidays  # its calendars take 5 MB: loaded when the first working day is asked for

    return holidays.country_holidays("NO")


def is_working_day(day: dt.date) -> bool:
    """Tell whether a day is neither Saturday, Sunday nor a Norwegian public holiday."""
    return day.weekday() < _SATURDAY and day not in _holidays()


def working_day_on_or_after(day: dt.date) -> dt.date:
    """Return the day, or the first working day after it.

    >>> working_day_on_or_after(dt.date(2026, 7, 25))
    datetime.date(2026, 7, 27)
    """
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def working_day_on_or_before(day: dt.date) -> dt.date:
    """Return the day, or the last working day before it."""
    while not is_working_day(day):
        day -= dt.timedelta(days=1)
    return day


@attrs.frozen
class Duration:
    """A span of whole months and days, as ISO 8601 writes it (`P3W`, `P30D`, `P1M`, `P1Y`)."""

    months: int = 0
    days: int = 0

    def after(self, day: dt.date) -> dt.date:
        """Return the day that lies this long after `day`; a month's end stays a month's end."""
        month = Month.of(day) + self.months
        return month.day(day.day) + dt.timedelta(days=self.days)


@functools.lru_cache(maxsize=256)
def parse_duration(text: str) -> Duration:
    """Return the duration of an ISO 8601 text in years, months, weeks and days.

    >>> parse_duration("P3W")
    Duration(months=0, days=21)
    """
    match = re.fullmatch(r"P(?=\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?", text)
    if match is None:
        msg = f"{text!r} is not a duration; write for example P30D, P3W or P1M"
        raise ValueError(msg)
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return Duration(years * _MONTHS + months, weeks * 7 + days)


def oslo_date(instant: dt.datetime) -> dt.date:
    """Return the calendar day in Norway of an aware instant."""
    return instant.astimezone(OSLO).date()
