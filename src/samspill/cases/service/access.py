"""Who may touch a draft or a case. What is another's looks exactly like what does not exist.

A refusal rolls everything back, the note in the access log with it; so the denial travels as an
exception out of the transaction to `door`, which notes it and then refuses (SP-07: also the denied).
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from samspill.cases.models import Case, Draft
from samspill.cases.service import representing
from samspill.infra import access_log, isolation, sql
from samspill.kernel.actor import Actor
from samspill.kernel.actor import citizen as logged_in
from samspill.kernel.outcome import RefusedError, refuse

P = ParamSpec("P")
R = TypeVar("R")


class DeniedError(Exception):
    """Somebody reached for what is not theirs."""

    def __init__(self, actor: Actor, *, subject_id: uuid.UUID | None, case_id: uuid.UUID) -> None:
        super().__init__("denied")
        self.actor = actor
        self.subject_id = subject_id
        self.case_id = case_id


class ShutError(Exception):
    """A draft may not be written here; `settle` does what follows, after the roll-back, and makes the refusal."""

    def __init__(self, settle: Callable[[], RefusedError]) -> None:
        super().__init__("shut")
        self.settle = settle


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Note a denial in the access log, after the roll-back, and refuse as if nothing were there.

    A draft that may not be written here is settled there too.
    """

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except DeniedError as denied:
            access_log.record(
                actor=denied.actor,
                action="read",
                purpose=f"cases.{function.__name__}",
                subject_id=denied.subject_id,
                case_id=denied.case_id,
                outcome="deny",
            )
            raise not_found() from None
        except ShutError as shut:
            raise shut.settle() from None
        except RefusedError as error:
            if error.refused.code.startswith("mandate."):
                _note_refused_agent(args[0], function.__name__)
            raise

    return guarded


def _note_refused_agent(actor: object, purpose: str) -> None:
    """Log that somebody was refused to act for another; the represented person sees it."""
    if isinstance(actor, Actor):
        access_log.record(
            actor=actor,
            action="read",
            purpose=f"cases.{purpose}",
            subject_id=actor.subject_id,
            outcome="deny",
        )


def not_found() -> RefusedError:
    """Make the refusal for what is not there, and for what is another's."""
    return refuse(
        "not_found",
        "There is no such application or case for you.",
        remedy="Go to My page and choose from the list there.",
        status=404,
    )


def citizen(actor: Actor) -> uuid.UUID:
    """Return the person whose matter it is: the one acted for; refuse who is not logged in as a citizen."""
    own = logged_in(actor)
    return actor.on_behalf_of or own


_HAS_FILES = (
    "EXISTS (SELECT 1 FROM cases_attachment WHERE cases_attachment.draft_id = cases_draft.id)"
)


_STANDS = f"SELECT {_HAS_FILES} FROM cases_draft WHERE id = %s AND xmin::text = %s"  # noqa: S608


def own_draft(
    actor: Actor, draft_id: uuid.UUID, *, lock: bool = False, known: Draft | None = None
) -> Draft:
    """Return the actor's draft, locked if asked; deny another's.

    `known` is the draft as it was read or written before: if its row still stands so, it is not read again.
    """
    citizen(actor)
    if known is not None and (draft := _as_it_stands(known)) is not None:
        deny_another(actor, draft)
        return draft
    tail = "WHERE id = %s FOR UPDATE" if lock else "WHERE id = %s"
    rows = sql.read(Draft, tail, [draft_id], also=("had_files", _HAS_FILES))
    if not rows:
        raise _denied_draft(actor, draft_id) or not_found()
    deny_another(actor, rows[0])
    return rows[0]


def _as_it_stands(known: Any) -> Draft | None:
    """Return a draft that nobody has written to since, and that the database shows to whoever acts; None else."""
    found = sql.one(_STANDS, [known.id, known.row_version])
    if found is None:
        return None
    draft: Any = sql.copied(known)
    draft.had_files = found[0]
    return cast("Draft", draft)


def _denied_draft(actor: Actor, draft_id: uuid.UUID) -> DeniedError | None:
    """Find whose draft was reached for: the database shows nobody another's, and the log must name its person."""
    with isolation.wider("denied"):
        person = Draft.objects.filter(id=draft_id).values_list("person_id", flat=True).first()
    return DeniedError(actor, subject_id=person, case_id=draft_id) if person else None


def deny_another(actor: Actor, draft: Draft) -> None:
    """Deny everybody but the one who writes the draft, and an agent whose mandate does not hold now."""
    writer = draft.written_by_id or draft.person_id
    if draft.person_id != citizen(actor) or writer != actor.person_id:
        raise DeniedError(actor, subject_id=draft.person_id, case_id=draft.id)
    representing.require(actor, draft, action="write")


def own_case(actor: Actor, case_id: uuid.UUID, *, lock: bool = False) -> Case:
    """Return the applicant's case, locked if asked; deny another's."""
    subject = citizen(actor)
    rows = sql.read(Case, "WHERE id = %s FOR UPDATE" if lock else "WHERE id = %s", [case_id])
    if not rows:
        raise _denied_case(actor, case_id) or not_found()
    case = rows[0]
    if case.applicant_id != subject:
        raise DeniedError(actor, subject_id=case.applicant_id, case_id=case_id)
    representing.require(actor, case, action="write" if lock else "read")
    return case


def _denied_case(actor: Actor, case_id: uuid.UUID) -> DeniedError | None:
    with isolation.wider("denied"):
        person = Case.objects.filter(id=case_id).values_list("applicant_id", flat=True).first()
    return DeniedError(actor, subject_id=person, case_id=case_id) if person else None


def writer_of(actor: Actor) -> uuid.UUID | None:
    """Return who writes for the person, or None when the person does."""
    return actor.person_id if actor.on_behalf_of not in (None, actor.person_id) else None
