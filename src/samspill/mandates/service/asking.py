"""AuthZEN 1.0 over the decision point: what a machine asks, what it is answered, and what the log keeps of it.

To a third party every refusal looks alike (`NO_GRANT`); the fine reason is for the parties, and for clients whose
caseworkers have a right to it. A scope of an owner that the client has nothing to do with is a refusal like others.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from samspill.infra import access_log, clock, isolation
from samspill.kernel.ids import is_org_no
from samspill.kernel.outcome import RefusedError
from samspill.mandates.domain.model import Decision, Question, Reason
from samspill.mandates.domain.reading import (
    RESOURCE_TYPE,
    as_json,
    bad_field,
    mapping,
    read_question,
)
from samspill.mandates.domain.roles import PREFIX
from samspill.mandates.domain.scopes import scopes
from samspill.mandates.models import Grant
from samspill.mandates.service import asking_employees, facts, roles
from samspill.mandates.service.clients import Caller, ClientChangedError, log_if_same
from samspill.mandates.service.deciding import (
    ask_altinn,
    decide_many,
    may_lie_in_altinn,
    unknown,
)

SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")
ACTIONS = ("read", "write")
MOST, _PAGE = 1000, 100
_PAIRS_AT_ALTINN = 5
_ENTITIES = ("subject", "action", "resource", "context")


def evaluate(caller: Caller, body: Any, *, request_id: str = "") -> dict[str, Any]:
    """Answer one evaluation.

    Raises:
        RefusedError: a field is missing or of the wrong kind.
        ClientChangedError: the caller was remembered and must be read anew; nothing was answered or logged.
    """
    question = read_question(mapping(body, "request"), now=clock.now())
    return _said(caller, _answers(caller, [question], [body], request_id)[0])


def evaluate_many(caller: Caller, body: Any, *, request_id: str = "") -> dict[str, Any]:
    """Answer many evaluations in order; an entity that one lacks is the request's own, whole.

    An evaluation that cannot be read is a refusal with its error; the others are answered.

    Raises:
        RefusedError: the request itself is not of the right shape.
    """
    request = mapping(body, "request")
    items = request.get("evaluations")
    if items is None or items == []:
        return evaluate(caller, body, request_id=request_id)
    semantic = mapping(request.get("options", {}), "options").get(
        "evaluations_semantic", SEMANTICS[0]
    )
    if semantic not in SEMANTICS:
        raise bad_field("options.evaluations_semantic", wanted=" | ".join(SEMANTICS))
    if not isinstance(items, list) or len(items) > MOST:
        raise bad_field("evaluations", wanted=f"a list of at most {MOST}")
    defaults = {name: request[name] for name in _ENTITIES if name in request}
    whole = [{**defaults, **mapping(one, f"evaluations[{n}]")} for n, one in enumerate(items)]
    now = clock.now()  # a list is about one instant
    read = [_read(one, now) for one in whole]
    asked = [(n, one) for n, one in enumerate(read) if isinstance(one, Question)]
    found = _answers(caller, [one for _, one in asked], [whole[n] for n, _ in asked], request_id)
    decided = {n: _said(caller, one) for (n, _), one in zip(asked, found, strict=True)}
    said = [
        decided[n] if n in decided else _unread(one)
        for n, one in enumerate(read)
    ]  # fmt: skip
    return {"evaluations": _stopped(said, semantic)}


def _read(item: Any, now: dt.datetime) -> Question | RefusedError:
    try:
        return read_question(item, now=now)
    except RefusedError as error:
        return error


def _unread(error: Question | RefusedError) -> dict[str, Any]:
    assert isinstance(error, RefusedError)
    told = error.refused.as_error()
    return {"decision": False, "context": {"error": {"status": 400, **told}}}


def _stopped(said: list[dict[str, Any]], semantic: str) -> list[dict[str, Any]]:
    """Cut the answers where the semantic says to stop."""
    stop_at = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(semantic)
    for n, one in enumerate(said):
        if stop_at is not None and one["decision"] is stop_at:
            return said[: n + 1]
    return said


def _answers(
    caller: Caller, questions: Sequence[Question], bodies: Sequence[Any], request_id: str
) -> list[Decision]:
    """Decide what the caller may ask about; ask Folkeregisteret when what is held is old; log it all."""
    meant = [_meant(caller, one) for one in questions]
    found = decide_many(meant)
    stale = [
        one for one, got in zip(meant, found, strict=True) if got.reason is Reason.SOURCE_STALE
    ]
    if stale:
        # Who is asked about at a register is told by one who was read just now.
        if caller.remembered:
            raise ClientChangedError
        sides = {side for one in stale for side in (one.actor, one.subject) if side}
        organisations = {side for side in sides if side.startswith(PREFIX)}
        actor = caller.actor(request_id)
        facts.freshen(actor, [uuid.UUID(side) for side in sides - organisations])
        roles.freshen(actor, [side.removeprefix(PREFIX) for side in organisations])
        found = decide_many(meant)
    found = _with_altinn(caller, meant, found, request_id)
    entries = _entries(caller, meant, bodies, found, request_id)
    if caller.remembered:
        log_if_same(caller, entries[0])
    else:
        access_log.record_many(entries)
    return found


def _with_altinn(
    caller: Caller, questions: Sequence[Question], found: list[Decision], request_id: str
) -> list[Decision]:
    """Ask Altinn about the few pairs whose refusal a right given there would mend; decide again.

    Of a longer list what Altinn said lately counts and no more: it is asked about two persons at a time.
    """
    asked = {
        (one.actor, one.subject): one
        for one, got in zip(questions, found, strict=True)
        if one.actor and one.subject and may_lie_in_altinn(one, got)
    }
    if not 0 < len(asked) <= _PAIRS_AT_ALTINN:
        return found
    if caller.remembered:  # as of other registers: it is told who asks by one who was read just now
        raise ClientChangedError
    actor = caller.actor(request_id)
    silent = {pair for pair, one in asked.items() if not ask_altinn(actor, one)}
    return [
        unknown(got) if (one.actor, one.subject) in silent else got
        for one, got in zip(questions, decide_many(questions), strict=True)
    ]


def _meant(caller: Caller, question: Question) -> Question:
    """Put our identifiers in the place of the client's; a scope that is not its own is about nothing."""
    owner = question.scope.partition(":")[0]
    return attrs.evolve(
        question,
        actor=caller.person(question.actor),
        subject=_subject(caller, question.subject),
        scope=question.scope if owner in caller.owners else "",
    )


