"""Learning from actuals: what a line really came to, the posterior of its reference class, and calibration."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from django.db import transaction

from samspill.impact import country, events, models
from samspill.impact.domain import calibration as curves
from samspill.impact.domain import learning, reading, simulation
from samspill.impact.domain.assumptions import AssumptionSet, ReferenceClass, read_set
from samspill.impact.domain.lines import EffectLine
from samspill.impact.domain.weights import Initiative
from samspill.impact.service import access, describing, drivers, sets
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import Actor, system
from samspill.kernel.outcome import refuse
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio

#: No municipality is asked for more figures in a year.
MOST_ASKED = 5
#: Spread between municipalities can be known only so well, however many report.
_LEAST_ERROR = 0.02
_SYSTEM = system("impact")


@attrs.frozen
class Asked:
    """A figure a municipality is asked for: the line, what was expected there, and what it has reported."""

    initiative_id: uuid.UUID
    title: str
    line: str
    name: str
    unit: str
    year: int
    expected: float
    reported: float | None


@attrs.frozen
class Learnt:
    """A reference class before and after the actuals; n of them from how many initiatives."""

    before: ReferenceClass
    after: ReferenceClass
    actuals: int
    initiatives: int


@attrs.frozen
class Calibration:
    """How the forecasts of one forecaster (an organisation number, or all) held."""

    forecaster: str
    points: tuple[curves.Point, ...]
    n: int


def report_actual(
    actor: Actor,
    *,
    initiative_id: uuid.UUID,
    line: str,
    municipality_id: uuid.UUID,
    year: int,
    value: float,
    source: str,
) -> models.Actual:
    """Record what a line really came to in a municipality in a year; the last report holds.

    The forecast it is compared with is of the newest frozen assessment, or of the newest one there is.

    Raises:
        RefusedError: `not_own_municipality`, `not_found`, `no_forecast`, `unknown_line`, a negative value.
    """
    access.own_municipality(actor, municipality_id)
    view = access.readable(actor, initiative_id)
    amount = reading.number(value, "value", least=0)
    assessment = _forecast_of(initiative_id)
    found = _line(assessment, line)
    number = _number(municipality_id)
    forecast = _forecast(assessment, found, number, year)
    with transaction.atomic():
        row = models.Actual.objects.create(
            initiative_id=initiative_id, line=line, municipality_id=municipality_id, year=year, value=amount,
            unit=found.unit, expected=forecast["mean"], p50=forecast["p50"], p85=forecast["p85"],
            reference_class=found.uncertainty.reference_class if found.uncertainty else "",
            forecaster=view.owner_org_no, source=reading.text(source, "source", most=2000),
            by_org_no=actor.org_no or "", by_person_id=actor.person_id, at=clock.now(),
        )  # fmt: skip
        told = events.ActualReported(
            initiative_id=initiative_id, municipality_id=municipality_id, line=line, year=year
        )
        log.append(told, actor=actor)
    return row


def asked(municipality_id: uuid.UUID, year: int, *, actor: Actor | None = None) -> list[Asked]:
    """Return the at most five figures a municipality is asked for of a year: those that matter most to it.

    Hours come before kroner (a case log measures them by itself), then the largest expected amounts.
    """
    number = _number(municipality_id)
    told = {
        (r.initiative_id, r.line): r.value
        for r in _last(municipality_id=municipality_id, year=year)
    }
    found: list[tuple[bool, float, Asked]] = []
    rows = models.Assessment.objects.filter(state="frozen").select_related(
        "line_set", "assumptions"
    )
    for row in rows.order_by("initiative_id", "-number").distinct("initiative_id"):
        view = access.readable(actor, row.initiative_id)
        found += [
            (line.column != "hours", -amount, Asked(row.initiative_id, view.title, line.key, line.name or line.key,
             line.unit, year, amount, told.get((row.initiative_id, line.key))))
            for line, amount in _expected(row, number, year)
        ]  # fmt: skip
    ranked = sorted(found, key=lambda item: item[:2])
    return [item[2] for item in ranked[:MOST_ASKED]]


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


def calibration(forecaster: str = "") -> Calibration:
    """Return the share of actuals under P50 and P85 of a forecaster's forecasts (all forecasters when empty)."""
    rows = _last(**({"forecaster": forecaster} if forecaster else {}))
    known = [
        curves.Forecast(row.value, ((0.5, row.p50), (0.85, row.p85)))
        for row in rows
        if row.p50 is not None and row.p85 is not None
    ]
    return Calibration(forecaster, tuple(curves.curve(known)), len(known))


