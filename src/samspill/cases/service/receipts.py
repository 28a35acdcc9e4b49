"""The receipt: proof of what was stored, as a page, as PDF/A, and for who is shown its code."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from samspill.cases.domain import places
from samspill.cases.domain.receipt import normal_form
from samspill.cases.models import COMPARTMENT, Application, Attachment, Case, TermEntry
from samspill.cases.service import case_view, letter_grades, pins, scope, storing, views
from samspill.cases.service.access import door, own_case
from samspill.cases.service.values import Receipt, Verified
from samspill.cases.service.wording import (
    Line,
    answer_parts,
    day_text,
    document_names,
    moment_text,
    month_text,
)
from samspill.infra import clock, isolation, pdf, sql
from samspill.kernel.actor import Actor
from samspill.kernel.periods import Month, oslo_date
from samspill.packages import service as packages

_DAY = dt.timedelta(days=1)
_FIRST_TERM = "WHERE case_id = %s ORDER BY made_at, term LIMIT 1"
_SHOWN = "WHERE case_id = %s AND withheld = '' ORDER BY added_at, id"


@door
def receipt(actor: Actor, *, case_id: uuid.UUID) -> Receipt:
    """Show the receipt of one's own application."""
    case = own_case(actor, case_id)
    package = pins.pinned(case)
    storing.note(
        actor, [views.log_entry(case, package, action="read", purpose="show a receipt")], []
    )
    return receipt_of(_application(case), case)


@door
def receipt_pdf(actor: Actor, *, case_id: uuid.UUID) -> bytes:
    """Give the receipt as PDF/A in the application's language, with the answers that were sent."""
    return _printed(actor, own_case(actor, case_id))


@isolation.widely("paper")
def paper_receipt_pdf(actor: Actor, *, case_id: uuid.UUID, verify_at: str = "") -> bytes:
    """Give the receipt of a paper application as PDF/A, to hand over or send.

    Who registered it may print it for a day, also when the case is one that they may not open (a protected
    address): they hand over what they have just typed, without the places. The grade is asked anew each time.

    Raises:
        RefusedError: `case_not_found`, also for an application that did not come on paper; `protected_now`.
    """
    case = _paper_case(actor, case_id)
    case.protection = letter_grades.before_print(actor, case)
    with transaction.atomic():
        return _printed(actor, case, verify_at=verify_at)


@isolation.widely("paper")
def owed_on_paper(
    actor: Actor, *, case_id: uuid.UUID, language: str
) -> tuple[packages.MissingItem, ...]:
    """Give what the applicant still owes in a paper application, to be told where it is handed in.

    Raises:
        RefusedError: `case_not_found`, as `paper_receipt_pdf`.
    """
    case = _paper_case(actor, case_id)
    owed = case_view.owed(case, pins.pinned(case), language)
    return tuple(item for item in owed if item.who in ("applicant", "party"))


def _paper_case(actor: Actor, case_id: uuid.UUID) -> Case:
    case = scope.visible(actor).filter(pk=case_id, channel="paper").first()
    if case is None:
        case = _just_registered(actor, case_id)
    if case is None:
        raise scope.not_found(actor, case_id, purpose="print a receipt")
    return case


def _just_registered(actor: Actor, case_id: uuid.UUID) -> Case | None:
    if actor.kind != "employee" or actor.person_id is None:
        return None
    case = (
        Case.objects.select_related("application")
        .filter(
            pk=case_id,
            channel="paper",
            registered_by=actor.person_id,
            protection__in=(
                *COMPARTMENT,
                "fortrolig",
            ),  # without a place it may lie with nobody here
        )
        .exclude(applicant=actor.person_id)
        .first()
    )
    if case is None:
        return None
    registered = dt.datetime.fromisoformat(case.application.declaration["signed_on_paper"])
    return case if clock.now() - registered < _DAY else None


def _printed(actor: Actor, case: Case, *, verify_at: str = "") -> bytes:
    package = pins.pinned(case)
    storing.note(
        actor, [views.log_entry(case, package, action="print", purpose="print a receipt")], []
    )
    with translation.override(case.language):
        title = _("Receipt for %(service)s") % {
            "service": package.text("service.title", case.language)
        }
        return pdf.render(
            _typst(case, receipt_of(_application(case), case), verify_at),
            title=title,
            language=case.language,
            footer="Samspill",
        )


