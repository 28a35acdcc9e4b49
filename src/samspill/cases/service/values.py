"""What the citizen's part of the door answers with: frozen values, no rows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from samspill.cases.domain.merge import Both
from samspill.cases.domain.timeline import Happening
from samspill.kernel.periods import Month

if TYPE_CHECKING:
    from samspill.packages.service import Evaluation, Package


@attrs.frozen(kw_only=True)
class LookupOutcome:
    """How a look-up went: shown with its source, or what happens because it failed.

    `on_failure` is set only when the register gave no answer: `ask` (the applicant answers
    instead), `wait` (can be written on, not sent yet) or `stop` (come back later).
    """

    name: str
    status: Literal["found", "not_found", "unavailable"]
    source: str
    fetched_at: dt.datetime | None = None
    on_failure: Literal["ask", "wait", "stop"] | None = None
    text_key: str = ""
    show_source: bool = True


@attrs.frozen(kw_only=True)
class AttachmentView:
    """One added file."""

    id: uuid.UUID
    document: str
    filename: str
    media_type: str
    size: int
    role: str
    added_at: dt.datetime
    title: str = ""
    why: str = attrs.field(default="", repr=False)
    withheld: str = ""


@attrs.frozen(kw_only=True)
class NewerVersion:
    """A newer version of the service exists; `level` says whether moving needs a yes."""

    version: str
    level: Literal["patch", "minor", "major"]
    entries: tuple[Any, ...]


@attrs.frozen(kw_only=True)
class DraftView:
    """A draft as its writer sees it. `answers` and `facts` hold no address when it is hidden."""

    id: uuid.UUID
    package: Package
    language: str
    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    reasons: Mapping[str, str]
    lookups: tuple[LookupOutcome, ...]
    attachments: tuple[AttachmentView, ...]
    evaluation: Evaluation
    revision: int
    position: Mapping[str, str]
    saved_at: dt.datetime
    expires_at: dt.datetime
    address_hidden: bool
    hidden_fields: frozenset[str]
    municipality_id: uuid.UUID | None
    situation_on: dt.date
    term: Month | None
    newer: NewerVersion | None = None
    moved: tuple[Any, ...] = ()
    row: Any = attrs.field(default=None, eq=False, repr=False)  # as stored, for a save that follows


@attrs.frozen(kw_only=True)
class Conflict:
    """Somebody else wrote to the same fields; both values are shown and the writer chooses.

    What did not clash is saved. Saving again with `draft.revision` as the base overwrites.
    """

    draft: DraftView
    fields: Mapping[str, Both]


@attrs.frozen(kw_only=True)
class Indication:
    """What the rules say with what is known: an amount, or an interval, never a promise.

    `amount` is NOK a month (None when it cannot be said); `interval` is given when it depends on
    `unanswered`; `explanation` holds the steps when everything is known.
    """

    code: str | None
    amount: float | None
    interval: tuple[float, float] | None
    unanswered: tuple[str, ...]
    explanation: Any
    term: Month | None


@attrs.frozen(kw_only=True)
class CheckResult:
    """What is missing or wrong, why, who owes it and until when; and what the rules would say."""

    draft: DraftView
    missing: tuple[Any, ...]
    errors: tuple[Any, ...]
    waiting_for_registers: tuple[LookupOutcome, ...]
    indication: Indication | None

    @property
    def may_submit(self) -> bool:
        """Tell whether nothing stops the application from being sent now."""
        stopped = blocking(self.missing) or hard(self.errors) or self.waiting_for_registers
        return not stopped and self.draft.evaluation.eligible is not False


@attrs.frozen(kw_only=True)
class Receipt:
    """Proof that an application is stored."""

    case_id: uuid.UUID
    code: str
    package_id: str
    package_version: str
    submitted_at: dt.datetime
    municipality_id: uuid.UUID | None
    term: Month | None
    repeated: bool = False
    applicant: str = attrs.field(default="", repr=False)
    sent_by: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class KeyReused:
    """The key was used before for another content (HTTP 409)."""

    idempotency_key: str
    case_id: uuid.UUID


@attrs.frozen(kw_only=True)
class Verified:
    """What the holder of a receipt code may know: the service, the day and the contents' hash."""

    package_id: str
    title: str
    submitted_on: dt.date
    body_sha256: str


@attrs.frozen(kw_only=True)
class MessageView:
    """One message as the reader sees it; employees are shown by role, not by name."""

    id: uuid.UUID
    sender: str
    text: str
    sent_at: dt.datetime
    read_at: dt.datetime | None
    by_agent: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class RequestView:
    """What the applicant has been asked for."""

    id: uuid.UUID
    items: tuple[Mapping[str, Any], ...]
    text: str
    asked_at: dt.datetime
    due_on: dt.date
    open: bool


@attrs.frozen(kw_only=True)
class DecisionView:
    """A decision as the applicant sees it, with the right to appeal."""

    id: uuid.UUID
    term: Month | None
    code: str
    granted: bool
    amount_ore: int
    pay_on: dt.date | None
    decided_on: dt.date
    automatic: bool
    letter_ids: tuple[uuid.UUID, ...]
    appeal_by: dt.date | None
    appeal_to: str | None
    appealed: bool
    replaced: bool


@attrs.frozen(kw_only=True)
class CaseLine:
    """A case in the list of My page."""

    id: uuid.UUID
    package: Package
    state: str
    waiting_for: str
    open: bool
    submitted_at: dt.datetime
    unread: int
    open_requests: int


@attrs.frozen(kw_only=True)
class DraftLine:
    """A draft in the list of My page."""

    id: uuid.UUID
    package: Package
    saved_at: dt.datetime
    expires_at: dt.datetime
    position: Mapping[str, str]
    told: bool = False


@attrs.frozen(kw_only=True)
class MyCases:
    """Everything a person has here; `begun_by_others` is what agents write for them and have not sent."""

    drafts: tuple[DraftLine, ...]
    cases: tuple[CaseLine, ...]
    begun_by_others: tuple[DraftLine, ...] = ()


@attrs.frozen(kw_only=True)
class MyCase:
    """One case as the applicant sees it."""

    line: CaseLine
    receipt: Receipt
    answers: Mapping[str, Any]
    address_hidden: bool
    timeline: tuple[Happening, ...]
    requests: tuple[RequestView, ...]
    messages: tuple[MessageView, ...]
    attachments: tuple[AttachmentView, ...]
    decisions: tuple[DecisionView, ...]
    letters: tuple[Any, ...]  # LetterLine of `notices`: letters that tell of no decision
    may_stop: bool


def blocking(missing: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep what must be there before sending."""
    return tuple(item for item in missing if item.blocks)


def hard(errors: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep the checks that stop sending."""
    return tuple(item for item in errors if item.level == "error")
