"""Propose an agreement: a form for the common terms, the terms as JSON for everything else, and a test first."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from samspill.identity.service import actor_of, needs
from samspill.infra import clock, written
from samspill.kernel import wording
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.wording import Said
from samspill.settlement import service
from samspill.settlement.domain.texts import noop
from samspill.settlement.service import AgreementView, effect_lines, labels
from samspill.settlement.service.access import OWNER, SECRETARIAT
from samspill.settlement.service.agreements import tests_json
from samspill.settlement.service.parties import written_out
from samspill.settlement.web import cost_lines, page
from samspill.settlement.web.agreements import findings_of, size_chart
from samspill.settlement.web.page import number_of, whole_of

#: Keys that need no more than the form asks for; the others are written as JSON.
_SIMPLE = (
    "mixed", "equal", "inhabitants", "size_adjusted", "fixed_and_inhabitants", "expected_gain", "shapley",
)  # fmt: skip
_PER_CENT = 100


@needs(role=(OWNER, SECRETARIAT))
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the form, test what is typed, or write the version."""
    if request.method == "GET" or "more" in request.POST:
        return _form(request, initiative_id)
    try:
        terms = _posted(request)
        if "test" in request.POST:
            return _form(request, initiative_id, tried=_tested(request, initiative_id, terms))
        made = service.propose(
            actor_of(request),
            initiative_id=initiative_id,
            title=_said(request, "title"),
            terms_json=terms,
            agreement_id=_agreement_id(request),
            reason=_said(request, "reason"),
        )
    except RefusedError as error:
        return _form(request, initiative_id, problem=error)
    return redirect(f"{reverse('agreement', args=[made.id])}?gjort=proposed")


def _tested(request: HttpRequest, initiative_id: uuid.UUID, terms: Any) -> dict[str, Any]:
    outcome = service.test_key(actor_of(request), initiative_id=initiative_id, terms_json=terms)
    tests = tests_json(outcome)
    return {
        "findings": findings_of(tests),
        "chart": size_chart(tests),
        "closes": outcome.closes,
        "shortfall": outcome.compensation.shortfall,
        "losers": sum(1 for one in outcome.parties if one.net_after < 0),
        "parties": len(outcome.parties),
    }


def _form(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    *,
    problem: RefusedError | None = None,
    tried: dict[str, Any] | None = None,
) -> HttpResponse:
    initiative = page.initiative_of(request, initiative_id)
    old = _old(request)
    context = {
        "initiative": initiative,
        "old": old,
        "tried": tried,
        "groups": _groups(request, initiative_id, old, problem),
        "json": page.field(
            request, "json", "longtext", _("The terms as JSON"), required=False, problem=problem,
            value=json.dumps(old.terms_json, ensure_ascii=False, indent=1) if old else "",
            help=_("For every key and setting. When something stands here, it counts instead of the form."),
        ),
    }  # fmt: skip
    return page.show(request, "propose.html", context, problem=problem)


