"""Jobs of the room."""

from __future__ import annotations

from samspill.infra.jobs import job
from samspill.mandates.service import expiring, facts


@job("mandates.look_after", cron="15 4 * * *")
def look_after() -> None:
    """Tell of mandates that end soon or have ended; each is told once."""
    expiring.look_after()


@job("mandates.purge", cron="5 * * * *")
def purge() -> None:
    """Empty what Folkeregisteret said more than a day ago."""
    facts.purge()
