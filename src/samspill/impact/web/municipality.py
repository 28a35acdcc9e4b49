"""My municipality: its own figures first, its load, its drivers and capacity, and what it reports."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from samspill.identity.service import actor_of, needs
from samspill.impact import service
from samspill.impact.service import meeting
from samspill.impact.web import page, words
from samspill.infra import clock, refusals, written
from samspill.infra.charts import Cell, Table
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities

LEAD = "municipal_lead"
#: Collisions that are seen at once, and initiatives named in each: the heaviest; the rest is folded or counted.
_MOST_SHOWN, _MOST_NAMED = 3, 4
_NOTHING_CHOSEN = refuse(
    "nothing_chosen",
    gettext_noop("It is not chosen what you correct."),
    where="kind",
    remedy=gettext_noop("Choose one of them on the list, and write your own figure"),
)
_CORRECTED = ("employees", "cases", "vendor", "zone", "capacity")


@needs(role=LEAD)
@require_GET
def municipality(request: HttpRequest) -> HttpResponseBase:
    """Show the municipality its own figures."""
    return _shown(request)


@needs(role=LEAD)
@require_POST
def correct(request: HttpRequest) -> HttpResponseBase:
    """Record the municipality's own figure."""
    given = request.POST
    kind, name = given.get("kind", ""), given.get("name", "").strip()
    key = f"{kind}:{name}" if name and kind in ("cases", "vendor") else kind
    value: Any = given.get("value", "").strip()
    if kind not in ("vendor", "zone"):
        value = page.number_of(value)
    if not kind:
        return _shown(request, _NOTHING_CHOSEN)
    return refusals.act(
        lambda: service.correct_driver(
            actor_of(request),
            municipality_id=_own(request),
            key=key,
            value=value,
            grade=given.get("grade", ""),
            source=written.posted(request, "source"),
        ),
        then=reverse("impact-municipality"),
        done="corrected",
        again=lambda problem: _shown(request, problem),
    )


@needs(role=LEAD)
@require_POST
def report(request: HttpRequest) -> HttpResponseBase:
    """Record an actual."""
    given = request.POST
    return refusals.act(
        lambda: service.report_actual(
            actor_of(request),
            initiative_id=_initiative(given.get("initiative", "")),
            line=given.get("line", ""),
            municipality_id=_own(request),
            year=_asked_year(),
            value=page.number_of(given.get("value", "")),  # type: ignore[arg-type]
            source=written.posted(request, "source"),
        ),
        then=reverse("impact-municipality"),
        done="reported",
        again=lambda problem: _shown(request, problem),
    )


def _own(request: HttpRequest) -> uuid.UUID:
    found = actor_of(request).municipality_id
    if found is None:
        raise refuse(
            "not_own_municipality",
            "A municipality’s figures are given by the municipality itself.",
            where="municipality_id",
            remedy="Log in for the municipality, in the role that leads digitalisation there.",
            status=403,
        )
    return found


