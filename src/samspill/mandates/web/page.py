"""What the room's pages share: who acts, fields, typed offers, names of things, and how a refusal comes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samspill.identity.service import actor_of
from samspill.infra import clock, refusals
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.domain.scopes import offered, scopes, title
from samspill.municipalities import service as municipalities

_NOT_FOUND, _BAD, _UNREADABLE = 404, 400, 422

STATES: dict[str, str | Promise] = {
    "offered": gettext_lazy("Waits for the agent's yes"),
    "pending": gettext_lazy("Waits to be confirmed"),
    "future": gettext_lazy("Not begun"),
    "active": gettext_lazy("In force"),
    "expired": gettext_lazy("Has run out"),
    "ended": gettext_lazy("Ended"),
}
STATE_COLORS = {"offered": "warning", "pending": "warning", "future": "info", "active": "success"}
KINDS: dict[str, str | Promise] = {
    "fullmakt": gettext_lazy("Mandate"),
    "fullmakt_papir": gettext_lazy("Mandate on paper"),
    "hjelper": gettext_lazy("Mandate to an organisation"),
    "vergemaal": gettext_lazy("Guardian"),
    "foreldreansvar": gettext_lazy("Parental responsibility"),
    "framtidsfullmakt": gettext_lazy("Future mandate"),
    "doedsbo": gettext_lazy("Estate of a dead person"),
}
STEPS: dict[str, str | Promise] = {
    "given": gettext_lazy("Given"),
    "accepted": gettext_lazy("Accepted"),
    "confirmed": gettext_lazy("Confirmed"),
    "declined": gettext_lazy("Declined"),
    "changed": gettext_lazy("Changed"),
    "renewed": gettext_lazy("Renewed"),
    "withdrawn": gettext_lazy("Withdrawn"),
    "renounced": gettext_lazy("Ended by the agent"),
    "used": gettext_lazy("Used"),
    "letter": gettext_lazy("Letter with a code made"),
    "notice": gettext_lazy("Ends soon"),
    "expired": gettext_lazy("Ran out"),
}
DONE: dict[str, str | Promise] = {
    "gitt": gettext_lazy("The mandate is signed. It counts when the agent has said yes."),
    "ja": gettext_lazy("You have said yes. You can now act by this mandate."),
    "nei": gettext_lazy("You have said no."),
    "trukket": gettext_lazy("It is ended, from this second."),
    "endret": gettext_lazy("The mandate is changed."),
    "fornyet": gettext_lazy("The mandate goes on."),
    "sperret": gettext_lazy("You are shut for mandates. Guardians and parents are not affected."),
    "aapnet": gettext_lazy("You are open for mandates again."),
    "selv": gettext_lazy("You now act for yourself."),
    "avsluttet": gettext_lazy(
        "You no longer act for the other person: the mandate does not hold any more. "
        "What you had begun and saved is kept for them."
    ),
    "registrert": gettext_lazy(
        "The paper is registered. It does not count before a colleague or the code confirms it."
    ),
    "bekreftet": gettext_lazy("The mandate is confirmed and counts from now."),
    "bruker": gettext_lazy("The list of users is changed."),
    "sperret-for": gettext_lazy("The person is shut: no voluntary mandate to or from them counts."),
    "aapnet-for": gettext_lazy("The person is open again: their mandates count as before."),
}


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    problem: RefusedError | None = None,
) -> HttpResponse:
    """Draw a page; a refusal is said on it, with the status it has."""
    return refusals.show(request, f"mandates/{template}", context, told=DONE, problem=problem)


def field(
    request: HttpRequest,
    name: str,
    kind: str,
    label: str | Promise,
    *,
    value: Any = "",
    problem: RefusedError | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return a field as `site/_field.html` takes it, with what was typed and its fault."""
    wrong = problem is not None and problem.refused.where == name
    typed = request.POST.getlist(name)
    return {
        "name": name,
        "type": kind,
        "label": label,
        "value": typed[0] if typed else value,
        "values": typed or more.pop("values", []),
        "required": True,
        "error": refusals.in_words(problem.refused) if problem is not None and wrong else "",
        **more,
    }


def language() -> str:
    """Return the language of the page."""
    return (translation.get_language() or "nb")[:2]


def named(codes: Iterable[str]) -> list[str]:
    """Return those scopes that have a name here. A guardian may have others, of banks and courts, for use elsewhere."""
    return [code for code in codes if code in scopes()]


def scope_names(codes: Iterable[str]) -> str:
    """Return the names of scopes, one after another; what has no name here is told in one word."""
    known, every = named(codes), list(codes)
    told = [title(code, language()) for code in known]
    return ", ".join([*told, _("other things elsewhere")] if len(known) < len(every) else told)


def scope_options() -> list[dict[str, str]]:
    """Return what a mandate can be about."""
    return [
        {"value": one.code, "label": title(one.code, language())} for one in offered(clock.today())
    ]


