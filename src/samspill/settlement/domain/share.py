"""Divide a joint cost by a key and test the key: one reading of JSON for command, page and door.

share_json   JSON in, JSON out (kroner)
read         JSON → Case
compute      Case → Shared (whole øre, tests)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import attrs

from samspill.kernel.money import Ore
from samspill.kernel.outcome import RefusedError, refuse
from samspill.settlement.domain import keys, reading
from samspill.settlement.domain.apportion import apportion
from samspill.settlement.domain.coalitions import parties_named, read_costs
from samspill.settlement.domain.fairness import Findings, examine
from samspill.settlement.domain.game import Game, Structure
from samspill.settlement.domain.keys import Party, Rule, Sharing
from samspill.settlement.domain.scrb import missing_coalition

FIELDS = (
    "key", "total", "parties", "fixed", "adapters", "exponent", "equal_share", "fixed_per_party", "steps",
    "coalition_costs", "stand_alone_costs", "rule",
)  # fmt: skip
PARTY_FIELDS = (
    "id", "inhabitants", "cases", "own", "capacity_cost", "vendor", "gain", "amount", "region",
)  # fmt: skip
_ZERO = Fraction(0)
#: Below this, inhabitants are no count and no average of one either.
_FEWEST = Fraction(1, 1000)
_UNTESTED = {"pays_more_than_alone": list, "pays_less_than_marginal": list, "would_leave": dict}


@attrs.frozen(kw_only=True)
class Shared:
    """Hold whole øre for each party, their total, and the tests of the key."""

    shares: Mapping[str, Ore]
    total: Ore
    findings: Findings


def share_json(value: Any) -> dict[str, Any]:
    """Return `{shares, total, tests}` in kroner for the JSON of `settlement share`.

    Its shapes are fixed (interfaces): a list is a list also where a test could not be made for every party;
    `tests.not_tested` says which tests those are, and why.

    Raises:
        RefusedError: something in the input cannot be used; it names the place.
    """
    answer = as_json(compute(read(value)))
    tests = answer["tests"]
    for name, nothing in _UNTESTED.items():
        tests[name] = nothing() if tests[name] is None else tests[name]
    return answer


def compute(sharing: Sharing) -> Shared:
    """Return the shares in whole øre with the tests of the key."""
    exact = keys.divide(sharing)
    total = reading.nearest_ore(sharing.total)
    paid = apportion(exact, total)
    findings = examine(
        parties=sharing.parties, exact=exact, paid=paid, total=total, game=sharing.game
    )
    return Shared(shares=paid, total=total, findings=findings)


def as_json(shared: Shared) -> dict[str, Any]:
    """Return the JSON of shares and tests, amounts in kroner."""
    found = shared.findings
    tests: dict[str, Any] = {
        "closes": found.closes,
        "pays_more_than_alone": _listed(found.pays_more_than_alone),
        "pays_less_than_marginal": _listed(found.pays_less_than_marginal),
        "would_leave": None if found.would_leave is None else _kroner(found.would_leave),
        "per_inhabitant": {k: float(v / reading.ORE) for k, v in found.per_inhabitant.items()},
        "per_inhabitant_by_size": {k: float(v / reading.ORE) for k, v in found.by_size.items()},
    }
    if found.not_tested:
        tests["not_tested"] = dict(found.not_tested)
    return {
        "shares": _kroner(shared.shares),
        "total": reading.in_kroner(shared.total),
        "tests": tests,
    }


def read(value: Any) -> Sharing:
    """Return what the JSON asks to divide.

    Raises:
        RefusedError: a field is unknown, missing, negative, not finite or contradicts another.
    """
    given = reading.record(value, "", FIELDS)
    key = reading.text(_required(given, "key"), "key")
    rows = _rows(given)
    parties = tuple(_party(row, f"parties[{place}]") for place, row in enumerate(rows))
    _refuse_twice(parties)
    game = _game(given, rows, parties)
    return Sharing(
        parties=parties,
        rule=_rule(given, key),
        total=_total(given, key, game, parties),
        game=game,
    )


def _rows(given: Mapping[str, Any]) -> list[Any]:
    """Return the parties; without a list of them, those that the costs speak of."""
    if "parties" in given:
        rows = reading.items(given["parties"], "parties")
    elif isinstance(given.get("coalition_costs"), Mapping):
        rows = [{"id": name} for name in parties_named(given["coalition_costs"])]
    elif isinstance(given.get("stand_alone_costs"), Mapping):
        rows = [{"id": name} for name in given["stand_alone_costs"]]
    elif isinstance(given.get("stand_alone_costs"), list):
        rows = [{"id": str(place)} for place in range(1, len(given["stand_alone_costs"]) + 1)]
    else:
        raise _missing("parties")
    if not rows:
        raise refuse(
            "no_parties", "There is nobody to share.", where="parties", remedy="Give a party"
        )
    return rows


def _party(value: Any, where: str) -> Party:
    row = reading.record(value, where, PARTY_FIELDS)
    if "id" not in row:
        msg = f"{where}.id"
        raise _missing(msg)

    def number(name: str, unit: int = 1) -> Fraction | None:
        found = row.get(name)
        return None if found is None else reading.quantity(found, f"{where}.{name}") * unit

    return Party(
        id=reading.text(row["id"], f"{where}.id"),
        inhabitants=_people(number("inhabitants"), f"{where}.inhabitants"),
        cases=number("cases"),
        gain=number("gain", reading.ORE),
        amount=number("amount", reading.ORE),
        vendor=_word(row, "vendor", where),
        region=_word(row, "region", where),
    )


def _people(found: Fraction | None, where: str) -> Fraction | None:
    """Return inhabitants: nobody, or so many that an amount can be divided by them."""
    if found and found < _FEWEST:
        raise reading.wrong(where, "a number of inhabitants")
    return found


def _word(row: Mapping[str, Any], name: str, where: str) -> str:
    return "" if row.get(name) is None else reading.text(row[name], f"{where}.{name}")


def _rule(given: Mapping[str, Any], key: str) -> Rule:
    exponent = _optional(given, "exponent", reading.quantity)
    if exponent is not None and exponent > keys.LARGEST_EXPONENT:
        raise refuse(
            "exponent_too_large",
            "The exponent is above %(most)s.",
            where="exponent",
            remedy="Give a number from 0 to %(most)s; 1 is per inhabitant",
            values={"most": keys.LARGEST_EXPONENT},
        )
    return Rule(
        key=key,
        exponent=exponent,
        equal_share=_optional(given, "equal_share", reading.share),
        fixed_per_party=_optional(given, "fixed_per_party", reading.amount),
        steps=read_steps(given.get("steps", []), "steps", "weight"),
    )


def read_steps(value: Any, where: str, name: str) -> tuple[tuple[Fraction | None, Fraction], ...]:
    """Return steps by size, ascending: (below, value); `below` None or left out is open.

    Raises:
        RefusedError: a limit stands twice, or a value is no quantity.
    """
    steps: dict[Fraction | None, Fraction] = {}
    for place, item in enumerate(reading.items(value, where)):
        here = f"{where}[{place}]"
        row = reading.record(item, here, ("below", name))
        below = row.get("below")
        limit = None if below is None else reading.quantity(below, f"{here}.below")
        if limit in steps:
            raise refuse(
                "duplicate_step",
                "Two steps have the same upper limit.",
                where=f"{here}.below",
                remedy="Give each limit once",
            )
        if name not in row:
            msg = f"{here}.{name}"
            raise _missing(msg)
        steps[limit] = reading.quantity(row[name], f"{here}.{name}")
    closed = sorted(limit for limit in steps if limit is not None)
    order: list[Fraction | None] = [*closed, *([None] if None in steps else [])]
    return tuple((limit, steps[limit]) for limit in order)


def _game(given: Mapping[str, Any], rows: Sequence[Any], parties: Sequence[Party]) -> Game | None:
    ids = tuple(party.id for party in parties)
    by_group = given.get("coalition_costs") is not None
    by_parts = (
        given.get("fixed") is not None
        or given.get("adapters") is not None
        or any(row.get(name) is not None for row in rows for name in ("own", "capacity_cost"))
    )
    by_need = given.get("stand_alone_costs") is not None
    if by_group + by_parts + by_need > 1:
        raise refuse(
            "two_cost_models",
            "The cost is given in more than one way.",
            where="coalition_costs" if by_group else "stand_alone_costs",
            remedy="Give either the parts of the cost, or coalition_costs, or stand_alone_costs",
        )
    if by_group:
        return read_costs(given["coalition_costs"], ids)
    if by_need:
        return Structure(ids=ids, capacity=_needs(given, ids))
    return _structure(given, rows, parties) if by_parts else None


def _structure(
    given: Mapping[str, Any], rows: Sequence[Any], parties: Sequence[Party]
) -> Structure:
    def of_rows(name: str) -> dict[str, Fraction]:
        return {
            party.id: reading.amount(row[name], f"parties[{place}].{name}")
            for place, (party, row) in enumerate(zip(parties, rows, strict=True))
            if row.get(name) is not None
        }

    return Structure(
        ids=tuple(party.id for party in parties),
        fixed=_optional(given, "fixed", reading.amount) or _ZERO,
        own=of_rows("own"),
        capacity=of_rows("capacity_cost"),
        vendor={party.id: party.vendor for party in parties if party.vendor},
        adapters=_adapters(given, parties),
    )


def _adapters(given: Mapping[str, Any], parties: Sequence[Party]) -> dict[str, Fraction]:
    """Return the cost of each vendor's adapter; every adapter has a user and every user an adapter."""
    value = given.get("adapters")
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise reading.wrong("adapters", "an object with a cost for each vendor")
    found = {name: reading.amount(cost, f"adapters.{name}") for name, cost in value.items()}
    for place, party in enumerate(parties):
        if party.vendor and party.vendor not in found:
            raise refuse(
                "unknown_vendor",
                "The vendor %(vendor)s has no adapter.",
                where=f"parties[{place}].vendor",
                remedy="Give its cost in adapters; 0 when it costs nothing",
                values={"vendor": party.vendor},
            )
    unused = sorted(set(found) - {party.vendor for party in parties})
    if unused:
        raise refuse(
            "unused_adapter",
            "No party uses the adapter of %(vendor)s, so nobody would pay for it.",
            where=f"adapters.{unused[0]}",
            remedy="Take it out, or name the party that uses it",
            values={"vendor": unused[0]},
        )
    return found


