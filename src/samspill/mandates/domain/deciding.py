"""May this person act for that one? The rules R1 to R20; deny is the default.

Before any grant: both parties known, e-ID level, actor alive, self, protected address. Then each grant from
subject to actor is tried by itself (two are never added together, R5), and the one that comes nearest gives the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import lru_cache

from samspill.kernel.periods import OSLO
from samspill.mandates.domain.codes import current, normal
from samspill.mandates.domain.model import (
    EID_LEVELS,
    Decision,
    Grant,
    Obligation,
    Organisation,
    Person,
    Protection,
    Question,
    Reason,
    World,
)

FRESH_HOURS = 24.0
"""Older register data than this is no answer (R17)."""
ADULT, HEALTH_ADULT = 18, 16
HEALTH_OWNERS = frozenset({"helse", "helsenorge", "helfo", "pasientreiser"})
HEALTH_SCOPES = frozenset({"kommune:helseOgOmsorg"})
PARENTAL_TYPES = frozenset({"felles", "mor", "far", "medmor", "andre"})
_NEARNESS = {reason: at for at, reason in enumerate(Reason)}
_STRENGTH = {level: at for at, level in enumerate(EID_LEVELS)}
_HIDDEN = (Protection.CONFIDENTIAL, Protection.CLIENT)


def decide(world: World, question: Question) -> Decision:
    """Answer one question.

    Returns:
        A decision with one reason; of several failing grants, that of the grant nearest to success. Obligations only
        when allowed.
    """
    before = _before_grants(world, question)
    if before is not None:
        return before
    nearest = Reason.NO_GRANT
    for grant in world.between(question.subject, question.actor):
        failure = first_failure(world, grant, question)
        if failure is None:
            owed = _obligations(world, grant, question)
            return Decision(allowed=True, reason=Reason.GRANT, grant_id=grant.id, obligations=owed)
        if _NEARNESS[failure] > _NEARNESS[nearest]:
            nearest = failure
    return Decision(allowed=False, reason=nearest)


def _before_grants(world: World, question: Question) -> Decision | None:
    actor = world.persons.get(question.actor)
    subject = world.persons.get(question.subject) or world.organisations.get(question.subject)
    if actor is None or subject is None:
        return Decision(
            allowed=False, reason=Reason.SOURCE_STALE
        )  # R17: an unknown person is a question for a human
    if _STRENGTH[question.eid_level] < _STRENGTH[question.service_min_eid]:
        return Decision(allowed=False, reason=Reason.EID_TOO_LOW)  # R14
    if actor.is_dead(_day(question)):
        return Decision(allowed=False, reason=Reason.DECEASED)  # R10
    if actor.id == subject.id:
        return Decision(allowed=True, reason=Reason.SELF)  # R1, and R9: one's own use stays open
    theirs = subject.protection if isinstance(subject, Person) else Protection.OPEN
    if Protection.STRICT in (actor.protection, theirs):
        return Decision(
            allowed=False, reason=Reason.PROTECTED_ROUTE
        )  # R9, whether or not a grant exists
    return None


def first_failure(world: World, grant: Grant, question: Question) -> Reason | None:
    """Return the first rule that a grant breaks for a question, or None when it carries it all."""
    for reason, broken in _CHECKS:
        if broken(world, grant, question):
            return reason
    return _failure_of_parent(world, grant, question) if grant.parent else None


def _failure_of_parent(world: World, grant: Grant, question: Question) -> Reason | None:
    """R11: passed on by the agent of a grant that allows it, one step, and never wider than that grant is now."""
    parent = world.by_id.get(grant.parent)
    passed_on_rightly = (
        parent is not None
        and parent.may_delegate
        and not parent.parent
        and parent.grantor == grant.grantor
        and grant.delegated_by == parent.grantee
        and not _outlasts(grant, parent)
    )
    if parent is None or not passed_on_rightly:
        return Reason.NO_GRANT
    return first_failure(world, parent, question)


def _outlasts(grant: Grant, parent: Grant) -> bool:
    earlier = parent.valid_from is not None and (
        grant.valid_from is None or grant.valid_from < parent.valid_from
    )
    later = parent.valid_to is not None and (
        grant.valid_to is None or grant.valid_to > parent.valid_to
    )
    return earlier or later


def covers(world: World, grant: Grant, scope: str, on: dt.date) -> bool:
    """Tell whether a grant's scopes cover a scope (R4, R6, R7).

    A guardian has exactly the listed tasks that are current. Else a scope is covered by itself, by a declared parent of
    it, or by `owner:*` of its own owner; a global `*` covers nothing.
    """
    if grant.kind == "vergemaal":
        return current(scope, on) is not None and normal(scope) in set(map(normal, grant.scopes))
    if grant.kind == "foreldreansvar" and not grant.scopes:
        return True  # parental responsibility is for the whole child
    if grant.kind == "virksomhet" and not grant.scopes and grant.grantor in world.organisations:
        return True  # a role in the register is for the whole organisation
    if scope in grant.scopes and scope != "*":
        return True
    owner, colon, _task = scope.partition(":")
    if colon and owner != "*" and f"{owner}:*" in grant.scopes:
        return True
    return scope in world.scope_parent and any(
        step in grant.scopes for step in _upwards(world, scope) if step != "*"
    )


def _upwards(world: World, scope: str) -> Iterator[str]:
    seen: set[str] = set()
    step: str | None = scope
    while step is not None and step not in seen:
        yield step
        seen.add(step)
        step = world.scope_parent.get(step)


def _day(question: Question) -> dt.date:
    """The date in Norway at the instant asked about (R2)."""
    return _norwegian_day(question.at)


@lru_cache(maxsize=256)
def _norwegian_day(at: dt.datetime) -> dt.date:
    """Every rule asks for the day, and the questions of a list are about one instant."""
    return at.astimezone(OSLO).date()


def age_limit(scope: str) -> int:
    """Return the age from which one acts for oneself within a scope: 16 for health, else 18 (R8, R18)."""
    health = scope.partition(":")[0] in HEALTH_OWNERS or scope in HEALTH_SCOPES
    return HEALTH_ADULT if health else ADULT


def _out_of_scope(world: World, grant: Grant, question: Question) -> bool:
    return not covers(world, grant, question.scope, _day(question))


def _too_low(_world: World, grant: Grant, question: Question) -> bool:
    return question.action not in ("read", grant.level)


def _is_stale(world: World, grant: Grant, _question: Question) -> bool:
    unknown = grant.grantee_org != "" and grant.grantee_org not in world.organisations
    return unknown or not grant.source_current or not grant.source_age_h <= FRESH_HOURS


def _not_yet(world: World, grant: Grant, question: Question) -> bool:
    on = _day(question)
    waits = grant.valid_from is not None and on < grant.valid_from
    return waits or (
        grant.kind == "doedsbo" and not _party(world, grant.grantor).is_dead(on)
    )  # R20


def _expired(_world: World, grant: Grant, question: Question) -> bool:
    return grant.valid_to is not None and _day(question) > grant.valid_to


def _revoked(_world: World, grant: Grant, question: Question) -> bool:
    return grant.revoked_at is not None and question.at >= grant.revoked_at


def _pending(_world: World, grant: Grant, _question: Question) -> bool:
    """R12: two different people vouch for a paper, and neither is the agent. Nobody is made an agent unasked."""
    if not grant.accepted:
        return True
    vouching = (grant.registered_by, grant.confirmed_by)
    four_eyes = all(vouching) and vouching[0] != vouching[1] and grant.grantee not in vouching
    return grant.kind == "fullmakt_papir" and not four_eyes


def _not_in_force(_world: World, grant: Grant, _question: Question) -> bool:
    return grant.kind == "framtidsfullmakt" and not grant.in_force


def _blocked(world: World, grant: Grant, _question: Question) -> bool:
    return grant.is_voluntary and (
        _party(world, grant.grantor).blocks_voluntary
        or _party(world, grant.grantee).blocks_voluntary
    )


def _deceased(world: World, grant: Grant, question: Question) -> bool:
    on = _day(question)
    outlives = grant.kind in ("doedsbo", "virksomhet")  # these go on after the one they are for
    grantor_died = not outlives and _party(world, grant.grantor).is_dead(on)
    gone = any(one.is_deleted(on) for one in _organisations(world, grant))
    return gone or grantor_died or _party(world, grant.grantee).is_dead(on)


def _organisations(world: World, grant: Grant) -> list[Organisation]:
    """Return the organisations that a grant is from or to."""
    if not world.organisations:
        return []
    sides = (grant.grantor, grant.grantee_org)
    return [world.organisations[side] for side in sides if side in world.organisations]


def _wrong_age(world: World, grant: Grant, question: Question) -> bool:
    on, limit = _day(question), age_limit(question.scope)
    grantor, grantee = _party(world, grant.grantor), _party(world, grant.grantee)
    if grant.kind == "foreldreansvar":
        return grantor.age(on) >= limit
    if not grant.is_voluntary:
        return False
    return grantor.age(on) < limit or grantee.age(on) < ADULT


def _only_by_hand(world: World, grant: Grant, question: Question) -> bool:
    """What no machine can decide: unknown parental responsibility, a signature of two, a bankrupt's estate."""
    if grant.kind == "foreldreansvar":
        return grant.parental_type not in PARENTAL_TYPES
    bankrupt = any(one.bankrupt for one in _organisations(world, grant))
    needs_two = grant.joint and question.action != "read"
    return needs_two or (bankrupt and not grant.court_appointed)


