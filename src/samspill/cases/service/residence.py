"""In which municipality somebody's own application lies: for the way on by telephone and counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.cases.models import Case, Draft

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

_OPEN = "ugradert"


def own_municipality(actor: Actor) -> UUID | None:
    """Return the municipality of the actor's latest draft or case; None when there is none.

    None too when the address behind any of them is protected, or when its grade is not known (SP-24).
    """
    person = actor.person_id
    if person is None:
        return None
    drafts = Draft.objects.filter(person_id=person).order_by("-saved_at")
    cases = Case.objects.filter(applicant_id=person).order_by("-submitted_at")
    columns = ("protection", "municipality_id")
    found = [*drafts.values_list(*columns)[:5], *cases.values_list(*columns)[:5]]
    if any(protection != _OPEN for protection, _ in found):
        return None
    return next((municipality for _, municipality in found if municipality is not None), None)
