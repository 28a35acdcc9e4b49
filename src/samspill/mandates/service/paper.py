"""Paper at the counter: registered by one employee, confirmed by another or by the giver's code (R12)."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from typing import Any

import attrs
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from samspill.infra import clock, files, pdf
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.mandates import events
from samspill.mandates.models import CodeLetter, Grant
from samspill.mandates.service import giving, notices, telling, words
from samspill.mandates.service.giving import Offer
from samspill.mandates.service.notices import NoticeView
from samspill.mandates.service.reading import MandateView, view_of

ROLES = ("municipality_caseworker", "municipality_leader", "counter")
OBJECTION_DAYS = 14
_CODE_DAYS, _ATTEMPTS = 30, 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@attrs.frozen
class PaperView:
    """A paper mandate as the counter sees it."""

    mandate: MandateView
    registered_here: bool
    mine: bool
    object_until: dt.date | None
    confirmed: bool
    scanned: bool = False
    letters: tuple[NoticeView, ...] = ()


@attrs.frozen
class Scan:
    """The paper as it was scanned or photographed: PDF, JPEG or PNG, at most 10 MiB."""

    content: bytes = attrs.field(repr=False)
    filename: str = ""


def register_paper(
    actor: Actor, *, giver_number: str, giver_family: str, offer: Offer, scan: Scan | None = None
) -> uuid.UUID:
    """Register a mandate that both have signed on paper. It does not count before it is confirmed.

    The scan is cleaned and kept by its content; without one the paper itself is kept by the counter.

    Raises:
        RefusedError: no role, a party is not found, one is too young, or the employee is one of the parties.
    """
    org_no = _employee(actor)
    giving.check(offer)
    giver = giving.find_person(actor, giver_number, giver_family, where="giver_number")
    agent = giving.find_agent(actor, offer)
    if actor.person_id in (giver.person_id, agent.person_id):
        raise _own_matter()
    if agent.person_id == giver.person_id:
        raise refuse(
            "own_agent",
            "The giver and the agent are the same person.",
            where="agent_number",
            remedy="Write the number of the one who is to act.",
        )
    giving.old_enough(actor, giver.person_id, agent, offer)
    signed = giving.signed_text(actor, offer, agent, giver=(giver.person_id, giver.full))
    kept = _keep(actor, scan, giver.person_id) if scan is not None else None
    return giving.store(
        actor,
        offer,
        agent,
        signed,
        kind="fullmakt_papir",
        grantor_id=giver.person_id,
        grantor_name=giver.full,
        registered_by=str(actor.person_id),
        registered_org=org_no,
        evidence_file=kept,
        object_until=clock.today() + dt.timedelta(days=OBJECTION_DAYS),
        accepted_at=clock.now(),  # the agent has signed the paper
    )


def _keep(actor: Actor, scan: Scan, owner_id: uuid.UUID) -> uuid.UUID:
    kept = files.store(scan.content, filename=scan.filename, owner_id=owner_id, actor=actor)
    if isinstance(kept, files.FileRefused):
        raise refuse(
            "scan_refused",
            "The scan could not be taken.",
            where="scan",
            remedy="Choose a PDF, JPEG or PNG of at most 10 MB that can be opened.",
        )
    return kept.id


def read_scan(actor: Actor, *, mandate_id: uuid.UUID) -> tuple[bytes, str]:
    """Return the scan of a paper and its media type, to its two sides and to the counter that registered it.

    Raises:
        RefusedError: no such paper for the actor, or it was not scanned.
    """
    if actor.kind == "employee":
        row = _ours(actor, mandate_id)
    else:
        person = giving.giver_of(actor)
        found = Grant.objects.filter(id=mandate_id, kind="fullmakt_papir").first()
        if found is None or person not in (found.grantor_id, found.grantee_id):
            raise telling.not_found()
        row = found
    if row.evidence_file is None:
        raise telling.not_found()
    stored, content = files.read(
        row.evidence_file, actor=actor, purpose=f"{telling.PURPOSE}: read the scan of a paper"
    )
    return content, stored.media_type


def waiting_papers(actor: Actor) -> list[PaperView]:
    """Return the paper mandates that the actor's organisation has registered and that still stand, newest first."""
    org_no = _employee(actor)
    rows = Grant.objects.filter(
        kind="fullmakt_papir", registered_org=org_no, revoked_at__isnull=True
    ).select_related("text")
    found = [_view(actor, row) for row in rows.order_by("-created_at")[:100]]
    for row in found:
        telling.saw(
            actor,
            "see paper mandates",
            subject_id=Grant.objects.values_list("grantor_id", flat=True).get(id=row.mandate.id),
        )
    return found


def paper_mandate(actor: Actor, *, mandate_id: uuid.UUID) -> PaperView:
    """Return one paper mandate of the actor's organisation."""
    row = _ours(actor, mandate_id)
    telling.saw(actor, "see a paper mandate", subject_id=row.grantor_id)
    return _view(actor, row)


def _view(actor: Actor, row: Grant) -> PaperView:
    return PaperView(
        view_of(actor, row),
        registered_here=row.registered_org == actor.org_no,
        mine=row.registered_by == str(actor.person_id),
        object_until=row.object_until,
        confirmed=bool(row.confirmed_by),
        scanned=row.evidence_file is not None,
        letters=tuple(notices.letters_of(row.id, org_no=actor.org_no or "")),
    )