def _gives_nothing(_world: World, grant: Grant, _question: Question) -> bool:
    """Vergemålsloven § 94: next of kin may do daily things, but see nothing on behalf of another."""
    return grant.kind == "naerstaaende"


_CHECKS: tuple[tuple[Reason, Callable[[World, Grant, Question], bool]], ...] = (
    (Reason.NO_GRANT, _gives_nothing),
    (Reason.SCOPE, _out_of_scope),
    (Reason.LEVEL, _too_low),
    (Reason.SOURCE_STALE, _is_stale),
    (Reason.NOT_YET_VALID, _not_yet),
    (Reason.EXPIRED, _expired),
    (Reason.REVOKED, _revoked),
    (Reason.PENDING_CONFIRMATION, _pending),
    (Reason.NOT_IN_FORCE, _not_in_force),
    (Reason.PARTY_BLOCKS, _blocked),
    (Reason.DECEASED, _deceased),
    (Reason.AGE, _wrong_age),
    (Reason.MANUAL_ONLY, _only_by_hand),
)


def _party(world: World, person_id: str) -> Person:
    """Return the person; one whom the world does not know counts as dead, so that nothing follows (R17)."""
    known = world.persons.get(person_id)
    if known is not None:
        return known
    return Person(person_id, dt.date.max, dt.date.min, Protection.STRICT, blocks_voluntary=True)


def _is_hidden(world: World, person_id: str) -> bool:
    return _party(world, person_id).protection in _HIDDEN


def _obligations(world: World, grant: Grant, question: Question) -> tuple[Obligation, ...]:
    owed = []
    code = current(question.scope, _day(question)) if grant.kind == "vergemaal" else None
    if code is not None and code.needs_consent:
        owed.append(Obligation.STATSFORVALTER_CONSENT)
    if _is_hidden(world, question.actor) or _is_hidden(world, question.subject):
        owed.append(Obligation.HIDE_ADDRESS)
    return tuple(owed)
