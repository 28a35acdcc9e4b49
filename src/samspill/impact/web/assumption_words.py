"""The assumption set in the reader's words: what each is called, its value with its unit, and where it is from.

A set never changes, so it holds no words: they stand here, by the key of the assumption and by the source as the set
writes it. What a later set writes otherwise is shown as it stands there, marked as English, until it has its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.impact import service
from samspill.impact.web import words
from samspill.infra.charts import Numbers
from samspill.infra.written import reader
from samspill.kernel.wording import Said

NAMES: words.Words = {
    "discount_steps": gettext_lazy("Discount rate"),
    "tax_share": gettext_lazy("Cost of tax finance, for each krone of net public flow, with sign"),
    "real_growth": gettext_lazy("Growth of the value of time, a year"),
    "analysis_years": gettext_lazy("Years of effects that are counted"),
    "employers_contribution": gettext_lazy("Employer’s contribution, of the wage"),
    "hour_wage": gettext_lazy(
        "Price of an hour with holiday pay and pension, before employer’s contribution"
    ),
    "hours_per_year": gettext_lazy("Hours in a year’s work"),
    "employees_per_1000": gettext_lazy(
        "Employees for each 1,000 inhabitants, where a municipality has not given its own"
    ),
    "free_share": gettext_lazy("Share of the year’s hours that is free for change"),
    "role_shares": gettext_lazy("Share of the free hours, by role"),
    "correlation": gettext_lazy(
        "Share of the variance that the lines of one initiative have in common"
    ),
    "municipal_log_sd": gettext_lazy(
        "Spread between the municipalities of one initiative (standard deviation of the logarithm)"
    ),
    "elasticity_start": gettext_lazy("Elasticity that a new line starts with"),
    "size_steps": gettext_lazy("Steps of a tariff by size"),
}
#: Sources as the shipped sets write them, and how they are read.
SOURCES: words.Words = {
    "Finansdepartementet, rundskriv R-109/21 (4 % in years 1–40, 3 % in years 41–75, then 2 %)": gettext_lazy(
        "Ministry of Finance, circular R-109/21 of 25 June 2021 (4% in years 1–40, 3% in years 41–75, then "
        "2%)"
    ),
    "Finansdepartementet, rundskriv R-109/21": gettext_lazy(
        "Ministry of Finance, circular R-109/21 of 25 June 2021"
    ),
    "Kystverket FRAM 3.5 (falls linearly to 0 from 2060 to 2100)": gettext_lazy(
        "The Coastal Administration, FRAM 3.5 (falls linearly to 0 from 2060 to 2100)"
    ),
    "Own judgement; no circular says": gettext_lazy("Own judgement; no circular says"),
    "Stortingets vedtak om arbeidsgiveravgift for 2026 (zone 1 14.1 % … zone 5 0 %)": gettext_lazy(
        "The Storting’s decision on employer’s contribution for 2026 (zone 1 14.1% … zone 5 0%)"
    ),
    "Own judgement from the level of municipal wages; replace with KS PAI when it is loaded": gettext_lazy(
        "Own judgement from the level of municipal wages; replace with KS PAI when it is loaded"
    ),
    "37.5 hours in 52 weeks less five weeks' holiday and ten public holidays": gettext_lazy(
        "37.5 hours in 52 weeks less five weeks' holiday and ten public holidays"
    ),
    "Own judgement: some 480 000 employees of municipalities and 5.6 million inhabitants": gettext_lazy(
        "Own judgement: some 480,000 employees of municipalities and 5.6 million inhabitants"
    ),
    "Own judgement; a municipality corrects its own capacity": gettext_lazy(
        "Own judgement; a municipality corrects its own capacity"
    ),
    "Own judgement; without it percentiles become far too narrow": gettext_lazy(
        "Own judgement; without it percentiles become far too narrow"
    ),
    "Own judgement from KS FoU 154006 (cost varied strongly with the system vendor)": gettext_lazy(
        "Own judgement from KS FoU 154006 (cost varied strongly with the system vendor)"
    ),
    "Existing public tariffs by size imply 0.4 to 0.75; actuals move it": gettext_lazy(
        "Existing public tariffs by size imply 0.4 to 0.75; actuals move it"
    ),
    "The size classes of Statistics Norway, one step each": gettext_lazy(
        "The size classes of Statistics Norway, one step each"
    ),
    (
        "Concept report 51, table 6-1: final cost against P50 of 78 projects with external quality "
        "assurance, mean +2.3 %, sd 16 %"
    ): gettext_lazy(
        "Concept report 51, table 6-1: final cost against P50 of 78 projects with external quality "
        "assurance, mean +2.3%, sd 16%"
    ),
    (
        "Flyvbjerg and Gardner: 18 % of 5 392 IT projects overran by more than half. The tail beyond is "
        "heavier than this curve"
    ): gettext_lazy(
        "Flyvbjerg and Gardner: 18% of 5,392 IT projects overran by more than half. The tail beyond is "
        "heavier than this curve"
    ),
    (
        "KS FoU 154006 (2016): actual introduction cost became much higher than estimated; the amounts were "
        "not seen"
    ): gettext_lazy(
        "KS FoU 154006 (2016): actual introduction cost became much higher than estimated; the amounts were "
        "not seen"
    ),
    "Riksrevisjonen Dokument 3:6 (2015–2016): most municipalities do not work systematically with gains": gettext_lazy(
        "The Auditor General, Document 3:6 (2015–2016): most municipalities do not work systematically with "
        "gains"
    ),
}
_PER_CENT = 100
_ORDER = tuple(NAMES)


@attrs.frozen
class Row:
    """One assumption as it is read: `parts` of its value in order, and the source in some language."""

    name: str | Said
    parts: tuple[str, ...]
    source: Said
    status: str


def rows() -> list[Row]:
    """Return every assumption of the newest set in the reader's words and numbers."""
    return [
        Row(
            name=str(NAMES[item.key]) if item.key in NAMES else _in_english(item.unit or item.key),
            parts=tuple(_parts(item.key, item.value)),
            source=source(item.source),
            status=words.word(words.STATUSES, item.status),
        )
        for item in sorted(service.newest_assumptions().items.values(), key=_place)
    ]


