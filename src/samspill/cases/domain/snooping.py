"""Patterns in a day's looks that somebody should ask about (SP-09). A finding is a question, never a verdict.

Pure: looks, what is known of employees and of the persons looked at come in, findings go out. The thresholds are data
with dates and a stated ground. What is compared are our own ids and keyed hashes; no name, no number, no address.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from uuid import UUID

import attrs

from samspill.kernel.periods import is_working_day

NIGHT_FROM, NIGHT_TO = 21, 6


@attrs.frozen(kw_only=True)
class Look:
    """One look by an employee at somebody else, at a time in Norway."""

    at: dt.datetime
    employee: UUID
    org_no: str
    subject: UUID
    case: UUID | None = None
    action: str = "read"
    permitted: bool = True


@attrs.frozen(kw_only=True)
class Traits:
    """What of an employee or a person is compared: keyed hashes, empty when not known; and an employee's family."""

    surname: str = ""
    home: str = ""
    street: str = ""
    family: frozenset[UUID] = frozenset()


@attrs.frozen(kw_only=True)
class Limit:
    """How many of something a day may hold before it is asked about, from when to when, and why so many."""

    rule: str
    most: int
    starts: dt.date
    ends: dt.date | None
    ground: str


@attrs.frozen(kw_only=True)
class Found:
    """Something to ask about: which rule, whom (nobody when it is about many), how many, in which cases."""

    rule: str
    org_no: str
    employee: UUID | None
    day: dt.date
    count: int
    cases: tuple[UUID, ...]
    about: str = ""

    @property
    def key(self) -> str:
        """Give what makes it the same finding when the day is gone through again."""
        return f"{self.rule}:{self.org_no}:{self.employee or self.about}:{self.day}"


@attrs.frozen(kw_only=True)
class Day:
    """Hold a day's looks and what is known about those in them."""

    day: dt.date
    looks: Sequence[Look]
    employees: Mapping[UUID, Traits] = attrs.field(factory=dict)
    persons: Mapping[UUID, Traits] = attrs.field(factory=dict)
    staff: Mapping[str, frozenset[UUID]] = attrs.field(factory=dict)


def read_limits(lines: Iterable[str]) -> tuple[Limit, ...]:
    """Read the limits from lines of CSV: rule, from, to, most, ground.

    Raises:
        ValueError: a rule that does not exist, a bad date or number, or a limit without a ground.
    """
    found = []
    for row in csv.DictReader(lines):
        if row["rule"] not in RULES or not row["ground"].strip():
            raise ValueError(row["rule"])
        found.append(
            Limit(
                rule=row["rule"],
                most=int(row["most"]),
                starts=dt.date.fromisoformat(row["from"]),
                ends=dt.date.fromisoformat(row["to"]) if row["to"] else None,
                ground=row["ground"],
            )
        )
    return tuple(found)


def findings(day: Day, limits: Iterable[Limit]) -> list[Found]:
    """Give what a day holds more of than the limits in force on it allow."""
    found: list[Found] = []
    for limit in limits:
        if limit.starts <= day.day and (limit.ends is None or day.day <= limit.ends):
            found += RULES[limit.rule](day, limit)
    return found


def _beyond(
    day: Day,
    limit: Limit,
    looks: Iterable[Look],
    *,
    by: Callable[[Look], UUID],
    counted: Callable[[Look], object],
) -> Iterator[tuple[UUID, Found]]:
    """Group looks by organisation and one more thing; give the groups that hold too much, each different thing once."""
    groups: dict[tuple[str, UUID], list[Look]] = defaultdict(list)
    for look in looks:
        groups[look.org_no, by(look)].append(look)
    for (org_no, one), those in sorted(groups.items()):
        count = len({counted(look) for look in those})
        if count > limit.most:
            yield (
                one,
                Found(
                    rule=limit.rule,
                    org_no=org_no,
                    employee=None,
                    day=day.day,
                    count=count,
                    cases=_cases(those),
                ),
            )


def _each(
    day: Day, limit: Limit, chosen: Callable[[Day, Look], bool], counted: Callable[[Look], object]
) -> list[Found]:
    """Count what is chosen for each employee of each organisation."""
    looks = (look for look in day.looks if chosen(day, look))
    beyond = _beyond(day, limit, looks, by=_employee, counted=counted)
    return [attrs.evolve(found, employee=employee) for employee, found in beyond]


def _cases(looks: Iterable[Look]) -> tuple[UUID, ...]:
    return tuple(sorted({look.case for look in looks if look.case is not None}))


def _employee(look: Look) -> UUID:
    return look.employee


def _subject(look: Look) -> UUID:
    return look.subject


def _moment(look: Look) -> object:
    return look.at


def _case(look: Look) -> object:
    return look.case


def _traits(day: Day, look: Look) -> tuple[Traits, Traits]:
    nothing = Traits()
    return day.employees.get(look.employee, nothing), day.persons.get(look.subject, nothing)


def _in_family(day: Day, look: Look) -> bool:
    return look.subject in _traits(day, look)[0].family


def _same(name: str, day: Day, look: Look) -> bool:
    mine, theirs = (getattr(one, name) for one in _traits(day, look))
    return bool(mine) and mine == theirs


def _next_door(day: Day, look: Look) -> bool:
    return _same("street", day, look) and not _same("home", day, look)


def _colleague(day: Day, look: Look) -> bool:
    return look.subject in day.staff.get(look.org_no, frozenset())


def _at_night(_day: Day, look: Look) -> bool:
    hour = look.at.hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO or not is_working_day(look.at.date())


def _refused(_day: Day, look: Look) -> bool:
    return not look.permitted


def _no_case(_day: Day, look: Look) -> bool:
    return look.case is None and look.permitted and look.action in ("read", "lookup", "search")


def _only_looked(day: Day, limit: Limit) -> list[Found]:
    """Many cases in which the employee did nothing all day but look."""
    worked = {(one.employee, one.case) for one in day.looks if one.action not in ("read", "lookup")}

    def idle(_day: Day, look: Look) -> bool:
        opened = look.permitted and look.case is not None and look.action == "read"
        return opened and (look.employee, look.case) not in worked

    return _each(day, limit, idle, _case)


def _many_lookers(day: Day, limit: Limit) -> list[Found]:
    """Many employees of one organisation at one person: an accident, a person whom many know of, or gossip."""
    looks = (look for look in day.looks if look.permitted)
    beyond = _beyond(day, limit, looks, by=_subject, counted=_employee)
    return [attrs.evolve(found, about=str(subject)) for subject, found in beyond]


RULES: dict[str, Callable[[Day, Limit], list[Found]]] = {
    "family": partial(_each, chosen=_in_family, counted=_subject),
    "same_home": partial(_each, chosen=partial(_same, "home"), counted=_subject),
    "same_surname": partial(_each, chosen=partial(_same, "surname"), counted=_subject),
    "neighbour": partial(_each, chosen=_next_door, counted=_subject),
    "own_colleague": partial(_each, chosen=_colleague, counted=_subject),
    "many_cases": _only_looked,
    "many_refused": partial(_each, chosen=_refused, counted=_moment),
    "without_case": partial(_each, chosen=_no_case, counted=_subject),
    "outside_hours": partial(_each, chosen=_at_night, counted=_moment),
    "many_lookers": _many_lookers,
}
