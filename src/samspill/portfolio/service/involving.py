"""Who speaks for the municipalities, what they raised, and what changed because of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.kernel.actor import role_among
from samspill.kernel.outcome import RefusedError, refuse
from samspill.municipalities import service as municipalities
from samspill.portfolio import events
from samspill.portfolio.domain import representativeness as likeness
from samspill.portfolio.domain.states import FINAL, KS, OWNER
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import (
    FORMS,
    PHASES,
    Influence,
    Initiative,
    Involvement,
    Participant,
    Representative,
)
from samspill.portfolio.service import access
from samspill.portfolio.service.reading import InvolvementView, involvements_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from samspill.kernel.actor import Actor

Vendors = Callable[[UUID], dict[UUID, str]]
_vendors: list[Vendors] = []


def use_vendors(find: Vendors) -> None:
    """Say how to know the vendor of each municipality's specialist system (wired in `site`: impact knows it)."""
    _vendors[:] = [find]


@transaction.atomic
def appoint(
    actor: Actor, *, initiative_id: UUID, municipality_ids: Collection[UUID], reason: str = ""
) -> list[UUID]:
    """Let KS say which municipalities speak for the sector; the list given is the whole list from now on.

    Raises:
        RefusedError: `role_needed`, `not_found`, `ended`, `unknown_municipality`.
    """
    role_among(actor, [KS])
    row = access.find(actor, initiative_id, lock=True)
    _is_going_on(row)
    wanted = set(map(_known, municipality_ids))
    standing = Representative.objects.filter(initiative=row, ended_at__isnull=True)
    have = set(standing.values_list("municipality_id", flat=True))
    now = clock.now()
    standing.filter(municipality_id__in=have - wanted).update(ended_at=now)
    Representative.objects.bulk_create(
        Representative(
            initiative=row,
            municipality_id=one,
            reason=reason.strip()[:300],
            by_org_no=actor.org_no or "",
            at=now,
        )
        for one in sorted(wanted - have, key=str)
    )
    if wanted != have:
        told = events.RepresentativesAppointed(
            initiative_id=row.id,
            version=row.version,
            municipality_ids=tuple(sorted(wanted, key=str)),
        )
        log.append(told, actor=actor)
    return sorted(wanted, key=str)


@transaction.atomic
def involve(
    actor: Actor,
    *,
    initiative_id: UUID,
    phase: str,
    form: str,
    held_on: dt.date,
    raised: str,
    municipality_ids: Collection[UUID] = (),
    others: str = "",
) -> InvolvementView:
    """Record that municipalities were involved: phase, form, day, who, and what they raised.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`, `ended`, `unknown_choice`, `words_needed`,
            `future_day`, `unknown_municipality`, `nobody_involved`.
    """
    role = role_among(actor, [OWNER, KS])
    row = (
        access.own(actor, initiative_id)
        if role == OWNER
        else access.find(actor, initiative_id, lock=True)
    )
    _is_going_on(row)
    _check_involvement(phase, form, held_on)
    ids = sorted({_known(one) for one in municipality_ids}, key=str)
    if not ids and not others.strip():
        raise _fault(
            "nobody_involved",
            "municipality_ids",
            _("Nobody is named."),
            _("Name the municipalities that took part, or who else did."),
        )
    made = Involvement.objects.create(
        initiative=row,
        version=row.version,
        phase=phase,
        form=form,
        held_on=held_on,
        others=others.strip()[:300],
        **_raised(actor, raised),
        by_org_no=actor.org_no or "",
        at=clock.now(),
    )
    Participant.objects.bulk_create(
        Participant(involvement=made, municipality_id=one) for one in ids
    )
    told = events.InvolvementRecorded(
        initiative_id=row.id,
        version=row.version,
        involvement_id=made.id,
        phase=phase,
        form=form,
        municipality_ids=tuple(ids),
    )
    log.append(told, actor=actor)
    return next(one for one in involvements_of(row) if one.id == made.id)


def _raised(actor: Actor, raised: str) -> dict[str, Any]:
    wrote = written.wrote(actor, raised, where="raised", needed=True)
    return {"raised": wrote.text, **wrote.columns}


