"""Messages on a case, written by the applicant and read by them."""

from __future__ import annotations

import uuid

from django.db import transaction

from samspill.cases import events
from samspill.cases.models import Case, Message
from samspill.cases.service import pins, representing, storing, views
from samspill.cases.service.access import door, own_case
from samspill.cases.service.values import MessageView
from samspill.infra import clock
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import refuse

MAX_LENGTH = 5000


@door
def send_message(
    actor: Actor, *, case_id: uuid.UUID, text: str, idempotency_key: str = ""
) -> MessageView:
    """Write to those who handle the case: the municipality that prepares it, or the agency.

    Also a closed case can be written about. The same key and text give the same message.

    Raises:
        RefusedError: not one's case, an empty text or one that is too long, `key_used`.
    """
    words = clean(text)
    with transaction.atomic():
        case = own_case(actor, case_id, lock=True)
        sent = sent_before(case, "applicant", idempotency_key, words)
        if sent is not None:
            return message_view(sent)
        package = pins.pinned(case)
        row = Message.objects.create(
            id=new_id(),
            case=case,
            sender="applicant",
            receiver="agency" if case.waiting_for == "agency" else package.service.prepared_by,
            person_id=actor.person_id,
            by_name=representing.name_of(actor),
            text=words,
            idempotency_key=idempotency_key[:100],
            sent_at=clock.now(),
        )
        storing.note(
            actor,
            [views.log_entry(case, package, action="write", purpose="write a message")],
            [
                events.MessageSent(
                    **views.about_case(case), message_id=row.id, receiver=row.receiver
                )
            ],
        )
    return message_view(row)


def sent_before(case: Case, sender: str, key: str, words: str) -> Message | None:
    """Return the message that was sent under a key, as when somebody clicks twice; None when there is none.

    Raises:
        RefusedError: `key_used`: another text was sent under it, from a page that one has come back to. It would
            else be lost, and be told to be sent.
    """
    sent = Message.objects.filter(case=case, sender=sender, idempotency_key=key[:100]).first()
    if not key or sent is None:
        return None
    if sent.text != words:
        raise refuse(
            "key_used",
            "Another message was sent from this page before, so this one is not sent yet.",
            where="text",
            remedy="Your text is kept. Send it once more.",
            status=409,
        )
    return sent


def mark_read(case_id: uuid.UUID) -> int:
    """Note that the applicant has opened the messages sent to them; give how many were new."""
    return Message.objects.filter(
        case_id=case_id, receiver="applicant", read_at__isnull=True
    ).update(read_at=clock.now())


def message_view(row: Message) -> MessageView:
    """Show one message; who among the employees wrote it is not told here."""
    return MessageView(
        id=row.id,
        sender=row.sender,
        text=row.text,
        sent_at=row.sent_at,
        read_at=row.read_at,
        by_agent=row.by_name,
    )


def clean(text: str) -> str:
    """Give the text without blanks at its ends; refuse what is empty, too long or not text."""
    words = text.replace("\x00", "").strip()
    if not words:
        raise refuse(
            "empty_text",
            "The message is empty.",
            where="text",
            remedy="Write something and send again.",
        )
    if len(words) > MAX_LENGTH:
        raise refuse(
            "text_too_long",
            "The text is longer than %(length)s characters.",
            where="text",
            remedy="Shorten it, or add it as a document.",
            values={"length": MAX_LENGTH},
        )
    return words
