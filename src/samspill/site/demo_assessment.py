"""The demo's calculations: lines, checklist, assessment, KS' position and frozen figures, through the room `impact`."""

from __future__ import annotations

import datetime as dt
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
