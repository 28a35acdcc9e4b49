"""Assessments: lines + drivers + assumption set + seed → figures and hash.

They go draft → consulted → agreed or dissent → frozen.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
from django.db import transaction
from django.db.models import Max

from samspill.impact import events, models
from samspill.impact.domain import simulation, streams, summary
from samspill.impact.domain.assumptions import AssumptionSet, read_set
from samspill.impact.domain.introduction import introduction
from samspill.impact.domain.weights import Initiative
from samspill.impact.service import access, describing, drivers, forecasting, learning, sets
from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import Actor, system
from samspill.kernel.outcome import refuse
from samspill.kernel.wording import Said
from samspill.portfolio import service as portfolio

DEFAULT_SEED, DEFAULT_DRAWS = 1, 4096
_SYSTEM = system("impact")
_NEEDED = ("driver", "grade", "uncertainty")


@attrs.frozen(kw_only=True)
class AssessmentView:
    """An assessment as it stands; `figures` is what the pages and the register show.

    worths: expected present value by how many years of effects are counted, beside the figures and not in their hash.
    """

    id: uuid.UUID
    initiative_id: uuid.UUID
    number: int
    version: int
    take: int
    assumption_set: str
    first_year: int
    last_year: int
    seed: int
    draws: int
    figures: dict[str, Any]
    worths: dict[str, dict[str, Any]]
    sha256: str
    state: str
    position: str
    remark: Said
    consulted_on: dt.date | None
    made_at: dt.datetime
    frozen_at: dt.datetime | None
    is_baseline: bool


def simulate(
    view: portfolio.InitiativeView,
    found: describing.Lines,
    *,
    assumptions: AssumptionSet,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
) -> simulation.Outcome:
    """Simulate the lines of an initiative in all municipalities, in the windows they have chosen."""
    item = describing.as_initiative(view, found, starts_of(view))
    return simulation.simulate(
        request_of([item], assumptions, describing.first_year(view, found), seed, draws)
    )


def request_of(
    items: list[Initiative], assumptions: AssumptionSet, first: int, seed: int, draws: int
) -> simulation.Request:
    """Return the request: today's municipalities with their own figures, and reference classes with what was learnt."""
    years = int(assumptions.value("analysis_years"))
    parameters = attrs.evolve(
        assumptions.parameters(), reference_classes=learning.classes(assumptions)
    )
    return simulation.Request(
        tuple(items), drivers.facts(), (first, first + years - 1), draws, seed, parameters
    )


def starts_of(view: portfolio.InitiativeView) -> dict[str, int]:
    """Return the year each municipality has chosen to begin, where it has chosen."""
    return {
        window.municipality_no: window.starts_on.year
        for window in portfolio.story(str(view.id), actor=_SYSTEM).windows
        if window.starts_on is not None and window.choice != "declined"
    }


def assess(
    actor: Actor,
    *,
    initiative_id: uuid.UUID,
    assumption_set: str | None = None,
    seed: int = DEFAULT_SEED,
    draws: int = DEFAULT_DRAWS,
) -> AssessmentView:
    """Calculate the consequences and keep them as a draft; the register gets it as evidence.

    Raises:
        RefusedError: `not_owner`; `no_lines`; `checklist_open` (names the questions); an unknown, changed or expired
            set of assumptions.
    """
    view = access.editable(actor, initiative_id)
    found = describing.stored(initiative_id)
    _refuse_unready(actor, view, found)
    chosen = _chosen(assumption_set)
    outcome = simulate(view, found, assumptions=chosen, seed=seed, draws=_power(draws))
    starts = dict(outcome.request.initiatives[0].starts)
    figures = {
        **summary.summary(outcome, chosen),
        "candidate": summary.candidate(outcome, chosen),
        "introduction": introduction(outcome),
        "starts": starts,
        "learnt": _started_from(found, chosen),
    }
    assert found.id is not None
    corrections = drivers.corrections_of(outcome.plan.places)
    inputs = [list(found.raw), corrections, chosen.version, starts, seed, outcome.request.draws]
    with transaction.atomic():
        kept = sets.use(chosen.version)
        last = models.Assessment.objects.filter(initiative_id=initiative_id).aggregate(
            n=Max("number")
        )["n"]
        row = models.Assessment.objects.create(
            initiative_id=initiative_id, number=(last or 0) + 1, version=view.version, line_set_id=found.id,
            assumptions=kept, first_year=outcome.plan.years[0], last_year=outcome.plan.years[-1], seed=seed,
            draws=outcome.request.draws, drivers=corrections, figures=figures, matrix=summary.matrix(outcome),
            yearly=summary.yearly(outcome), worths=summary.worths(outcome, chosen),
            sha256=simulation.hash_of(inputs, figures), made_by_org_no=actor.org_no or "", made_at=clock.now(),
        )  # fmt: skip
        _deposit(actor, row)
    return _view(row)


