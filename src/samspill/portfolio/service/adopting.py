"""A municipality's own window: planned, confirmed or declined. Each choice is added; the last one holds.

A voluntary initiative is introduced where the municipality has confirmed; a duty cannot be declined, only planned.
A cost that becomes known after the municipal budget of the year is adopted (before the year begins, kommuneloven
section 14-3) is shown as *uten budsjettdekning* for that year (governance 1.6).
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import refuse
from samspill.portfolio import events
from samspill.portfolio.domain.calendar import coverage
from samspill.portfolio.domain.states import FINAL, LEAD
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import CHOICES, Adoption, Initiative
from samspill.portfolio.service import access
from samspill.portfolio.service.reading import WindowView, window_view

if TYPE_CHECKING:
    from samspill.kernel.actor import Actor

#: From here on a window can be confirmed: the decision is made.
CONFIRMABLE = frozenset({"decided", "agreed", "introducing", "operating", "realising"})
_CLOSED = FINAL | {"registered", "not_relevant"}
_LONGEST = dt.timedelta(days=5 * 366)


@transaction.atomic
def choose_window(
    actor: Actor,
    *,
    initiative_id: UUID,
    choice: str,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    remark: str = "",
) -> WindowView:
    """Let a municipality plan, confirm or decline its window; the same choice again changes nothing.

    Args:
        choice: `planned`, `confirmed` (once decided) or `declined` (voluntary only, with a remark).
        starts_on, ends_on: the window; needed unless declined.

    Raises:
        RefusedError: `role_needed`, `municipality_needed`, `not_found`, `wrong_state`, `unknown_choice`,
            `duty_declined`, `window_needed`, `window_backwards`, `window_past`, `reason_needed`, `not_decided`.
    """
    role_among(actor, [LEAD])
    if actor.municipality_id is None:
        raise refuse(
            "municipality_needed",
            _("You do not act for a municipality."),
            where="actor",
            remedy=_("Choose your municipality as the organisation you act for."),
            status=403,
        )
    row = access.find(actor, initiative_id, lock=True)
    _check(row, choice, starts_on, ends_on, remark)
    if choice == "declined":
        starts_on = ends_on = None
    last = last_of(row, actor.municipality_id)
    said = {
        "choice": choice,
        "starts_on": starts_on,
        "ends_on": ends_on,
        **_remark(actor, remark),
    }
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return window_view(last)
    made = Adoption.objects.create(
        initiative=row,
        municipality_id=actor.municipality_id,
        number=(last.number if last else 0) + 1,
        **said,
        without_cover=starts_on is not None and is_without_cover(clock.today(), starts_on.year),
        by_person_id=actor.person_id,
        at=clock.now(),
    )
    told = events.WindowChosen(
        initiative_id=row.id,
        version=row.version,
        municipality_id=made.municipality_id,
        choice=choice,
        starts_on=starts_on,
    )
    log.append(told, actor=actor)
    return window_view(made)


def _remark(actor: Actor, remark: str) -> dict[str, Any]:
    wrote = written.wrote(actor, remark, where="remark")
    return {"remark": wrote.text[:500], **wrote.columns}


def is_without_cover(known_on: dt.date, budget_year: int) -> bool:
    """Tell whether a cost known on a day comes after the municipal budget of the year is adopted.

    >>> is_without_cover(dt.date(2027, 12, 1), 2028), is_without_cover(dt.date(2028, 1, 1), 2028)
    (False, True)
    """
    return coverage(known_on, year=budget_year).status == "uncovered"


def last_of(row: Initiative, municipality_id: UUID) -> Adoption | None:
    """Return what a municipality last chose for an initiative."""
    rows = Adoption.objects.filter(initiative=row, municipality_id=municipality_id)
    return rows.order_by("-number").first()


def _check(
    row: Initiative,
    choice: str,
    starts_on: dt.date | None,
    ends_on: dt.date | None,
    remark: str,
) -> None:
    if row.state in _CLOSED:
        raise refuse(
            "wrong_state",
            _("The initiative is not open for this in the state it is in."),
            where="state",
            remedy=_("Wait until the initiative is on its way again."),
            status=409,
        )
    if choice not in CHOICES:
        raise refuse(
            "unknown_choice",
            _("Choose to plan, to confirm or to decline."),
            where="choice",
            remedy=_("Choose one of the three."),
        )
    if choice == "declined":
        _check_declined(row, remark)
        return
    _check_window(starts_on, ends_on)
    if choice == "confirmed" and row.state not in CONFIRMABLE:
        raise refuse(
            "not_decided",
            _("The initiative is not decided yet, so the window can only be planned."),
            where="choice",
            remedy=_("Plan the window now and confirm it when the decision is made."),
            status=409,
        )


def _check_declined(row: Initiative, remark: str) -> None:
    if row.legal == "duty":
        raise refuse(
            "duty_declined",
            _("This is a duty by law and cannot be declined."),
            where="choice",
            remedy=_("Plan when it is introduced, and comment if the time is too short."),
            law=row.legal_reference,
            status=409,
        )
    if not remark.strip():
        raise refuse(
            "reason_needed",
            _("To decline needs a reason."),
            where="remark",
            remedy=_("Write in a sentence why the municipality does not take part."),
        )


def _check_window(starts_on: dt.date | None, ends_on: dt.date | None) -> None:
    if starts_on is None or ends_on is None:
        raise refuse(
            "window_needed",
            _("The window needs a first and a last day."),
            where="starts_on" if starts_on is None else "ends_on",
            remedy=_("Write both days."),
        )
    if ends_on < starts_on or ends_on - starts_on > _LONGEST:
        raise refuse(
            "window_backwards",
            _("The window ends before it begins, or is longer than five years."),
            where="ends_on",
            remedy=_("Let the last day be the first day or later."),
        )
    if ends_on < clock.today():
        raise refuse(
            "window_past",
            _("The window is over already."),
            where="ends_on",
            remedy=_("Choose days that are still to come."),
        )
