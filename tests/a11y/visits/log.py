"""The log that anyone can check, and the page where one sees who has looked."""

from __future__ import annotations

from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

PAGES = {
    "log": page("nobody", "citizen"),
    "check-receipt": page("nobody"),
    "my-looks": page("citizen"),
    "my-look": [
        *page("citizen", entry_id=sample("look")),
        *page("citizen", entry_id=sample("look.reported")),
    ],
    "look-reports": page("leader", "agency leader", "cleared at the agency", "secretariat"),
}
NO_PAGE = {
    "log-checkpoint": "text",
    "log-checkpoints": "JSON",
    "log-key": "JSON",
    "log-inclusion": "JSON",
    "log-consistency": "JSON",
    "log-witness": "JSON",
    "my-look-receipt": "JSON",
    "look-report": "POST",
}


def make(stage: Any) -> dict[str, str]:
    """Let the leader look twice at the citizen's data, and the citizen report one of them."""
    from samspill.infra import access_log, looks
    from samspill.infra.models import AccessEntry

    me = stage.citizen(stage.neighbours(TRONDHEIM)[0])
    worker = stage.employee("municipality_caseworker", number=TRONDHEIM, serial=47)
    made = {}
    for name in ("look.reported", "look"):
        access_log.record(
            actor=worker, action="read", purpose="handle the case", subject_id=me.person_id
        )
        made[name] = str(AccessEntry.objects.filter(actor_id=worker.person_id).latest("id").id)
    text = "Jeg har ingen sak i Trondheim."
    looks.report(me, entry_id=int(made["look.reported"]), text=text, protected=False)
    return made
