"""The door of the room `packages`: publish, find and pin services; evaluate an application; municipal settings.

Writing:     check, create, describe, diff_versions Publishing:  publish, published, pinned, list_published,
rule_book, diff, move_answers Settings:    settings_for, set_settings, still_valid Evaluating:  evaluate,
prefill, persons_to_ask, persons_to_inform, relevant_answers, due_tasks, is_met, json_schema,
takes_protected, safe_contact  (pure)
Privacy: record_of (the record of processing, read out of a package), the assessment of privacy (prepare_assessment,
write_assessment, submit_assessment, decide_assessment, assessment, assessments, assessments_owned, assessment_of,
is_approved, unapproved)
Wording: sentence (a wrong answer in the user's language), render_letter
"""

from samspill.packages.domain.checking import CheckReport, as_error
from samspill.packages.domain.differing import Diff, diff
from samspill.packages.domain.entries import Entry
from samspill.packages.domain.evaluation import (
    deadline,
    evaluate,
    evaluate_for_decision,
    relevant_answers,
)
from samspill.packages.domain.informing import Informed, persons_to_inform
from samspill.packages.domain.letters import (
    LetterDoc,
    LetterError,
    render_letter,
    to_html,
    to_typst,
)
from samspill.packages.domain.model import (
    Appeal,
    Archive,
    Correction,
    Decide,
    Decision,
    Document,
    Field,
    Gain,
    Law,
    Letter,
    Lookup,
    Measure,
    Package,
    Page,
    Party,
    Recalculation,
    Setting,
    State,
    Task,
    TermPlan,
    Transition,
)
from samspill.packages.domain.moving import Change, Moved, move_answers
from samspill.packages.domain.outcome import (
    CheckItem,
    DocumentState,
    Evaluation,
    FieldState,
    MissingItem,
    PageState,
)
from samspill.packages.domain.prefilling import beside_register, persons_to_ask, prefill
from samspill.packages.domain.privacy_assessment import QUESTIONS, SCALE, RiskAnswer
from samspill.packages.domain.processing import Processed, Processing, record_of
from samspill.packages.domain.protecting import SafeContact, safe_contact, takes_protected
from samspill.packages.domain.schema import json_schema
from samspill.packages.domain.source import PackageError
from samspill.packages.domain.tasks import due_tasks, is_met
from samspill.packages.service.authoring import check, create, describe, diff_versions
from samspill.packages.service.municipal import (
    Settings,
    StillValid,
    closed_on,
    set_settings,
    settings_for,
    still_valid,
)
from samspill.packages.service.privacy_assessing import (
    AssessmentView,
    assessment,
    assessment_of,
    assessments,
    assessments_owned,
    decide_assessment,
    is_approved,
    prepare_assessment,
    submit_assessment,
    unapproved,
    write_assessment,
)
from samspill.packages.service.publishing import publish
from samspill.packages.service.store import (
    Published,
    list_published,
    pinned,
    published,
    read_folder,
    rule_book,
)
from samspill.packages.service.wording import sentence
from samspill.rules import RuleBook

__all__ = [
    "QUESTIONS", "SCALE", "Appeal", "Archive", "AssessmentView", "Change", "CheckItem", "CheckReport",
    "Correction", "Decide", "Decision", "Diff", "Document", "DocumentState", "Entry", "Evaluation", "Field",
    "FieldState", "Gain", "Informed", "Law", "Letter", "LetterDoc", "LetterError", "Lookup", "Measure",
    "MissingItem", "Moved", "Package", "PackageError", "Page", "PageState", "Party", "Processed",
    "Processing", "Published", "Recalculation", "RiskAnswer", "RuleBook", "SafeContact", "Setting", "Settings", "State",
    "StillValid", "Task", "TermPlan", "Transition", "as_error", "assessment", "assessment_of",
    "assessments", "assessments_owned", "beside_register", "check", "closed_on", "create", "deadline",
    "decide_assessment",
    "describe", "diff", "diff_versions", "due_tasks", "evaluate", "evaluate_for_decision", "is_approved",
    "is_met", "json_schema", "list_published", "move_answers", "persons_to_ask", "persons_to_inform",
    "pinned", "prefill", "prepare_assessment", "publish", "published", "read_folder", "record_of",
    "relevant_answers", "render_letter", "rule_book", "safe_contact", "sentence", "set_settings", "settings_for",
    "still_valid", "submit_assessment", "takes_protected", "to_html", "to_typst", "unapproved", "write_assessment",
]  # fmt: skip
