"""Everything about oneself, the assessment of privacy, and paper at the counter."""

from __future__ import annotations

from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

PAGES = {
    "my-data": page("citizen"),
    "counter-data": page("counter", "caseworker", "cleared at the agency"),
    "assessment-summary": page("nobody", package_id="bostotte"),
    "assessments": page("agency", "agency leader", "leader"),
    "dead-ends": page("agency leader", "leader", "secretariat"),
    "assessment": [
        *page("agency", "agency leader", assessment_id=sample("privacy.assessment")),
        *page(
            "leader", status=403, assessment_id=sample("privacy.assessment")
        ),  # another's service
    ],
}
NO_PAGE = {
    "own-data-schema": "JSON",
    "my-data-file": "a file",
    "counter-data-file": "a file",
    "assessment-json": "JSON",
    "blank-form": "PDF",
    "assessment-csv": "CSV",
    "assessment-decide": "POST",
}


def make(stage: Any) -> dict[str, str]:
    """Let the citizen ask for everything, and have it made; name the assessment that comes with the service."""
    from samspill.packages import service as packages
    from samspill.site import own_data

    me = stage.citizen(stage.neighbours(TRONDHEIM)[0])
    own_data.make(own_data.ask(me).id)
    return {"privacy.assessment": str(packages.assessments("bostotte")[0].id)}
