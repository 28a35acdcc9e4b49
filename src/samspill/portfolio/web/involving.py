"""Involve municipalities: what was raised and what changed; who speaks, and who is missing; the windows."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from samspill.identity.service import actor_of, needs
from samspill.infra import charts, written
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.portfolio import service
from samspill.portfolio.domain import representativeness as likeness
from samspill.portfolio.service import words
from samspill.portfolio.service.adopting import CONFIRMABLE
from samspill.portfolio.web import page
from samspill.portfolio.web.page import TOGETHER

_SIZES = (6, 10, 14, 20, 30)
_DEFAULT_SIZE = 14
_SHOWN_MISSING = 6


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def involvement(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the involvements, and let the owner or KS record one."""
    if request.method == "GET":
        return _involvement(request, initiative_id)
    return page.act(
        request,
        lambda actor: service.involve(
            actor,
            initiative_id=initiative_id,
            phase=request.POST.get("phase", ""),
            form=request.POST.get("form", ""),
            held_on=_held_on(request),
            raised=written.posted(request, "raised"),
            others=request.POST.get("others", ""),
            municipality_ids=_named(request.POST.get("municipalities", "")),
        ),
        then=reverse("initiative-involvement", args=[initiative_id]),
        done="involved",
        again=lambda error: _involvement(request, initiative_id, error),
    )


def _held_on(request: HttpRequest) -> Any:
    day = page.day_of(request, "held_on")
    if day is None:
        raise page.fault("held_on", _NO_DAY, _DAY_REMEDY)
    return day


_NO_DAY = gettext_noop("It is not said which day it was.")
_DAY_REMEDY = gettext_noop("Choose the day it was held.")
_NO_PLACE = gettext_noop("“%(name)s” is not the name or number of one municipality.")
_PLACE_REMEDY = gettext_noop("Write names or numbers of municipalities with comma between.")


def _named(text: str) -> list[uuid.UUID]:
    """Return the municipalities of a list of names or numbers with comma or line break between."""
    found = []
    for part in text.replace("\n", ",").split(","):
        name = part.strip()
        if name:
            found.append(_place(name))
    return found


def _place(name: str) -> uuid.UUID:
    if name.isdecimal():
        place = municipalities.current(name)
        if isinstance(place, municipalities.Municipality):
            return place.id
    else:
        found = {
            hit.municipality.id
            for hit in municipalities.search(name)
            if not hit.became and name.casefold() in _names(hit.municipality)
        }
        if len(found) == 1:
            return found.pop()
    raise page.fault("municipalities", _NO_PLACE, _PLACE_REMEDY, name=name[:80])


def _names(place: municipalities.Municipality) -> set[str]:
    every = (place.name, place.label, place.official_name, *(one.text for one in place.names))
    return {one.casefold() for one in every}


def _involvement(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    problem: RefusedError | None = None,
    *,
    tried: str = "",
) -> HttpResponse:
    """Draw the page; `tried` is the involvement whose form was refused, and whose words are kept in it."""
    context = page.initiative_context(request, initiative_id, "involvement")
    story = service.story(initiative_id, actor=actor_of(request))
    context |= {
        "held": [
            {
                "line": one,
                "id_text": str(one.id),
                "phase": words.PHASES[one.phase],
                "form": words.FORMS[one.form],
            }
            for one in reversed(story.involvements)
        ],
        "tried": tried,
        "may_record": context["is_owner"] or context["is_ks"],
        "fields": _involvement_fields(request, problem),
        "written_raised": written.asked(request, "raised"),
        "written_text": written.asked(request, "text"),
    }
    return page.show(request, "involvement.html", context, problem=problem)


def _involvement_fields(request: HttpRequest, problem: RefusedError | None) -> list[dict[str, Any]]:
    def field(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, label, problem=problem, **more)

    return [
        field("phase", "choice", _("Phase"), options=page.options(words.PHASES), required=True),
        field("form", "choice", _("Form"), options=page.options(words.FORMS), required=True),
        field("held_on", "date", _("Day"), required=True),
        field(
            "municipalities",
            "longtext",
            _("Municipalities that took part"),
            help=_("Names or numbers, with comma between."),
        ),
        field(
            "others", "text", _("Others"), help=_("For example KS or users; no names of people.")
        ),
        field("raised", "longtext", _("What was raised?"), required=True),
    ]


