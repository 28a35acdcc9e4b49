"""The budget year: which window is open, what comes next, what a late cost means, reminders, and the public feed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.portfolio.domain import calendar, icalendar, states
from samspill.portfolio.domain.calendar import REMIND_BEFORE, Coverage, Step, Window
from samspill.portfolio.domain.wording import Said
from samspill.portfolio.models import Adoption, Initiative, Reminder, Representative
from samspill.portfolio.organisations import organisations
from samspill.portfolio.service import agenda

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

_SHOWN = dt.timedelta(days=35)
_FEED_YEARS = 3


def windows(on: dt.date | None = None) -> list[Window]:
    """Return the windows of the budget calendar that are open on a day (today), the first to close at the top."""
    return calendar.open_windows(on or clock.today())


def deadlines(on: dt.date | None = None, *, count: int = 8) -> list[Step]:
    """Return the next steps of the budget calendar, the nearest first."""
    return calendar.next_deadlines(on or clock.today(), count=count)


def coverage(year: int, *, known_on: dt.date | None = None) -> Coverage:
    """Tell whether a cost of a year that becomes known on a day (today) can be in municipal budgets."""
    return calendar.coverage(known_on or clock.today(), year=year)


def feed(*, language: str, host: str, name: str) -> str:
    """Return the budget calendar of the next years as iCalendar; public, with nothing about anybody."""
    today = clock.today()
    steps = [
        one
        for year in range(today.year, today.year + _FEED_YEARS + 1)
        for one in calendar.steps(year)
    ]
    return icalendar.text(steps, stamp=clock.now(), language=language, name=name, host=host)


def reminders(actor: Actor) -> list[Reminder]:
    """Return what the actor's roles were reminded of and that has not ended, the nearest first."""
    rows = Reminder.objects.filter(role__in=actor.roles, until__gte=clock.today())
    mine = [
        one
        for one in rows.filter(until__lte=clock.today() + _SHOWN).order_by("until", "about", "-at")
        if one.org_no in ("", actor.org_no) and one.municipality_id in (None, actor.municipality_id)
    ]
    seen: set[tuple[str, str, dt.date]] = set()
    return [
        one
        for one in mine
        if (k := (one.text, one.about, one.until)) not in seen and not seen.add(k)  # type: ignore[func-returns-value]
    ]


@transaction.atomic
def remind() -> int:
    """Write today's reminders, each once; return how many are new. Four weeks, one week and a day before."""
    today = clock.today()
    rows = [*_of_calendar(today), *_of_process(today)]
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return Reminder.objects.count() - before


def _of_calendar(today: dt.date) -> Iterator[Reminder]:
    for one in calendar.reminders(today):
        for role in one.roles:
            yield Reminder(
                key=f"{one.step.key}:{one.step.budget_year}:{role}:{one.days}",
                role=role,
                text=one.step.key,
                titles={language: one.step.title(language) for language in ("nb", "nn", "en")},
                url="/samstyring/kalender/",
                until=one.step.last,
                at=clock.now(),
            )


def _of_process(today: dt.date) -> Iterator[Reminder]:
    for actor in _everybody():
        for one in agenda.waiting_for(actor):
            days = (one.until - today).days if one.until is not None else None
            if one.until is None or days not in REMIND_BEFORE:
                continue
            (role,) = actor.roles
            yield Reminder(
                key=f"{one.kind}:{one.url}:{role}:{actor.org_no}:{actor.municipality_id}:{one.until}:{days}",
                role=role,
                org_no=actor.org_no or "",
                municipality_id=actor.municipality_id,
                text=one.text,
                values=one.values,
                about=one.about,
                about_in=dict(one.about.every) if isinstance(one.about, Said) else {},
                url=one.url,
                until=one.until,
                at=clock.now(),
            )


def _everybody() -> Iterator[Actor]:
    """Yield one actor for each role and organisation that something may wait for."""
    owners = Initiative.objects.values_list("owner_org_no", flat=True).distinct()
    for org_no in owners:
        yield _one(states.OWNER, org_no=org_no)
    for org in organisations():
        if org.kind == "association":
            yield _one(states.KS, org_no=org.org_no)
        elif org.ministry:
            yield _one(states.MINISTRY, org_no=org.org_no)
    yield _one(states.SECRETARIAT)
    places = {
        *Adoption.objects.values_list("municipality_id", flat=True),
        *Representative.objects.values_list("municipality_id", flat=True),
    }
    for place in sorted(places, key=str):
        yield _one(states.LEAD, municipality_id=place)


def _one(role: str, *, org_no: str | None = None, municipality_id: UUID | None = None) -> Actor:
    values: dict[str, Any] = {"org_no": org_no, "municipality_id": municipality_id}
    return Actor(kind="system", roles=frozenset({role}), channel="job", **values)
