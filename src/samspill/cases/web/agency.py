"""The agency's lists: what came in, what a person must look at and why, appeals, letters that did not get out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from samspill.cases import service
from samspill.cases.service import agency_lists
from samspill.cases.web import presenting
from samspill.cases.web.case_page import held_text
from samspill.cases.web.staff import AGENCY, line_of, paging, show_list
from samspill.identity.service import actor_of, needs
from samspill.kernel.actor import Actor
from samspill.kernel.periods import Month
from samspill.packages.service import Package

_APPEALS = {
    "received": gettext_lazy("The municipality clarifies it"),
    "clarified": gettext_lazy("Clarified by the municipality"),
    "forwarded": gettext_lazy("To be reviewed by the agency"),
}
#: What helps, by the reason a case was put aside: decide it now, or open it and do something first.
_REMEDIES = {
    "register": gettext_lazy("Try again when the register answers."),
    "open_tasks": gettext_lazy("Open the case and do the task."),
    "with_municipality": gettext_lazy("Wait for the municipality, or write to it."),
    "time_to_answer": gettext_lazy("Wait until the time to answer is over."),
    "unknown_inputs": gettext_lazy("Open the case and put in what is missing."),
}
_MOST = 50


@needs(role=AGENCY)
@require_GET
def incoming(request: HttpRequest) -> HttpResponseBase:
    """Show the cases that wait for the agency."""
    return show_list(request, "agency")


@needs(role=AGENCY)
@require_GET
def exceptional(request: HttpRequest) -> HttpResponseBase:
    """Show the cases that the run put aside, with the reason and what helps, and those for a person."""
    actor = actor_of(request)
    chosen = _chosen(actor, request)
    context: dict[str, Any] = {"chosen": chosen, "months": _months(chosen)}
    if chosen is not None:
        package, month = chosen
        page = service.exceptional(
            actor, month.first, package_id=package.id, after=request.GET.get("etter"), size=_MOST
        )
        context["held"] = [_held(package, held) for held in page.held]
        context |= paging(request, "agency-exceptional", page.after, names=("tjeneste", "maned"))
        context["term"] = str(month)
        context["month"] = month.first
        context["for_people"] = [_for_people(actor, package, s) for s in states_for_people(package)]
    return render(request, "cases/staff/exceptional.html", context)


def states_for_people(package: Package) -> list[str]:
    """Return the states that wait for the agency and that the run cannot lead on from."""
    process = package.process
    by_itself = {
        state
        for t in process.transitions
        if "system" in t.by and not process.states[t.to].final
        for state in t.from_states
        if process.states[t.to].waits_for != "agency"
    }
    return [n for n, s in process.states.items() if s.waits_for == "agency" and n not in by_itself]


def _for_people(actor: Actor, package: Package, state: str) -> dict[str, Any]:
    filters = service.Filters(package_id=package.id, state=state, waiting_for="agency", size=_MOST)
    page = service.work_list(actor, filters)
    return {
        "state": package.text(f"state.{state}.label", presenting.language()),
        "lines": [line_of(actor, line, (package,)) for line in page.lines],
        "more": f"{reverse('agency')}?tilstand={state}" if page.after else "",
    }


def _held(package: Package, held: service.Held) -> dict[str, Any]:
    kind = held.reason.partition(":")[0]
    return {
        "held": held,
        "url": reverse("staff-case", kwargs={"case_id": held.case_id}),
        "reason": held_text(package, held.reason),
        "remedy": _REMEDIES.get(kind, ""),
        "state": package.text(f"state.{held.state}.label", presenting.language()),
    }


def _chosen(actor: Actor, request: HttpRequest) -> tuple[Package, Month] | None:
    """Return the service and month asked for, else the newest run of the first service with terms."""
    own = [p for p in agency_lists.services_of(actor) if p.process.terms is not None]
    if not own:
        return None
    package = next((p for p in own if p.id == request.GET.get("tjeneste")), own[0])
    runs = service.runs(package.id, limit=1)
    try:
        return package, Month.parse(request.GET.get("maned", ""))
    except ValueError:
        return (package, Month.of(runs[0].term)) if runs else None


def _months(chosen: tuple[Package, Month] | None) -> list[dict[str, Any]]:
    if chosen is None:
        return []
    return [
        {
            "value": str(Month.of(run.term)),
            "first": run.term,
            "chosen": Month.of(run.term) == chosen[1],
        }
        for run in service.runs(chosen[0].id)
    ]


@needs(role=AGENCY)
@require_GET
def appeals(request: HttpRequest) -> HttpResponseBase:
    """Show the open appeals, oldest first."""
    lang = presenting.language()
    titles = {
        p.id: p.text("service.title", lang) for p in agency_lists.services_of(actor_of(request))
    }
    lines = [
        {
            "line": line,
            "url": reverse("staff-case", kwargs={"case_id": line.case_id}) + "#klager",
            "service": titles.get(line.package_id, line.package_id),
            "state": _APPEALS[line.state],
        }
        for line in agency_lists.appeals(actor_of(request))
    ]
    return render(request, "cases/staff/appeals.html", {"lines": lines})


@needs(role=AGENCY)
@require_GET
def letters(request: HttpRequest) -> HttpResponseBase:
    """Show how the letters go: how many wait, and those that did not get out."""
    queue = agency_lists.letter_queue(actor_of(request))
    done = _("The letters are in the queue again.") if request.GET.get("gjort") == "letters" else ""
    return render(request, "cases/staff/letters.html", {"queue": queue, "done": done})


@needs(role=AGENCY)
@require_POST
def send_again(request: HttpRequest) -> HttpResponseBase:
    """Put the letters that did not get out back in the queue."""
    agency_lists.send_again(actor_of(request))
    return redirect(f"{reverse('agency-letters')}?gjort=letters")
