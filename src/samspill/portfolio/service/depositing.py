"""Evidence: what higher rooms and KS lay down about an initiative. Only added to; the last of a kind counts.

What the guards read of each body (all else in it is kept and shown by the room that made it):

    assessment   {assessment_id, status: draft|consulted|agreed|dissent|frozen, version?, lines: n,
                  lines_incomplete: [{name, lacks: [driver|grade|uncertainty]}], municipalities: n,
                  consulted_on?: date, assumption_set: text, assumptions_valid_to?: date, url?,
                  totals?: {name: {unit, mean, p10, p50, p85}}, candidate?: {see `rounds`},
                  introduction?: {cost_nok: {p50, p85}, years}: what the state pays once (see `domain.limits`)}
    ks_figures   {totals: {name: {unit, mean}}, text}
    agreement    {agreement_id, lines_without_payer: [name], gains_without_owner: [name], closes: bool, signed: bool,
                  unsigned: [party], url?}
    gain_plan    {items: [{name, owner, indicator, baseline, target: {year: n}, realised_as}], url?}
    actual       {municipality_id?, line, year, hours?, nok?}
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.canonical import canonical_json, sha256_of
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.portfolio import events
from samspill.portfolio.domain.guards import AgreementFacts, AssessmentFacts, LineLack
from samspill.portfolio.domain.states import KS, LEAD, OWNER, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import Evidence, Initiative
from samspill.portfolio.service import access
from samspill.portfolio.service.views import EvidenceView, evidence_view

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from samspill.kernel.actor import Actor

DEPOSITORS: dict[str, tuple[str, ...]] = {
    "assessment": (OWNER, SECRETARIAT),
    "ks_figures": (KS,),
    "agreement": (OWNER, KS, LEAD, SECRETARIAT),
    "gain_plan": (OWNER, LEAD, SECRETARIAT),
    "actual": (LEAD, OWNER, SECRETARIAT),
}
_LARGEST = 4_000_000
_NEEDED: dict[str, dict[str, type]] = {
    "assessment": {"lines": int, "municipalities": int, "assumption_set": str, "status": str},
    "agreement": {"closes": bool, "signed": bool},
    "ks_figures": {},
    "gain_plan": {"items": list},
    "actual": {},
}
_LISTS = ("lines_incomplete", "lines_without_payer", "gains_without_owner", "unsigned")
_DAYS = ("consulted_on", "assumptions_valid_to")


@transaction.atomic
def deposit(
    actor: Actor, *, initiative_id: UUID, kind: str, body: Mapping[str, Any]
) -> EvidenceView:
    """Lay down evidence about the version in force; the same body again is the same evidence.

    Args:
        kind: `assessment`, `ks_figures`, `agreement`, `gain_plan` or `actual`; the module tells each body's shape.
            A body may name the `version` it is about, when that is not the one in force.

    Raises:
        RefusedError: `role_needed`, `not_found`, `unknown_kind`, `bad_body` (names the place).
    """
    if kind not in DEPOSITORS:
        raise _bad(
            "unknown_kind", "kind", _("“%(kind)s” is not a kind of evidence."), kind=kind[:40]
        )
    role = "system" if actor.kind == "system" else role_among(actor, DEPOSITORS[kind])
    row = access.find(actor, initiative_id, lock=True)
    if role == OWNER:
        access.own(actor, row.id)
    _check(kind, body, row)
    sha256 = sha256_of(dict(body))
    last = Evidence.objects.filter(initiative=row, kind=kind).order_by("-number").first()
    version = body.get("version", row.version)
    if last is not None and last.sha256 == sha256 and last.version == version:
        return evidence_view(last)
    made = Evidence.objects.create(
        initiative=row,
        kind=kind,
        number=(last.number if last else 0) + 1,
        version=version,
        body=dict(body),
        sha256=sha256,
        by_org_no=actor.org_no or "",
        by_role=role,
        at=clock.now(),
    )
    told = events.EvidenceDeposited(
        initiative_id=row.id, version=version, kind=kind, evidence_id=made.id
    )
    log.append(told, actor=actor)
    return evidence_view(made)


def evidence(initiative_id: UUID, kind: str, *, actor: Actor | None = None) -> EvidenceView | None:
    """Return the newest evidence of a kind, or None; what may not be read is refused.

    Rooms above that ask for their own guards' sake pass the actor they act for.
    """
    row = access.find(actor, initiative_id)
    found = newest([row], kind).get(row.id)
    return evidence_view(found) if found is not None else None


def all_evidence(
    initiative_id: UUID, kind: str, *, actor: Actor | None = None
) -> list[EvidenceView]:
    """Return all evidence of a kind, oldest first: nothing that was laid down is ever lost."""
    row = access.find(actor, initiative_id)
    rows = Evidence.objects.filter(initiative=row, kind=kind).order_by("number")
    return [evidence_view(one) for one in rows]


def baselines(
    initiative_id: UUID, *, actor: Actor | None = None
) -> tuple[EvidenceView | None, EvidenceView | None]:
    """Return the first frozen assessment, kept for ever, and the one in force: figures are shown against both."""
    frozen = [
        one
        for one in all_evidence(initiative_id, "assessment", actor=actor)
        if one.body.get("status") == "frozen"
    ]
    return (frozen[0], frozen[-1]) if frozen else (None, None)


def newest(rows: list[Initiative], kind: str) -> dict[UUID, Evidence]:
    """Return the newest evidence of a kind of each initiative that has any; one query."""
    ids = [row.id for row in rows]
    found = Evidence.objects.filter(initiative_id__in=ids, kind=kind)
    last = found.order_by().values("initiative_id").annotate(last=Max("number"))
    numbers = {one["initiative_id"]: one["last"] for one in last}
    return {
        row.initiative_id: row
        for row in found.filter(number__in=set(numbers.values()))
        if numbers[row.initiative_id] == row.number
    }


def assessment_facts(row: Evidence | None) -> AssessmentFacts | None:
    """Return what the guards read of an assessment."""
    if row is None:
        return None
    body = row.body
    return AssessmentFacts(
        version=row.version,
        lines=body["lines"],
        unfinished=tuple(
            LineLack(str(one.get("name", "")), tuple(one.get("lacks", ())))
            for one in body.get("lines_incomplete", ())
        ),
        municipalities=body["municipalities"],
        consulted_on=_day(body, "consulted_on"),
        assumption_set=body["assumption_set"],
        assumptions_valid_to=_day(body, "assumptions_valid_to"),
    )


def agreement_facts(row: Evidence | None) -> AgreementFacts | None:
    """Return what the guards read of an agreement."""
    if row is None:
        return None
    return AgreementFacts(
        lines_without_payer=tuple(map(str, row.body.get("lines_without_payer", ()))),
        gains_without_owner=tuple(map(str, row.body.get("gains_without_owner", ()))),
        closes=row.body["closes"],
        signed=row.body["signed"],
        unsigned=tuple(map(str, row.body.get("unsigned", ()))),
    )


def _day(body: Mapping[str, Any], name: str) -> dt.date | None:
    return dt.date.fromisoformat(body[name]) if body.get(name) else None


def _check(kind: str, body: Mapping[str, Any], row: Initiative) -> None:
    """Refuse a body that the guards could not read, that is too large, or that holds NaN."""
    _check_size(body)
    for name, wanted in _NEEDED[kind].items():
        if not _is_of(body.get(name), wanted):
            raise _bad("bad_body", f"body.{name}", _("This must be given, and of the right kind."))
    for name in _LISTS:
        if not isinstance(body.get(name, []), list):
            raise _bad("bad_body", f"body.{name}", _("This must be a list."))
    for name in _DAYS:
        _check_day(body, name)
    version = body.get("version", row.version)
    if not _is_of(version, int) or not 1 <= version <= row.version:
        raise _bad("bad_body", "body.version", _("The initiative has no such version."))


def _check_size(body: Mapping[str, Any]) -> None:
    try:
        size = len(canonical_json(dict(body)))
    except (TypeError, ValueError):
        message = _("The body holds something JSON has no place for.")
        raise _bad("bad_body", "body", message) from None
    if size > _LARGEST:
        raise _bad("bad_body", "body", _("The body is larger than 4 MB."))


def _is_of(value: Any, wanted: type) -> bool:
    """Tell whether a value is of a kind; a number of things is no truth value and never below zero."""
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, wanted)


def _check_day(body: Mapping[str, Any], name: str) -> None:
    try:
        _day(body, name)
    except (TypeError, ValueError):
        raise _bad(
            "bad_body", f"body.{name}", _("This must be a day, written 2026-01-31.")
        ) from None


def _bad(code: str, where: str, message: str, **values: Any) -> RefusedError:
    remedy = _("Send the shape the page of the room describes.")
    return refuse(code, message, where=where, remedy=remedy, values=values)
