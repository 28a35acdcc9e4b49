"""What an assessment keeps of a simulation: figures, flows, present value, and what a priority round reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from samspill.impact.domain import load, present_value, reductions, simulation
from samspill.impact.domain.assumptions import AssumptionSet
from samspill.impact.domain.facts import SIZE_CLASSES
from samspill.impact.domain.lines import EffectLine
from samspill.impact.domain.simulation import Outcome
from samspill.impact.domain.weights import COLUMNS, Plan, plan

if TYPE_CHECKING:
    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]
else:  # numpy is read when something is computed (`kernel.later`)
    Singles = Any

#: Whose kroner are public money, and so carry the cost of tax finance.
PUBLIC = frozenset({"municipality", "county", "agency"})
PAYERS: Mapping[str, tuple[str, ...]] = {
    "municipal": ("municipality", "county"),
    "state": ("agency",),
}
#: Years of effects that are shown beside those of the assumption set: no circular says how long IT lasts.
YEARS_BESIDE = (5, 15)
_DRAWS_KEPT = 512
_STARTS = 3


def flows(laid: Plan) -> dict[str, dict[int, float]]:
    """Return expected net kroner (cost less income) by bearer and year."""
    block = laid.blocks["kroner"]
    expected = block.means[:, None] * block.by_year
    found: dict[str, dict[int, float]] = {}
    for row, amounts in zip(block.rows, expected, strict=True):
        mine = found.setdefault(row.line.bearer, dict.fromkeys(laid.years, 0.0))
        for year, amount in zip(laid.years, amounts, strict=True):
            mine[year] += float(amount)
    return found


def worth(outcome: Outcome, assumptions: AssumptionSet) -> dict[str, Any]:
    """Return `{base_year, npv, tax_cost_npv, npv_with_tax_cost}` of expected kroner, gains positive.

    Hours are not in it: an hour becomes kroner only through the gain plan.
    """
    return worth_of(flows(outcome.plan), outcome.plan.years, assumptions)


def worths(outcome: Outcome, assumptions: AssumptionSet) -> dict[str, dict[str, Any]]:
    """Return `worth` by how many years of effects are counted: 5, those of the simulation, 15.

    The lines are laid out anew as far as the longest: those without an end go on, ramps rise on, and municipalities
    that begin late have their later years. Nothing is drawn, since only expected values are asked for.
    """
    asked = outcome.request
    first, last = asked.years
    counted = sorted({*YEARS_BESIDE, last - first + 1})
    longest = (first, first + counted[-1] - 1)
    laid = plan(asked.initiatives, asked.places, longest, asked.parameters)
    by_bearer = flows(laid)
    return {str(years): worth_of(by_bearer, laid.years[:years], assumptions) for years in counted}


def kept_worths(
    figures: Mapping[str, Any], assumptions: AssumptionSet
) -> dict[str, dict[str, Any]]:
    """Return `worths` as far as the years of an assessment's figures reach, for one made before they were kept."""
    first, last = figures["years"]
    by_bearer = {
        bearer: {int(year): float(amount) for year, amount in flow.items()}
        for bearer, flow in figures["flows"].items()
    }
    whole = last - first + 1
    shorter = {
        str(years): worth_of(by_bearer, range(first, first + years), assumptions)
        for years in YEARS_BESIDE
        if years < whole
    }
    return {**shorter, str(whole): figures["worth"]}


def worth_of(
    by_bearer: Mapping[str, Mapping[int, float]], years: Sequence[int], assumptions: AssumptionSet
) -> dict[str, Any]:
    """Return the present value in the first of the years of what flows in them, as `worth` does.

    Source: circular R-109/21, sections 5 (rate) and 6 (cost of tax finance).
    """
    base = years[0]
    steps = tuple(
        present_value.RateStep(base + after, rate)
        for after, rate in assumptions.value("discount_steps")
    )
    factors = present_value.discount_factors(base, years, steps)

    def value(bearers: Callable[[str], bool]) -> float:
        return -sum(
            present_value.present_value({year: flow[year] for year in years}, factors)
            for name, flow in by_bearer.items()
            if bearers(name)
        )

    whole = value(lambda _: True)
    tax = float(assumptions.value("tax_share")) * value(lambda name: name in PUBLIC)
    round_ = reductions.rounded
    return {
        "base_year": base,
        "npv": round_(whole, 9),
        "tax_cost_npv": round_(tax, 9),
        "npv_with_tax_cost": round_(whole + tax, 9),
    }


