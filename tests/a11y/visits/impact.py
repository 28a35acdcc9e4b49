"""The pages of `impact`: lines, checklist, figures that are calculated, a municipality's own page, calibration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

_HUSBANKEN, _KS = "942114184", "971032146"
_ONE = {"initiative_id": sample("consequence")}

PAGES = {
    "impact-municipality": page("municipal lead"),
    "impact-calibration": page("owner", "KS", "municipal lead", "ministry", "secretariat"),
    "impact-lines": page("owner", "KS", "municipal lead", "ministry", "secretariat", **_ONE),
    "impact-line": page("owner", "KS", "municipal lead", "ministry", "secretariat", **_ONE, key="adapter"),
    "impact-checklist": page("owner", "KS", "municipal lead", "ministry", "secretariat", **_ONE),
    "impact-results": page(
        "owner", "KS", "municipal lead", "ministry", "secretariat", initiative_id=sample("agreement.initiative")
    ),
    "impact-result": page(
        "owner", "KS", "municipal lead", "ministry", "secretariat", **_ONE, assessment_id=sample("assessment")
    ),
}  # fmt: skip
NO_PAGE = {
    "impact-correct": "POST",
    "impact-report": "POST",
    "impact-recalculate": "POST",
    "impact-assess": "POST",
    "impact-step": "POST",
}
_LINES = (
    {"key": "lead", "category": "hours_used", "role": "project_lead", "driver": "one", "quantity": 120,
     "unit": "hours", "end": 2027, "uncertainty": {"low": 0.7, "likely": 1, "high": 1.8}, "grade": "expert"},
    {"key": "adapter", "category": "one_off_cost", "driver": "inhabitants", "elasticity": 0.6, "quantity": 900,
     "uncertainty": {"p10": 0.6, "p90": 1.9}, "grade": "assumption"},
    {"key": "saved", "category": "hours_freed", "role": "caseworker", "driver": "inhabitants", "quantity": 0.02,
     "uncertainty": {"p10": 0.5, "p90": 1.5}, "grade": "comparable"},
)  # fmt: skip


def make(stage: Any) -> dict[str, str]:
    """Make a published initiative whose consequences are calculated and frozen."""
    from samspill.impact import service
    from samspill.impact.domain import checklist
    from samspill.portfolio import service as portfolio

    owner = stage.employee("initiative_owner", org_no=_HUSBANKEN)
    ks = stage.employee("ks_coordinator", org_no=_KS)
    made = portfolio.register(
        owner, title="Beregnet tiltak", summary="Til konsekvenssidene.",
        window_from=dt.date(2027, 1, 1), window_to=dt.date(2028, 12, 31),
    )  # fmt: skip
    service.save_lines(owner, initiative_id=made.id, lines=_LINES, take=0)
    rest = checklist.unanswered({}, [line["key"] for line in _LINES])
    given = {key: {"answer": "none", "why": "Tas av eieren."} for key in rest}
    service.answer_checklist(owner, initiative_id=made.id, given=given)
    published = portfolio.publish(owner, initiative_id=made.id)
    done = service.assess(owner, initiative_id=made.id, draws=256)
    service.consult(owner, assessment_id=done.id)
    service.take_position(ks, assessment_id=done.id, position="agreed")
    service.freeze(owner, assessment_id=done.id)
    lead = stage.employee("municipal_lead", number=TRONDHEIM)
    service.set_capacity(
        lead, municipality_id=lead.municipality_id, role="project_lead", hours=900.0, source="To i porteføljen."
    )  # fmt: skip
    return {
        "consequence": str(made.id),
        "consequence.slug": published.slug,
        "assessment": str(done.id),
    }
