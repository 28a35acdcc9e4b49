"""What the room holds about a person: drafts, cases with all that belongs to them, and what stands in others' cases.

Read for an access request (`infra.own_data`). What is withheld by law (forvaltningsloven §§ 18 a to 19) is named with
the rule; internal texts that others are protected by are not opened here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.cases.models import ADDRESS_HIDDEN, Case, Draft, EmployeeTies, Letter
from samspill.cases.service import pins
from samspill.cases.service.own_answers import Told, row_about, told
from samspill.cases.service.own_happenings import attachments, happenings, letter
from samspill.cases.service.wording import amount_text, month_text
from samspill.infra.own_data import Asked, Door, Record, Section, record
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

_ORE = 100


def personal_data_of(asked: Asked) -> Iterator[Section]:
    """Give every section of the room about a person."""
    cases = list(
        Case.objects.select_related("application")
        .filter(applicant_id=asked.person_id)
        .order_by("submitted_at")
    )
    drafts = list(Draft.objects.of_person(asked.person_id).order_by("started_at"))
    every: list[Draft | Case] = [*drafts, *cases]
    read = {row.pk: _told_of(asked, row) for row in every}
    yield Section(
        key="cases.drafts",
        title=_("Applications you have begun and not sent"),
        records=tuple(_draft(row, read[row.pk], asked) for row in drafts),
    )
    yield Section(
        key="cases.cases",
        title=_("Your cases"),
        records=tuple(_case(row, read[row.pk], asked) for row in cases),
    )
    yield Section(
        key="cases.household",
        title=_("Others who stand in your applications"),
        about="others",
        note=_(
            "You have written this, or were shown it when you applied, and may see it as a party "
            "(Public Administration Act section 18). Identity numbers are cut to the date of birth."
        ),
        records=tuple(_others(row, read[row.pk]) for row in every if read[row.pk].others),
    )
    yield from _elsewhere(asked)


def _told_of(asked: Asked, row: Draft | Case) -> Told:
    package = pins.pinned(row)
    written = row if isinstance(row, Draft) else row.application
    answers = row.answers if isinstance(row, Draft) else {**row.application.answers, **row.amended}
    hides = asked.hides_places or row.protection in ADDRESS_HIDDEN
    return told(
        package, answers, written.facts, written.reasons, language=_language(), hides_places=hides
    )


def _draft(row: Draft, said: Told, asked: Asked) -> Record:
    hides = asked.hides_places or row.protection in ADDRESS_HIDDEN
    package = pins.pinned(row)
    data = {
        "id": str(row.id),
        "service": package.id,
        "version": package.version,
        "municipality": None if hides else _municipality(row.municipality_id),
        "written_by_another": row.written_by_id is not None,
        "started_at": row.started_at,
        "saved_at": row.saved_at,
        "deleted_at": row.expires_at,
        "language": row.language,
        "answers": said.answers,
        "register_facts": said.facts,
        "attachments": attachments(row, package),
    }
    labels = {
        "municipality": _("Municipality"),
        "started_at": _("Begun"),
        "saved_at": _("Saved"),
        "deleted_at": _("Is deleted, when it is not sent"),
    }
    return _with_answers(record(data, labels, _title(package)), said)


def _case(row: Case, said: Told, asked: Asked) -> Record:
    package = pins.pinned(row)
    hides = asked.hides_places or row.protection in ADDRESS_HIDDEN
    data = {
        "id": str(row.id),
        "service": package.id,
        "version": package.version,
        "state": row.state,
        "state_text": package.text(f"state.{row.state}.label", _language()),
        "municipality": None if hides else _municipality(row.municipality_id),
        "channel": row.channel,
        "sent_by_another": row.submitted_by_id is not None,
        "language": row.language,
        "submitted_at": row.submitted_at,
        "due_on": row.due_on,
        "closed_at": row.closed_at,
        "stopped_reason": row.stopped_reason,
        "receipt_code": row.application.receipt_code,
        "body_sha256": row.application.body_sha256,
        "declaration": row.application.declaration,
        "answers": said.answers,
        "register_facts": said.facts,
        **happenings(row, package, hides=hides),
    }
    shown = record({**data, **_counts(data)}, _case_labels(), _title(package))
    return _with_answers(Record(data, shown.title, shown.lines), said)


def _case_labels() -> dict[str, str]:
    return {
        "submitted_at": _("Sent"),
        "state_text": _("Stands"),
        "municipality": _("Municipality"),
        "receipt_code": _("Verification code"),
        "closed_at": _("Closed"),
        "decided": _("Decisions"),
        "paid": _("Payments"),
        "named": _("Documents"),
        "said": _("Messages"),
        "asked": _("What you were asked for"),
        "judged": _("What employees have judged"),
        "changed": _("Changes after it was sent"),
        "sent": _("Letters"),
        "appealed": _("Appeals"),
    }


def _counts(data: dict[str, Any]) -> dict[str, Any]:
    """Give lists of the case in short words, for print; the file has them whole."""
    return {
        "decided": [
            f"{month_text(one['term'])}: {one['code_text']}, {amount_text(one['amount_ore'] / _ORE)}"
            for one in data["decisions"]
        ],
        "paid": [
            f"{one['pay_on']:%d.%m.%Y}: {amount_text(one['amount_ore'] / _ORE)}"
            for one in data["payments"]
        ],
        "named": [one["name"] for one in data["attachments"]],
        "said": [f"{one['sent_at']:%d.%m.%Y}: {one['text']}" for one in data["messages"]],
        "asked": [
            f"{one['asked_at']:%d.%m.%Y}: {one['text'] or len(one['items'])}"
            for one in data["requests"]
        ],
        "judged": [
            one["text"] + (f": {one['reason']}" if one["reason"] else "") for one in data["tasks"]
        ],
        "changed": [
            f"{one['at']:%d.%m.%Y}: {', '.join(one['after'])}" for one in data["amendments"]
        ],
        "sent": [one["title"] for one in data["letters"]],
        "appealed": [f"{one['received_at']:%d.%m.%Y}: {one['text']}" for one in data["appeals"]],
    }


def _money(one: dict[str, Any]) -> str:
    return amount_text(one["amount_ore"] / _ORE)


def _others(row: Draft | Case, said: Told) -> Record:
    lines = tuple(
        (name, "; ".join(f"{label}: {text}" for label, text in inner))
        for name, inner in said.others_lines
    )
    data = {"case": str(row.pk), "service": row.package_id, "answers": said.others}
    return Record(data, _title(pins.pinned(row)), lines)


def _elsewhere(asked: Asked) -> Iterator[Section]:
    """Give what others' cases hold about the person, and what the person has sent for others."""
    rows = (
        Letter.objects.select_related("case__application")
        .filter(recipient_id=asked.person_id)
        .exclude(
            case__protection__in=ADDRESS_HIDDEN
        )  # a protected case is not told of to others (SP-24)
        .order_by("queued_at")
    )
    yield Section(
        key="cases.in_others_cases",
        title=_("What others' cases hold about you"),
        note=_("You have had a letter about it. Of the case only what is about you is shown."),
        records=tuple(_about_me(row, asked.number) for row in rows),
    )
    ties = EmployeeTies.objects.filter(person_id=asked.person_id)
    yield Section(
        key="cases.employee_ties",
        title=_("Whose cases you are kept away from as an employee"),
        records=tuple(_tie(row) for row in ties),
    )
    sent = Case.objects.filter(submitted_by_id=asked.person_id).order_by("submitted_at")
    begun = Draft.objects.filter(written_by_id=asked.person_id).order_by("started_at")
    yield Section(
        key="cases.for_others",
        title=_("What you have sent for others"),
        about="others",
        note=_("The contents are theirs."),
        records=tuple(_for_other(row) for row in (*begun, *sent)),
    )


