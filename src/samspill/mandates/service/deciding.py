"""The decision point over the database: the very rules of `domain.deciding`, over what one statement reads.

    decide          one question            decide_many     many, with one statement
    decide_fresh    one, after asking the registers when what they said is missing, old, or does not carry
    hold            one inside the caller's transaction, with the grant's row locked until it commits

A question's actor and subject are our identifiers of persons, as text. Whoever is not known, or whose facts are older
than a day, is answered `SOURCE_STALE`: never open by failure (R17).
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs
from django.conf import settings

from samspill.infra import clock, sql
from samspill.infra.prepared import Ids
from samspill.kernel.actor import Actor
from samspill.mandates.domain import deciding
from samspill.mandates.domain.deciding import FRESH_HOURS
from samspill.mandates.domain.model import (
    Decision,
    EidLevel,
    Grant,
    Level,
    Organisation,
    Person,
    Protection,
    Question,
    Reason,
    World,
    ordinary,
)
from samspill.mandates.domain.reading import as_json, read_question
from samspill.mandates.domain.roles import PREFIX
from samspill.mandates.domain.scopes import scope_parents
from samspill.mandates.service import altinn, facts, roles, sources

_OWN = "samspill"
# Both persons and the grants straight between them. The database gives what concerns the pairs asked about and nothing
# else, whoever asks (migrations 0006, 0009). One pair has a statement of its own, whose plan PostgreSQL keeps: a row
# for each grant, and one without a grant when there is none. Of a list come a row for each person and each grant.
_USUAL_OF_ONE = "SELECT * FROM mandates_usual_of_pair(%s::uuid, %s::uuid, %s)"
_USUAL_OF_MANY = "SELECT * FROM mandates_usual_of_pairs(%s, %s, %s::int[], %s::int[], %s)"
# The same of pairs that have more. A grant that was passed on brings the one it was passed on from, with what is known
# of its agent; a grant to an organisation stands for its named users, and brings what Enhetsregisteret said of it.
_WHOLE = (
    "SELECT * FROM mandates_of_pair(%s::uuid, %s::uuid, %s)",
    "SELECT * FROM mandates_of_pairs(%s::uuid[], %s::uuid[], %s)",
)
# The same of an actor and an organisation: what Enhetsregisteret said of it, and the actor's roles in it.
_SELECT_ROLES = "SELECT * FROM mandates_roles_of_pairs(%s::uuid[], %s::text[], %s)"
# The grant, and the one it was passed on from: what a withdrawal would write is held until the caller commits.
_KEEP = "SELECT mandates_keep(%s)"


@attrs.frozen
class Held:
    """A decision that stands until the transaction ends: the grant can not be withdrawn before it commits."""

    decision: Decision
    grant_id: uuid.UUID | None
    scope: str


def decide(question: Question) -> Decision:
    """Answer one question with one statement."""
    return decide_many([question])[0]


def decide_many(questions: Sequence[Question]) -> list[Decision]:
    """Answer many questions, in order, with one statement over the pairs that they are about.

    Pairs between which a mandate was passed on, or whose actor is a named user of an organisation, take a second
    statement; so do subjects that are organisations (`0192:` and the number).
    """
    asked = [(one.actor, one.subject) for one in questions]
    pairs = dict.fromkeys(asked)
    persons = _of_persons(pairs)
    usual, apart = _worlds(persons)
    if len(persons) < len(pairs):
        apart |= _organisation_worlds([pair for pair in pairs if _is_of_organisation(*pair)])
    found = deciding.decide_all(usual, questions)
    for at, pair in enumerate(asked) if apart else ():
        if pair in apart:
            found[at] = deciding.decide(apart[pair], questions[at])
    return found


def decide_stored_json(query: Any, *, now: dt.datetime) -> dict[str, Any]:
    """Answer one AuthZEN evaluation over the installation's own grants; ids are our identifiers of persons.

    Raises:
        RefusedError: the query lacks a field, or one is of the wrong kind.
    """
    question = read_question(query, now=now)
    if (
        settings.SAMSPILL["environment"] != "production"
    ):  # ids of an imported world are understood too
        refs = [question.actor, question.subject]
        found = dict(sql.rows(_IMPORTED, [refs]))
        actor, subject = (str(found.get(ref, ref)) for ref in refs)
        question = attrs.evolve(question, actor=actor, subject=subject)
    return as_json(decide(question))


_IMPORTED = "SELECT ref, person_id FROM mandates_imported WHERE ref = ANY(%s)"


def decide_fresh(actor: Actor, question: Question) -> Decision:
    """Answer one question; ask the registers first about a party of whom nothing fresh is known.

    Altinn is asked when nothing that is held carries, about a scope that it has a resource for.
    Must not be called inside a transaction: registers are asked with no row locked.
    """
    facts.freshen(actor, [_id(one) for one in (question.actor, question.subject)])
    if _is_of_organisation(question.actor, question.subject):
        roles.freshen(actor, [question.subject.removeprefix(PREFIX)])
    found, silent = decide(question), False
    if may_lie_in_altinn(question, found):
        silent = not ask_altinn(actor, question)
        found = decide(question)
    return _as_far_as_known(found, question, silent=silent)


_FARTHER = frozenset({Reason.NO_GRANT, Reason.SCOPE, Reason.LEVEL})
_ANOTHER_MAY_CARRY = _FARTHER | {
    Reason.SOURCE_STALE,
    Reason.NOT_YET_VALID,
    Reason.EXPIRED,
    Reason.REVOKED,
    Reason.PENDING_CONFIRMATION,
    Reason.NOT_IN_FORCE,
}
"""Refusals of the mandates held here that a right given elsewhere would mend; the others are about the persons."""


def may_lie_in_altinn(question: Question, found: Decision) -> bool:
    """Tell whether Altinn must be asked before a refusal is known: a right given there would mend it."""
    return found.reason in _ANOTHER_MAY_CARRY and sources.altinn_may_know(question.scope)


def unknown(found: Decision) -> Decision:
    """Return the refusal when a source that might know of a mandate was silent (R17)."""
    if found.reason not in _FARTHER:
        return found
    return Decision(allowed=False, reason=Reason.SOURCE_STALE)


def ask_altinn(actor: Actor, question: Question) -> bool:
    """Ask Altinn about the two persons of a question; tell whether it answered. Not inside a transaction."""
    agent, giver = _id(question.actor), _id(question.subject)
    if agent is None or giver is None:
        return True  # of organisations Enhetsregisteret tells
    return altinn.fetch(actor, agent=agent, giver=giver)


def _as_far_as_known(found: Decision, question: Question, *, silent: bool) -> Decision:
    """A no for want of a mandate is not known when a source that might know of one is silent or not asked (R17)."""
    if silent or found.reason not in _FARTHER:
        return unknown(found) if silent else found
    dead = facts.is_dead(_id(question.subject))
    if not sources.not_asked(question.scope, subject_is_dead=dead):
        return found
    return unknown(found)


def hold(
    actor: Actor,
    *,
    subject_id: uuid.UUID,
    scopes: Sequence[str],
    action: Level = "write",
    min_eid: EidLevel = "substantial",
) -> Held:
    """Decide in the caller's transaction for any of several scopes, and keep the grant's row until it ends.

    A withdrawal that has committed is seen; one that has not waits for the caller's commit. So the outcome of a race
    is the order of the commits (READ COMMITTED: the second reading sees what the lock waited for).

    Returns:
        The first scope that is allowed, else the refusal nearest to success.
    """
    questions = [
        Question(
            actor=str(actor.person_id),
            subject=str(subject_id),
            scope=scope,
            action=action,
            at=clock.now(),
            eid_level=actor.level,
            service_min_eid=min_eid,
        )
        for scope in scopes
    ]
    first = _best(questions, decide_many(questions))
    if first.grant_id is None:
        return first
    sql.run(_KEEP, [first.grant_id])
    at = clock.now()
    questions = [attrs.evolve(one, at=at) for one in questions]
    return _best(questions, decide_many(questions))


_NEARNESS = list(Reason)


def _best(questions: Sequence[Question], decisions: Sequence[Decision]) -> Held:
    if not questions:
        return Held(Decision(allowed=False, reason=Reason.SCOPE), None, "")
    found = list(zip(questions, decisions, strict=True))
    for question, decision in found:
        if decision.allowed:
            grant = uuid.UUID(decision.grant_id) if decision.grant_id else None
            return Held(decision, grant, question.scope)
    question, decision = max(found, key=lambda pair: _NEARNESS.index(pair[1].reason))
    return Held(decision, None, question.scope)


# ── what one statement reads, as the rules' own values ─────────────────────────────────────────

_FRESH = dt.timedelta(hours=FRESH_HOURS)
_NO_ORGANISATIONS: Mapping[str, Organisation] = MappingProxyType({})
_NOBODY = World({}, (), {})
_LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


Pair = tuple[str, str]
"""Who asks to act, and for whom."""


def _worlds(pairs: Sequence[Pair]) -> tuple[World, dict[Pair, World]]:
    """Read what concerns each pair (actor, subject): one world of all that are usual, and one of each other pair."""
    if not pairs:
        return _NOBODY, {}
    now = clock.now()
    persons, grants, unusual = (_read_one if len(pairs) == 1 else _read_many)(pairs, now)
    usual = World(persons, tuple(grants), scope_parents(), _NO_ORGANISATIONS)
    return usual, _whole_worlds(list(unusual), now) if unusual else {}


def _of_persons(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the pairs of which both are written as identifiers of persons are."""
    found = list(pairs)
    ids = set(itertools.chain.from_iterable(found))
    # All at once, for nearly always all are.
    if ",".join(ids).translate(_TO_SHAPE) == ",".join([_SHAPE] * len(ids)):
        return found
    known = set(filter(_FORM, ids))
    return [pair for pair in found if pair[0] in known and pair[1] in known]


