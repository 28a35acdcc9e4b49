"""Jobs of the room."""

from __future__ import annotations

from samspill.infra import deletions
from samspill.infra.jobs import job
from samspill.mandates.service import expiring, facts, notices, roles, sources


@job("mandates.look_after", cron="15 4 * * *")
def look_after() -> None:
    """Tell of mandates that end soon or have ended; each is told once."""
    expiring.look_after()


@job("mandates.purge", cron="5 * * * *")
def purge() -> None:
    """Empty what registers said longer ago than it counts: persons, organisations, other sources."""
    facts.purge()
    roles.purge()
    sources.purge()


@job("mandates.notices", cron="* * * * *", queue="letters")
def make_notices() -> None:
    """Make what waits to be told to the two sides of a mandate."""
    notices.make_queued()


deletions.keep(facts.ANSWERS, "a day", field="told_at", due=facts.old)
deletions.keep(roles.ANSWERS, "a day", field="expires_at", due=roles.old)
deletions.keep(sources.ANSWERS, "as each source allows", field="told_at", due=sources.old)
