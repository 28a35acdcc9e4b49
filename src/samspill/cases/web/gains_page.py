"""Measured time beside what was claimed: who saves what, by step, municipality and version of the service."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from samspill.cases import service
from samspill.cases.service import GainRow, GainTable, agency_lists, wording
from samspill.cases.web import presenting
from samspill.identity.service import actor_of, needs
from samspill.infra import charts
from samspill.infra.charts import Bar, Chart, Numbers
from samspill.packages.service import Package

LEADERS = ("municipality_leader", "agency_leader", "agency_caseworker", "municipality_caseworker")
_GROUPS = {
    "municipality": gettext_lazy("The municipality"),
    "agency": gettext_lazy("The agency"),
    "citizen": gettext_lazy("The citizen"),
}
_STATUS = {
    "claim": gettext_lazy("a claim that has not been measured"),
    "estimate": gettext_lazy("an estimate"),
    "measured": gettext_lazy("measured"),
}
_WHOLE = "case"
_MOST = 12


@needs(role=LEADERS)
@require_GET
def gains(request: HttpRequest) -> HttpResponseBase:
    """Show measured minutes beside the claim."""
    package = _package(request)
    if package is None:
        return render(request, "cases/staff/gains.html", {"table": None})
    mine = actor_of(request).municipality_id
    only_mine = mine is not None and request.GET.get("kommune") == "egen"
    table = service.gain_table(package.id, municipality_id=mine if only_mine else None)
    context = {
        "package": package,
        "packages": _choices(request, package),
        "title": package.text("service.title", presenting.language()),
        "table": table,
        "rows": [_row(package, table, row) for row in table.rows if not row.suppressed],
        "hidden": [_row(package, table, row) for row in table.rows if row.suppressed],
        "bars": _bars(package, table),
        "cutoff": table.rule.cutoff_s // 60,
        "tail": table.rule.tail_s,
        "claims": _claims(table),
        "status": _STATUS.get(table.baseline.status, table.baseline.status)
        if table.baseline
        else "",
        "smallest": gains_smallest(),
        "may_narrow": mine is not None,
        "only_mine": only_mine,
    }
    return render(request, "cases/staff/gains.html", context)


def gains_smallest() -> int:
    """Return how many cases a line must have to show figures."""
    from samspill.cases.service.gains import SMALLEST_CELL

    return SMALLEST_CELL


@needs(role=LEADERS)
@require_GET
def gains_csv(request: HttpRequest) -> HttpResponseBase:
    """Give the same table as CSV."""
    package = _package(request)
    rows = service.gain_csv(service.gain_table(package.id)) if package is not None else iter(())
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    name = f"gevinst-{package.id if package else ''}.csv"
    response["Content-Disposition"] = presenting.disposition("attachment", name)
    return response


def _package(request: HttpRequest) -> Package | None:
    measured = [p for p in agency_lists.services_of(actor_of(request)) if p.gains is not None]
    wanted = request.GET.get("tjeneste")
    return next((p for p in measured if p.id == wanted), measured[0] if measured else None)


def _choices(request: HttpRequest, chosen: Package) -> list[dict[str, Any]]:
    lang = presenting.language()
    return [
        {"value": p.id, "label": p.text("service.title", lang), "chosen": p.id == chosen.id}
        for p in agency_lists.services_of(actor_of(request))
        if p.gains is not None
    ]


def _row(package: Package, table: GainTable, row: GainRow) -> dict[str, Any]:
    return {
        "row": row,
        "place": _place(table, row),
        "step": _step(package, row.measure),
        "group": _GROUPS.get(row.role, row.role),
        "minutes": _minutes(row.median_minutes),
        "before": _minutes(row.before_minutes),
        "hours": _number(row.total_hours),
        "saved": _number(row.saved_hours),
    }


def _place(table: GainTable, row: GainRow) -> str:
    if not row.municipality_no:
        return _("Small municipalities together")
    return table.names.get(row.municipality_no, row.municipality_no)


def _step(package: Package, measure: str) -> str:
    if measure == _WHOLE:
        return _("The whole case")
    found = package.texts.find(f"measure.{measure}.label", presenting.language())
    return found or measure


def _bars(package: Package, table: GainTable) -> Chart:
    """Return a bar for every line with figures, the whole case first."""
    figures = [row for row in table.rows if not row.suppressed]
    shown = sorted(figures, key=lambda row: (row.measure != _WHOLE, -(row.cases or 0)))[:_MOST]
    return charts.bars_beside(
        key="gains",
        title=_("Median minutes a case (full bar) and what was claimed (thin bar)"),
        rows=[
            Bar(
                label=f"{_step(package, r.measure)}, {_GROUPS.get(r.role, r.role)}, {_place(table, r)}",
                value=r.median_minutes or 0,
                claim=r.before_minutes,
            )
            for r in shown
        ],
        numbers=Numbers(unit="min", decimals=1),
    )


def _claims(table: GainTable) -> list[tuple[str, str]]:
    if table.baseline is None:
        return []
    return [
        (
            str(_GROUPS.get(group, group)),
            _minutes(minutes) if minutes else _("not measured, nothing claimed"),
        )
        for group, minutes in table.baseline.minutes.items()
    ]


def _minutes(value: float | None) -> str:
    return "" if value is None else _("%(minutes)s min") % {"minutes": _number(value)}


def _number(value: float | None) -> str:
    return "" if value is None else wording.number_text(round(value, 1))