Read = tuple[dict[str, Person], list[Grant], Iterable[Pair]]
"""Persons by their id, the grants between them, and the pairs that have more than what was read."""


def _read_one(pairs: Sequence[Pair], now: dt.datetime) -> Read:
    ((actor, subject),) = pairs
    persons: dict[str, Person] = {}
    grants: list[Grant] = []
    for row in sql.rows(_USUAL_OF_ONE, [actor, subject, now - _FRESH]):
        if row[0]:
            return {}, [], pairs
        if row[1] is not None:
            persons[actor] = _person(actor, *row[1:5])
        if row[5] is not None:
            persons[subject] = _person(subject, *row[5:9])
        if row[9] is not None:
            grants.append(_usual_grant(now, subject, actor, *row[9:]))
    return persons, grants, ()


def _read_many(pairs: Sequence[Pair], now: dt.datetime) -> Read:
    """Read a list: its pairs are sent in the order of their actors, whose grants are found together."""
    persons: dict[str, Person] = {}
    grants: list[Grant] = []
    more: set[Pair] = set()
    named: set[str] = set()
    actors, subjects, begins, ends = _by_actor(pairs)
    places = (_array(map(str, places)) for places in (begins, ends))
    sent = [Ids.of(actors), Ids.of(subjects), *places, now - _FRESH]
    # fmt: off
    for (
        who, agent, since, until, grade, marked, number, scopes, revoked_at, accepted, told_at, rest,
    ) in sql.rows(_USUAL_OF_MANY, sent):
        if agent is None:
            persons[who] = Person(who, since, until, _PROTECTION.get(grade, _STRICTEST), marked)
        elif who is None:
            named.add(actors[agent - 1])
        elif marked:
            more.add((actors[agent - 1], who))
        else:
            grants.append(_usual_grant(
                now, who, actors[agent - 1], number, scopes, grade, since, until, revoked_at, accepted, told_at, rest,
            ))
    # fmt: on
    if named:
        more.update(pair for pair in pairs if pair[0] in named)
    return persons, grants, more


