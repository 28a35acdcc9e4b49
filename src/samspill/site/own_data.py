"""Everything that is stored about a person, as a file and as paper: asked for with one button, made by a job (SP-11).

Personvernforordningen artikkel 15 and 20. What each room holds comes through its door (`infra.own_data`); here are
added who has looked, files, what the services do with information, and what was done as an employee. A request is
answered at once, and within a month by law; the content lies ready for a week and is then deleted.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Literal

import attrs
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from samspill.identity import service as identity
from samspill.infra import access_log, clock, deletions, jobs, looks, own_data
from samspill.infra import models as rows
from samspill.infra.canonical import canonical_json
from samspill.infra.own_data import Asked, Record, Section, record
from samspill.kernel.actor import Actor, citizen, system
from samspill.kernel.ids import NationalId
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import service as packages
from samspill.site import looking, own_data_paper

FORMAT = "samspill-own-data/1"
SCHEMA = "personvern/alt-om-meg.schema.json"
READY_FOR = dt.timedelta(days=7)
ANSWER_WITHIN = dt.timedelta(days=30)
JOB = "own_data.make"
COPIES = "copies for access requests"
KINDS = ("json", "pdf")
AT_COUNTER = ("counter", "municipality_caseworker", "protected_caseworker")
CLEARED = "protected_caseworker"
PURPOSE = "answer an access request"
_LAW = "personvernforordningen artikkel 15"
_LANGUAGES = ("nb", "nn", "en")
_SHOWN = 10
_MOST_REASON = 500


@attrs.frozen(kw_only=True)
class Request:
    """A request as who asked sees it; `share` is how much of it is made, in percent."""

    id: uuid.UUID
    state: str
    share: int
    asked_at: dt.datetime
    answer_by: dt.date
    ready_at: dt.datetime | None
    expires_at: dt.datetime | None
    sha256: str


def ask(actor: Actor) -> Request:
    """Ask for everything about oneself. While one request is being made, a second is the same one.

    Raises:
        RefusedError: `login_needed`, also for who acts for another: each asks for their own.
    """
    subject = citizen(actor)
    return _queued(actor, subject, asked_by=None)


def ask_at_counter(actor: Actor, *, number: str, reason: str, is_present: bool) -> Request:
    """Ask for a person without e-ID who stands at the counter; what is made is printed and handed over.

    A protected person is answered by cleared employees only; to others the answer is that of somebody unknown.

    Args:
        actor: an employee of `AT_COUNTER`.
        number: the person's identity number.
        reason: why it is done for them; the person sees it in the log.
        is_present: the person is there and has shown who they are.

    Raises:
        RefusedError: `not_present`, `no_reason`, `nothing_to_print`, `own_matter`.
    """
    if not actor.has_role(*AT_COUNTER):
        raise _nothing()
    _refuse_hasty(reason, is_present=is_present)
    subject = _known_person(number)
    if subject is not None and subject == actor.person_id:
        raise refuse(
            "own_matter",
            "You cannot handle your own matter.",
            where="number",
            remedy="Log in as yourself and ask on My page.",
            status=403,
        )
    cleared = actor.has_role(CLEARED)
    if subject is None or (looking.is_hidden(actor, subject) and not cleared):
        _log(actor, subject, "search", "deny", {"reason": reason.strip()})
        raise _nothing()
    return _queued(actor, subject, asked_by=actor.person_id, reason=reason.strip())


def _refuse_hasty(reason: str, *, is_present: bool) -> None:
    if not is_present:
        raise refuse(
            "not_present",
            "The person must be there and have shown who they are.",
            where="present",
            remedy="Ask for identification and tick the box.",
        )
    if not reason.strip() or len(reason) > _MOST_REASON:
        raise refuse(
            "no_reason",
            "Write why it is done for the person, in a few words.",
            where="reason",
            remedy="Write for example that the person has no electronic ID.",
        )


def requests_of(actor: Actor) -> list[Request]:
    """Return the newest requests of the one who asks: a citizen's own, or those an employee made at the counter."""
    found = _visible(actor).order_by("-asked_at").defer("json", "pdf")[:_SHOWN]
    return [_view(row) for row in found]


def fetch(actor: Actor, *, request_id: uuid.UUID, kind: str) -> bytes:
    """Return the file (`json`) or the paper (`pdf`) of a request that is ready; written in the log each time.

    Raises:
        RefusedError: `not_found`, also for what is another's or is deleted again.
    """
    ready = _visible(actor).filter(pk=request_id, state="ready", expires_at__gt=clock.now())
    row = ready.first() if kind in KINDS else None
    with transaction.atomic():
        subject = row.subject_id if row else None
        told = {"request": str(request_id), "kind": kind}
        action: access_log.Action = "print" if actor.kind == "employee" else "export"
        _log(actor, subject, action, "permit" if row else "deny", told)
    if row is None:
        raise refuse(
            "not_found",
            "There is no such file for you.",
            remedy="Ask for a new one.",
            status=404,
        )
    content: bytes = bytes(row.pdf if kind == "pdf" else row.json)
    return content


