"""What a round reads of an assessment, and the frames it is held against; strict, with the place of every fault.

figures  {value_nok: {start year: expected NPV}, plan: {payer: [P50 nok, each year since the start]},
          commitment?: {payer: [P85 ...]}, hours?: {size class: [hours of one municipality, each year since]},
          goals?: {hours_freed, citizen_hours, gain_smallest_nok}, draws?: {start year: [NPV of each draw]}}
budgets  [{payer, year, plan_nok, commitment_nok?}]      what a payer can use (P50) and promise (P85) in a year
loads    [{size_class, year, hours}]                     what one municipality of the class can carry in a year
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio.domain import calendar
from samspill.portfolio.domain.representativeness import SIZE_CLASSES
from samspill.portfolio.domain.rounds import Candidate, Limit
from samspill.portfolio.domain.texts import noop as _

PAYERS = ("state", "co_financing", "municipal", "digifin")
GOALS = ("hours_freed", "citizen_hours", "gain_smallest_nok")
_KEYS = frozenset({"value_nok", "plan", "commitment", "hours", "goals", "draws"})
_MOST_STARTS, _MOST_YEARS, _MOST_DRAWS = 10, 40, 2000
_YEARS = (2020, 2100)


@attrs.frozen
class Figures:
    """The figures of a candidate, checked. draws: by start year, one value a draw, all of one length."""

    value: Mapping[int, float]
    plan: Mapping[str, tuple[float, ...]]
    commitment: Mapping[str, tuple[float, ...]]
    hours: Mapping[str, tuple[float, ...]]
    goals: Mapping[str, float]
    draws: Mapping[int, tuple[float, ...]]

    def as_candidate(
        self,
        id_: str,
        *,
        requires: Iterable[str],
        excludes: Iterable[str],
        mandatory: bool,
        value: Mapping[int, float] | None = None,
    ) -> Candidate:
        """Return it as the optimiser's candidate; `value` (by start year) when other than kroner is asked for."""
        return Candidate(
            id=id_,
            value=dict(self.value if value is None else value),
            plan=dict(self.plan),
            commitment=dict(self.commitment),
            hours=dict(self.hours),
            requires=tuple(requires),
            excludes=tuple(excludes),
            mandatory=mandatory,
        )


def read_figures(body: Any) -> Figures:
    """Return the figures of a candidate.

    Raises:
        RefusedError: `bad_candidate`, with the place.
    """
    whole = _object(body, "candidate")
    unknown = sorted(set(whole) - _KEYS)
    if unknown:
        raise _bad("candidate", unknown[0])
    value = {
        _year(key, f"candidate.value_nok.{key}"): _number(amount, f"candidate.value_nok.{key}")
        for key, amount in _object(whole.get("value_nok"), "candidate.value_nok").items()
    }
    if not 1 <= len(value) <= _MOST_STARTS:
        raise _bad("candidate.value_nok")
    plan = _series(whole, "plan", PAYERS)
    return Figures(
        value=value,
        plan=plan,
        commitment=_series(whole, "commitment", PAYERS) or plan,
        hours=_series(whole, "hours", SIZE_CLASSES),
        goals={
            key: _number(amount, f"candidate.goals.{key}")
            for key, amount in _object(whole.get("goals", {}), "candidate.goals").items()
            if key in GOALS
        },
        draws=_draws(whole, value),
    )


def _series(
    whole: Mapping[str, Any], name: str, allowed: Iterable[str]
) -> dict[str, tuple[float, ...]]:
    found = {}
    for who, amounts in _object(whole.get(name, {}), f"candidate.{name}").items():
        where = f"candidate.{name}.{who}"
        if who not in allowed or not isinstance(amounts, list) or len(amounts) > _MOST_YEARS:
            raise _bad(where)
        found[who] = tuple(_positive(a, f"{where}[{at}]") for at, a in enumerate(amounts))
    return found


