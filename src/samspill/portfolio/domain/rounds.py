"""A priority round as numbers: which initiatives start, and in which year, before the budget is closed.

Each candidate has a column for every year it may start. At most one of them is taken; what it requires has started no
later; what it excludes has not started at all. Money is bound by payer and year, twice: the *plan* holds the P50 cost
(styringsramme), the *commitment* the P85 (kostnadsramme). A commitment is a promise for each initiative by itself, so
these are added; they are not a percentile of the sum. Hours are bound by group (size class, role) and year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from samspill.kernel.outcome import refuse
from samspill.portfolio.domain.optimise_model import Array, Model, Rows
from samspill.portfolio.domain.optimise_search import Found, search

_NOTHING = 1e-9


@attrs.frozen
class Candidate:
    """An initiative that may be chosen.

    value: by start year (expected net present value of that start, NOK). plan, commitment: cost by payer, one amount
    for each year since the start (P50, P85; NOK). hours: introduction hours by group, each year since the start.
    """

    id: str
    value: Mapping[int, float]
    plan: Mapping[str, tuple[float, ...]]
    commitment: Mapping[str, tuple[float, ...]] = attrs.field(factory=dict)
    hours: Mapping[str, tuple[float, ...]] = attrs.field(factory=dict)
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    mandatory: bool = False


@attrs.frozen
class Limit:
    """What a payer can use, or a group can carry, in a year. kind: `plan`, `commitment` (NOK) or `hours`."""

    kind: str
    who: str
    year: int
    amount: float

    @property
    def label(self) -> str:
        """Name the row for people: `plan state 2028`."""
        return f"{self.kind} {self.who} {self.year}"


@attrs.frozen
class Suggested:
    """What a round suggests.

    starts: start year by id of the chosen. gap, bound, greedy_value: as in `optimise.Suggestion`, but greedy_value is
    None where picking by hand leaves something bound without room. prices: what one more
    unit of each limit is worth, by label. needs: what each left out must be worth more (or cost less, at the prices) to
    come in, in its best start year; None when no start is possible.
    """

    starts: dict[str, int]
    value: float
    bound: float
    gap: float
    greedy_value: float | None
    prices: dict[str, float]
    used: dict[str, float]
    needs: dict[str, float | None]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, to be kept with the round."""
        return attrs.asdict(self)


@attrs.frozen(eq=False)
class Planned:
    """The model of a round, and what its columns and limits stand for."""

    model: Model
    columns: tuple[tuple[int, int], ...]
    limits: tuple[Limit, ...]


def suggest(
    candidates: list[Candidate], limits: list[Limit], *, time_limit_s: float = 20.0
) -> Suggested:
    """Return the round's suggestion.

    Raises:
        RefusedError: an id is unknown or doubled, an amount is no number or negative, requirements go in a circle, or
            what is mandatory cannot be kept within the limits.
    """
    planned = model_of(candidates, limits)
    try:
        found = search(planned.model, time_limit_s=time_limit_s)
    except TimeoutError:
        found = None
    if found is None:
        raise refuse(
            "no_choice_found",
            "The limits leave no room for all that is mandatory in this round.",
            where="limits",
            remedy="Raise a limit, or make fewer initiatives mandatory",
        )
    return _said(candidates, planned, found)


def model_of(candidates: list[Candidate], limits: list[Limit]) -> Planned:
    """Return the model of a round; the columns are (candidate, start year)."""
    at = _positions(candidates)
    _check(candidates, limits, at)
    columns = tuple((n, year) for n, one in enumerate(candidates) for year in sorted(one.value))
    capacity = np.array(
        [[_use(candidates[n], limit, start) for n, start in columns] for limit in limits], float
    ).reshape(len(limits), len(columns))
    logic, low, high = _rules(candidates, at, columns).matrix()
    model = Model(
        value=np.array([candidates[n].value[start] for n, start in columns], float),
        capacity=capacity,
        limits=np.array([limit.amount for limit in limits], float),
        logic=logic,
        low=low,
        high=high,
    )
    return Planned(model, columns, tuple(limits))


def _rules(
    candidates: list[Candidate], at: Mapping[str, int], columns: tuple[tuple[int, int], ...]
) -> Rows:
    rows = Rows(len(columns))
    own: list[list[tuple[int, int]]] = [[] for _ in candidates]
    for column, (n, start) in enumerate(columns):
        own[n].append((start, column))
    for n, one in enumerate(candidates):
        every = {column: 1.0 for _, column in own[n]}
        rows.add(every, low=1.0 if one.mandatory else -np.inf, high=1.0)
        for other in one.requires:
            for entries in _no_later(own[n], own[at[other]]):
                rows.add(entries, high=0.0)
        for other in one.excludes:
            rows.add(every | {column: 1.0 for _, column in own[at[other]]}, high=1.0)
    return rows


