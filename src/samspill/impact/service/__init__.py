"""The door to consequences.

figuring      npv_json, distribution_json, learn_json, simulate_json: the commands, no database
"""

from samspill.impact.service.figuring import (
    distribution_json,
    learn_json,
    npv_json,
    simulate_json,
)

__all__ = ["distribution_json", "learn_json", "npv_json", "simulate_json"]