@transaction.atomic
def approve_paper(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """Confirm as the second employee: not the one who registered it, and neither of the parties.

    Raises:
        RefusedError: the same employee, a party, or it is not waiting.
    """
    row = _ours(actor, mandate_id, lock=True)
    if row.registered_by == str(actor.person_id):
        raise refuse(
            "four_eyes",
            "The one who registered the paper cannot confirm it.",
            remedy="Ask a colleague to look at the paper and confirm it.",
            status=403,
        )
    _confirm(actor, row, str(actor.person_id))


def print_letter(actor: Actor, *, mandate_id: uuid.UUID) -> bytes:
    """Make the letter with a code to the giver, as PDF. Earlier codes no longer count.

    Not by the one who registered the paper: who reads the code must not be alone with it.
    """
    code = "".join(secrets.choice(_ALPHABET) for _unused in range(8))
    with transaction.atomic():
        row = _ours(actor, mandate_id, lock=True)
        if row.registered_by == str(actor.person_id):
            raise refuse(
                "four_eyes",
                "The one who registered the paper cannot make the letter with the code.",
                remedy="Ask a colleague to make it and send it.",
                status=403,
            )
        _must_wait(row)
        assert actor.person_id is not None  # an employee is a person
        now = clock.now()
        row.letters.filter(used_at__isnull=True).update(expires_at=now)
        CodeLetter.objects.create(
            id=new_id(),
            grant=row,
            code_sha256=_hash(row, code),
            made_at=now,
            made_by=actor.person_id,
            expires_at=now + dt.timedelta(days=_CODE_DAYS),
        )
        telling.tell(actor, row, "letter")
    return _letter(row, code)


def confirm_by_code(actor: Actor, *, mandate_id: uuid.UUID, code: str) -> None:
    """Confirm with the code that the giver brought or told: five tries, thirty days, once.

    Raises:
        RefusedError: a wrong or old code, or it is not waiting.
    """
    typed = "".join(code.upper().split()).replace("-", "")
    with transaction.atomic():
        row = _ours(actor, mandate_id, lock=True)
        _must_wait(row)
        letters = row.letters.filter(used_at__isnull=True, expires_at__gt=clock.now())
        letter = letters.order_by("-made_at").first()
        wrong = letter is None or letter.attempts >= _ATTEMPTS
        if letter is not None and not wrong:
            wrong = not secrets.compare_digest(letter.code_sha256, _hash(row, typed))
            letter.attempts += 1
            letter.used_at = None if wrong else clock.now()
            letter.save(update_fields=["attempts", "used_at"])
        if letter is not None and not wrong:
            _confirm(actor, row, f"code:{letter.id}")
    if wrong:
        raise refuse(
            "code_wrong",
            "The code is wrong, used or too old.",
            where="code",
            remedy="Check it, or make a new letter. A code can be tried five times.",
        )


@transaction.atomic
def end_on_request(actor: Actor, *, mandate_id: uuid.UUID) -> None:
    """End a paper mandate when the giver asks for it at the counter, on the phone or in an objection."""
    row = _ours(actor, mandate_id, lock=True)
    if row.revoked_at is None:
        giving.end(actor, row, "withdrawn")


def _confirm(actor: Actor, row: Grant, by: str) -> None:
    if actor.person_id in (row.grantor_id, row.grantee_id):
        raise _own_matter()
    _must_wait(row)
    row.confirmed_by = by
    row.save(update_fields=["confirmed_by"])
    told: dict[str, Any] = telling.about(row)
    telling.tell(actor, row, "confirmed", events.MandateConfirmed(**told))


def _must_wait(row: Grant) -> None:
    if giving.state_of(row) != "pending":
        raise refuse(
            "not_now",
            "This cannot be done with the mandate as it stands now.",
            remedy="Go to Mandates and see how it stands.",
            status=409,
        )


def _employee(actor: Actor) -> str:
    if actor.kind != "employee" or not actor.has_role(*ROLES) or not actor.org_no:
        raise refuse(
            "role_required",
            "Your role does not give access to this.",
            remedy="Choose another organisation, or ask your leader for the role.",
            status=403,
        )
    return actor.org_no


def _ours(actor: Actor, mandate_id: uuid.UUID, *, lock: bool = False) -> Grant:
    org_no = _employee(actor)
    rows: Any = Grant.objects.filter(id=mandate_id, kind="fullmakt_papir", registered_org=org_no)
    row: Grant | None = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise telling.not_found()
    return row


def _own_matter() -> RefusedError:
    return refuse(
        "own_matter",
        "You are a party to this mandate yourself.",
        remedy="Ask a colleague who is not.",
        law="forvaltningsloven § 6",
        status=403,
    )


def _hash(row: Grant, code: str) -> str:
    return hashlib.sha256(f"{row.id}:{code}".encode()).hexdigest()


_LETTER = """
#let told = data.values
= #told.title

#for line in told.lines [
  #par(line)
]
#v(6mm)
#text(size: 20pt, weight: "bold", told.code)
#v(6mm)
#told.remedy
"""


def _letter(row: Grant, code: str) -> bytes:
    language = row.text.language if row.text else "nb"
    with translation.override(language):
        data = {
            "title": _("A mandate in your name has been registered"),
            "lines": row.text.text.splitlines() if row.text else [],
            "code": f"{code[:4]} {code[4:]}",
            "remedy": _(
                "If this is right, bring or tell this code to the municipality. If it is not, tell the "
                "municipality before %(day)s. Until the code is given, the mandate does not count."
            )
            % {"day": words.day(row.object_until) if row.object_until else ""},
        }
        title = data["title"]
    return pdf.render(_LETTER, data=data, title=str(title), language=language)
