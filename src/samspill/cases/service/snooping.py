"""Go through a day's access log for patterns that a leader should ask about; twice does no harm (SP-09)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction

from samspill.cases.domain import snooping
from samspill.cases.models import COMPARTMENT, Application, Case, EmployeeTies, Finding
from samspill.cases.service import ties
from samspill.identity import service as identity
from samspill.infra import access_log, clock, look_scan
from samspill.kernel.actor import Actor
from samspill.kernel.periods import OSLO

_LIMITS = Path(__file__).parents[1] / "data" / "snooping_rules.csv"
_DAYS = 3
#: What a leader must do because of others' looks, and what a register is asked about an employee's own family.
_DUTIES = frozenset(
    {
        "answer a report of a look",
        "end sessions",
        "look at an opening outside tasks",
        "read reports of looks",
        ties.FAMILY.purpose,
    }
)


@lru_cache(maxsize=1)
def limits() -> tuple[snooping.Limit, ...]:
    """Give the limits with their dates and grounds."""
    with _LIMITS.open(encoding="utf-8", newline="") as lines:
        return snooping.read_limits(lines)


def run(actor: Actor) -> int:
    """Go through the last days that are over; give how many findings are new. A day gone through twice adds nothing."""
    today = clock.today()
    return sum(run_day(actor, today - dt.timedelta(days=n)) for n in range(_DAYS, 0, -1))


def run_day(actor: Actor, day: dt.date) -> int:
    """Go through one day, Norwegian time; give how many findings are new."""
    start = dt.datetime.combine(day, dt.time(), tzinfo=OSLO)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=OSLO)
    looks = [
        snooping.Look(
            at=one.at.astimezone(OSLO),
            employee=one.employee,
            org_no=one.org_no,
            subject=one.subject,
            case=one.case,
            action=one.action,
            permitted=one.permitted,
        )
        for one in look_scan.by_employees(start, end)
        if one.purpose not in _DUTIES
    ]
    found = snooping.findings(_known(day, looks), limits())
    with transaction.atomic():
        made = _store(found)
        access_log.record(
            actor=actor,
            action="search",
            purpose="look for misuse in the access log",
            detail={"day": day.isoformat(), "looks": len(looks), "findings": made},
        )
    return made


def _store(found: Iterable[snooping.Found]) -> int:
    made = 0
    for one in found:
        hidden = Case.objects.filter(pk__in=one.cases, protection__in=COMPARTMENT).exists()
        _row, new = Finding.objects.get_or_create(
            key=one.key,
            defaults={
                "rule": one.rule,
                "org_no": one.org_no,
                "employee_id": one.employee,
                "day": one.day,
                "count": one.count,
                "cases": list(one.cases),
                "hidden": hidden,
                "made_at": clock.now(),
            },
        )
        made += new
    return made


def _known(day: dt.date, looks: list[snooping.Look]) -> snooping.Day:
    staff = {org: frozenset(ids) for org, ids in identity.staff_ids().items()}
    held = EmployeeTies.objects.filter(person_id__in={one.employee for one in looks})
    return snooping.Day(
        day=day,
        looks=looks,
        employees={
            row.person_id: snooping.Traits(
                surname=row.surname_key,
                home=row.home_key,
                street=row.street_key,
                family=frozenset(row.family),
            )
            for row in held
        },
        persons=_persons({one.case for one in looks if one.case is not None}),
        staff=staff,
    )


def _persons(case_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, snooping.Traits]:
    """Give what is compared of the applicants of cases, from what Folkeregisteret said when they applied."""
    rows = Application.objects.filter(case_id__in=list(case_ids)).select_related("case")
    return {row.applicant_id: _traits(row) for row in rows}


def _traits(row: Application) -> snooping.Traits:
    told = next((data for data in map(_person, row.facts.values()) if data), {})
    address = told.get("address") or {}
    named = (
        str((told.get("name") or {}).get("family", "")) or row.case.applicant_name.split(" ")[-1]
    )
    return snooping.Traits(
        surname=ties.key_of("surname", named),
        home=ties.key_of("home", str(address.get("address_id") or "")),
        street=ties.street_key(address),
    )


def _person(entry: Any) -> dict[str, Any]:
    """Give the reply about the applicant itself: the one that has both a name and a state of residence."""
    data = entry.get("data") if isinstance(entry, dict) else None
    return data if isinstance(data, dict) and "name" in data and "protection" in data else {}
