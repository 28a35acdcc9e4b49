"""Estimate against actual: each finished line, and how often the bounds of each forecaster held."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from django.utils.translation import gettext as _

from samspill.infra import charts
from samspill.infra.charts import Chart, Numbers
from samspill.insight.service import consequence
from samspill.insight.service.consequence import Forecast


@attrs.frozen(kw_only=True)
class Accuracy:
    """Every forecast with its actual, as pictures; kroner and hours apart."""

    forecasts: Sequence[Forecast]
    scatter: Chart
    hours: Chart
    calibration: Chart
    owners: Sequence[tuple[str, int, float, float]]

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
        owners=_owners(found),
    )


def _scatter(found: Sequence[Forecast], unit: str, key: str, title: str) -> Chart:
    dots = [
        charts.Dot(label=one.label, x=one.p50, y=one.actual, url=one.url)
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


def _held(found: Sequence[Forecast]) -> list[tuple[float, float, int]]:
    if not found:
        return []
    number = len(found)
    return [
        (0.50, sum(one.actual <= one.p50 for one in found) / number, number),
        (0.85, sum(one.actual <= one.p85 for one in found) / number, number),
    ]


def _owners(found: Sequence[Forecast]) -> list[tuple[str, int, float, float]]:
    """Return (owner, how many, share under P50, share under P85), the most first."""
    by_owner: dict[str, list[Forecast]] = {}
    for one in found:
        by_owner.setdefault(one.owner, []).append(one)
    rows = [
        (
            owner,
            len(own),
            100 * sum(one.actual <= one.p50 for one in own) / len(own),
            100 * sum(one.actual <= one.p85 for one in own) / len(own),
        )
        for owner, own in by_owner.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))
