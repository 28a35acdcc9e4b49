"""Calculate what a service would give, open to everybody: the form is made from the rules' own inputs.

What is filled in is posted, used for the answer and kept nowhere. The steps are the rules' own
explanation, the same as in a decision. Nothing here knows a named service.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from samspill.cases.service import wording
from samspill.cases.web import presenting
from samspill.identity.service import ANYONE, needs
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import Month
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages
from samspill.packages.service import Package
from samspill.rules import (
    Calculator,
    InputFault,
    InputSpec,
    Policy,
    Problem,
    as_rows,
    calculator,
)

#: The names of a step in the public calculation.
_STEP = {"navn": "label", "verdi": "value", "enhet": "unit", "formel": "formula", "hjemmel": "law"}
_UNREADABLE = 422
_MONTHS = 24
_GROUPS = (
    ("household", gettext_lazy("Who lives there, and where"), ("key", "count")),
    ("money", gettext_lazy("Dwelling, income and wealth"), ("choice", "number", "numbers")),
    ("special", gettext_lazy("What may give more"), ("flag",)),
)
_WRONG = {
    "missing_input": gettext_lazy("Fill in this field."),
    "too_many_incomes": gettext_lazy("There are more amounts than adults."),
}


@attrs.frozen(kw_only=True)
class Offer:
    """Hold what can be calculated: the service, its rules for a month, and its inputs in order."""

    package: Package
    term: Month
    policy: Policy
    calculator: Calculator | None
    inputs: tuple[InputSpec, ...]


@attrs.frozen(kw_only=True)
class Answer:
    """Hold what the rules came to, for the page."""

    granted: bool
    amount: float | None
    code_text: str
    steps: list[dict[str, Any]]
    limit: int | None


@needs(role=ANYONE)
@require_http_methods(["GET", "POST"])
def calculate(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Show the form, and the result of what was filled in."""
    offer = _offer(package_id, request.POST.get("_term", ""))
    if request.method != "POST":
        return _show(request, offer)
    values, errors = read(offer, request.POST)
    if errors:
        return _show(request, offer, errors=errors, status=_UNREADABLE)
    try:
        answer = answer_of(offer, values, presenting.language())
    except Problem as problem:
        errors = {
            problem.where: str(
                _WRONG.get(problem.code, _("This cannot be right. Look at it once more."))
            )
        }
        return _show(request, offer, errors=errors, status=_UNREADABLE)
    return _show(request, offer, answer=answer)


def _offer(package_id: str, term: str) -> Offer:
    """Return the rules of a service for a month; not found when it calculates nothing."""
    try:
        package = packages.published(package_id, on=clock.today())
    except RefusedError as error:
        raise Http404 from error
    book = packages.rule_book(package)
    if book is None or package.process.result is None:
        raise Http404
    month = next((m for m in months(package) if str(m) == term), Month.of(clock.today()))
    policy = book.on(month.first)
    try:
        found: Calculator | None = calculator(package_id)
    except Problem:
        found = None
    names = getattr(found, "PUBLIC", None) or [n for n, s in policy.inputs.items() if not s.group]
    inputs = tuple(policy.inputs[name] for name in names if name in policy.inputs)
    return Offer(package=package, term=month, policy=policy, calculator=found, inputs=inputs)


def months(package: Package) -> list[Month]:
    """Return the months that can be chosen, newest first."""
    this = Month.of(clock.today())
    plan = package.process.terms
    first = Month.parse(plan.first_term) if plan and plan.first_term else this - _MONTHS
    return [this - n for n in range(_MONTHS) if this - n >= first]


# ── read ──────────────────────────────────────────────────────────────────────────────────


def read(offer: Offer, posted: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the inputs that were filled in, and what could not be read, by name."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for spec in offer.inputs:
        try:
            value = _value(spec, posted)
        except ValueError as error:
            errors[spec.name] = str(error)
            continue
        if value is not None:
            values[spec.name] = value
        elif spec.required:
            errors[spec.name] = str(_WRONG["missing_input"])
    named = {spec.name: spec for spec in offer.inputs}
    for fault in [] if errors else offer.policy.faults(values, (), named):
        errors.setdefault(fault.where, _fault_text(named.get(fault.where), fault))
    return values, errors


def _value(spec: InputSpec, posted: QueryDict) -> Any:
    text = posted.get(spec.name, "").strip()
    if spec.kind == "flag":
        return bool(text)
    if not text:
        return None
    if spec.kind == "numbers":
        return [_number(part) for part in re.split(r"[;\n]+", text) if part.strip()]
    if spec.kind == "count":
        return _whole(text)
    return _number(text) if spec.kind == "number" else text


def _number(text: str) -> float:
    bare = re.sub(r"[\s\u00a0]|kr\.?", "", text.lower()).replace(",", ".")
    if not re.fullmatch(r"-?\d{1,13}(\.\d{1,4})?", bare):
        raise ValueError(_("Write a number, for example %(example)s.") % {"example": "8200"})
    return float(bare)


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text):
        raise ValueError(_("Write a whole number with digits only, for example 3."))
    return int(text)


