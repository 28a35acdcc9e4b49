"""Fixtures of the room's tests."""

from samspill.cases.tests.builders import allotment, known
from samspill.cases.tests.term_builders import ferry, run_day

__all__ = ["allotment", "ferry", "known", "run_day"]
