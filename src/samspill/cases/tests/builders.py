"""Small builders and fakes: people, registers that answer from a table, an imagined service.

The fake registers stand in for the adapters only; the door of `registers` (declaration, log, keeping) is
the real one, and so are packages, identity and municipalities.
"""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import attrs
import pytest

from samspill.identity import service as identity
from samspill.infra.http import ComponentError
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import NationalId, check_digits
from samspill.packages import service as packages
from samspill.registers import service as registers
from samspill.registers.adapters.directory import REGISTERS

ALLOTMENT = Path(__file__).parent / "allotment"
SANDNES, STAVANGER = "1108", "1103"


def a_number(serial: int = 1) -> NationalId:
    """Make a synthetic number (month + 80): another for each serial."""
    for individual in range(900, 1000):
        nine = f"{1 + serial % 28:02d}{81 + serial // 28 % 12:02d}90{individual}"
        digits = check_digits(nine)
        if digits is not None:
            found = NationalId.parse(nine + digits, allow_synthetic=True, allow_real=False)
            assert isinstance(found, NationalId)
            return found
    raise AssertionError


def a_person(serial: int = 1) -> uuid.UUID:
    return identity.person_for(a_number(serial))


def a_citizen(serial: int = 1, **changes: Any) -> Actor:
    actor = Actor(
        kind="citizen",
        person_id=a_person(serial),
        level="high",
        session_id=f"session-{serial}",
        request_id="request",
        language="nb",
    )
    return attrs.evolve(actor, **changes)


@attrs.define
class Registers:
    """Registers that say what a table says, are down, or are asked how often they were called."""

    replies: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    down: set[str] = attrs.field(factory=set)
    asked: list[str] = attrs.field(factory=list)

    def know(
        self,
        serial: int = 1,
        *,
        municipality_no: str = SANDNES,
        protection: str = "ugradert",
        members: tuple[dict[str, Any], ...] = (),
    ) -> None:
        number = a_number(serial).value
        address = {
            "street": "Storgata 1",
            "unit_no": "H0101",
            "postal_code": "4306",
            "city": "Sandnes",
            "municipality_no": municipality_no,
            "address_id": "77",
            "moved_in": "2020-01-01",
        }
        hidden = protection in ("fortrolig", "strengtFortrolig")
        self.replies.setdefault("folkeregisteret.person", {})[number] = {
            "national_id": number,
            "name": {"full": f"Kari Prøve{serial}"},
            "born": "1990-01-01",
            "status": "bosatt",
            "dead": False,
            "address": None if hidden else address,
            "protection": protection,
        }
        self.replies.setdefault("folkeregisteret.household", {})[number] = {
            "members": [
                {
                    "national_id": number,
                    "name": {"full": "Kari"},
                    "relation": "self",
                    "born": "1990-01-01",
                },
                *members,
            ]
        }
        self.replies.setdefault("krr.contact", {})[number] = {
            "mobile": "+4790000000",
            "email": "a@b.no",
        }

    def fetch(self, register: str, question: Any) -> dict[NationalId, Any]:
        self.asked.append(register)
        if register in self.down:
            raise ComponentError(REGISTERS[register].component, "get", "unavailable")
        known = self.replies.get(register, {})
        return {person: known[person.value] for person in question.persons if person.value in known}


def a_member(serial: int, **changes: Any) -> dict[str, Any]:
    member = {
        "national_id": a_number(serial).value,
        "name": {"full": f"Per Prøve{serial}"},
        "relation": "partner",
        "born": "1991-02-03",
        "protection": "ugradert",
    }
    return {**member, **changes}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Registers:
    """Give fake registers in which person 1 lives in Sandnes."""
    fake = Registers()
    fake.know(1)
    table = {
        name: attrs.evolve(register, fetch=lambda question, name=name: fake.fetch(name, question))
        for name, register in REGISTERS.items()
    }
    monkeypatch.setattr(registers, "REGISTERS", table)
    return fake


@pytest.fixture
def allotment(db: None) -> packages.Package:
    """Publish the imagined service."""
    packages.publish(ALLOTMENT, actor=system("test"))
    return packages.published("allotment", on=dt.date(2026, 8, 10))


ANSWERS: dict[str, Any] = {
    "has_shed": True,
    "shed_size": 4,
    "members": [],
    "fee": 400,
}