def _no_later(
    own: list[tuple[int, int]], needed: list[tuple[int, int]]
) -> Iterator[dict[int, float]]:
    """Yield, for each start year: begun by then only if what is needed has begun by then.

    Summed over the years up to each start, which binds the linear answer closer than one row for each pair of years.
    """
    for year, _ in own:
        mine = {column: 1.0 for start, column in own if start <= year}
        theirs = {column: -1.0 for start, column in needed if start <= year}
        yield mine | theirs


def _use(one: Candidate, limit: Limit, start: int) -> float:
    amounts = {"plan": one.plan, "commitment": one.commitment or one.plan, "hours": one.hours}
    series = amounts[limit.kind].get(limit.who, ())
    since = limit.year - start
    return series[since] if 0 <= since < len(series) else 0.0


def _positions(candidates: list[Candidate]) -> dict[str, int]:
    at: dict[str, int] = {}
    for n, one in enumerate(candidates):
        if one.id in at:
            raise refuse(
                "same_id_twice",
                "%(id)s is in the round twice.",
                where=f"candidates[{n}]",
                remedy="Take one of them out",
                values={"id": one.id},
            )
        at[one.id] = n
    return at


def _check(candidates: list[Candidate], limits: list[Limit], at: Mapping[str, int]) -> None:
    for n, one in enumerate(candidates):
        unknown = [other for other in (*one.requires, *one.excludes) if other not in at]
        if unknown:
            raise refuse(
                "unknown_id",
                "%(id)s needs or excludes %(other)s, which is not in the round.",
                where=f"candidates[{n}]",
                remedy="Enter it in the round, or say that it is already begun",
                values={"id": one.id, "other": unknown[0]},
            )
        _check_amounts(one, f"candidates[{n}]")
    for n, limit in enumerate(limits):
        _amount(limit.amount, f"limits[{n}]")
    _check_order(candidates, at)


def _check_amounts(one: Candidate, where: str) -> None:
    for name, series in (("plan", one.plan), ("commitment", one.commitment), ("hours", one.hours)):
        for who, amounts in series.items():
            for since, amount in enumerate(amounts):
                _amount(amount, f"{where}.{name}.{who}[{since}]")
    for year, value in one.value.items():
        if not np.isfinite(value):
            raise _bad_amount(where + f".value.{year}")


def _amount(amount: float, where: str) -> None:
    if not np.isfinite(amount) or amount < 0:
        raise _bad_amount(where)


def _bad_amount(where: str) -> Exception:
    return refuse(
        "bad_amount",
        "%(where)s is not an amount that can be used.",
        where=where,
        remedy="Give a finite number; costs, hours and limits are 0 or more",
        values={"where": where},
    )


def _check_order(candidates: list[Candidate], at: Mapping[str, int]) -> None:
    waiting = {n: {at[o] for o in one.requires} for n, one in enumerate(candidates)}
    while waiting:
        ready = {n for n, needed in waiting.items() if not needed & waiting.keys()}
        if not ready:
            first = min(waiting)
            raise refuse(
                "requires_circle",
                "%(id)s requires itself through others.",
                where=f"candidates[{first}].requires",
                remedy="Take away one of the requirements, or join the initiatives to one",
                values={"id": candidates[first].id},
            )
        for n in ready:
            del waiting[n]


def _said(candidates: list[Candidate], planned: Planned, found: Found) -> Suggested:
    inside = np.flatnonzero(found.chosen)
    starts = {candidates[planned.columns[j][0]].id: planned.columns[j][1] for j in inside}
    used = planned.model.capacity[:, inside].sum(axis=1)
    labels = [limit.label for limit in planned.limits]
    by_hand = found.greedy
    return Suggested(
        starts=starts,
        value=found.value,
        bound=found.bound,
        gap=found.gap,
        greedy_value=None if by_hand is None else planned.model.total(by_hand),
        prices=dict(zip(labels, map(float, found.relaxed.prices), strict=True)),
        used=dict(zip(labels, map(float, used), strict=True)),
        needs=_needs(candidates, planned, found, starts),
    )


def _needs(
    candidates: list[Candidate], planned: Planned, found: Found, starts: Mapping[str, int]
) -> dict[str, float | None]:
    """Return what each left out lacks at the prices of the linear answer, in its best start year."""
    model = planned.model
    fits = np.all(model.capacity <= model.limits[:, None] + _NOTHING, axis=0).tolist()
    lacks = found.relaxed.prices @ model.capacity - model.value
    needs: dict[str, float | None] = {}
    for n, one in enumerate(candidates):
        if one.id not in starts:
            mine = [j for j, (k, _) in enumerate(planned.columns) if k == n and fits[j]]
            needs[one.id] = max(0.0, float(min(lacks[j] for j in mine))) if mine else None
    return needs


def columns_by_id(candidates: list[Candidate], planned: Planned) -> dict[str, Array]:
    """Return, for each candidate, its columns (positions)."""
    return {
        one.id: np.array([j for j, (k, _) in enumerate(planned.columns) if k == n], int)
        for n, one in enumerate(candidates)
    }