def _by_actor(pairs: Iterable[Pair]) -> tuple[list[str], list[str], list[int], list[int]]:
    """Return the actors, all their subjects, and where each actor's begin and end.

    >>> _by_actor([("a", "s"), ("b", "s"), ("a", "t")])
    (['a', 'b'], ['s', 't', 's'], [1, 3], [2, 3])
    """
    subjects: dict[str, list[str]] = {}
    for actor, subject in pairs:
        if actor in subjects:
            subjects[actor].append(subject)
        else:
            subjects[actor] = [subject]
    ends = list(itertools.accumulate(map(len, subjects.values())))
    begins = [1, *(end + 1 for end in ends[:-1])]
    return list(subjects), list(itertools.chain.from_iterable(subjects.values())), begins, ends


def _array(items: Iterable[str]) -> str:
    """Write a list as PostgreSQL does, which the checked form of what stands in it allows."""
    return f"{{{','.join(items)}}}"


def _whole_worlds(pairs: Sequence[Pair], now: dt.datetime) -> dict[Pair, World]:
    """Read the same of pairs that have more: what was passed on, and what organisations were given."""
    persons: dict[str, Person] = {}
    grants: list[list[Grant]] = [[] for _ in pairs]
    organisations: dict[str, Organisation] = {}
    for row in _whole_rows(pairs, now - _FRESH):
        at = row[0] - 1
        actor, subject = pairs[at]
        if row[1] is not None and actor not in persons:
            persons[actor] = _person(actor, *row[1:5])
        if row[5] is not None and subject not in persons:
            persons[subject] = _person(subject, *row[5:9])
        if row[9] is not None:
            grants[at].append(_grant(row, actor, subject, now))
        if row[29] is not None:
            persons[row[28]] = _person(row[28], *row[29:33])
        if row[34]:
            organisations[row[33]] = Organisation(row[33], row[35], row[36])
    parents = scope_parents()
    return {
        pair: World(persons, tuple(found), parents, organisations)
        for pair, found in zip(pairs, grants, strict=True)
    }


