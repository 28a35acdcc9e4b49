"""What the room does by itself, at set times. Every job may run twice and then does no harm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from samspill.infra import deletions
from samspill.infra.jobs import job
from samspill.kernel.actor import system


@job("cases.notify_expiring_drafts", cron="15 6 * * *")
def notify_expiring_drafts() -> int:
    """Tell people whose unsent application will be deleted within a week."""
    from samspill.cases.service import retention

    return len(retention.notify_expiring(system("cases.notify_expiring_drafts")))


@job("cases.delete_expired_drafts", cron="45 2 * * *")
def delete_expired_drafts() -> int:
    """Delete drafts whose lifetime is over."""
    from samspill.cases.service import retention

    return retention.delete_expired(system("cases.delete_expired_drafts"))


@job("cases.sweep_paper", cron="20 * * * *")
def sweep_paper() -> int:
    """Destroy scanned documents of paper forms that were never registered."""
    from samspill.cases.service import staff_documents

    return staff_documents.sweep()


@job("cases.regrade_unknown", cron="*/10 * * * *")
def regrade_unknown() -> int:
    """Ask again for grades of address protection that could not be found."""
    from samspill.cases.service import grading

    return grading.regrade_unknown(system("cases.regrade_unknown"))


@job("cases.regrade")
def regrade(case_id: str) -> str:
    """Ask again for the grades of a case, and move it at once when one has become stricter."""
    from samspill.cases.service import grading

    return grading.regrade(system("cases.regrade"), case_id=UUID(case_id))


@job("cases.make_letters", cron="* * * * *", queue="letters")
def make_letters() -> int:
    """Make and send the letters that wait, a few hundred at a time."""
    from samspill.cases.service import letters

    return letters.make_queued(limit=300)


@job("cases.catch_up_terms", cron="30 4 * * *")
def catch_up_terms() -> int:
    """Decide what has come to wait in terms that were run before."""
    from samspill.cases.service import term_run

    return term_run.catch_up()


@job("cases.end_uncorrected", cron="15 4 * * *")
def end_uncorrected() -> int:
    """End rejected cases whose time to correct is over."""
    from samspill.cases.service import stops

    return stops.lapse()


@job("cases.run_term", queue="terms")
def run_ordered_term(package_id: str, term: str) -> None:
    """Run a term that the agency ordered; goes on where it was stopped, and decides no case twice."""
    from samspill.cases.service import term_orders
    from samspill.kernel.periods import Month

    term_orders.carry_out(package_id, Month.parse(term))


@job("cases.look_for_misuse", cron="30 3 * * *")
def look_for_misuse() -> int:
    """Go through the access log of the last days for patterns that a leader should ask about."""
    from samspill.cases.service import snooping

    return snooping.run(system("cases.look_for_misuse"))


# ── what is deleted by these, for whoever asks how it stands ────────────────────────────────────


def _drafts() -> Any:
    from samspill.cases.service import retention

    return retention.expired()


def _papers() -> Any:
    from samspill.cases.service import staff_documents

    return staff_documents.left_over()


def _accounts() -> Any:
    from samspill.cases.service import retention

    return retention.accounts()


deletions.keep("draft", "as each service declares", field="expires_at", due=_drafts)
deletions.keep("paper_document", "some hours, unregistered", field="added_at", due=_papers)
deletions.told_in(_accounts)