def forecasters() -> list[str]:
    """Return the organisation numbers of those whose forecasts have met actuals."""
    found = models.Actual.objects.exclude(forecaster="").values_list("forecaster", flat=True)
    return sorted(set(found))


def actuals_of(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> list[models.Actual]:
    """Return the actuals of an initiative that hold, by line, municipality and year."""
    access.readable(actor, initiative_id)
    return _last(initiative_id=initiative_id)


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
    for row in _last(reference_class=key):
        if row.value > 0 and row.expected:
            found.setdefault(row.initiative_id, []).append(math.log(row.value / row.expected))
    return found


def _last(**chosen: Any) -> list[models.Actual]:
    rows = models.Actual.objects.filter(**chosen)
    key = ("initiative_id", "line", "municipality_id", "year")
    return list(rows.order_by(*key, "-at", "-id").distinct(*key))


def _forecast_of(initiative_id: uuid.UUID) -> models.Assessment:
    rows = models.Assessment.objects.filter(initiative_id=initiative_id).select_related(
        "line_set", "assumptions"
    )
    row = (
        rows.filter(state="frozen").order_by("-number").first() or rows.order_by("-number").first()
    )
    if row is None:
        raise refuse(
            "no_forecast",
            "Nobody has calculated what this was expected to come to.",
            where="initiative_id",
            remedy="Ask the owner of the initiative for an assessment.",
        )
    return row


def _line(row: models.Assessment, key: str) -> EffectLine:
    found = next((line for line in describing.read(row.line_set.lines) if line.key == key), None)
    if found is None:
        raise refuse(
            "unknown_line",
            "The assessment has no line %(key)s.",
            where="line",
            remedy="Choose one of the lines of the assessment.",
            values={"key": key[:100]},
        )
    return found


def _number(municipality_id: uuid.UUID) -> str:
    found = municipalities.by_id(municipality_id)
    if found is None:
        raise refuse(
            "unknown_municipality",
            "There is no such municipality today.",
            where="municipality_id",
            remedy="Choose a municipality of today.",
        )
    return found.number


def _expected(row: models.Assessment, number: str, year: int) -> list[tuple[EffectLine, float]]:
    """Return the lines that the municipality bears in a year, with the estimate of each."""
    found = []
    for line in describing.read(row.line_set.lines):
        if line.bearer == "municipality" and line.column is not None:
            amount = _forecast(row, line, number, year, draws=64)["mean"]
            if amount > 0:
                found.append((line, amount))
    return found


def _forecast(
    row: models.Assessment, line: EffectLine, number: str, year: int, *, draws: int = 2048
) -> dict[str, float]:
    """Return estimate (`mean`, without the reference class's factor), P50 and P85 of a line in one municipality."""
    parameters = read_set(row.assumptions.body).parameters()
    places = [p for p in drivers.laid_over(country.facts(), row.drivers) if p.number == number]
    view = portfolio.get(row.initiative_id, actor=_SYSTEM)
    start = view.window_from.year if view.window_from else row.first_year

    def ask(chosen: EffectLine, size: int) -> dict[str, float]:
        item = Initiative(str(row.initiative_id), (chosen,), start)
        asked_ = simulation.Request(
            (item,), tuple(places), (year, year), size, row.seed, parameters
        )
        outcome = simulation.simulate(asked_)
        column = chosen.column
        assert column is not None
        return {k: abs(v) for k, v in outcome.results[column].total.at(0).items()}

    plain = ask(attrs.evolve(line, uncertainty=None), 64)["mean"]
    spread = ask(line, draws) if draws > 64 else {"p10": plain, "p50": plain, "p85": plain}  # noqa: PLR2004 - the least
    low, high = sorted((spread["p50"], spread["p85"]))
    if line.sign < 0:  # a gain is read from the other end: P85 of an amount is what 85 % stay under
        low, high = spread["p50"], max(spread["p10"], spread["p50"])
    return {"mean": plain, "p50": low, "p85": high}
