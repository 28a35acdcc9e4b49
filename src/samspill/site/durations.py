"""A duration of a package (ISO 8601) in words."""

from __future__ import annotations

from django.utils.translation import ngettext

from samspill.kernel.periods import parse_duration

_MONTHS = 12


def in_words(duration: str) -> str:
    """Say a duration of the package (ISO 8601) in the words of the language in use.

    >>> in_words("P10Y"), in_words("P30D"), in_words("P1M")
    ('10 år', '30 dager', '1 måned')
    """
    span = parse_duration(duration)
    if span.months and span.months % _MONTHS == 0:
        years = span.months // _MONTHS
        return ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    if span.months:
        return ngettext("%(n)s month", "%(n)s months", span.months) % {"n": span.months}
    return ngettext("%(n)s day", "%(n)s days", span.days) % {"n": span.days}