def make(request_id: uuid.UUID) -> bool:
    """Make what was asked for; harmless to repeat. Return whether it was made now."""
    row = rows.OwnDataRequest.objects.filter(pk=request_id, state="waiting").first()
    if row is None:
        return False
    with translation.override(row.language):
        steps = len(own_data.doors()) + 1

        def tell(done: int) -> None:
            rows.OwnDataRequest.objects.filter(pk=row.pk).update(done=done, total=steps + 1)

        content, pdf = made_for(row.subject_id, language=row.language, tell=tell)
    with transaction.atomic():
        locked = rows.OwnDataRequest.objects.select_for_update().get(pk=row.pk)
        if locked.state != "waiting":
            return False
        locked.state, locked.json, locked.pdf = "ready", content, pdf
        locked.done = locked.total = steps + 1
        locked.ready_at = clock.now()
        locked.expires_at = locked.ready_at + READY_FOR
        locked.json_sha256 = own_data_paper.sha256(content)
        locked.save()
    return True


def made_for(
    person_id: uuid.UUID, *, language: str, tell: Callable[[int], None] = lambda _done: None
) -> tuple[bytes, bytes]:
    """Return everything about a person as JSON and as PDF/A, in the language that is active; reading it is logged."""
    actor = system(PURPOSE)
    with transaction.atomic():
        _log(actor, person_id, "read", "permit", {})
        hides = looking.is_hidden(actor, person_id)
        number = identity.national_id_of(person_id, actor=actor, purpose=PURPOSE).value
        asked = Asked(actor=actor, person_id=person_id, number=number, hides_places=hides)
        sections: list[Section] = []
        for done, door in enumerate(own_data.doors(), start=1):
            sections += door.give(asked)
            tell(done)
        services = _services(sections, language)
    content = {
        "format": FORMAT,
        "schema": f"{settings.BASE_URL}/{SCHEMA}",
        "made_at": clock.now(),
        "language": language,
        "address_hidden": hides,
        "services": services,
        "sections": {one.key: one.as_json() for one in sections},
    }
    pdf = own_data_paper.set_paper(sections, services, language=language, hides_places=hides)
    tell(len(own_data.doors()) + 1)
    return canonical_json(content).encode(), pdf


def forget_old() -> int:
    """Delete the content of requests that have been ready for long enough; return how many."""
    with transaction.atomic():
        gone = list(old().select_for_update(skip_locked=True).values_list("id", flat=True))
        of = rows.OwnDataRequest.objects.filter(id__in=gone)
        of.update(state="gone", json=None, pdf=None)
        deletions.tell(system("own_data.forget"), what=COPIES, ids=map(str, gone))
    return len(gone)


def old() -> QuerySet[rows.OwnDataRequest]:
    """Return the requests whose content has been ready for long enough."""
    return rows.OwnDataRequest.objects.filter(state="ready", expires_at__lte=clock.now())


def sections_of_the_house(asked: Asked) -> Iterator[Section]:
    """Give what the ground holds: who has looked, what was reported, files, requests, acts as an employee."""
    me = asked.person_id
    reports = rows.LookReport.objects.filter(subject_id=me).order_by("reported_at")
    files = rows.StoredFile.objects.filter(owner_id=me).order_by("stored_at")
    requests = rows.OwnDataRequest.objects.filter(subject_id=me).order_by("asked_at")
    acts = own_data.acts_of(me)
    found = (
        ("looks", _("Who has looked at your information"), "", list(_looks(asked))),
        ("reports", _("Looks you have reported"), "", [_report(row) for row in reports]),
        ("files", _("Files that are stored as yours"), "", [_file(row) for row in files]),
        (
            "own_data_requests",
            _("When you asked for this"),
            "",
            [_request(row) for row in requests.defer("json", "pdf")],
        ),
        (
            "acts",
            _("What you have done as an employee"),
            _(
                "Numbers only: what it was about belongs to others. Your employer answers for the rest."
            ),
            [record(one, {"table": _("Kind"), "rows": _("How many")}) for one in acts],
        ),
    )
    for key, title, note, records in found:
        yield Section(key=f"infra.{key}", title=title, note=note, records=tuple(records))


