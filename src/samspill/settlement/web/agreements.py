"""Agreements: the list, one agreement with the tests of its key, and what a party does with it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra import charts, refusals, written
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.portfolio.service import InitiativeView
from samspill.settlement import service
from samspill.settlement.domain import sizes
from samspill.settlement.domain import tariff as tariffs
from samspill.settlement.service import AgreementView, labels
from samspill.settlement.service.access import OWNER, SECRETARIAT
from samspill.settlement.service.reading import unpaid_lines, years_to_settle
from samspill.settlement.web import page
from samspill.settlement.web.page import TOGETHER

_MOST_NAMED = 12


@needs(role=ANYONE)
@require_GET
def agreements(request: HttpRequest) -> HttpResponseBase:
    """List the agreements that the reader may see; with `tiltak`, those of one initiative."""
    actor, about = actor_of(request), _about(request)
    found = service.list_agreements(actor, initiative_id=about.id if about else None)
    context = {
        "rows": [{"view": one, "state": page.state_tag(one.state)} for one in found],
        "about": about,
        "owns": about is not None and _owns(actor, about),
    }
    return page.show(request, "agreements.html", context)


def _about(request: HttpRequest) -> InitiativeView | None:
    """Return the initiative that the address asks about, or None."""
    try:
        asked = uuid.UUID(request.GET.get("tiltak", ""))
    except ValueError:
        return None
    return page.initiative_of(request, asked)


def _owns(actor: Actor, initiative: InitiativeView) -> bool:
    """Tell whether the actor proposes agreements for an initiative."""
    return actor.has_role(SECRETARIAT) or (
        actor.has_role(OWNER) and actor.org_no == initiative.owner_org_no
    )


@needs(role=ANYONE)
@require_GET
def agreement(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """Show one agreement: what it comes to, the tests of its key, who has signed."""
    return _show(request, agreement_id)


def _show(
    request: HttpRequest, agreement_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    version = request.GET.get("versjon", "")
    view = service.get(
        agreement_id, actor=actor, version=int(version) if version.isdecimal() else None
    )
    initiative = page.initiative_of(request, view.initiative_id)
    owns = _owns(actor, initiative)
    context = {
        "view": view,
        "initiative": initiative,
        **_in_words(view),
        "owns": owns,
        "may_offer": owns and view.state == "draft" and view.number == view.standing,
        "settle_years": years_to_settle(actor, view) if owns else [],
        "settlements": service.list_settlements(actor, agreement_id=view.id),
        "may_leave": _may_leave(view),
        "unpaid": unpaid_lines(actor, view),
        "written": written.asked(request, "reason"),
    }
    return page.show(request, "agreement.html", context, problem=problem)


def _in_words(view: AgreementView) -> dict[str, Any]:
    """Return what an agreement comes to, for its page."""
    return {
        "rows": _party_rows(view),
        "state": page.state_tag(view.state),
        "tariff": _tariff_words(view),
        "settle_on": dt.date(view.terms.last_year + 1, *view.terms.settle_on),
        "key": labels.KEYS.get((view.terms.sharing or {}).get("key", ""), ""),
        "findings": findings_of(view.tests),
        "chart": size_chart(view.tests),
    }


def _tariff_words(view: AgreementView) -> list[tuple[str, float]]:
    """Return each line of the tariff: what it is for, and kroner; steps by size say below how many inhabitants."""
    if view.terms.tariff is None:
        return []
    tariff = tariffs.as_json(view.terms.tariff)
    plain = {
        "per_inhabitant_once": _("To join, kroner per inhabitant"),
        "year_fixed": _("Fixed, kroner a year"),
        "month_fixed": _("Fixed, kroner a month"),
        "per_inhabitant_year": _("Kroner per inhabitant a year"),
        "per_inhabitant_month": _("Kroner per inhabitant a month"),
    }
    found = [(plain[name], value) for name, value in tariff.items() if name in plain]
    for name, field, text in (
        ("join", "fee", _("To join, kroner by size of municipality")),
        ("steps", "year", _("Kroner a year by size of municipality")),
    ):
        rows = [(row["below"], row[field]) for row in tariff.get(name, ())]
        found += [(f"{text}: {_step(below)}", kroner) for below, kroner in rows]
    return found


def _step(below: float | None) -> str:
    if below is None:
        return _("the rest")
    return _("fewer than %(high)s") % {"high": charts.Numbers().plain(below)}


def _party_rows(view: AgreementView) -> list[dict[str, Any]]:
    """Return each party with its share of the cost beside its share of the gain."""
    numbers = charts.Numbers(unit="%", decimals=1)
    cost = sum(one.year for one in view.parties)
    gain = sum(one.expected_gain for one in view.parties)
    return [
        {
            "one": one,
            "cost": numbers.say(100 * one.year / cost if cost else None),
            "gain": numbers.say(100 * one.expected_gain / gain if gain else None),
        }
        for one in view.parties
    ]


def _may_leave(view: AgreementView) -> bool:
    mine = view.my_party
    return mine is not None and mine.signed_on is not None and mine.leaves_on is None


@needs(role=TOGETHER)
@require_POST
def offer(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """Put the version that stands forward."""
    return _do(request, agreement_id, "offered", service.offer)


@needs(role=TOGETHER)
@require_POST
def sign(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """Sign the version that was read."""
    version = request.POST.get("version", "")
    number = int(version) if version.isdecimal() else 0
    return _do(request, agreement_id, "signed", service.sign, version=number)


@needs(role=TOGETHER)
@require_POST
def leave(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """Give notice."""
    reason = written.posted(request, "reason")
    return _do(request, agreement_id, "left", service.withdraw_from, reason=reason)


@needs(role=(OWNER, SECRETARIAT))
@require_POST
def end(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """End the agreement."""
    return _do(request, agreement_id, "ended", service.end)


@needs(role=(OWNER, SECRETARIAT))
@require_POST
def settle(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponseBase:
    """Settle a year."""
    year = request.POST.get("year", "")
    number = int(year) if year.isdecimal() else 0
    return _do(request, agreement_id, "settled", service.settle, year=number)


def _do(
    request: HttpRequest, agreement_id: uuid.UUID, done: str, call: Any, **rest: Any
) -> HttpResponse:
    return refusals.act(
        lambda: call(actor_of(request), agreement_id=agreement_id, **rest),
        then=reverse("agreement", args=[agreement_id]),
        done=done,
        again=lambda error: _show(request, agreement_id, error),
    )


def findings_of(tests: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the tests of a key in words: what was tried, whether it held, and who it does not hold for."""
    if not tests:
        return []
    return [
        _finding(_("The shares add up to the øre"), holds=tests["closes"]),
        _listed(_("Nobody pays more than alone"), tests["pays_more_than_alone"]),
        _listed(_("Nobody pays less than the cost it adds"), tests["pays_less_than_marginal"]),
        _listed(_("No group would do better by leaving"), tests["would_leave"]),
    ]


