"""From a sample of live cases to an estimate for the country, with its uncertainty; never a count.

While a service is tried in some municipalities, the cases there are a sample of those in the country. Cases of one
municipality are alike (the same people handle them), so municipalities are the units that vary, not cases. What is
estimated is a ratio: minutes saved by cases. The standard error is that of the ratio of totals between clusters, the
interval Student's t with one degree of freedom less than there are municipalities.

Source: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), sections 6.3 and 9A.1. No correction for a finite country is
made: the municipalities of a trial are not drawn at random, so the interval tells of chance alone and says nothing of
how those that tried differ from the rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import attrs
import scipy  # its parts are read when first asked for: every web process imports this module

_MINUTES = 60
_LOW, _HIGH = 0.1, 0.9
#: One municipality shows no spread between municipalities.
FEWEST = 2


@attrs.frozen(kw_only=True)
class Cluster:
    """Hold the live cases of one municipality, and the minutes they saved in all; below zero when slower."""

    cases: int
    saved_minutes: Fraction


@attrs.frozen(kw_only=True)
class Scaled:
    """Hold an estimate for so many cases as the country has in a year, and the sample behind it.

    hours: expected; p10 and p90: its bounds, None when too few municipalities show a spread.
    """

    cases: int
    municipalities: int
    minutes_per_case: float
    of_cases: int
    hours: float
    p10: float | None
    p90: float | None


def scaled(clusters: Sequence[Cluster], of_cases: int) -> Scaled | None:
    """Return what the sampled cases mean for all cases of the country in a year; None without a case.

    >>> a, b = (Cluster(cases=10, saved_minutes=Fraction(m)) for m in (90, 110))
    >>> found = scaled([a, b], 6000)
    >>> found.hours, found.minutes_per_case, round(found.p10), round(found.p90)
    (1000.0, 10.0, 692, 1308)
    """
    known = [one for one in clusters if one.cases > 0]
    cases = sum(one.cases for one in known)
    if not cases:
        return None
    each = sum((one.saved_minutes for one in known), Fraction(0)) / cases
    hours = float(each * of_cases / _MINUTES)
    off = _off(known, each, cases)
    width = None if off is None else off * of_cases / _MINUTES
    return Scaled(
        cases=cases,
        municipalities=len(known),
        minutes_per_case=float(each),
        of_cases=of_cases,
        hours=hours,
        p10=None
        if width is None
        else hours + width * float(scipy.special.stdtrit(len(known) - 1, _LOW)),
        p90=None
        if width is None
        else hours + width * float(scipy.special.stdtrit(len(known) - 1, _HIGH)),
    )


def _off(known: Sequence[Cluster], each: Fraction, cases: int) -> float | None:
    """Return the standard error of minutes saved a case; None when one municipality stands alone."""
    count = len(known)
    if count < FEWEST:
        return None
    squares = sum((one.saved_minutes - each * one.cases) ** 2 for one in known)
    return math.sqrt(count / (count - 1) * squares) / cases
