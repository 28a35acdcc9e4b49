"""A municipality's own figures: drivers and capacity, with history and grade, laid over the reference data."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.db import transaction

from samspill.impact import country, events, models
from samspill.impact.domain import reading
from samspill.impact.domain.facts import Facts
from samspill.impact.domain.lines import GRADES
from samspill.impact.service import access
from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.written import said_of, wrote
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.municipalities import service as municipalities

#: What a municipality may correct; a name follows the colon.
NUMBERS = ("employees", "cases", "capacity")
WORDS = ("vendor", "zone")
_LONGEST = 2000
ZONES = ("1", "1a", "2", "3", "4", "4a", "5")


@attrs.frozen
class Given:
    """A figure a municipality gave: what, when, how sure, from where."""

    key: str
    year: int
    value: float | str
    grade: str
    source: str
    at: dt.datetime


def correct_driver(
    actor: Actor,
    *,
    municipality_id: uuid.UUID,
    key: str,
    value: float | str,
    grade: str = "expert",
    source: str,
    year: int | None = None,
) -> Given:
    """Record a municipality's own figure; earlier ones stay as history.

    Args:
        key: `employees`, `cases:<service>`, `vendor:<system>`, `zone` or `capacity:<role>` (free hours a year).
        source: where the figure is from; a `Said` has its language and wordings in the others.

    Raises:
        RefusedError: `not_own_municipality`, an unknown key, a negative number, no source.
    """
    access.own_municipality(actor, municipality_id)
    kind, _, name = key.partition(":")
    reading.one_of(kind, "key", (*NUMBERS, *WORDS))
    if (kind in ("cases", "capacity", "vendor")) != bool(name):
        raise refuse(
            "bad_driver", "The figure is not complete, or has a name it does not take.",
            where="key", remedy="Write employees, zone, cases:<service>, vendor:<system> or capacity:<role>",
        )  # fmt: skip
    number = reading.number(value, "value", least=0) if kind in NUMBERS else None
    word = "" if kind in NUMBERS else reading.text(value, "value", most=120)
    if kind == "zone":
        reading.one_of(word, "value", ZONES)
    reading.one_of(grade, "grade", GRADES)
    told = wrote(actor, source, where="source", most=_LONGEST)
    with transaction.atomic():
        row = models.DriverValue.objects.create(
            municipality_id=municipality_id, key=key[:120], year=year or clock.today().year, number=number,
            word=word, grade=grade, source=reading.text(told.text, "source", most=_LONGEST), **told.columns,
            by_org_no=actor.org_no or "", by_person_id=actor.person_id, at=clock.now(),
        )  # fmt: skip
        log.append(events.DriverCorrected(municipality_id=municipality_id, driver=key), actor=actor)
    return _given(row)


def set_capacity(
    actor: Actor,
    *,
    municipality_id: uuid.UUID,
    role: str,
    hours: float,
    source: str,
    grade: str = "expert",
) -> Given:
    """Record how many hours a year a role has free for change in a municipality."""
    return correct_driver(
        actor, municipality_id=municipality_id, key=f"capacity:{role}", value=hours, grade=grade, source=source
    )  # fmt: skip


def history(municipality_id: uuid.UUID) -> list[Given]:
    """Return everything a municipality has given, the newest first."""
    rows = models.DriverValue.objects.filter(municipality_id=municipality_id).order_by("-at", "-id")
    return [_given(row) for row in rows]


def current(municipality_id: uuid.UUID) -> dict[str, Given]:
    """Return what holds now, by key."""
    found: dict[str, Given] = {}
    for one in history(municipality_id):
        found.setdefault(one.key, one)
    return found


def stated(kind: str) -> dict[uuid.UUID, dict[str, Given]]:
    """Return what every municipality states of one kind now (`vendor`), by municipality and name, in one query."""
    rows = models.DriverValue.objects.filter(key__startswith=f"{kind}:")
    last = rows.order_by("municipality_id", "key", "-at", "-id").distinct("municipality_id", "key")
    found: dict[uuid.UUID, dict[str, Given]] = {}
    for row in last:
        name = row.key.partition(":")[2]
        found.setdefault(row.municipality_id, {})[name] = _given(row)
    return found


def facts() -> tuple[Facts, ...]:
    """Return the municipalities of today with their own figures laid over the reference data."""
    numbers = {m.id: m.number for m in municipalities.all_current()}
    corrections: dict[str, dict[str, float | str]] = {}
    for row in models.DriverValue.objects.order_by("at", "id"):
        number = numbers.get(row.municipality_id)
        if number is not None:
            corrections.setdefault(number, {})[row.key] = _value(row)
    return laid_over(country.facts(), corrections)


def corrections_of(places: Iterable[Facts]) -> dict[str, dict[str, Any]]:
    """Return what differs from the reference data, by number: what an assessment keeps of its drivers."""
    plain = {place.number: place for place in country.facts()}
    found = {}
    for place in places:
        changes = {
            **({"employees": place.employees} if place.employees is not None else {}),
            **{f"cases:{k}": v for k, v in sorted(place.cases.items())},
            **{f"capacity:{k}": v for k, v in sorted(place.capacity.items())},
            **{f"vendor:{n}": v for n, v in enumerate(sorted(place.vendors))},
            **({"zone": place.zone} if place.zone != plain[place.number].zone else {}),
        }
        if changes:
            found[place.number] = changes
    return found


def laid_over(
    places: Iterable[Facts], corrections: Mapping[str, Mapping[str, Any]]
) -> tuple[Facts, ...]:
    """Return the municipalities with corrections (by number, then key) laid over them."""
    return tuple(
        _corrected(place, corrections[place.number]) if place.number in corrections else place
        for place in places
    )


def _corrected(place: Facts, given: Mapping[str, Any]) -> Facts:
    def named(kind: str) -> dict[str, Any]:
        return {k.partition(":")[2]: v for k, v in given.items() if k.startswith(f"{kind}:")}

    return attrs.evolve(
        place,
        employees=given.get("employees", place.employees),
        zone=given.get("zone", place.zone),
        cases={**place.cases, **named("cases")},
        capacity={**place.capacity, **named("capacity")},
        vendors=place.vendors | frozenset(named("vendor").values()),
    )


def _value(row: models.DriverValue) -> float | str:
    return row.word if row.number is None else row.number


def _given(row: models.DriverValue) -> Given:
    return Given(row.key, row.year, _value(row), row.grade, said_of(row, row.source), row.at)
