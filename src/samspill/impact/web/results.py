"""The figures of an initiative: calculate, lay before KS, take a position, freeze; and the result with its charts."""

from __future__ import annotations

import math
import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from samspill.identity.service import actor_of, needs
from samspill.impact import service
from samspill.impact.domain import summary
from samspill.impact.web import assumption_words, charts, page, words
from samspill.impact.web.page import TOGETHER
from samspill.infra import refusals, written
from samspill.infra.charts import Cell, Table
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities


@needs(role=TOGETHER)
@require_GET
def results(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Go to the newest figures, or show that there are none."""
    found = service.assessments(initiative_id, actor=actor_of(request))
    if found:
        return redirect(_address(found[0]))
    return _empty(request, initiative_id)


@needs(role=TOGETHER)
@require_GET
def result(
    request: HttpRequest, initiative_id: uuid.UUID, assessment_id: uuid.UUID
) -> HttpResponseBase:
    """Show one assessment."""
    return _shown(request, initiative_id, assessment_id)


@needs(role=TOGETHER)
@require_POST
def assess(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Calculate the consequences."""
    return refusals.act(
        lambda: service.assess(actor_of(request), initiative_id=initiative_id),
        then=reverse("impact-results", args=[initiative_id]),
        done="assessed",
        again=lambda problem: _empty(request, initiative_id, problem),
    )


@needs(role=TOGETHER)
@require_POST
def step(
    request: HttpRequest, initiative_id: uuid.UUID, assessment_id: uuid.UUID
) -> HttpResponseBase:
    """Take the next step of an assessment: consult, position or freeze."""
    actor, given = actor_of(request), request.POST
    to = given.get("to", "")
    steps = {
        "consulted": lambda: service.consult(actor, assessment_id=assessment_id),
        "position": lambda: service.take_position(
            actor,
            assessment_id=assessment_id,
            position=given.get("position", ""),
            remark=written.posted(request, "remark"),
        ),
        "frozen": lambda: service.freeze(actor, assessment_id=assessment_id),
    }
    return refusals.act(
        steps.get(to, lambda: service.figures(assessment_id, actor=actor)),
        then=reverse("impact-result", args=[initiative_id, assessment_id]),
        done=to,
        again=lambda problem: _shown(request, initiative_id, assessment_id, problem),
    )


def _address(found: service.AssessmentView) -> str:
    return reverse("impact-result", args=[found.initiative_id, found.id])


def _empty(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponseBase:
    context = page.initiative(request, initiative_id, "result")
    actor = actor_of(request)
    context |= {
        "lines": len(service.lines_of(initiative_id, actor=actor).lines),
        "open": len(service.open_questions(initiative_id, actor=actor)),
    }
    return page.show(request, "no_result.html", context, problem=problem)


def _shown(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    assessment_id: uuid.UUID,
    problem: RefusedError | None = None,
) -> HttpResponseBase:
    context = page.initiative(request, initiative_id, "result")
    found = service.figures(assessment_id, actor=actor_of(request))
    context |= {
        "found": found,
        "position": words.word(words.STATES, found.position),
        "state": {
            "text": words.word(words.STATES, found.state),
            "color": words.STATE_COLORS[found.state],
        },
        "worth": _worth(found),
        **_figures(found.figures, actor_of(request), initiative_id),
        "others": service.assessments(initiative_id, actor=actor_of(request)),
        "learnt": _learnt(found),
        "written": written.asked(request, "remark"),
    }
    return page.show(request, "result.html", context, problem=problem)


def _figures(figures: dict[str, Any], actor: Actor, initiative_id: uuid.UUID) -> dict[str, Any]:
    """Return the tables and charts of an assessment's figures."""
    names = {
        line.key: line.said("name", written.reader()) or words.word(words.QUESTIONS, line.key)
        for line in service.lines_of(initiative_id, actor=actor).lines
    }
    return {
        "totals": _totals(figures),
        "charts": [*charts.years(figures), charts.bearers(figures), charts.sizes(figures)],
        "tornado": charts.swings(figures, names),
        "losers": _losers(figures),
        "unpriced": [
            (names.get(key, key), f"{size:+g}")
            for lines in figures["unpriced"].values()
            for key, size in lines.items()
        ],
        "groups": _groups(figures),
        "places": _places(figures),
    }


def _totals(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the two columns: kroner and hours, never added."""
    total = figures["total"]
    rows = []
    if total["unit"] == "NOK":
        rows.append((_("Net cost in kroner"), total, page.money()))
    hours = total.get("hours", total if total["unit"] == "hours" else None)
    if hours:
        rows.append((_("Net hours used"), hours, page.hours()))
    return [
        {"label": label, **{n: how.say(one[n]) for n in ("p10", "p50", "p85", "mean", "error")}}
        for label, one, how in rows
    ]


def _worth(found: service.AssessmentView) -> dict[str, Any]:
    """Return the table of the present value by how many years of effects are counted."""
    counted = found.last_year - found.first_year + 1
    by_years = {int(years): one for years, one in found.worths.items()}
    how = page.money()
    head = [
        _("Years of effects"),
        _("Net present value"),
        _("Cost of tax finance"),
        _("Net present value with the cost of tax finance"),
    ]
    rows = [
        [
            Cell(_years(found.first_year, years)),
            *(
                Cell(how.say(one[name]), number=True, value=one[name])
                for name in ("npv", "tax_cost_npv", "npv_with_tax_cost")
            ),
        ]
        for years, one in sorted(by_years.items())
    ]
    caption = _("Net present value, %(year)s") % {"year": found.first_year}
    return {
        "table": page.table(caption, head, rows),
        "counted": counted,
        "is_whole": all(years in by_years for years in summary.YEARS_BESIDE),
    }


def _years(first: int, count: int) -> str:
    span = {"count": count, "first": first, "last": first + count - 1}
    return _("%(count)s years, %(first)s–%(last)s") % span


def _losers(figures: dict[str, Any]) -> Table:
    head = [
        _("Inhabitants"),
        _("Municipalities that lose"),
        _("of all municipalities"),
        _("People in them"),
        _("of all inhabitants"),
    ]
    number = page.numbers()
    rows = [
        [
            Cell(words.word(words.SIZES, row[0])),
            *(Cell(number.say(value), number=True, value=value) for value in row[1:]),
        ]
        for row in figures["losers"]
        if row[2]
    ]
    return page.table(_("Who is left with a net cost, by size"), head, rows)


def _places(figures: dict[str, Any]) -> Table:
    """Return the table of all municipalities: expected and P85 kroner, per inhabitant, and hours."""
    names = {place.number: place.label for place in municipalities.all_current()}
    money, hours, each = page.money(), page.hours(), page.numbers(unit="kr", decimals=1)
    rows = []
    for number, people in zip(figures["numbers"], figures["inhabitants"], strict=True):
        one = figures["by_municipality"][number]
        worked = one.get("hours", {}).get("mean")
        rows.append(
            [
                Cell(names.get(number, number)),
                Cell(money.say(one["mean"]), number=True, value=one["mean"]),
                Cell(money.say(one["p85"]), number=True, value=one["p85"]),
                Cell(each.say(one["mean"] / people if people else None), number=True),
                Cell(hours.say(worked), number=True, value=worked),
            ]
        )
    head = [
        _("Municipality"),
        _("Expected net cost"),
        _("High (P85)"),
        _("Per inhabitant"),
        _("Net hours"),
    ]
    return page.table(_("Each municipality"), head, rows)


def _learnt(found: service.AssessmentView) -> list[dict[str, Any]]:
    """Return what the estimate started from by reference class: as shipped, and as actuals had moved it."""
    classes = service.newest_assumptions().reference_classes
    return [
        {
            "name": words.word(words.CLASSES, key),
            "actuals": one["actuals"],
            "initiatives": one["initiatives"],
            "before": _median(one["before"]["mu"]),
            "after": _median(one["after"]["mu"]),
            "source": assumption_words.source(classes[key].source) if key in classes else "",
            "since": service.posterior(key).actuals - one["actuals"] if key in classes else 0,
        }
        for key, one in sorted(found.figures.get("learnt", {}).items())
    ]


def _median(mu: float) -> str:
    return page.numbers(decimals=2).say(math.exp(mu))


def _groups(figures: dict[str, Any]) -> list[Table]:
    """Return the results by county, size class and centrality, kroner and hours side by side, never added."""
    titles = {
        "county": (_("By county"), _("County")),
        "size": (_("By size of municipality"), _("Inhabitants")),
        "centrality": (_("By centrality (1 most central, 6 least)"), _("Centrality")),
    }
    return [_group(figures[f"by_{key}"], *titles[key]) for key in titles]


def _group(found: dict[str, Any], title: str, name: str) -> Table:
    money, hours = page.money(), page.hours()
    kroner, worked = found.get("kroner", {}), found.get("hours", {})
    rows = []
    for one in kroner or worked:
        mine, own = kroner.get(one, {}), worked.get(one, {})
        amounts = [(money, mine.get(key)) for key in ("mean", "p10", "p50", "p85")]
        amounts += [(hours, own.get("mean")), (hours, own.get("p85"))]
        cells = [Cell(how.say(value), number=True, value=value) for how, value in amounts]
        rows.append([Cell(one), *cells])
    head = [
        name,
        _("Expected net cost"),
        _("Low (P10)"),
        _("Middle (P50)"),
        _("High (P85)"),
        _("Net hours"),
        _("Hours, P85"),
    ]
    return page.table(title, head, rows)
