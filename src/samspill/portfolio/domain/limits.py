"""Limits that an initiative's owner must know: co-financing, and external quality assurance of large projects.

    Rule       a scheme with its limits, source, status and the day it was noted (`data/money_limits.yaml`)
    Project    what an assessment says of the state's project: cost once, years, and what co-financing is to pay
    Caution     what of a project is outside which limit, and what to do

They inform the owner and refuse nothing: who decides about the money reads its own rules. Source: governance, section
1.5 (Digdir's rules for co-financing; Statens prosjektmodell).
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeGuard

import attrs
import yaml

from samspill.portfolio.domain.texts import noop as _

Unit = Literal["nok", "share", "number"]
_FILE = Path(__file__).parents[1] / "data" / "money_limits.yaml"
_COST = "cost_nok"


@attrs.frozen
class Rule:
    """A scheme and its limits. noted_on: the day the limits were written down; names and sources by language."""

    key: str
    status: str
    noted_on: dt.date
    names: Mapping[str, str] = attrs.field(eq=False)
    sources: Mapping[str, str] = attrs.field(eq=False)
    limits: Mapping[str, float] = attrs.field(eq=False)

    def name(self, language: str) -> str:
        """Return what the scheme is called, in a language (English when it is not one of ours)."""
        return self.names.get(language, self.names["en"])

    def source(self, language: str) -> str:
        """Return where the limits are from, in a language."""
        return self.sources.get(language, self.sources["en"])


@attrs.frozen(kw_only=True)
class Project:
    """The state's project. cost_nok: P50 of what the state pays once. years: over so many years.

    co_financing: kroner that co-financing is to pay, by year since the start; empty when it is no payer.
    """

    cost_nok: float
    years: int
    co_financing: tuple[float, ...] = ()

    @property
    def amount_nok(self) -> float:
        """What co-financing is to pay in all."""
        return math.fsum(self.co_financing)

    @property
    def budget_years(self) -> int:
        """In how many years co-financing is to pay something."""
        return sum(1 for amount in self.co_financing if amount > 0)


@attrs.frozen
class Caution:
    """What the owner must know. value and limit in `unit`; None where it is no figure. `text` names them."""

    rule: Rule
    code: str
    text: str
    remedy: str
    unit: Unit = "number"
    value: float | None = None
    limit: float | None = None


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Return the schemes in the order of the file."""
    found = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Rule(row["key"], row["status"], row["noted_on"], row["name"], row["source"], row["limits"])
        for row in found["rules"]
    )


def read_project(body: Mapping[str, Any]) -> Project | None:
    """Return the project that an assessment's body tells of; None when the state pays nothing once, or it is not told.

    Args:
        body: with `introduction: {cost_nok: {p50}, years}`, and `candidate.plan.co_financing` where it is a payer.
    """
    told = _mapping(body.get("introduction"))
    cost, years = _mapping(told.get(_COST)).get("p50"), told.get("years")
    if not (_is_amount(cost) and _is_amount(years)) or not cost:
        return None
    plan = _mapping(_mapping(body.get("candidate")).get("plan"))
    paid = plan.get("co_financing")
    series = paid if isinstance(paid, list) and all(_is_amount(one) for one in paid) else []
    return Project(
        cost_nok=float(cost), years=int(years), co_financing=tuple(float(one) for one in series)
    )


def cautions(project: Project, of: Iterable[Rule] | None = None) -> list[Caution]:
    """Return what of a project is outside the limits of the schemes, in the order of the file.

    The borders themselves are inside: 10 and 100 million, half of the cost, 50 million and 300 million kroner are kept.
    """
    found: list[Caution] = []
    for rule in rules() if of is None else of:
        checks = {"co_financing": _co_financing, "project_model": _project_model}
        found += checks[rule.key](rule, project)
    return found


def _co_financing(rule: Rule, project: Project) -> Iterator[Caution]:
    yield from _size(rule, project)
    if project.amount_nok > 0:
        yield from _part(rule, project)


def _size(rule: Rule, project: Project) -> Iterator[Caution]:
    """Hold cost and length against what the scheme takes."""
    cost, least, most = (
        project.cost_nok,
        rule.limits["cost_nok_least"],
        rule.limits["cost_nok_most"],
    )
    if cost < least:
        yield Caution(
            rule, "too_small",
            _("The state pays %(value)s once (P50). The scheme takes projects from %(limit)s, own wages included."),
            _("See that own wages are among the lines in kroner, join with others, or use your own frame."),
            "nok", cost, least,
        )  # fmt: skip
    if cost > most:
        yield Caution(
            rule, "too_large",
            _("The state pays %(value)s once (P50). The scheme takes projects up to %(limit)s."),
            _("Divide it into parts that are useful by themselves, or ask for the money in the state budget."),
            "nok", cost, most,
        )  # fmt: skip
    if project.years > (longest := rule.limits["project_years_most"]):
        yield Caution(
            rule, "too_long",
            _("The state pays over %(value)s years. The scheme takes projects of at most %(limit)s years."),
            _("Shorten the project, or divide it into parts that are useful by themselves."),
            "number", project.years, longest,
        )  # fmt: skip


def _part(rule: Rule, project: Project) -> Iterator[Caution]:
    """Hold what the scheme is to pay against what it may pay."""
    share, amount = project.amount_nok / project.cost_nok, project.amount_nok
    more = _("Let your own frame or other payers carry more.")
    if share > rule.limits["share_most"]:
        yield Caution(
            rule, "share",
            _("Co-financing is to pay %(value)s of the cost. It may pay at most %(limit)s."),
            more, "share", share, rule.limits["share_most"],
        )  # fmt: skip
    if amount > rule.limits["amount_nok_most"]:
        yield Caution(
            rule, "amount",
            _("Co-financing is to pay %(value)s. It may pay at most %(limit)s."),
            more, "nok", amount, rule.limits["amount_nok_most"],
        )  # fmt: skip
    if project.budget_years > rule.limits["budget_years_most"]:
        yield Caution(
            rule, "budget_years",
            _("Co-financing is to pay in %(value)s budget years. It may pay in at most %(limit)s."),
            _("Place the co-financing in fewer years."),
            "number", project.budget_years, rule.limits["budget_years_most"],
        )  # fmt: skip
    yield Caution(
        rule, "triggering",
        _("Co-financing must be what makes the project happen; no figure can show that."),
        _("Say in the answer about preconditions why the project does not happen without it."),
    )  # fmt: skip


def _project_model(rule: Rule, project: Project) -> Iterator[Caution]:
    if project.cost_nok > (border := rule.limits["cost_nok_above"]):
        yield Caution(
            rule, "quality_assurance",
            _("The state pays %(value)s once (P50). Above %(limit)s it needs external quality assurance."),
            _("Order the external quality assurance, and set aside the time it takes before the decision."),
            "nok", project.cost_nok, border,
        )  # fmt: skip


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_amount(value: Any) -> TypeGuard[float]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value >= 0
