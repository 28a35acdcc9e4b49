"""What an assessment expected of a line in single municipalities: the figure that an actual is compared with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import attrs

from samspill.impact import country, models
from samspill.impact.domain import simulation
from samspill.impact.domain.assumptions import AssumptionSet, Parameters, ReferenceClass, read_set
from samspill.impact.domain.lines import EffectLine
from samspill.impact.domain.weights import Initiative
from samspill.impact.service import describing, drivers
from samspill.kernel.outcome import refuse

_FEW, _DRAWS = 64, 2048


@attrs.frozen
class Expected:
    """A line in one municipality and year: the estimate as the owner gave it, and the P50 and P85 that were shown.

    mean: without the factor of the reference class, which is what the actual teaches.
    """

    mean: float
    p50: float
    p85: float


def forecast_of(initiative_id: uuid.UUID) -> models.Assessment:
    """Return the newest frozen assessment, else the newest there is.

    Raises:
        RefusedError: `no_forecast`.
    """
    rows = models.Assessment.objects.filter(initiative_id=initiative_id).select_related(
        "line_set", "assumptions"
    )
    row = (
        rows.filter(state="frozen").order_by("-number").first() or rows.order_by("-number").first()
    )
    if row is None:
        raise refuse(
            "no_forecast",
            "Nobody has calculated what this was expected to come to.",
            where="initiative_id",
            remedy="Ask the owner of the initiative for an assessment.",
        )
    return row


def line_of(row: models.Assessment, key: str) -> EffectLine:
    """Return a line of an assessment.

    Raises:
        RefusedError: `unknown_line`.
    """
    found = next((line for line in describing.read(row.line_set.lines) if line.key == key), None)
    if found is None:
        raise refuse(
            "unknown_line",
            "The assessment has no line %(key)s.",
            where="line",
            remedy="Choose one of the lines of the assessment.",
            values={"key": key[:100]},
        )
    return found


def expected(
    row: models.Assessment,
    line: EffectLine,
    numbers: Sequence[str],
    year: int,
    *,
    begun: Mapping[str, int] | None = None,
) -> dict[str, Expected]:
    """Return what was expected of a line in some municipalities in a year, by number; one simulation for all.

    begun: the year in which a municipality really began, where it is known. A year of use is compared with the same
    year of use in the estimate: beginning early or late is another deviation than freeing more or less.
    """
    plain = _drawn(row, attrs.evolve(line, uncertainty=None), numbers, year, _FEW, begun)
    spread = _drawn(row, line, numbers, year, _DRAWS, begun)
    found = {}
    for number, one in spread.items():
        low, high = sorted((one["p50"], one["p85"]))
        if (
            line.sign < 0
        ):  # a gain is read from the other end: P85 of an amount is what 85 % stay under
            low, high = one["p50"], max(one["p10"], one["p50"])
        found[number] = Expected(plain[number]["mean"], low, high)
    return found


def estimates(row: models.Assessment, number: str, year: int) -> list[tuple[EffectLine, float]]:
    """Return the lines that one municipality bears in a year, with the estimate of each, those above 0."""
    found = []
    for line in describing.read(row.line_set.lines):
        if line.bearer == "municipality" and line.column is not None:
            plain = attrs.evolve(line, uncertainty=None)
            amount = _drawn(row, plain, [number], year, _FEW)[number]["mean"]
            if amount > 0:
                found.append((line, amount))
    return found


def _drawn(
    row: models.Assessment,
    line: EffectLine,
    numbers: Sequence[str],
    year: int,
    draws: int,
    begun: Mapping[str, int] | None = None,
) -> dict[str, dict[str, float]]:
    wanted = set(numbers)
    places = [p for p in drivers.laid_over(country.facts(), row.drivers) if p.number in wanted]
    starts = {**(row.figures.get("starts") or {}), **(begun or {})}
    item = Initiative(str(row.initiative_id), (line,), row.first_year, starts)
    outcome = simulation.simulate(
        simulation.Request(
            (item,), tuple(places), (year, year), draws, row.seed, parameters_of(row)
        )
    )
    assert line.column is not None
    figures = outcome.results[line.column].places
    return {
        place.number: {name: abs(value) for name, value in figures.at(at).items()}
        for at, place in enumerate(places)
    }


def parameters_of(row: models.Assessment) -> Parameters:
    """Return the parameters of an assessment, with the reference classes as they were when it was made."""
    plain = read_set(row.assumptions.body).parameters()
    moved = {
        key: attrs.evolve(plain.reference_classes[key], **one["after"])
        for key, one in (row.figures.get("learnt") or {}).items()
        if key in plain.reference_classes
    }
    return attrs.evolve(plain, reference_classes={**plain.reference_classes, **moved})


def kept(
    classes: Mapping[str, tuple[ReferenceClass, ReferenceClass, int, int]],
) -> dict[str, dict[str, object]]:
    """Return what an assessment keeps of the classes it started from: as shipped, as moved, and by how many actuals."""
    return {
        key: {
            "before": _numbers(before),
            "after": _numbers(after),
            "actuals": actuals,
            "initiatives": initiatives,
        }
        for key, (before, after, actuals, initiatives) in classes.items()
    }


def _numbers(one: ReferenceClass) -> dict[str, float | int]:
    return {"mu": one.mu, "tau": one.tau, "municipal": one.municipal, "n": one.n}


def used_classes(lines: Sequence[EffectLine], assumptions: AssumptionSet) -> list[str]:
    """Return the reference classes that lines name, those that the set has."""
    named = {line.uncertainty.reference_class for line in lines if line.uncertainty}
    return sorted(named & set(assumptions.reference_classes))
