"""The terms of a service: order the month's run, follow it, see what it came to, fetch the payment list."""

from __future__ import annotations

import itertools
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from samspill.cases import service
from samspill.cases.service import RunSummary, agency_lists, term_orders
from samspill.cases.service.term_orders import RunView, TermLine
from samspill.cases.web import presenting
from samspill.cases.web.staff import AGENCY, kroner
from samspill.identity.service import actor_of, needs
from samspill.infra import charts
from samspill.infra.charts import Bar
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import Month
from samspill.municipalities import service as municipalities
from samspill.packages.service import Package

_STATES = {
    "open": (gettext_lazy("Applications may still come"), "neutral"),
    "ready": (gettext_lazy("Ready to be run"), "warning"),
    "started": (gettext_lazy("Ordered, starts in a moment"), "info"),
    "deciding": (gettext_lazy("Going on"), "info"),
    "done": (gettext_lazy("Done"), "success"),
    "failed": (gettext_lazy("Stopped"), "danger"),
}
_FAILURES = {
    "registers_down": gettext_lazy(
        "The registers did not answer. Nothing is lost: go on when they answer again."
    ),
    "term_open": gettext_lazy("Applications may still come for this month."),
    "": "",
}
_GOING_ON = ("started", "deciding")
_TOP = 12


@needs(role=AGENCY)
@require_GET
def terms(request: HttpRequest) -> HttpResponseBase:
    """List the terms of the agency's services, with the run of each."""
    return _terms(request)


def _terms(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    actor, lang = actor_of(request), presenting.language()
    services = [
        {
            "package": package,
            "title": package.text("service.title", lang),
            "lines": [line_words(line) for line in term_orders.term_lines(actor, package.id)],
        }
        for package in agency_lists.services_of(actor)
        if package.process.terms is not None
    ]
    context = {"services": services, "problem": problem}
    return render(request, "cases/staff/terms.html", context, status=status)


def line_words(line: TermLine) -> dict[str, Any]:
    """Return a term in words: its state, why it stopped, what can be done."""
    state, color = _STATES[line.state]
    failure = _FAILURES.get(line.failure)
    return {
        "line": line,
        "first": line.term.first,
        "key": str(line.term),
        "state": state,
        "color": color,
        "going_on": line.state in _GOING_ON,
        "failure": _("The run stopped (%(fault)s). It goes on where it was.")
        % {"fault": line.failure}
        if failure is None
        else failure,
        "order": _order_text(line),
    }


def _order_text(line: TermLine) -> str:
    if not line.may_order:
        return ""
    return {
        "ready": _("Start the run"),
        "failed": _("Go on with the run"),
        "done": _("Decide what has come since"),
    }[line.state]


@needs(role=AGENCY)
@require_POST
def order(request: HttpRequest, package_id: str, term: str) -> HttpResponseBase:
    """Order the run of a month."""
    month = _month(term)
    try:
        term_orders.order_run(actor_of(request), package_id=package_id, month=month)
    except RefusedError as error:
        if error.refused.status == 404:  # noqa: PLR2004
            raise
        return _terms(request, presenting.refusal(error.refused), status=422)
    return redirect("agency-term", package_id=package_id, term=term)


@needs(role=AGENCY)
@require_GET
def term(request: HttpRequest, package_id: str, term: str) -> HttpResponseBase:
    """Show one month's run: how far it has come, and what it came to."""
    return render(request, "cases/staff/term.html", _run_context(request, package_id, term))


@needs(role=AGENCY)
@require_GET
def progress(request: HttpRequest, package_id: str, term: str) -> HttpResponseBase:
    """Give the part of the page that follows the run; when it is over, ask for the whole page."""
    context = _run_context(request, package_id, term)
    response = render(request, "cases/staff/_progress.html", context)
    if not context["words"]["going_on"]:
        response["HX-Refresh"] = "true"
    return response


def _run_context(request: HttpRequest, package_id: str, term: str) -> dict[str, Any]:
    month = _month(term)
    view = term_orders.run_view(actor_of(request), package_id=package_id, month=month)
    package = _package(request, package_id)
    return {
        "package_id": package_id,
        "term": term,
        "title": package.text("service.title", presenting.language()),
        "words": line_words(view.line),
        "line": view.line,
        "summary": view.summary,
        **_progress(view),
        **(_totals(package, view.summary) if view.summary is not None else {}),
    }


def _package(request: HttpRequest, package_id: str) -> Package:
    return next(p for p in agency_lists.services_of(actor_of(request)) if p.id == package_id)


def _progress(view: RunView) -> dict[str, int]:
    """Return how many of the term's cases are through: decided, or put aside with a reason."""
    decided = view.summary.decided if view.summary is not None else 0
    through = decided + view.line.held
    return {"through": through, "total": through + view.line.waiting, "decided": decided}


def _totals(package: Package, summary: RunSummary) -> dict[str, Any]:
    """Return the totals by code and by municipality, as bars and as the table beside them."""
    lang = presenting.language()
    codes: list[dict[str, Any]] = [
        {"code": code, "text": package.text(f"code.{code}.label", lang), "cases": cases, "ore": ore}
        for code, cases, ore in summary.by_code
    ]
    places = _places(summary)
    most = sorted(places, key=lambda place: -place["ore"])[:_TOP]
    return {
        "codes": codes,
        "code_bars": charts.bars(
            key="codes",
            title=_("Cases by result"),
            rows=[Bar(label=f"{c['code']}: {c['text']}", value=c["cases"]) for c in codes],
        ),
        "places": places,
        "place_bars": charts.bars(
            key="places",
            title=_("Amount by municipality, the largest"),
            rows=[
                Bar(label=p["name"], value=p["ore"], text=kroner(p["ore"]))
                for p in most
                if p["ore"]
            ],
        ),
        "seconds": round(sum(summary.seconds.values()), 1),
    }


def _places(summary: RunSummary) -> list[dict[str, Any]]:
    found: dict[str | None, dict[str, Any]] = {}
    for place, code, cases, ore in summary.by_municipality:
        line = found.setdefault(
            place, {"name": _place_name(place), "cases": 0, "ore": 0, "codes": []}
        )
        line["cases"] += cases
        line["ore"] += ore
        line["codes"].append(f"{code}: {cases}")
    named = [found[place] for place in found if place is not None]
    return [
        *sorted(named, key=lambda line: line["name"]),
        *([found[None]] if None in found else []),
    ]


def _place_name(place: str | None) -> str:
    if place is None:
        return _("Small groups together, and cases without a place")
    import uuid

    known = municipalities.by_id(uuid.UUID(place))
    return known.label if known is not None else place


@needs(role=AGENCY)
@require_GET
def payments(request: HttpRequest, package_id: str, term: str) -> HttpResponseBase:
    """Give the payment list of a run as CSV, a piece at a time."""
    view = term_orders.run_view(actor_of(request), package_id=package_id, month=_month(term))
    if view.line.run_id is None:
        raise _no_such_run()
    pieces = service.payment_csv(actor_of(request), view.line.run_id)
    first = next(pieces)  # a refusal is told before anything is sent
    response = StreamingHttpResponse(
        itertools.chain([first], pieces), content_type="text/csv; charset=utf-8"
    )
    name = f"utbetaling-{package_id}-{term}.csv"
    response["Content-Disposition"] = presenting.disposition("attachment", name)
    return response


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise _no_such_run() from None


def _no_such_run() -> RefusedError:
    return refuse(
        "no_such_run", "There is no such run.", remedy="Choose one from the list.", status=404
    )
