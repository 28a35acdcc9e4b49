"""Who comes: everybody of the matrix, each with where they work, and the browser they come in."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import attrs
from django.test import Client

from samspill.cases.service import ties
from samspill.cases.tests.builders import SANDNES, STAVANGER, a_citizen, a_person
from samspill.cases.tests.term_builders import OWNER as FERRY_OWNER
from samspill.identity.models import Session
from samspill.identity.sessions import hashed
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.municipalities import service as municipalities

ELSEWHERE = "974761076"
KS, DFD, DIGDIR = "971032146", "932384469", "991825827"
NAME = "Ansatt Navnløs"

#: role → the organisations it is tried in: (how the cell calls it, municipality number or organisation number)
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "municipality_caseworker": (("own", SANDNES), ("other", STAVANGER)),
    "municipality_leader": (("own", SANDNES), ("other", STAVANGER)),
    "counter": (("own", SANDNES), ("other", STAVANGER)),
    "agency_caseworker": (("own", FERRY_OWNER), ("other", ELSEWHERE)),
    "agency_leader": (("own", FERRY_OWNER), ("other", ELSEWHERE)),
    "protected_caseworker": (
        ("own municipality", SANDNES),
        ("other municipality", STAVANGER),
        ("own agency", FERRY_OWNER),
        ("other agency", ELSEWHERE),
    ),
    "initiative_owner": (("own", FERRY_OWNER), ("other", DIGDIR)),
    "municipal_lead": (("own", SANDNES), ("other", STAVANGER)),
    "ks_coordinator": (("own", KS),),
    "ministry": (("own", DFD),),
    "secretariat": (("own", DIGDIR),),
}


#: Roles that are also tried with tasks that the cases do not belong to: they must say why.
_DIVIDED, _OTHER_TASKS = ("municipality_caseworker", "agency_caseworker"), frozenset({"another"})


@attrs.frozen
class Person:
    """One who comes: the actor, the name of the row in the declarations, and the browser."""

    name: str
    actor: Actor | None
    client: Client = attrs.field(repr=False)

    @property
    def roles(self) -> frozenset[str]:
        """What `@needs` may ask for, of this person."""
        if self.actor is None:
            return frozenset()
        return self.actor.roles | {self.actor.kind}


def employees() -> list[Person]:
    """Everybody with a role, in the organisations the objects belong to and in others."""
    found = []
    for serial, (role, places) in enumerate(_PLACES.items(), 900):
        for n, (place, number) in enumerate(places):
            actor = _employee(role, number, serial * 10 + n)
            found.append(Person(f"{role}: {place}", actor, browser(actor)))
            if role in _DIVIDED and place == "own":
                apart = attrs.evolve(
                    _employee(role, number, serial * 10 + 9), services=_OTHER_TASKS
                )
                found.append(Person(f"{role}: own, other tasks", apart, browser(apart)))
    alone = attrs.evolve(found[0].actor or Actor("employee"), org_no=None, municipality_id=None,
                         roles=frozenset(), person_id=a_person(9990))  # fmt: skip
    return [*found, Person("employee without a unit", alone, browser(alone))]


def _employee(role: str, number: str, serial: int) -> Actor:
    place = municipalities.current(number) if len(number) == 4 else None
    here = place if isinstance(place, municipalities.Municipality) else None
    ties.remember(a_person(serial), ())  # close to nobody
    return Actor(
        kind="employee",
        person_id=a_person(serial),
        org_no=(here.org_no or f"99{number}000") if here else number,
        municipality_id=here.id if here else None,
        roles=frozenset({role}),
        level="high",
        session_id=f"staff-{serial}",
    )


def citizen(name: str, serial: int) -> Person:
    """A citizen who acts for nobody else."""
    actor = a_citizen(serial)
    return Person(name, actor, browser(actor))


def browser(actor: Actor) -> Client:
    """A browser in which the actor is logged in: the session is stored as a login stores it."""
    token, now = secrets.token_urlsafe(32), clock.now()
    units: list[dict[str, Any]] = []
    if actor.org_no:
        kind = "agency" if actor.municipality_id is None else "municipality"
        units = [{"org_no": actor.org_no, "name": "Et sted", "kind": kind, "roles": sorted(actor.roles),
                  "municipality_id": str(actor.municipality_id or ""), "units": sorted(actor.units),
                  "services": sorted(actor.services)}]  # fmt: skip
    Session.objects.create(
        id=uuid.uuid4(), token_hash=hashed(token), person_id=actor.person_id, profile=actor.kind, level="high",
        name=NAME, units=units, org_no=actor.org_no or "", issuer="test", subject="test", started_at=now,
        last_seen_at=now,
    )  # fmt: skip
    client = Client()
    client.cookies["samspill"] = token
    return client


def anonymous() -> Person:
    """Somebody who has not logged in."""
    return Person("nobody", None, Client())
