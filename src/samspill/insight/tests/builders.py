"""A small register through the rooms' own doors: one initiative with every part of a story, and some beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio
from samspill.portfolio.service.words import CRITERIA
from samspill.settlement import service as settlement

HUSBANKEN, DIGDIR, KS, DFD = "942114184", "991825827", "971032146", "932384469"


def an_actor(role: str, org_no: str, municipality_id: Any = None) -> Actor:
    """Return an employee of an organisation with one role."""
    return Actor(
        kind="employee",
        org_no=org_no,
        municipality_id=municipality_id,
        roles=frozenset({role}),
        level="high",
    )


OWNER = an_actor("initiative_owner", HUSBANKEN)
OTHER = an_actor("initiative_owner", DIGDIR)
COORDINATOR = an_actor("ks_coordinator", KS)


def id_of(number: str) -> Any:
    """Return the id of a municipality of today."""
    found = municipalities.current(number)
    assert isinstance(found, municipalities.Municipality)
    return found.id


def lead(number: str = "1108") -> Actor:
    """Return the digitalisation lead of a municipality."""
    place = municipalities.by_id(id_of(number))
    assert place is not None
    return an_actor("municipal_lead", place.org_no or "", place.id)


def an_initiative(
    actor: Actor = OWNER, *, published: bool = True, **values: Any
) -> portfolio.InitiativeView:
    """Register an initiative, and publish it unless told not to."""
    said = {
        "title": "Fullmakter på nett",
        "summary": "Én fullmakt som gjelder i alle kommuner.",
        "sector": "digital",
        "questions": {
            "problem": "Pårørende møter opp med papir.",
            "effects": "Kommunene sparer tid i skranken.",
        },
        **values,
    }
    made = portfolio.register(actor, **said)
    return portfolio.publish(actor, initiative_id=made.id) if published else made


def an_assessment(**changes: Any) -> dict[str, Any]:
    """Return the body of a frozen assessment with its totals."""
    return {
        "assessment_id": "a1",
        "status": "frozen",
        "lines": 2,
        "lines_incomplete": [],
        "municipalities": 357,
        "consulted_on": (clock.today() - dt.timedelta(days=15)).isoformat(),
        "assumption_set": "2026-1",
        "assumptions_valid_to": (clock.today() + dt.timedelta(days=300)).isoformat(),
        "totals": {
            "net_cost": {"unit": "NOK", "mean": 81.5e6, "p10": 60.25e6, "p50": 80e6, "p85": 104e6},
            "net_hours": {
                "unit": "hours",
                "mean": 41_000,
                "p10": 30_000,
                "p50": 40_000,
                "p85": 52_000,
            },
        },
        **changes,
    }


def a_whole_story(**values: Any) -> portfolio.InitiativeView:
    """Return an initiative with verdicts, involvement, influence, dissent, assessment, windows and a gain plan."""
    year = clock.today().year
    made = an_initiative(
        window_from=dt.date(year + 1, 3, 1), window_to=dt.date(year + 2, 6, 30), **values
    )
    portfolio.move(OWNER, initiative_id=made.id, to="relevance")
    answers = {
        key: {"yes": key == "changes_work", "why": "Skranken får nye oppgaver."} for key in CRITERIA
    }
    for actor, verdict in ((OWNER, "minor"), (COORDINATOR, "material")):
        portfolio.sign_relevance(actor, initiative_id=made.id, verdict=verdict, criteria=answers)
    held = portfolio.involve(
        OWNER,
        initiative_id=made.id,
        phase="concept",
        form="workshop",
        held_on=clock.today() - dt.timedelta(days=30),
        raised="De små har ingen vakt i skranken hver dag.",
        municipality_ids=[id_of("1103"), id_of("1151")],
    )
    portfolio.record_influence(
        OWNER, involvement_id=held.id, changed=True, text="Fullmakten gis også per telefon."
    )
    portfolio.move(OWNER, initiative_id=made.id, to="involved")
    portfolio.deposit(OWNER, initiative_id=made.id, kind="assessment", body=an_assessment())
    portfolio.lodge_dissent(
        COORDINATOR,
        initiative_id=made.id,
        text="Opplæringen er for lavt anslått.",
        figures=[{"name": "Opplæring", "unit": "NOK", "owner": 12e6, "ks": 30e6}],
    )
    portfolio.move(OWNER, initiative_id=made.id, to="assessed")
    portfolio.choose_window(
        lead(),
        initiative_id=made.id,
        choice="planned",
        starts_on=dt.date(year + 1, 5, 1),
        ends_on=dt.date(year + 1, 12, 31),
    )
    a_gain(made.id)
    return portfolio.get(made.slug)


def a_gain(initiative_id: Any, **changes: Any) -> Any:
    """Plan a gain that municipalities report."""
    year = clock.today().year
    plan = {
        "name": "Kortere tid i skranken",
        "owner_org_no": HUSBANKEN,
        "owner_title": "Avdelingsdirektør",
        "line_authority": True,
        "indicator": "minutes_per_case",
        "group": "municipality",
        "baseline": {
            "value": 22,
            "from": f"{year - 2}-01-01",
            "to": f"{year - 2}-12-31",
            "source": "Tidsmåling i seks kommuner",
            "status": "measured",
        },
        "effect_from": f"{year - 1}-07-01",
        "realised_as": "cash",
        "hour_price": 600,
        "hour_price_source": "Forutsetningssett 2026-1",
        "targets": [{"year": year, "cases": 1200, "value": 12, "ramp": 1}],
        **changes,
    }
    return settlement.plan_gain(OWNER, initiative_id=initiative_id, plan_json=plan)


LINES = (
    {"key": "lead", "name": "Prosjektledelse", "category": "hours_used", "role": "project_lead", "driver": "one",
     "quantity": 120, "unit": "hours", "uncertainty": {"low": 0.7, "likely": 1, "high": 1.8}, "grade": "expert"},
    {"key": "adapter", "name": "Tilpasning", "category": "one_off_cost", "driver": "one", "quantity": 90_000,
     "uncertainty": {"p10": 0.6, "p90": 1.9}, "grade": "assumption"},
    {"key": "licence", "name": "Lavere lisens", "category": "income", "driver": "inhabitants", "quantity": 6,
     "uncertainty": {"p10": 0.5, "p90": 1.5}, "grade": "comparable"},
    {"key": "saved", "name": "Kortere behandling", "category": "hours_freed", "role": "caseworker", "driver": "inhabitants",
     "quantity": 0.02, "uncertainty": {"p10": 0.5, "p90": 1.5}, "grade": "comparable"},
)  # fmt: skip


def described(made: portfolio.InitiativeView) -> None:
    """Save the lines of an initiative, and answer the whole checklist."""
    impact.save_lines(OWNER, initiative_id=made.id, lines=LINES, take=0)
    asked = impact.answers(made.id, actor=OWNER)
    given = {
        one.question.key: {"answer": "none", "why": "Eieren tar det."}
        for one in asked
        if one.answer == "unknown"
    }
    impact.answer_checklist(OWNER, initiative_id=made.id, given=given)


def calculated(**values: Any) -> portfolio.InitiativeView:
    """Return a published initiative whose consequences are calculated and frozen: the small lose, the large gain."""
    year = clock.today().year
    made = an_initiative(
        window_from=dt.date(year + 1, 1, 1), window_to=dt.date(year + 1, 12, 31), **values
    )
    described(made)
    done = impact.assess(OWNER, initiative_id=made.id, draws=256)
    impact.consult(OWNER, assessment_id=done.id)
    impact.take_position(COORDINATOR, assessment_id=done.id, position="agreed")
    impact.freeze(OWNER, assessment_id=done.id)
    return portfolio.get(made.slug)


def an_actual(
    made: portfolio.InitiativeView, number: str = "1108", value: float = 200_000.0
) -> None:
    """Report what the adapter really came to in a municipality."""
    impact.report_actual(
        lead(number),
        initiative_id=made.id,
        line="adapter",
        municipality_id=id_of(number),
        year=clock.today().year + 1,
        value=value,
        source="Regnskapet",
    )
