"""What a caseworker sees: filters, the place in a long list, and two who edit at once.

Pure values. Nothing here decides who may see a case: `service` does, before any of this is built.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import attrs

#: Orders of a list; each is served by an index, so the last page costs what the first does.
BY_DEADLINE = "deadline"
OLDEST_FIRST = "oldest"
HELD = "held"  # put aside by a month's run, by case


@attrs.frozen(kw_only=True)
class Filters:
    """Say which cases a list shows; nothing here can hold a name or an identity number."""

    package_id: str | None = None
    waiting_for: str | None = None  # municipality | applicant | agency
    state: str | None = None
    task: str | None = None
    channel: str | None = None
    older_than_days: int | None = None
    overdue: bool = False
    mine: bool = False
    number: str = ""  # a case number or a receipt code, whole
    size: int = attrs.field(default=50, validator=attrs.validators.in_(range(1, 201)))


@attrs.frozen(kw_only=True)
class Cursor:
    """Mark the last row of a page, so that the next page begins after it, whatever has changed.

    >>> case = UUID("01890000-0000-7000-8000-000000000001")
    >>> Cursor.decode(Cursor(order="deadline", at=None, case_id=case).encode()).case_id == case
    True
    >>> Cursor.decode("not a cursor") is None
    True
    """

    order: str
    at: str | None  # ISO date or time of the last row; None in the part without a deadline
    case_id: UUID

    def encode(self) -> str:
        """Give the cursor as text for an address: it holds a time and a case id, no person."""
        body = json.dumps([self.order, self.at, str(self.case_id)], separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor | None:
        """Read a cursor from an address; None when somebody has changed it."""
        try:
            body = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            order, at, case_id = json.loads(body)
            known = order in (BY_DEADLINE, OLDEST_FIRST, HELD)
            if at is not None:
                dt.datetime.fromisoformat(at)
            return cls(order=order, at=at, case_id=UUID(case_id)) if known else None
        except (ValueError, TypeError, AttributeError):
            return None


@attrs.frozen(kw_only=True)
class Line:
    """Hold one case in a list: what is needed to choose it, and no more (no name, no address)."""

    case_id: UUID
    number: str
    package_id: str
    state: str
    waiting_for: str
    due_on: dt.date | None
    overdue: bool
    submitted_at: dt.datetime
    age_days: int
    channel: str
    tasks: tuple[str, ...]
    handler_id: UUID | None
    is_written_to: bool = False


@attrs.frozen(kw_only=True)
class Page:
    """Hold one page of a list and the cursor of the next; None when this is the last."""

    lines: tuple[Line, ...]
    after: str | None
    order: str


@attrs.frozen(kw_only=True)
class Held:
    """Hold one case that the month's run put aside, its number, and why (a message key)."""

    case_id: UUID
    number: str
    reason: str
    origin: str
    state: str
    waiting_for: str


@attrs.frozen(kw_only=True)
class HeldPage:
    """Hold one page of what a month's run put aside, and the cursor of the next; None when this is the last."""

    held: tuple[Held, ...]
    after: str | None


# ── two who edit at once ──────────────────────────────────────────────────────────────────


@attrs.frozen(kw_only=True)
class BothValues:
    """Hold one field that two people changed: the value before, the stored one and one's own."""

    field: str
    before: Any
    theirs: Any
    mine: Any


@attrs.frozen(kw_only=True)
class EditConflict:
    """Tell the second editor what changed since they opened the case, and show both values."""

    revision: int
    changed_at: dt.datetime
    by_role: str
    fields: tuple[BothValues, ...]
    mergeable: Mapping[str, Any]  # what only one of the two changed; may be saved as it is


def merge_view(
    *,
    before: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    revision: int,
    changed_at: dt.datetime,
    by_role: str,
) -> EditConflict:
    """Set what somebody else stored beside what one was about to store.

    `before` is what the form showed, `theirs` what is stored now, `mine` what was sent.
    """
    clashes, free = [], {}
    for field, value in mine.items():
        stored, shown = theirs.get(field), before.get(field)
        if stored == value:
            continue
        if stored == shown:
            free[field] = value
        elif value != shown:
            clashes.append(BothValues(field=field, before=shown, theirs=stored, mine=value))
    return EditConflict(
        revision=revision,
        changed_at=changed_at,
        by_role=by_role,
        fields=tuple(clashes),
        mergeable=free,
    )