def _application(case: Case) -> Application:
    """Read what was sent, once for the case."""
    if not Case.application.is_cached(case):
        case.application = sql.read(Application, "WHERE case_id = %s", [case.id])[0]
    application: Application = case.application
    return application


def verify_receipt(code: str) -> Verified | None:
    """Tell the holder of a code that an application was received: which service, and which day.

    Nothing about the person or the contents is told. The hash lets somebody who has the contents
    too check that they are what was sent.
    """
    normal = normal_form(code)
    if normal is None:
        return None
    with isolation.wider("receipt"):
        found = Application.objects.select_related("case").filter(receipt_code=normal).first()
    if found is None:
        return None
    package = pins.pinned(found.case)
    language = translation.get_language() or "nb"
    return Verified(
        package_id=package.id,
        title=package.text("service.title", language),
        submitted_on=oslo_date(found.submitted_at),
        body_sha256=found.body_sha256,
    )


def receipt_of(
    application: Application,
    case: Case,
    entry: TermEntry | None = None,
    *,
    repeated: bool = False,
) -> Receipt:
    """Make the receipt of a stored application."""
    made = [entry] if entry else sql.read(TermEntry, _FIRST_TERM, [case.id])
    first = made[0] if made else None
    return Receipt(
        case_id=case.id,
        code=application.receipt_code,
        package_id=case.package_id,
        package_version=case.package_version,
        submitted_at=application.submitted_at,
        municipality_id=None if case.protected else case.municipality_id,
        term=Month.of(first.term) if first else None,
        repeated=repeated,
        applicant=case.applicant_name,
        sent_by=case.submitted_by_name,
    )


def _typst(case: Case, shown: Receipt, verify_at: str) -> str:
    package = pins.pinned(case)
    received_on = day_text(oslo_date(shown.submitted_at))
    received = received_on if case.channel == "paper" else moment_text(shown.submitted_at)
    lines = [
        f"= {pdf.escape(package.text('service.title', case.language))}",
        pdf.escape(_("We have received and stored your application.")),
        "",
        *_pair(_("Received"), received),
        *_both(case),
        *_pair(_("Verification code"), shown.code),
        *_pair(_("Service and version"), f"{package.id} {package.version}"),
        *(_pair(_("Counts from the month"), month_text(shown.term.first)) if shown.term else []),
        *_pair(_("Fingerprint of the contents (SHA-256)"), case.application.body_sha256),
        *_how_to_check(verify_at),
        *_documents(case, package),
        *(_still_needed(case, package) if case.channel == "paper" else []),
        f"== {pdf.escape(_('What you sent'))}",
        *_answers(case),
    ]
    return "\n".join(lines)


def _both(case: Case) -> list[str]:
    if not case.submitted_by_name:
        return []
    return [
        *_pair(_("Applicant"), case.applicant_name),
        *_pair(_("Sent on their behalf by"), case.submitted_by_name),
    ]


def _how_to_check(verify_at: str) -> list[str]:
    if not verify_at:
        return []
    said = _("Anyone you show the code to can check on %(address)s that the receipt is genuine.")
    return ["", pdf.escape(said % {"address": verify_at})]


def _documents(case: Case, package: packages.Package) -> list[str]:
    rows = sql.read(Attachment, _SHOWN, [case.id])
    names = document_names(package, rows, case.language)
    return _list(_("Documents that came with it"), names)


def _still_needed(case: Case, package: packages.Package) -> list[str]:
    owed = case_view.owed(case, package, case.language)
    names = [item.label for item in owed if item.who in ("applicant", "party")]
    return _list(_("What we still need"), list(dict.fromkeys(names)))


def _list(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [f"== {pdf.escape(title)}", *(f"- {pdf.escape(line)}" for line in lines)]


def _pair(label: str, value: str) -> list[str]:
    return [f"/ {pdf.escape(label)}: {pdf.escape(value)}"]


def _answers(case: Case) -> list[str]:
    package, answers = pins.pinned(case), case.application.answers
    if case.protected:
        answers = places.answers_without(answers, views.hidden_fields(package))
    lines: list[str] = []
    for part in answer_parts(package, answers, case.language, masked=True):
        if isinstance(part, Line):
            lines += _pair(part.label, part.text)
            continue
        lines += ["", f"=== {pdf.escape(part.label)}"]
        for name, inner in part.rows:
            lines += ["", f"==== {pdf.escape(name)}"]
            lines += [line for one in inner for line in _pair(one.label, one.text)]
    return lines
