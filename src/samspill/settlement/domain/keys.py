"""Keys: how a joint cost is divided. A key is a political choice; `fairness` shows its consequence.

Keys in proportion look at the parties alone; `shapley` and `scrb` look at what each group would cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import attrs

from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain import reading
from samspill.settlement.domain.apportion import in_proportion
from samspill.settlement.domain.game import Game
from samspill.settlement.domain.scrb import scrb
from samspill.settlement.domain.shapley import shapley

#: Between 0.4 and 0.75 is what public tariffs by size imply; 0.6 is where an estimate starts.
DEFAULT_EXPONENT = Fraction(3, 5)
LARGEST_EXPONENT = 2
_ZERO = Fraction(0)


@attrs.frozen(kw_only=True)
class Party:
    """Hold one party of a sharing. What is None was not given; amounts are exact øre."""

    id: str
    inhabitants: Fraction | None = None
    cases: Fraction | None = None
    gain: Fraction | None = None
    amount: Fraction | None = None
    vendor: str = ""
    region: str = ""


@attrs.frozen(kw_only=True)
class Rule:
    """Hold the key and what it is set to; None where the key does not ask."""

    key: str
    exponent: Fraction | None = None
    equal_share: Fraction | None = None
    fixed_per_party: Fraction | None = None
    steps: tuple[tuple[Fraction | None, Fraction], ...] = ()


@attrs.frozen(kw_only=True)
class Sharing:
    """Hold what is to be divided: parties, rule, total in exact øre and, when known, the game."""

    parties: tuple[Party, ...]
    rule: Rule
    total: Fraction
    game: Game | None = None


def divide(sharing: Sharing) -> dict[str, Fraction]:
    """Return each party's exact share in øre.

    Raises:
        RefusedError: the key is unknown, or lacks what it divides by.
    """
    method = _METHODS.get(sharing.rule.key)
    if method is None:
        raise refuse(
            "unknown_key",
            "%(key)s is not a key.",
            where="key",
            remedy="Use one of: %(keys)s",
            values={"key": sharing.rule.key, "keys": ", ".join(KEYS)},
        )
    return method(sharing)


def _equal(sharing: Sharing) -> dict[str, Fraction]:
    return in_proportion({p.id: Fraction(1) for p in sharing.parties}, sharing.total)


def _by(name: str) -> Callable[[Sharing], dict[str, Fraction]]:
    def method(sharing: Sharing) -> dict[str, Fraction]:
        return in_proportion(weights(sharing, name), sharing.total)

    return method


def weights(sharing: Sharing, name: str) -> dict[str, Fraction]:
    """Return what each party weighs by one of its figures.

    Raises:
        RefusedError: a party lacks the figure, or all are zero.
    """
    found = {}
    for place, party in enumerate(sharing.parties):
        value = getattr(party, name)
        if value is None:
            raise _lacks(sharing.rule.key, name, place)
        found[party.id] = value
    if not any(found.values()):
        raise refuse(
            "all_zero",
            "%(name)s is zero for every party, so nothing can be divided by it.",
            where="parties",
            remedy="Choose another key, or give the figures",
            values={"name": name},
        )
    return found


def _size_adjusted(sharing: Sharing) -> dict[str, Fraction]:
    exponent = sharing.rule.exponent
    power = float(DEFAULT_EXPONENT if exponent is None else exponent)
    sizes = weights(sharing, "inhabitants")
    # 0^0 is one: with the exponent 0 everybody weighs the same.
    return in_proportion({k: Fraction(float(n) ** power) for k, n in sizes.items()}, sharing.total)


def _mixed(sharing: Sharing) -> dict[str, Fraction]:
    part = _set(sharing.rule.equal_share, "equal_share")
    equal = sharing.total * part / len(sharing.parties)
    rest = sharing.total * (1 - part)
    if not rest:
        return {party.id: equal for party in sharing.parties}
    per_head = in_proportion(weights(sharing, "inhabitants"), rest)
    return {party: equal + share for party, share in per_head.items()}


def _fixed_and_inhabitants(sharing: Sharing) -> dict[str, Fraction]:
    fixed = _set(sharing.rule.fixed_per_party, "fixed_per_party")
    rest = sharing.total - fixed * len(sharing.parties)
    if rest < 0:
        raise refuse(
            "fixed_above_total",
            "The fixed amount for each party sums to more than the total.",
            where="fixed_per_party",
            remedy="Give at most the total divided by the number of parties",
        )
    per_head = in_proportion(weights(sharing, "inhabitants"), rest)
    return {party: fixed + share for party, share in per_head.items()}


def _size_steps(sharing: Sharing) -> dict[str, Fraction]:
    if not sharing.rule.steps:
        raise _unset("steps")
    sizes = weights(sharing, "inhabitants")
    steps = {party: step_of(sharing.rule.steps, size) for party, size in sizes.items()}
    for place, party in enumerate(sharing.parties):
        if steps[party.id] is None:
            msg = f"parties[{place}].inhabitants"
            raise no_step(msg, sizes[party.id])
    found = {party: weight for party, weight in steps.items() if weight is not None}
    if not any(found.values()):
        raise reading.wrong("steps", "a list with a weight above zero for some party")
    return in_proportion(found, sharing.total)


def _table(sharing: Sharing) -> dict[str, Fraction]:
    agreed = {}
    for place, party in enumerate(sharing.parties):
        if party.amount is None:
            raise _lacks("table", "amount", place)
        agreed[party.id] = party.amount
    if abs(sum(agreed.values(), _ZERO) - sharing.total) >= 1:
        raise refuse(
            "does_not_close",
            "The agreed amounts sum to %(sum)s kroner, not to the total of %(total)s.",
            where="parties",
            remedy="Correct an amount, or leave the total out",
            values={
                "sum": reading.in_kroner(reading.nearest_ore(sum(agreed.values(), _ZERO))),
                "total": reading.in_kroner(reading.nearest_ore(sharing.total)),
            },
        )
    return agreed


def _of_game(method: Callable[[Game], dict[str, Fraction]]) -> Callable[[Sharing], Any]:
    def divide_game(sharing: Sharing) -> dict[str, Fraction]:
        if sharing.game is None:
            raise refuse(
                "no_cost_structure",
                "The key %(key)s needs to know what groups of parties would cost.",
                where="key",
                remedy="Give fixed, own, capacity_cost, vendor and adapters, or coalition_costs, or stand_alone_costs",
                values={"key": sharing.rule.key},
            )
        return method(sharing.game)

    return divide_game


def step_of(steps: tuple[tuple[Fraction | None, Fraction], ...], size: Fraction) -> Fraction | None:
    """Return the value of the first step above a size, or None when no step reaches it.

    Steps are (below, value), ascending; `below` None is open.
    """
    return next((value for below, value in steps if below is None or size < below), None)


def no_step(where: str, size: Fraction) -> RefusedError:
    """Return the refusal of a size that no step reaches."""
    return refuse(
        "no_step",
        "No step reaches %(size)s inhabitants.",
        where=where,
        remedy="Give a last step without an upper limit: below null",
        values={"size": str(size)},
    )


def _set(value: Fraction | None, name: str) -> Fraction:
    if value is None:
        raise _unset(name)
    return value


def _unset(name: str) -> RefusedError:
    return refuse(
        "missing_setting",
        "The key needs %(name)s.",
        where=name,
        remedy="Give %(name)s",
        values={"name": name},
    )


def _lacks(key: str, name: str, place: int) -> RefusedError:
    return refuse(
        "missing_figure",
        "The key %(key)s needs %(name)s of every party.",
        where=f"parties[{place}].{name}",
        remedy="Give %(name)s, or choose another key",
        values={"key": key, "name": name},
    )


_METHODS: Mapping[str, Callable[[Sharing], dict[str, Fraction]]] = {
    "equal": _equal,
    "inhabitants": _by("inhabitants"),
    "size_adjusted": _size_adjusted,
    "cases": _by("cases"),
    "mixed": _mixed,
    "fixed_and_inhabitants": _fixed_and_inhabitants,
    "size_steps": _size_steps,
    "expected_gain": _by("gain"),
    "scrb": _of_game(scrb),
    "shapley": _of_game(shapley),
    "table": _table,
}
KEYS = tuple(_METHODS)
#: Keys that divide the cost of the game itself, and not any total.
OF_GAME = frozenset({"scrb", "shapley"})
