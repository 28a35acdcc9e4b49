"""What the room does by itself: read the feed of changes, delete what may no longer be kept."""

from __future__ import annotations

from samspill.infra import deletions
from samspill.infra.jobs import job
from samspill.kernel.actor import system
from samspill.registers import service


@job("registers.read_feed", cron="*/5 * * * *", queue="registers")
def read_feed() -> int:
    """Read the changes of Folkeregisteret; running twice does no harm."""
    return service.read_feed(actor=system("registers.read_feed"))


@job("registers.purge", cron="17 * * * *")
def purge() -> int:
    """Delete register replies whose time is over; running twice does no harm."""
    return service.purge()


deletions.keep(service.REPLIES, "as each service declares", field="expires_at", due=service.over)
