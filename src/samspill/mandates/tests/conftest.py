"""Fixtures of the room's tests."""

from samspill.mandates.tests.builders import register

__all__ = ["register"]
