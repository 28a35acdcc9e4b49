"""What a ministry or an agency may change, as data: with version, date, unit, source and status.

An `AssumptionSet` never changes once something was calculated with it; a new version is made instead. A simulation
reads `Parameters` from it, and may overlay single values (then the set's name alone no longer says what was
used, so the overlay is part of the hash).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import attrs

from samspill.impact.domain import reading
from samspill.impact.domain.distributions import Distribution, Fixed, Lognormal
from samspill.kernel.outcome import refuse

STATUSES = ("published", "derived", "assumption")
_SIZE_CLASSES = 7


@attrs.frozen
class ReferenceClass:
    """What actuals of the same kind were, divided by their estimates.

    mu: mean of ln(actual/estimate). tau: standard deviation of it between initiatives. municipal: standard deviation
    between municipalities of one initiative. n: observations behind it.
    """

    key: str
    mu: float
    tau: float
    municipal: float
    n: int = 0
    source: str = ""
    status: str = "assumption"

    @property
    def factor(self) -> Distribution:
        """The predictive distribution of a new initiative's factor."""
        return Lognormal(self.mu, self.tau) if self.tau else Fixed(math.exp(self.mu))


@attrs.frozen
class Parameters:
    """What the simulation reads.

    correlation: share of the variance of ln u that lines of one initiative share. municipal: standard deviation of
    ln v where a line with uncertainty does not say. size_steps: ((below, steps), …), the last without bound.
    free_share: of the year's hours free for change, by size class. role_shares: of the free hours, by role.
    """

    correlation: float
    municipal: float
    size_steps: tuple[tuple[float, float], ...]
    employees_per_1000: float
    hours_per_year: float
    free_share: tuple[float, ...]
    role_shares: Mapping[str, float]
    cases_per_1000: Mapping[str, float]
    reference_classes: Mapping[str, ReferenceClass]

    def size_step(self, inhabitants: float) -> float:
        """Return the number of steps of a municipality's size."""
        return next(step for below, step in self.size_steps if inhabitants < below)


@attrs.frozen
class Assumption:
    """One assumption: value, unit, where it is from, and how sure it is."""

    key: str
    value: Any
    unit: str
    source: str
    status: str


@attrs.frozen
class AssumptionSet:
    """A version of all assumptions, valid from and to a day (both included)."""

    version: str
    price_year: int
    valid_from: dt.date
    valid_to: dt.date
    items: Mapping[str, Assumption]
    reference_classes: Mapping[str, ReferenceClass]

    def value(self, key: str) -> Any:
        """Return the value of an assumption."""
        return self.items[key].value

    def holds_on(self, day: dt.date) -> bool:
        """Tell whether the set is valid on a day."""
        return self.valid_from <= day <= self.valid_to

    def parameters(self) -> Parameters:
        """Return what the simulation reads."""
        return Parameters(
            correlation=float(self.value("correlation")),
            municipal=float(self.value("municipal_log_sd")),
            size_steps=tuple(
                (math.inf if below is None else float(below), float(step))
                for below, step in self.value("size_steps")
            ),
            employees_per_1000=float(self.value("employees_per_1000")),
            hours_per_year=float(self.value("hours_per_year")),
            free_share=tuple(map(float, self.value("free_share"))),
            role_shares={k: float(v) for k, v in self.value("role_shares").items()},
            cases_per_1000={},
            reference_classes=self.reference_classes,
        )

    def hour_price(self, role: str, zone: str) -> float:
        """Return kroner for an hour: wage with holiday pay and pension, and the zone's employer's contribution.

        Only the gain plan turns an hour into kroner; whoever plans a gain states its price there, and this is what the
        set says of it. An unknown role is `other`, an unknown zone is zone 1.
        """
        wages: Mapping[str, float] = self.value("hour_wage")
        return float(wages.get(role, wages["other"])) * (1 + float(self.contribution(zone)))

    def contribution(self, zone: str) -> Fraction:
        """Return the employer's contribution of a zone as an exact share of the wage; an unknown zone is zone 1."""
        zones: Mapping[str, float] = self.value("employers_contribution")
        return Fraction(str(zones.get(zone, zones["1"])))


