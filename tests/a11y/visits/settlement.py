"""The pages of `settlement`: agreements in every state, the gain plan, a settled year and a party's statement."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

_HUSBANKEN, _SOKNDAL = "942114184", "1111"
_ALL = ("owner", "KS", "municipal lead", "ministry", "secretariat")
_ONE = {"agreement_id": sample("agreement.offered")}
_PLAN = {"initiative_id": sample("agreement.initiative")}
_YEAR = {"settlement_id": sample("settlement")}

PAGES = {
    "agreements": page("nobody", *_ALL),
    "agreement": [
        *page("nobody", *_ALL, **_ONE),
        *page("owner", "KS", agreement_id=sample("agreement.draft")),
        *page("nobody", "municipal lead", "owner", agreement_id=sample("agreement.signed")),
    ],
    "agreement-propose": page("owner", "secretariat", **_PLAN),
    "gain-plan": page("nobody", *_ALL, **_PLAN),
    "gain-plan-new": page("owner", "secretariat", **_PLAN),
    "settlements": page("nobody", "municipal lead"),
    "settlement": page("nobody", "owner", **_YEAR),
    "statement": page("nobody", "municipal lead", **_YEAR, party=TRONDHEIM),
}
NO_PAGE = {
    **dict.fromkeys(
        (
            "agreement-offer",
            "agreement-sign",
            "agreement-leave",
            "agreement-settle",
            "agreement-end",
            "gain-end",
            "gain-report",
            "gain-take-out",
        ),
        "POST",
    ),
    "settlement-csv": "CSV",
    "statement-csv": "CSV",
    "statement-pdf": "PDF",
}


def make(stage: Any) -> dict[str, str]:
    """Make an agreement in each state, a plan with figures, and a settled year."""
    from samspill.infra import clock
    from samspill.portfolio import service as portfolio
    from samspill.settlement import service

    owner = stage.employee("initiative_owner", org_no=_HUSBANKEN)
    lead = stage.employee("municipal_lead", number=TRONDHEIM)
    other = stage.employee("municipal_lead", number=_SOKNDAL)
    made = portfolio.register(owner, title="Avtalt tiltak", summary="Til avtalesidene.")
    about = portfolio.publish(owner, initiative_id=made.id).id
    item = service.plan_gain(owner, initiative_id=about, plan_json=_plan())
    draft = service.propose(owner, initiative_id=about, title="Utkast", terms_json=_terms())
    offered = service.propose(owner, initiative_id=about, title="Felles drift", terms_json=_terms())
    service.offer(owner, agreement_id=offered.id)
    signed = service.propose(owner, initiative_id=about, title="Signert", terms_json=_terms())
    service.offer(owner, agreement_id=signed.id)
    for actor in (owner, lead, other):
        service.sign(actor, agreement_id=signed.id, version=1)
    with clock.frozen(dt.date(2027, 3, 2)):
        service.report_observation(lead, item_id=item.id, year=2026, cases=900, value=Decimal(15))
        service.take_out(lead, item_id=item.id, year=2026, hours=Decimal(40))
        year = service.settle(owner, agreement_id=signed.id, year=2026)
    return {
        "agreement.initiative": str(about),
        "agreement.draft": str(draft.id),
        "agreement.offered": str(offered.id),
        "agreement.signed": str(signed.id),
        "settlement": str(year.id),
    }


def _terms() -> dict[str, Any]:
    parties = [
        {"id": TRONDHEIM, "own": 400_000, "gain": 900_000},
        {"id": _SOKNDAL, "own": 7_000, "gain": 10_000},
    ]
    return {
        "first_year": 2026,
        "last_year": 2028,
        "sharing": {"key": "mixed", "equal_share": 0.3, "fixed": 300_000, "parties": parties},
        "tariff": {"per_inhabitant_once": 2},
        "lines": [
            {"name": "Drift", "payer": "key", "amount": 707_000},
            {"name": "Opplæring", "payer": "own"},
            {"name": "Utvikling", "payer": _HUSBANKEN, "amount": 250_000},
        ],
        "others": [_HUSBANKEN],
        "withdrawal": 0.5,
    }


def _plan() -> dict[str, Any]:
    baseline = {
        "value": 22,
        "from": "2024-01-01",
        "to": "2024-12-31",
        "source": "Tidsmåling",
        "status": "measured",
    }
    return {
        "name": "Kortere saksbehandling",
        "owner_org_no": _HUSBANKEN,
        "owner_title": "Avdelingsdirektør",
        "line_authority": True,
        "indicator": "minutes_per_case",
        "group": "municipality",
        "baseline": baseline,
        "effect_from": "2025-07-01",
        "realised_as": "cash",
        "hour_price": 600,
        "targets": [{"year": 2026, "cases": 3000, "value": 12, "ramp": 1}],
    }
