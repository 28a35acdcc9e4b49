"""The figures of one initiative's story: consequences first and now, who loses, agreement, gain plan, hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _

from samspill.impact import service as impact
from samspill.infra.charts import Chart, Numbers
from samspill.insight.domain.shapes import Range
from samspill.insight.service import consequence, gains
from samspill.insight.service.consequence import three_digits
from samspill.insight.service.gains import HourStory
from samspill.portfolio.service import EvidenceView, Story
from samspill.settlement import service as settlement

_MILLION = 1e6


@attrs.frozen(kw_only=True)
class Total:
    """One sum of an assessment: its name and unit, and what it is now and was in the first estimate."""

    name: str
    unit: str
    now: Range
    first: Range | None

    @property
    def heading(self) -> str:
        """Its name with its unit."""
        return f"{self.name} ({_('million kroner') if self.unit == 'NOK' else _('hours')})"

    def said(self, value: float) -> str:
        """Return a value as it is written: millions of kroner with a decimal, hours to three digits."""
        if self.unit == "NOK":
            return Numbers(decimals=1).say(value / _MILLION)
        return Numbers().say(three_digits(value))


@attrs.frozen(kw_only=True)
class Promise:
    """One gain of the plan: what, whose, by which indicator, from which baseline, by year, and how it is taken."""

    name: str
    owner: str
    indicator: str
    baseline: str
    target: Sequence[tuple[str, str]]
    realised_as: str


@attrs.frozen(kw_only=True)
class Overtaken:
    """An estimate or claim that figures from real use have overtaken: a line in a year, in some municipalities.

    estimated and actual are sums over them; share is per cent of the estimate. cases: the live cases behind it, 0 when
    it rests on none. is_scaled: the actual is an estimate for all cases there, from a sample of live ones.
    """

    line: str
    source: str
    year: int
    municipalities: int
    estimated: str
    actual: str
    share: str
    cases: int = 0
    is_scaled: bool = False


@attrs.frozen(kw_only=True)
class CountryHours:
    """What live cases of a year mean for the country, in words: an estimate, with the sample it rests on."""

    name: str
    year: int
    is_over: bool
    hours: str
    low: str
    high: str
    minutes: str
    cases: str
    municipalities: int
    of_cases: str
    source: str


@attrs.frozen(kw_only=True)
class StoryFigures:
    """All figures of the story; what is not there yet is empty."""

    assessed: EvidenceView | None
    status: str
    assumption_set: str
    totals: Sequence[Total]
    charts: Sequence[Chart]
    losers: Chart | None
    losing: tuple[int, int]
    agreement: EvidenceView | None
    signed: bool
    closes: bool
    unsigned: Sequence[str]
    promises: Sequence[Promise]
    hours: HourStory
    hours_chart: Chart
    overtaken: Sequence[Overtaken]
    country: Sequence[CountryHours]


def story_figures(found: Story) -> StoryFigures:
    """Return the figures of a story."""
    now = found.current_baseline or found.evidence.get("assessment")
    agreement = found.evidence.get("agreement")
    plan = found.evidence.get("gain_plan")
    pictures = consequence.story_charts(found)
    losers, losing = consequence.losers_of(found)
    hours = gains.hours_of(found.initiative.id)
    return StoryFigures(
        assessed=now,
        status=_status(now),
        assumption_set=str(now.body.get("assumption_set", "")) if now else "",
        totals=_totals(now, found.first_baseline),
        charts=pictures,
        losers=losers,
        losing=losing,
        agreement=agreement,
        signed=bool(agreement and agreement.body.get("signed")),
        closes=bool(agreement and agreement.body.get("closes")),
        unsigned=[
            str(party) for party in (agreement.body.get("unsigned", ()) if agreement else ())
        ],
        promises=[_promise(item) for item in (plan.body.get("items", ()) if plan else ())],
        hours=hours,
        hours_chart=gains.hours_chart(hours),
        overtaken=_overtaken(found),
        country=_country(found),
    )


def _country(found: Story) -> list[CountryHours]:
    """Return what the live cases of each year mean for the country, the newest year first."""
    hours, minutes, plain = Numbers(unit=_("hours")), Numbers(decimals=1), Numbers()
    return [
        CountryHours(
            name=one.name,
            year=one.year,
            is_over=one.is_over,
            hours=hours.say(three_digits(one.found.hours)),
            low=plain.say(three_digits(one.found.p10)) if one.found.p10 is not None else "",
            high=hours.say(three_digits(one.found.p90)) if one.found.p90 is not None else "",
            minutes=minutes.say(one.found.minutes_per_case),
            cases=plain.say(one.found.cases),
            municipalities=one.found.municipalities,
            of_cases=plain.say(one.found.of_cases),
            source=one.source,
        )
        for one in reversed(settlement.national(found.initiative.id))
    ]


def _overtaken(found: Story) -> list[Overtaken]:
    """Return each line and year that has actuals: what was estimated there, and what it became."""
    sources = {
        line.name or line.key: line.source for line in impact.forecast_lines(found.initiative.id)
    }
    groups: dict[tuple[str, int, str], list[consequence.Forecast]] = {}
    for one in consequence.forecasts():
        if one.slug == found.initiative.slug:
            groups.setdefault((one.line, one.year, one.unit), []).append(one)
    shown = []
    for (line, year, unit), rows in sorted(groups.items()):
        estimated, actual = sum(one.expected for one in rows), sum(one.actual for one in rows)
        scaled = any(one.scaled_to for one in rows)
        how = Numbers(unit="kr" if unit == "NOK" else _("hours"))
        shown.append(
            Overtaken(
                line=line,
                source=sources.get(line, ""),
                year=year,
                municipalities=len(rows),
                estimated=how.say(three_digits(estimated)),
                actual=how.say(three_digits(actual) if scaled else actual),
                share=Numbers(unit="%").say(100 * actual / estimated),
                cases=sum(one.cases or 0 for one in rows),
                is_scaled=scaled,
            )
        )
    return shown


def _status(now: EvidenceView | None) -> str:
    words = {
        "draft": _("Draft"),
        "consulted": _("Out for consultation"),
        "agreed": _("Agreed with KS"),
        "dissent": _("KS has other figures"),
        "frozen": _("Frozen"),
    }
    return words.get(str(now.body.get("status", "")), "") if now else ""


def _totals(now: EvidenceView | None, first: EvidenceView | None) -> list[Total]:
    """Return the sums of the assessment in force beside those of the first one that was frozen."""
    known = dict((now.body.get("totals") or {}) if now else {})
    before = dict((first.body.get("totals") or {}) if first and now and first.id != now.id else {})
    names = {
        "net_cost": _("Net cost, all years"),
        "net_hours": _("Hours used less freed, all years"),
    }
    order = list(names)
    shown_first = sorted(
        known.items(),
        key=lambda item: (item[0] not in names, order.index(item[0]) if item[0] in names else 0),
    )
    return [
        Total(
            name=names.get(key, key.replace("_", " ")),
            unit=str(total.get("unit", "NOK")),
            now=shown,
            first=_range(before.get(key)),
        )
        for key, total in shown_first
        if isinstance(total, Mapping) and (shown := _range(total)) is not None
    ]


def _range(total: Any) -> Range | None:
    """Return the figures of a deposited sum; None when it is not whole."""
    if not isinstance(total, Mapping):
        return None
    values = [total.get(key) for key in ("p10", "p50", "p85", "mean")]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return None
    p10, p50, p85, mean = (float(value) for value in values if value is not None)
    return Range(p10=p10, p50=p50, p85=p85, mean=mean)


def _promise(item: Any) -> Promise:
    """Return one gain of the deposited plan."""
    body = item if isinstance(item, Mapping) else {}
    target = body.get("target")
    return Promise(
        name=str(body.get("name", "")),
        owner=str(body.get("owner", "")),
        indicator=str(body.get("indicator", "")),
        baseline=_amount(body.get("baseline"), str(body.get("indicator", ""))),
        target=_targets(target, str(body.get("indicator", "")))
        if isinstance(target, Mapping)
        else [],
        realised_as=_realised().get(
            str(body.get("realised_as", "")), str(body.get("realised_as", ""))
        ),
    )


def _amount(value: Any, indicator: str) -> str:
    """Return a figure of an indicator with its unit, without decimals that say nothing."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    said = Numbers(decimals=0 if float(value).is_integer() else 1).say(float(value))
    units = {
        "minutes_per_case": _("%(number)s minutes a case"),
        "returns_per_case": _("%(number)s returns a case"),
        "documents_per_case": _("%(number)s documents a case"),
        "reported_hours": _("%(number)s hours a year"),
    }
    return units.get(indicator, "%(number)s") % {"number": said}


def _targets(target: Mapping[str, Any], indicator: str) -> list[tuple[str, str]]:
    """Return the targets, years in a row with the same one as one."""
    found: list[tuple[str, str, str]] = []
    for year, value in sorted(target.items()):
        said = _amount(value, indicator)
        if found and found[-1][2] == said:
            found[-1] = (found[-1][0], year, said)
        else:
            found.append((year, year, said))
    return [(first if first == last else f"{first}–{last}", said) for first, last, said in found]


def _realised() -> dict[str, str]:
    return {
        "cash": _("Taken out as money: a budget is cut"),
        "moved": _("Moved to another task"),
        "not_taken": _("Not taken out"),
    }
