"""What a tariff costs a party of some size: once when it joins, and each year.

Lines of the kinds in use for shared municipal services: a fee to join by size, an amount per inhabitant, a
fixed amount a year or a month, and an amount a year by size.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import attrs

from samspill.kernel.money import Ore
from samspill.kernel.outcome import refuse
from samspill.settlement.domain import keys, reading
from samspill.settlement.domain.share import read_steps

MONTHS = 12
FIELDS = (
    "join", "per_inhabitant_once", "year_fixed", "month_fixed", "per_inhabitant_year", "per_inhabitant_month",
    "steps",
)  # fmt: skip
_ZERO = Fraction(0)


@attrs.frozen(kw_only=True)
class Tariff:
    """Hold a tariff; amounts are exact øre, steps are (below, øre) ascending, below None is open."""

    join: tuple[tuple[Fraction | None, Fraction], ...] = ()
    per_inhabitant_once: Fraction = _ZERO
    year_fixed: Fraction = _ZERO
    month_fixed: Fraction = _ZERO
    per_inhabitant_year: Fraction = _ZERO
    per_inhabitant_month: Fraction = _ZERO
    steps: tuple[tuple[Fraction | None, Fraction], ...] = ()


@attrs.frozen(kw_only=True)
class Price:
    """Hold what a tariff costs one party: whole øre once and a year, and exact øre per inhabitant.

    per_inhabitant is of the first year, when both are paid: so small municipalities see what joining costs them
    (Digiorden 2021: 32.50 kroner where 1,000 live, 2.82 where 50,000 do).
    """

    once: Ore
    year: Ore
    per_inhabitant: Fraction


def tariff_json(value: Any) -> dict[str, float]:
    """Return `{once, year, per_inhabitant}` in kroner for the JSON of `settlement tariff`.

    `per_inhabitant` is of the first year: what is paid once and the year, divided by the inhabitants.

    Raises:
        RefusedError: something in the input cannot be used; it names the place.
    """
    given = reading.record(value, "", ("tariff", "inhabitants"))
    for name in ("tariff", "inhabitants"):
        if given.get(name) is None:
            raise refuse(
                "missing_field",
                "%(name)s is not given.",
                where=name,
                remedy="Give %(name)s",
                values={"name": name},
            )
    tariff = read_tariff(given["tariff"])
    price = price_of(tariff, reading.whole(given["inhabitants"], "inhabitants", least=1))
    return {
        "once": reading.in_kroner(price.once),
        "year": reading.in_kroner(price.year),
        "per_inhabitant": float(price.per_inhabitant / reading.ORE),
    }


def read_tariff(value: Any, where: str = "tariff") -> Tariff:
    """Return the tariff of its JSON, amounts in kroner.

    Raises:
        RefusedError: a field is unknown, negative or not finite, or the tariff has no line.
    """
    given = reading.record(value, where, FIELDS)
    if all(given.get(name) is None for name in FIELDS):
        raise refuse(
            "empty_tariff",
            "The tariff has no line.",
            where=where,
            remedy="Give at least one of: %(names)s",
            values={"names": ", ".join(FIELDS)},
        )

    def amount(name: str) -> Fraction:
        found = given.get(name)
        return _ZERO if found is None else reading.amount(found, f"{where}.{name}")

    return Tariff(
        join=_steps(given, "join", "fee", where),
        per_inhabitant_once=amount("per_inhabitant_once"),
        year_fixed=amount("year_fixed"),
        month_fixed=amount("month_fixed"),
        per_inhabitant_year=amount("per_inhabitant_year"),
        per_inhabitant_month=amount("per_inhabitant_month"),
        steps=_steps(given, "steps", "year", where),
    )


def price_of(tariff: Tariff, inhabitants: int) -> Price:
    """Return what a tariff costs a party with so many inhabitants.

    Raises:
        RefusedError: no step reaches that size.
    """
    once = _stepped(tariff.join, inhabitants) + tariff.per_inhabitant_once * inhabitants
    per_head = tariff.per_inhabitant_year + MONTHS * tariff.per_inhabitant_month
    year = (
        tariff.year_fixed
        + MONTHS * tariff.month_fixed
        + per_head * inhabitants
        + _stepped(tariff.steps, inhabitants)
    )
    joining, due = reading.nearest_ore(once), reading.nearest_ore(year)
    return Price(once=joining, year=due, per_inhabitant=Fraction(joining + due, inhabitants))


def as_json(tariff: Tariff) -> dict[str, Any]:
    """Return the JSON that `read_tariff` reads; lines of zero are left out."""
    found: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(tariff, name)
        if isinstance(value, tuple):
            label = "fee" if name == "join" else "year"
            rows = [
                {"below": None if below is None else _plain(below), label: _kroner(ore)}
                for below, ore in value
            ]
            found |= {name: rows} if rows else {}
        elif value:
            found[name] = _kroner(value)
    return found


def _steps(
    given: Mapping[str, Any], name: str, label: str, where: str
) -> tuple[tuple[Fraction | None, Fraction], ...]:
    value = given.get(name)
    steps = read_steps([] if value is None else value, f"{where}.{name}", label)
    return tuple((below, amount * reading.ORE) for below, amount in steps)


def _stepped(steps: tuple[tuple[Fraction | None, Fraction], ...], inhabitants: int) -> Fraction:
    if not steps:
        return _ZERO
    found = keys.step_of(steps, Fraction(inhabitants))
    if found is None:
        raise keys.no_step("inhabitants", Fraction(inhabitants))
    return found


def _plain(number: Fraction) -> int | float:
    return int(number) if number.denominator == 1 else float(number)


def _kroner(ore: Fraction) -> int | float:
    return _plain(ore / reading.ORE)
