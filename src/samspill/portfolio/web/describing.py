"""Describe an initiative: the basics on one page, each of the six questions on a page of its own."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from samspill.identity.service import actor_of, needs
from samspill.infra import refusals, written
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.portfolio import service
from samspill.portfolio.domain import description, wording
from samspill.portfolio.service import words
from samspill.portfolio.web import page
from samspill.portfolio.web.page import TOGETHER

_WORDED = wording.WORDED
_PLAIN = (*_WORDED, "sector", "life_event", "legal", "legal_reference")
_KINDS = ("requires", "excludes")
_MOST_OTHERS = 200
#: Empty rows for packages beside those there are.
_ROOM = 3


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def basics(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show and change what the initiative is: title, sector, legal basis, window."""
    return _edit(request, initiative_id, "initiative-basics")


@needs(role=TOGETHER)
@require_http_methods(["GET", "POST"])
def links(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show and change the service packages it makes or changes, and what it requires or excludes."""
    return _edit(request, initiative_id, "initiative-links")


def _edit(request: HttpRequest, initiative_id: uuid.UUID, route: str) -> HttpResponse:
    if request.method == "GET":
        return _form(request, initiative_id, route)
    revision = request.POST.get("revision", "")
    one = service.get(initiative_id, actor=actor_of(request))
    read = _posted_links if route == "initiative-links" else _posted
    return page.act(
        request,
        lambda actor: service.edit(
            actor,
            initiative_id=initiative_id,
            values=read(request, one),
            revision=int(revision) if revision.isdecimal() else 0,
            reason=written.posted(request, "reason"),
        ),
        then=reverse(route, args=[initiative_id]),
        done="saved",
        again=lambda error: _form(request, initiative_id, route, error),
    )


def _posted(request: HttpRequest, one: service.InitiativeView) -> dict[str, Any]:
    return {
        **{name: request.POST.get(name, "") for name in _PLAIN},
        "translations": wording.joined(
            one.translations,
            {
                (language, name): request.POST[key]
                for language in wording.OTHERS
                for name in _WORDED
                if (key := f"translations.{language}.{name}") in request.POST
            },
        ),
        "window_from": page.day_of(request, "window_from"),
        "window_to": page.day_of(request, "window_to"),
    }


def _posted_links(request: HttpRequest, one: service.InitiativeView) -> dict[str, Any]:
    """Return the packages that are filled in and the links that are ticked; links the page could not show stay."""
    posted = request.POST
    shown = set(page.ids_of(posted.getlist("shown")))
    return {
        "packages": [row for n in range(description.MOST) if (row := _posted_package(posted, n))],
        **{
            kind: [
                *page.ids_of(posted.getlist(kind)),
                *(link.id for link in getattr(one, kind) if link.id not in shown),
            ]
            for kind in _KINDS
        },
    }


def _posted_package(posted: QueryDict, n: int) -> dict[str, str]:
    """Return one row of the packages; one without an id is taken away."""
    id_, title = (posted.get(f"{name}-{n}", "").strip() for name in ("package", "package-title"))
    if not id_:
        return {}
    row = {"package_id": id_, "change": posted.get(f"change-{n}", "creates")}
    return {**row, "title": title} if title else row


def _form(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    route: str,
    problem: RefusedError | None = None,
) -> HttpResponse:
    context = page.initiative_context(request, initiative_id, "basics")
    one = context["one"]
    context["is_links"] = route == "initiative-links"
    context["to_mend"] = problem.refused.values.get("initiatives", []) if problem else []
    draw = _linked if context["is_links"] else _about
    context["fields"] = draw(request, one, problem)
    if context["is_links"]:
        context["packages"] = _packages(request, one, problem)
        context["shown"] = [option["value"] for option in context["fields"][0]["options"]]
    else:
        context["wordings"] = _in_other_languages(request, one, problem)
    if one.is_public:
        context["fields"].append(_reason(request, problem))
        context["written_reason"] = written.asked(request, "reason")
    return page.show(request, "basics.html", context, problem=problem)


def _linked(
    request: HttpRequest, one: service.InitiativeView, problem: RefusedError | None
) -> list[dict[str, Any]]:
    choices = _others(request, one)
    return [_links(request, one, kind, choices, problem) for kind in _KINDS]


def _others(request: HttpRequest, one: service.InitiativeView) -> list[dict[str, str]]:
    """Return the initiatives that can be linked to: the first ones in the register, and those that are linked."""
    found = service.list_initiatives(
        service.Filters(size=_MOST_OTHERS), actor=actor_of(request)
    ).items
    linked = {link.id: link.title for kind in _KINDS for link in getattr(one, kind)}
    every = {**linked, **{other.id: other.title for other in found if other.id != one.id}}
    return [{"value": str(id_), "label": title} for id_, title in every.items()]


def _about(
    request: HttpRequest, one: service.InitiativeView, problem: RefusedError | None
) -> list[dict[str, Any]]:
    def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
        stored = _in_bokmal(one, name) if name in _WORDED else getattr(one, name)
        return page.field(
            request, name, kind, words.FIELDS[name], value=stored, problem=problem, **more
        )

    return [
        field("title", "text", required=True, max_length=160, lang=wording.FIRST),
        field("summary", "longtext", max_length=2000, lang=wording.FIRST),
        field("sector", "select", options=page.options(words.SECTORS), required=True),
        field("life_event", "select", options=page.options(words.LIFE_EVENTS, empty=_("None"))),
        field(
            "legal",
            "choice",
            options=page.options(words.LEGAL),
            required=True,
            help=_(
                "There is nothing in between: a duty has a law, else each municipality chooses."
            ),
        ),
        field("legal_reference", "text", help=_("Needed for a duty."), max_length=300),
        field("window_from", "date"),
        field("window_to", "date"),
    ]


def _in_bokmal(one: service.InitiativeView, name: str) -> str:
    every = one.titles if name == "title" else one.summaries
    return every[wording.FIRST]


def _in_other_languages(
    request: HttpRequest, one: service.InitiativeView, problem: RefusedError | None
) -> list[dict[str, Any]]:
    """Return the texts in each other language, with the bokmål beside that they are written from."""
    return [
        {
            "lang": language,
            "name": words.WRITTEN_IN[language],
            "is_open": problem is not None
            and problem.refused.where.startswith(f"translations.{language}"),
            "is_written": set(one.translations.get(language, {})) >= set(_WORDED),
            "rows": [
                {
                    "bokmal": _in_bokmal(one, name),
                    "field": _other_field(request, one, language, name, problem),
                }
                for name in _WORDED
            ],
        }
        for language in wording.OTHERS
    ]


def _other_field(
    request: HttpRequest,
    one: service.InitiativeView,
    language: str,
    name: str,
    problem: RefusedError | None,
) -> dict[str, Any]:
    return page.field(
        request,
        f"translations.{language}.{name}",
        "text" if name == "title" else "longtext",
        f"{words.FIELDS[name]} ({words.WRITTEN_IN[language]})",
        value=one.translations.get(language, {}).get(name, ""),
        problem=problem,
        lang=language,
        max_length=description.LENGTHS[name],
    )


def _packages(
    request: HttpRequest, one: service.InitiativeView, problem: RefusedError | None
) -> dict[str, Any]:
    """Return the rows of packages, with room for some more, and those that are published now."""
    posted = request.method == "POST"
    stored = [row for n in range(description.MOST) if (row := _posted_package(request.POST, n))]
    kept = stored if posted else one.packages
    faulty = problem is not None and problem.refused.where.startswith("packages[")
    at = problem.refused.where.removeprefix("packages[").rstrip("]") if problem and faulty else ""
    rows = [*kept, *[{} for _n in range(min(_ROOM, description.MOST - len(kept)))]]
    return {
        "rows": [
            {
                "n": n,
                "id": row.get("package_id", ""),
                "title": row.get("title", ""),
                "change": row.get("change", "creates"),
                "error": refusals.in_words(problem.refused) if problem and at == str(n) else "",
            }
            for n, row in enumerate(rows)
        ],
        "changes": page.options(words.CHANGES),
        "published": ", ".join(p.id for p in packages.list_published()) or "–",
    }


def _links(
    request: HttpRequest,
    one: service.InitiativeView,
    kind: str,
    choices: list[dict[str, str]],
    problem: RefusedError | None,
) -> dict[str, Any]:
    stored = [str(link.id) for link in getattr(one, kind)]
    faulty = problem is not None and problem.refused.where == kind
    return {
        "name": kind,
        "type": "choices",
        "label": words.FIELDS[kind],
        "options": choices,
        "values": request.POST.getlist(kind) if request.method == "POST" else stored,
        "error": refusals.in_words(problem.refused) if problem is not None and faulty else "",
    }


def _reason(request: HttpRequest, problem: RefusedError | None) -> dict[str, Any]:
    return page.field(
        request,
        "reason",
        "text",
        _("Why is it changed?"),
        problem=problem,
        required=True,
        help=_("The initiative is public. The reason is shown beside the new version."),
        max_length=500,
    )


@needs(role=TOGETHER)
@require_GET
def questions(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the six questions with their answers."""
    context = page.initiative_context(request, initiative_id, "questions")
    one = context["one"]
    context["questions"] = [
        {"key": key, "label": words.QUESTIONS[key], "answer": one.questions.get(key)}
        for key in description.QUESTIONS
    ]
    return page.show(request, "questions.html", context)


@needs(role="initiative_owner")
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, initiative_id: uuid.UUID, key: str) -> HttpResponseBase:
    """Answer one of the six questions, and go on to the next."""
    if key not in description.QUESTIONS:
        raise Http404
    if request.method == "GET":
        return _question(request, initiative_id, key)
    one = service.get(initiative_id, actor=actor_of(request))
    values = _posted_answer(request, one, key)
    try:
        service.edit(
            actor_of(request),
            initiative_id=initiative_id,
            values=values,
            reason=written.posted(request, "reason"),
        )
    except RefusedError as error:
        return _question(request, initiative_id, key, error)
    at = description.QUESTIONS.index(key) + 1
    if at < len(description.QUESTIONS) and "next" in request.POST:
        return redirect("initiative-question", initiative_id, description.QUESTIONS[at])
    return redirect(f"{reverse('initiative-questions', args=[initiative_id])}?gjort=saved")


