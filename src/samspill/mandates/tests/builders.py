"""Small builders: people, a Folkeregisteret that answers from a table, offers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
import pytest

from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.http import ComponentError
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId, check_digits
from samspill.mandates import service
from samspill.mandates.service import Offer
from samspill.registers import service as registers
from samspill.registers.adapters.directory import REGISTERS

NAME = "folkeregisteret.representation"
TRONDHEIM_ORG, OTHER_ORG = "942110464", "964338531"


def number(serial: int = 1) -> NationalId:
    """Make a synthetic number: another for each serial."""
    for individual in range(900, 1000):
        nine = f"{1 + serial % 28:02d}{81 + serial // 28 % 12:02d}85{individual}"
        digits = check_digits(nine)
        if digits is not None:
            found = NationalId.parse(nine + digits, allow_synthetic=True, allow_real=False)
            assert isinstance(found, NationalId)
            return found
    raise AssertionError


def person(serial: int) -> uuid.UUID:
    return identity.person_for(number(serial))


def citizen(serial: int, **changes: Any) -> Actor:
    actor = Actor(
        kind="citizen", person_id=person(serial), level="high", session_id=f"session-{serial}",
        request_id="request", language="nb", name=f"Kari Prøve{serial}",
    )  # fmt: skip
    return attrs.evolve(actor, **changes)


def employee(serial: int, *roles: str, org_no: str = TRONDHEIM_ORG) -> Actor:
    return Actor(
        kind="employee", person_id=person(serial), level="high", session_id=f"session-{serial}",
        org_no=org_no, municipality_id=uuid.uuid4(), roles=frozenset(roles or ("counter",)),
        channel="counter", name="Ansatt",
    )  # fmt: skip


@attrs.define
class Register:
    """A Folkeregisteret that says what a table says, or is down."""

    replies: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    organisations: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    down: bool = False
    asked: int = 0

    def know(self, serial: int, **changes: Any) -> None:
        self.replies[number(serial).value] = {
            "name": {"given": "Kari", "family": f"Prøve{serial}", "full": f"Kari Prøve{serial}"},
            "born": "1985-01-01", "dead": False, "died": None, "protection": "ugradert",
            "guardianships": [], "parents": [], "children": [], **changes,
        }  # fmt: skip

    def know_organisation(self, org_no: str, **changes: Any) -> None:
        self.organisations[org_no] = {
            "org_no": org_no, "name": "Hjelpen", "form": "AS", "deleted": None, "bankrupt": False,
            "holders": [], **changes,
        }  # fmt: skip

    def organisation(self, *, org_no: str, **_rest: Any) -> registers.Outcome:
        self.asked += 1
        if self.down:
            return registers.Unavailable("enhetsregisteret", "unavailable", None, "")
        found = self.organisations.get(org_no)
        if found is None:
            return registers.NotFound("Enhetsregisteret")
        return registers.Found(found, "Enhetsregisteret", clock.now(), "")

    def fetch(self, question: Any) -> dict[NationalId, Any]:
        self.asked += 1
        if self.down:
            raise ComponentError("folkeregisteret", "bulkoppslag", "unavailable")
        return {p: self.replies[p.value] for p in question.persons if p.value in self.replies}


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Give a register that knows persons 1 to 6 and two organisations."""
    fake = Register()
    for org_no in (TRONDHEIM_ORG, OTHER_ORG):
        fake.know_organisation(org_no)
    monkeypatch.setattr(registers, "organisation", fake.organisation)
    for serial in range(1, 7):
        fake.know(serial)
    entry = attrs.evolve(REGISTERS[NAME], fetch=fake.fetch)
    monkeypatch.setattr(registers, "REGISTERS", {**REGISTERS, NAME: entry})
    return fake


def offer(agent: int = 2, **changes: Any) -> Offer:
    given = Offer(
        agent_number=number(agent).value, agent_family=f"prøve{agent}", scopes=("husbanken:bostoette",)
    )  # fmt: skip
    return attrs.evolve(given, **changes)


def a_mandate(
    giver: int = 1, agent: int = 2, *, accepted: bool = True, **changes: Any
) -> uuid.UUID:
    """Let one give another a mandate, and the other accept it."""
    asked = offer(agent, **changes)
    text = service.preview(citizen(giver), asked)
    made = service.give(citizen(giver), asked, text_sha256=text.sha256)
    if accepted:
        service.accept(citizen(agent), mandate_id=made)
    return made


def ask(
    actor: int = 2,
    subject: int = 1,
    *,
    scope: str = "husbanken:bostoette",
    action: str = "write",
    at: dt.datetime | None = None,
    **changes: Any,
) -> service.Question:
    from samspill.infra import clock

    question = service.Question(
        actor=str(person(actor)), subject=str(person(subject)), scope=scope, action=action,
        at=at or clock.now(), eid_level="high",
    )  # fmt: skip
    return attrs.evolve(question, **changes)


def reason(*args: Any, **kwargs: Any) -> str:
    return str(service.decide(ask(*args, **kwargs)).reason)
