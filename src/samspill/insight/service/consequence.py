"""What impact has calculated, as the public pages show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import attrs

from samspill.infra.charts import Chart
from samspill.insight.domain.shapes import Value
from samspill.insight.service.places import Place
from samspill.portfolio.service import Story


@attrs.frozen(kw_only=True)
class Clash:
    """Where initiatives meet on the same people: year, role, hours asked over hours free, and who asks."""

    year: int
    role: str
    share: float
    asked: Sequence[tuple[str, float]]


@attrs.frozen(kw_only=True)
class Forecast:
    """One line whose actual has been reported: what it was estimated at, and what it became."""

    label: str
    owner: str
    unit: str
    p50: float
    p85: float
    actual: float
    url: str = ""


def years() -> Sequence[int]:
    """Return the years in which anything assessed has an effect."""
    return ()


def net_per_inhabitant(year: int) -> Mapping[UUID, Value]:
    """Return municipality → kroner per inhabitant in a year."""
    del year
    return {}


def load_years() -> Sequence[int]:
    """Return the years in which anything asks for hours."""
    return ()


def load(year: int) -> Mapping[UUID, Value]:
    """Return municipality → per cent of the free hours of its most loaded role."""
    del year
    return {}


def story_charts(found: Story) -> list[Chart]:
    """Return the charts of an initiative's consequences."""
    del found
    return []


def losers_of(found: Story) -> tuple[Chart | None, tuple[int, int]]:
    """Return who loses on an initiative."""
    del found
    return None, (0, 0)


def place_charts(place: Place) -> tuple[Chart | None, Chart | None]:
    """Return kroner and hours by year of one municipality."""
    del place
    return None, None


def load_of(place: Place) -> tuple[Chart | None, list[Clash]]:
    """Return the change load of one municipality."""
    del place
    return None, []


def forecasts() -> list[Forecast]:
    """Return every line with an actual."""
    return []
