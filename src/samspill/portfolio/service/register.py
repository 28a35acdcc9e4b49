"""Register an initiative, change what it says, publish it. Every version is kept word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from django.db import connection, transaction

from samspill.infra import clock, written
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor, role_among
from samspill.kernel.outcome import refuse
from samspill.portfolio import events
from samspill.portfolio.domain import description
from samspill.portfolio.domain.links import contradictions, cycle
from samspill.portfolio.domain.states import FINAL, OWNER, SECRETARIAT
from samspill.portfolio.domain.texts import noop as _
from samspill.portfolio.models import Initiative, InitiativeVersion, Link, Transition
from samspill.portfolio.service import access
from samspill.portfolio.service.views import InitiativeView, title_of, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

_LINKS_LOCK = 5_105_358
_LINK_FIELDS = ("requires", "excludes")


@transaction.atomic
def register(actor: Actor, *, title: str, slug: str = "", **values: Any) -> InitiativeView:
    """Register an initiative of the actor's own organisation, as a working paper in the state `registered`.

    Args:
        title: what it is called; the address is made of it unless `slug` is given.
        values: `summary`, `sector`, `life_event`, `legal` (voluntary|duty), `legal_reference`, `packages`
            `[{package_id, change: creates|changes, title?}]`, `window_from`, `window_to` (dates), `questions`
            (by key of `description.QUESTIONS`), `translations` `{nn|en: {title?, summary?, questions?}}` (the other
            texts are in bokmål), `references` `[{title, url?, question?, language?, titles?}]`, `requires`,
            `excludes`
            (ids of others).

    Raises:
        RefusedError: `role_needed`, `organisation_needed`, and every fault of `description.faults`;
            `requires_cycle`, `contradiction`, `not_found` of the links.
    """
    role_among(actor, [OWNER])
    if not actor.org_no:
        raise refuse(
            "organisation_needed",
            _("You have not chosen an organisation."),
            where="actor",
            remedy=_("Choose the organisation that owns the initiative."),
            status=403,
        )
    links = {name: ids for name in _LINK_FIELDS if (ids := values.pop(name, ()))}
    said = description.read({"title": title, **values})
    now = clock.now()
    row = Initiative.objects.create(
        **_columns(said),
        slug=_free_slug(slug or said.title),
        owner_org_no=actor.org_no,
        state_since=now,
        created_at=now,
        changed_at=now,
    )
    _relink(actor, row, links)
    Transition.objects.create(
        initiative=row,
        number=1,
        to="registered",
        version=1,
        by_org_no=actor.org_no,
        by_role=OWNER,
        by_person_id=actor.person_id,
        at=now,
    )
    _keep_version(actor, row, reason="")
    told = events.InitiativeRegistered(
        initiative_id=row.id, version=1, owner_org_no=row.owner_org_no
    )
    log.append(told, actor=actor)
    return view_of(row)


@transaction.atomic
def edit(
    actor: Actor,
    *,
    initiative_id: UUID,
    values: Mapping[str, Any],
    revision: int | None = None,
    reason: str = "",
) -> InitiativeView:
    """Change what an initiative says; what is not named in `values` stays. A change makes a new version.

    Args:
        revision: the revision the writer saw; None skips the check.
        reason: why, shown in public beside the version; needed once the initiative is published.

    Returns:
        The initiative; unchanged and without a new version when nothing differs.

    Raises:
        RefusedError: those of `register`; `changed_meanwhile`, `ended`, `reason_needed`.
    """
    row = access.own(actor, initiative_id)
    if revision is not None and revision != row.revision:
        raise refuse(
            "changed_meanwhile",
            _("Somebody else has changed the initiative since you opened it."),
            where="revision",
            remedy=_("Open it again; then make your change once more."),
            status=409,
        )
    _may_change(row)
    changed = _apply(actor, row, dict(values))
    if not changed:
        return view_of(row)
    if row.published_at is not None and not reason.strip():
        raise refuse(
            "reason_needed",
            _("The initiative is public, so a change needs a reason."),
            where="reason",
            remedy=_("Write in a sentence what changed and why; it is shown beside the version."),
        )
    row.version += 1
    row.revision += 1
    row.changed_at = clock.now()
    row.save()
    _keep_version(actor, row, reason=reason)
    told = events.InitiativeChanged(
        initiative_id=row.id, version=row.version, fields=tuple(changed)
    )
    log.append(told, actor=actor)
    return view_of(row)


@transaction.atomic
def publish(actor: Actor, *, initiative_id: UUID) -> InitiativeView:
    """Let everybody read the initiative from now on; done twice it is published once.

    Raises:
        RefusedError: `role_needed`, `not_found`, `not_owner`.
    """
    role_among(actor, [OWNER, SECRETARIAT])
    if actor.has_role(SECRETARIAT):
        row = access.find(actor, initiative_id, lock=True)
    else:
        row = access.own(actor, initiative_id)
    if row.published_at is None:
        row.published_at = clock.now()
        row.save(update_fields=["published_at"])
        log.append(
            events.InitiativePublished(initiative_id=row.id, version=row.version), actor=actor
        )
    return view_of(row)


def _may_change(row: Initiative) -> None:
    if row.state in FINAL:
        raise refuse(
            "ended",
            _("The initiative has ended and is not changed any more."),
            where="state",
            remedy=_("Register a new initiative that refers to it."),
            status=409,
        )


def _columns(said: description.Description) -> dict[str, Any]:
    kept = attrs.asdict(said, recurse=False)
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()
    }


def _apply(actor: Actor, row: Initiative, values: dict[str, Any]) -> list[str]:
    """Put the new values in the row and return the names of what differs."""
    links = {name: values.pop(name) for name in _LINK_FIELDS if name in values}
    before = {name: getattr(row, name) for name in description.FIELDS}
    after = _columns(description.read({**before, **values}))
    changed = [name for name in description.FIELDS if before[name] != after[name]]
    for name in changed:
        setattr(row, name, after[name])
    return changed + _relink(actor, row, links)


def _free_slug(title: str) -> str:
    base = description.slug_of(title)
    taken = set(Initiative.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(s for n in range(2, len(taken) + 3) if (s := f"{base}-{n}") not in taken)


def _relink(actor: Actor, row: Initiative, wanted: Mapping[str, Iterable[UUID]]) -> list[str]:
    """Let the links be those wanted, and return the kinds that changed.

    One at a time in the whole register: two that link at once could make a cycle neither of them sees.
    """
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LINKS_LOCK])
    changed = [kind for kind, ids in wanted.items() if _link(actor, row, kind, set(ids))]
    if changed:
        _check_links(row)
    return changed


def _link(actor: Actor, row: Initiative, kind: str, wanted: set[UUID]) -> bool:
    standing = {
        link.other_id: link
        for link in Link.objects.filter(initiative=row, kind=kind, removed_at__isnull=True)
    }
    now = clock.now()
    for other_id in wanted - standing.keys():
        other = access.find(actor, other_id)
        if other.id == row.id:
            raise _refused_cycle((row, row))
        Link.objects.create(initiative=row, kind=kind, other=other, at=now)
    gone = standing.keys() - wanted
    Link.objects.filter(id__in=[standing[one].id for one in gone]).update(removed_at=now)
    return bool(gone or wanted - standing.keys())


def _check_links(row: Initiative) -> None:
    """Refuse a chain of requirements that bites its own tail, and one that requires what it excludes."""
    requires, excludes = standing_links()
    # Begin the search where the change was made, so that the chain that is told begins there.
    own = {row.id: requires[row.id]} if row.id in requires else {}
    chain = cycle({**own, **requires})
    if chain:
        rows = Initiative.objects.in_bulk(set(chain))
        raise _refused_cycle([rows[one] for one in chain])
    against = contradictions(row.id, requires, excludes)
    if against:
        one, other = min(against, key=str)
        rows = Initiative.objects.in_bulk({one, other})
        raise refuse(
            "contradiction",
            _("“%(one)s” and “%(other)s” exclude each other, yet both would be required."),
            where="requires",
            remedy=_("Take away one of the links."),
            values={
                "one": title_of(rows[one]),
                "other": title_of(rows[other]),
                "initiatives": _linked(rows.values()),
            },
        )


def _linked(rows: Iterable[Initiative]) -> list[dict[str, str]]:
    """Return the initiatives a refusal is about, so that a page can lead to each of them once."""
    every = {row.id: title_of(row) for row in rows}
    return [{"id": str(key), "title": title} for key, title in every.items()]


def _refused_cycle(chain: Sequence[Initiative]) -> Exception:
    return refuse(
        "requires_cycle",
        _("The requirements come back to where they began: %(chain)s."),
        where="requires",
        remedy=_("Take away one of the links of the chain."),
        values={"chain": " → ".join(title_of(one) for one in chain), "initiatives": _linked(chain)},
    )


def standing_links() -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    """Return what requires what and what excludes what, both ways for the latter, of links that stand."""
    requires: dict[UUID, list[UUID]] = {}
    excludes: dict[UUID, list[UUID]] = {}
    rows = Link.objects.filter(removed_at__isnull=True).order_by("at", "id")
    for one, kind, other in rows.values_list("initiative_id", "kind", "other_id"):
        if kind == "requires":
            requires.setdefault(one, []).append(other)
        else:
            excludes.setdefault(one, []).append(other)
            excludes.setdefault(other, []).append(one)
    return requires, excludes


def _keep_version(actor: Actor, row: Initiative, *, reason: str) -> None:
    body: dict[str, Any] = {name: getattr(row, name) for name in description.FIELDS}
    for kind in _LINK_FIELDS:
        links = Link.objects.filter(initiative=row, kind=kind, removed_at__isnull=True)
        body[kind] = sorted(links.values_list("other__slug", flat=True))
    for name in ("window_from", "window_to"):
        body[name] = body[name].isoformat() if body[name] else None
    wrote = written.wrote(actor, reason, where="reason")
    InitiativeVersion.objects.create(
        initiative=row,
        number=row.version,
        body=body,
        sha256=sha256_of(body),
        reason=wrote.text[:500],
        **wrote.columns,
        by_org_no=actor.org_no or "",
        by_person_id=actor.person_id,
        at=clock.now(),
    )
