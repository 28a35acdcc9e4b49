"""Letters that tell of no decision, queued from what has happened and from what the package declares.

    a paper application was registered            `receipt`, when the package has it: there is no page to see
    something was asked for                       the party's `ask` when all of it is about that party,
                                                  else `request`
    a household is known, or has changed          the party's `letter` to each person with `inform: true`

Read from the event log, so that nobody waits for it; each letter is queued once however often the event
comes, which a constraint of the table holds. They are made and sent by the same job as decisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from django.conf import settings
from django.db import IntegrityError, transaction

from samspill.cases import events
from samspill.cases.domain import answers as paths
from samspill.cases.models import Case, Decision, InformationRequest, Letter
from samspill.cases.service import case_answers, decisions, pins, representing, stops
from samspill.cases.service.access import citizen, door
from samspill.identity import service as identity
from samspill.infra import access_log, clock
from samspill.infra import events as log
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import NationalId
from samspill.packages import service as packages

if TYPE_CHECKING:
    import datetime as dt

    from samspill.packages.service import Package

SUBSCRIBER = "cases.notices"
RECEIPT, REQUEST = "receipt", "request"
HEARS = (
    events.ApplicationSubmitted,
    events.PaperRegistered,
    events.InformationRequested,
    events.InformationReceived,
    events.TaskCompleted,
    events.DecisionMade,
)
_LISTED = 200


@attrs.frozen(kw_only=True)
class LetterLine:
    """Hold a letter as it stands in a list; whom it is to is told only as the applicant or another."""

    id: UUID
    kind: str
    title: str
    state: str
    to_applicant: bool
    queued_at: dt.datetime
    sent_at: dt.datetime | None


@door
def my_letters(actor: Actor) -> tuple[LetterLine, ...]:
    """List the letters sent to oneself in cases of others, newest first; an agent is shown none of them."""
    if representing.acts_for_another(actor):
        return ()
    rows = Letter.objects.filter(recipient_id=citizen(actor), state="sent")
    lines = tuple(_line(row) for row in rows.order_by("-sent_at", "id")[:_LISTED])
    if lines:
        access_log.record(
            actor=actor,
            action="read",
            purpose="list my letters",
            subject_id=actor.subject_id,
            fields=("letter",),
        )
    return lines


def of_case(case: Case, *, for_applicant: bool) -> tuple[LetterLine, ...]:
    """List the letters of a case that tell of no decision; to the applicant only their own that are sent."""
    rows = Letter.objects.filter(case=case, decision__isnull=True)
    if for_applicant:
        rows = rows.filter(recipient__isnull=True, state="sent")
    return tuple(_line(row) for row in rows.order_by("-queued_at", "id")[:_LISTED])


def queue_for(event: log.Stored) -> None:
    """Queue the letters that follow from one event; harmless to repeat."""
    case = Case.objects.select_related("application").filter(pk=str(event.key)).first()
    if case is None:  # disposed of since
        return
    package = pins.pinned(case)
    if event.type == events.PaperRegistered.__name__ and RECEIPT in package.letters:
        _queue(case, RECEIPT)
    if event.type == events.InformationRequested.__name__:
        _queue_request(case, package, UUID(str(event.body["request_id"])))
    else:
        _queue_to_others(case, package)


def _queue_request(case: Case, package: Package, request_id: UUID) -> None:
    request = InformationRequest.objects.get(pk=request_id, case=case)
    kind = _letter_that_asks(package, request)
    if kind in package.letters:
        _queue(case, kind, request=request)


def _letter_that_asks(package: Package, request: InformationRequest) -> str:
    """Choose the letter: a party's own when every item is a field of its rows, and nothing else is asked."""
    asked = {
        paths.without_rows(str(item["id"])).split(".")[0] if item["kind"] == "field" else ""
        for item in request.items
    }
    for party in package.parties.values():
        if party.ask is not None and asked == {party.who} and not request.text:
            return party.ask
    return REQUEST


def _queue_to_others(case: Case, package: Package) -> None:
    if not any(party.inform for party in package.parties.values()):
        return
    answers, facts = case_answers.answers_of(case), case_answers.facts_of(case)
    newest = Decision.objects.filter(case=case).order_by("-term", "-sequence").first()
    on = case.situation_on
    if newest is not None:  # the household as the registers last told of it
        facts = {n: e["data"] for n, e in newest.facts.items() if e.get("status") == "found"}
        answers, on = packages.prefill(package, answers, facts, on=newest.term), newest.term
    to_tell = packages.persons_to_inform(package, answers, facts, on=on)
    numbers = {one.national_id: _number(one.national_id) for one in to_tell}
    persons = identity.person_ids_for([n for n in numbers.values() if n is not None])
    for one in to_tell:
        number = numbers[one.national_id]
        person = persons[number] if number is not None else None
        if person is not None and person != case.applicant_id:
            _queue(case, one.letter, recipient_id=person)


def _number(text: str) -> NationalId | None:
    found = NationalId.parse(
        text,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    return found if isinstance(found, NationalId) else None


def _queue(case: Case, kind: str, **whom: Any) -> None:
    same: dict[str, Any] = {"recipient_id": None, "request": None, **whom}
    if Letter.objects.filter(case=case, kind=kind, decision=None, **same).exists():
        return
    actor = system(SUBSCRIBER)
    try:
        with transaction.atomic():
            row = Letter.objects.create(
                case=case,
                kind=kind,
                # Another's own language is asked for when the letter is made (`letter_languages`).
                language="" if same["recipient_id"] else case.language,
                queued_at=clock.now(),
                **same,
            )
    except IntegrityError as error:  # another worker was quicker
        if "letter_once_a_person" not in str(error):
            raise
        return
    about = decisions.about(stops.facts_of(case), role="system")
    log.append(events.LetterQueued(**about, letter_id=row.id, kind=kind), actor=actor)
    access_log.record(
        actor=actor,
        action="write",
        purpose="queue a letter",
        subject_id=same["recipient_id"] or case.applicant_id,
        case_id=case.id,
        fields=("letter",),
    )


def _line(row: Letter) -> LetterLine:
    return LetterLine(
        id=row.id,
        kind=row.kind,
        title=row.title,
        state=row.state,
        to_applicant=row.recipient_id is None,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
    )
