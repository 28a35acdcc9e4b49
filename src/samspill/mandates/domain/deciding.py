"""May this person act for that one? The rules R1 to R20; deny is the default.

Before any grant: both parties known, e-ID level, actor alive, self, protected address. Then each grant from
subject to actor is tried by itself (two are never added together, R5), and the one that comes nearest gives the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import attrs

from samspill.kernel.periods import OSLO
from samspill.mandates.domain.codes import GuardianCode, current, normal
from samspill.mandates.domain.model import (
    EID_LEVELS,
    VOLUNTARY,
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
_HIDDEN = frozenset({Protection.CONFIDENTIAL, Protection.CLIENT})
_SELF, _YES = Decision(allowed=True, reason=Reason.SELF), True
_NO = {reason: Decision(allowed=False, reason=reason) for reason in Reason}
_EID_TOO_LOW, _DECEASED = _NO[Reason.EID_TOO_LOW], _NO[Reason.DECEASED]
_STALE, _PROTECTED_ROUTE = _NO[Reason.SOURCE_STALE], _NO[Reason.PROTECTED_ROUTE]
_NO_GRANT, _GRANT, _STRICT = Reason.NO_GRANT, Reason.GRANT, Protection.STRICT
Firms = tuple[Organisation, ...]


@attrs.frozen
class _Asked:
    """What the rules need of a question, worked out once for all in a list that differ only in whom they are about.

    on: the date in Norway at the instant asked about (R2). strength, demanded: the login's level, and the service's.
    covering: the scopes of a mandate that give the scope asked about. task: the guardian's task that it is, if it is
    one on that date. for_oneself, adult: the last birthdays of those who are old enough on that date to act for
    themselves within the scope, and for another.
    """

    scope: str
    action: str
    at: dt.datetime
    on: dt.date
    strength: int
    demanded: int
    covering: frozenset[str]
    task: GuardianCode | None
    for_oneself: dt.date
    adult: dt.date


def decide(world: World, question: Question) -> Decision:
    """Answer one question.

    Returns:
        A decision with one reason; of several failing grants, that of the grant nearest to success. Obligations only
        when allowed.
    """
    return _decide(world, question, _asked(world, question))


def decide_all(world: World, questions: Sequence[Question]) -> list[Decision]:
    """Answer many questions in order, each as `decide` does."""
    known: dict[tuple[object, ...], _Asked] = {}
    answers = []
    for one in questions:
        key = (one.scope, one.action, one.at, one.eid_level, one.service_min_eid)
        asked = known.get(key)
        if asked is None:
            asked = known[key] = _asked(world, one)
        answers.append(_decide(world, one, asked))
    return answers


def _asked(world: World, question: Question) -> _Asked:
    on, scope = question.at.astimezone(OSLO).date(), question.scope
    return _Asked(
        scope,
        question.action,
        question.at,
        on,
        _STRENGTH[question.eid_level],
        _STRENGTH[question.service_min_eid],
        _covering(scope, world.scope_parent),
        current(scope, on),
        born_by(on, age_limit(scope)),
        born_by(on, ADULT),
    )


def _decide(world: World, question: Question, asked: _Asked) -> Decision:
    persons = world.persons
    actor = persons.get(question.actor)
    giver = persons.get(question.subject)
    subject = giver or world.organisations.get(question.subject)
    if actor is None or subject is None:
        return _STALE  # R17: an unknown person is a question for a human
    before = _before_grants(actor, subject, asked)
    if before is not None:
        return before
    nearest = _NO_GRANT
    for grant in world.by_pair.get((subject.id, actor.id), ()):
        failure = _failure_between(giver or _unknown(subject.id), actor, world, grant, asked)
        if failure is None:
            owed = _obligations(grant, actor, subject, asked)
            return Decision(_YES, _GRANT, grant.id, owed)
        if _NEARNESS[failure] > _NEARNESS[nearest]:
            nearest = failure
    return _NO[nearest]


def _before_grants(actor: Person, subject: Person | Organisation, asked: _Asked) -> Decision | None:
    if asked.strength < asked.demanded:
        return _EID_TOO_LOW  # R14
    if actor.is_dead(asked.on):
        return _DECEASED  # R10
    if actor.id == subject.id:
        return _SELF  # R1, and R9: one's own use stays open
    if actor.protection is _STRICT or subject.protection is _STRICT:
        return _PROTECTED_ROUTE  # R9, whether or not a grant exists
    return None


def first_failure(world: World, grant: Grant, question: Question) -> Reason | None:
    """Return the first rule that a grant breaks for a question, or None when it carries it all."""
    return _first_failure(world, grant, _asked(world, question))


def _first_failure(world: World, grant: Grant, asked: _Asked) -> Reason | None:
    giver = world.persons.get(grant.grantor) or _unknown(grant.grantor)
    agent = world.persons.get(grant.grantee) or _unknown(grant.grantee)
    return _failure_between(giver, agent, world, grant, asked)


def _failure_between(
    giver: Person, agent: Person, world: World, grant: Grant, asked: _Asked
) -> Reason | None:
    firms = _organisations(world, grant) if world.organisations else ()
    failure = (
        _failure_of_reach(asked, grant, firms)
        or _failure_of_time(asked, grant, giver)
        or _failure_of_parties(asked, grant, giver, agent, firms)
    )
    if failure is None and grant.parent:
        return _failure_of_parent(world, grant, asked)
    return failure


def _failure_of_parent(world: World, grant: Grant, asked: _Asked) -> Reason | None:
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
    return _first_failure(world, parent, asked)


def _outlasts(grant: Grant, parent: Grant) -> bool:
    earlier = parent.valid_from is not None and (
        grant.valid_from is None or grant.valid_from < parent.valid_from
    )
    later = parent.valid_to is not None and (
        grant.valid_to is None or grant.valid_to > parent.valid_to
    )
    return earlier or later


def covers(world: World, grant: Grant, scope: str, on: dt.date) -> bool:
    """Tell whether a grant's scopes cover a scope on a date (R4, R6, R7).

    A guardian has exactly the listed tasks that are current. Else a scope is covered by itself, by a declared parent of
    it, or by `owner:*` of its own owner; a global `*` covers nothing.
    """
    covering = _covering(scope, world.scope_parent)
    return _is_covered(grant, covering, current(scope, on), _organisations(world, grant))


def _is_covered(
    grant: Grant, covering: frozenset[str], task: GuardianCode | None, firms: Firms
) -> bool:
    if grant.kind == "vergemaal":
        return task is not None and task.code in set(map(normal, grant.scopes))
    if not grant.scopes:
        if grant.kind == "foreldreansvar":
            return True  # parental responsibility is for the whole child
        # A role in the register is for the whole organisation.
        return grant.kind == "virksomhet" and _among(firms, grant.grantor)
    return not covering.isdisjoint(grant.scopes)


def _covering(scope: str, parents: Mapping[str, str]) -> frozenset[str]:
    found: set[str] = set()
    step: str | None = scope
    while step is not None and step not in found:
        found.add(step)
        step = parents.get(step)
    owner, colon, _task = scope.partition(":")
    if colon and owner != "*":
        found.add(f"{owner}:*")
    return frozenset(found - {"*"})


def age_limit(scope: str) -> int:
    """Return the age from which one acts for oneself within a scope: 16 for health, else 18 (R8, R18)."""
    health = scope.partition(":")[0] in HEALTH_OWNERS or scope in HEALTH_SCOPES
    return HEALTH_ADULT if health else ADULT


def born_by(on: dt.date, years: int) -> dt.date:
    """Return the last birthday of those who are so many years old on a date (`Person.age`).

    >>> born_by(dt.date(2028, 2, 29), 18), born_by(dt.date(2028, 2, 29), 16)
    (datetime.date(2010, 2, 28), datetime.date(2012, 2, 29))
    """
    if on.year <= years:
        return dt.date.min
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # the leap day, in a year without one
        return on.replace(year=on.year - years, day=28)


# ── the rules, in the order of the reasons: which is the first that a grant breaks ───────────────
#
# They are given by place, and what is nearly always so is asked first, for a list asks them a hundred times over.


def _failure_of_reach(asked: _Asked, grant: Grant, firms: Firms) -> Reason | None:
    """What the mandate gives, and whether that is known today."""
    if grant.kind == "naerstaaende":
        # Vergemålsloven § 94: next of kin may do daily things, but see nothing on behalf of another.
        return Reason.NO_GRANT
    if not _is_covered(grant, asked.covering, asked.task, firms):
        return Reason.SCOPE
    if asked.action not in ("read", grant.level):
        return Reason.LEVEL
    unknown = grant.grantee_org != "" and not _among(firms, grant.grantee_org)
    if unknown or not grant.source_current or not grant.source_age_h <= FRESH_HOURS:
        return Reason.SOURCE_STALE
    return None


def _failure_of_time(asked: _Asked, grant: Grant, giver: Person) -> Reason | None:
    """Whether the mandate has begun, still stands, and has taken effect."""
    waits = grant.valid_from is not None and asked.on < grant.valid_from
    if waits or (grant.kind == "doedsbo" and not giver.is_dead(asked.on)):  # R20
        return Reason.NOT_YET_VALID
    if grant.valid_to is not None and asked.on > grant.valid_to:
        return Reason.EXPIRED
    if grant.revoked_at is not None and asked.at >= grant.revoked_at:
        return Reason.REVOKED
    if not grant.accepted or (grant.kind == "fullmakt_papir" and not _is_vouched_for(grant)):
        return Reason.PENDING_CONFIRMATION  # nobody is made an agent unasked
    if grant.kind == "framtidsfullmakt" and not grant.in_force:
        return Reason.NOT_IN_FORCE
    return None


def _is_vouched_for(grant: Grant) -> bool:
    """R12: two different people vouch for a paper, and neither is the agent."""
    vouching = (grant.registered_by, grant.confirmed_by)
    return all(vouching) and vouching[0] != vouching[1] and grant.grantee not in vouching


def _failure_of_parties(
    asked: _Asked, grant: Grant, giver: Person, agent: Person, firms: Firms
) -> Reason | None:
    """Who the two are, and what only a human can decide about them."""
    voluntary = grant.kind in VOLUNTARY
    if voluntary and (giver.blocks_voluntary or agent.blocks_voluntary):
        return Reason.PARTY_BLOCKS
    all_there = agent.died is None and giver.died is None and not firms
    if not all_there and _is_over(asked.on, grant, giver, agent, firms):
        return Reason.DECEASED
    if voluntary:
        wrong_age = giver.born > asked.for_oneself or agent.born > asked.adult
    else:
        wrong_age = grant.kind == "foreldreansvar" and giver.born <= asked.for_oneself
    if wrong_age:
        return Reason.AGE
    if _only_by_hand(asked, grant, firms):
        return Reason.MANUAL_ONLY
    if asked.strength < _STRENGTH[grant.min_eid]:
        return (
            Reason.EID_TOO_LOW
        )  # R14 for one grant: its source demands a stronger login than this one
    return None


def _is_over(on: dt.date, grant: Grant, giver: Person, agent: Person, firms: Firms) -> bool:
    if agent.is_dead(on) or any(one.is_deleted(on) for one in firms):
        return True
    # Some go on after the one they are for.
    return giver.is_dead(on) and grant.kind not in ("doedsbo", "virksomhet")


def _only_by_hand(asked: _Asked, grant: Grant, firms: Firms) -> bool:
    """What no machine can decide: unknown parental responsibility, a signature of two, a bankrupt's estate."""
    if grant.kind == "foreldreansvar":
        return grant.parental_type not in PARENTAL_TYPES
    if grant.joint and asked.action != "read":
        return True
    return bool(firms) and not grant.court_appointed and any(one.bankrupt for one in firms)


def _unknown(person_id: str) -> Person:
    """Return a person whom the world does not know: counts as dead, so that nothing follows (R17)."""
    return Person(person_id, dt.date.max, dt.date.min, Protection.STRICT, blocks_voluntary=True)


def _organisations(world: World, grant: Grant) -> Firms:
    """Return the organisations that a grant is from or to."""
    sides = (grant.grantor, grant.grantee_org)
    return tuple(world.organisations[side] for side in sides if side in world.organisations)


def _among(firms: Firms, organisation_id: str) -> bool:
    return any(one.id == organisation_id for one in firms)


def _obligations(
    grant: Grant, actor: Person, subject: Person | Organisation, asked: _Asked
) -> tuple[Obligation, ...]:
    owed: tuple[Obligation, ...] = ()
    if grant.kind == "vergemaal" and asked.task is not None and asked.task.needs_consent:
        owed = (Obligation.STATSFORVALTER_CONSENT,)
    if actor.protection in _HIDDEN or subject.protection in _HIDDEN:
        owed += (Obligation.HIDE_ADDRESS,)
    return owed