def _tie(row: EmployeeTies) -> Record:
    data = {"told_at": row.told_at, "family": len(row.family)}
    return record(data, {"told_at": _("When"), "family": _("Relatives")})


def _about_me(row: Letter, number: str) -> Record:
    package, application = pins.pinned(row.case), row.case.application
    found = row_about(package, application.answers, application.facts, number)
    data = {"service": package.id, "letter": letter(row), **found}
    lines = (
        (_("Letter"), row.title or row.kind),
        *((str(key), str(value)) for one in found["answers"] for key, value in one["row"].items()),
    )
    return Record(data, _title(package), lines)


def _for_other(row: Draft | Case) -> Record:
    at = row.started_at if isinstance(row, Draft) else row.submitted_at
    data = {"id": str(row.pk), "service": row.package_id, "at": at, "sent": isinstance(row, Case)}
    return record(data, {"at": _("When"), "sent": _("Sent")}, _title(pins.pinned(row)))


def _with_answers(shown: Record, said: Told) -> Record:
    return Record(shown.data, shown.title, (*shown.lines, *said.lines))


def _title(package: packages.Package) -> str:
    return package.text("service.title", _language())


def _language() -> str:
    return get_language() or "nb"


def _municipality(municipality_id: uuid.UUID | None) -> str | None:
    found = municipalities.by_id(municipality_id) if municipality_id else None
    return found.name if found else None


_CASE = "cases.cases"
DOOR = Door(
    room="cases",
    give=personal_data_of,
    tables={
        "cases_draft": "cases.drafts",
        "cases_attachment": _CASE,
        "cases_case": _CASE,
        "cases_application": _CASE,
        "cases_amendment": _CASE,
        "cases_task": _CASE,
        "cases_informationrequest": _CASE,
        "cases_message": _CASE,
        "cases_letter": _CASE,
        "cases_appeal": _CASE,
        "cases_termentry": _CASE,
        "cases_decision": _CASE,
        "cases_payment": _CASE,
        "cases_steptime": _CASE,
        "cases_opening": _CASE,
        "cases_handover": _CASE,
        "cases_incident": _CASE,
        "cases_employeeties": "cases.employee_ties",
    },
    acts={
        "cases_case": ("registered_by", "handler_id"),
        "cases_amendment": ("person_id",),
        "cases_attachment": ("added_by",),
        "cases_task": ("done_by",),
        "cases_informationrequest": ("asked_by",),
        "cases_message": ("person_id",),
        "cases_decision": ("decided_by",),
        "cases_opening": ("employee_id", "looked_by"),
        "cases_handover": ("to_employee", "by_employee"),
        "cases_finding": ("employee_id", "looked_by"),
        "cases_incident": ("done_by",),
    },
    left_out={"cases_termrun": "totals of a month, of no single person"},
)