def read_set(data: Mapping[str, Any]) -> AssumptionSet:
    """Read a set as it stands in a data file or a row.

    Raises:
        RefusedError: a value without source or with an unknown status, steps or shares that make no sense.
    """
    items = {}
    for key, item in data["values"].items():
        where = f"values.{key}"
        reading.record(item, where, allowed=("value", "unit", "source", "status"),
                       required=("value", "source", "status"))  # fmt: skip
        reading.one_of(item["status"], f"{where}.status", STATUSES)
        items[key] = Assumption(
            key, item["value"], str(item.get("unit") or ""), item["source"], item["status"]
        )
    made = AssumptionSet(
        version=str(data["version"]),
        price_year=int(data["price_year"]),
        valid_from=_day(data["valid_from"]),
        valid_to=_day(data["valid_to"]),
        items=items,
        reference_classes=_classes(data.get("reference_classes") or {}),
    )
    if len(made.parameters().free_share) != _SIZE_CLASSES:
        raise refuse(
            "bad_length",
            "There must be a share for each of the %(most)s size classes.",
            where="values.free_share",
            remedy="Give one share for each size class, the smallest first",
            values={"most": _SIZE_CLASSES},
        )
    return made


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _classes(data: Mapping[str, Mapping[str, Any]]) -> dict[str, ReferenceClass]:
    return {
        key: ReferenceClass(
            key,
            math.log(float(item["median"])),
            float(item["log_sd"]),
            float(item["municipal_log_sd"]),
            int(item.get("observations", 0)),
            str(item["source"]),
            str(item["status"]),
        )
        for key, item in data.items()
    }


_KEYS = frozenset({
    "correlation", "municipal_log_sd", "size_steps", "employees_per_1000", "hours_per_year", "free_share",
    "role_shares", "cases_per_1000", "reference_classes",
})  # fmt: skip


def overlay(base: Parameters, value: object, where: str = "assumptions") -> Parameters:
    """Return the parameters with single values replaced.

    Raises:
        RefusedError: an unknown key, a value out of range.
    """
    if value is None:
        return base
    given = reading.record(value, where, allowed=_KEYS)
    readers: dict[str, tuple[str, Callable[[object, str], Any]]] = {
        "correlation": ("correlation", _up_to(1.0)),
        "municipal_log_sd": ("municipal", _up_to(3.0)),
        "employees_per_1000": ("employees_per_1000", _up_to(1000.0)),
        "hours_per_year": ("hours_per_year", _up_to(8784.0)),
        "free_share": ("free_share", _shares),
        "size_steps": ("size_steps", _steps),
        "role_shares": ("role_shares", _rates),
        "cases_per_1000": ("cases_per_1000", _rates),
        "reference_classes": ("reference_classes", _given_classes),
    }
    changes: dict[str, Any] = {}
    for key, (name, read) in readers.items():
        if given.get(key) is not None:
            found, stands = read(given[key], f"{where}.{key}"), getattr(base, name)
            changes[name] = {**stands, **found} if isinstance(found, dict) else found
    return attrs.evolve(base, **changes)


def _up_to(most: float) -> Callable[[object, str], float]:
    return lambda value, where: reading.number(value, where, least=0, most=most)


def _rates(value: object, where: str) -> dict[str, float]:
    given = reading.record(value, where, allowed=value if isinstance(value, Mapping) else ())
    return {key: reading.number(rate, f"{where}.{key}", least=0) for key, rate in given.items()}


def _shares(value: object, where: str) -> tuple[float, ...]:
    rows = reading.rows(value, where, at_least=_SIZE_CLASSES, at_most=_SIZE_CLASSES)
    return tuple(reading.number(v, f"{where}[{n}]", least=0, most=1) for n, v in enumerate(rows))


def _steps(value: object, where: str) -> tuple[tuple[float, float], ...]:
    """Read [[below, steps], …] with rising bounds, the last null."""
    steps: list[tuple[float, float]] = []
    for at, row in enumerate(reading.rows(value, where, at_least=1, at_most=100)):
        here = f"{where}[{at}]"
        below, step = reading.rows(row, here, at_least=2, at_most=2)
        bound = math.inf if below is None else reading.positive(below, f"{here}[0]")
        if steps and bound <= steps[-1][0]:
            raise refuse(
                "not_in_order",
                "The bounds of the size steps do not rise.",
                where=f"{here}[0]",
                remedy="Give rising bounds, and null as the last",
            )
        steps.append((bound, reading.number(step, f"{here}[1]", least=0)))
    if not math.isinf(steps[-1][0]):
        raise refuse(
            "not_in_order",
            "The last size step has a bound.",
            where=where,
            remedy="Give rising bounds, and null as the last",
        )
    return tuple(steps)


def _given_classes(value: object, where: str) -> dict[str, ReferenceClass]:
    given = reading.record(value, where, allowed=value if isinstance(value, Mapping) else ())
    found = {}
    for key, item in given.items():
        here = f"{where}.{key}"
        names = ("median", "log_sd", "municipal_log_sd")
        fields = reading.record(item, here, allowed=names, required=names[:2])
        found[key] = ReferenceClass(
            key,
            math.log(reading.positive(fields["median"], f"{here}.median")),
            reading.number(fields["log_sd"], f"{here}.log_sd", least=0, most=3),
            reading.number(
                fields.get("municipal_log_sd", 0.0), f"{here}.municipal_log_sd", least=0, most=3
            ),
            source="given with the request",
        )
    return found
