"""Jobs of the room."""

from __future__ import annotations

import uuid

from samspill.infra.jobs import job
from samspill.settlement.service import observing, returning
from samspill.settlement.service.gains import MEASURE_AGAIN


@job(MEASURE_AGAIN)
def measure_again(item_id: str) -> None:
    """Measure the cases that were finished before a gain was planned; doing it twice does no harm."""
    observing.measure_again(uuid.UUID(item_id))


@job("settlement.send_back", cron="35 3 * * *")
def send_back() -> None:
    """Lay the measured hours of the years that are over before the estimates; doing it twice changes nothing."""
    returning.send_back_finished_years()
