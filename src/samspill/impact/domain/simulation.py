"""A whole simulation: from the JSON request of the command to its JSON answer, and the same for a page.

Amounts in kroner are net costs (cost less income), hours are net hours (used less freed); the two are never added.
Kroner are real prices of the assumption set's price year, not discounted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from samspill.impact.domain import factor_model, load, reading, reductions, streams
from samspill.impact.domain.assumptions import AssumptionSet, Parameters, overlay
from samspill.impact.domain.cells import Drawn
from samspill.impact.domain.facts import Facts, read_places
from samspill.impact.domain.lines import Column, read_line
from samspill.impact.domain.weights import COLUMNS, Initiative, Plan, plan
from samspill.kernel.outcome import refuse

#: Raised when the way from request to bytes changes.
ENGINE = "3"
DEFAULT_DRAWS, DEFAULT_SEED = 4096, 1
_UNITS: Mapping[Column, str] = {"kroner": "NOK", "hours": "hours"}
_KEYS = frozenset({"initiatives", "municipalities", "years", "draws", "seed", "assumptions"})
_INITIATIVE_KEYS = frozenset({"id", "name", "lines", "start", "starts"})
_MOST_SEED = 2**63


@attrs.frozen
class Request:
    """What is to be simulated."""

    initiatives: tuple[Initiative, ...]
    places: tuple[Facts, ...]
    years: tuple[int, int]
    draws: int
    seed: int
    parameters: Parameters


@attrs.frozen
class Outcome:
    """The plan, the draws and the figures of a simulation."""

    request: Request
    plan: Plan
    drawn: Mapping[Column, Drawn]
    results: Mapping[Column, reductions.Result]
    load: load.Load


def simulate(request: Request) -> Outcome:
    """Draw, and reduce."""
    laid = plan(request.initiatives, request.places, request.years, request.parameters)
    found = factor_model.draw_and(
        lambda column, drawn: (drawn, _reduced(laid, column, drawn)),
        laid,
        draws=request.draws,
        seed=request.seed,
    )
    drawn = {column: draws for column, (draws, _) in found.items()}
    results = {column: result for column, (_, result) in found.items()}
    return Outcome(request, laid, drawn, results, load.load(laid, request.parameters))


def _reduced(plan_: Plan, column: Column, drawn: Drawn) -> reductions.Result:
    """Reduce draws that are numbers; refuse quantities and spreads that together pass what a number can hold."""
    if not drawn.is_finite:
        raise refuse(
            "too_large",
            "The quantities and their uncertainty are larger than any amount can be.",
            where="initiatives",
            remedy="Check the units, and that no high end is many times the quantity",
        )
    return reductions.reduce(plan_, column, drawn)


def simulate_json(
    request: object, *, country: Sequence[Facts], sets: Mapping[str, AssumptionSet]
) -> dict[str, Any]:
    """Return the answer of `samspill impact simulate`.

    Args:
        request: as on the interfaces page. country: the municipalities of today. sets: assumption sets by version,
            the newest last.

    Raises:
        RefusedError: what cannot be read or calculated, with its place in the request.
    """
    outcome = simulate(read_request(request, country=country, sets=sets))
    answer = as_json(outcome)
    answer["hash"] = hash_of(request, answer)
    return answer


def hash_of(request: object, answer: object) -> str:
    """Return the SHA-256 (hex) of request, engine and figures."""
    text = json.dumps([ENGINE, request, answer], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_request(
    request: object, *, country: Sequence[Facts], sets: Mapping[str, AssumptionSet]
) -> Request:
    """Read a request. `draws` is raised to the next power of two, from 64 to 65 536."""
    given = reading.record(request, "input", allowed=_KEYS, required=("initiatives", "years"))
    years = reading.years(given["years"], "years")
    draws = reading.whole(
        given.get("draws", DEFAULT_DRAWS), "draws", least=1, most=streams.MOST_DRAWS
    )
    seed = reading.whole(given.get("seed", DEFAULT_SEED), "seed", least=0, most=_MOST_SEED)
    return Request(
        initiatives=read_initiatives(given["initiatives"], "initiatives"),
        places=read_places(given.get("municipalities"), "municipalities", country),
        years=years,
        draws=max(streams.LEAST_DRAWS, 1 << (draws - 1).bit_length()),
        seed=seed,
        parameters=_parameters(given.get("assumptions"), sets),
    )


def _parameters(value: object, sets: Mapping[str, AssumptionSet]) -> Parameters:
    """Read the name of a set, or values that overlay the newest (or the one they name as `version`)."""
    name, rest = list(sets)[-1], None
    if isinstance(value, str):
        name = value
    elif value is not None:
        rest = dict(value) if isinstance(value, Mapping) else value
        if isinstance(rest, dict) and rest.get("version") is not None:
            name = reading.text(rest.pop("version"), "assumptions.version")
    if name not in sets:
        raise refuse(
            "unknown_assumptions",
            "There is no assumption set %(name)s.",
            where="assumptions",
            remedy="Use one of: %(known)s",
            values={"name": name[:100], "known": ", ".join(sets)},
        )
    return overlay(sets[name].parameters(), rest)


def read_initiatives(value: object, where: str) -> tuple[Initiative, ...]:
    """Read initiatives with their lines.

    Raises:
        RefusedError: an id twice, a line key twice in one initiative, a line that cannot be read.
    """
    found: list[Initiative] = []
    ids: set[str] = set()
    for at, item in enumerate(reading.rows(value, where, at_most=20_000)):
        here = f"{where}[{at}]"
        given = reading.record(item, here, allowed=_INITIATIVE_KEYS, required=("id", "lines"))
        id_ = reading.text(given["id"], f"{here}.id")
        _once(id_, ids, f"{here}.id")
        found.append(_initiative(given, here, id_))
    return tuple(found)


def _initiative(given: reading.Record, here: str, id_: str) -> Initiative:
    lines, keys = [], set[str]()
    for number, line in enumerate(reading.rows(given["lines"], f"{here}.lines", at_most=1000)):
        place = f"{here}.lines[{number}]"
        made = read_line(line, place, position=number)
        _once(made.key, keys, f"{place}.key")
        lines.append(made)
    start = given.get("start")
    starts = given.get("starts", {})
    reading.record(starts, f"{here}.starts", allowed=starts if isinstance(starts, Mapping) else ())
    return Initiative(
        id_,
        tuple(lines),
        None if start is None else reading.whole(start, f"{here}.start"),
        {number: reading.whole(y, f"{here}.starts.{number}") for number, y in starts.items()},
    )


def _once(key: str, seen: set[str], where: str) -> None:
    if key in seen:
        raise refuse(
            "given_twice",
            "%(key)s is given twice.",
            where=where,
            remedy="Give each a name of its own",
            values={"key": key},
        )
    seen.add(key)


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the figures as the interfaces page has them.

    Each figure is of the column in `unit`: kroner when any line counts in kroner, else hours; when both
    occur, the hours stand beside it under `hours`.
    """
    used = [c for c in COLUMNS if outcome.plan.blocks[c].rows] or ["kroner"]
    results = [outcome.results[column] for column in used]
    places, years = outcome.plan.places, outcome.plan.years
    unit = _UNITS[used[0]]

    def pair(name: str, at: int) -> dict[str, Any]:
        figure: dict[str, Any] = getattr(results[0], name).at(at)
        return {**figure, "hours": getattr(results[1], name).at(at)} if results[1:] else figure

    return {
        "total": {**pair("total", 0), "unit": unit},
        "by_year": {str(year): pair("years", at) for at, year in enumerate(years)},
        "by_municipality": {place.number: pair("places", at) for at, place in enumerate(places)},
        "by_initiative": {
            item.id: pair("initiatives", at) for at, item in enumerate(outcome.plan.initiatives)
        },
        "by_bearer": _by_bearer(used, results),
        **{f"by_{group}": _by_group(used, results, group) for group in reductions.GROUPS},
        "load": load_json(outcome),
        "unpriced": _unpriced(outcome.plan.initiatives),
        "draws": outcome.request.draws,
        "seed": outcome.request.seed,
    }