def _listed(text: str, found: Any) -> dict[str, Any]:
    if found is None:
        return _finding(text, holds=None)
    names = list(found)
    shown = ", ".join(names[:_MOST_NAMED])
    rest = len(names) - _MOST_NAMED
    if rest > 0:
        shown = _("%(names)s and %(rest)s more") % {"names": shown, "rest": rest}
    return _finding(text, holds=not names, who=shown)


def _finding(text: str, *, holds: bool | None, who: str = "") -> dict[str, Any]:
    tag = {
        True: {"text": _("Holds"), "color": "success"},
        False: {"text": _("Does not hold"), "color": "warning"},
        None: {"text": _("Cannot be tested"), "color": "neutral"},
    }[holds]
    why = _("It is not known what each would cost alone.") if holds is None else ""
    return {"text": text, "tag": tag, "who": who, "why": why}


def size_chart(tests: dict[str, Any]) -> charts.Chart | None:
    """Return kroner per inhabitant a year by size of municipality, as a chart with its table."""
    by_size = tests.get("per_inhabitant_by_size") or {}
    if not by_size:
        return None
    return charts.bars(
        key="per-inhabitant",
        title=_("Kroner per inhabitant a year, by size of municipality"),
        rows=[charts.Bar(label=size_text(name), value=by_size[name]) for name in _ordered(by_size)],
        numbers=page.kroner_numbers(2),
        label=_("Inhabitants"),
        value_label=_("Kroner per inhabitant"),
        note=_("The share by the key, before tariff and compensation."),
    )


def _ordered(by_size: dict[str, float]) -> list[str]:
    """Return the size classes, the smallest first (a JSON column does not keep the order)."""
    return [name for name in sizes.classes() if name in by_size]


def size_text(name: str) -> str:
    """Return a size class in words."""
    numbers = charts.Numbers()
    if name.endswith("+"):
        return _("%(low)s or more") % {"low": numbers.plain(float(name[:-1]))}
    low, high = name.split("-")
    if low == "0":
        return _("fewer than %(high)s") % {"high": numbers.plain(float(high) + 1)}
    return _("%(low)s to %(high)s") % {
        "low": numbers.plain(float(low)),
        "high": numbers.plain(float(high)),
    }