def _fault_text(spec: InputSpec | None, fault: InputFault) -> str:
    if fault.code in _WRONG:
        return str(_WRONG[fault.code])
    if spec is not None and spec.low is not None and spec.high is not None:
        bounds = {"low": _plain(spec.low), "high": _plain(spec.high)}
        return _("This must be from %(low)s to %(high)s.") % bounds
    return _("This cannot be right. Look at it once more.")


def _plain(value: float) -> str:
    return wording.number_text(value)


# ── calculate ─────────────────────────────────────────────────────────────────────────────


def answer_of(offer: Offer, values: Mapping[str, Any], language: str) -> Answer:
    """Return what the rules come to, step by step, and the income that would be too high."""
    plan = offer.package.process.result
    assert plan is not None  # `_offer` has looked
    if offer.calculator is not None:
        found = offer.calculator.compute_json(
            str(offer.term), values, explain=True, language=language
        )
        steps = [_public_step(step, offer) for step in found["forklaring"]]
    else:
        targets = [name for name in (plan.code, plan.amount) if name]
        explained = offer.policy.explain(values, targets, language)
        found = explained.values
        steps = [_public_step(row, offer) for row in as_rows(explained, _STEP)]
    if steps:
        steps[-1]["total"] = True
    code = str(found[plan.code])
    return Answer(
        granted=code in plan.granted,
        amount=found[plan.amount] if plan.amount else None,
        code_text=offer.package.texts.find(f"code.{code}.label", language) or code,
        steps=steps,
        limit=_limit(offer, values),
    )


def _public_step(step: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
    labels, lang = offer.package.texts.find, presenting.language()  # a code is told by its name
    return {
        "name": offer.policy.label(step["navn"], lang),
        "value": labels(f"code.{step['verdi']}.label", lang)
        or wording.quantity_text(step["verdi"], step["enhet"]),
        "formula": step["formel"],
        "law": step["hjemmel"],
    }


def _limit(offer: Offer, values: Mapping[str, Any]) -> int | None:
    """Return the highest income that still gives something; the inputs that are incomes are left out."""
    given = dict(values)
    for _try in range(len(given) + 1 if offer.calculator is not None else 0):
        try:
            found = offer.calculator.limit_json(str(offer.term), given)  # type: ignore[union-attr]
        except Problem as problem:
            if problem.code != "income_given":
                return None
            given.pop(problem.where, None)
        else:
            limit: int | None = next(iter(found.values()))
            return limit
    return None


# ── show ──────────────────────────────────────────────────────────────────────────────────


def _show(
    request: HttpRequest,
    offer: Offer,
    *,
    errors: Mapping[str, str] | None = None,
    answer: Answer | None = None,
    status: int = 200,
) -> HttpResponse:
    errors = errors or {}
    fields = [_field(offer, spec, request.POST, errors.get(spec.name, "")) for spec in offer.inputs]
    context = {
        "package": offer.package,
        "title": offer.package.text("service.title", presenting.language()),
        "groups": [
            {"id": name, "title": title, "fields": own}
            for name, title, kinds in _GROUPS
            if (own := [f for f in fields if f["kind"] in kinds])
        ],
        "terms": [
            {"value": str(m), "first": m.first, "chosen": m == offer.term}
            for m in months(offer.package)
        ],
        "term": offer.term.first,
        "by_month": offer.package.process.terms is not None,
        "answer": answer,
        "errors": wording.errors_of(fields),
    }
    return render(request, "cases/calculator.html", context, status=status)


def _field(offer: Offer, spec: InputSpec, posted: QueryDict, error: str) -> dict[str, Any]:
    label = spec.texts.get(presenting.language()) or spec.texts["nb"]
    value = posted.get(spec.name, "") if posted else _default(spec)
    return {
        "kind": spec.kind,
        "name": spec.name,
        "id": f"k-{spec.name.replace('_', '-')}",
        "type": {"count": "integer", "number": "amount"}.get(spec.kind, "text"),
        "label": label,
        "help": _("One amount for each adult, with a semicolon between.")
        if spec.kind == "numbers"
        else "",
        "value": value,
        "required": True,  # what may be left empty is said once, above the form
        "checked": bool(value) if posted else spec.default is True,
        "options": _options(offer, spec, value),
        "unit": wording.unit_text(spec.unit),
        "error": error,
    }


def _default(spec: InputSpec) -> str:
    return str(spec.default) if spec.kind == "choice" and spec.default else ""


def _options(offer: Offer, spec: InputSpec, value: str) -> list[dict[str, Any]]:
    lang = presenting.language()
    if spec.kind == "key":
        keys = {str(key) for key in offer.policy.keys.get(spec.name, ())}
        named = {m.number: m.label for m in municipalities.all_current()}
        known = [(n, label) for n, label in named.items() if n in keys] or [
            (k, k) for k in sorted(keys)
        ]
    else:
        known = [(option, _option_label(offer.package, option, lang)) for option in spec.options]
    return [{"value": key, "label": label, "chosen": key == value} for key, label in known]


def _option_label(package: Package, option: str, lang: str) -> str:
    """Return the words that the form of the service has for an option, wherever it offers it."""
    for field in package.fields.values():
        if option in field.options:
            return package.text(f"field.{field.path}.option.{option}", lang)
    return option.replace("_", " ").capitalize()
