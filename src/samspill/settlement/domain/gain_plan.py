"""A gain plan: what is to be freed, who takes it out, and in which state each hour is.

An hour is *estimated* until it is measured, *measured* until it is taken out, and *taken out* once. It is in one
state only, and it belongs to one gain only.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import attrs

#: How a gain is realised: a budget is cut, the time is moved to a named service, or it is not taken.
REALISED_AS = ("cash", "moved", "not_taken")
#: What is measured by itself from live cases; `reported` is what somebody counts.
INDICATORS = (
    "minutes_per_case", "returns_per_case", "share_digital", "documents_per_case", "reported_hours",
)  # fmt: skip
#: Indicators that free hours; the others tell of quality, and no hour is counted from them.
COUNTS_HOURS = frozenset({"minutes_per_case", "reported_hours"})
WHOLE_CASE = "case"
_MINUTES = 60


@attrs.frozen(kw_only=True)
class Hours:
    """Hold the hours of a gain in a year, each in one state."""

    estimated: Fraction
    measured: Fraction
    taken_out: Fraction

    @property
    def total(self) -> Fraction:
        """Return all hours, each counted once."""
        return self.estimated + self.measured + self.taken_out


@attrs.frozen(kw_only=True)
class Claimed:
    """Name the time that a gain counts: a service, a step of it, and whose time."""

    package_id: str
    step: str
    group: str

    def overlaps(self, other: Claimed) -> bool:
        """Tell whether an hour could be counted by both."""
        same = self.package_id == other.package_id and self.group == other.group
        return same and (self.step == other.step or WHOLE_CASE in {self.step, other.step})


def freed_hours(cases: int, baseline_minutes: Fraction, measured_minutes: Fraction) -> Fraction:
    """Return the hours freed: cases × (baseline minutes − measured minutes) / 60; below zero when slower.

    >>> freed_hours(30, Fraction(22), Fraction(12))
    Fraction(5, 1)
    """
    return cases * (baseline_minutes - measured_minutes) / _MINUTES


def planned_hours(cases: Fraction, minutes_saved: Fraction, ramp: Fraction) -> Fraction:
    """Return the hours a target promises: cases in a full year × minutes saved × part of the year / 60."""
    return cases * minutes_saved * ramp / _MINUTES


def states_of(planned: Fraction, measured: Fraction, taken_out: Fraction) -> Hours:
    """Return the hours by state.

    Args:
        planned: what the target of the year promises.
        measured: what is measured so far, taken out or not; may be below zero.
        taken_out: what has been taken out of it.

    >>> h = states_of(Fraction(100), Fraction(60), Fraction(20))
    >>> int(h.estimated), int(h.measured), int(h.taken_out)
    (40, 40, 20)
    """
    return Hours(
        estimated=max(Fraction(0), planned - max(Fraction(0), measured)),
        measured=measured - taken_out,
        taken_out=taken_out,
    )


def may_be_taken(measured: Fraction, taken_out: Fraction) -> Fraction:
    """Return how many hours are measured and not yet taken out."""
    return max(Fraction(0), measured - taken_out)


def first_overlap(wanted: Claimed, others: Iterable[Claimed]) -> Claimed | None:
    """Return a gain that would count the same hour, if any."""
    return next((other for other in others if wanted.overlaps(other)), None)