def offer_fields(
    request: HttpRequest, *, problem: RefusedError | None = None, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the fields of what a mandate is about, how far it goes and how long."""
    levels = [
        {"value": "write", "label": _("See, fill in, send and appeal")},
        {"value": "read", "label": _("See only")},
    ]
    options, chosen = scope_options(), values.get("scopes", [])
    may, level = _("What may the other one do?"), values.get("level", "write")
    first, last = values.get("valid_from") or clock.today(), values.get("valid_to") or ""
    open_end = {
        "help": _("Leave it empty if it is to last until one of you ends it."),
        "required": False,
    }
    return [
        field(request, "scopes", "choices", _("What is it about?"), problem=problem, options=options, values=chosen),
        field(request, "level", "choice", may, problem=problem, options=levels, value=level),
        field(request, "valid_from", "date", _("First day"), problem=problem, value=first),
        field(request, "valid_to", "date", _("Last day"), problem=problem, value=last) | open_end,
    ]  # fmt: skip


def renewal_fields(
    request: HttpRequest, *, problem: RefusedError | None = None
) -> list[dict[str, Any]]:
    """Return the one field of a mandate that goes on as it is: its new last day."""
    label, help_ = _("New last day"), _("Leave it empty if it is to last until one of you ends it.")
    day = field(request, "valid_to", "date", label, problem=problem, help=help_)
    return [day | {"required": False}]


def whom_fields(
    request: HttpRequest, *, problem: RefusedError | None = None
) -> list[dict[str, Any]]:
    """Return the fields of who is to act: a person, or a municipality's own named helpers."""
    asked, kinds = _("Who is to act for you?"), _agent_kinds()
    who = field(request, "agent_kind", "choice", asked, options=kinds, value="person")
    place = field(
        request,
        "agent_org",
        "text",
        _("The municipality's name, or the organisation's number"),
        problem=problem,
        help=_(
            "Only if you did not choose a person. Leave the person's number and surname empty then."
        ),
    )
    person = [one | {"required": True} for one in agent_fields(request, problem=problem)]
    return [who, *person, place | {"required": False}]


def _agent_kinds() -> list[dict[str, str]]:
    return [
        {"value": "person", "label": _("A person I trust")},
        {
            "value": "municipality",
            "label": _("My municipality"),
            "help": _("Only employees whom the municipality has named can use it."),
        },
        {
            "value": "organisation",
            "label": _("Another organisation"),
            "help": _("Only people whom its leader has named can use it."),
        },
    ]


def agent_fields(
    request: HttpRequest, *, problem: RefusedError | None = None
) -> list[dict[str, Any]]:
    """Return the fields of the one who is to act."""
    return [
        field(
            request,
            "agent_number",
            "national_id",
            _("National identity number of the one who is to act"),
            problem=problem,
        ),
        field(
            request,
            "agent_family",
            "text",
            _("Surname of the one who is to act"),
            problem=problem,
            help=_("We check that the number and the surname belong together."),
        ),
    ]


def offer_of(request: HttpRequest) -> service.Offer:
    """Read the typed offer; what cannot be read is left to the service to refuse."""
    typed = request.POST
    org_no, name = _organisation(request)
    return service.Offer(
        agent_number=typed.get("agent_number", ""),
        agent_family=typed.get("agent_family", ""),
        agent_org_no=org_no,
        agent_org_name=name,
        scopes=tuple(typed.getlist("scopes")),
        level="read" if typed.get("level") == "read" else "write",
        valid_from=day_of(typed.get("valid_from", "")),
        valid_to=day_of(typed.get("valid_to", "")),
    )


def _organisation(request: HttpRequest) -> tuple[str, str]:
    """Return number and name of the organisation that was typed; no name when there is none such."""
    kind, typed = request.POST.get("agent_kind"), request.POST.get("agent_org", "").strip()
    if kind not in ("municipality", "organisation"):
        return "", ""
    digits = "".join(typed.split())
    found = _municipality(typed, digits)
    if found is not None:
        return found.org_no or "", found.name
    if kind == "organisation":
        name = service.organisation_named(actor_of(request), org_no=digits)
        return digits[:9] or "-", name
    return typed[:9] or "-", ""


def _municipality(wanted: str, digits: str) -> Any:
    """Return a municipality by its name or its organisation number."""
    if digits.isdigit():
        return municipalities.by_org_no(digits)
    name = wanted.casefold().removesuffix(" kommune").strip()
    every = municipalities.all_current()
    return next((one for one in every if one.name.casefold() == name), None)


def day_of(text: str) -> dt.date | None:
    """Return a typed day, or None."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def file(content: bytes, name: str, media_type: str = "application/pdf") -> HttpResponse:
    """Return a document to open in the browser."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def hidden(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was typed, to be sent again with the signature."""
    skipped = {"csrfmiddlewaretoken", "step", "text_sha256"}
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in skipped
        for value in values
    ]


def row_of(view: service.MandateView) -> dict[str, Any]:
    """Return a mandate as lists show it."""
    return {
        "view": view,
        "scopes": scope_names(view.scopes),
        "state": STATES[view.state],
        "color": STATE_COLORS.get(view.state, "neutral"),
        "kind": KINDS.get(view.kind, view.kind),
    }


def use_rows(uses: list[service.Use]) -> list[dict[str, Any]]:
    """Return what was done, as lists show it."""
    return [
        {
            "use": one,
            "what": STEPS.get(one.what, one.what),
            "kind": KINDS.get(one.kind, one.kind),
            "scope": title(one.scope, language()) if one.scope else "",
        }
        for one in uses
    ]
