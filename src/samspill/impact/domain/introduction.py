"""What the state pays once to make and introduce something: what schemes of finance and control set their limits by."""

from __future__ import annotations

from typing import Any

import attrs

from samspill.impact.domain import simulation
from samspill.impact.domain.lines import EffectLine
from samspill.impact.domain.simulation import Outcome


def introduction(outcome: Outcome) -> dict[str, Any]:
    """Return `{cost_nok: {p50, p85}, years}` of the state's costs that come once, simulated apart.

    years: from the first year in which it pays to the last, both counted. Percentiles are of the simulated sum: those
    of the single years are never added. Hours are not in it: they are no kroner before the gain plan says so.
    """
    items = tuple(
        attrs.evolve(item, lines=tuple(line for line in item.lines if _once(line)))
        for item in outcome.request.initiatives
    )
    if not any(item.lines for item in items):
        return {"cost_nok": {"p50": 0, "p85": 0}, "years": 0}
    found = simulation.simulate(attrs.evolve(outcome.request, initiatives=items))
    total = found.results["kroner"].total
    block = found.plan.blocks["kroner"]
    paid = (block.means[:, None] * block.by_year).sum(axis=0).nonzero()[0]
    return {
        "cost_nok": {
            name: round(float(total.values[0, total.names.index(name)])) for name in ("p50", "p85")
        },
        "years": int(paid[-1] - paid[0] + 1) if len(paid) else 0,
    }


def _once(line: EffectLine) -> bool:
    return line.bearer == "agency" and line.category == "one_off_cost"
