"""Relevance signed by both sides, KS' statement, comments, and dissent with KS' own figures."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import refuse
from samspill.portfolio import events
from samspill.portfolio.domain import relevance
from samspill.portfolio.domain.states import FINAL, KS, LEAD, MINISTRY, OWNER, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import POSITIONS, Comment, Dissent, Initiative, Relevance
from samspill.portfolio.service import access
from samspill.portfolio.service.views import InitiativeView, standings, view_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from samspill.kernel.actor import Actor

_CLOSED = FINAL | {"registered", "not_relevant"}
_UNITS = ("NOK", "hours", "share", "number")


@transaction.atomic
def sign_relevance(
    actor: Actor,
    *,
    initiative_id: UUID,
    verdict: str,
    criteria: Mapping[str, Mapping[str, Any]],
    remark: str = "",
    answer_by: dt.date | None = None,
) -> InitiativeView:
    """Sign the actor's side's verdict on the version in force; a later signature takes the earlier's place.

    Args:
        verdict: `none`, `minor` or `material`.
        criteria: for every key of `relevance.CRITERIA` `{"yes": bool, "why": text}`.
        answer_by: until when the other side has time; two weeks when not given, never less.

    Returns:
        The initiative with where relevance now stands. The same signature again changes nothing.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`, `wrong_state`, `unknown_verdict`,
            `criterion_unanswered`, `verdict_unexplained`, `too_short_notice`.
    """
    role = role_among(actor, [OWNER, KS])
    side: relevance.Side = "owner" if role == OWNER else "ks"
    row = (
        access.own(actor, initiative_id)
        if side == "owner"
        else access.find(actor, initiative_id, lock=True)
    )
    _is_open(row)
    verdict, answers = _read(verdict, criteria, remark)
    wrote = written.wrote(actor, remark, where="remark")
    until = _notice(answer_by)
    rows = Relevance.objects.filter(initiative=row, version=row.version, side=side)
    last = rows.order_by("-take").first()
    said = {"verdict": verdict, "criteria": answers, "remark": wrote.text, **wrote.columns}
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return view_of(row)
    Relevance.objects.create(
        initiative=row,
        version=row.version,
        side=side,
        take=(last.take if last else 0) + 1,
        **said,
        answer_by=until,
        by_org_no=actor.org_no or "",
        by_person_id=actor.person_id,
        signed_on=clock.today(),
        at=clock.now(),
    )
    standing = standings([row])[row.id].state
    _tell_signed(actor, row, side=side, verdict=verdict, standing=standing, answer_by=until)
    return view_of(row)


@transaction.atomic
def make_statement(
    actor: Actor, *, initiative_id: UUID, position: str, text: str
) -> InitiativeView:
    """Let KS take a position on the figures of the version in force: agree, agree with conditions, or disagree.

    Raises:
        RefusedError: `role_needed`, `not_found`, `wrong_state`, `unknown_position`, `words_needed`.
    """
    role_among(actor, [KS])
    row = access.find(actor, initiative_id, lock=True)
    _is_open(row)
    say(actor, row, kind="statement", position=position, text=text, role=KS)
    return view_of(row)


@transaction.atomic
def comment(actor: Actor, *, initiative_id: UUID, text: str) -> None:
    """Write a comment that is read with the initiative, in public when it is published.

    Raises:
        RefusedError: `role_needed`, `not_found`, `words_needed`.
    """
    role = role_among(actor, [KS, LEAD, OWNER, MINISTRY, SECRETARIAT])
    row = access.find(actor, initiative_id, lock=True)
    say(actor, row, kind="comment", position="", text=text, role=role)


def say(
    actor: Actor,
    row: Initiative,
    *,
    kind: str,
    position: str,
    text: str,
    role: str,
    round_id: UUID | None = None,
) -> None:
    """Add a comment, statement or recommendation; the same words again are not said twice."""
    wrote = _words(actor, text)
    if kind != "comment" and position not in POSITIONS:
        raise refuse(
            "unknown_position",
            _("Choose whether KS agrees, agrees with conditions, or disagrees."),
            where="position",
            remedy=_("Choose one of the three."),
        )
    made = {
        "initiative": row,
        "version": row.version,
        "kind": kind,
        "position": position,
        "text": wrote.text,
        **wrote.columns,
        "round_id": round_id,
        "by_org_no": actor.org_no or "",
        "by_role": role,
    }
    last = Comment.objects.filter(initiative=row, by_org_no=actor.org_no or "").order_by("-at")
    if Comment.objects.filter(pk__in=last.values("pk")[:1]).filter(**made).exists():
        return
    Comment.objects.create(**made, at=clock.now())
    if kind != "comment":
        told = events.StatementMade(
            initiative_id=row.id, version=row.version, kind=kind, position=position
        )
        log.append(told, actor=actor)


@transaction.atomic
def lodge_dissent(
    actor: Actor,
    *,
    initiative_id: UUID,
    text: str,
    figures: Sequence[Mapping[str, Any]] = (),
) -> InitiativeView:
    """Lay KS' own figures beside the owner's, with the reason; it is KS' statement too.

    Args:
        figures: `[{name, unit: NOK|hours|share|number, owner: number|None, ks: number}]`.

    Raises:
        RefusedError: `role_needed`, `not_found`, `wrong_state`, `words_needed`, `bad_figure` (names the row).
    """
    role_among(actor, [KS])
    row = access.find(actor, initiative_id, lock=True)
    _is_open(row)
    wrote = _words(actor, text)
    rows = [_figure(at, one) for at, one in enumerate(figures)]
    last = Dissent.objects.filter(initiative=row, version=row.version).order_by("-at").first()
    said = {"text": wrote.text, "figures": rows, **wrote.columns}
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return view_of(row)
    made = Dissent.objects.create(
        initiative=row,
        version=row.version,
        **said,
        by_org_no=actor.org_no or "",
        at=clock.now(),
    )
    told = events.DissentLodged(initiative_id=row.id, version=row.version, dissent_id=made.id)
    log.append(told, actor=actor)
    return view_of(row)


def _tell_signed(actor: Actor, row: Initiative, **said: Any) -> None:
    told = events.RelevanceSigned(initiative_id=row.id, version=row.version, **said)
    log.append(told, actor=actor)


def _notice(answer_by: dt.date | None) -> dt.date:
    """Return until when the other side has time: two weeks, or longer when asked for."""
    least = relevance.earliest_answer(clock.today())
    if answer_by is not None and answer_by < least:
        raise refuse(
            "too_short_notice",
            _("The other side has at least two weeks."),
            where="answer_by",
            remedy=_("Choose %(day)s or later."),
            values={"day": least.isoformat()},
        )
    return answer_by or least


def _is_open(row: Initiative) -> None:
    if row.state in _CLOSED:
        raise refuse(
            "wrong_state",
            _("The initiative is not open for this in the state it is in."),
            where="state",
            remedy=_("The owner must take it to where relevance is judged."),
            status=409,
        )


def _read(
    verdict: str, criteria: Mapping[str, Mapping[str, Any]], remark: str
) -> tuple[str, dict[str, Any]]:
    """Return verdict and answers, checked."""
    if verdict not in relevance.VERDICTS:
        raise refuse(
            "unknown_verdict",
            _("Choose whether the relevance is none, minor or material."),
            where="verdict",
            remedy=_("Choose one of the three."),
        )
    answers: dict[str, Any] = {}
    for key in relevance.CRITERIA:
        one = criteria.get(key)
        if one is None or not isinstance(one.get("yes"), bool):
            raise refuse(
                "criterion_unanswered",
                _("A criterion is not answered."),
                where=f"criteria.{key}",
                remedy=_("Answer yes or no to every criterion."),
            )
        answers[key] = {"yes": one["yes"], "why": str(one.get("why", "")).strip()[:1000]}
    said_yes = {key: one["yes"] for key, one in answers.items()}
    if relevance.needs_explaining(verdict, said_yes) and not remark.strip():
        raise refuse(
            "verdict_unexplained",
            _("A criterion is answered yes, yet the verdict is that there is no relevance."),
            where="remark",
            remedy=_("Explain why it is still not relevant, or choose another verdict."),
        )
    return verdict, answers


def _words(actor: Actor, text: str) -> written.Wrote:
    return written.wrote(actor, text, where="text", needed=True)


def _figure(at: int, one: Mapping[str, Any]) -> dict[str, Any]:
    name, unit = str(one.get("name", "")).strip()[:200], one.get("unit")
    figures = {side: one.get(side) for side in ("owner", "ks")}
    good = all(
        _is_number(value) for side, value in figures.items() if side == "ks" or value is not None
    )
    if not name or unit not in _UNITS or not good:
        raise refuse(
            "bad_figure",
            _("The row of figures needs a name, a unit and KS' number."),
            where=f"figures[{at}]",
            remedy=_("Fill in the row, or take it away."),
        )
    return {"name": name, "unit": unit, **figures}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