def _draws(whole: Mapping[str, Any], value: Mapping[int, float]) -> dict[int, tuple[float, ...]]:
    given = _object(whole.get("draws", {}), "candidate.draws")
    found = {}
    for key, values in given.items():
        where = f"candidate.draws.{key}"
        if not isinstance(values, list) or not 1 <= len(values) <= _MOST_DRAWS:
            raise _bad(where)
        found[_year(key, where)] = tuple(
            _number(v, f"{where}[{at}]") for at, v in enumerate(values)
        )
    lengths = {len(values) for values in found.values()}
    if found and (len(lengths) > 1 or set(found) != set(value)):
        raise _bad("candidate.draws")
    return found


def read_limits(
    budgets: Iterable[Mapping[str, Any]], loads: Iterable[Mapping[str, Any]]
) -> list[Limit]:
    """Return the frames of a round as the optimiser's limits.

    Raises:
        RefusedError: `bad_frame`, with the place; `no_budgets` when there is none; `frame_twice`.
    """
    limits: list[Limit] = []
    for at, row in enumerate(budgets):
        where = f"budgets[{at}]"
        payer, year = row.get("payer"), _frame_year(row, where)
        if payer not in PAYERS:
            raise _frame(where, "payer")
        limits.append(Limit("plan", payer, year, _amount(row, "plan_nok", where)))
        if row.get("commitment_nok") is not None:
            limits.append(Limit("commitment", payer, year, _amount(row, "commitment_nok", where)))
    if not limits:
        raise refuse(
            "no_budgets",
            _("The round has no budget frame."),
            where="budgets",
            remedy=_("Give at least one payer an amount for a year."),
        )
    for at, row in enumerate(loads):
        where = f"load_limits[{at}]"
        if row.get("size_class") not in SIZE_CLASSES:
            raise _frame(where, "size_class")
        hours = _amount(row, "hours", where)
        limits.append(Limit("hours", row["size_class"], _frame_year(row, where), hours))
    _once(limits)
    return limits


def _once(limits: Iterable[Limit]) -> None:
    seen: set[str] = set()
    for limit in limits:
        if limit.label in seen:
            raise refuse(
                "frame_twice",
                _("The frame “%(frame)s” is given twice."),
                where="budgets",
                remedy=_("Take one of them away."),
                values={"frame": limit.label},
            )
        seen.add(limit.label)


def latest_deadline(budget_year: int) -> dt.date:
    """Return the last day a round for a budget year may close: the day before the ministries' January submission.

    >>> latest_deadline(2028)
    datetime.date(2027, 1, 24)
    """
    return calendar.step("proposals", budget_year).first - dt.timedelta(days=1)


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(where)
    return value


def _year(key: Any, where: str) -> int:
    text = str(key)
    if not text.isdecimal() or not _YEARS[0] <= int(text) <= _YEARS[1]:
        raise _bad(where)
    return int(text)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _bad(where)
    return float(value)


def _positive(value: Any, where: str) -> float:
    number = _number(value, where)
    if number < 0:
        raise _bad(where)
    return number


def _frame_year(row: Mapping[str, Any], where: str) -> int:
    year = row.get("year")
    if isinstance(year, bool) or not isinstance(year, int) or not _YEARS[0] <= year <= _YEARS[1]:
        raise _frame(where, "year")
    return year


def _amount(row: Mapping[str, Any], name: str, where: str) -> float:
    value = row.get(name)
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or float(value or 0) < 0:
        raise _frame(where, name)
    return float(value or 0)


def _bad(where: str, field: str = "") -> RefusedError:
    return refuse(
        "bad_candidate",
        _("The figures of the initiative cannot be used in a round."),
        where=f"{where}.{field}" if field else where,
        remedy=_(
            "Calculate the consequences again; the round reads value, cost and hours by year."
        ),
    )


def _frame(where: str, field: str) -> RefusedError:
    return refuse(
        "bad_frame",
        _("A frame of the round is not filled in as it should be."),
        where=f"{where}.{field}",
        remedy=_("Give payer or size class, year, and an amount of zero or more."),
    )
