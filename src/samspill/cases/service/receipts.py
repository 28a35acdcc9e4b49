"""The receipt: proof of what was stored, as a page, as PDF/A, and for who is shown its code."""

from __future__ import annotations

import uuid

from django.utils import translation
from django.utils.translation import gettext as _

from samspill.cases.domain import places
from samspill.cases.domain.receipt import normal_form
from samspill.cases.models import Application, Case, TermEntry
from samspill.cases.service import pins, storing, views
from samspill.cases.service.access import door, own_case
from samspill.cases.service.values import Receipt, Verified
from samspill.cases.service.wording import Line, answer_parts, moment_text, month_text
from samspill.infra import pdf
from samspill.kernel.actor import Actor
from samspill.kernel.periods import Month, oslo_date


@door
def receipt(actor: Actor, *, case_id: uuid.UUID) -> Receipt:
    """Show the receipt of one's own application."""
    case = own_case(actor, case_id)
    package = pins.pinned(case)
    storing.note(
        actor, [views.log_entry(case, package, action="read", purpose="show a receipt")], []
    )
    return receipt_of(case.application, case)


@door
def receipt_pdf(actor: Actor, *, case_id: uuid.UUID) -> bytes:
    """Give the receipt as PDF/A in the application's language, with the answers that were sent."""
    case = own_case(actor, case_id)
    package = pins.pinned(case)
    storing.note(
        actor, [views.log_entry(case, package, action="print", purpose="print a receipt")], []
    )
    with translation.override(case.language):
        title = _("Receipt for %(service)s") % {
            "service": package.text("service.title", case.language)
        }
        return pdf.render(
            _typst(case, receipt_of(case.application, case)),
            title=title,
            language=case.language,
            footer="Samspill",
        )


def verify_receipt(code: str) -> Verified | None:
    """Tell the holder of a code that an application was received: which service, and which day.

    Nothing about the person or the contents is told. The hash lets somebody who has the contents
    too check that they are what was sent.
    """
    normal = normal_form(code)
    if normal is None:
        return None
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
    first = entry or TermEntry.objects.filter(case_id=case.id).order_by("made_at", "term").first()
    return Receipt(
        case_id=case.id,
        code=application.receipt_code,
        package_id=case.package_id,
        package_version=case.package_version,
        submitted_at=application.submitted_at,
        municipality_id=None if case.protected else case.municipality_id,
        term=Month.of(first.term) if first else None,
        repeated=repeated,
    )


def _typst(case: Case, shown: Receipt) -> str:
    package = pins.pinned(case)
    lines = [
        f"= {pdf.escape(package.text('service.title', case.language))}",
        pdf.escape(_("We have received and stored your application.")),
        "",
        *_pair(_("Received"), moment_text(shown.submitted_at)),
        *_pair(_("Verification code"), shown.code),
        *_pair(_("Service and version"), f"{package.id} {package.version}"),
        *(_pair(_("Counts from the month"), month_text(shown.term.first)) if shown.term else []),
        *_pair(_("Fingerprint of the contents (SHA-256)"), case.application.body_sha256),
        f"== {pdf.escape(_('What you sent'))}",
        *_answers(case),
    ]
    return "\n".join(lines)


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
