"""The door of the room `cases`. Keyword-only arguments after the actor, who comes first.

Citizen:  start_draft, open_draft, show_page, save_fields, check, discard_draft, move_draft,
          take_over_draft,
          attach, detach, read_attachment, submit, submit_directly,
          receipt, receipt_pdf, verify_receipt,
          my_cases, case_for_applicant, send_message, add_document, answer_request, change_answers, appeal, stop
Staff:    work_list, incoming, exceptional, locate, open_case, take, complete_task, change_values, request_missing,
          reply, forward, act, move_to_municipality, prepare_paper, register_paper,
          clarify_appeal, settle_appeal
Terms:    run_term, run_summary, runs, catch_up, decide_one, correct, review_manually, recalculate,
          payment_list, payment_csv, stop_for_person, lapse
Letters:  letter, letter_pdf, queue_letter, make_queued, my_letters
Gains:    step_times, gain_table, gain_csv, decision_days
Jobs:     notify_expiring, delete_expired, regrade, regrade_person, regrade_unknown

A function either answers with a value or raises `RefusedError` with what, where and the remedy. What a
user must choose between comes back as a value: `Conflict`, `CheckResult`, `KeyReused`.
"""

from samspill.cases.domain.gains import GainRow
from samspill.cases.domain.merge import Both
from samspill.cases.domain.timeline import Happening
from samspill.cases.domain.worklist import EditConflict, Filters, Held, HeldPage, Line
from samspill.cases.domain.worklist import Page as WorkPage
from samspill.cases.service.appeal_handling import clarify_appeal, settle_appeal
from samspill.cases.service.appeals import Appealed, appeal
from samspill.cases.service.attachments import add_document, attach, detach, read_attachment
from samspill.cases.service.case_view import CaseView, TaskView
from samspill.cases.service.citizen import case_for_applicant, my_cases, stop
from samspill.cases.service.drafts import (
    check,
    discard_draft,
    draft_to_save,
    open_draft,
    save_fields,
    show_page,
    start_draft,
    take_over_draft,
)
from samspill.cases.service.gains import GainTable, gain_csv, gain_table, step_times
from samspill.cases.service.grading import regrade, regrade_person, regrade_unknown
from samspill.cases.service.handling import (
    act,
    change_values,
    complete_task,
    forward,
    move_to_municipality,
    open_case,
    reply,
    request_missing,
    take,
)
from samspill.cases.service.letters import LetterView, letter, letter_pdf, make_queued, queue_letter
from samspill.cases.service.messages import send_message
from samspill.cases.service.notices import LetterLine, my_letters
from samspill.cases.service.paper import Paper, prepare_paper, register_paper
from samspill.cases.service.payments import PaymentLine, payment_csv, payment_list
from samspill.cases.service.public_figures import DecisionDays, decision_days
from samspill.cases.service.recalculation import Recalculation, recalculate
from samspill.cases.service.receipts import (
    paper_receipt_pdf,
    receipt,
    receipt_pdf,
    verify_receipt,
)
from samspill.cases.service.residence import own_municipality
from samspill.cases.service.retention import delete_expired, notify_expiring
from samspill.cases.service.scope import is_kept_from_all, locate
from samspill.cases.service.staff_documents import add_to_case
from samspill.cases.service.stops import lapse, stop_for_person
from samspill.cases.service.submission import submit, submit_directly
from samspill.cases.service.supplements import answer_request, change_answers
from samspill.cases.service.term_run import (
    Progress,
    RunSummary,
    catch_up,
    run_summary,
    run_term,
    runs,
)
from samspill.cases.service.terms import correct, decide_one, review_manually
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
from samspill.cases.service.worklist import exceptional, incoming, work_list

__all__ = [
    "Appealed",
    "AttachmentView",
    "Both",
    "CaseLine",
    "CaseView",
    "CheckResult",
    "Conflict",
    "DecisionDays",
    "DecisionView",
    "DraftLine",
    "DraftView",
    "EditConflict",
    "Filters",
    "GainRow",
    "GainTable",
    "Happening",
    "Held",
    "HeldPage",
    "Indication",
    "KeyReused",
    "LetterLine",
    "LetterView",
    "Line",
    "LookupOutcome",
    "MessageView",
    "MyCase",
    "MyCases",
    "NewerVersion",
    "Paper",
    "PaymentLine",
    "Progress",
    "Recalculation",
    "Receipt",
    "RequestView",
    "RunSummary",
    "TaskView",
    "Verified",
    "WorkPage",
    "act",
    "add_document",
    "add_to_case",
    "answer_request",
    "appeal",
    "attach",
    "case_for_applicant",
    "catch_up",
    "change_answers",
    "change_values",
    "check",
    "clarify_appeal",
    "complete_task",
    "correct",
    "decide_one",
    "decision_days",
    "delete_expired",
    "detach",
    "discard_draft",
    "draft_to_save",
    "exceptional",
    "forward",
    "gain_csv",
    "gain_table",
    "incoming",
    "is_kept_from_all",
    "lapse",
    "letter",
    "letter_pdf",
    "locate",
    "make_queued",
    "move_draft",
    "move_to_municipality",
    "my_cases",
    "my_letters",
    "notify_expiring",
    "open_case",
    "open_draft",
    "own_municipality",
    "paper_receipt_pdf",
    "payment_csv",
    "payment_list",
    "prepare_paper",
    "queue_letter",
    "read_attachment",
    "recalculate",
    "receipt",
    "receipt_pdf",
    "register_paper",
    "regrade",
    "regrade_person",
    "regrade_unknown",
    "reply",
    "request_missing",
    "review_manually",
    "run_summary",
    "run_term",
    "runs",
    "save_fields",
    "send_message",
    "settle_appeal",
    "show_page",
    "start_draft",
    "step_times",
    "stop",
    "stop_for_person",
    "submit",
    "submit_directly",
    "take",
    "take_over_draft",
    "verify_receipt",
    "work_list",
]
