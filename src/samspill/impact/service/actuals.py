"""Actuals: what a line really came to in a municipality in a year, asked for or measured by itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import attrs
from django.db import transaction

from samspill.impact import events, models
from samspill.impact.domain import reading
from samspill.impact.domain.lines import EffectLine
from samspill.impact.service import access, describing, forecasting, learning
from samspill.impact.service.forecasting import Expected
from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.written import reader, wrote
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities

#: No municipality is asked for more figures in a year.
MOST_ASKED = 5
_LONGEST = 2000


@attrs.frozen
class Asked:
    """A figure a municipality is asked for: the line, what was expected there, and what it has reported."""

    initiative_id: uuid.UUID
    title: str
    line: str
    name: str
    unit: str
    year: int
    expected: float
    reported: float | None
    cases: int | None = None
    scaled_to: int | None = None


@attrs.frozen(kw_only=True)
class Measured:
    """What came by itself of a line in a municipality: the amount in the line's unit, and the live cases behind it.

    cases: None when it does not rest on live cases. grade: `measured`, or `expert` for what somebody counted and
    reported elsewhere. begun: the year in which the municipality began to use it, None when as estimated. scaled_to:
    so many cases a year the amount speaks of, where the live ones are a sample of them; it is then compared with the
    estimate in full use, since a sample tells what each case saves and not how many use the service.
    """

    municipality_id: uuid.UUID
    value: float
    cases: int | None = None
    grade: str = learning.MEASURED
    begun: int | None = None
    scaled_to: int | None = None


def report_actual(
    actor: Actor,
    *,
    initiative_id: uuid.UUID,
    line: str,
    municipality_id: uuid.UUID,
    year: int,
    value: float,
    source: str,
) -> models.Actual:
    """Record what a line really came to in a municipality in a year; the last report holds.

    The forecast it is compared with is of the newest frozen assessment, or of the newest one there is. What has been
    measured by itself stands before a report.

    Raises:
        RefusedError: `not_own_municipality`, `not_found`, `no_forecast`, `unknown_line`, a negative value.
    """
    access.own_municipality(actor, municipality_id)
    view = access.readable(actor, initiative_id)
    amount = reading.number(value, "value", least=0)
    assessment = forecasting.forecast_of(initiative_id)
    found = forecasting.line_of(assessment, line)
    number = _number(municipality_id)
    forecast = forecasting.expected(assessment, found, [number], year)[number]
    made = _row(
        actor, initiative_id, found, forecast, owner=view.owner_org_no,
        municipality_id=municipality_id, year=year, value=amount, **_source(actor, source),
    )  # fmt: skip
    with transaction.atomic():
        made.save()
        _tell(actor, made)
    return made


def report_measured(
    actor: Actor,
    *,
    initiative_id: uuid.UUID,
    line: str,
    year: int,
    found: Sequence[Measured],
    source: str,
) -> int:
    """Record what came by itself of a line: from live cases, or a settled agreement. No municipality is asked.

    A room above does it (the settlement of a year), whoever closed the year. What stands already is not written
    again, so it may be repeated, and two at once write it once. Municipalities that are no more are left out.

    Returns how many actuals were written.

    Raises:
        RefusedError: `role_needed` (a person), `no_forecast`, `unknown_line`, a negative value.
    """
    if actor.kind != "system":
        raise access.wrong_role()
    view = access.readable(actor, initiative_id)
    numbers = {place.id: place.number for place in municipalities.all_current()}
    with transaction.atomic():
        assessment = forecasting.forecast_of(initiative_id)
        models.Assessment.objects.select_for_update(no_key=True).get(id=assessment.id)
        known = forecasting.line_of(assessment, line)
        new = [
            one
            for one in _unknown(initiative_id, line, year, found)
            if one.municipality_id in numbers
        ]
        if not new or known.column is None:
            return 0
        begun = {
            numbers[one.municipality_id]: since
            for one in new
            if (since := _begun(one, known, year)) is not None
        }
        forecasts = forecasting.expected(
            assessment, known, [numbers[one.municipality_id] for one in new], year, begun=begun
        )
        for one in new:
            made = _row(
                actor, initiative_id, known, forecasts[numbers[one.municipality_id]], owner=view.owner_org_no,
                municipality_id=one.municipality_id, year=year, value=reading.number(one.value, "value", least=0),
                grade=one.grade, cases=one.cases, scaled_to=one.scaled_to, **_source(actor, source),
            )  # fmt: skip
            made.save()
            _tell(actor, made)
    return len(new)


def asked(municipality_id: uuid.UUID, year: int, *, actor: Actor | None = None) -> list[Asked]:
    """Return the at most five figures a municipality is asked for of a year: those that matter most to it.

    Hours come before kroner, then the largest expected amounts. What is measured by itself is not asked for.
    """
    number = _number(municipality_id)
    known = learning.standing(municipality_id=municipality_id, year=year)
    told = {(row.initiative_id, row.line): row for row in known}
    found: list[tuple[bool, float, Asked]] = []
    rows = models.Assessment.objects.filter(state="frozen").select_related(
        "line_set", "assumptions"
    )
    for row in rows.order_by("initiative_id", "-number").distinct("initiative_id"):
        view = access.readable(actor, row.initiative_id)
        for line, amount in forecasting.estimates(row, number, year):
            said = told.get((row.initiative_id, line.key))
            if said is None or said.grade != learning.MEASURED:
                name = line.said("name", reader()) or line.key
                one = Asked(row.initiative_id, view.title, line.key, name, line.unit, year, amount,
                            said.value if said else None)  # fmt: skip
                found.append((line.column != "hours", -amount, one))
    ranked = sorted(found, key=lambda item: item[:2])
    return [item[2] for item in ranked[:MOST_ASKED]]


def measured_of(
    municipality_id: uuid.UUID, year: int, *, actor: Actor | None = None
) -> list[Asked]:
    """Return what came by itself of a year in a municipality: figures that it need not report."""
    found = []
    for row in learning.standing(
        municipality_id=municipality_id, year=year, grade=learning.MEASURED
    ):
        view = access.readable(actor, row.initiative_id)
        lines = forecast_lines(row.initiative_id, actor=actor)
        name = next(
            (one.said("name", reader()) for one in lines if one.key == row.line and one.name),
            row.line,
        )
        found.append(
            Asked(row.initiative_id, view.title, row.line, name, row.unit, year, row.expected or 0.0, row.value,
                  row.cases, row.scaled_to)
        )  # fmt: skip
    return found


def actuals_of(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> list[models.Actual]:
    """Return the actuals of an initiative that hold, by line, municipality and year."""
    access.readable(actor, initiative_id)
    return learning.standing(initiative_id=initiative_id)


def forecast_lines(
    initiative_id: uuid.UUID, *, actor: Actor | None = None
) -> tuple[EffectLine, ...]:
    """Return the lines of the assessment that actuals are compared with; none while nobody has calculated."""
    access.readable(actor, initiative_id)
    try:
        row = forecasting.forecast_of(initiative_id)
    except RefusedError:
        return ()
    return describing.read(row.line_set.lines)


def _unknown(
    initiative_id: uuid.UUID, line: str, year: int, found: Sequence[Measured]
) -> list[Measured]:
    """Return what does not stand already; what was counted does not stand beside what is measured."""
    rows = learning.standing(initiative_id=initiative_id, line=line, year=year)
    stands = {row.municipality_id: row for row in rows}

    def is_new(one: Measured) -> bool:
        row = stands.get(one.municipality_id)
        if row is None or row.grade != one.grade:
            return row is None or row.grade != learning.MEASURED
        return (row.value, row.cases, row.scaled_to) != (one.value, one.cases, one.scaled_to)

    return [one for one in found if is_new(one)]


def _begun(one: Measured, line: EffectLine, year: int) -> int | None:
    """Return the year of use that the estimate is asked for: full use for what is scaled up from a sample."""
    return year - len(line.ramp) if one.scaled_to is not None else one.begun


def _row(
    actor: Actor, initiative_id: uuid.UUID, line: EffectLine, forecast: Expected, *, owner: str, **given: object
) -> models.Actual:  # fmt: skip
    return models.Actual(
        initiative_id=initiative_id, line=line.key, unit=line.unit,
        expected=forecast.mean, p50=forecast.p50, p85=forecast.p85,
        reference_class=line.uncertainty.reference_class if line.uncertainty else "", forecaster=owner,
        by_org_no=actor.org_no or "", by_person_id=actor.person_id, at=clock.now(), **given,
    )  # fmt: skip


def _source(actor: Actor, text: str) -> dict[str, object]:
    """Return the columns of where a figure is from: the text, its language and its wordings in the others."""
    told = wrote(actor, text, where="source", most=_LONGEST)
    return {"source": reading.text(told.text, "source", most=_LONGEST), **told.columns}


def _tell(actor: Actor, row: models.Actual) -> None:
    told = events.ActualReported(
        initiative_id=row.initiative_id,
        municipality_id=row.municipality_id,
        line=row.line,
        year=row.year,
    )
    log.append(told, actor=actor)


def _number(municipality_id: uuid.UUID) -> str:
    found = municipalities.by_id(municipality_id)
    if found is None:
        raise refuse(
            "unknown_municipality",
            "There is no such municipality today.",
            where="municipality_id",
            remedy="Choose a municipality of today.",
        )
    return found.number
