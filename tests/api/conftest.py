"""The imagined service and its people, borrowed from the tests of `cases`."""

from samspill.cases.tests.builders import allotment, known

__all__ = ["allotment", "known"]