def _started_from(found: describing.Lines, assumptions: AssumptionSet) -> dict[str, Any]:
    """Return the reference classes that the estimate started from, as shipped and as actuals had moved them."""
    learnt = {
        key: learning.posterior(key, assumptions=assumptions)
        for key in forecasting.used_classes(found.lines, assumptions)
    }
    return forecasting.kept(
        {k: (one.before, one.after, one.actuals, one.initiatives) for k, one in learnt.items()}
    )


def consult(actor: Actor, *, assessment_id: uuid.UUID) -> AssessmentView:
    """Lay the figures before KS, which has at least two weeks.

    Raises:
        RefusedError: `not_owner`, `not_found`, `wrong_state`.
    """
    with transaction.atomic():
        row = _locked(assessment_id, "draft")
        access.editable(actor, row.initiative_id)
        row.state, row.consulted_on = "consulted", clock.today()
        row.save(update_fields=["state", "consulted_on"])
        _deposit(actor, row)
    return _view(row)


def take_position(
    actor: Actor, *, assessment_id: uuid.UUID, position: str, remark: str = ""
) -> AssessmentView:
    """Record that KS agrees with the figures, or does not; dissent says why.

    Raises:
        RefusedError: `role_needed`, `not_found`, `wrong_state`, `reason_needed`.
    """
    access.one_of(actor, access.KS)
    if position not in models.rows.POSITIONS or (position == "dissent" and not remark.strip()):
        raise refuse(
            "reason_needed",
            "Dissent must say what is wrong with the figures.",
            where="remark",
            remedy="Write what KS sees otherwise; KS’ own figures are lodged beside the owner’s.",
        )
    wrote = written.wrote(actor, remark, where="remark")
    with transaction.atomic():
        row = _locked(assessment_id, "consulted")
        access.readable(actor, row.initiative_id)
        row.state = row.position = position
        row.remark = wrote.text
        row.language, row.translations = wrote.columns["language"], wrote.translations
        row.save(update_fields=["state", "position", "remark", "language", "translations"])
        _deposit(actor, row)
    return _view(row)


def freeze(actor: Actor, *, assessment_id: uuid.UUID) -> AssessmentView:
    """Fix the figures; the first ones that are fixed are the initiative's baseline for ever.

    Raises:
        RefusedError: `not_owner`, `not_found`, `wrong_state` (KS has not said agreed or dissent).
    """
    with transaction.atomic():
        row = _locked(assessment_id, "agreed", "dissent")
        access.editable(actor, row.initiative_id)
        row.state, row.frozen_at = "frozen", clock.now()
        row.save(update_fields=["state", "frozen_at"])
        models.Baseline.objects.get_or_create(
            initiative_id=row.initiative_id, defaults={"assessment": row, "at": clock.now()}
        )
        _deposit(actor, row)
        log.append(
            events.AssessmentFrozen(
                initiative_id=row.initiative_id, assessment_id=row.id, version=row.version, sha256=row.sha256
            ),
            actor=actor,
        )  # fmt: skip
    return _view(row)


