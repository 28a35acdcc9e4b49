"""Settled years: the list, one year, and a party's statement as page, PDF and CSV."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, actor_of, needs
from samspill.infra import charts
from samspill.settlement import service
from samspill.settlement.service import StatementView
from samspill.settlement.service.labels import line_label
from samspill.settlement.web import page

_CAUSES = ("by_volume", "by_rate", "by_timing")


@needs(role=ANYONE)
@require_GET
def settlements(request: HttpRequest) -> HttpResponseBase:
    """List the settled years that the reader may see."""
    found = service.list_settlements(actor_of(request))
    return page.show(request, "settlements.html", {"rows": found})


@needs(role=ANYONE)
@require_GET
def settled(request: HttpRequest, settlement_id: uuid.UUID) -> HttpResponseBase:
    """Show a settled year with every party."""
    view = service.settlement(settlement_id, actor=actor_of(request))
    rows = [
        {
            "one": one,
            "due": one.ore("due"),
            "planned": one.ore("gain_planned"),
            "realised": one.ore("gain_realised"),
            "withdrawn": one.ore("gain_withdrawn"),
        }
        for one in view.statements
    ]
    context = {"view": view, "rows": rows, "chart": _chart(view.statements)}
    return page.show(request, "settlement.html", context)


@needs(role=ANYONE)
@require_GET
def settled_csv(request: HttpRequest, settlement_id: uuid.UUID) -> HttpResponseBase:
    """Give a settled year as CSV."""
    view = service.settlement(settlement_id, actor=actor_of(request))
    return _file(service.settlement_csv(view), f"avregning-{view.year}.csv")


@needs(role=ANYONE)
@require_GET
def statement(request: HttpRequest, settlement_id: uuid.UUID, party: str) -> HttpResponseBase:
    """Show a party's statement."""
    view = _statement(request, settlement_id, party)
    context = {
        "view": view,
        "cost": _lines(view, "tariff_", "share", "compensation", "due"),
        "gain": _lines(view, "gain_", "by_"),
        "chart": _chart([view]),
    }
    return page.show(request, "statement.html", context)


@needs(role=ANYONE)
@require_GET
def statement_pdf(request: HttpRequest, settlement_id: uuid.UUID, party: str) -> HttpResponseBase:
    """Give a party's statement as PDF/A."""
    view = _statement(request, settlement_id, party)
    made = service.statement_pdf(view, get_language() or "nb")
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_name(view)}.pdf"'
    return response


@needs(role=ANYONE)
@require_GET
def statement_csv(request: HttpRequest, settlement_id: uuid.UUID, party: str) -> HttpResponseBase:
    """Give a party's statement as CSV."""
    view = _statement(request, settlement_id, party)
    return _file(service.statement_csv(view), f"{_name(view)}.csv")


def _lines(view: StatementView, *beginnings: str) -> list[dict[str, Any]]:
    return [
        {"label": line_label(kind), "ore": ore, "kind": kind}
        for kind, ore in view.lines
        if kind.startswith(beginnings)
    ]


def _statement(request: HttpRequest, settlement_id: uuid.UUID, party: str) -> StatementView:
    actor = actor_of(request)
    whole = service.settlement(settlement_id, actor=actor, brief=True)
    return service.statement(party, whole.year, agreement_id=whole.agreement_id, actor=actor)


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _name(view: StatementView) -> str:
    return f"avregning-{view.year}-{view.party}"


def _chart(statements: Iterable[StatementView]) -> charts.Chart:
    """Return planned gain, why it differs, and measured gain, of one party or of all."""
    order = ("gain_planned", *_CAUSES, "gain_realised")
    sums = dict.fromkeys(order, 0)
    for one in statements:
        for kind in order:
            sums[kind] += one.ore(kind)
    return charts.bars(
        key="gain",
        title=_("Gain in cash: planned, why it differs, and measured"),
        rows=[charts.Bar(label=str(line_label(kind)), value=sums[kind] / 100) for kind in order],
        numbers=charts.Numbers(unit="kr", signed=True),
    )
