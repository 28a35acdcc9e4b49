"""Read the register: one initiative, the list, and the whole story with every trace. Never locked, whatever goes on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

import attrs
from django.db.models import F, Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from samspill.infra.written import said_of
from samspill.municipalities import service as municipalities
from samspill.portfolio.domain import wording
from samspill.portfolio.domain.states import OWNER, ROLES, SECRETARIAT
from samspill.portfolio.models import (
    Adoption,
    Choice,
    Comment,
    Dissent,
    Evidence,
    Initiative,
    InitiativeVersion,
    Involvement,
    Relevance,
    Representative,
    Transition,
)
from samspill.portfolio.service import access, depositing, steps
from samspill.portfolio.service.views import (
    EvidenceView,
    InitiativeView,
    evidence_view,
    name_of,
    title_of,
    view_of,
    views_of,
)
from samspill.portfolio.service.words import language

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from samspill.kernel.actor import Actor

_LARGEST_PAGE = 200


@attrs.frozen(kw_only=True)
class Filters:
    """What to keep of the register; empty keeps all. `text` is looked for in title and summary, in all languages."""

    text: str = ""
    owner_org_no: str = ""
    sector: str = ""
    life_event: str = ""
    states: tuple[str, ...] = ()
    legal: str = ""
    package_id: str = ""
    municipality_id: UUID | None = None
    public_only: bool = False
    size: int = 50


@attrs.frozen
class Listing:
    """One page of the register, in order of title; `after` is handed back for the next page, None at the end."""

    items: list[InitiativeView]
    after: str | None


@attrs.frozen(kw_only=True)
class Verdict:
    """One side's verdict, with its answers to the criteria."""

    side: str
    version: int
    verdict: str
    criteria: dict[str, dict[str, Any]]
    remark: str
    by: str
    signed_on: dt.date
    answer_by: dt.date


@attrs.frozen(kw_only=True)
class InvolvementView:
    """One involvement: who came, what they raised, and what changed because of it."""

    id: UUID
    version: int
    phase: str
    form: str
    held_on: dt.date
    municipalities: list[str]
    municipality_ids: list[UUID]
    others: str
    raised: str
    influences: list[InfluenceView]
    by: str


@attrs.frozen(kw_only=True)
class InfluenceView:
    """What changed because of an involvement, or that nothing did and why."""

    changed: bool
    text: str
    version: int
    at: dt.datetime


@attrs.frozen(kw_only=True)
class Trace:
    """One step, version, comment, statement or dissent in the public trace."""

    at: dt.datetime
    kind: str
    by: str
    role: str = ""
    version: int = 1
    origin: str = ""
    to: str = ""
    position: str = ""
    text: str = ""
    figures: list[dict[str, Any]] = attrs.field(factory=list)
    body: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class WindowView:
    """A municipality's window for introducing an initiative, as it holds now."""

    municipality_id: UUID
    municipality_no: str
    municipality: str
    choice: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    without_cover: bool
    remark: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class ChosenWindow:
    """The last word of one municipality on one initiative: `planned`, `confirmed` or `declined` (then without days)."""

    initiative_id: UUID
    municipality_id: UUID
    choice: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    without_cover: bool


@attrs.frozen(kw_only=True)
class ChoiceView:
    """What a round suggested and decided for an initiative."""

    round_id: UUID
    budget_year: int
    suggested_start: int | None
    chosen_start: int | None
    reason: str
    by: str
    at: dt.datetime

    @property
    def departs(self) -> bool:
        """Tell whether people departed from the suggestion."""
        return self.suggested_start != self.chosen_start


@attrs.frozen(kw_only=True)
class Story:
    """Everything about one initiative: what it is, each step, each voice, the figures first and now."""

    initiative: InitiativeView
    steps: list[Trace]
    versions: list[Trace]
    verdicts: list[Verdict]
    representatives: list[tuple[UUID, str]]
    involvements: list[InvolvementView]
    dissents: list[Trace]
    comments: list[Trace]
    windows: list[WindowView]
    choices: list[ChoiceView]
    evidence: dict[str, EvidenceView]
    first_baseline: EvidenceView | None
    current_baseline: EvidenceView | None


def get(slug_or_id: str | UUID, *, actor: Actor | None = None) -> InitiativeView:
    """Return an initiative; without an actor only what is published.

    Raises:
        RefusedError: `not_found`, also for what one may not read.
    """
    return view_of(access.find(actor, slug_or_id))


def list_initiatives(
    filters: Filters | None = None, *, after: str | None = None, actor: Actor | None = None
) -> Listing:
    """Return a page of what the actor may read, in order of title; no lock is taken and no round closes it."""
    wanted = filters or Filters()
    rows = _kept(_readable(actor), wanted).annotate(shown=_title_shown())
    if after:
        title, _sep, last = after.rpartition("|")
        rows = rows.filter(Q(shown__gt=title) | Q(shown=title, id__gt=_uuid(last)))
    size = max(1, min(wanted.size, _LARGEST_PAGE))
    found = list(rows.order_by("shown", "id")[: size + 1])
    more = len(found) > size
    page = found[:size]
    cursor = f"{title_of(page[-1])}|{page[-1].id}" if more else None
    return Listing(views_of(page), cursor)


