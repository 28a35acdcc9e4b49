"""What waits for whom: the start page of each role, with deadlines; the reminders say the same by themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from samspill.infra import clock
from samspill.portfolio.domain import guards, states
from samspill.portfolio.domain.relevance import SHORTEST
from samspill.portfolio.domain.states import KS, LEAD, MINISTRY, OWNER, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import (
    Adoption,
    Candidate,
    Evidence,
    Initiative,
    Involvement,
    Representative,
    Round,
)
from samspill.portfolio.service import adopting, depositing, steps, words
from samspill.portfolio.service.views import standings, title_of

if TYPE_CHECKING:
    from uuid import UUID

    from samspill.kernel.actor import Actor

_GOING = tuple(state for state in states.STATES if state not in states.FINAL | {"not_relevant"})
_SOON = dt.timedelta(days=60)


@attrs.frozen(kw_only=True)
class Waiting:
    """One thing that waits for the actor: what (msgid with `values`), where it is done, and until when."""

    kind: str
    text: str
    url: str
    about: str
    until: dt.date | None = None
    values: dict[str, Any] = attrs.field(factory=dict)

    @property
    def is_late(self) -> bool:
        """Tell whether the day has passed."""
        return self.until is not None and self.until < clock.today()


def waiting_for(actor: Actor) -> list[Waiting]:
    """Return what waits for the actor in all of their roles, the earliest deadline first."""
    found: list[Waiting] = []
    for role, gather in _BY_ROLE.items():
        if actor.has_role(role):
            found += gather(actor)
    return sorted(found, key=lambda one: (one.until or dt.date.max, one.about, one.kind))


def _for_owner(actor: Actor) -> list[Waiting]:
    rows = list(Initiative.objects.of_owner(actor.org_no or "-").filter(state__in=_GOING))
    verdicts = standings(rows)
    found = [_next(row) for row in rows]
    found += [
        _piece(
            "sign", _("Sign your verdict on relevance"), row, "relevans/", verdicts[row.id].until
        )
        for row in rows
        if row.state == "relevance"
        and (verdicts[row.id].state == "unsigned" or verdicts[row.id].waiting_for == "owner")
    ]
    untold = Involvement.objects.filter(initiative__in=rows, influences__isnull=True)
    found += [
        _piece(
            "influence",
            _("Tell what changed because of what municipalities raised"),
            one.initiative,
            "medvirkning/",
        )
        for one in untold.select_related("initiative")
    ]
    return [*[one for one in found if one is not None], *_to_enter(rows)]


def _next(row: Initiative) -> Waiting | None:
    """Return the next step of an initiative when nothing hinders it: then only the owner is waited for."""
    if row.state not in states.WAY[:-1]:
        return None
    to = states.WAY[states.WAY.index(row.state) + 1]
    step = states.step(row.state, to)
    if step is None or OWNER not in step.by or guards.missing(to, steps.facts_of(row)):
        return None
    found = _piece("step", _("Nothing hinders the next step: %(step)s"), row, "")
    return attrs.evolve(found, values={"step": words.STEPS[to]})


def _to_enter(rows: list[Initiative]) -> list[Waiting]:
    today = clock.today()
    running = Round.objects.filter(state="open", opens_on__lte=today, deadline__gte=today).first()
    if running is None:
        return []
    entered = Candidate.objects.filter(round=running).values_list("initiative_id", flat=True)
    ready = [
        row for row in rows if row.state in {"assessed", "deferred"} and row.id not in set(entered)
    ]
    return [
        Waiting(
            kind="enter",
            text=_("Can be entered in the round for budget year %(year)s"),
            url=f"/samstyring/runder/{running.id}/",
            about=title_of(row),
            until=running.deadline,
            values={"year": running.budget_year},
        )
        for row in ready
    ]


def _for_ks(actor: Actor) -> list[Waiting]:
    del actor
    rows = list(Initiative.objects.filter(state__in=_GOING).exclude(state="registered"))
    verdicts = standings(rows)
    found = [
        _piece("sign", _("Sign KS' verdict on relevance"), row, "relevans/", verdicts[row.id].until)
        for row in rows
        if row.state == "relevance"
        and (verdicts[row.id].state == "unsigned" or verdicts[row.id].waiting_for == "ks")
    ]
    appointed = set(
        Representative.objects.filter(ended_at__isnull=True).values_list("initiative_id", flat=True)
    )
    found += [
        _piece("appoint", _("Appoint municipalities to speak for the sector"), row, "kommuner/")
        for row in rows
        if row.state == "involved" and row.id not in appointed
    ]
    return found + _to_state(rows)


def _to_state(rows: list[Initiative]) -> list[Waiting]:
    """Return the initiatives whose figures KS has been given and has not stated its view on."""
    open_rows = [row for row in rows if row.state in {"involved", "assessed", "prioritised"}]
    found = []
    for initiative_id, evidence in depositing.newest(open_rows, "assessment").items():
        row = next(one for one in open_rows if one.id == initiative_id)
        facts = depositing.assessment_facts(evidence)
        if facts is None or facts.consulted_on is None or facts.version != row.version:
            continue
        if not steps.has_stated(row):
            until = facts.consulted_on + SHORTEST
            text = _("State KS' view on the figures")
            found.append(_piece("state", text, row, "uttalelse/", until))
    return found


def _for_lead(actor: Actor) -> list[Waiting]:
    if actor.municipality_id is None:
        return []
    rows = Initiative.objects.filter(
        state__in=("assessed", "prioritised", "decided", "agreed", "introducing")
    )
    found = [_window(row, actor.municipality_id) for row in rows]
    speaks = Representative.objects.filter(
        municipality_id=actor.municipality_id,
        ended_at__isnull=True,
        initiative__state__in=("relevance", "involved", "assessed"),
    ).select_related("initiative")
    found += [
        _piece("speak", _("KS has appointed you to speak for the sector"), one.initiative, "")
        for one in speaks
    ]
    return [one for one in found if one is not None]


def _window(row: Initiative, municipality_id: UUID) -> Waiting | None:
    last = adopting.last_of(row, municipality_id)
    if last is None:
        text = _("Look at your own figures and choose a window")
        return _piece("window", text, row, "innforing/", row.window_from)
    if last.choice == "planned" and row.state in adopting.CONFIRMABLE:
        return _piece("confirm", _("Confirm your window"), row, "innforing/", last.starts_on)
    return None


def _for_ministry(actor: Actor) -> list[Waiting]:
    del actor
    found = []
    for one in Round.objects.filter(state="open"):
        late = one.deadline < clock.today()
        text = (
            _("The round for budget year %(year)s is closed for entries: decide it")
            if late
            else _("The round for budget year %(year)s is open for entries")
        )
        found.append(
            Waiting(
                kind="round",
                text=text,
                url=f"/samstyring/runder/{one.id}/",
                about="",
                until=one.deadline,
                values={"year": one.budget_year},
            )
        )
    return found


def _for_secretariat(actor: Actor) -> list[Waiting]:
    del actor
    rows = list(Initiative.objects.filter(state__in=_GOING))
    found = [
        _piece("publish", _("Is not published, though the way has begun"), row, "")
        for row in rows
        if row.published_at is None and row.state != "registered"
    ]
    ahead = [row for row in rows if row.state in {"assessed", "prioritised", "deferred"}]
    for initiative_id, evidence in depositing.newest(ahead, "assessment").items():
        row = next(one for one in ahead if one.id == initiative_id)
        until = _expiry(evidence)
        if until is not None and until <= clock.today() + _SOON:
            text = _("The assumption set of the figures expires")
            found.append(_piece("expires", text, row, "", until))
    return found


def _expiry(evidence: Evidence) -> dt.date | None:
    facts = depositing.assessment_facts(evidence)
    return facts.assumptions_valid_to if facts is not None else None


def _piece(
    kind: str, text: str, row: Initiative, page: str, until: dt.date | None = None
) -> Waiting:
    url = f"/samstyring/tiltak/{row.id}/{page}"
    return Waiting(kind=kind, text=text, url=url, about=title_of(row), until=until)


_BY_ROLE = {
    OWNER: _for_owner,
    KS: _for_ks,
    LEAD: _for_lead,
    MINISTRY: _for_ministry,
    SECRETARIAT: _for_secretariat,
}


def adoptions_of(municipality_id: UUID) -> list[Adoption]:
    """Return what a municipality has chosen last for each initiative, by its first day."""
    last: dict[UUID, Adoption] = {}
    rows = Adoption.objects.filter(municipality_id=municipality_id).select_related("initiative")
    for one in rows.order_by("number"):
        last[one.initiative_id] = one
    return sorted(
        last.values(), key=lambda one: (one.starts_on or dt.date.max, title_of(one.initiative))
    )