def summary(outcome: Outcome, assumptions: AssumptionSet) -> dict[str, Any]:
    """Return everything an assessment shows, as JSON."""
    figures = simulation.as_json(outcome)
    figures.pop("by_initiative")
    net = [figures["by_municipality"][place.number]["mean"] for place in outcome.plan.places]
    unit = figures["total"]["unit"]
    return {
        **figures,
        "worth": worth(outcome, assumptions),
        "flows": {
            bearer: {str(year): reductions.rounded(amount, 9) for year, amount in flow.items()}
            for bearer, flow in flows(outcome.plan).items()
        },
        "tornado": {column: reductions.tornado(outcome.plan, column)[:20] for column in COLUMNS},
        "losers": [list(row) for row in reductions.losers(outcome.plan.places, net).rows]
        if unit == "NOK"
        else [],
        "numbers": [place.number for place in outcome.plan.places],
        "inhabitants": [place.inhabitants for place in outcome.plan.places],
        "years": [outcome.plan.years[0], outcome.plan.years[-1]],
    }


def matrix(outcome: Outcome) -> bytes:
    """Return float32 (2 columns, municipalities, P10 P50 P85 mean) as bytes, little endian."""
    found = [
        np.concatenate([figures.values, figures.means[:, None]], axis=1)
        for figures in (outcome.results[column].places for column in COLUMNS)
    ]
    return np.asarray(found, "<f4").tobytes()


def yearly(outcome: Outcome) -> bytes:
    """Return float32 (2 columns, municipalities, years) of what each bears, expected, as bytes, little endian."""
    found = [load.expected_of(outcome.plan, column) for column in COLUMNS]
    return np.asarray(found, "<f4").tobytes()


def totals(figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the totals by name with unit, mean and percentiles, as the register shows them."""
    total = figures["total"]
    names = ("mean", "p10", "p50", "p85")
    first = "net_cost" if total["unit"] == "NOK" else "net_hours"
    found = {first: {"unit": total["unit"], **{name: total[name] for name in names}}}
    if "hours" in total:
        found["net_hours"] = {"unit": "hours", **{name: total["hours"][name] for name in names}}
    return found


def candidate(outcome: Outcome, assumptions: AssumptionSet) -> dict[str, Any]:
    """Return what a priority round reads.

    Value by start year, plan (P50) and commitment (P85) by payer and year, hours of one municipality by size class,
    goals, and the value in some of the draws.
    """
    start = outcome.plan.years[0]
    value = worth(outcome, assumptions)["npv_with_tax_cost"]
    factors = present_value.discount_factors(
        start, [start + _STARTS], present_value.norwegian_steps(start)
    )
    starts = range(start, start + _STARTS)
    by_payer = {payer: _costs(outcome, bearers) for payer, bearers in PAYERS.items()}
    drawn = _value_draws(outcome, value)
    return {
        "value_nok": {str(year): round(value * factors[year]) for year in starts},
        "plan": {payer: found[0] for payer, found in by_payer.items()},
        "commitment": {payer: found[1] for payer, found in by_payer.items()},
        "hours": _hours_by_size(outcome),
        "goals": _goals(outcome),
        "draws": {
            str(year): [round(float(one) * factors[year]) for one in drawn] for year in starts
        },
    }


def _costs(outcome: Outcome, bearers: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return P50 and P85 of what some bearers pay, by year (simulated apart: percentiles are never added)."""

    def paid(line: EffectLine) -> bool:
        return line.bearer in bearers and line.column == "kroner" and line.sign > 0

    items = tuple(
        attrs.evolve(item, lines=tuple(line for line in item.lines if paid(line)))
        for item in outcome.request.initiatives
    )
    found = simulation.simulate(attrs.evolve(outcome.request, initiatives=items))
    years = found.results["kroner"].years
    return [round(v) for v in years.values[:, 1]], [round(v) for v in years.values[:, 2]]


def _value_draws(outcome: Outcome, expected: float) -> Singles:
    """Return some draws of the present value: the expected value, spread as the net cost is."""
    years = outcome.drawn["kroner"].years
    net = -years.sum(axis=0)
    step = max(1, len(net) // _DRAWS_KEPT)
    return np.asarray(net[::step] - net.mean() + np.float32(expected), np.float32)


def _hours_by_size(outcome: Outcome) -> dict[str, list[float]]:
    """Return the expected hours that one municipality of each size class uses, by year."""
    hours = outcome.load.hours.sum(axis=2)
    found = {}
    for name in SIZE_CLASSES:
        mine = np.array([place.size_class == name for place in outcome.plan.places])
        if mine.any() and hours[mine].any():
            found[name] = [round(float(v), 1) for v in hours[mine].mean(axis=0)]
    return found


def _goals(outcome: Outcome) -> dict[str, float]:
    block = outcome.plan.blocks["hours"]
    freed = {"municipality": 0.0, "citizens": 0.0}
    for row, mean, weights in zip(block.rows, block.means, block.by_year, strict=True):
        if row.line.sign < 0 and row.line.bearer in freed:
            freed[row.line.bearer] -= float(mean * weights.sum())
    names, figures = outcome.results["kroner"].groups["size"]
    smallest = -float(figures.means[0]) if names and names[0] == SIZE_CLASSES[0] else 0.0
    return {
        "hours_freed": round(freed["municipality"]),
        "citizen_hours": round(freed["citizens"]),
        "gain_smallest_nok": round(smallest),
    }