def _report(row: rows.LookReport) -> Record:
    data = {
        "entry": row.entry_id,
        "text": row.text,
        "reported_at": row.reported_at,
        "answer": row.answer,
        "answered_at": row.answered_at,
    }
    labels = {"reported_at": _("Reported"), "text": _("What you wrote"), "answer": _("Answer")}
    return record(data, labels)


def _file(row: rows.StoredFile) -> Record:
    data = {
        "filename": row.filename,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "stored_at": row.stored_at,
        "deleted_at": row.deleted_at,
    }
    labels = {"filename": _("Name"), "stored_at": _("Stored"), "deleted_at": _("Deleted")}
    return record(data, labels)


def _request(row: rows.OwnDataRequest) -> Record:
    data = {"asked_at": row.asked_at, "at_counter": row.asked_by is not None, "reason": row.reason}
    labels = {"asked_at": _("When"), "at_counter": _("At the counter"), "reason": _("Why")}
    return record(data, labels)


def _looks(asked: Asked) -> Iterator[Record]:
    labels = {
        "at": _("When"),
        "who": _("Who"),
        "what": _("What was done"),
        "purpose": _("Why"),
        "legal_basis": _("Law"),
    }
    for look in looks.all_looks_at(asked.person_id):
        line = looking.line(look, with_roles=not asked.hides_places)
        yield record(
            {
                "entry": look.id,
                "at": look.at,
                "since": look.since,
                "times": look.count,
                "who": line.organisation,
                "roles": list(line.roles),
                "what": line.action,
                "action": look.action,
                "purpose": line.purpose,
                "legal_basis": look.legal_basis,
                "fields": list(look.fields),
                "case": str(look.case_id or ""),
                "permitted": look.permitted,
                "own": look.own,
            },
            labels,
        )


def _services(sections: list[Section], language: str) -> list[dict[str, Any]]:
    """Give sources, recipients and time limits of every service that the person has something in."""
    used = {
        str(one.data["service"])
        for section in sections
        for one in section.records
        if one.data.get("service")
    }
    found = []
    for package_id in sorted(used):
        try:
            package = packages.published(package_id)
        except RefusedError:  # no version is valid today; what it was stands with each case
            continue
        found.append(packages.record_of(package, language).as_json())
    return found


def _queued(
    actor: Actor, subject: uuid.UUID, *, asked_by: uuid.UUID | None, reason: str = ""
) -> Request:
    language = actor.language if actor.language in _LANGUAGES else "nb"
    with transaction.atomic():
        row, is_new = rows.OwnDataRequest.objects.get_or_create(
            subject_id=subject,
            asked_by=asked_by,
            state="waiting",
            defaults={
                "org_no": (actor.org_no or "") if asked_by else "",
                "reason": reason,
                "language": language,
                "asked_at": clock.now(),
            },
        )
        if is_new:
            _log(actor, subject, "export", "permit", {"reason": reason} if reason else {})
            jobs.defer(JOB, key=f"own_data {row.pk}", request_id=str(row.pk))
    return _view(row)


def _visible(actor: Actor) -> Any:
    if actor.kind == "employee" and actor.has_role(*AT_COUNTER):
        return rows.OwnDataRequest.objects.filter(
            asked_by=actor.person_id, org_no=actor.org_no or "-"
        )
    return rows.OwnDataRequest.objects.filter(subject_id=citizen(actor), asked_by=None)


def _view(row: rows.OwnDataRequest) -> Request:
    is_there = row.state == "ready" and row.expires_at is not None and row.expires_at > clock.now()
    return Request(
        id=row.pk,
        state="gone" if row.state == "ready" and not is_there else row.state,
        share=round(100 * row.done / row.total) if row.total else 0,
        asked_at=row.asked_at,
        answer_by=(row.asked_at + ANSWER_WITHIN).date(),
        ready_at=row.ready_at,
        expires_at=row.expires_at,
        sha256=row.json_sha256,
    )


def _known_person(number: str) -> uuid.UUID | None:
    from django.conf import settings

    parsed = NationalId.parse(
        number,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    if not isinstance(parsed, NationalId):
        return None
    return identity.known_person_ids([parsed]).get(parsed)


def _nothing() -> RefusedError:
    return refuse(
        "nothing_to_print",
        "There is nothing that can be printed here for that number.",
        where="number",
        remedy="Check the number; if it is right, show the person how to write to the privacy contact.",
        status=404,
    )


def _log(
    actor: Actor,
    subject: uuid.UUID | None,
    action: access_log.Action,
    outcome: Literal["permit", "deny"],
    detail: dict[str, Any],
) -> None:
    access_log.record(
        actor=actor,
        action=action,
        purpose=PURPOSE,
        legal_basis=_LAW,
        subject_id=subject,
        outcome=outcome,
        detail=detail,
    )
