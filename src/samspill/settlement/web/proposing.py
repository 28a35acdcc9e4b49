"""Propose an agreement: a form for the common terms, the terms as JSON for everything else, and a test first."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
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
from samspill.kernel.outcome import RefusedError
from samspill.kernel.wording import Said
from samspill.settlement import service
from samspill.settlement.service import AgreementView, effect_lines, labels
from samspill.settlement.service.access import OWNER, SECRETARIAT
from samspill.settlement.service.agreements import tests_json
from samspill.settlement.service.parties import known
from samspill.settlement.web import cost_lines, page, stored, typed
from samspill.settlement.web.agreements import findings_of, size_chart

#: The keys in the order they are offered, the most used first.
_KEYS = (
    "mixed", "equal", "inhabitants", "size_adjusted", "fixed_and_inhabitants", "size_steps", "expected_gain", "cases",
    "scrb", "shapley", "table",
)  # fmt: skip


@needs(role=(OWNER, SECRETARIAT))
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, initiative_id: uuid.UUID) -> HttpResponseBase:
    """Show the form, test what is typed, or write the version."""
    if request.method == "GET" or "more" in request.POST:
        return _form(request, initiative_id)
    try:
        terms = typed.terms(request.POST)
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
        "divided": outcome.divided,
        "by_key": outcome.by_key,
        "rows": [{"name": known(one.party, "parties").name, "one": one} for one in outcome.parties],
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
    kept = stored.form_of(old.terms_json) if old else {}
    context = {
        "initiative": initiative,
        "old": old,
        "tried": tried,
        "more_than_form": kept is None,
        "groups": _groups(request, initiative_id, old, kept or {}, problem),
        "json": page.field(
            request, "json", "longtext", _("The terms as JSON"), required=False, problem=problem,
            value=json.dumps(old.terms_json, ensure_ascii=False, indent=1) if old and kept is None else "",
            help=_("For what the form cannot say. When something stands here, it counts instead of the form."),
        ),
    }  # fmt: skip
    return page.show(request, "propose.html", context, problem=problem)


def _groups(
    request: HttpRequest,
    initiative_id: uuid.UUID,
    old: AgreementView | None,
    kept: Mapping[str, Any],
    problem: RefusedError | None,
) -> list[dict[str, Any]]:
    """Return the form in parts, each a heading with its fields; `kept` is what they hold of the version before."""

    def ask(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        if name in kept:
            more["value"] = kept[name]
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
        _words(ask, old),
    ]


def _words(ask: Any, old: AgreementView | None) -> dict[str, Any]:
    """Return the part in which the texts stand in the other languages, the lines of cost with them."""
    found = written.wordings(ask, _worded(old), stored=_stored(old))
    found["fields"] += [
        ask(f"translations.{lang}.lines", "longtext", _("Lines of cost (%(language)s)") % {"language": called},
            required=False, lang=lang,
            help=_("One line for each: the name as it stands above, a colon, and the name in this language. Lines of "
                   "the calculation of consequences have theirs already."))
        for lang, called in written.NAMES.items()
    ]  # fmt: skip
    return {**found, "is_open": any(field.get("error") for field in found["fields"])}


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


def _title(old: AgreementView) -> str:
    """Return the title in the language the agreement is written in."""
    return old.title.every.get(old.terms.language) or str(old.title)


def _said(request: HttpRequest, name: str) -> Said:
    """Return a posted text in the language that the form is said to be in, with its wordings."""
    given = written.posted_words(request.POST, (name,))
    language, others = given["language"], given.get("translations", {})
    return wording.of_field(name, request.POST.get(name, ""), language, others, language)


def _who(ask: Any, old: AgreementView | None) -> list[dict[str, Any]]:
    year = clock.today().year + 1
    found = [
        ask("title", "text", _("Title"), value=_title(old) if old else "", required=True),
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
            options=page.options({key: labels.KEYS[key] for key in _KEYS})),
        ask("total", "amount", _("To be shared, kroner a year"), required=False),
        ask("equal_share", "decimal", _("Part that is the same for each"), value=30, unit="%", required=False,
            help=_("Counts for the key with a part the same for each.")),
        ask("exponent", "decimal", _("Exponent of size"), value="0,6", required=False,
            help=_("Counts for size-adjusted inhabitants: 1 is per inhabitant, 0 the same for each.")),
        ask("fixed_per_party", "amount", _("Fixed amount each"), required=False,
            help=_("Counts for the key with a fixed amount each.")),
        ask("size_steps", "longtext", _("Steps of size and what each weighs"), required=False, rows=4,
            help=_("Counts for the key by steps of size. %(how)s")
            % {"how": _steps_help("5 000: 1", "20 000: 3", "rest: 8")}),
        ask("each", "longtext", _("A figure for each"), required=False, rows=4,
            help=_("Counts for the agreed table, kroner a year, and for the key by cases, the number of cases. One "
                   "line for each: number of the municipality, a colon, and the figure, like “5001: 120 000”.")),
    ]  # fmt: skip


def _alone(ask: Any) -> list[dict[str, Any]]:
    return [
        ask("fixed", "amount", _("Shared cost that each would have alone, kroner a year"), required=False,
            help=_("With this the key can be tested: does anybody pay more than alone, would a group leave?")),
        ask("own", "decimal", _("Cost of own use, kroner per inhabitant a year"), required=False),
    ]  # fmt: skip


def _tariff(ask: Any) -> list[dict[str, Any]]:
    steps = _steps_help("5 000: 20 000", "20 000: 40 000", "rest: 60 000")
    return [
        ask("join", "longtext", _("To join, kroner by size of municipality"), required=False, rows=4, help=steps),
        ask("per_inhabitant_once", "decimal", _("To join, kroner per inhabitant"), required=False),
        ask("year_steps", "longtext", _("Kroner a year by size of municipality"), required=False, rows=4, help=steps),
        ask("year_fixed", "amount", _("Fixed, kroner a year"), required=False),
        ask("month_fixed", "amount", _("Fixed, kroner a month"), required=False),
        ask("per_inhabitant_year", "decimal", _("Kroner per inhabitant a year"), required=False),
        ask("per_inhabitant_month", "decimal", _("Kroner per inhabitant a month"), required=False),
    ]  # fmt: skip


def _steps_help(*rows: str) -> str:
    """Return how steps by size are written."""
    told = _(
        "One line for each step: below how many inhabitants, a colon, and the figure; “rest” for the last. "
        "Like: %(rows)s"
    )
    return told % {"rows": " · ".join(rows)}


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
        ask("settle_on", "text", _("Day of settlement in the year after (month-day)"), value="03-01", required=True,
            help=_("03-01 is 1 March.")),
        ask("exit_notice_months", "integer", _("Months of notice"), value=12, required=True),
        ask("exit_terms", "longtext", _("Terms for those who leave"), required=False),
        ask("split_rule", "choice", _("When a municipality is split"), value="inhabitants", required=True,
            options=page.options(splits)),
    ]  # fmt: skip


def _old(request: HttpRequest) -> AgreementView | None:
    """Return the agreement that a new version is written of."""
    found = _agreement_id(request)
    return service.get(found, actor=actor_of(request)) if found else None


def _agreement_id(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("avtale") or request.GET.get("avtale") or "")
    except ValueError:
        return None
