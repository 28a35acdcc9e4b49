"""Small builders: terms, an agreement put forward, a gain plan."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from samspill.kernel.actor import Actor
from samspill.portfolio import service as portfolio
from samspill.portfolio.service import InitiativeView
from samspill.portfolio.tests.builders import HUSBANKEN, OWNER, an_initiative, lead
from samspill.settlement import service

SMALL, LARGE = "1111", "1108"  # Sokndal and Sandnes


def terms_of(*numbers: str, **changes: Any) -> dict[str, Any]:
    """Return terms of three years: half equal, half by inhabitants, a tariff, all lines paid."""
    sharing = {
        "key": "mixed",
        "equal_share": 0.5,
        "total": 100_000,
        "parties": list(numbers or (SMALL, LARGE)),
    }
    return {
        "first_year": 2026,
        "last_year": 2028,
        "sharing": sharing,
        "tariff": {"per_inhabitant_once": 2, "year_fixed": 1000},
        "lines": [
            {"name": "Drift av fellesløsning", "payer": "key", "amount": 100_000},
            {"name": "Opplæring", "payer": "own"},
            {"name": "Utvikling", "payer": HUSBANKEN, "amount": 250_000},
        ],
        "others": [HUSBANKEN],
        "withdrawal": 0.5,
        **changes,
    }


def published() -> InitiativeView:
    """Return an initiative that everybody may read."""
    return portfolio.publish(OWNER, initiative_id=an_initiative().id)


def an_agreement(
    initiative: InitiativeView | None = None, *, actor: Actor = OWNER, **changes: Any
) -> service.AgreementView:
    """Propose an agreement and put it forward."""
    about = initiative or published()
    made = service.propose(
        actor, initiative_id=about.id, title="Avtale om bostøtte", terms_json=terms_of(**changes)
    )
    return service.offer(actor, agreement_id=made.id)


def all_sign(view: service.AgreementView) -> None:
    """Let every party of an agreement sign the version that stands."""
    for one in view.parties:
        actor = lead(one.party) if one.kind == "municipality" else OWNER
        service.sign(actor, agreement_id=view.id, version=view.number)


def a_plan(**changes: Any) -> dict[str, Any]:
    """Return the plan of a gain in cash that is reported."""
    return {
        "name": "Kortere saksbehandling",
        "owner_org_no": HUSBANKEN,
        "owner_title": "Avdelingsdirektør, bostøtte",
        "line_authority": True,
        "indicator": "minutes_per_case",
        "group": "municipality",
        "baseline": {
            "value": 22,
            "from": "2024-01-01",
            "to": "2024-12-31",
            "source": "Tidsmåling i seks kommuner",
            "status": "measured",
        },
        "effect_from": "2025-07-01",
        "realised_as": "cash",
        "hour_price": 600,
        "hour_price_source": "Forutsetningssett 2026-1",
        "targets": [{"year": 2026, "cases": 1200, "value": 12, "ramp": 1}],
        **changes,
    }


def a_gain(initiative_id: UUID, **changes: Any) -> Any:
    """Plan a gain."""
    return service.plan_gain(OWNER, initiative_id=initiative_id, plan_json=a_plan(**changes))


SETTLING_DAY = dt.date(2027, 3, 2)
