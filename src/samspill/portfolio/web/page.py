"""What the pages share: who acts, the tabs of an initiative, words, and how a refusal comes back on the page."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.identity.service import actor_of
from samspill.infra import refusals
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import OSLO
from samspill.portfolio import service
from samspill.portfolio.domain.states import ROLES
from samspill.portfolio.service import words

TOGETHER = ROLES
UNREADABLE, NOT_FOUND = 422, 404
_BAD = 400
TABS: tuple[tuple[str, str, str | Promise], ...] = (
    ("overview", "work-initiative", gettext_lazy("Overview")),
    ("basics", "initiative-basics", gettext_lazy("About")),
    ("questions", "initiative-questions", gettext_lazy("Six questions")),
    ("relevance", "initiative-relevance", gettext_lazy("Relevance")),
    ("involvement", "initiative-involvement", gettext_lazy("Involvement")),
    ("likeness", "initiative-likeness", gettext_lazy("Who speaks")),
    ("statement", "initiative-statement", gettext_lazy("KS' view and comments")),
    ("windows", "initiative-windows", gettext_lazy("Introduction")),
    ("history", "initiative-history", gettext_lazy("History")),
)
DONE: dict[str, str | Promise] = {
    "saved": gettext_lazy("Saved."),
    "registered": gettext_lazy("The initiative is registered. Go on with the six questions."),
    "published": gettext_lazy("The initiative is published. Everybody can read it."),
    "moved": gettext_lazy("The step is taken."),
    "signed": gettext_lazy("Your side's verdict is signed."),
    "involved": gettext_lazy("The involvement is recorded."),
    "influence": gettext_lazy("What changed is recorded beside what was raised."),
    "appointed": gettext_lazy("The municipalities are appointed."),
    "stated": gettext_lazy("The statement is recorded."),
    "dissent": gettext_lazy("The dissent is recorded, with KS' figures beside the owner's."),
    "commented": gettext_lazy("The comment is added."),
    "window": gettext_lazy("Your window is recorded."),
    "opened": gettext_lazy("The round is open."),
    "entered": gettext_lazy("The initiative is entered in the round."),
    "withdrawn": gettext_lazy("The initiative is withdrawn from the round."),
    "suggested": gettext_lazy("The suggestion is calculated."),
    "decided": gettext_lazy("The round is decided."),
}


NO_DAY = "The day could not be read, or lies outside 2000–2100."
DAY_REMEDY = "Write it as year, month and day, for example 2028-01-01."


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    problem: RefusedError | None = None,
) -> HttpResponse:
    """Draw a page; a refusal is said on it, with the status it has."""
    drawn = dict(context)
    if problem is not None:
        drawn["problem_where"] = problem.refused.where
        pieces = missing_items(getattr(problem, "missing", ()), named="round" in drawn)
        drawn["missing"] = pieces or drawn.get("missing")
    return refusals.show(request, f"portfolio/{template}", drawn, told=DONE, problem=problem)


def act(
    request: HttpRequest,
    do: Callable[[Actor], object],
    *,
    then: str,
    done: str,
    again: Callable[[RefusedError], HttpResponse],
) -> HttpResponse:
    """Do one thing and go to `then`; a refusal is shown on the page it came from, with what was typed kept."""
    return refusals.act(lambda: do(actor_of(request)), then=then, done=done, again=again)


def initiative_context(request: HttpRequest, initiative_id: uuid.UUID, here: str) -> dict[str, Any]:
    """Return what every page of an initiative shows: the initiative, its tabs, what the actor may."""
    actor = actor_of(request)
    one = service.get(initiative_id, actor=actor)
    return {
        "one": one,
        "tabs": [
            {"route": route, "label": label, "here": key == here} for key, route, label in TABS
        ],
        "state": state_tag(one.state),
        "is_owner": actor.has_role("initiative_owner") and actor.org_no == one.owner_org_no,
        "is_ks": actor.has_role("ks_coordinator"),
        "is_lead": actor.has_role("municipal_lead"),
        "typed": request.POST,
    }


def state_tag(state: str) -> dict[str, Any]:
    """Return a state's name and color."""
    return {
        "text": words.STATES.get(state, state),
        "color": words.STATE_COLORS.get(state, "neutral"),
    }


def missing_items(
    pieces: Iterable[service.MissingPiece], *, named: bool = False
) -> list[dict[str, Any]]:
    """Return the missing pieces as `site/_missing.html` takes them.

    named: they are of several initiatives, so each names its own; a reason is then asked for in a field of the page.
    """
    found = []
    for one in pieces:
        text = _(one.text) % refusals.told(one.values) if one.values else _(one.text)
        here = named and one.code == "reason_missing"
        found.append(
            {
                "title": f"{one.about}: {text}" if named else text,
                "why": _(one.remedy),
                "who": words.ROLES.get(one.who, one.who),
                "until": one.until,
                "url": f"#reason-{one.initiative_id}" if here else one.url,
            }
        )
    return found


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
    faulty = problem is not None and problem.refused.where == name
    return {
        "name": name,
        "type": kind,
        "label": label,
        "value": request.POST.get(name, value),
        "error": refusals.in_words(problem.refused) if problem is not None and faulty else "",
        **more,
    }


def options(names: Mapping[str, Any], *, empty: str = "") -> list[dict[str, Any]]:
    """Return the choices of a field."""
    found = [{"value": key, "label": label} for key, label in names.items()]
    return [{"value": "", "label": empty}, *found] if empty else found


def day_of(request: HttpRequest, name: str) -> dt.date | None:
    """Return a posted day, or None when nothing is typed.

    Raises:
        RefusedError: `unreadable`: it is no day. Taken for none, a day that somebody typed would be lost in silence.
    """
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise fault(name, NO_DAY, DAY_REMEDY) from None


def day_text(value: dt.date | dt.datetime | None) -> str:
    """Return a day as the pages write it, `2. november 2026` or `2 November 2026`; empty for none."""
    if value is None:
        return ""
    day = value.astimezone(OSLO).date() if isinstance(value, dt.datetime) else value
    return date_format(day, "j F Y" if words.language() == "en" else "j. F Y")


def fault(where: str, message: str, remedy: str, **values: Any) -> RefusedError:
    """Return the refusal of something typed that could not be read."""
    return refuse("unreadable", message, where=where, remedy=remedy, values=values)


def number_of(text: str) -> float | None:
    """Return a typed number, with comma or point and blanks in it, or None."""
    plain = text.replace("\xa0", "").replace(" ", "").replace(",", ".")
    try:
        return float(plain) if plain else None
    except ValueError:
        return None


def ids_of(values: Iterable[str]) -> list[uuid.UUID]:
    """Return the identifiers among posted values; what is none is left out."""
    found = []
    for value in values:
        try:
            found.append(uuid.UUID(value))
        except ValueError:
            continue
    return found
