"""The clock's jobs of the log (seal, check, witness, delete what is past its time) and of access requests."""

from __future__ import annotations

import logging
import uuid

from samspill.infra import deletions, limits
from samspill.infra.http import ComponentError
from samspill.infra.jobs import job
from samspill.infra.proof import checking, forgetting, keys, sealing
from samspill.infra.proof.witness import WitnessError
from samspill.kernel.actor import system
from samspill.site import own_data

log = logging.getLogger(__name__)


@job("log.seal", cron="* * * * *")
def seal() -> int:
    """Put what the access log has got into the tree and sign a checkpoint; return how many events."""
    return sealing.seal_all()


@job("log.witness", cron="* * * * *")
def witness() -> int:
    """Look at the logs we are a witness of; return how many new checkpoints were countersigned."""
    signed = 0
    for one in keys.watched():
        try:
            signed += one.look().new
        except WitnessError as error:
            log.critical("the log %s is refused: %s (%s)", one.log.name, error, error.code)
        except ComponentError as error:
            log.warning("the log %s does not answer: %s", one.log.name, error.kind)
    return signed


@job("log.check", cron="40 1 * * *")
def check() -> bool:
    """Go through the whole log; say aloud when something is wrong. Return whether it holds."""
    found = checking.check()
    if found.fault is not None:
        log.error("the access log has a fault: %s", found.fault)
    for sign in found.signs:
        log.warning("a table that only grows was touched: %s", sign)
    return found.fault is None


@job("log.forget", cron="20 2 * * *")
def forget() -> int:
    """Delete the events that are past their time; return how many."""
    return forgetting.forget_old(system("log.forget"))


@job(own_data.JOB)
def make_own_data(request_id: str) -> bool:
    """Make everything that is stored about a person, as asked for; return whether it was made now."""
    return own_data.make(uuid.UUID(request_id))


@job("limits.forget", cron="50 * * * *")
def forget_limits() -> int:
    """Delete counts of what is limited whose window is over; return how many."""
    return limits.forget_over()


@job("own_data.forget", cron="35 2 * * *")
def forget_own_data() -> int:
    """Delete the content of access requests that have been ready for a week; return how many."""
    return own_data.forget_old()


deletions.keep(own_data.COPIES, "a week", field="expires_at", due=own_data.old)
deletions.keep(forgetting.ENTRIES, "five years", field="at", due=forgetting.old)