def _subject(caller: Caller, text: str) -> str:
    """Return whom a question is about: a person of ours, or an organisation by its number, which is no secret."""
    if text.startswith(PREFIX):
        return text if is_org_no(text.removeprefix(PREFIX)) else ""
    return caller.person(text)


def _person_asked_about(question: Question) -> uuid.UUID | None:
    """Return in whose log the question stands: the subject's; of an organisation's, the one who would act for it."""
    person = question.actor if question.subject.startswith(PREFIX) else question.subject
    return uuid.UUID(person) if person else None


def _entries(
    caller: Caller,
    questions: Iterable[Question],
    bodies: Iterable[Any],
    found: Iterable[Decision],
    request_id: str,
) -> list[tuple[Any, ...]]:
    actor = caller.actor(request_id)
    supplied = {"supplier": caller.supplier} if caller.supplier else {}
    return [
        access_log.as_row(
            actor=actor,
            action="read",
            purpose=f"representation: {_purpose(body)}",
            legal_basis=caller.legal_basis,
            subject_id=_person_asked_about(question),
            fields=("mandate",),
            outcome="permit" if answer.allowed else "deny",
            detail={"scope": question.scope, "agent": question.actor, **supplied},
        )
        for question, body, answer in zip(questions, bodies, found, strict=True)
    ]


def _purpose(body: Mapping[str, Any]) -> str:
    context = body.get("context")
    text = context.get("purpose") if isinstance(context, Mapping) else None
    return "".join(c for c in text if c.isprintable())[:120] if isinstance(text, str) else ""


def _said(caller: Caller, answer: Decision) -> dict[str, Any]:
    """Return the answer in AuthZEN's shape, as much of its reason as the caller may know."""
    if answer.allowed:
        return as_json(answer)
    reason = answer.reason if caller.sees_reasons else Reason.NO_GRANT
    if reason is Reason.PROTECTED_ROUTE:  # as for somebody who is not known
        reason = Reason.SOURCE_STALE
    return as_json(Decision(allowed=False, reason=reason))


# ── search ──────────────────────────────────────────────────────────────────────────────────────


def search(caller: Caller, what: str, body: Any, *, request_id: str = "") -> dict[str, Any]:
    """Find the subjects, resources or actions for which the answer would be yes; unknown ids find nothing.

    Only within the scopes of the caller's own owners, so that nobody lists all mandates of a person.

    Raises:
        RefusedError: a field is missing or of the wrong kind.
    """
    request = mapping(body, "request")
    after, limit = _page(request)
    if asking_employees.is_about(request):
        found = asking_employees.search(caller, what, request, request_id=request_id)
    else:
        found = _SEARCHES[what](caller, request, request_id)
    found.sort(key=_key)
    rest = [one for one in found if _key(one) > after] if after else found
    shown = rest[:limit]
    token = _token(_key(shown[-1])) if len(rest) > limit else ""
    return {"results": shown, "page": {"next_token": token, "count": len(shown)}}