def _initiative(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise refuse(
            "not_found",
            "There is no such initiative.",
            where="initiative",
            remedy="Go back and choose from the list.",
            status=400,
        ) from error


def _asked_year() -> int:
    """Return the year that is asked about: the last one that is over."""
    return clock.today().year - 1


def _shown(request: HttpRequest, problem: RefusedError | None = None) -> HttpResponseBase:
    own, actor = _own(request), actor_of(request)
    place = municipalities.by_id(own)
    load = service.change_load(own, actor=actor)
    context = {
        "place": place,
        "figures": _figures(service.for_municipality(own, actor=actor)),
        "load": _load_table(load),
        "collisions": [_collision(one, load) for one in load.collisions[:_MOST_SHOWN]],
        "other_collisions": [_collision(one, load) for one in load.collisions[_MOST_SHOWN:]],
        "key_persons": meeting.key_persons(load, lambda role: words.word(words.ROLES, role)),
        "assumed": any(grade == "assumption" for grade in load.grades),
        "asked": [
            {**_asked(one), **_typed(request, one, problem)}
            for one in service.asked(own, _asked_year(), actor=actor)
        ],
        "measured": [_asked(one) for one in service.measured_of(own, _asked_year(), actor=actor)],
        "asked_year": _asked_year(),
        "history": [_given(one) for one in service.history(own)],
        "written": _words(request, "kind" in request.POST),
        "fields": _fields(request.POST if "kind" in request.POST else {}, problem),
    }
    return page.show(request, "municipality.html", context, problem=problem)


def _asked(one: service.Asked) -> dict[str, Any]:
    unit = _("kroner") if one.unit == "NOK" else _("hours") if one.unit == "hours" else one.unit
    return {**attrs.asdict(one), "unit_text": unit}


def _typed(
    request: HttpRequest, one: service.Asked, problem: RefusedError | None
) -> dict[str, Any]:
    """Return what was typed in the form of one figure, when that is the one that was refused, and why."""
    given = request.POST
    mine = (given.get("initiative"), given.get("line")) == (str(one.initiative_id), one.line)
    return {
        "typed": given if mine else {},
        "error": refusals.in_words(problem.refused) if mine and problem else "",
        "written": _words(request, mine),
    }


def _words(request: HttpRequest, mine: bool) -> dict[str, Any]:
    """Return the language of a source and its other wordings: as typed in the form that was posted, else open."""
    return {**written.asked(request if mine else HttpRequest(), "source"), "is_compact": True}


def _figures(found: list[service.OwnFigure]) -> Table:
    money, hours, each = page.money(), page.hours(), page.numbers(unit="kr", decimals=1)
    rows = []
    for one in found:
        url = reverse("impact-results", args=[one.initiative.id])
        kroner = one.kroner or (None,) * 4
        worked = one.hours or (None,) * 4
        rows.append(
            [
                Cell(one.initiative.title, url=url),
                Cell(money.say(kroner[3]), number=True, value=kroner[3]),
                Cell(money.say(kroner[2]), number=True, value=kroner[2]),
                Cell(each.say(one.per_inhabitant), number=True),
                Cell(hours.say(worked[3]), number=True, value=worked[3]),
            ]
        )
    head = [
        _("Initiative"),
        _("Expected net cost"),
        _("High (P85)"),
        _("Per inhabitant"),
        _("Net hours"),
    ]
    return page.table(_("What each initiative means for us, over all its years"), head, rows)


def _load_table(load: service.ChangeLoad) -> Table:
    how = page.numbers(unit="%")
    rows = [
        [
            Cell(words.word(words.ROLES, role)),
            Cell(page.hours().say(load.capacity[at]), number=True),
            *(
                Cell(how.say(100 * load.shares[y][at]), number=True, value=load.shares[y][at])
                for y in range(len(load.years))
            ),
        ]
        for at, role in enumerate(load.roles)
    ]
    head = [_("Role"), _("Free hours a year"), *(str(year) for year in load.years)]
    return page.table(_("Share of the free hours that initiatives ask for"), head, rows)


def _collision(one: Any, load: service.ChangeLoad) -> dict[str, Any]:
    how = page.hours()
    return {
        "year": one.year,
        "role": words.word(words.ROLES, one.role),
        "share": page.numbers(unit="%").say(100 * one.share),
        "color": words.COLOUR_TAGS[one.colour],
        "text": words.word(words.COLOURS, one.colour),
        "months": meeting.months_of(load, one),
        "key_person": meeting.is_key_person(load, one.role),
        "asked": [
            (load.titles.get(id_, id_), how.say(hours), load.windows.get(id_))
            for id_, hours in one.asked[:_MOST_NAMED]
        ],
        "more": max(0, len(one.asked) - _MOST_NAMED),
    }


def _given(one: service.Given) -> dict[str, Any]:
    value = one.value if isinstance(one.value, str) else page.numbers(decimals=0).say(one.value)
    return {
        "label": words.key_of_driver(one.key),
        "value": value,
        "grade": words.word(words.GRADES, one.grade),
        "source": one.source,
        "at": one.at,
    }


def _fields(given: Mapping[str, str], problem: RefusedError | None) -> list[dict[str, Any]]:
    roles = {f"capacity:{role}": words.key_of_driver(f"capacity:{role}") for role in words.ROLES}
    kinds = {
        **roles,
        "employees": _("Employees"),
        "cases": _("Cases a year of a service"),
        "vendor": _("Vendor of a specialist system"),
        "zone": _("Zone of employer’s contribution"),
    }
    where = {"key": "kind"}.get(problem.refused.where, problem.refused.where) if problem else ""

    def field(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        error = refusals.in_words(problem.refused) if problem and where == name else ""
        return {
            "name": name,
            "type": kind,
            "label": label,
            "value": given.get(name, ""),
            "error": error,
            **more,
        }

    return [
        field("kind", "choice", _("What you correct"), required=True, options=page.options(kinds)),
        field(
            "name",
            "text",
            _("Which service or system"),
            max_length=80,
            help=_("Only for cases and vendors."),
        ),
        field("value", "text", _("Your figure"), required=True, max_length=80),
        field(
            "grade",
            "choice",
            _("How well founded"),
            required=True,
            options=page.options(words.GRADES),
        ),
        field("source", "text", _("Source"), required=True, max_length=300),
    ]
