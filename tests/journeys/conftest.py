"""What several journeys begin with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.system import System

OSLO = "0301"


@pytest.fixture(scope="session")
def month(system: System) -> dict[str, Any]:
    """Last month in Oslo: six cases prepared for the agency, one still with the municipality."""
    found: dict[str, Any] = system.scene("month", number=OSLO)
    return found
