"""The gain plan of an initiative: every hour in its state, what is measured, and what people do with it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra import charts, clock, refusals, written
from samspill.infra.written import field_of
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.settlement import service
from samspill.settlement.domain import gain_reading
from samspill.settlement.domain.gain_plan import WHOLE_CASE
from samspill.settlement.service import GainView, labels
from samspill.settlement.service.access import LEAD, OWNER, SECRETARIAT
from samspill.settlement.service.effect_lines import freeing
from samspill.settlement.web import page
from samspill.settlement.web.page import number_of, whole_of

#: As on the page of measured time: fewer cases than this show no figures to everybody.
SMALLEST_CELL = 5


@needs(role=ANYONE)
@require_GET
def gain_plan(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the plan with every hour in its state."""
    return _show(request, initiative_id)


def _show(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    initiative = page.initiative_of(request, initiative_id)
    found = service.hours(initiative_id, actor=actor)
    lead = actor.has_role(LEAD) and actor.municipality_id is not None
    own = (
        service.hours(initiative_id, actor=actor, municipality_id=actor.municipality_id)
        if lead
        else None
    )
    lines = freeing(initiative_id)
    context = {
        "initiative": initiative,
        "total": found.total,
        "chart": _chart(found.total),
        "gains": [_gain(one, lines, hide_few=True) for one in found.gains],
        "country": [_country(one) for one in service.national(initiative_id, actor=actor)],
        "own": [_gain(one, lines) for one in own.gains] if own else [],
        "is_lead": lead,
        "this_year": clock.today().year,
        "owns": actor.has_role(SECRETARIAT)
        or (actor.has_role(OWNER) and actor.org_no == initiative.owner_org_no),
    }
    return page.show(request, "gain_plan.html", context, problem=problem)


def _chart(total: Any) -> charts.Chart:
    rows = [
        charts.Bar(label=_("Estimated, not measured yet"), value=float(total.estimated)),
        charts.Bar(label=_("Measured, not taken out"), value=float(total.measured)),
        charts.Bar(label=_("Taken out"), value=float(total.taken_out)),
    ]
    return charts.bars(
        key="hours",
        title=_("Every hour in one state"),
        rows=rows,
        numbers=charts.Numbers(unit=_("hours")),
        label=_("Where the hour is"),
        value_label=_("Hours"),
    )


def _gain(view: GainView, lines: Mapping[str, str], *, hide_few: bool = False) -> dict[str, Any]:
    """Return a gain in words; figures of fewer live cases than the limit are left out when `hide_few`."""
    item = view.item
    return {
        "item": item,
        **{name: field_of(item, name) for name in gain_reading.WORDED},
        "definition": _definition(item),
        "indicator": labels.INDICATORS.get(item.indicator, item.indicator),
        "unit": _("minutes") if item.indicator == "minutes_per_case" else "",
        "group": labels.GROUPS.get(item.group, item.group),
        "realised": labels.REALISED.get(item.realised_as, item.realised_as),
        "status": _statuses()[item.baseline_status],
        "line": lines.get(item.line, item.line),
        "counts_hours": view.counts_hours,
        "years": [
            {
                "year": one.year,
                "target": None if one.target is None else float(one.target),
                "value": None if one.value is None else float(one.value),
                "cases": one.cases,
                "planned": round(one.planned),
                "estimated": round(one.hours.estimated),
                "measured": float(one.hours.measured),
                "taken": float(one.hours.taken_out),
            }
            for one in view.years
            if not (hide_few and item.package_id and 0 < one.cases < SMALLEST_CELL)
        ],
    }


def _country(one: service.National) -> dict[str, Any]:
    """Return what the live cases of a year mean for the country, rounded as it is unsure."""
    rounded = {
        name: None if value is None else float(f"{value:.3g}")
        for name, value in (
            ("hours", one.found.hours),
            ("low", one.found.p10),
            ("high", one.found.p90),
        )
    }
    return {"line": one, **rounded}


def _statuses() -> dict[str, str]:
    return {
        "measured": _("measured"),
        "estimate": _("an estimate"),
        "claim": _("a claim that has not been measured"),
    }


@needs(role=LEAD)
@require_POST
def report(request: HttpRequest, initiative_id: uuid.UUID, gain_id: uuid.UUID) -> HttpResponseBase:
    """Report what is not measured by itself."""
    posted = request.POST

    def do() -> object:
        return service.report_observation(
            actor_of(request),
            item_id=gain_id,
            year=whole_of(posted.get("year", ""), "year") or 0,
            cases=whole_of(posted.get("cases", ""), "cases") or 0,
            value=_decimal(posted.get("value", ""), "value"),
            note=posted.get("note", ""),
        )

    return _act(request, initiative_id, "reported", do)


@needs(role=LEAD)
@require_POST
def take_out(
    request: HttpRequest, initiative_id: uuid.UUID, gain_id: uuid.UUID
) -> HttpResponseBase:
    """Confirm that hours are taken out."""
    posted = request.POST

    def do() -> object:
        return service.take_out(
            actor_of(request),
            item_id=gain_id,
            year=whole_of(posted.get("year", ""), "year") or 0,
            hours=_decimal(posted.get("hours", ""), "hours"),
            note=posted.get("note", ""),
        )

    return _act(request, initiative_id, "taken", do)


@needs(role=(OWNER, SECRETARIAT))
@require_POST
def end(request: HttpRequest, initiative_id: uuid.UUID, gain_id: uuid.UUID) -> HttpResponseBase:
    """End a gain."""
    return _act(
        request,
        initiative_id,
        "ended",
        lambda: service.end_gain(actor_of(request), item_id=gain_id),
    )


@needs(role=(OWNER, SECRETARIAT))
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the form of a new gain, or plan it."""
    if request.method == "GET":
        return _form(request, initiative_id)
    return refusals.act(
        lambda: service.plan_gain(
            actor_of(request), initiative_id=initiative_id, plan_json=_posted(request)
        ),
        then=reverse("gain-plan", args=[initiative_id]),
        done="planned",
        again=lambda error: _form(request, initiative_id, error),
    )


def _act(request: HttpRequest, initiative_id: uuid.UUID, done: str, do: Any) -> HttpResponse:
    return refusals.act(
        do,
        then=reverse("gain-plan", args=[initiative_id]),
        done=done,
        again=lambda error: _show(request, initiative_id, error),
    )


def _form(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    def ask(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, label, problem=problem, **more)

    context = {
        "initiative": page.initiative_of(request, initiative_id),
        "groups": [
            {
                "title": _("The gain and its owner"),
                "fields": _owner(ask, freeing(initiative_id), actor_of(request).org_no),
            },
            {"title": _("What is measured"), "fields": _measured(ask)},
            {"title": _("The baseline, measured before"), "fields": _baseline(ask)},
            {"title": _("How it is realised"), "fields": _realised(ask)},
            written.wordings(ask, _worded()),
        ],
    }
    return page.show(request, "plan_gain.html", context, problem=problem)


def _worded() -> list[tuple[str, str, str]]:
    """Return the texts of the form that may stand in several languages."""
    return [
        ("name", "text", _("The gain in short")),
        ("owner_title", "text", _("The owner's position")),
        ("action", "longtext", _("What is done to take it out")),
        ("country_source", "text", _("Source of that number")),
        ("baseline_source", "text", _("Source of the value before")),
        ("moved_to", "text", _("The service it is moved to")),
        ("hour_price_source", "text", _("Source of the price")),
    ]


def _definition(item: Any) -> str:
    """Return what is timed, in the service's own words; empty when it is reported."""
    if not item.package_id:
        return ""
    texts = packages.published(item.package_id)
    if item.step == WHOLE_CASE:
        return _("The whole case, from when it begins until it is decided")
    return texts.text(f"measure.{item.step}.label", get_language() or "nb")


def _owner(ask: Any, lines: Mapping[str, str], own: str | None) -> list[dict[str, Any]]:
    return [
        ask("name", "text", _("The gain in short"), required=True),
        ask("line", "choice", _("The effect line it realises"), required=False,
            options=page.options({"": _("The one of the same name, if any"), **lines}),
            help=_("What is measured goes back to this estimate, and the next one starts from it.")),
        ask("owner_org_no", "org_no", _("Organisation number of its owner"), value=own or "", required=True),
        ask("owner_title", "text", _("The owner's position"), required=True,
            help=_("The line manager who takes it out, by position and not by name.")),
        ask("line_authority", "choice", _("Does the owner decide over the budget?"), required=True,
            options=page.options({"yes": _("Yes"), "no": _("No")})),
        ask("action", "longtext", _("What is done to take it out"), required=False),
    ]  # fmt: skip


def _measured(ask: Any) -> list[dict[str, Any]]:
    ids = {one.package_id for one in packages.list_published()}
    language = get_language() or "nb"
    published = {i: packages.published(i).text("service.title", language) for i in sorted(ids)}
    return [
        ask("indicator", "choice", _("Indicator"), value="minutes_per_case", required=True,
            options=page.options(labels.INDICATORS)),
        ask("package_id", "choice", _("Measured from live cases of"), required=False,
            options=page.options({"": _("No service: it is reported"), **published})),
        ask("step", "text", _("Step of the case"), value="case", required=False,
            help=_("“case” is the whole case; else the name of a step that the service measures.")),
        ask("group", "choice", _("Whose time"), value="municipality", required=True,
            options=page.options(labels.GROUPS)),
        ask("effect_from", "date", _("The effect begins"), required=True),
        ask("targets", "longtext", _("Targets"), required=False,
            help=_("One a line: year; cases in a full year; value when reached; part of the year in use in per cent.")),
        ask("country_cases", "text", _("Cases a year in the whole country"), required=False,
            help=_("While it is only tried in some municipalities: the live cases are then a sample.")),
        ask("country_source", "text", _("Source of that number"), required=False),
    ]  # fmt: skip


def _baseline(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("baseline_value", "decimal", _("Value before"), required=True,
            help=_("Counted from the same events as what is measured afterwards.")),
        ask("baseline_from", "date", _("Measured from"), required=True),
        ask("baseline_to", "date", _("Measured to"), required=True),
        ask("baseline_source", "text", _("Source"), required=True),
        ask("baseline_status", "choice", _("How sure it is"), value="estimate", required=True,
            options=page.options(_statuses())),
    ]  # fmt: skip


def _realised(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("realised_as", "choice", _("The time is"), value="not_taken", required=True,
            options=page.options(labels.REALISED)),
        ask("moved_to", "text", _("The service it is moved to"), required=False),
        ask("hour_price", "amount", _("Price of an hour"), required=False,
            help=_("In zone 1 of employer’s contribution. Each municipality’s hours are priced in its own zone.")),
        ask("hour_price_source", "text", _("Source of the price"), required=False),
    ]  # fmt: skip


def _posted(request: HttpRequest) -> dict[str, Any]:
    posted = request.POST
    plain = ("name", "line", "owner_org_no", "owner_title", "action", "indicator", "package_id", "step", "group",
             "effect_from", "realised_as", "moved_to", "hour_price_source")  # fmt: skip
    return {
        **{name: posted.get(name, "") for name in plain},
        "step": posted.get("step", "") if posted.get("package_id") else "",
        "line_authority": posted.get("line_authority") == "yes",
        "hour_price": number_of(posted.get("hour_price", ""), "hour_price") or 0,
        "baseline": {
            "value": number_of(posted.get("baseline_value", ""), "baseline_value"),
            "from": posted.get("baseline_from", ""),
            "to": posted.get("baseline_to", ""),
            "source": posted.get("baseline_source", ""),
            "status": posted.get("baseline_status", ""),
        },
        "targets": _targets(posted.get("targets", "")),
        "country": _posted_country(posted),
        **written.posted_words(posted, gain_reading.WORDED),
    }


def _posted_country(posted: Mapping[str, str]) -> dict[str, Any]:
    cases = whole_of(posted.get("country_cases", ""), "country_cases")
    source = posted.get("country_source", "")
    return {"cases": cases, "source": source} if cases is not None or source else {}


def _targets(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        year, cases, value, ramp = (*(part.strip() for part in line.split(";")), "", "", "")[:4]
        part = number_of(ramp.removesuffix("%"), "targets")
        found.append(
            {
                "year": whole_of(year, "targets"),
                "cases": whole_of(cases, "targets") or 0,
                "value": number_of(value, "targets"),
                "ramp": 1 if part is None else round(part / 100, 4),
            }
        )
    return found


def _decimal(text: str, where: str) -> Decimal:
    number = number_of(text, where)
    return Decimal(str(number)) if number is not None else Decimal(-1)
