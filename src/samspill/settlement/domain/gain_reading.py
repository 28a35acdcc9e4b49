"""Read the plan of a gain, strictly: each refusal names the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from samspill.kernel import wording
from samspill.kernel.ids import is_org_no
from samspill.kernel.outcome import refuse
from samspill.settlement.domain import reading
from samspill.settlement.domain.gain_plan import INDICATORS, REALISED_AS, WHOLE_CASE

GROUPS = ("municipality", "agency", "citizen")
STATUSES = ("measured", "estimate", "claim")
FIELDS = (
    "name", "line", "owner_org_no", "owner_title", "line_authority", "action", "indicator", "package_id", "step",
    "group", "baseline", "effect_from", "realised_as", "moved_to", "hour_price", "hour_price_source", "targets",
    "country", "language", "translations",
)  # fmt: skip
#: More cases a year than the country has people.
MOST_CASES = 10_000_000
LAST_YEAR = 2100
#: The texts of a plan that may stand in several languages, and how long each may be.
WORDED = {
    "name": 200, "owner_title": 200, "action": 1000, "moved_to": 200, "baseline_source": 200,
    "hour_price_source": 200, "country_source": 200,
}  # fmt: skip
_THOUSANDTH = Decimal("0.001")


@attrs.frozen(kw_only=True)
class Target:
    """Hold the target of a year: cases in a full year, the indicator when reached, part of the year in use."""

    year: int
    cases: int
    value: Decimal
    ramp: Decimal


@attrs.frozen(kw_only=True)
class Plan:
    """Hold the plan of a gain. Names of fields are those of the row."""

    name: str
    line: str
    owner_org_no: str
    owner_title: str
    line_authority: bool
    action: str
    indicator: str
    package_id: str
    step: str
    group: str
    baseline: Decimal
    baseline_from: dt.date
    baseline_to: dt.date
    baseline_source: str
    baseline_status: str
    effect_from: dt.date
    realised_as: str
    moved_to: str
    hour_price_ore: int
    hour_price_source: str
    country_cases: int | None
    country_source: str
    targets: tuple[Target, ...]
    language: str
    translations: dict[str, dict[str, str]]


def read(value: Any, where: str = "plan") -> Plan:
    """Return the plan of its JSON.

    Raises:
        RefusedError: a field is unknown, missing or cannot be used, or the plan contradicts itself.
    """
    given = reading.record(value, where, FIELDS)
    base = reading.record(
        given.get("baseline"), f"{where}.baseline", ("value", "from", "to", "source", "status")
    )
    language, translations = wording.read(given, where, WORDED)
    country_cases, country_source = _country(given.get("country") or {}, f"{where}.country")
    plan = Plan(
        name=_text(given, "name", where),
        line=_prose(given, "line", where, most=200).strip(),
        owner_org_no=_text(given, "owner_org_no", where),
        owner_title=_text(given, "owner_title", where),
        line_authority=given.get("line_authority") is True,
        action=_prose(given, "action", where, most=1000),
        indicator=_choice(given, "indicator", INDICATORS, where),
        package_id=_prose(given, "package_id", where, most=64),
        step=_prose(given, "step", where, most=64)
        or (WHOLE_CASE if given.get("package_id") else ""),
        group=_choice(given, "group", GROUPS, where),
        baseline=_number(base.get("value"), f"{where}.baseline.value"),
        baseline_from=_date(base, "from", f"{where}.baseline"),
        baseline_to=_date(base, "to", f"{where}.baseline"),
        baseline_source=_text(base, "source", f"{where}.baseline"),
        baseline_status=_choice(base, "status", STATUSES, f"{where}.baseline"),
        effect_from=_date(given, "effect_from", where),
        realised_as=_choice(given, "realised_as", REALISED_AS, where),
        moved_to=_prose(given, "moved_to", where).strip(),
        hour_price_ore=reading.nearest_ore(
            reading.amount(given.get("hour_price") or 0, f"{where}.hour_price")
        ),
        hour_price_source=_prose(given, "hour_price_source", where),
        country_cases=country_cases,
        country_source=country_source,
        targets=_targets(given.get("targets") or [], f"{where}.targets"),
        language=language,
        translations=translations,
    )
    for check in (_check_owner, _check_baseline, _check_realised, _check_sample):
        check(plan, where)
    return plan


def _check_owner(plan: Plan, where: str) -> None:
    if not is_org_no(plan.owner_org_no):
        raise reading.wrong(reading.place(where, "owner_org_no"), "an organisation number")
    if plan.realised_as == "cash" and not plan.line_authority:
        raise refuse(
            "owner_without_authority",
            "A gain that is taken out in cash needs an owner who decides over the budget.",
            where=f"{where}.line_authority",
            remedy="Name a line manager, and confirm that the manager decides over the budget",
        )


def _check_baseline(plan: Plan, where: str) -> None:
    if not plan.baseline_from <= plan.baseline_to < plan.effect_from:
        raise refuse(
            "baseline_not_before",
            "The baseline is not measured before the effect begins.",
            where=f"{where}.baseline.to",
            remedy="Give a period that ends before the effect begins",
        )
    if any(target.year < plan.effect_from.year for target in plan.targets):
        raise refuse(
            "target_before_effect",
            "A target stands for a year before the effect begins.",
            where=f"{where}.targets",
            remedy="Give targets from the year in which the effect begins",
        )


def _check_realised(plan: Plan, where: str) -> None:
    if plan.realised_as == "moved" and not plan.moved_to:
        raise refuse(
            "moved_to_missing",
            "It is not said which service the time is moved to.",
            where=f"{where}.moved_to",
            remedy="Name the service",
        )
    if plan.realised_as == "cash" and not plan.hour_price_ore:
        raise refuse(
            "hour_price_missing",
            "A gain in cash needs the price of an hour.",
            where=f"{where}.hour_price",
            remedy="Give the hour price of the role, with its source",
        )
    if plan.realised_as == "cash" and plan.group == "citizen":
        raise refuse(
            "no_budget",
            "The time of citizens stands in no budget, so it cannot be taken out in cash.",
            where=f"{where}.realised_as",
            remedy="Choose that it is not taken out; the hours are shown all the same",
        )


def _country(value: Any, where: str) -> tuple[int | None, str]:
    """Return how many cases the country has in a year, and where that is from; None when nothing is sampled."""
    given = reading.record(value, where, ("cases", "source"))
    if not given:
        return None, ""
    cases = reading.whole(given.get("cases"), f"{where}.cases", least=1, most=MOST_CASES)
    return cases, _text(given, "source", where)


def _check_sample(plan: Plan, where: str) -> None:
    measured = plan.package_id and plan.indicator == "minutes_per_case"
    if plan.country_cases is not None and not measured:
        raise refuse(
            "nothing_to_scale",
            "Only minutes that live cases measure can be scaled up to the country.",
            where=f"{where}.country",
            remedy="Leave it out, or measure minutes per case from a service",
        )


def _targets(value: Any, where: str) -> tuple[Target, ...]:
    found: dict[int, Target] = {}
    for place, item in enumerate(reading.items(value, where)):
        here = f"{where}[{place}]"
        row = reading.record(item, here, ("year", "cases", "value", "ramp"))
        year = reading.whole(row.get("year"), f"{here}.year", least=2000, most=LAST_YEAR)
        if year in found:
            raise refuse(
                "duplicate_year",
                "Two targets stand for %(year)s.",
                where=f"{here}.year",
                remedy="Give each year once",
                values={"year": year},
            )
        found[year] = Target(
            year=year,
            cases=reading.whole(row.get("cases", 0), f"{here}.cases", most=MOST_CASES),
            value=_number(row.get("value"), f"{here}.value"),
            ramp=_decimal(reading.share(row.get("ramp", 1), f"{here}.ramp"), Decimal("0.0001")),
        )
    return tuple(found[year] for year in sorted(found))


def _number(value: Any, where: str) -> Decimal:
    number = reading.quantity(value, where)
    if number > MOST_CASES:
        raise reading.too_large(value, where)
    return _decimal(number, _THOUSANDTH)


def _prose(given: Mapping[str, Any], name: str, where: str, *, most: int = reading.LONGEST) -> str:
    return reading.prose(given.get(name) or "", reading.place(where, name), most=most)


def _decimal(number: Fraction, least: Decimal) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(least)


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    return reading.text(given.get(name), f"{where}.{name}").strip()


def _date(given: Mapping[str, Any], name: str, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(given.get(name)))
    except ValueError:
        raise reading.wrong(reading.place(where, name), "a date, YYYY-MM-DD") from None


def _choice(given: Mapping[str, Any], name: str, allowed: Sequence[str], where: str) -> str:
    value = given.get(name)
    if value not in allowed:
        raise refuse(
            "unknown_choice",
            "%(value)s is not a choice here.",
            where=reading.place(where, name),
            remedy="Use one of: %(choices)s",
            values={"value": str(value), "choices": ", ".join(allowed)},
        )
    return str(value)
