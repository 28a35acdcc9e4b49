"""Small builders: actors of each role, an initiative, and what brings it to a state."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.municipalities import service as municipalities
from samspill.portfolio import service
from samspill.portfolio.domain.relevance import CRITERIA

HUSBANKEN = "942114184"
DIGDIR = "991825827"
KS = "971032146"
DFD = "932384469"


def an_actor(role: str, org_no: str, municipality_id: UUID | None = None) -> Actor:
    """Return an employee of an organisation with one role."""
    return Actor(
        kind="employee",
        org_no=org_no,
        municipality_id=municipality_id,
        roles=frozenset({role}),
        level="high",
    )


OWNER = an_actor("initiative_owner", HUSBANKEN)
OTHER_OWNER = an_actor("initiative_owner", DIGDIR)
KS_COORDINATOR = an_actor("ks_coordinator", KS)
MINISTRY = an_actor("ministry", DFD)
SECRETARIAT = an_actor("secretariat", DIGDIR)
CITIZEN = Actor(kind="citizen", level="high")


def lead(number: str = "1108") -> Actor:
    """Return the digitalisation lead of a municipality."""
    place = municipalities.current(number)
    assert isinstance(place, municipalities.Municipality)
    return an_actor("municipal_lead", place.org_no or "", place.id)


def an_initiative(actor: Actor = OWNER, **changes: Any) -> service.InitiativeView:
    """Register an initiative with the six questions answered."""
    values: dict[str, Any] = {
        "title": "Bostøtte på nett",
        "summary": "One application, reused facts.",
        "sector": "housing",
        "questions": {
            key: f"Answer on {key}."
            for key in (
                "problem",
                "measures",
                "principles",
                "effects",
                "recommendation",
                "preconditions",
            )
        },
        **changes,
    }
    return service.register(actor, **values)


def an_assessment(**changes: Any) -> dict[str, Any]:
    """Return the body of a finished assessment."""
    return {
        "assessment_id": "a1",
        "status": "frozen",
        "lines": 2,
        "lines_incomplete": [],
        "municipalities": 357,
        "consulted_on": (clock.today() - dt.timedelta(days=15)).isoformat(),
        "assumption_set": "2026-1",
        "assumptions_valid_to": (clock.today() + dt.timedelta(days=300)).isoformat(),
        "candidate": a_candidate(),
        **changes,
    }


def a_candidate(value: float = 10e6, state: float = 5e6, **changes: Any) -> dict[str, Any]:
    """Return what a round reads of an assessment: worth by start year, what it costs, loads and gives."""
    starts = {"2028": value, "2029": value * 0.96}
    return {
        "value_nok": starts,
        "plan": {"state": [state, state / 5], "municipal": [2e6]},
        "commitment": {"state": [state * 1.3, state / 4], "municipal": [2.5e6]},
        "hours": {"<2000": [40.0, 5.0]},
        "goals": {"hours_freed": 1000.0, "citizen_hours": 5000.0, "gain_smallest_nok": 1e5},
        "draws": {
            start: [worth * factor for factor in (0.6, 0.9, 1.0, 1.1, 1.4)]
            for start, worth in starts.items()
        },
        **changes,
    }


def answers(*yes: str) -> dict[str, dict[str, Any]]:
    """Return answers to every criterion of relevance, yes to those named."""
    return {key: {"yes": key in yes, "why": ""} for key in CRITERIA}


def brought_to(state: str, **changes: Any) -> service.InitiativeView:
    """Return an initiative that was taken to a state through every guard before it (up to `assessed`)."""
    made = an_initiative(**changes)
    if state == "registered":
        return made
    service.move(OWNER, initiative_id=made.id, to="relevance")
    if state == "relevance":
        return service.get(made.id, actor=OWNER)
    for actor in (OWNER, KS_COORDINATOR):
        service.sign_relevance(
            actor, initiative_id=made.id, verdict="material", criteria=answers("changes_work")
        )
    service.move(OWNER, initiative_id=made.id, to="involved")
    if state == "involved":
        return service.get(made.id, actor=OWNER)
    service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=an_assessment())
    return service.move(OWNER, initiative_id=made.id, to="assessed")
