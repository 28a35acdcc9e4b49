"""Present value in real prices, with a discount rate that falls in steps, and the cost of tax finance.

Parameters in force (circular R-109/21): 4 % for the first 40 years, 3 % to year 75, 2 % after; the cost
of tax finance is 0.20 krone for each krone of net public flow, with sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from samspill.impact.domain import reading
from samspill.kernel.outcome import refuse

#: Circular R-109/21, section 5: first year (counted from the base year) of each rate.
NORWEGIAN_STEPS = ((0, 0.04), (41, 0.03), (76, 0.02))
#: Circular R-109/21, section 6: kroner for each krone of net public flow.
NORWEGIAN_TAX_SHARE = 0.20

_KEYS = frozenset({"base_year", "rate_steps", "cashflow", "tax_share", "public_net"})
_HIGHEST_RATE = 1.0
#: A step that begins before this is counted from the base year: nobody discounts from the time of the Vikings.
_FIRST_CALENDAR_YEAR = 1000


@attrs.frozen
class RateStep:
    """The yearly discount rate that holds from a calendar year on."""

    from_year: int
    rate: float


def norwegian_steps(base_year: int) -> tuple[RateStep, ...]:
    """Return the Norwegian rates, counted from the base year: years 1–40, 41–75, and after."""
    return tuple(RateStep(base_year + after, rate) for after, rate in NORWEGIAN_STEPS)


def discount_factors(
    base_year: int, years: Sequence[int], steps: Sequence[RateStep]
) -> dict[int, float]:
    """Return D_t for each year from the earliest to the latest of `years` and the base year.

    D is 1 in the base year; D_t = D_(t−1) / (1 + r_t), where r_t is the rate of the last step that begins
    in or before year t. A year before the base year is carried forward with the same rates.

    Raises:
        RefusedError: no step holds in a year that is needed.
    """
    first, last = min((base_year, *years)), max((base_year, *years))
    factors = {base_year: 1.0}
    for year in range(base_year + 1, last + 1):
        factors[year] = factors[year - 1] / (1 + _rate(year, steps))
    for year in range(base_year - 1, first - 1, -1):
        factors[year] = factors[year + 1] * (1 + _rate(year + 1, steps))
    return dict(sorted(factors.items()))


def _rate(year: int, steps: Sequence[RateStep]) -> float:
    holding = [step for step in steps if step.from_year <= year]
    if not holding:
        raise refuse(
            "no_rate",
            "No discount rate holds in %(year)s: the first step begins in %(first)s.",
            where="rate_steps",
            remedy="Add a step that begins in %(year)s or earlier",
            values={"year": year, "first": min(step.from_year for step in steps)},
        )
    return max(holding, key=lambda step: step.from_year).rate


def present_value(flow: Mapping[int, float], factors: Mapping[int, float]) -> float:
    """Return Σ flow_t · D_t in kroner of the base year."""
    return sum(amount * factors[year] for year, amount in sorted(flow.items()))


def npv(request: object) -> dict[str, Any]:
    """Return `{npv, factors, tax_cost?, tax_cost_npv?, npv_with_tax_cost?}` of a JSON request.

    `cashflow` rows hold `years: [first, last]` (both included) or `year`, and `amount` for each year; rows that
    overlap add. `rate_steps` rows hold `rate` and the year `from` which it holds: a calendar year, or a number below
    1000, which counts years after the base year. **`npv` is of the cash flow alone: the cost of tax finance is not in
    it.** With `public_net` the answer has, beside it, `tax_cost` {year: share × net public flow}, with sign (a public
    saving is positive and earns it, a cost is negative and pays), `tax_cost_npv`, its present value, and
    `npv_with_tax_cost`, the sum of the two.

    Raises:
        RefusedError: anything that cannot be read; says where.
    """
    given = reading.record(request, "input", allowed=_KEYS, required=("base_year", "cashflow"))
    base_year = reading.whole(given["base_year"], "base_year")
    flow = _flow(given["cashflow"], "cashflow", base_year)
    net = _flow(given.get("public_net", []), "public_net", base_year)
    steps = _steps(given.get("rate_steps"), base_year)
    factors = discount_factors(base_year, [*flow, *net], steps)
    value = present_value(flow, factors)
    answer: dict[str, Any] = {
        "npv": value,
        "factors": {str(year): factor for year, factor in factors.items()},
    }
    if given.get("public_net") is not None or given.get("tax_share") is not None:
        share = reading.number(
            given.get("tax_share", NORWEGIAN_TAX_SHARE), "tax_share", least=0, most=1
        )
        cost = {year: share * amount for year, amount in sorted(net.items())}
        of_tax = present_value(cost, factors)
        answer["tax_cost"] = {str(year): amount for year, amount in cost.items()}
        answer["tax_cost_npv"] = of_tax
        answer["npv_with_tax_cost"] = value + of_tax
    return answer


def _flow(value: object, where: str, base_year: int) -> dict[int, float]:
    """Add up the rows of a flow by year."""
    flow: dict[int, float] = {}
    for at, row in enumerate(reading.rows(value, where)):
        here = f"{where}[{at}]"
        given = reading.record(row, here, allowed=("years", "year", "amount"), required=("amount",))
        if (given.get("years") is None) == (given.get("year") is None):
            raise refuse(
                "years_or_year",
                "A row holds either years or year.",
                where=here,
                remedy="Give years: [first, last], or one year",
            )
        if given.get("years") is not None:
            first, last = reading.years(given["years"], f"{here}.years")
        else:
            first = last = reading.whole(given["year"], f"{here}.year")
        reading.within_reach(min(first, base_year), max(last, base_year), here)
        amount = reading.number(given["amount"], f"{here}.amount")
        for year in range(first, last + 1):
            flow[year] = flow.get(year, 0.0) + amount
    return flow


def _steps(value: object, base_year: int) -> tuple[RateStep, ...]:
    if value is None:
        return norwegian_steps(base_year)
    steps: dict[int, RateStep] = {}
    for at, row in enumerate(reading.rows(value, "rate_steps", at_least=1, at_most=100)):
        here = f"rate_steps[{at}]"
        given = reading.record(row, here, allowed=("from", "rate"), required=("from", "rate"))
        year = reading.whole(given["from"], f"{here}.from")
        if 0 <= year < _FIRST_CALENDAR_YEAR <= base_year:
            year += base_year
        rate = reading.number(given["rate"], f"{here}.rate", least=0, most=_HIGHEST_RATE)
        if year in steps:
            raise refuse(
                "step_twice",
                "Two steps begin in %(year)s.",
                where=f"{here}.from",
                remedy="Let each step begin in a year of its own",
                values={"year": year},
            )
        steps[year] = RateStep(year, rate)
    return tuple(steps[year] for year in sorted(steps))
