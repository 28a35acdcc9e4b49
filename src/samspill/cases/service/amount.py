"""What the rules would say with what is known: an indication with its calculation, or an interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from samspill.cases.domain import places
from samspill.cases.service import place_fields
from samspill.cases.service.values import Indication
from samspill.kernel.periods import Month
from samspill.packages import service as packages
from samspill.rules import DateNotCovered, InputError, Policy


def indicate(
    package: packages.Package,
    evaluation: packages.Evaluation,
    *,
    on: dt.date,
    term: Month | None,
    language: str,
) -> Indication | None:
    """Compute the amount as it stands; None when the service does not calculate one.

    An input that the package takes from answers not yet given is unanswered; one that the package
    never asks about has the rule book's own default.
    """
    decide = package.process.result
    book = packages.rule_book(package)
    if decide is None or decide.amount is None or book is None:
        return None
    try:
        policy = book.on(on)
        inputs = with_defaults(package, policy, evaluation.rule_inputs)
        missing = policy.missing(inputs, decide.amount)
        if missing.unanswered:
            return Indication(
                code=None,
                amount=None,
                interval=missing.interval,
                unanswered=missing.unanswered,
                explanation=None,
                term=term,
            )
        return _known(policy, inputs, decide, term, language)
    except (DateNotCovered, InputError):
        return None


def steps_without_places(
    package: packages.Package, on: dt.date, steps: Sequence[Any]
) -> tuple[list[Any], frozenset[str]]:
    """Give the steps of a calculation without those that tell where somebody lives, and what was hidden.

    Args:
        package: whose rules were applied.
        on: the day or term they were applied for.
        steps: of the explanation.

    Returns:
        The steps to show, and the names of the inputs and values that must not be shown.
    """
    fields = place_fields.of(package)
    hidden = places.place_inputs(package.conditions.inputs, fields)
    book = packages.rule_book(package)
    inputs = book.on(on).inputs if book is not None else ()
    return places.steps_without(steps, hidden, inputs), places.places_made(steps, hidden, inputs)


def with_defaults(
    package: packages.Package, policy: Policy, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Add the defaults of inputs that the package does not map; the rest stay unanswered."""
    mapped = package.conditions.inputs
    inputs = {
        name: spec.default
        for name, spec in policy.inputs.items()
        if name not in mapped and not spec.required
    }
    return {**inputs, **{name: value for name, value in given.items() if name in policy.inputs}}


def _known(
    policy: Policy,
    inputs: dict[str, Any],
    decide: packages.Decide,
    term: Month | None,
    language: str,
) -> Indication:
    needed = {name: value for name, value in inputs.items() if value is not None}
    explanation = policy.explain(needed, [decide.code, decide.amount or ""], language)
    return Indication(
        code=explanation.values[decide.code],
        amount=explanation.values[decide.amount or ""],
        interval=None,
        unanswered=(),
        explanation=explanation,
        term=term,
    )
