"""What actuals teach: the posterior of a reference class, and how each forecaster's bounds held."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from samspill.impact import models
from samspill.impact.domain import calibration as curves
from samspill.impact.domain import learning
from samspill.impact.domain.assumptions import AssumptionSet, ReferenceClass
from samspill.impact.service import sets
from samspill.kernel.outcome import refuse

#: Spread between municipalities can be known only so well, however many report.
_LEAST_ERROR = 0.02
#: What is measured stands before what is reported; of each the last holds.
MEASURED = "measured"


@attrs.frozen
class Learnt:
    """A reference class before and after the actuals; n of them from how many initiatives."""

    before: ReferenceClass
    after: ReferenceClass
    actuals: int
    initiatives: int


@attrs.frozen
class Calibration:
    """How the forecasts of one forecaster (an organisation number, or all) held, in one reference class or all."""

    forecaster: str
    points: tuple[curves.Point, ...]
    n: int
    reference_class: str = ""

    @property
    def is_few(self) -> bool:
        """Tell whether there are too few to say anything of how the bounds hold."""
        return self.n < curves.FEWEST


def posterior(key: str, *, assumptions: AssumptionSet | None = None) -> Learnt:
    """Return a reference class as shipped and with all actuals taken in.

    Each initiative gives y = mean of ln(actual/expected) over its municipalities; its standard error is the spread
    between municipalities over √n. The prior of μ is the class's own, and so is the scale of τ.

    Raises:
        RefusedError: `unknown_reference_class`.
    """
    chosen = assumptions or sets.newest()
    known = chosen.reference_classes.get(key)
    if known is None:
        raise refuse(
            "unknown_reference_class",
            "There is no reference class %(key)s.",
            where="reference_class",
            remedy="Use one of: %(known)s",
            values={"key": key[:100], "known": ", ".join(sorted(chosen.reference_classes))},
        )
    return _learnt(known, _ratios(key))


def classes(assumptions: AssumptionSet) -> Mapping[str, ReferenceClass]:
    """Return the reference classes that the next estimate starts from: the shipped ones, moved by actuals."""
    seen = set(
        models.Actual.objects.exclude(reference_class="").values_list("reference_class", flat=True)
    )
    return {
        key: _learnt(known, _ratios(key)).after if key in seen else known
        for key, known in assumptions.reference_classes.items()
    }


def calibration(forecaster: str = "", reference_class: str = "") -> Calibration:
    """Return the share of actuals under P50 and P85 of a forecaster's forecasts, with its uncertainty.

    Args:
        forecaster: an organisation number; all forecasters when empty. reference_class: all when empty.
    """
    chosen = {
        name: value
        for name, value in (("forecaster", forecaster), ("reference_class", reference_class))
        if value
    }
    return _calibrated(forecaster, reference_class, standing(**chosen))


def calibrations() -> list[Calibration]:
    """Return the calibration of each forecaster in each reference class that has actuals, forecaster by forecaster.

    Each forecaster comes first with all its classes together; lines without a class are only in that.
    """
    rows = [row for row in standing() if row.forecaster]
    found = []
    for one in sorted({row.forecaster for row in rows}):
        own = [row for row in rows if row.forecaster == one]
        found.append(_calibrated(one, "", own))
        found += [
            _calibrated(one, key, [row for row in own if row.reference_class == key])
            for key in sorted({row.reference_class for row in own} - {""})
        ]
    return found


def forecasters() -> list[str]:
    """Return the organisation numbers of those whose forecasts have met actuals."""
    found = models.Actual.objects.exclude(forecaster="").values_list("forecaster", flat=True)
    return sorted(set(found))


def standing(**chosen: Any) -> list[models.Actual]:
    """Return the actuals that hold, by initiative, line, municipality and year: one of each."""
    rows = models.Actual.objects.filter(**chosen).order_by("at", "id")
    found: dict[tuple[Any, ...], models.Actual] = {}
    for row in rows:
        key = (row.initiative_id, row.line, row.municipality_id, row.year)
        old = found.get(key)
        if old is None or old.grade != MEASURED or row.grade == MEASURED:
            found[key] = row
    return [found[key] for key in sorted(found)]


def _calibrated(forecaster: str, key: str, rows: Sequence[models.Actual]) -> Calibration:
    known = [
        curves.Forecast(row.value, ((0.5, row.p50), (0.85, row.p85)))
        for row in rows
        if row.expected and row.p50 is not None and row.p85 is not None
    ]
    return Calibration(forecaster, tuple(curves.curve(known)), len(known), key)


def _learnt(known: ReferenceClass, ratios: Mapping[uuid.UUID, list[float]]) -> Learnt:
    count = sum(len(values) for values in ratios.values())
    if not count:
        return Learnt(known, known, 0, 0)
    spread = _municipal(known, ratios)
    y = np.array([np.mean(values) for values in ratios.values()])
    sigma = np.array([max(spread / math.sqrt(len(v)), _LEAST_ERROR) for v in ratios.values()])
    found = learning.posterior(y, sigma, mu_mean=known.mu, mu_sd=known.tau, tau_scale=known.tau)
    tau = (
        found.predictive_sd
        if math.isfinite(found.predictive_sd)
        else math.hypot(found.tau, found.mu_sd)
    )
    after = attrs.evolve(
        known, mu=found.mu, tau=tau, municipal=spread, n=known.n + count, status="derived"
    )
    return Learnt(known, after, count, len(ratios))


def _municipal(known: ReferenceClass, ratios: Mapping[uuid.UUID, list[float]]) -> float:
    """Return the spread between municipalities: the class's counts as ten reports."""
    weight, total = 10.0, 10.0 * known.municipal**2
    for values in ratios.values():
        if len(values) > 1:
            weight += len(values) - 1
            total += float(np.var(values) * len(values))
    return math.sqrt(total / weight)


def _ratios(key: str) -> dict[uuid.UUID, list[float]]:
    """Return ln(actual/expected) of a class by initiative; what came to nothing has no logarithm and is left out.

    Expected is the estimate as the owner gave it, without the factor of the class.
    """
    found: dict[uuid.UUID, list[float]] = {}
    for row in standing(reference_class=key):
        if row.value > 0 and row.expected:
            found.setdefault(row.initiative_id, []).append(math.log(row.value / row.expected))
    return found