def story(slug_or_id: str | UUID, *, actor: Actor | None = None) -> Story:
    """Return the whole story of an initiative; without an actor only of a published one.

    Raises:
        RefusedError: `not_found`.
    """
    row = access.find(actor, slug_or_id)
    kinds = {one: depositing.newest([row], one).get(row.id) for one in Evidence.KINDS}
    first, current = depositing.baselines(row.id, actor=actor)
    return Story(
        initiative=view_of(row),
        steps=[_step(one) for one in Transition.objects.filter(initiative=row).order_by("number")],
        versions=[
            _version(one)
            for one in InitiativeVersion.objects.filter(initiative=row).order_by("number")
        ],
        verdicts=verdicts_of(row),
        representatives=representatives_of(row),
        involvements=involvements_of(row),
        dissents=[_dissent(one) for one in Dissent.objects.filter(initiative=row).order_by("at")],
        comments=[_comment(one) for one in Comment.objects.filter(initiative=row).order_by("at")],
        windows=windows_of(row),
        choices=_choices(row),
        evidence={kind: evidence_view(one) for kind, one in kinds.items() if one is not None},
        first_baseline=first,
        current_baseline=current,
    )


def windows_of(row: Initiative) -> list[WindowView]:
    """Return each municipality's window as it holds now, by name."""
    last: dict[UUID, Adoption] = {}
    for one in Adoption.objects.filter(initiative=row).order_by("number"):
        last[one.municipality_id] = one
    return sorted((window_view(one) for one in last.values()), key=lambda w: w.municipality)


def chosen_windows(
    *,
    initiative_ids: Iterable[UUID] | None = None,
    municipality_ids: Iterable[UUID] | None = None,
    actor: Actor | None = None,
) -> dict[tuple[UUID, UUID], ChosenWindow]:
    """Return what municipalities have chosen themselves, by (initiative, municipality), in one query.

    Who has not chosen is not in the answer: there the initiative's own window holds. Who has declined is, without
    days, so that nobody counts work there.

    Args:
        initiative_ids, municipality_ids: keep only these; None keeps all.
        actor: without one only windows of published initiatives.
    """
    rows = Adoption.objects.filter(initiative__in=_readable(actor))
    if initiative_ids is not None:
        rows = rows.filter(initiative_id__in=list(initiative_ids))
    if municipality_ids is not None:
        rows = rows.filter(municipality_id__in=list(municipality_ids))
    rows = rows.order_by("initiative_id", "municipality_id", "-number")
    last = rows.distinct("initiative_id", "municipality_id")
    names = [one.name for one in attrs.fields(ChosenWindow)]
    return {
        (one["initiative_id"], one["municipality_id"]): ChosenWindow(**one)
        for one in last.values(*names)
    }


def chosen_window(
    initiative_id: UUID, municipality_id: UUID, *, actor: Actor | None = None
) -> ChosenWindow | None:
    """Return what one municipality has chosen for one initiative; None where it has not chosen."""
    found = chosen_windows(
        initiative_ids=[initiative_id], municipality_ids=[municipality_id], actor=actor
    )
    return found.get((initiative_id, municipality_id))


def window_view(one: Adoption) -> WindowView:
    """Return the view of one municipality's window."""
    place = municipalities.by_id(one.municipality_id)
    return WindowView(
        municipality_id=one.municipality_id,
        municipality_no=place.number if place else "",
        municipality=place.name if place else "",
        choice=one.choice,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        without_cover=one.without_cover,
        remark=said_of(one, one.remark),
        at=one.at,
    )


def verdicts_of(row: Initiative) -> list[Verdict]:
    """Return every signed verdict, oldest first."""
    rows = Relevance.objects.filter(initiative=row).order_by("at")
    return [
        Verdict(
            side=one.side,
            version=one.version,
            verdict=one.verdict,
            criteria=one.criteria,
            remark=said_of(one, one.remark),
            by=name_of(one.by_org_no),
            signed_on=one.signed_on,
            answer_by=one.answer_by,
        )
        for one in rows
    ]


def representatives_of(row: Initiative) -> list[tuple[UUID, str]]:
    """Return the municipalities KS has appointed, as (id, name), by name."""
    rows = Representative.objects.filter(initiative=row, ended_at__isnull=True)
    ids = rows.values_list("municipality_id", flat=True)
    return sorted(((one, place_name(one)) for one in ids), key=lambda pair: pair[1])


