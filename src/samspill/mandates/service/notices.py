"""Tell the two sides what happens to a mandate: on their page here, or on paper to whoever is not digital (R16).

    queue_for     hears the room's own events and queues what the two are to be told; each thing once
    make_queued   asks Kontakt- og reservasjonsregisteret, writes the words in the person's language, and the letter
    mine, unread  what a person has been told
    letters_of    the letters of a mandate, for the counter that posts them

Whoever has reserved themselves, cannot be notified or is not in the register gets a letter; a register that stays
silent ends in a letter too. A child is told nothing of its parents' acts here (they read its mail), and nobody whose
address is strictly protected is told anything through this door.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import attrs
from django.db import transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from samspill.identity import service as identity
from samspill.infra import access_log, clock, files, pdf
from samspill.infra import events as log
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.mandates import events
from samspill.mandates.models import Grant, Notice, Party
from samspill.mandates.service import telling, words
from samspill.mandates.service.giving import giver_of
from samspill.mandates.service.notice_words import words_of
from samspill.registers import service as registers

SUBSCRIBER = "mandates.notices"
JOB = "mandates.notices"
HEARS = (
    events.MandateGiven, events.MandateAccepted, events.MandateConfirmed, events.MandateChanged,
    events.MandateUsed, events.MandateWithdrawn, events.MandateEndsSoon, events.MandateExpired,
)  # fmt: skip
_KINDS = {
    "MandateGiven": "given", "MandateAccepted": "accepted", "MandateConfirmed": "confirmed",
    "MandateChanged": "changed", "MandateUsed": "used", "MandateWithdrawn": "ended",
    "MandateEndsSoon": "soon", "MandateExpired": "expired",
}  # fmt: skip
_TO_THE_GIVER = ("accepted", "used")
_LISTED, _ATTEMPTS, _LEASE = 20, 5, dt.timedelta(minutes=5)
CONTACT = registers.Declaration(
    package_id="mandates",
    version="1",
    name="contact",
    register="krr.contact",
    legal_basis="eForvaltningsforskriften §§ 8, 29",
    purpose="tell the two sides of a mandate",
)


@attrs.frozen
class NoticeView:
    """One notice as the person reads it."""

    id: uuid.UUID
    mandate_id: uuid.UUID
    kind: str
    at: dt.datetime
    language: str
    on_paper: bool
    is_new: bool
    to: str = attrs.field(repr=False)
    title: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)


# ── who is told what ─────────────────────────────────────────────────────────────────────────────


def queue_for(event: log.Stored) -> None:
    """Queue what the two sides are to be told of one event; harmless to repeat."""
    kind, body = _KINDS[event.type], event.body
    mandate_id = uuid.UUID(str(body.get("replaced_by") or event.key))
    grant = Grant.objects.filter(id=mandate_id).first()
    if grant is None or _is_told_otherwise(kind, body, grant):
        return
    key = _key(kind, grant, event)
    for person in _to(kind, grant):
        _queue(person, kind, key, grant)


def _is_told_otherwise(kind: str, body: dict[str, Any], grant: Grant) -> bool:
    """A change is one notice, not an end and a gift; a parent's acts stand in the child's own list."""
    return (
        (kind == "ended" and body.get("why") == "changed")
        or (kind == "given" and grant.replaces_id is not None)
        or grant.kind == "foreldreansvar"
    )


def _key(kind: str, grant: Grant, event: log.Stored) -> str:
    """A register's word has a new identifier each day: there the first use of the day is told."""
    if kind == "used" and grant.source != "samspill":
        return f"used:{grant.grantee_id}:{event.at:%Y-%m-%d}"
    return f"{kind}:{grant.id}"


def _to(kind: str, grant: Grant) -> list[uuid.UUID]:
    sides = [grant.grantor_id]
    if kind not in _TO_THE_GIVER and grant.grantee_id is not None:
        sides.append(grant.grantee_id)
    hidden = Party.objects.filter(person_id__in=sides, protection="strengtFortrolig")
    hidden_ids = set(hidden.values_list("person_id", flat=True))
    return [one for one in sides if one not in hidden_ids]


def _queue(person: uuid.UUID, kind: str, key: str, grant: Grant) -> None:
    last = date_format(grant.valid_to, "Y-m-d") if grant.valid_to else ""
    Notice.objects.get_or_create(
        person_id=person,
        key=key,
        defaults={
            "id": new_id(),
            "mandate_id": grant.id,
            "kind": kind,
            "names": {
                "giver": grant.grantor_name,
                "agent": grant.grantee_name,
                "last": last,
                "own": person == grant.grantor_id,
                "scopes": list(grant.scopes),
                "asks": grant.accepted_at is None,
                "paper": grant.kind == "fullmakt_papir",
            },
            "posted_by_org": grant.registered_org,
            "queued_at": clock.now(),
        },
    )


# ── made and sent ────────────────────────────────────────────────────────────────────────────────


def make_queued(*, limit: int = 100) -> int:
    """Make the notices that wait, oldest first; several workers may do it at once. Return how many were taken."""
    taken = 0
    while taken < limit and _make_one():
        taken += 1
    return taken