def _place(item: Any) -> int:
    """Return where an assumption stands on the page (a set that is stored has no order), the unknown last."""
    return _ORDER.index(item.key) if item.key in _ORDER else len(_ORDER)


def source(text: str) -> Said:
    """Return a source of a set in the reader's language, or as the set writes it, which is in English.

    >>> source("Some later report").lang
    'en'
    """
    if text not in SOURCES:
        return _in_english(text)
    return Said({reader(): str(SOURCES[text])}, reader(), reader())


def _in_english(text: str) -> Said:
    return Said({"en": text}, "en", "en")


def _parts(key: str, value: Any) -> list[str]:
    """Return the parts of a value, each with its unit in the reader's number format."""
    write = _WRITTEN.get(key)
    if write is not None:
        return write(value)
    if isinstance(value, Mapping):
        return [f"{name}: {_plain(part)}" for name, part in value.items()]
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return [_plain(value)]


def _plain(value: Any) -> str:
    """Return a number with the decimals it has, at most four; anything else as it stands."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    decimals = next((n for n in range(4) if round(value, n) == value), 4)
    return Numbers(decimals=decimals).say(value)


def _share(value: float) -> str:
    share = round(_PER_CENT * value, 4)
    decimals = next((n for n in range(3) if round(share, n) == share), 3)
    return Numbers(unit="%", decimals=decimals).say(share)


def _discount(value: Sequence[Sequence[float]]) -> list[str]:
    """Return the rate of each span of years: the first year of a span is counted from the base year."""
    found = []
    for at, (first, rate) in enumerate(value):
        begins = int(first) or 1
        if at + 1 < len(value):
            years = {"first": begins, "last": int(value[at + 1][0]) - 1, "rate": _share(rate)}
            found.append(_("years %(first)s–%(last)s: %(rate)s") % years)
        else:
            found.append(
                _("from year %(first)s: %(rate)s") % {"first": begins, "rate": _share(rate)}
            )
    return found


def _by_zone(value: Mapping[str, float]) -> list[str]:
    zones = sorted(value.items())
    return [
        _("zone %(zone)s: %(rate)s") % {"zone": zone, "rate": _share(rate)} for zone, rate in zones
    ]


def _wages(value: Mapping[str, float]) -> list[str]:
    kroner = Numbers(unit="kr")
    return [f"{words.word(words.ROLES, role)}: {kroner.say(value[role])}" for role in _roles(value)]


def _by_role(value: Mapping[str, float]) -> list[str]:
    return [f"{words.word(words.ROLES, role)}: {_share(value[role])}" for role in _roles(value)]


def _roles(value: Mapping[str, float]) -> list[str]:
    """Return the roles in the order of the pages; those that somebody made up last."""
    return [
        *(role for role in words.ROLES if role in value),
        *sorted(value.keys() - words.ROLES.keys()),
    ]


def _by_size(value: Sequence[float]) -> list[str]:
    names: Sequence[str | Promise] = list(words.SIZES.values())
    return [f"{name}: {_share(part)}" for name, part in zip(names, value, strict=True)]


def _steps(value: Sequence[Sequence[float | None]]) -> list[str]:
    """Return the steps of each size, by the bound it lies below."""
    found = []
    for below, count in value:
        steps = {"steps": _plain(count), "below": _plain(below)}
        if below is None:
            found.append(_("above that: %(steps)s steps") % steps)
        elif count == 1:
            found.append(_("below %(below)s inhabitants: 1 step") % steps)
        else:
            found.append(_("below %(below)s inhabitants: %(steps)s steps") % steps)
    return found


def _growth(value: float) -> list[str]:
    """Return the growth, and that nothing rests on it: no hour of the citizens or the staff is given a price here."""
    return [
        _("%(rate)s (not in use: no present value counts hours as kroner)")
        % {"rate": _share(value)}
    ]


def _years(value: float) -> list[str]:
    return [_("%(number)s years (5 and 15 are shown beside)") % {"number": _plain(value)}]


_WRITTEN: dict[str, Callable[[Any], list[str]]] = {
    "discount_steps": _discount,
    "tax_share": lambda value: [_share(value)],
    "real_growth": _growth,
    "analysis_years": _years,
    "employers_contribution": _by_zone,
    "hour_wage": _wages,
    "hours_per_year": lambda value: [Numbers(unit=_("hours"), decimals=1).say(value)],
    "free_share": _by_size,
    "role_shares": _by_role,
    "correlation": lambda value: [_share(value)],
    "size_steps": _steps,
}
