"""The register as those who decide together see it: start page, list, new, overview, description, history."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import written
from samspill.infra.charts import Numbers
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.portfolio import service
from samspill.portfolio.domain import description, states, wording
from samspill.portfolio.domain.states import LEAD, OWNER, SECRETARIAT
from samspill.portfolio.service import agenda, words
from samspill.portfolio.service.views import title_of
from samspill.portfolio.web import cautions, page
from samspill.portfolio.web.page import TOGETHER


@needs(role=TOGETHER)
@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """Show what waits for whoever is here, the earliest deadline first."""
    actor = actor_of(request)
    waiting = [
        {"line": one, "text": _(one.text) % one.values if one.values else _(one.text)}
        for one in agenda.waiting_for(actor)
    ]
    mine = service.list_initiatives(
        service.Filters(owner_org_no=actor.org_no or "-"), actor=actor
    ).items
    context = {
        "waiting": waiting,
        "mine": [_line(one) for one in mine] if actor.has_role("initiative_owner") else [],
        "windows": _own_windows(request),
        "open_windows": [
            {"line": one, "title": one.title(get_language() or "nb")} for one in service.windows()
        ],
        "reminders": [_reminder(one) for one in service.reminders(actor)],
        "is_owner": actor.has_role("initiative_owner"),
        "is_ministry": actor.has_role("ministry"),
        "is_lead": actor.has_role("municipal_lead"),
    }
    return page.show(request, "start.html", context)


def _reminder(one: Any) -> dict[str, Any]:
    text = one.titles.get(get_language() or "nb") or _(one.text)
    about = wording.Said(one.about_in or {wording.FIRST: one.about}, words.language())
    return {"line": one, "about": about, "text": text % one.values if one.values else text}


def _own_windows(request: HttpRequest) -> list[dict[str, Any]]:
    municipality_id = actor_of(request).municipality_id
    if municipality_id is None:
        return []
    return [
        {"one": row, "title": title_of(row.initiative), "choice": words.CHOICES[row.choice]}
        for row in agenda.adoptions_of(municipality_id)
    ]


@needs(role=TOGETHER)
@require_GET
def initiatives(request: HttpRequest) -> HttpResponseBase:
    """Show the register with filters, page by page."""
    chosen = {name: request.GET.get(name, "") for name in ("sok", "sektor", "tilstand", "eier")}
    filters = service.Filters(
        text=chosen["sok"],
        sector=chosen["sektor"] if chosen["sektor"] in words.SECTORS else "",
        states=(chosen["tilstand"],) if chosen["tilstand"] in words.STATES else (),
        owner_org_no=chosen["eier"] if chosen["eier"].isdecimal() else "",
    )
    found = service.list_initiatives(
        filters, after=request.GET.get("etter"), actor=actor_of(request)
    )
    context = {
        "lines": [_line(one) for one in found.items],
        "after": found.after,
        "chosen": chosen,
        "sectors": page.options(words.SECTORS),
        "states": page.options(words.STATES),
        "owners": [{"value": o.org_no, "label": o.name} for o in service.organisations()],
        "is_owner": actor_of(request).has_role("initiative_owner"),
    }
    return page.show(request, "initiatives.html", context)


def _line(one: service.InitiativeView) -> dict[str, Any]:
    return {
        "one": one,
        "state": page.state_tag(one.state),
        "sector": words.SECTORS.get(one.sector, one.sector),
        "legal": words.LEGAL[one.legal],
    }


@needs(role="initiative_owner")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Register an initiative with title, summary and sector; the rest is written page by page."""
    problem = None
    if request.method == "POST":
        try:
            made = service.register(
                actor_of(request),
                title=request.POST.get("title", ""),
                summary=request.POST.get("summary", ""),
                sector=request.POST.get("sector", "other"),
            )
            return redirect(f"{reverse('initiative-questions', args=[made.id])}?gjort=registered")
        except RefusedError as error:
            problem = error
    return page.show(
        request, "new.html", {"fields": _new_fields(request, problem)}, problem=problem
    )