def involvements_of(row: Initiative) -> list[InvolvementView]:
    """Return the involvements with what changed because of each, oldest first."""
    rows = (
        Involvement.objects.filter(initiative=row)
        .prefetch_related("participants", "influences")
        .order_by("held_on", "at")
    )
    return [_involvement(one) for one in rows]


def place_name(municipality_id: UUID) -> str:
    """Return a municipality's name today, or empty when it is not known."""
    place = municipalities.by_id(municipality_id)
    return place.name if place is not None else ""


def _involvement(one: Involvement) -> InvolvementView:
    ids = [part.municipality_id for part in one.participants.all()]
    told = sorted(one.influences.all(), key=lambda i: i.at)
    return InvolvementView(
        id=one.id,
        version=one.version,
        phase=one.phase,
        form=one.form,
        held_on=one.held_on,
        municipalities=sorted(place_name(i) for i in ids),
        municipality_ids=ids,
        others=one.others,
        raised=said_of(one, one.raised),
        influences=[
            InfluenceView(changed=i.changed, text=said_of(i, i.text), version=i.version, at=i.at)
            for i in told
        ],
        by=name_of(one.by_org_no),
    )


def _readable(actor: Actor | None) -> QuerySet[Initiative]:
    """Keep what the actor may read; the same rule as `access.may_read`."""
    everything = Initiative.objects.all()
    if actor is None:
        return everything.published()
    if actor.kind == "system" or actor.has_role(SECRETARIAT):
        return everything
    may = Q(published_at__isnull=False)
    if actor.has_role(*ROLES):
        may |= ~Q(state="registered")
    if actor.has_role(OWNER):
        may |= Q(owner_org_no=actor.org_no or "-")
    return everything.filter(may)


def _kept(rows: QuerySet[Initiative], wanted: Filters) -> QuerySet[Initiative]:
    plain = {
        "owner_org_no": wanted.owner_org_no,
        "sector": wanted.sector,
        "life_event": wanted.life_event,
        "legal": wanted.legal,
        "state__in": wanted.states,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted.text.strip():
        text = wanted.text.strip()[:100]
        rows = rows.filter(_says(text))
    if wanted.package_id:
        rows = rows.filter(packages__contains=[{"package_id": wanted.package_id}])
    if wanted.municipality_id is not None:
        rows = rows.filter(
            id__in=Adoption.objects.filter(municipality_id=wanted.municipality_id).values(
                "initiative_id"
            )
        )
    if wanted.public_only:
        rows = rows.filter(published_at__isnull=False)
    return rows


def _says(text: str) -> Q:
    """Keep those with a text in title or summary, whatever language it is written in."""
    asked = Q()
    for name in wording.WORDED:
        asked |= Q(**{f"{name}__icontains": text})
        for other in wording.OTHERS:
            asked |= Q(**{f"translations__{other}__{name}__icontains": text})
    return asked


def _title_shown() -> F | Coalesce:
    """Return the title as the reader sees it, to order by."""
    here = language()
    if here == wording.FIRST:
        return F("title")
    return Coalesce(KT(f"translations__{here}__title"), F("title"), output_field=TextField())


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _step(one: Transition) -> Trace:
    return Trace(
        at=one.at,
        kind="step",
        by=name_of(one.by_org_no),
        role=one.by_role,
        version=one.version,
        origin=one.origin,
        to=one.to,
        text=said_of(one, one.reason),
        body=one.seen,
    )


def _version(one: InitiativeVersion) -> Trace:
    return Trace(
        at=one.at,
        kind="version",
        by=name_of(one.by_org_no),
        version=one.number,
        text=said_of(one, one.reason),
        body=one.body,
    )


def _dissent(one: Dissent) -> Trace:
    return Trace(
        at=one.at,
        kind="dissent",
        by=name_of(one.by_org_no),
        version=one.version,
        text=said_of(one, one.text),
        figures=one.figures,
    )


def _comment(one: Comment) -> Trace:
    return Trace(
        at=one.at,
        kind=one.kind,
        by=name_of(one.by_org_no),
        role=one.by_role,
        version=one.version,
        position=one.position,
        text=said_of(one, one.text),
    )


def _choices(row: Initiative) -> list[ChoiceView]:
    rows: Iterable[Choice] = (
        Choice.objects.filter(candidate__initiative=row).select_related("round").order_by("at")
    )
    return [
        ChoiceView(
            round_id=one.round_id,
            budget_year=one.round.budget_year,
            suggested_start=one.suggested_start,
            chosen_start=one.chosen_start,
            reason=said_of(one, one.reason),
            by=name_of(one.by_org_no),
            at=one.at,
        )
        for one in rows
    ]


def steps_for(slug_or_id: str | UUID, actor: Actor) -> list[Any]:
    """Return the steps the actor may ask for now."""
    return list(steps.next_steps(access.find(actor, slug_or_id), actor))
