"""What the room does by itself. Every job may run twice and then does no harm."""

from __future__ import annotations

from samspill.infra.jobs import job


@job("portfolio.remind", cron="0 5 * * 1-5")
def remind() -> int:
    """Remind each role of what ends in four weeks, one week and a day."""
    from samspill.portfolio.service import year

    return year.remind()