def _subjects(caller: Caller, request: Mapping[str, Any], request_id: str) -> list[dict[str, Any]]:
    """Return who may act for a person within a scope."""
    subject = {**mapping(request.get("subject"), "subject"), "id": "anybody"}
    question = read_question({**request, "subject": subject}, now=clock.now())
    person = caller.person(question.subject)
    agents = _agents(uuid.UUID(person)) if person else []
    items = [attrs.evolve(question, actor=caller.pseudonym(one)) for one in agents]
    return [
        {"type": "person", "id": item.actor}
        for item in _allowed(caller, items, request, request_id)
        if item.actor != caller.pseudonym(uuid.UUID(person))
    ]


@isolation.widely("representation")
def _agents(person: uuid.UUID) -> list[uuid.UUID]:
    rows = Grant.objects.filter(grantor_id=person, revoked_at__isnull=True, grantee__isnull=False)
    return [one for one in rows.values_list("grantee_id", flat=True).distinct()[:MOST] if one]


def _resources(caller: Caller, request: Mapping[str, Any], request_id: str) -> list[dict[str, Any]]:
    """Return what a person may do for whom, within the caller's own scopes."""
    resource = mapping(request.get("resource"), "resource")
    asked = {"id": "any", "properties": {"on_behalf_of": "anybody"}, **resource}
    question = read_question({**request, "resource": {**asked, "id": "any"}}, now=clock.now())
    agent = caller.person(question.actor)
    mine = _received_by(uuid.UUID(agent)) if agent else []
    pairs = {(row.grantor_id, scope) for row in mine for scope in _owned(caller, row)}
    only = asked["properties"].get("on_behalf_of")
    items = [
        attrs.evolve(question, subject=caller.pseudonym(person), scope=scope)
        for person, scope in sorted(pairs, key=str)
        if only == "anybody" or caller.person(str(only)) == str(person)
    ]
    return [
        {"type": RESOURCE_TYPE, "id": item.scope, "properties": {"on_behalf_of": item.subject}}
        for item in _allowed(caller, items, request, request_id)
    ]


@isolation.widely("representation")
def _received_by(person: uuid.UUID) -> list[Grant]:
    return list(Grant.objects.filter(grantee_id=person, revoked_at__isnull=True)[:MOST])


def _owned(caller: Caller, row: Grant) -> set[str]:
    """Return the scopes of the caller's owners that a grant may cover."""
    known = {one.code for one in scopes().values()} | set(row.scopes)
    return {code for code in known if code.partition(":")[0] in caller.owners and "*" not in code}


def _actions(caller: Caller, request: Mapping[str, Any], request_id: str) -> list[dict[str, Any]]:
    """Return what somebody may do for a person within a scope."""
    question = read_question({**request, "action": {"name": "read"}}, now=clock.now())
    items = [attrs.evolve(question, action=name) for name in ACTIONS]
    return [{"name": item.action} for item in _allowed(caller, items, request, request_id)]


_SEARCHES = {"subject": _subjects, "resource": _resources, "action": _actions}


def _allowed(
    caller: Caller, items: list[Question], request: Mapping[str, Any], request_id: str
) -> list[Question]:
    if not items:
        return []
    found = _answers(caller, items, [request] * len(items), request_id)
    return [one for one, got in zip(items, found, strict=True) if got.allowed]


def _key(result: Mapping[str, Any]) -> str:
    behalf = result.get("properties", {}).get("on_behalf_of", "")
    return f"{result.get('id', result.get('name', ''))} {behalf}"


def _page(request: Mapping[str, Any]) -> tuple[str, int]:
    page = mapping(request.get("page", {}), "page")
    limit, token = page.get("limit", _PAGE), page.get("token", "")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit <= MOST:
        raise bad_field("page.limit", wanted=f"a whole number from 1 to {MOST}")
    if not isinstance(token, str):
        raise bad_field("page.token", wanted="the next_token of the last answer")
    try:
        return base64.urlsafe_b64decode(token.encode("ascii")).decode(), limit
    except (ValueError, binascii.Error):
        raise bad_field("page.token", wanted="the next_token of the last answer") from None


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()