def _new_fields(request: HttpRequest, problem: RefusedError | None) -> list[dict[str, Any]]:
    def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, words.FIELDS[name], problem=problem, **more)

    hint = _("Two or three sentences that anybody understands.")
    sectors = page.options(words.SECTORS)
    return [
        field("title", "text", required=True, max_length=160),
        field("summary", "longtext", help=hint, max_length=2000),
        field("sector", "select", value="other", options=sectors, required=True),
    ]


@needs(role=TOGETHER)
@require_GET
def overview(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show where an initiative stands, what comes next and what is missing for it."""
    return _overview(request, initiative_id)


def _overview(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponseBase:
    actor = actor_of(request)
    context = page.initiative_context(request, initiative_id, "overview")
    one = context["one"]
    story = service.story(initiative_id, actor=actor)
    onward = _onward(one.state)
    open_steps = service.steps_for(initiative_id, actor)
    context |= {
        "way": _way(one.state, story.steps),
        "steps": [_step(step, onward) for step in open_steps],
        "other_steps": any(step.to != onward for step in open_steps),
        "missing": page.missing_items(service.missing_for(initiative_id, onward, actor=actor))
        if onward
        else [],
        "onward": onward,
        "next_state": words.STATES.get(onward, ""),
        "has_next": bool(onward),
        **_about(one),
        "figures": _figures(story),
        "limits": cautions.said(service.limits_of(initiative_id, actor=actor)),
        "beside": _beside(actor, one),
        "may_publish": (context["is_owner"] or actor.has_role("secretariat")) and not one.is_public,
        "advice": _advice(story),
        "written_reason": written.asked(request, "reason"),
    }
    return page.show(request, "overview.html", context, problem=problem)


def _about(one: service.InitiativeView) -> dict[str, Any]:
    """Return what the initiative is, in words."""
    return {
        "packages": _packages(one),
        "sector": words.SECTORS[one.sector],
        "life_event": words.LIFE_EVENTS.get(one.life_event, ""),
        "legal": words.LEGAL[one.legal],
        "standing": words.STANDINGS[one.relevance.state],
        "verdict": words.VERDICTS.get(one.relevance.verdict, ""),
    }


def _packages(one: service.InitiativeView) -> list[dict[str, Any]]:
    """Return the packages by name: a published one's in the reader's language, else as the owner calls it."""
    published = {row.id for row in packages.list_published()} if one.packages else set()
    found = []
    for row in one.packages:
        id_ = row["package_id"]
        title = (
            packages.published(id_).text("service.title", words.language())
            if id_ in published
            else row.get("title") or id_
        )
        found.append({"title": title, "id": id_, "change": words.CHANGES[row["change"]]})
    return found


def _beside(actor: Actor, one: service.InitiativeView) -> list[dict[str, Any]]:
    """Return the pages of the rooms above that the actor may open, with what is done there.

    Their addresses are agreed on, as those of the guards are: the rooms above know this one, not the other way.
    """
    owns = actor.has_role(SECRETARIAT) or (
        actor.has_role(OWNER) and actor.org_no == one.owner_org_no
    )
    found = [
        (f"/konsekvens/{one.id}/", _("Effect lines: what it costs and frees"), True),
        (f"/konsekvens/{one.id}/innforing/", _("The checklist of introduction costs"), owns),
        (f"/konsekvens/{one.id}/resultat/", _("Figures for each municipality"), True),
        ("/konsekvens/var-kommune/", _("Our own figures"), actor.has_role(LEAD)),
        (f"/gevinstplan/{one.id}/", _("The gain plan: every hour in its state"), True),
        (f"/avtaler/ny/{one.id}/", _("Propose an agreement on cost and gain"), owns),
        ("/avtaler/", _("Agreements"), True),
    ]
    return [{"url": url, "label": label} for url, label, may in found if may]


def _onward(state: str) -> str:
    """Return the next state on the straight way, or where a deferred one goes; empty at the end."""
    if state in states.WAY[:-1]:
        return states.WAY[states.WAY.index(state) + 1]
    return "prioritised" if state == "deferred" else ""


def _step(step: states.Step, onward: str) -> dict[str, Any]:
    return {
        "to": step.to,
        "label": words.STEPS[step.to],
        "reason": step.reason,
        "main": step.to == onward,
    }


def _way(state: str, steps: list[Any]) -> list[dict[str, Any]]:
    """Return the straight way as `site/_timeline.html` takes it, with the day each state was reached."""
    reached = {one.to: one.at for one in steps}
    here = states.place_of(state)
    way = []
    for at, name in enumerate(states.WAY):
        now = "done" if at < here else "now" if name == state else "next"
        when = reached.get(name) if now != "next" else None
        way.append({"title": words.STATES[name], "state": now, "when": page.day_text(when)})
    if state in states.ASIDE:
        way.insert(
            here + 1,
            {
                "title": words.STATES[state],
                "state": "now",
                "when": page.day_text(reached.get(state)),
            },
        )
    return way


def _figures(story: service.Story) -> dict[str, Any] | None:
    """Return first and current totals beside KS' own: every later figure against the first and the current one."""
    current = story.evidence.get("assessment")
    if current is None:
        return None
    numbers = Numbers()
    first = story.first_baseline.body.get("totals", {}) if story.first_baseline else {}
    ks = (
        story.evidence["ks_figures"].body.get("totals", {})
        if "ks_figures" in story.evidence
        else {}
    )
    rows = [
        {
            "name": words.TOTALS.get(name, name.replace("_", " ")),
            "unit": words.UNITS.get(total.get("unit", ""), total.get("unit", "")),
            "first": _said(numbers, first.get(name)),
            "now": _said(numbers, total),
            "ks": _said(numbers, ks.get(name)),
        }
        for name, total in current.body.get("totals", {}).items()
    ]
    return {"rows": rows, "body": current.body, "at": current.at, "version": current.version}


def _said(numbers: Numbers, total: dict[str, Any] | None) -> str:
    mean = total.get("mean") if isinstance(total, dict) else None
    return numbers.say(float(f"{mean:.3g}")) if isinstance(mean, int | float) else ""


def _advice(story: service.Story) -> list[str]:
    """Return what ought to be done though no guard asks for it."""
    one, found = story.initiative, []
    unanswered = [key for key in description.QUESTIONS if not one.questions.get(key)]
    if unanswered:
        found.append(_("Not all of the six questions are answered."))
    past_relevance = states.place_of(one.state) >= states.WAY.index("involved")
    if past_relevance and not story.involvements:
        found.append(_("No involvement of municipalities is recorded yet."))
    if any(not held.influences for held in story.involvements):
        found.append(_("For some involvements it is not told what changed because of them."))
    return found


@needs(role=TOGETHER)
@require_POST
def move(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Take a step."""
    return page.act(
        request,
        lambda actor: service.move(
            actor,
            initiative_id=initiative_id,
            to=request.POST.get("to", ""),
            reason=written.posted(request, "reason"),
        ),
        then=reverse("work-initiative", args=[initiative_id]),
        done="moved",
        again=lambda error: _overview(request, initiative_id, error),  # type: ignore[arg-type, return-value]
    )


@needs(role=("initiative_owner", "secretariat"))
@require_POST
def publish(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Let everybody read it."""
    return page.act(
        request,
        lambda actor: service.publish(actor, initiative_id=initiative_id),
        then=reverse("work-initiative", args=[initiative_id]),
        done="published",
        again=lambda error: _overview(request, initiative_id, error),  # type: ignore[arg-type, return-value]
    )


@needs(role=TOGETHER)
@require_GET
def history(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show every step and every version, with what changed between them."""
    actor = actor_of(request)
    context = page.initiative_context(request, initiative_id, "history")
    story = service.story(initiative_id, actor=actor)
    context["steps"] = [
        {
            "line": one,
            "origin": words.STATES.get(one.origin, ""),
            "to": words.STATES[one.to],
            "role": words.ROLES.get(one.role, one.role),
            "standing": words.STANDINGS.get(one.body.get("relevance", ""), ""),
        }
        for one in reversed(story.steps)
    ]
    pairs = zip([None, *story.versions], story.versions, strict=False)
    context["versions"] = [
        {"line": new, "changed": _changed(old.body if old else {}, new.body)}
        for old, new in reversed(list(pairs))
    ]
    context["choices"] = story.choices
    return page.show(request, "history.html", context)


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return the names of the fields that differ; the first version has none."""
    if not old:
        return []
    return [str(words.FIELDS[name]) for name in words.FIELDS if old.get(name) != new.get(name)]