def _needs(given: Mapping[str, Any], ids: tuple[str, ...]) -> dict[str, Fraction]:
    """Return what each party's need would cost alone, when the largest decides what all cost."""
    if given.get("rule") != "max":
        raise refuse(
            "unknown_rule",
            "It is not said how costs alone become the cost of a group.",
            where="rule",
            remedy='Give "rule": "max" when the largest need decides; else give coalition_costs',
        )
    value = given["stand_alone_costs"]
    pairs = (
        [(party, cost, f"stand_alone_costs.{party}") for party, cost in value.items()]
        if isinstance(value, Mapping)
        else [
            (party, cost, f"stand_alone_costs[{place}]")
            for place, (party, cost) in enumerate(
                zip(ids, reading.items(value, "stand_alone_costs"), strict=False)
            )
        ]
    )
    unknown = [party for party, _, _ in pairs if party not in ids]
    if unknown or len(value) != len(ids):
        raise refuse(
            "unequal_length",
            "%(costs)s costs are given for %(parties)s parties.",
            where=f"stand_alone_costs.{unknown[0]}" if unknown else "stand_alone_costs",
            remedy="Give one cost for each party, in the order of parties",
            values={"costs": len(value), "parties": len(ids)},
        )
    return {party: reading.amount(cost, where) for party, cost, where in pairs}


