"""The trial year of the demo: who applied in it, where and when (`demo_data/trial.yaml`), and how it ended.

The year is the one before last winter's round, so that it is over, is settled, and teaches the next estimate. The
people are drawn with a seed of their own: the same population and seed give the same trial.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import yaml

from samspill.cases import service as cases
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import OSLO, Month
from samspill.sandbox.people import Person

_FILE = Path(__file__).parent / "demo_data" / "trial.yaml"
#: Applications come from the second day of the month, early enough for the municipality's check in the same one.
_FIRST_DAY, _LAST_DAY = 2, 20
_DAYS_OF_ENDING = 10


@attrs.frozen
class Trial:
    """One service's trial: the months applied for, when it ended, and how many cases where."""

    months: tuple[Month, ...]
    ended: Month
    cases: dict[str, int]


def of(package_id: str, year: int) -> Trial | None:
    """Return the trial of a service in a year; None when it was not tried."""
    given: dict[str, Any] | None = yaml.safe_load(_FILE.read_text(encoding="utf-8")).get(package_id)
    if given is None:
        return None
    months = tuple(Month(year, number) for number in given["months"])
    return Trial(months, Month(year, given["ended"]), given["cases"])


def plan(
    trial: Trial, people: Iterable[Person], lives_in: Callable[[str], str], seed: int
) -> list[tuple[Month, dt.datetime, str]]:
    """Return (month, moment, national number): who applied when, oldest first."""
    chance = random.Random(f"trial/{seed}")  # noqa: S311 - made-up people, not secrets
    by_place: dict[str, list[str]] = {number: [] for number in trial.cases}
    for person in people:
        number = lives_in(person.national_id)
        if number in by_place:
            by_place[number].append(person.national_id)
    found = []
    for number, wanted in trial.cases.items():
        chosen = chance.sample(by_place[number], min(wanted, len(by_place[number])))
        for at, national_id in enumerate(chosen):
            month = trial.months[at % len(trial.months)]
            day = month.day(chance.randint(_FIRST_DAY, _LAST_DAY))
            moment = dt.time(chance.randint(7, 21), chance.randint(0, 59))
            found.append((month, dt.datetime.combine(day, moment, tzinfo=OSLO), national_id))
    return sorted(found)


def end(trial: Trial, done: Sequence[tuple[Actor, UUID]]) -> int:
    """Let the applicants end their cases when the trial is over; return how many could."""
    ended = 0
    for at, (actor, case_id) in enumerate(done):
        with clock.frozen(trial.ended.day(1 + at % _DAYS_OF_ENDING)):
            try:
                cases.stop(actor, case_id=case_id)
            except RefusedError:  # closed already: nobody could decide it
                continue
        ended += 1
    return ended
