"""The door of the room `cases`. Keyword-only arguments after the actor, who comes first.

Citizen:  start_draft, open_draft, show_page, save_fields, check, discard_draft, move_draft,
          attach, detach, read_attachment, submit, submit_directly,
          receipt, receipt_pdf, verify_receipt,
          my_cases, case_for_applicant, send_message, add_document, answer_request, change_answers, appeal, stop
Jobs:     notify_expiring, delete_expired, regrade, regrade_person, regrade_unknown

A function either answers with a value or raises `RefusedError` with what, where and the remedy. What a
user must choose between comes back as a value: `Conflict`, `CheckResult`, `KeyReused`.
"""

from samspill.cases.domain.merge import Both
from samspill.cases.domain.timeline import Happening
from samspill.cases.service.appeals import Appealed, appeal
from samspill.cases.service.attachments import add_document, attach, detach, read_attachment
from samspill.cases.service.citizen import case_for_applicant, my_cases, stop
from samspill.cases.service.drafts import (
    check,
    discard_draft,
    open_draft,
    save_fields,
    show_page,
    start_draft,
)
from samspill.cases.service.grading import regrade, regrade_person, regrade_unknown
from samspill.cases.service.messages import send_message
from samspill.cases.service.receipts import receipt, receipt_pdf, verify_receipt
from samspill.cases.service.retention import delete_expired, notify_expiring
from samspill.cases.service.submission import submit, submit_directly
from samspill.cases.service.supplements import answer_request, change_answers
from samspill.cases.service.values import (
    AttachmentView,
    CaseLine,
    CheckResult,
    Conflict,
    DecisionView,
    DraftLine,
    DraftView,
    Indication,
    KeyReused,
    LookupOutcome,
    MessageView,
    MyCase,
    MyCases,
    NewerVersion,
    Receipt,
    RequestView,
    Verified,
)
from samspill.cases.service.versions import move_draft

__all__ = [
    "Appealed",
    "AttachmentView",
    "Both",
    "CaseLine",
    "CheckResult",
    "Conflict",
    "DecisionView",
    "DraftLine",
    "DraftView",
    "Happening",
    "Indication",
    "KeyReused",
    "LookupOutcome",
    "MessageView",
    "MyCase",
    "MyCases",
    "NewerVersion",
    "Receipt",
    "RequestView",
    "Verified",
    "add_document",
    "answer_request",
    "appeal",
    "attach",
    "case_for_applicant",
    "change_answers",
    "check",
    "delete_expired",
    "detach",
    "discard_draft",
    "move_draft",
    "my_cases",
    "notify_expiring",
    "open_draft",
    "read_attachment",
    "receipt",
    "receipt_pdf",
    "regrade",
    "regrade_person",
    "regrade_unknown",
    "save_fields",
    "send_message",
    "show_page",
    "start_draft",
    "stop",
    "submit",
    "submit_directly",
    "verify_receipt",
]