@transaction.atomic
def record_influence(
    actor: Actor, *, involvement_id: UUID, changed: bool, text: str
) -> InvolvementView:
    """Tell what changed because of an involvement, or that nothing did and why. Said again it is added, never replaced.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`, `words_needed`.
    """
    role_among(actor, [OWNER])
    found = Involvement.objects.filter(id=involvement_id).first()
    if found is None:
        raise access.not_found()
    row = access.own(actor, found.initiative_id)
    wrote = written.wrote(actor, text, where="text", needed=True)
    said = {"changed": changed, "text": wrote.text, **wrote.columns}
    if not Influence.objects.filter(involvement=found, **said).exists():
        Influence.objects.create(
            involvement=found,
            **said,
            version=row.version,
            by_org_no=actor.org_no or "",
            at=clock.now(),
        )
        told = events.InfluenceRecorded(
            initiative_id=row.id,
            version=row.version,
            involvement_id=found.id,
            changed=changed,
        )
        log.append(told, actor=actor)
    return next(one for one in involvements_of(row) if one.id == involvement_id)


def representativeness(initiative_id: UUID, *, actor: Actor | None = None) -> likeness.Comparison:
    """Return those appointed or involved beside the country, in every dimension; ids are UUIDs as text.

    Raises:
        RefusedError: `not_found`.
    """
    row = access.find(actor, initiative_id)
    return likeness.compare(country(row.id), {str(one) for one in spoken_for(row)})


def propose_sample(
    initiative_id: UUID, *, size: int, keep: bool = True, actor: Actor | None = None
) -> likeness.Comparison:
    """Return a proposed stratified sample beside the country; with `keep` those already chosen are in it.

    Raises:
        RefusedError: `not_found`, `bad_sample_size`.
    """
    row = access.find(actor, initiative_id)
    places = country(row.id)
    kept = {str(one) for one in spoken_for(row)} if keep else set()
    chosen = likeness.propose(places, wanted=size, keep=kept, seed=str(row.id))
    return likeness.compare(places, {one.id for one in chosen})


def spoken_for(row: Initiative) -> set[UUID]:
    """Return the municipalities that are appointed or have taken part."""
    appointed = Representative.objects.filter(initiative=row, ended_at__isnull=True)
    took_part = Participant.objects.filter(involvement__initiative=row)
    return {
        *appointed.values_list("municipality_id", flat=True),
        *took_part.values_list("municipality_id", flat=True),
    }


def country(initiative_id: UUID) -> list[likeness.Place]:
    """Return every municipality of today with its class in each dimension."""
    vendors = _vendors[0](initiative_id) if _vendors else {}
    return [_place(one, vendors) for one in municipalities.all_current()]


def _place(one: municipalities.Municipality, vendors: dict[UUID, str]) -> likeness.Place:
    people = int(_newest(one.id, "population") or 0)
    form = str(_newest(one.id, "language_form") or "")
    sami = _newest(one.id, "sami_administrative_area") == "ja"
    return likeness.Place(
        id=str(one.id),
        name=one.label,
        inhabitants=people,
        classes={
            "size": likeness.size_class(people),
            "centrality": str(_newest(one.id, "centrality_class") or ""),
            "county": one.county,
            "language": "samisk" if sami else form,
            "vendor": vendors.get(one.id, ""),
        },
    )


def _newest(municipality_id: UUID, key: str) -> Any:
    known = [one for one in municipalities.figures(municipality_id) if one.key == key]
    return max(known, key=lambda one: one.year).value if known else None


def _is_going_on(row: Initiative) -> None:
    if row.state in FINAL:
        raise refuse(
            "ended",
            _("The initiative has ended and is not changed any more."),
            where="state",
            remedy=_("Register a new initiative that refers to it."),
            status=409,
        )


def _check_involvement(phase: str, form: str, held_on: dt.date) -> None:
    for name, value, choices in (("phase", phase, PHASES), ("form", form, FORMS)):
        if value not in choices:
            raise _fault(
                "unknown_choice",
                name,
                _("“%(value)s” is not one of the choices."),
                _("Choose one of the list."),
                value=value[:60],
            )
    if held_on > clock.today():
        raise _fault(
            "future_day",
            "held_on",
            _("The day has not come yet; what has happened is recorded here."),
            _("Record it when it has been held."),
        )


def _known(municipality_id: UUID) -> UUID:
    if municipalities.by_id(municipality_id) is None:
        raise _fault(
            "unknown_municipality",
            "municipality_ids",
            _("There is no municipality with that identifier today."),
            _("Choose from the list of municipalities."),
        )
    return municipality_id


def _fault(code: str, where: str, message: str, remedy: str, **values: Any) -> RefusedError:
    return refuse(code, message, where=where, remedy=remedy, values=values)
