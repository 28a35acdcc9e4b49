"""Who acts, said to the database: row-level security gives a request its own rows and no others (SP-04).

The web connects as `samspill_app`, which no policy lets past; jobs and commands as `samspill_job`. A request says on
its connection who acts; each table's policies compare its rows with that.
Nothing said is nobody: no row. What a request has said is unsaid before the next one, twice over: when the connection
goes back to the pool (`postgres.base`), and when one that still has something is taken from it.

    enter       from now on this actor acts on this connection        leave    nobody does
    acting_as   this actor for a while                               wider    one named question beyond the own rows

The SQL that isolates a table is made by `policies`, for the rooms' migrations.
"""

from __future__ import annotations

import contextlib
import functools
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, ParamSpec, TypeVar

import attrs
from django.db import connection
from psycopg.pq import TransactionStatus

from samspill.infra import prepared, sql
from samspill.kernel.actor import Actor

P = ParamSpec("P")
R = TypeVar("R")

APP: Final = "samspill_app"
JOB: Final = "samspill_job"

SCOPES: Final[Mapping[str, str]] = {
    "denied": "whose row was reached for, so that the refusal is logged on the right person (SP-07)",
    "employees": "an organisation's employees: for its own machines, and for who looks into an incident",
    "figures": "counts of all cases together, of which small ones are hidden by who shows them",
    "files": "whether anybody else has a file of the same content, before the content is taken away",
    "letter": "a letter to somebody who has no part in the case themselves: what it is about",
    "passed_on": "a case is given to another municipality by the one that loses it from sight",
    "operator": "what nobody's organisation did by itself: the secretariat, which runs the platform, answers for it",
    "paper": "an application on paper for a person whose address is hidden: whoever registers it does not see the case",
    "replies": "what registers have said of a household, taken up and kept by the look-up of one of them",
    "representation": "what registers say of who may act for whom: fetched, held and searched whoever asks",
    "sessions": "sessions that are not the actor's: begun by a login, ended by the provider or by who cuts off",
    "receipt": "the holder of a receipt code is told that the application came, and nothing else",
}
"""The questions beyond one's own rows. A test holds every use of `wider` to this list and to its places."""

_NAMES = prepared.WHO_ACTS
_SET = "SELECT " + ", ".join(f"set_config('samspill.{name}', %s, false)" for name in _NAMES)
_SET_SCOPE = "SELECT set_config('samspill.scope', %s, false)"
_SAID = "samspill_said"


@attrs.frozen(kw_only=True)
class Reach:
    """What an employee's work reaches: cases of a municipality or of services; cleared for strictly protected ones."""

    municipality_id: uuid.UUID | None = None
    packages: tuple[str, ...] = ()
    cleared: bool = False


_reach: list[Callable[[Actor], Reach]] = []


def use_reach(find: Callable[[Actor], Reach]) -> None:
    """Say how to know what an employee's work reaches (wired in `site`: the ground knows no cases)."""
    _reach[:] = [find]


def enter(actor: Actor) -> None:
    """Say on this connection who acts from now on: one statement, nothing for nobody."""
    if actor.kind == "anonymous":
        leave()
        return
    _say(_values(actor))


def saying(*, person: str, own: str) -> str:
    """Return the part of a statement that says who acts, of a row that tells it: columns of the statement's own.

    Args:
        person: the column of the person.
        own: the condition that the person acts as a citizen, with rows of their own.
    """
    said = {
        "person": f"{person}::text",
        "persons": f"CASE WHEN {own} THEN '{{' || {person} || '}}' ELSE '' END",
    }
    return ", ".join(
        f"set_config('samspill.{n}', {said.get(n, chr(39) * 2)}, false)" for n in _NAMES
    )


def said(*, person: uuid.UUID, own: bool) -> None:
    """Remember that a statement with `saying` has found a row, so that it is unsaid in time."""
    values = (str(person), f"{{{person}}}" if own else "", *("",) * (len(_NAMES) - 2))
    setattr(connection, _SAID, values)


def leave() -> None:
    """Let nobody act on this connection, if somebody did."""
    if getattr(connection, _SAID, None):
        _say(("",) * len(_NAMES))


@contextlib.contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Let an actor act on this connection for a while, and then whoever did before."""
    before = getattr(connection, _SAID, None) or ("",) * len(_NAMES)
    enter(actor)
    try:
        yield
    finally:
        _say(before)


@contextlib.contextmanager
def wider(scope: str) -> Iterator[None]:
    """Open one of the named questions beyond the own rows (`SCOPES`) for a while.

    Inside a transaction that fails, PostgreSQL takes the opening back with everything else.
    """
    assert scope in SCOPES, scope
    before = (getattr(connection, _SAID, None) or ("",) * len(_NAMES))[-1]
    _say_scope(scope)
    try:
        yield
    finally:
        _say_scope(before)


def widely(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open one of the named questions for as long as a function takes."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def opened(*args: P.args, **kwargs: P.kwargs) -> R:
            with wider(scope):
                return function(*args, **kwargs)

        return opened

    return decorate


def _values(actor: Actor) -> tuple[str, ...]:
    reach = _reach[0](actor) if _reach and actor.kind == "employee" else Reach()
    person = str(actor.person_id or "")
    own = [person] if actor.kind == "citizen" else []
    persons = [one for one in (*own, str(actor.on_behalf_of or "")) if one]
    return (
        person,
        _array(persons),
        str(reach.municipality_id or ""),
        _array(reach.packages),
        actor.org_no or "",
        "yes" if reach.cleared else "",
        "",
    )


def _array(values: Any) -> str:
    return "{" + ",".join(values) + "}" if values else ""


def _say(values: tuple[str, ...]) -> None:
    if not _failed():
        sql.run(_SET, values)
    setattr(connection, _SAID, values if any(values) else None)


def _say_scope(scope: str) -> None:
    if not _failed():
        sql.run(_SET_SCOPE, [scope])
    said = getattr(connection, _SAID, None) or ("",) * len(_NAMES)
    values = (*said[:-1], scope)
    setattr(connection, _SAID, values if any(values) else None)


def _failed() -> bool:
    """Tell whether the transaction has failed: what it said is then taken back with everything else."""
    if connection.connection is None:
        return False
    status = connection.connection.info.transaction_status
    return connection.needs_rollback or status == TransactionStatus.INERROR
