"""The lines of an initiative, and the checklist of what an introduction costs."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.db import IntegrityError, transaction

from samspill.impact import models
from samspill.impact.domain import checklist, reading
from samspill.impact.domain.lines import GRADES, WORDED, EffectLine
from samspill.impact.domain.simulation import Outcome, read_initiatives
from samspill.impact.domain.weights import Initiative
from samspill.impact.service import access
from samspill.infra import clock, written
from samspill.infra.canonical import sha256_of
from samspill.kernel import wording
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import service as portfolio


@attrs.frozen
class Lines:
    """The lines that hold. take: the number of the saving (0: none yet); raw: as saved; lines: as read."""

    initiative_id: uuid.UUID
    version: int
    take: int
    raw: tuple[dict[str, Any], ...]
    lines: tuple[EffectLine, ...]
    at: dt.datetime | None = None
    id: uuid.UUID | None = None


@attrs.frozen
class Answer:
    """A question of the checklist and where it stands: a line, none with a reason, or open."""

    question: checklist.Question
    answer: str
    why: str
    lines: tuple[str, ...]


def lines_of(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> Lines:
    """Return the lines of an initiative that the actor may read.

    Raises:
        RefusedError: `not_found`.
    """
    access.readable(actor, initiative_id)
    return stored(initiative_id)


def stored(initiative_id: uuid.UUID) -> Lines:
    """Return the last saved lines, without asking who asks."""
    row = models.LineSet.objects.filter(initiative_id=initiative_id).order_by("-take").first()
    return _of(row) if row is not None else Lines(initiative_id, 0, 0, (), ())


def stored_of(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Lines]:
    """Return the last saved lines of several initiatives, those without any left out; one query."""
    rows = models.LineSet.objects.filter(initiative_id__in=ids).order_by("initiative_id", "-take")
    return {row.initiative_id: _of(row) for row in rows.distinct("initiative_id")}


def read(raw: Sequence[Mapping[str, Any]]) -> tuple[EffectLine, ...]:
    """Read lines strictly.

    Raises:
        RefusedError: names the line and the field.
    """
    initiative: Initiative = read_initiatives([{"id": "x", "lines": list(raw)}], "initiatives")[0]
    return initiative.lines


def save_lines(
    actor: Actor, *, initiative_id: uuid.UUID, lines: Sequence[Mapping[str, Any]], take: int
) -> Lines:
    """Save all lines of an initiative as a new take.

    Args:
        take: the take the editor saw; another's saving in between is refused, not overwritten.

    Raises:
        RefusedError: `not_found`, `not_owner`, `conflict`, or what is wrong with which line.
    """
    view = access.editable(actor, initiative_id)
    made = read(lines)
    for number, line in enumerate(made):
        reading.one_of(line.grade, f"initiatives[0].lines[{number}].grade", GRADES)
    last = stored(initiative_id)
    if last.take != take:
        raise _conflict()
    raw = [
        {**_worded(actor, given), "key": line.key} for given, line in zip(lines, made, strict=True)
    ]
    if last.take and list(last.raw) == raw and last.version == view.version:
        return last
    try:
        with transaction.atomic():
            row = models.LineSet.objects.create(
                initiative_id=initiative_id, version=view.version, take=take + 1, lines=raw, sha256=sha256_of(raw),
                by_org_no=actor.org_no or "", by_person_id=actor.person_id, at=clock.now(),
            )  # fmt: skip
    except IntegrityError as error:
        raise _conflict() from error
    return _of(row)


def answers(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> list[Answer]:
    """Return every question of the checklist with its answer, in order."""
    access.readable(actor, initiative_id)
    keys = [line.key for line in stored(initiative_id).lines]
    given = _given(initiative_id)
    found = []
    for question in checklist.QUESTIONS:
        mine = tuple(key for key in keys if checklist.has_line(question.key, [key]))
        row_ = given.get(question.key)
        answer = "line" if mine else row_.answer if row_ else "unknown"
        why = written.said_of(row_, row_.why) if row_ and not mine else ""
        found.append(Answer(question, answer, why, mine))
    return found


def _given(initiative_id: uuid.UUID) -> dict[str, models.ChecklistAnswer]:
    """Return the last answer to each question that has one."""
    rows = models.ChecklistAnswer.objects.filter(initiative_id=initiative_id)
    return {row.question: row for row in rows.order_by("at", "id")}


def _stands(row: models.ChecklistAnswer | None, said: Mapping[str, Any]) -> bool:
    """Tell whether an answer is given already, in the same words and languages."""
    if row is None:
        return said["answer"] == "unknown" and not said["why"]
    return all(getattr(row, name) == value for name, value in said.items())


def open_questions(initiative_id: uuid.UUID, *, actor: Actor | None = None) -> list[str]:
    """Return the texts of the questions that nobody has answered."""
    found = answers(initiative_id, actor=actor)
    return [one.question.text for one in found if one.answer == "unknown"]


@transaction.atomic
def answer_checklist(
    actor: Actor, *, initiative_id: uuid.UUID, given: Mapping[str, Mapping[str, str]]
) -> list[Answer]:
    """Record answers `{question: {answer: none|unknown, why}}`; "none" needs a reason, a cost is a line.

    Raises:
        RefusedError: `not_owner`, an unknown question or answer, none without a reason.
    """
    access.editable(actor, initiative_id)
    standing = _given(initiative_id)
    for key, item in given.items():
        reading.one_of(key, "question", checklist.KEYS)
        answer = reading.one_of(item.get("answer", ""), f"{key}.answer", ("none", "unknown"))
        wrote = written.wrote(actor, item.get("why") or "", where=f"{key}.why", most=2000)
        if answer == "none" and not wrote.text:
            raise refuse(
                "reason_needed",
                "That there is no cost must be explained.",
                where=f"{key}.why",
                remedy="Write why the introduction costs nothing here, or add a line.",
            )
        said = {"answer": answer, "why": wrote.text, **wrote.columns}
        if not _stands(standing.get(key), said):
            models.ChecklistAnswer.objects.create(
                initiative_id=initiative_id, question=key, **said,
                by_org_no=actor.org_no or "", at=clock.now(),
            )  # fmt: skip
    return answers(initiative_id, actor=actor)


def as_initiative(
    view: portfolio.InitiativeView, found: Lines, starts: Mapping[str, int] | None = None
) -> Initiative:
    """Return what is simulated: the lines, from the year the initiative's window opens, or a municipality's own.

    Where the initiative has no window and a municipality has chosen one, the lines move from where they begin.
    """
    start = view.window_from.year if view.window_from else None
    if start is None and starts:
        start = first_year(view, found)
    return Initiative(str(view.id), found.lines, start, dict(starts or {}))


def first_year(view: portfolio.InitiativeView, found: Lines) -> int:
    """Return the year the calculation begins: the window's, else the first line's, else next year."""
    if view.window_from:
        return view.window_from.year
    starts = [line.start for line in found.lines if line.start is not None]
    return min(starts, default=clock.today().year + 1)


def preview(
    actor: Actor, *, initiative_id: uuid.UUID, lines: Sequence[Mapping[str, Any]], draws: int
) -> Outcome:
    """Simulate lines that are not saved, for the page that edits them.

    Raises:
        RefusedError: `not_found`, or what is wrong with which line.
    """
    from samspill.impact.service import assessing, sets

    view = access.readable(actor, initiative_id)
    found = Lines(initiative_id, view.version, 0, (), read(lines))
    return assessing.simulate(view, found, assumptions=sets.newest(), draws=draws)


def unknown_line(key: str) -> RefusedError:
    """Make the refusal for a line that is not there."""
    return refuse(
        "unknown_line",
        "The initiative has no line %(key)s.",
        where="line",
        remedy="Go to the list of lines and choose there.",
        values={"key": key[:100]},
        status=404,
    )


def _worded(actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line that says which language it is in; one that does not say is in the actor's."""
    has_words = any(given.get(name) for name in WORDED)
    if given.get("language") or not has_words:
        return dict(given)
    return {**given, "language": wording.known(actor.language)}


def _of(row: models.LineSet) -> Lines:
    raw = tuple(row.lines)
    return Lines(row.initiative_id, row.version, row.take, raw, read(raw), row.at, row.id)


def _conflict() -> Exception:
    return refuse(
        "conflict",
        "Somebody else saved the lines while you had them open.",
        where="take",
        remedy="Open the page again and make your change there.",
        status=409,
    )