@needs(role="initiative_owner")
@require_POST
def influence(
    request: HttpRequest, initiative_id: uuid.UUID, involvement_id: uuid.UUID
) -> HttpResponseBase:
    """Tell what changed because of an involvement, or that nothing did and why."""
    return page.act(
        request,
        lambda actor: service.record_influence(
            actor,
            involvement_id=involvement_id,
            changed=request.POST.get("changed") == "true",
            text=written.posted(request, "text"),
        ),
        then=reverse("initiative-involvement", args=[initiative_id]),
        done="influence",
        again=lambda error: _involvement(request, initiative_id, error, tried=str(involvement_id)),
    )


@needs(role=TOGETHER)
@require_GET
def likeness_page(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show those who speak beside the country, who is missing, and a proposed sample."""
    return _likeness(request, initiative_id)


def _likeness(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    context = page.initiative_context(request, initiative_id, "likeness")
    now = service.representativeness(initiative_id, actor=actor)
    wanted = request.GET.get("antall", "")
    size = int(wanted) if wanted.isdecimal() else max(_DEFAULT_SIZE, len(now.chosen))
    size = max(len(now.chosen), 1, min(size, now.places))
    proposed = service.propose_sample(initiative_id, size=size, actor=actor)
    inside = {one.id for one in now.chosen}
    context |= {
        "now": now,
        "area": words.SECTORS[context["one"].sector],
        "people": charts.Numbers(unit="%", decimals=1).say(now.people_share * 100),
        "dimensions": [_dimension(one) for one in now.dimensions],
        "said": _said(now),
        "proposed": [
            {"place": one, "is_new": one.id not in inside, "about": _about(one)}
            for one in proposed.chosen
        ],
        "proposed_said": _said(proposed),
        "size": size,
        "sizes": sorted({*_SIZES, size}),
        "representatives": service.story(initiative_id, actor=actor).representatives,
    }
    return page.show(request, "likeness.html", context, problem=problem)


def _about(place: likeness.Place) -> str:
    """Return where a municipality lies and how many live there: who does not know it sees why it is proposed."""
    people = charts.Numbers().say(place.inhabitants)
    told = ngettext("%(people)s inhabitant", "%(people)s inhabitants", place.inhabitants)
    return f"{place.classes.get('county', '')}, {told % {'people': people}}"


def _dimension(one: likeness.Dimension) -> dict[str, Any]:
    percent = charts.Numbers(unit="%")
    rows = [
        charts.Bar(
            label=words.class_name(one.name, c.name),
            value=round(c.chosen_share * 100, 1),
            claim=round(c.place_share * 100, 1),
        )
        for c in one.classes
    ]
    chart = charts.bars_beside(
        key=f"likhet-{one.name}",
        title=_("%(dimension)s: those who speak, beside the country")
        % {"dimension": words.DIMENSIONS[one.name]},
        rows=rows,
        numbers=percent,
        value_label=_("Share of those who speak"),
        claim_label=_("Share of all municipalities"),
    )
    return {"chart": chart, "one": one, "name": words.DIMENSIONS[one.name]}


def _said(now: likeness.Comparison) -> list[str]:
    """Return the plain statement of who is missing and what is skewed, one sentence a dimension."""
    said = []
    for one in now.dimensions:
        said += [_sentence(one, now), _how_known(one, now)]
    return [sentence for sentence in said if sentence]


def _how_known(one: likeness.Dimension, now: likeness.Comparison) -> str:
    """Tell how many municipalities a comparison rests on where not all are known."""
    if not one.known or one.known_places == now.places:
        return ""
    return _("%(dimension)s: known for %(known)s of %(all)s municipalities, by their own word.") % {
        "dimension": words.DIMENSIONS[one.name],
        "known": one.known_places,
        "all": now.places,
    }


def _sentence(one: likeness.Dimension, now: likeness.Comparison) -> str:
    name = words.DIMENSIONS[one.name]
    if not one.known:
        return _("%(dimension)s: it is not known, so it cannot be compared.") % {"dimension": name}
    if not now.chosen:
        return ""
    if one.missing:
        listed = [
            f"{words.class_name(one.name, c.name)} ({_places(c)})"
            for c in one.missing[:_SHOWN_MISSING]
        ]
        rest = len(one.missing) - _SHOWN_MISSING
        if rest > 0:
            listed.append(ngettext("%(count)s more", "%(count)s more", rest) % {"count": rest})
        return _("%(dimension)s: nobody speaks for %(missing)s.") % {
            "dimension": name,
            "missing": ", ".join(listed),
        }
    if one.is_skewed:
        return _("%(dimension)s: every class is heard, but not in proportion.") % {
            "dimension": name
        }
    return _("%(dimension)s: as like the country as a random choice would be, or better.") % {
        "dimension": name
    }


def _places(c: likeness.ClassShare) -> str:
    return ngettext(
        "%(count)s municipality, %(people)s people",
        "%(count)s municipalities, %(people)s people",
        c.places,
    ) % {"count": c.places, "people": charts.Numbers().say(c.people)}


@needs(role="ks_coordinator")
@require_POST
def appoint(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Appoint the municipalities that are ticked; those left out no longer speak."""
    return page.act(
        request,
        lambda actor: service.appoint(
            actor,
            initiative_id=initiative_id,
            municipality_ids=[
                *page.ids_of(request.POST.getlist("municipality")),
                *_named(request.POST.get("more", "")),
            ],
            reason=written.posted(request, "reason"),
        ),
        then=reverse("initiative-likeness", args=[initiative_id]),
        done="appointed",
        again=lambda error: _likeness(request, initiative_id, error),
    )


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def windows(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show when each municipality introduces this, and let a municipality choose its own window."""
    if request.method == "GET":
        return _windows(request, initiative_id)
    return page.act(
        request,
        lambda actor: service.choose_window(
            actor,
            initiative_id=initiative_id,
            choice=request.POST.get("choice", ""),
            starts_on=page.day_of(request, "starts_on"),
            ends_on=page.day_of(request, "ends_on"),
            remark=written.posted(request, "remark"),
        ),
        then=reverse("initiative-windows", args=[initiative_id]),
        done="window",
        again=lambda error: _windows(request, initiative_id, error),
    )


def _windows(
    request: HttpRequest, initiative_id: uuid.UUID, problem: RefusedError | None = None
) -> HttpResponse:
    actor = actor_of(request)
    context = page.initiative_context(request, initiative_id, "windows")
    found = service.story(initiative_id, actor=actor).windows
    mine = next((w for w in found if w.municipality_id == actor.municipality_id), None)
    context |= {
        "windows": [{"line": w, "choice": words.CHOICES[w.choice]} for w in found],
        "mine": mine,
        "mine_choice": words.CHOICES[mine.choice] if mine else "",
        "fields": _window_fields(request, context["one"], mine, problem)
        if context["is_lead"]
        else [],
        "written": written.asked(request, "remark", mine.remark if mine else None),
    }
    return page.show(request, "windows.html", context, problem=problem)


def _window_fields(
    request: HttpRequest,
    one: service.InitiativeView,
    mine: service.WindowView | None,
    problem: RefusedError | None,
) -> list[dict[str, Any]]:
    allowed = {
        "planned": True,
        "confirmed": one.state in CONFIRMABLE,
        "declined": not one.is_duty,
    }
    choices = {key: words.CHOICE_LABELS[key] for key, may in allowed.items() if may}

    def field(name: str, kind: str, label: str, value: Any, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, label, value=value, problem=problem, **more)

    return [
        field(
            "choice",
            "choice",
            _("What does your municipality do?"),
            mine.choice if mine else "planned",
            options=page.options(choices),
            required=True,
        ),
        field("starts_on", "date", _("First day"), mine.starts_on if mine else one.window_from),
        field("ends_on", "date", _("Last day"), mine.ends_on if mine else one.window_to),
        field(
            "remark", "text", _("Remark"), mine.remark if mine else "", help=_("Needed to decline.")
        ),
    ]