def _total(
    given: Mapping[str, Any], key: str, game: Game | None, parties: Sequence[Party]
) -> Fraction:
    """Return what is to be divided: as given, else what the parties cost together."""
    together = game.cost(game.ids) if game is not None else None
    if given.get("total") is None:
        if key == "table" and all(party.amount is not None for party in parties):
            return sum((party.amount or _ZERO for party in parties), _ZERO)
        if together is None and key in keys.OF_GAME and game is not None:
            raise missing_coalition("+".join(game.ids))
        if together is None:
            raise _missing("total")
        return together
    total = reading.amount(given["total"], "total")
    if key not in keys.OF_GAME or together is None:
        return total
    if abs(total - together) >= 1:
        raise refuse(
            "total_differs",
            "The total is %(total)s kroner, but the parties together cost %(together)s.",
            where="total",
            remedy="Leave the total out, or correct the costs",
            values={
                "total": reading.in_kroner(reading.nearest_ore(total)),
                "together": reading.in_kroner(reading.nearest_ore(together)),
            },
        )
    return together


def _refuse_twice(parties: Sequence[Party]) -> None:
    seen: set[str] = set()
    for place, party in enumerate(parties):
        if party.id in seen:
            raise refuse(
                "duplicate_party",
                "%(id)s stands twice among the parties.",
                where=f"parties[{place}].id",
                remedy="Give each party once",
                values={"id": party.id},
            )
        seen.add(party.id)


def _optional(given: Mapping[str, Any], name: str, read_as: Any) -> Fraction | None:
    value = given.get(name)
    return None if value is None else read_as(value, name)


def _required(given: Mapping[str, Any], name: str) -> Any:
    if given.get(name) is None:
        raise _missing(name)
    return given[name]


def _missing(where: str) -> RefusedError:
    name = where.rsplit(".", 1)[-1]
    return refuse(
        "missing_field",
        "%(name)s is not given.",
        where=where,
        remedy="Give %(name)s",
        values={"name": name},
    )


def _listed(found: tuple[str, ...] | None) -> list[str] | None:
    return None if found is None else list(found)


def _kroner(amounts: Mapping[str, Ore]) -> dict[str, float]:
    return {party: reading.in_kroner(ore) for party, ore in amounts.items()}