def _groups(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    old: AgreementView | None,
    problem: RefusedError | None,
) -> list[dict[str, Any]]:
    """Return the form in parts, each a heading with its fields."""

    def ask(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        return page.field(request, name, kind, label, problem=problem, **more)

    known = (
        old.terms_json.get("lines", [])
        if old
        else [{"name": name} for name in effect_lines.cost_lines(initiative_id)]
    )
    return [
        {"title": _("What and who"), "fields": _who(ask, old)},
        cost_lines.group(request, known=known, problem=problem),
        {"title": _("How the cost is shared"), "fields": _sharing(ask)},
        {"title": _("What each would cost alone"), "fields": _alone(ask)},
        {"title": _("Tariff"), "fields": _tariff(ask)},
        {"title": _("Gain, settlement and exit"), "fields": _rest(ask)},
        written.wordings(ask, _worded(old), stored=_stored(old)),
    ]


def _worded(old: AgreementView | None) -> list[tuple[str, str, str]]:
    """Return the texts of the form that may stand in several languages."""
    found = [
        ("title", "text", _("Title")),
        ("exit_terms", "longtext", _("Terms for those who leave")),
    ]
    return [*found, ("reason", "text", _("Why there is a new version"))] if old else found


def _stored(old: AgreementView | None) -> dict[str, Any]:
    """Return the language and wordings that the agreement has."""
    if old is None:
        return {}
    language = old.terms.language
    found = {lang: dict(said) for lang, said in old.terms.translations.items()}
    for lang, title in old.title.every.items():
        if lang and lang != language:
            found.setdefault(lang, {})["title"] = title
    return {"language": language, "translations": found}


def _said(request: HttpRequest, name: str) -> Said:
    """Return a posted text in the language that the form is said to be in, with its wordings."""
    given = written.posted_words(request.POST, (name,))
    language, others = given["language"], given.get("translations", {})
    return wording.of_field(name, request.POST.get(name, ""), language, others, language)


def _who(ask: Any, old: AgreementView | None) -> list[dict[str, Any]]:
    year = clock.today().year + 1
    found = [
        ask("title", "text", _("Title"), value=str(old.title) if old else "", required=True),
        ask("first_year", "integer", _("First year"), value=year, required=True),
        ask("last_year", "integer", _("Last year"), value=year + 3, required=True),
        ask("parties", "longtext", _("Municipalities"), value="alle", required=True,
            help=_("Write “alle” for all, or municipality numbers with blanks between.")),
    ]  # fmt: skip
    if old:
        found.append(ask("reason", "text", _("Why there is a new version"), required=True))
    return found


def _sharing(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("key", "choice", _("Cost key"), value="mixed", required=True,
            options=page.options({key: labels.KEYS[key] for key in _SIMPLE})),
        ask("total", "amount", _("To be shared, kroner a year"), required=False),
        ask("equal_share", "decimal", _("Part that is the same for each"), value=30, unit="%", required=False,
            help=_("Counts for the key with a part the same for each.")),
        ask("exponent", "decimal", _("Exponent of size"), value="0,6", required=False,
            help=_("Counts for size-adjusted inhabitants: 1 is per inhabitant, 0 the same for each.")),
        ask("fixed_per_party", "amount", _("Fixed amount each"), required=False,
            help=_("Counts for the key with a fixed amount each.")),
    ]  # fmt: skip


def _alone(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("fixed", "amount", _("Shared cost that each would have alone, kroner a year"), required=False,
            help=_("With this the key can be tested: does anybody pay more than alone, would a group leave?")),
        ask("own", "decimal", _("Cost of own use, kroner per inhabitant a year"), required=False),
    ]  # fmt: skip


def _tariff(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("per_inhabitant_once", "decimal", _("To join, kroner per inhabitant"), required=False),
        ask("year_fixed", "amount", _("Fixed, kroner a year"), required=False),
        ask("per_inhabitant_year", "decimal", _("Kroner per inhabitant a year"), required=False),
    ]


def _rest(ask: Any) -> list[dict[str, Any]]:
    owners = {
        "where_it_arises": _("Whoever has freed the time"),
        "pooled": _("All together, divided as the costs are"),
    }
    amends = {"yes": _("Nobody is to end negative over the period"), "no": _("No compensation")}
    splits = {
        "inhabitants": _("Divide by inhabitants when they are known"),
        "equal": _("Divide equally"),
    }
    return [
        ask("withdrawal", "decimal", _("Part of the gain that is withdrawn from budgets"), value=50, unit="%",
            required=True),
        ask("gain_key", "choice", _("Whose gain it is"), value="where_it_arises", required=True,
            options=page.options(owners)),
        ask("compensation", "choice", _("Compensation"), value="no", required=True, options=page.options(amends)),
        ask("settle_on", "text", _("Day of settlement in the year after (month-day)"), value="03-01", required=True),
        ask("exit_notice_months", "integer", _("Months of notice"), value=12, required=True),
        ask("exit_terms", "longtext", _("Terms for those who leave"), required=False),
        ask("split_rule", "choice", _("When a municipality is split"), value="inhabitants", required=True,
            options=page.options(splits)),
    ]  # fmt: skip


def _posted(request: HttpRequest) -> dict[str, Any]:
    """Return the terms that were typed, in the JSON of `domain.terms`."""
    posted = request.POST
    if posted.get("json", "").strip():
        return _from_json(posted["json"])
    listed = posted.get("parties", "").replace(",", " ").split()
    every = [word.lower() for word in listed] in (["alle"], ["all"])
    lines = cost_lines.read(posted)
    numbers = [line["payer"] for line in lines if line["payer"] not in {"key", "own", ""}]
    others = sorted({n for n in numbers if n not in listed and len(n) > 4})  # noqa: PLR2004 - a municipality has four digits
    terms: dict[str, Any] = {
        "first_year": whole_of(posted.get("first_year", ""), "first_year"),
        "last_year": whole_of(posted.get("last_year", ""), "last_year"),
        "sharing": _sharing_of(posted, "all" if every else listed),
        "lines": lines,
        "others": others,
        "gain_key": posted.get("gain_key", ""),
        "withdrawal": _part(posted, "withdrawal") or 0,
        "compensation": posted.get("compensation") == "yes",
        "settle_on": posted.get("settle_on", ""),
        "exit_notice_months": whole_of(posted.get("exit_notice_months", ""), "exit_notice_months") or 0,
        "exit_terms": posted.get("exit_terms", ""),
        "split_rule": posted.get("split_rule", ""),
        **written.posted_words(posted, ("exit_terms",)),
    }  # fmt: skip
    tariff = _numbers(posted, "per_inhabitant_once", "year_fixed", "per_inhabitant_year")
    return {**terms, "tariff": tariff} if tariff else terms


def _sharing_of(posted: Any, parties: Any) -> dict[str, Any]:
    key = posted.get("key", "")
    found: dict[str, Any] = {"key": key, **_numbers(posted, "total", "fixed")}
    if key == "mixed":
        found["equal_share"] = _part(posted, "equal_share")
    if key == "size_adjusted":
        found |= _numbers(posted, "exponent")
    if key == "fixed_and_inhabitants":
        found |= _numbers(posted, "fixed_per_party")
    own = number_of(posted.get("own", ""), "own")
    year = whole_of(posted.get("first_year", ""), "first_year")
    found["parties"] = parties
    return written_out(found, year or clock.today().year, own_each=own)


def _numbers(posted: Any, *names: str) -> dict[str, float]:
    typed = {name: number_of(posted.get(name, ""), name) for name in names}
    return {name: value for name, value in typed.items() if value is not None}


def _part(posted: Any, name: str) -> float | None:
    value = number_of(posted.get(name, ""), name)
    return None if value is None else round(value / _PER_CENT, 6)


def _from_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise refuse(
            "not_json",
            noop("What stands in the field is not a JSON object."),
            where="json",
            remedy=noop("Correct it, or empty the field and use the form."),
        )
    return found


def _old(request: HttpRequest) -> AgreementView | None:
    """Return the agreement that a new version is written of."""
    found = _agreement_id(request)
    return service.get(found, actor=actor_of(request)) if found else None


def _agreement_id(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("avtale") or request.GET.get("avtale") or "")
    except ValueError:
        return None
