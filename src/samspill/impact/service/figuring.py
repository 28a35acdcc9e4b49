"""Calculations from JSON to JSON: the same functions behind command, page and API. No database is touched."""

from __future__ import annotations

from typing import Any

from samspill.impact import country, shipped
from samspill.impact.domain import distributions, learning, present_value, simulation


def npv_json(request: object) -> dict[str, Any]:
    """Return `{npv, factors, tax_cost?, …}`; `npv` is without the cost of tax finance.

    Raises:
        RefusedError: what cannot be read, with its place.
    """
    return present_value.npv(request)


def distribution_json(request: object) -> dict[str, float]:
    """Return `{mean, sd, p10, p50, p85, p90}`, exact."""
    return distributions.distribution(request)


def learn_json(request: object) -> dict[str, Any]:
    """Return `{theta, mu, tau}`, posterior means."""
    return learning.learn(request)


def simulate_json(request: object) -> dict[str, Any]:
    """Return the figures of initiatives in municipalities; the same request gives the same bytes."""
    return simulation.simulate_json(
        request, country=country.facts(), sets=shipped.assumption_sets()
    )
