"""The demo's calculations: lines, checklist, assessment, KS' position and frozen figures, through the room `impact`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from samspill.impact import service as impact
from samspill.infra import clock
from samspill.site import demo_people, demo_reading
from samspill.site.demo_reading import Tiltak

#: Enough for the demo's percentiles (Sobol points: the error falls almost as 1/draws) and quick to load.
_SEED, _DRAWS = 1, 128
_KS_AFTER = dt.timedelta(hours=2)


def make(one: Tiltak, id_: UUID, *, at: dt.datetime) -> None:
    """Calculate an initiative on a day, lay it before KS, and fix the figures when KS has said its view."""
    owner = demo_people.owner(one.owner)
    if impact.assessments(id_, actor=owner):
        return  # it says the same as in the round before: its frozen figures hold
    with clock.frozen(at):
        take = impact.lines_of(id_, actor=owner).take
        impact.save_lines(owner, initiative_id=id_, lines=one.lines, take=take)
        impact.answer_checklist(owner, initiative_id=id_, given=one.no_cost)
    _calculate(one, id_, at)


def again(one: Tiltak, id_: UUID) -> None:
    """Calculate an initiative anew today, from what live cases have taught since."""
    _calculate(one, id_, clock.now() - _KS_AFTER)


def contested(one: Tiltak, figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure that KS sees otherwise: the owner's read from its own lines, KS' beside it.

    `owner` names the line whose quantity it is, or `hours_once`: P50 of all hours of introduction, to the hundred.
    KS' number is `ks`, or `times` the owner's.
    """
    owners = (
        _hours_once(one) if figure["owner"] == "hours_once" else _quantity(one, figure["owner"])
    )
    ks = figure["ks"] if "ks" in figure else figure["times"] * owners
    return {"name": figure["name"], "unit": figure["unit"], "owner": owners, "ks": ks}


def _quantity(one: Tiltak, key: str) -> float:
    return float(next(line["quantity"] for line in one.lines if line["key"] == key))


def _hours_once(one: Tiltak) -> float:
    once = [
        line
        for line in one.lines
        if line["category"] == "one_off_cost" and line.get("unit") == "hours"
    ]
    asked = {"initiatives": [{"id": one.slug, "lines": once}], "years": [2030, 2039]}
    found = impact.simulate_json({**asked, "draws": _DRAWS, "seed": _SEED})
    return float(round(found["total"]["p50"], -2))


def _calculate(one: Tiltak, id_: UUID, at: dt.datetime) -> None:
    owner = demo_people.owner(one.owner)
    with clock.frozen(at):
        made = impact.assess(owner, initiative_id=id_, seed=_SEED, draws=_DRAWS)
        impact.consult(owner, assessment_id=made.id)
    with clock.frozen(at + _KS_AFTER):
        against = demo_reading.process()["dissent"].get(one.slug)
        impact.take_position(
            demo_people.ks(),
            assessment_id=made.id,
            position="dissent" if against else "agreed",
            remark=demo_reading.said(against["text"] if against else None),
        )
        impact.freeze(owner, assessment_id=made.id)
