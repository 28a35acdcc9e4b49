"""How people reach a municipality when a page leads no further: what it tells itself, and where it is shown."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samspill.cases import service as cases
from samspill.identity.service import actor_of, needs
from samspill.infra import clock, refusals
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities

ROLES = ("municipal_lead", "municipality_leader")


@attrs.frozen
class Place:
    """A municipality as the box of a dead end shows it; `contact` is None when it has told nothing."""

    number: str
    name: str
    contact: municipalities.Contact | None


def place_of(actor: Actor | None, wanted: str) -> Place | None:
    """Return the municipality that was asked for, or that of a citizen's own application; None when neither is known.

    Where somebody lives whose address is protected is never shown, to themselves neither: others may see the screen.
    """
    if wanted.strip():
        found = _named(wanted)
        return _place(found.id) if found is not None else None
    mine = cases.own_municipality(actor) if actor is not None and actor.kind == "citizen" else None
    return _place(mine) if mine is not None else None


def _named(wanted: str) -> municipalities.Municipality | None:
    name = wanted.casefold().strip().removesuffix(" kommune").strip()
    every = municipalities.all_current()
    return next((one for one in every if name in (one.name.casefold(), one.number)), None)


def _place(municipality_id: uuid.UUID) -> Place | None:
    found = municipalities.by_id(municipality_id)
    if found is None:
        return None
    return Place(found.number or "", found.name, municipalities.contact(municipality_id))


@needs(role=ROLES)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest) -> HttpResponseBase:
    """Let a municipality tell its telephone, visiting address and opening hours."""
    problem, typed, actor = None, request.POST, actor_of(request)
    if request.method == "POST":
        try:
            municipalities.set_contact(
                actor,
                phone=typed.get("phone", ""),
                address=typed.get("address", ""),
                hours=typed.get("hours", ""),
                valid_from=_day(typed.get("valid_from", "")),
            )
            return redirect(f"{reverse('municipal-contact')}?gjort=1")
        except RefusedError as error:
            problem = error
    context = {**_shown(actor), "fields": _fields(request, actor, problem)}
    if problem is not None:
        context["problem"] = refusals.in_words(problem.refused)
    context["done"] = request.GET.get("gjort") == "1" and problem is None
    status = refusals.status_of(problem.refused) if problem else 200
    return render(request, "site/pages/municipal_contact.html", context, status=status)


def _shown(actor: Actor) -> dict[str, Any]:
    if actor.municipality_id is None:
        raise refuse(
            "no_municipality",
            "You do not work for a municipality now.",
            remedy="Choose another organisation.",
            status=403,
        )
    found = municipalities.by_id(actor.municipality_id)
    return {
        "place": found.name if found else "",
        "now": municipalities.contact(actor.municipality_id),
        "planned": municipalities.planned(actor.municipality_id),
    }


def _fields(
    request: HttpRequest, actor: Actor, problem: RefusedError | None
) -> list[dict[str, Any]]:
    assert actor.municipality_id is not None  # `_shown` has refused
    now = municipalities.contact(actor.municipality_id)
    rows = (
        ("phone", "text", _("Telephone"), now.phone if now else "", True),
        ("address", "text", _("Visiting address"), now.address if now else "", True),
        ("hours", "text", _("Opening hours"), now.hours if now else "", False),
        ("valid_from", "date", _("From"), clock.today(), True),
    )
    return [_field(request, problem, *row) for row in rows]


def _field(
    request: HttpRequest,
    problem: RefusedError | None,
    name: str,
    kind: str,
    label: str,
    value: Any,
    required: bool,
) -> dict[str, Any]:
    wrong = problem is not None and problem.refused.where == name
    return {
        "name": name,
        "type": kind,
        "label": label,
        "value": request.POST.get(name, value),
        "required": required,
        "error": refusals.in_words(problem.refused) if problem is not None and wrong else "",
    }


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


urlpatterns = [path("arbeid/kommunen/", edit, name="municipal-contact")]