def _by_bearer(used: Sequence[Column], results: Sequence[reductions.Result]) -> dict[str, Any]:
    return {
        str(column): {name: result.by_bearer.at(at) for at, name in enumerate(result.bearers)}
        for column, result in zip(used, results, strict=True)
    }


def _by_group(
    used: Sequence[Column], results: Sequence[reductions.Result], group: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, result in zip(used, results, strict=True):
        names, figures = result.groups[group]
        found[column] = {name: figures.at(at) for at, name in enumerate(names)}
    return found


def load_json(outcome: Outcome) -> dict[str, dict[str, dict[str, float]]]:
    """Return `{number: {year: {role: share of the free hours}}}`, years and roles without load left out."""
    share = outcome.load.share
    answer: dict[str, dict[str, dict[str, float]]] = {}
    for at, place in enumerate(outcome.plan.places):
        years = {}
        for y, year in enumerate(outcome.plan.years):
            roles = {
                role: reductions.rounded(share[at, y, r], 4)
                for r, role in enumerate(outcome.load.roles)
                if share[at, y, r] > 0
            }
            if roles:
                years[str(year)] = roles
        answer[place.number] = years
    return answer


def _unpriced(initiatives: Sequence[Initiative]) -> dict[str, dict[str, float]]:
    """Return unpriced effects (−4 to +4) by initiative and line; they are never added to anything."""
    found = {
        item.id: {line.key: line.quantity for line in item.lines if line.category == "unpriced"}
        for item in initiatives
    }
    return {id_: lines for id_, lines in found.items() if lines}