def _make_one() -> bool:
    now = clock.now()
    with transaction.atomic():
        waiting = Notice.objects.select_for_update(skip_locked=True).filter(state="queued")
        row = waiting.exclude(next_at__gt=now).order_by("queued_at", "id").first()
        if row is None:
            return False
        # A register is asked next, and never while a row is locked.
        row.next_at, row.attempts = now + _LEASE, row.attempts + 1
        row.save(update_fields=["next_at", "attempts"])
    contact = _contact(row)
    if contact is None and row.attempts < _ATTEMPTS:
        return True  # silent: tried again after the lease
    with transaction.atomic():
        locked = Notice.objects.select_for_update().get(id=row.id)
        if locked.state == "queued":
            _make(locked, contact or {})
    return True


def _contact(row: Notice) -> dict[str, Any] | None:
    """Ask how the person is reached: None when the register is silent, empty when it does not know them."""
    actor = system(JOB)
    number = identity.national_id_of(row.person_id, actor=actor, purpose=CONTACT.purpose)
    reply = registers.lookup(actor=actor, declaration=CONTACT, person=number, on=clock.today())
    if isinstance(reply, registers.Unavailable):
        return None
    return dict(reply.data) if isinstance(reply, registers.Found) else {}


def _make(row: Notice, contact: dict[str, Any]) -> None:
    actor = system(JOB)
    chosen = contact.get("language")
    row.language = chosen if chosen in ("nb", "nn", "en") else "nb"
    digital = contact.get("can_be_notified") is True and contact.get("reserved") is False
    row.channel = "digital" if digital else "paper"
    with translation.override(row.language):
        row.title, row.text = words_of(row.kind, row.names, row.language)
        if not digital:
            row.file_id = _letter(row)
    row.state, row.sent_at = "sent", clock.now()
    row.save()
    access_log.record(
        actor=actor,
        action="write",
        purpose=f"{telling.PURPOSE}: tell of a mandate",
        legal_basis=CONTACT.legal_basis,
        subject_id=row.person_id,
        fields=("notice",),
        detail={"mandate": str(row.mandate_id), "channel": row.channel},
    )


_SOURCE = """
#let told = data.values
= #told.title

#for line in told.lines [
  #par(line)
]
#v(6mm)
#told.date
"""


def _letter(row: Notice) -> uuid.UUID:
    footer = _("Letter about a mandate")
    data = {
        "title": row.title,
        "lines": row.text.splitlines(),
        "date": words.day(clock.today()),
    }
    content = pdf.render(_SOURCE, title=row.title, language=row.language, footer=footer, data=data)
    stored = files.keep(
        content, filename="brev.pdf", media_type="application/pdf", owner_id=row.person_id
    )
    return stored.id


# ── read ─────────────────────────────────────────────────────────────────────────────────────────


def unread(actor: Actor) -> int:
    """Return how many notices about mandates the actor has not seen."""
    if actor.kind != "citizen" or actor.person_id is None or actor.on_behalf_of is not None:
        return 0
    return Notice.objects.filter(
        person_id=actor.person_id, state="sent", read_at__isnull=True
    ).count()


def mine(actor: Actor) -> list[NoticeView]:
    """Return what the actor has been told, newest first, and note that it has been seen."""
    person = giver_of(actor)
    rows = list(Notice.objects.filter(person_id=person, state="sent").order_by("-queued_at")[:_LISTED])  # fmt: skip
    shown = [_view(row) for row in rows]
    Notice.objects.filter(id__in=[row.id for row in rows], read_at__isnull=True).update(
        read_at=clock.now()
    )
    return shown


def _view(row: Notice) -> NoticeView:
    return NoticeView(
        id=row.id,
        mandate_id=row.mandate_id,
        kind=row.kind,
        at=row.sent_at or row.queued_at,
        title=row.title,
        text=row.text,
        language=row.language,
        on_paper=row.channel == "paper",
        is_new=row.read_at is None,
        to=str(row.names.get("giver" if row.names.get("own") else "agent", "")),
    )


def letters_of(mandate_id: uuid.UUID, *, org_no: str) -> list[NoticeView]:
    """Return the letters of a mandate that an organisation's counter posts, oldest first."""
    rows = Notice.objects.filter(mandate_id=mandate_id, posted_by_org=org_no, channel="paper")
    return [_view(row) for row in rows.order_by("queued_at")]


def read_letter(actor: Actor, *, notice_id: uuid.UUID) -> bytes:
    """Give the PDF of a notice to the person it is to, or to the counter that posts it; the reading is logged.

    Raises:
        RefusedError: no such letter for the actor.
    """
    row = Notice.objects.filter(id=notice_id, file_id__isnull=False).first()
    own = row is not None and actor.kind == "citizen" and row.person_id == actor.person_id
    posts = (
        row is not None
        and actor.kind == "employee"
        and bool(row.posted_by_org)
        and row.posted_by_org == actor.org_no
        and actor.has_role("municipality_caseworker", "municipality_leader", "counter")
    )
    if row is None or row.file_id is None or not (own or posts):
        raise telling.not_found()
    _stored, content = files.read(row.file_id, actor=actor, purpose="read a letter about a mandate")
    return content
