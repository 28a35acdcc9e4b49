"""Builders of the tests of handling and terms: an imagined monthly service, its staff and its cases."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samspill.cases.domain import receipt
from samspill.cases.models import Application, Case, Decision, TermEntry
from samspill.cases.service import ties
from samspill.cases.tests.builders import SANDNES, Registers, a_number, a_person
from samspill.infra import clock
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.kernel.periods import OSLO, Month
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

FERRY = Path(__file__).parent / "ferry"
OWNER = "942114184"
AUGUST = Month(2026, 8)
#: The day the run of August is made in the tests.
RUN_DAY = dt.date(2026, 9, 10)


def publish_ferry() -> packages.Package:
    packages.publish(FERRY, actor=system("test"))
    return packages.published("ferry", on=dt.date(2026, 8, 1))


@pytest.fixture
def ferry(db: None) -> packages.Package:
    """Publish the imagined monthly service."""
    return publish_ferry()


def municipality_id(number: str = SANDNES) -> uuid.UUID:
    found = municipalities.current(number)
    assert isinstance(found, municipalities.Municipality)
    return found.id


def an_employee(*roles: str, number: str = SANDNES, serial: int = 900) -> Actor:
    """Give an employee: of the municipality unless a role says agency; close to nobody."""
    agency = any(role.startswith("agency") for role in roles)
    ties.remember(a_person(serial), ())
    return Actor(
        kind="employee",
        person_id=a_person(serial),
        org_no=OWNER if agency else "964965137",
        municipality_id=None if agency else municipality_id(number),
        roles=frozenset(roles),
        level="high",
        session_id=f"staff-{serial}",
        language="nb",
    )


def a_caseworker(**changes: Any) -> Actor:
    return an_employee("municipality_caseworker", **changes)


def an_agency(**changes: Any) -> Actor:
    return an_employee("agency_caseworker", **changes)


def earn(known: Registers, serial: int, total: float, *, month: str = "2026-08") -> None:
    """Let the register of incomes say what a person earned."""
    number = a_number(serial).value
    known.replies.setdefault("skatteetaten.income", {})[number] = {
        "month": month,
        "total": total,
        "items": [],
    }


def a_case(
    package: packages.Package,
    known: Registers | None = None,
    *,
    serial: int = 1,
    answers: dict[str, Any] | None = None,
    income: float = 2000,
    state: str = "ready",
    number: str = SANDNES,
    protection: str = "ugradert",
    channel: str = "digital",
    term: Month | None = AUGUST,
    submitted: dt.date = dt.date(2026, 8, 10),
    amended: dict[str, Any] | None = None,
    due_on: dt.date | None = None,
) -> Case:
    """Store a submitted case with its application and its place in a term."""
    person = a_person(serial)
    if known is not None:
        known.know(serial, municipality_no=number, protection=protection)
        earn(known, serial, income)
    at = dt.datetime.combine(submitted, dt.time(12), tzinfo=OSLO)
    placed = protection not in ("strengtFortrolig", "unknown")
    case = Case.objects.create(
        id=new_id(),
        package_id=package.id,
        package_version=package.version,
        package_sha256=package.sha256,
        municipality_id=municipality_id(number) if placed else None,
        applicant_id=person,
        applicant_name=f"Kari Prøve{serial}",
        state=state,
        waiting_for=package.process.states[state].waits_for,
        due_on=due_on,
        protection=protection,
        protection_checked_at=at,
        language="nb",
        channel=channel,
        situation_on=(term or Month.of(submitted)).first,
        submitted_at=at,
        amended={"island": True} if amended is None else amended,
        changed_at=at,
    )
    Application.objects.create(
        case=case,
        applicant_id=person,
        answers={
            "home": {"street": "Storgata 1", "municipality_no": number},
            "trips": 10,
            "account": "86011117947",
            **(answers or {}),
        },
        facts=_facts(known, serial),
        body_sha256="0" * 64,
        idempotency_key=str(case.id),
        receipt_code=receipt.code_from(secrets.token_bytes(16)),
        submitted_at=at,
    )
    if term is not None:
        TermEntry.objects.create(
            case=case,
            package_id=package.id,
            term=term.first,
            origin="new",
            made_at=at,
        )
    return case


def _facts(known: Registers | None, serial: int) -> dict[str, Any]:
    if known is None:
        return {}
    data = known.replies["folkeregisteret.person"][a_number(serial).value]
    at = dt.datetime(2026, 8, 10, 10, tzinfo=dt.UTC).isoformat()
    return {
        "person": {"status": "found", "data": data, "source": "Folkeregisteret", "fetched_at": at}
    }


def decisions_of(case: Case) -> list[Decision]:
    return list(case.decisions.order_by("term", "sequence"))


def waiting_in(case: Case, term: Month) -> TermEntry | None:
    return case.terms.filter(term=term.first, state="waiting").first()


@pytest.fixture
def run_day() -> Iterator[None]:
    """Hold the clock at a day after the deadline of August."""
    with clock.frozen(RUN_DAY):
        yield