def assessments(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> list[AssessmentView]:
    """Return the assessments of an initiative, the newest first."""
    access.readable(actor, initiative_id)
    rows = models.Assessment.objects.filter(initiative_id=initiative_id).order_by("-number")
    return [_view(row) for row in rows.select_related("line_set")]


def figures(assessment_id: uuid.UUID, *, actor: Actor | None = None) -> AssessmentView:
    """Return one assessment.

    Raises:
        RefusedError: `not_found`, also for what one may not read.
    """
    row = models.Assessment.objects.select_related("line_set").filter(id=assessment_id).first()
    if row is None:
        raise _not_found()
    access.readable(actor, row.initiative_id)
    return _view(row)


def baseline(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> AssessmentView | None:
    """Return the first frozen assessment, or None."""
    access.readable(actor, initiative_id)
    found = (
        models.Baseline.objects.filter(initiative_id=initiative_id)
        .select_related("assessment")
        .first()
    )
    return _view(found.assessment) if found else None


def assumptions_of(row: models.Assessment) -> AssumptionSet:
    """Return the set an assessment was made with, as it was."""
    return read_set(row.assumptions.body)


def incomplete(found: describing.Lines) -> list[dict[str, Any]]:
    """Return the lines that lack driver, grade or uncertainty: the guard of the step to assessed asks for them."""
    lacking = [
        {"name": raw["key"], "lacks": [name for name in _NEEDED if not raw.get(name)]}
        for raw, line in zip(found.raw, found.lines, strict=True)
        if line.column is not None
    ]
    return [item for item in lacking if item["lacks"]]


def _refuse_unready(actor: Actor, view: portfolio.InitiativeView, found: describing.Lines) -> None:
    if not found.lines:
        raise refuse(
            "no_lines",
            "The initiative has no effect lines.",
            where="lines",
            remedy="Add the effects first: who bears them, what drives them, how much.",
        )
    unanswered = describing.open_questions(view.id, actor=actor)
    if unanswered:
        raise refuse(
            "checklist_open",
            "%(count)s questions about the cost of introduction are not answered.",
            where="checklist",
            remedy="Answer them: with a line, or with why there is no cost.",
            values={"count": len(unanswered)},
        )


def _chosen(version: str | None) -> AssumptionSet:
    known = sets.assumption_sets()
    found = known.get(version) if version else sets.valid_on(clock.today())
    if found is None or not found.holds_on(clock.today()):
        raise refuse(
            "assumptions_expired",
            "No such set of assumptions holds today.",
            where="assumption_set",
            remedy="Ask the secretariat for a set that holds; known are: %(known)s",
            values={"known": ", ".join(known)},
        )
    return found


def _power(draws: int) -> int:
    if not streams.LEAST_DRAWS <= draws <= streams.MOST_DRAWS:
        raise refuse(
            "out_of_range",
            "%(given)s is out of range: from %(least)s to %(most)s.",
            where="draws",
            remedy="Give a number in the range",
            values={"given": draws, "least": streams.LEAST_DRAWS, "most": streams.MOST_DRAWS},
        )
    return 1 << (draws - 1).bit_length()


def _locked(assessment_id: uuid.UUID, *states: str) -> models.Assessment:
    row = models.Assessment.objects.select_for_update(no_key=True).filter(id=assessment_id).first()
    if row is None:
        raise _not_found()
    if row.state not in states:
        raise refuse(
            "wrong_state",
            "The assessment is not where this step begins.",
            where="state",
            remedy="The steps are: draft, laid before KS, agreed or dissent, frozen.",
            status=409,
        )
    return row


def _not_found() -> Exception:
    return refuse(
        "not_found",
        "There is no such assessment for you.",
        where="assessment_id",
        remedy="Go to the initiative and choose there.",
        status=404,
    )


def _deposit(actor: Actor, row: models.Assessment) -> None:
    """Give the register what its guards and rounds ask for: the only place this room writes there.

    KS' position changes the assessment too, but only its owner deposits: KS' act is laid down by the system.
    """
    found = describing.stored(row.initiative_id)
    body = {
        "assessment_id": str(row.id),
        "status": row.state,
        "version": row.version,
        "lines": len(found.lines),
        "lines_incomplete": incomplete(found),
        "municipalities": len(row.figures["numbers"]),
        "consulted_on": row.consulted_on.isoformat() if row.consulted_on else None,
        "assumption_set": row.assumptions_id,
        "assumptions_valid_to": assumptions_of(row).valid_to.isoformat(),
        "url": f"/konsekvens/{row.initiative_id}/resultat/{row.id}/",
        "totals": summary.totals(row.figures),
        "candidate": row.figures["candidate"],
        "introduction": row.figures.get("introduction"),  # None in those from before it was kept
        "position": row.position,
    }
    by = actor if actor.has_role(access.OWNER, access.SECRETARIAT) else _SYSTEM
    portfolio.deposit(by, initiative_id=row.initiative_id, kind="assessment", body=body)


def _view(row: models.Assessment) -> AssessmentView:
    names = (
        "id", "initiative_id", "number", "version", "first_year", "last_year", "seed", "draws", "figures", "sha256",
        "state", "position", "consulted_on", "made_at", "frozen_at",
    )  # fmt: skip
    return AssessmentView(
        **{name: getattr(row, name) for name in names},
        worths=row.worths or summary.kept_worths(row.figures, assumptions_of(row)),
        remark=written.said_of(row, row.remark),
        take=row.line_set.take,
        assumption_set=row.assumptions_id,
        is_baseline=models.Baseline.objects.filter(assessment_id=row.id).exists(),
    )
