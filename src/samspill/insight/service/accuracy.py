"""Estimate against actual: each finished line, and how often the bounds of each forecaster held."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
from django.utils.translation import gettext as _

from samspill.impact import service as impact
from samspill.impact.service import Point
from samspill.infra import charts
from samspill.infra.charts import Chart, Numbers, Span
from samspill.insight.service import consequence
from samspill.insight.service.consequence import Forecast
from samspill.insight.service.words import KINDS, word


@attrs.frozen(kw_only=True)
class Lesson:
    """What a kind of estimate usually comes to, in times the estimate: at first, and after the actuals."""

    kind: str
    before: str
    after: str
    actuals: int


@attrs.frozen(kw_only=True)
class Accuracy:
    """Every forecast with its actual, as pictures; kroner and hours apart."""

    forecasts: Sequence[Forecast]
    scatter: Chart
    hours: Chart
    calibration: Chart
    half: Chart
    most: Chart
    lessons: Sequence[Lesson]
    measured: int
    scaled: int

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has been reported yet."""
        return not self.forecasts


def estimate_and_actual() -> Accuracy:
    """Return how estimates compare with what happened."""
    found = consequence.forecasts()
    return Accuracy(
        forecasts=found,
        scatter=_scatter(found, "NOK", "accuracy-nok", _("Kroner: estimate and actual")),
        hours=_scatter(found, "hours", "accuracy-hours", _("Hours: estimate and actual")),
        calibration=charts.calibration(
            key="calibration",
            title=_("How often the bounds held"),
            points=_held(found),
            note=_(
                "On the dashed line a P50 holds half of the time, and a P85 in 85 of 100 cases."
            ),
        ),
        half=_by_owner(found, 0, _("Share of actuals under P50, which should be half")),
        most=_by_owner(found, 1, _("Share of actuals under P85, which should be 85 per cent")),
        lessons=_lessons(),
        measured=sum(one.measured for one in found),
        scaled=sum(one.scaled_to is not None for one in found),
    )


def _scatter(found: Sequence[Forecast], unit: str, key: str, title: str) -> Chart:
    dots = [
        charts.Dot(label=_label(one), x=one.p50, y=one.actual, url=one.url)
        for one in found
        if one.unit == unit
    ]
    return charts.scatter(
        key=key,
        title=title,
        dots=dots,
        x_label=_("Estimate (P50)"),
        y_label=_("Actual"),
        numbers=Numbers(unit="kr" if unit == "NOK" else _("hours")),
        label=_("Initiative and line"),
        note=_("Above the dashed line it became more than estimated."),
    )


def _label(one: Forecast) -> str:
    """Return a forecast's name; one that is scaled up says from how many live cases."""
    if one.scaled_to is None:
        return one.label
    return _("%(label)s (estimate from %(cases)s live cases)") % {
        "label": one.label,
        "cases": one.cases,
    }


def _held(found: Sequence[Forecast]) -> list[tuple[float, float, int]]:
    return [(one.said, one.held, one.n) for one in _points(found)]


def _points(found: Sequence[Forecast]) -> list[Point]:
    """Return how many came under P50 and under P85, with how sure that is; nothing without forecasts."""
    if not found:
        return []
    under = ((0.50, sum(one.actual <= one.p50 for one in found)),
             (0.85, sum(one.actual <= one.p85 for one in found)))  # fmt: skip
    return [impact.calibration_point(said, count, len(found)) for said, count in under]


def _by_owner(found: Sequence[Forecast], at: int, title: str) -> Chart:
    """Return the share under one bound (0: P50, 1: P85) for all, each owner, and each owner's kinds of estimate."""
    groups: list[tuple[str, Sequence[Forecast]]] = [(_("All together"), found)] if found else []
    for owner in sorted({one.owner for one in found}):
        own = [one for one in found if one.owner == owner]
        groups.append((owner, own))
        groups += [
            (f"{owner}: {word(KINDS, kind)}", [one for one in own if one.kind == kind])
            for kind in sorted({one.kind for one in own} - {""})
        ]
    return charts.spans(
        key=f"owners-{at}",
        title=title,
        rows=[_span(label, _points(own)[at]) for label, own in groups],
        promised=(50.0, 85.0)[at],
        label=_("Who estimated, and what"),
        note=_(
            "The upright line is what was promised, the dot what happened. The bar is where the true share probably "
            "lies (90 per cent, Wilson's interval); few figures make it long. Figures of one initiative lean on "
            "each other, so in truth it is longer."
        ),
    )


def _span(label: str, point: Point) -> Span:
    few = _("%(label)s (%(number)s figures: too few to say)")
    return Span(
        label=few % {"label": label, "number": point.n} if point.is_few else label,
        value=100 * point.held,
        low=100 * point.low,
        high=100 * point.high,
        count=point.n,
        text=_meaning(point),
    )


def _meaning(point: Point) -> str:
    if point.is_few:
        return _("Too few to say anything")
    if point.fits:
        return _("Fits what was promised")
    if point.high < point.said:
        return _("Comes to more than the bound too often")
    return _("Comes to less than the bound more often than promised")


def _lessons() -> list[Lesson]:
    """Return what each kind of estimate has come to, as believed at first and now."""
    how = Numbers(decimals=2)
    found = []
    for key in impact.newest_assumptions().reference_classes:
        one = impact.posterior(key)
        before, after = how.say(math.exp(one.before.mu)), how.say(math.exp(one.after.mu))
        found.append(Lesson(kind=word(KINDS, key), before=before, after=after, actuals=one.actuals))
    return found
