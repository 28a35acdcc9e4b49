"""What the pages share: who acts, the tabs, how a refusal is said, how a figure is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.identity.service import actor_of
from samspill.impact.service import access
from samspill.infra import refusals
from samspill.infra.charts import Cell, Column, Numbers, Table
from samspill.kernel.outcome import RefusedError

TOGETHER = ("initiative_owner", "ks_coordinator", "municipal_lead", "ministry", "secretariat")
TABS: tuple[tuple[str, str, str | Promise], ...] = (
    ("lines", "impact-lines", gettext_lazy("Effect lines")),
    ("checklist", "impact-checklist", gettext_lazy("Cost of introduction")),
    ("result", "impact-results", gettext_lazy("Figures")),
)
DONE: dict[str, str | Promise] = {
    "saved": gettext_lazy("Saved."),
    "removed": gettext_lazy("The line is taken out. Earlier savings keep it."),
    "assessed": gettext_lazy("The consequences are calculated."),
    "consulted": gettext_lazy("The figures lie with KS, which has at least two weeks."),
    "position": gettext_lazy("KS’ position is recorded."),
    "frozen": gettext_lazy("The figures are frozen."),
    "corrected": gettext_lazy("Your figure is recorded, and the earlier one is kept as history."),
    "reported": gettext_lazy("Thank you. The next estimate learns from it."),
}
NOT_FOUND, UNREADABLE, BAD = 404, 422, 400


def initiative(request: HttpRequest, initiative_id: uuid.UUID, here: str) -> dict[str, Any]:
    """Return what every page of an initiative's consequences shows."""
    actor = actor_of(request)
    one = access.readable(actor, initiative_id)
    return {
        "one": one,
        "tabs": [
            {"route": route, "label": label, "here": key == here} for key, route, label in TABS
        ],
        "may_edit": access.may_edit(actor, one),
        "is_ks": actor.has_role(access.KS),
    }


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    problem: RefusedError | None = None,
) -> HttpResponse:
    """Draw a page; a refusal is said on it, with the status it has."""
    return refusals.show(request, f"impact/{template}", context, told=DONE, problem=problem)


def number_of(text: str) -> float | str:
    """Return a typed number with comma or point; what is none is handed on to be refused where it is read."""
    plain = text.replace("\xa0", "").replace(" ", "").replace("−", "-").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return text


def numbers(unit: str = "", *, decimals: int = 0) -> Numbers:
    """Return how figures of a unit are written."""
    return Numbers(unit=unit, decimals=decimals)


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """Return a table as `site/_table.html` takes it; every column but the first holds numbers."""
    columns = tuple(Column(label, number=at > 0) for at, label in enumerate(head))
    return Table(caption=caption, columns=columns, rows=tuple(tuple(row) for row in rows))


def money() -> Numbers:
    """Return how kroner are written."""
    return Numbers(unit="kr")


def hours() -> Numbers:
    """Return how hours are written."""
    return Numbers(unit=_("hours"))


def options(names: Mapping[str, Any], *, empty: str = "") -> list[dict[str, Any]]:
    """Return the choices of a field."""
    found = [{"value": key, "label": label} for key, label in names.items()]
    return [{"value": "", "label": empty}, *found] if empty else found
