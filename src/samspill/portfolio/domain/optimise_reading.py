"""Reads a portfolio to choose from out of JSON, strictly: what is wrong is said with its place and its remedy.

{initiatives: [{id, value, cost: number | [per budget row], load?, requires?, excludes?, mandatory?}],
 budgets: [..], load_limit?, time_limit_s?}
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio.domain.optimise_model import TOLERANCE, Array, Problem, required_by

_KEYS = {"initiatives", "budgets", "load_limit", "time_limit_s"}
_OF_ONE = {"id", "title", "value", "cost", "load", "requires", "excludes", "mandatory"}
_DEFAULT_TIME_S = 20.0
_LONGEST_S = 3600.0
_SHOWN = 6
#: Beyond this a number is a slip of the pen: the national product is some 5e12 kroner.
_LARGEST = 1e15


def read(data: Any) -> Problem:
    """Return the problem that the JSON states.

    Raises:
        RefusedError: something is missing, unknown, not a number, negative, of another length than the budgets, named
            twice, requires itself in a circle, or what is mandatory cannot be chosen together. `where` is the place.
    """
    whole = _mapping(data, "input", _KEYS)
    rows = _list(whole, "initiatives")
    budgets = _amounts(whole.get("budgets"), "budgets")
    if not budgets:
        raise _fault("no_budgets", "budgets is empty", "budgets", "Give one amount for each row")
    items = [_mapping(row, f"initiatives[{at}]", _OF_ONE) for at, row in enumerate(rows)]
    ids = _ids(items)
    limits = _limits(whole, items)
    problem = Problem(
        ids=tuple(ids),
        value=np.array([_value(item, at) for at, item in enumerate(items)], float),
        cost=_columns([_cost(i, at, len(budgets)) for at, i in enumerate(items)], len(budgets)),
        budgets=np.array(budgets, float),
        load=_columns([_load(i, at, len(limits)) for at, i in enumerate(items)], len(limits)),
        load_limits=np.array(limits, float),
        requires=tuple(_others(i, at, "requires", ids) for at, i in enumerate(items)),
        excludes=tuple(_others(i, at, "excludes", ids) for at, i in enumerate(items)),
        mandatory=frozenset(at for at, item in enumerate(items) if _mandatory(item, at)),
        time_limit_s=_time_limit(whole.get("time_limit_s", _DEFAULT_TIME_S)),
    )
    check(problem)
    return problem


def check(problem: Problem) -> None:
    """Refuse a problem that no choice can keep: circles of requirements, or a mandatory set that cannot be."""
    circle = _circle(problem.requires)
    if circle:
        named = " → ".join(problem.ids[at] for at in circle[:_SHOWN])
        raise _fault(
            "requires_circle",
            "initiatives require each other in a circle: %(circle)s",
            f"initiatives[{circle[0]}].requires",
            "Take away one of the requirements, or join the initiatives to one",
            circle=named,
        )
    _check_mandatory(problem)


def _check_mandatory(problem: Problem) -> None:
    ancestors = required_by(problem.requires)
    inside = sorted({a for at in problem.mandatory for a in (at, *ancestors[at])})
    for at in inside:
        against = [other for other in problem.excludes[at] if other in inside]
        if against:
            raise _fault(
                "mandatory_excluded",
                "%(one)s and %(other)s are both mandatory (or required by what is) and exclude each other",
                f"initiatives[{at}].excludes",
                "Make only one of them mandatory, or take away the exclusion",
                one=problem.ids[at],
                other=problem.ids[against[0]],
            )
    for name, weight, limits in (
        ("budgets", problem.cost, problem.budgets),
        ("load_limit", problem.load, problem.load_limits),
    ):
        used = weight[:, inside].sum(axis=1)
        over = np.flatnonzero(used > limits + TOLERANCE * np.maximum(1.0, limits))
        if len(over):
            row = int(over[0])
            raise _fault(
                "mandatory_too_much",
                "what is mandatory, with what it requires, uses %(used).6g of %(limit).6g",
                f"{name}[{row}]",
                "Raise the limit to at least %(used).6g, or make fewer initiatives mandatory",
                used=float(used[row]),
                limit=float(limits[row]),
            )


def _circle(requires: Sequence[Sequence[int]]) -> list[int]:
    """Return initiatives that require each other in a circle, first and last alike; empty when there is none."""
    done: set[int] = set()
    for start in range(len(requires)):
        path: list[int] = []
        on_path: set[int] = set()
        stack: list[tuple[int, bool]] = [(start, False)]
        while stack:
            at, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(at)
            elif at in on_path:
                return [*path[path.index(at) :], at]
            elif at not in done:
                path.append(at)
                on_path.add(at)
                stack += [(at, True), *((other, False) for other in requires[at])]
    return []


def _ids(items: list[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, item in enumerate(items):
        name = item.get("id")
        if not isinstance(name, str) or not name:
            raise _fault(
                "bad_id",
                "an initiative has no id",
                f"initiatives[{at}].id",
                "Give a text that is its own",
            )
        if name in found:
            raise _fault(
                "same_id_twice",
                "the id %(id)s is used by initiatives[%(first)s] too",
                f"initiatives[{at}].id",
                "Give each initiative an id of its own",
                id=name,
                first=found[name],
            )
        found[name] = at
    return found


def _value(item: Mapping[str, Any], at: int) -> float:
    return _number(item.get("value"), f"initiatives[{at}].value", least=None)


def _cost(item: Mapping[str, Any], at: int, rows: int) -> list[float]:
    return _per_row(item.get("cost"), f"initiatives[{at}].cost", rows, "budget row")


def _load(item: Mapping[str, Any], at: int, groups: int) -> list[float]:
    given = item.get("load", 0)
    where = f"initiatives[{at}].load"
    if groups == 0:
        _amounts(given if isinstance(given, list) else [given], where)
        return []
    if not isinstance(given, list) and groups > 1 and given == 0 and not isinstance(given, bool):
        return [0.0] * groups
    return _per_row(given, where, groups, "load group")


def _per_row(given: Any, where: str, rows: int, what: str) -> list[float]:
    amounts = _amounts(given if isinstance(given, list) else [given], where)
    if len(amounts) != rows:
        raise _fault(
            "unequal_length",
            "%(place)s has %(given)s amounts, but there are %(rows)s of the kind %(what)s",
            where,
            "Give one amount for each, 0 where there is none",
            place=where,
            given=len(amounts),
            rows=rows,
            what=what,
        )
    return amounts


def _limits(whole: Mapping[str, Any], items: list[Mapping[str, Any]]) -> list[float]:
    """Return the limit of each load group; one number stands for every group."""
    given = whole.get("load_limit")
    if given is None:
        return []
    if isinstance(given, list):
        return _amounts(given, "load_limit")
    one = _number(given, "load_limit", least=0.0)
    groups = next((len(i["load"]) for i in items if isinstance(i.get("load"), list)), 1)
    return [one] * max(1, groups)


def _others(item: Mapping[str, Any], at: int, key: str, ids: Mapping[str, int]) -> tuple[int, ...]:
    found = []
    given = item.get(key, [])
    if not isinstance(given, list):
        raise _fault(
            "not_a_list",
            "%(key)s is not a list",
            f"initiatives[{at}].{key}",
            "Give a list of ids",
            key=key,
        )
    for n, other in enumerate(given):
        where = f"initiatives[{at}].{key}[{n}]"
        if not isinstance(other, str) or other not in ids:
            raise _fault(
                "unknown_id",
                "%(id)s is no initiative of the list",
                where,
                "Use the id of an initiative that is given, or add it",
                id=str(other)[:80],
            )
        if ids[other] == at and key == "excludes":
            raise _fault(
                "excludes_itself", "%(id)s excludes itself", where, "Take the line away", id=other
            )
        found.append(ids[other])
    return tuple(dict.fromkeys(found))


def _mandatory(item: Mapping[str, Any], at: int) -> bool:
    given = item.get("mandatory", False)
    if not isinstance(given, bool):
        raise _fault(
            "not_yes_or_no",
            "mandatory is neither true nor false",
            f"initiatives[{at}].mandatory",
            "Write true or false",
        )
    return given


def _time_limit(given: Any) -> float:
    seconds = _number(given, "time_limit_s", least=0.0)
    if not 0 < seconds <= _LONGEST_S:
        raise _fault(
            "bad_time_limit",
            "%(seconds).6g seconds cannot be kept",
            "time_limit_s",
            "Give more than 0 and at most 3600 seconds",
            seconds=seconds,
        )
    return seconds


def _amounts(given: Any, where: str) -> list[float]:
    if not isinstance(given, list):
        raise _fault(
            "not_a_list", "%(place)s is not a list of numbers", where, "Give a list", place=where
        )
    several = len(given) > 1 or where in ("budgets", "load_limit")
    return [
        _number(one, f"{where}[{n}]" if several else where, least=0.0)
        for n, one in enumerate(given)
    ]


def _number(given: Any, where: str, *, least: float | None) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _fault(
            "not_a_number", "%(place)s is not a number", where, "Give a number", place=where
        )
    number = float(given) if abs(given) <= _LARGEST else math.inf
    if not math.isfinite(number):
        raise _fault(
            "not_finite",
            "%(place)s is not finite, or larger than any amount can be",
            where,
            "Give a number between −1e15 and 1e15",
            place=where,
        )
    if least is not None and number < least:
        raise _fault(
            "negative",
            "%(place)s is %(number).6g; it cannot be negative",
            where,
            "Give 0 or more; what is gained belongs in value",
            place=where,
            number=number,
        )
    return number


def _list(whole: Mapping[str, Any], key: str) -> list[Any]:
    given = whole.get(key)
    if not isinstance(given, list):
        raise _fault("not_a_list", "%(key)s is missing or no list", key, "Give a list", key=key)
    return given


def _mapping(given: Any, where: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise _fault(
            "not_an_object", "%(place)s is not a JSON object", where, "Give an object", place=where
        )
    for key in given:
        if key not in known:
            raise _fault(
                "unknown_key",
                "%(key)s is not known here",
                f"{where}.{key}"[:120],
                "Use: %(known)s",
                key=str(key)[:80],
                known=", ".join(sorted(known)),
            )
    return {key: item for key, item in given.items() if item is not None}


def _columns(rows: list[list[float]], height: int) -> Array:
    """Turn a list per initiative into an array with a column per initiative."""
    return np.array(rows, float).reshape(len(rows), height).T.copy()


def _fault(code: str, message: str, where: str, remedy: str, **values: Any) -> RefusedError:
    return refuse(code, message, where=where, remedy=remedy, values=values)