def _whole_rows(pairs: Sequence[Pair], oldest: dt.datetime) -> list[tuple[Any, ...]]:
    of_one, of_many = _WHOLE
    if len(pairs) == 1:
        return sql.rows(of_one, [*pairs[0], oldest])
    return sql.rows(of_many, [*_sides(pairs), oldest])


def _sides(pairs: Sequence[Pair]) -> list[str]:
    return [_array(side) for side in zip(*pairs, strict=True)]


def _organisation_worlds(pairs: Sequence[Pair]) -> dict[Pair, World]:
    """Read what concerns each pair (actor, organisation): the actor's roles stand as grants from it."""
    if not pairs:
        return {}
    oldest = clock.now() - _FRESH
    actors = [pair[0] for pair in pairs]
    numbers = [pair[1].removeprefix(PREFIX) for pair in pairs]
    persons: dict[str, Person] = {}
    organisations: dict[str, Organisation] = {}
    grants: list[list[Grant]] = [[] for _ in pairs]
    for row in sql.rows(_SELECT_ROLES, [actors, numbers, oldest]):
        actor, subject = pairs[row[0] - 1]
        if row[1] is not None:
            persons[actor] = _person(actor, *row[1:5])
        if row[5] is not None:
            organisations[subject] = Organisation(subject, row[6], row[7])
        if row[8] is not None:
            grants[row[0] - 1].append(_role_grant(row, actor, subject))
    return {
        pair: World(persons, tuple(found), {}, organisations)
        for pair, found in zip(pairs, grants, strict=True)
    }


def _role_grant(row: Sequence[Any], actor: str, subject: str) -> Grant:
    """Make the rules' grant of a role; one that is over is withdrawn at any instant, for since when is not told."""
    return Grant(
        id=row[8],
        kind="virksomhet",
        grantor=subject,
        grantee=actor,
        scopes=frozenset(),
        level=row[9],
        revoked_at=_LONG_AGO if row[12] else None,
        joint=row[10],
        court_appointed=row[11],
    )


_PROTECTION, _STRICTEST = {one.value: one for one in Protection}, Protection.STRICT


def _person(key: str, born: dt.date, died: dt.date | None, protection: str, blocks: bool) -> Person:
    return Person(key, born, died, _PROTECTION.get(protection, _STRICTEST), blocks)


def _usual_grant(
    now: dt.datetime,
    grantor: str,
    grantee: str,
    number: str,
    scopes: Sequence[str],
    level: Level,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    revoked_at: dt.datetime | None,
    accepted: bool,
    told_at: dt.datetime | None,
    rest: Sequence[str] | None,
) -> Grant:
    """Make the rules' grant of one that lies straight between the two, and was not passed on."""
    if rest is None:  # an ordinary one, of which nothing more is told
        return ordinary(
            number, grantor, grantee, frozenset(scopes), level, valid_from, valid_to, revoked_at, accepted=accepted
        )  # fmt: skip
    kind, source, parental_type, registered_by, confirmed_by, *marks = rest
    in_force, source_current, may_delegate, joint = (mark == "true" for mark in marks)
    age = _age_h(source, told_at, now)
    return Grant(
        number,
        kind,
        grantor,
        grantee,
        frozenset(scopes),
        level,
        valid_from,
        valid_to,
        revoked_at,
        parental_type,
        registered_by,
        confirmed_by,
        in_force,
        source_current and age <= sources.hours(source),
        max(age, 0.0),
        may_delegate,
        accepted=accepted,
        joint=joint,
        min_eid=sources.demands(source),
    )


def _age_h(source: str, told: dt.datetime | None, now: dt.datetime) -> float:
    return 0.0 if source == _OWN or told is None else (now - told).total_seconds() / 3600


def _grant(row: Sequence[Any], actor: str, subject: str, now: dt.datetime) -> Grant:
    """Make the rules' grant. One that was given to an organisation counts as given to the named user who asks."""
    age = _age_h(row[11], row[22], now)
    return Grant(
        row[9],
        row[10],
        subject,
        row[28] or actor,
        frozenset(row[12]),
        row[13],
        row[14],
        row[15],
        row[16],
        row[17],
        row[18],
        row[19],
        row[20],
        row[21] and age <= sources.hours(row[11]),
        max(age, 0.0),
        row[23],
        row[24] or "",
        row[25],
        row[26],
        row[33] or "",
        row[27],
        min_eid=sources.demands(row[11]),
    )


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


_TO_SHAPE = str.maketrans("123456789abcdef", "0" * 15)
_SHAPE = "00000000-0000-0000-0000-000000000000"
_FORM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_ORGANISATION = re.compile(rf"{PREFIX}[0-9]{{9}}").fullmatch


def _is_of_organisation(actor: str, subject: str) -> bool:
    return _FORM(actor) is not None and _ORGANISATION(subject) is not None
