"""The work list: what waits for one's own side, why, until when; filters and paging without script.

What stands in the address is chosen from lists, never typed, so that no name or number of a person can
end up there. A case number is posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from samspill.cases import service
from samspill.cases.service import agency_lists, wording
from samspill.cases.web import presenting
from samspill.identity.service import actor_of, needs
from samspill.kernel.actor import Actor
from samspill.packages.service import Package

MUNICIPALITY = ("municipality_caseworker", "municipality_leader", "counter", "protected_caseworker")
AGENCY = ("agency_caseworker", "agency_leader", "protected_caseworker")
STAFF = tuple(dict.fromkeys((*MUNICIPALITY, *AGENCY)))

_TRAIL = 8
_SIZE = 25
_AGES = (7, 14, 30, 90)
_WAITS = {
    "municipality": gettext_lazy("Waits for the municipality"),
    "agency": gettext_lazy("Waits for the agency"),
    "applicant": gettext_lazy("Waits for the applicant"),
    "party": gettext_lazy("Waits for somebody in the household"),
    "system": gettext_lazy("Waits for the next month's run"),
    "nobody": gettext_lazy("Waits for nobody; the case is closed"),
}
_CHANNELS = {
    "digital": gettext_lazy("Electronic"),
    "paper": gettext_lazy("Paper"),
    "counter": gettext_lazy("At the counter"),
}
_OTHERS = {
    "municipality": gettext_lazy("the municipality"),
    "agency": gettext_lazy("the agency"),
    "applicant": gettext_lazy("the applicant"),
    "system": gettext_lazy("the next month's run"),
}
DONE = {
    "moved": gettext_lazy(
        "The case has been passed to the other municipality. You no longer see it."
    ),
    "letters": gettext_lazy("The letters are in the queue again."),
}


@needs(role=MUNICIPALITY)
@require_GET
def work_list(request: HttpRequest) -> HttpResponseBase:
    """Show the municipality's cases."""
    return show_list(request, "work-list")


def show_list(
    request: HttpRequest, route: str, *, problem: str = "", status: int = 200
) -> HttpResponseBase:
    """Show one page of a list of cases with its filters."""
    actor = actor_of(request)
    packages = agency_lists.services_of(actor)
    filters = _filters(request, packages)
    page = service.work_list(actor, filters, request.GET.get("etter"))
    context = {
        "route": route,
        "lines": [line_of(actor, line, packages) for line in page.lines],
        "filters": _filter_fields(request, packages),
        "filtered": any(request.GET.get(name) for name in _NAMES),
        "problem": problem,
        "kept_out": _family_unknown(actor) if not page.lines else "",
        "done": DONE.get(request.GET.get("gjort", "")),
        **paging(request, route, page.after),
    }
    return render(request, f"cases/staff/{_TEMPLATES[route]}", context, status=status)


def _family_unknown(actor: Actor) -> str:
    """Say why nothing at all is shown while no register tells who the employee is close to."""
    if not service.is_kept_from_all(actor):
        return ""
    return _(
        "Who is close to you is not known today, because Folkeregisteret does not answer. "
        "So no case can be shown. Try again in a while."
    )


_TEMPLATES = {"work-list": "work_list.html", "agency": "agency.html"}
_NAMES = ("tjeneste", "tilstand", "oppgave", "alder", "kanal", "mine", "forfalt", "venter")


@needs(role=STAFF)
@require_POST
def find(request: HttpRequest) -> HttpResponseBase:
    """Open the case with a number; the number is posted and never stands in an address."""
    number = request.POST.get("number", "").strip()
    case_id = service.locate(actor_of(request), number) if number else None
    if case_id is not None:
        return redirect("staff-case", case_id=case_id)
    problem = _("There is no case with this number that you have access to. Check the number.")
    route = "agency" if actor_of(request).has_role(*AGENCY[:2]) else "work-list"
    return show_list(request, route, problem=problem, status=422)


def line_of(actor: Actor, line: service.Line, packages: tuple[Package, ...]) -> dict[str, Any]:
    """Return one line of a list in words: which case, why it waits, until when."""
    package = next((p for p in packages if p.id == line.package_id), None)
    lang = presenting.language()
    text = package.text if package is not None else (lambda key, _language: key)
    tasks = [text(f"task.{key.split(':', 1)[0]}.label", lang) for key in line.tasks]
    return {
        "line": line,
        "url": reverse("staff-case", kwargs={"case_id": line.case_id}),
        "number": line.number or str(line.case_id)[:8],
        "service": text("service.title", lang),
        "state": text(f"state.{line.state}.label", lang),
        "waits": _WAITS.get(line.waiting_for, line.waiting_for),
        "tasks": tasks,
        "age": age_text(line.age_days),
        "channel": _CHANNELS.get(line.channel, line.channel),
        "mine": line.handler_id is not None and line.handler_id == actor.person_id,
        "taken": line.handler_id is not None,
    }


