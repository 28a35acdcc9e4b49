"""Rows of the room. Everything is only added to, except the state of an assessment that is not frozen."""

from samspill.impact.models.rows import (
    Actual,
    Assessment,
    AssumptionVersion,
    Baseline,
    ChecklistAnswer,
    DriverValue,
    LineSet,
)

__all__ = [
    "Actual",
    "Assessment",
    "AssumptionVersion",
    "Baseline",
    "ChecklistAnswer",
    "DriverValue",
    "LineSet",
]