def _posted_answer(
    request: HttpRequest, one: service.InitiativeView, key: str
) -> dict[str, dict[str, Any]]:
    """Return the answers in bokmål and the translations, with what was posted of one question put in."""
    others = {
        (language, key): request.POST[name]
        for language in wording.OTHERS
        if (name := _answer_name(language, key)) in request.POST
    }
    in_bokmal = {question: said[wording.FIRST] for question, said in one.answers.items()}
    return {
        "questions": {**in_bokmal, key: request.POST.get("answer", "")},
        "translations": wording.joined(one.translations, answers=others),
    }


def _answer_name(language: str, key: str) -> str:
    return f"translations.{language}.questions.{key}"


def _question(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    key: str,
    problem: RefusedError | None = None,
) -> HttpResponse:
    context = page.initiative_context(request, initiative_id, "questions")
    one = context["one"]
    context |= {
        "number": description.QUESTIONS.index(key) + 1,
        "total": len(description.QUESTIONS),
        "name": words.QUESTIONS[key],
        "is_last": key == description.QUESTIONS[-1],
        "fields": [
            _answer(request, one, key, problem),
            *[_other_answer(request, one, key, lang, problem) for lang in wording.OTHERS],
            *([_reason(request, problem)] if one.is_public else []),
        ],
        "written_reason": written.asked(request, "reason"),
    }
    return page.show(request, "question.html", context, problem=problem)


def _answer(
    request: HttpRequest, one: service.InitiativeView, key: str, problem: RefusedError | None
) -> dict[str, Any]:
    return page.field(
        request,
        "answer",
        "longtext",
        words.QUESTIONS[key],
        value=one.answers.get(key, {}).get(wording.FIRST, ""),
        problem=problem,
        help=words.QUESTION_HELP[key],
        lang=wording.FIRST,
        max_length=description.LONGEST_ANSWER,
    )


def _other_answer(
    request: HttpRequest,
    one: service.InitiativeView,
    key: str,
    language: str,
    problem: RefusedError | None,
) -> dict[str, Any]:
    return page.field(
        request,
        _answer_name(language, key),
        "longtext",
        _("The same in nynorsk") if language == "nn" else _("The same in English"),
        value=one.answers.get(key, {}).get(language, ""),
        problem=problem,
        lang=language,
        max_length=description.LONGEST_ANSWER,
    )
