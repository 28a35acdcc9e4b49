"""Decide in one case: a term that was put aside, once more by a person, corrected, counted again; appeals.

The service checks who may and when; here is only what was posted, and the case page afterwards.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from samspill.cases import service
from samspill.cases.models import Decision
from samspill.cases.service import Recalculation
from samspill.cases.web.handling import do, refused, show
from samspill.cases.web.staff import AGENCY, STAFF, kroner
from samspill.identity.service import actor_of, needs
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import Month

_KINDS = {
    "none": gettext_lazy("Counted again: nothing changes."),
    "pay": gettext_lazy("Counted again: %(amount)s more is paid."),
    "reclaim": gettext_lazy(
        "Counted again: %(amount)s too much was paid, and is set off or claimed back."
    ),
    "under_minimum": gettext_lazy(
        "Counted again: the difference is below the smallest amount that is paid."
    ),
    "under_court_fee": gettext_lazy(
        "Counted again: the difference is below the smallest amount that is claimed back."
    ),
}


@needs(role=AGENCY)
@require_POST
def decide(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Decide a term that waits or was put aside."""
    return _decide(
        request,
        case_id,
        lambda actor: service.decide_one(actor, case_id=case_id, term=_term(request)),
    )


@needs(role=AGENCY)
@require_POST
def review(request: HttpRequest, case_id: uuid.UUID, decision_id: uuid.UUID) -> HttpResponseBase:
    """Decide a term once more by a person, with a reason."""
    reason = request.POST.get("reason", "")
    return _decide(
        request,
        case_id,
        lambda actor: service.review_manually(actor, decision_id=decision_id, reason=reason),
    )


@needs(role=STAFF)
@require_POST
def correct(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Decide a rejected term again, since what was wrong has been put right within the time for it."""
    return _decide(
        request,
        case_id,
        lambda actor: service.correct(
            actor, case_id=case_id, term=_term(request), received_on=_day(request)
        ),
    )


@needs(role=AGENCY)
@require_POST
def recalculate(request: HttpRequest, case_id: uuid.UUID) -> HttpResponseBase:
    """Count chosen months again with what the registers say today."""
    try:
        months = [Month.parse(text) for text in request.POST.getlist("terms")]
        found = service.recalculate(actor_of(request), case_id=case_id, months=months)
    except ValueError:
        return show(request, case_id, problem=_("Choose at least one month."), status=422)
    except RefusedError as error:
        return refused(request, case_id, error)
    if not months:
        return show(request, case_id, problem=_("Choose at least one month."), status=422)
    return show(request, case_id, said=_recalculated(found))


def _recalculated(found: Recalculation) -> str:
    amount = kroner(abs(found.difference.amount_ore))
    return str(_KINDS[found.difference.kind]) % {"amount": amount}


@needs(role=STAFF)
@require_POST
def appeal(request: HttpRequest, case_id: uuid.UUID, appeal_id: uuid.UUID) -> HttpResponseBase:
    """Pass an appeal on with what the municipality found out, or settle it at the agency."""
    words = request.POST.get("text", "")
    if "clarify" in request.POST:
        return do(
            request,
            case_id,
            lambda actor: service.clarify_appeal(actor, appeal_id=appeal_id, clarification=words),
            done="appeal",
        )
    changed = request.POST.get("outcome") == "changed"
    return do(
        request,
        case_id,
        lambda actor: service.settle_appeal(
            actor, appeal_id=appeal_id, changed=changed, reason=words
        ),
        done="appeal",
    )


def _decide(
    request: HttpRequest, case_id: uuid.UUID, act: Callable[[Actor], Decision]
) -> HttpResponse:
    """Make one decision, and tell what it came to."""
    try:
        made = act(actor_of(request))
    except RefusedError as error:
        return refused(request, case_id, error)
    said = _("Decided: %(code)s, %(amount)s.") % {
        "code": made.code,
        "amount": kroner(made.amount_ore),
    }
    return show(request, case_id, said=said)


def _term(request: HttpRequest) -> Month:
    try:
        return Month.parse(request.POST.get("term", ""))
    except ValueError:
        raise refuse(
            "bad_term",
            "The month could not be read.",
            where="term",
            remedy="Load the case again and choose the month there.",
        ) from None


def _day(request: HttpRequest) -> dt.date | None:
    text = request.POST.get("received_on", "")
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise refuse(
            "bad_date",
            "The date could not be read.",
            where="received_on",
            remedy="Write it as year, month and day, for example 2026-08-01.",
        ) from None