def age_text(days: int) -> str:
    """Return how old a case is, in words.

    >>> from django.utils import translation
    >>> with translation.override("en"): age_text(0), age_text(3)
    ('today', '3 days')
    """
    if days <= 0:
        return _("today")
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def _filters(request: HttpRequest, packages: tuple[Package, ...]) -> service.Filters:
    """Read the filters; what is not one of the choices is left out."""
    get = request.GET.get
    age = get("alder", "")
    known = {
        "package_id": _one_of(get("tjeneste"), [p.id for p in packages]),
        "waiting_for": _one_of(get("venter"), _OTHERS),
        "state": _one_of(get("tilstand"), [s for p in packages for s in p.process.states]),
        "task": _one_of(get("oppgave"), [t.id for p in packages for t in p.process.tasks]),
        "channel": _one_of(get("kanal"), _CHANNELS),
    }
    if known["state"] and not known["waiting_for"]:
        states = {k: v for p in packages for k, v in p.process.states.items()}
        known["waiting_for"] = states[known["state"]].waits_for
    return service.Filters(
        package_id=known["package_id"],
        waiting_for=known["waiting_for"],
        state=known["state"],
        task=known["task"],
        channel=known["channel"],
        older_than_days=int(age) if age in map(str, _AGES) else None,
        overdue="forfalt" in request.GET,
        mine="mine" in request.GET,
        size=_SIZE,
    )


def _one_of(value: str | None, choices: Any) -> str | None:
    return value if value in choices else None


def _filter_fields(request: HttpRequest, packages: tuple[Package, ...]) -> dict[str, Any]:
    lang = presenting.language()
    states: dict[str, str] = {}
    tasks: dict[str, str] = {}
    for package in packages:
        states |= {name: package.text(f"state.{name}.label", lang)
                   for name, state in package.process.states.items() if not state.final}  # fmt: skip
        tasks |= {t.id: package.text(f"task.{t.id}.label", lang) for t in package.process.tasks}
    services = {p.id: p.text("service.title", lang) for p in packages}
    return {
        "selects": [
            *([_select(request, "tjeneste", _("Service"), services)] if len(services) > 1 else []),
            {**_select(request, "venter", _("Waits for"), _OTHERS), "empty": _("Us")},
            _select(request, "tilstand", _("State"), states),
            _select(request, "oppgave", _("Task"), tasks),
            _select(request, "alder", _("Older than"), {str(n): age_text(n) for n in _AGES}),
            _select(request, "kanal", _("Came as"), _CHANNELS),
        ],
        "mine": "mine" in request.GET,
        "overdue": "forfalt" in request.GET,
    }


def _select(request: HttpRequest, name: str, label: str, choices: Any) -> dict[str, Any]:
    chosen = request.GET.get(name, "")
    options = [{"value": k, "label": v, "chosen": k == chosen} for k, v in choices.items()]
    return {"name": name, "label": label, "options": options, "empty": _("All")}


def paging(
    request: HttpRequest, route: str, after: str | None, *, names: Sequence[str] = _NAMES
) -> dict[str, str]:
    """Return the addresses of the pages before and after; what is asked for by `names` goes along.

    A cursor only leads forward, so the cursors of the pages one came from go along.
    """
    here, trail = request.GET.get("etter", ""), request.GET.getlist("fra")[-_TRAIL:]
    kept = [(name, request.GET[name]) for name in names if request.GET.get(name)]
    base = reverse(route)
    found = {"next_url": "", "previous_url": ""}
    if after:
        found["next_url"] = (
            f"{base}?{urlencode([*kept, *(('fra', c) for c in [*trail, here]), ('etter', after)])}"
        )
    if here:
        back = [("etter", trail[-1])] if trail and trail[-1] else []
        query = urlencode([*kept, *(("fra", c) for c in trail[:-1]), *back])
        found["previous_url"] = f"{base}?{query}" if query else base
    return found


def kroner(ore: int) -> str:
    """Return øre as kroner in the language of the page; whole kroner without decimals.

    >>> from django.utils import translation
    >>> with translation.override("nb"): kroner(123_456_00).replace(chr(160), " ")
    '123 456 kr'
    """
    return wording.amount_text(ore / 100)
