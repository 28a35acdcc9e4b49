"""What happened to a case, in the past tense; other rooms and the measured gain read it.

No event carries a name, an identity number or free text. Tree:

Event (infra)
└── CaseEvent: case, package and version, municipality, role
    ├── DraftStarted · DraftSaved · PageShown · MissingTold · DraftMoved · DraftTakenOver · DraftExpiring · DraftExpired
    ├── ApplicationSubmitted · PaperRegistered · CaseOpened · CaseForwarded · CaseReady · CaseStopped
    ├── TaskCompleted · TaskReminded · InformationRequested · InformationReceived · MessageSent · DocumentAdded
    ├── DecisionMade · Recalculated · LetterQueued · LetterSent · PaymentOrdered
    ├── OpenedWithReason · HandedOver
    └── AppealReceived · AppealHandled · ProtectionChanged
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs

from samspill.infra.events import Event

if TYPE_CHECKING:
    from uuid import UUID

ROOM = "cases"


@attrs.frozen(kw_only=True)
class CaseEvent(Event):
    """Say which case, under which package and municipality, and in which role somebody acted."""

    room: ClassVar[str] = ROOM

    case_id: UUID
    package_id: str
    package_version: str
    role: str
    municipality_id: UUID | None = None


@attrs.frozen(kw_only=True)
class DraftStarted(CaseEvent):
    """A person began to write an application."""


@attrs.frozen(kw_only=True)
class DraftSaved(CaseEvent):
    """Answers were saved; the field ids say which, never what."""

    fields: tuple[str, ...] = ()
    page: str = ""


@attrs.frozen(kw_only=True)
class PageShown(CaseEvent):
    """A page was shown to somebody who works on the case (applicant or staff)."""

    page: str = ""


@attrs.frozen(kw_only=True)
class MissingTold(CaseEvent):
    """Somebody was told how many things are missing, and which kinds."""

    count: int = 0
    items: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class DraftMoved(CaseEvent):
    """An open draft was moved to a newer version of its package."""

    from_version: str = ""
    level: str = ""


@attrs.frozen(kw_only=True)
class DraftTakenOver(CaseEvent):
    """The person went on alone with what somebody had begun for them."""


@attrs.frozen(kw_only=True)
class DraftExpired(CaseEvent):
    """A draft that was never sent was deleted when its lifetime was over, or by its owner."""

    by_owner: bool = False


@attrs.frozen(kw_only=True)
class ApplicationSubmitted(CaseEvent):
    """An application was sent and stored; from here the case exists."""

    channel: str = "digital"
    term: str = ""
    state: str = ""


@attrs.frozen(kw_only=True)
class PaperRegistered(CaseEvent):
    """A paper application was registered for somebody, at the counter or from the post.

    helped: the person was there, and agreed that the employee filled it in.
    """

    term: str = ""
    received_on: str = ""
    helped: bool = False


@attrs.frozen(kw_only=True)
class CaseOpened(CaseEvent):
    """An employee opened the case."""


@attrs.frozen(kw_only=True)
class TaskCompleted(CaseEvent):
    """A task of the package was judged."""

    task: str = ""


@attrs.frozen(kw_only=True)
class TaskReminded(CaseEvent):
    """The month's run held the case for an open task, and those who have it were reminded."""


@attrs.frozen(kw_only=True)
class InformationRequested(CaseEvent):
    """The applicant was asked for what is missing, with a deadline."""

    request_id: UUID
    due_on: str = ""
    count: int = 0


@attrs.frozen(kw_only=True)
class InformationReceived(CaseEvent):
    """The applicant answered a request, or added something unasked."""

    request_id: UUID | None = None
    complete: bool = True


@attrs.frozen(kw_only=True)
class MessageSent(CaseEvent):
    """A message was sent on the case."""

    message_id: UUID
    receiver: str = ""


@attrs.frozen(kw_only=True)
class DocumentAdded(CaseEvent):
    """A file was added to the case."""

    attachment_id: UUID
    document: str = ""


@attrs.frozen(kw_only=True)
class CaseForwarded(CaseEvent):
    """The case was passed on to another unit or municipality."""

    to_unit: str = ""
    to_municipality_id: UUID | None = None


@attrs.frozen(kw_only=True)
class CaseReady(CaseEvent):
    """Everything is prepared; the case can be decided."""


@attrs.frozen(kw_only=True)
class DecisionMade(CaseEvent):
    """A decision was made for one term."""

    decision_id: UUID
    term: str
    code: str
    amount_ore: int
    automatic: bool = True
    kind: str = "ordinary"


@attrs.frozen(kw_only=True)
class LetterQueued(CaseEvent):
    """A letter is to be made and sent."""

    letter_id: UUID
    kind: str = ""


@attrs.frozen(kw_only=True)
class LetterSent(CaseEvent):
    """A letter was sent."""

    letter_id: UUID
    kind: str = ""


@attrs.frozen(kw_only=True)
class PaymentOrdered(CaseEvent):
    """A payment was ordered."""

    payment_id: UUID
    amount_ore: int
    pay_on: str = ""


@attrs.frozen(kw_only=True)
class Recalculated(CaseEvent):
    """Terms already paid were counted again; `outcome` says what it led to, the amount in øre."""

    outcome: str
    amount_ore: int = 0
    terms: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class AppealHandled(CaseEvent):
    """An appeal was clarified, passed on or settled."""

    appeal_id: UUID
    state: str


@attrs.frozen(kw_only=True)
class AppealReceived(CaseEvent):
    """An appeal against a decision came in."""

    appeal_id: UUID
    decision_id: UUID
    late: bool = False


@attrs.frozen(kw_only=True)
class CaseStopped(CaseEvent):
    """The case was stopped; a new application is needed to start again."""

    reason: str = ""


@attrs.frozen(kw_only=True)
class ProtectionChanged(CaseEvent):
    """The grade of address protection of the case changed; the grade itself is not in the log."""

    stricter: bool = True


@attrs.frozen(kw_only=True)
class DraftExpiring(CaseEvent):
    """A draft will soon be deleted; who sends notices tells its owner, without saying what it is."""

    person_id: UUID
    on: str = ""


@attrs.frozen(kw_only=True)
class OpenedWithReason(CaseEvent):
    """An employee opened a case outside their tasks; the reason is not in the event."""

    opening_id: UUID


@attrs.frozen(kw_only=True)
class HandedOver(CaseEvent):
    """A case was handed to a named colleague."""

    hand_over_id: UUID
