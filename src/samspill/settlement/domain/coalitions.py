"""Read which parties a group's name stands for.

`AB` is A and B, `0301+1103` and `0301,1103` are two municipalities, `03011103` too when only one reading
fits. A name that fits two readings is refused: nobody should guess who pays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain import reading
from samspill.settlement.domain.game import CoalitionCosts

SEPARATORS = ",+"
_TWO = 2
_MOST_STEPS = 5000


def parties_named(keys: Collection[str]) -> list[str]:
    """Return the parties that the names of groups speak of, when no list of parties was given.

    >>> parties_named(["B", "A", "AB"]), parties_named(["0301", "1103", "0301+1103"])
    (['A', 'B'], ['0301', '1103'])
    """
    joined = [key for key in keys if any(sign in key for sign in SEPARATORS)]
    found = (
        {part for key in keys for part in _parts(key)}
        if joined
        else {letter for key in keys for letter in key}
    )
    return sorted(part for part in found if part)


def read_costs(value: Any, ids: Sequence[str], where: str = "coalition_costs") -> CoalitionCosts:
    """Return the game of an object {group: cost in kroner}.

    Raises:
        RefusedError: a name is unknown or ambiguous, a group stands twice, or a cost is not a quantity.
    """
    if not isinstance(value, Mapping) or not value:
        raise reading.wrong(where, "an object with a cost for each group")
    costs: dict[frozenset[str], Fraction] = {}
    names: dict[frozenset[str], str] = {}
    for key, cost in value.items():
        place = f"{where}.{key}"
        amount = reading.amount(cost, place)
        if not key:
            _refuse_cost_of_nobody(amount, where)
            continue
        group = members(key, ids, place)
        if group in costs:
            raise refuse(
                "duplicate_coalition",
                "%(first)s and %(second)s are the same group.",
                where=place,
                remedy="Give each group once",
                values={"first": names[group], "second": key},
            )
        costs[group], names[group] = amount, key
    return CoalitionCosts(ids=tuple(ids), costs=costs, names=names)


def members(key: str, ids: Sequence[str], where: str) -> frozenset[str]:
    """Return the parties that a group's name stands for.

    Raises:
        RefusedError: no reading fits, or more than one.
    """
    known = frozenset(ids)
    found = _readings(key, known)
    if not found:
        raise refuse(
            "unknown_party",
            "%(key)s cannot be read as a group of the parties.",
            where=where,
            remedy="Join the names of parties by a plus sign, each once: %(some)s",
            values={"key": key, "some": "+".join(list(ids)[:3])},
        )
    if len(found) > 1:
        raise _ambiguous(key, found, where)
    return found.pop()


def _readings(key: str, known: frozenset[str]) -> set[frozenset[str]]:
    found: set[frozenset[str]] = set()
    if key in known:
        found.add(frozenset([key]))
    if any(sign in key for sign in SEPARATORS):
        parts = _parts(key)
        if len(set(parts)) == len(parts) and known.issuperset(parts):
            found.add(frozenset(parts))
        return found
    return found | _spelled(key, known)


def _spelled(key: str, known: frozenset[str]) -> set[frozenset[str]]:
    """Return the ways to read a name as parties written after each other; two are enough.

    Names that are made of each other can hide very many readings, so the search gives up: what it has not
    settled by then is not clear to a reader either, and counts as two.
    """
    found: set[frozenset[str]] = set()
    waiting: list[tuple[int, frozenset[str]]] = [(0, frozenset())]
    for _ in range(_MOST_STEPS):
        if not waiting or len(found) >= _TWO:
            return found
        at, taken = waiting.pop()
        if at == len(key):
            found.add(taken)
        waiting += [(at + len(p), taken | {p}) for p in known - taken if key.startswith(p, at)]
    return found | {frozenset([key]), frozenset([key, "…"])}


def _parts(key: str) -> list[str]:
    return [part.strip() for part in key.replace(",", "+").split("+")]


def _ambiguous(key: str, found: set[frozenset[str]], where: str) -> RefusedError:
    readings = sorted("+".join(sorted(group)) for group in found)
    return refuse(
        "ambiguous_coalition",
        "%(key)s can be read in more than one way: %(readings)s.",
        where=where,
        remedy="Join the parties of a group by a plus sign, and give no party a name made of the names of others",
        values={"key": key, "readings": ", ".join(readings)},
    )


def _refuse_cost_of_nobody(amount: Fraction, where: str) -> None:
    if amount:
        raise refuse(
            "cost_of_nobody",
            "The group of nobody has a cost.",
            where=where,
            remedy="Leave the empty group out, or give it the cost 0",
        )
