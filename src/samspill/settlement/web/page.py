"""What the pages share: who acts, fields, typed numbers, and how a refusal comes back on the page."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from samspill.identity.service import actor_of
from samspill.infra import charts, refusals
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import service as portfolio
from samspill.settlement.domain.texts import noop
from samspill.settlement.service import labels

TOGETHER = ("initiative_owner", "ks_coordinator", "municipal_lead", "ministry", "secretariat")
_BAD, _UNREADABLE, _NOT_FOUND = 400, 422, 404
STATE_COLORS = {"draft": "neutral", "offered": "warning", "signed": "success", "ended": "neutral"}
DONE: dict[str, str | Promise] = {
    "proposed": gettext_lazy("The version is written and its key tested. Put it forward when it is ready."),
    "offered": gettext_lazy("The agreement is put forward. The parties can sign."),
    "signed": gettext_lazy("You have signed."),
    "ended": gettext_lazy("It is ended. What has been stays."),
    "left": gettext_lazy("Your notice is recorded."),
    "settled": gettext_lazy("The year is settled. It can no longer be changed."),
    "planned": gettext_lazy("The gain is in the plan."),
    "reported": gettext_lazy("Your figures are recorded."),
    "taken": gettext_lazy("The hours are recorded as taken out."),
}  # fmt: skip


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    problem: RefusedError | None = None,
) -> HttpResponse:
    """Draw a page; a refusal is said on it, with the status it has."""
    drawn = dict(context)
    if "initiative" in drawn:
        drawn["initiative_url"] = initiative_url(actor_of(request), drawn["initiative"])
    if problem is not None and (wrong := _wrong(drawn.get("groups", ()))):
        drawn["problem_label"] = ": ".join(
            str(wrong[key]) for key in ("row", "label") if key in wrong
        )
        problem = _named(problem, str(wrong["label"]))
    return refusals.show(request, f"settlement/{template}", drawn, told=DONE, problem=problem)


def _wrong(groups: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the field of a form that a refusal is about, or nothing."""
    parts = (part for group in groups for part in (group, *group.get("rows", ())))
    return next((field for part in parts for field in part["fields"] if field["error"]), {})


def _named(problem: RefusedError, label: str) -> RefusedError:
    """Return a refusal of a field that is not filled in with the field's label in place of its name in JSON."""
    if problem.refused.code != "missing_field":
        return problem
    return RefusedError(
        attrs.evolve(
            problem.refused,
            message=noop("“%(label)s” is not filled in."),
            remedy=noop("Fill it in."),
            values={"label": label},
        )
    )


def initiative_url(actor: Actor, initiative: portfolio.InitiativeView) -> str:
    """Return where a reader sees the initiative: those who decide together its work page, others the public one."""
    if actor.has_role(*TOGETHER):
        return reverse("work-initiative", args=[initiative.id])
    return reverse("initiative", args=[initiative.slug])


def field(
    request: HttpRequest,
    name: str,
    kind: str,
    label: str | Promise,
    *,
    value: Any = "",
    problem: RefusedError | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a field as `site/_field.html` takes it: what was typed, else what is stored, with its fault."""
    where = _field_name(problem.refused.where) if problem is not None else ""
    return {
        "name": name,
        "type": kind,
        "label": label,
        "value": request.POST.get(name, value),
        "error": refusals.in_words(_named(problem, str(label)).refused)
        if problem is not None and where == name
        else "",
        **more,
    }


def _field_name(where: str) -> str:
    """Return the name of the field that a place in the JSON was typed in.

    >>> _field_name("plan.baseline.source"), _field_name("plan.translations.nn.name")
    ('source', 'translations.nn.name')
    """
    _before, mark, rest = where.partition("translations.")
    return mark + rest if mark else where.rsplit(".", 1)[-1]


def options(names: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of a field."""
    return [{"value": key, "label": label} for key, label in names.items()]


def number_of(text: str, where: str) -> float | None:
    """Return a typed number, with comma or point and blanks in it, or None when nothing is typed.

    Raises:
        RefusedError: it is no number.
    """
    plain = text.replace("\xa0", "").replace(" ", "").replace("kr", "").replace(",", ".")
    if not plain:
        return None
    try:
        number = float(plain)
        if not math.isfinite(number):
            raise ValueError(plain)  # noqa: TRY301 - infinity and nan are no numbers either
    except ValueError:
        raise refuse(
            "unreadable",
            noop("“%(text)s” is not a number."),
            where=where,
            remedy=noop("Write digits, with a comma before decimals."),
            values={"text": text[:40]},
        ) from None
    return number


def whole_of(text: str, where: str) -> int | None:
    """Return a typed whole number, or None when nothing is typed."""
    number = number_of(text, where)
    return None if number is None else int(number)


def day_of(text: str) -> dt.date | None:
    """Return a typed day, or None."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def initiative_of(request: HttpRequest, initiative_id: Any) -> portfolio.InitiativeView:
    """Return the initiative that a page is about."""
    return portfolio.get(initiative_id, actor=actor_of(request))


def state_tag(state: str) -> dict[str, Any]:
    """Return a state's name and colour."""
    return {"text": labels.STATES.get(state, state), "color": STATE_COLORS.get(state, "neutral")}


def kroner_numbers(decimals: int = 0) -> charts.Numbers:
    """Return how kroner are written in charts."""
    return charts.Numbers(unit="kr", decimals=decimals)
