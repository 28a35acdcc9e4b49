"""The door of the room `packages`: publish, find and pin services; evaluate an application; municipal settings.

Publishing:  publish, published, pinned, list_published, rule_book
Settings:    settings_for, set_settings, still_valid
Evaluating:  evaluate, prefill, persons_to_ask, relevant_answers  (pure)
"""

from samspill.packages.domain.evaluation import evaluate, relevant_answers
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
    Setting,
    State,
    Task,
    TermPlan,
    Transition,
)
from samspill.packages.domain.outcome import (
    CheckItem,
    DocumentState,
    Evaluation,
    FieldState,
    MissingItem,
    PageState,
)
from samspill.packages.domain.prefilling import persons_to_ask, prefill
from samspill.packages.domain.source import PackageError
from samspill.packages.service.municipal import Settings, set_settings, settings_for, still_valid
from samspill.packages.service.publishing import publish
from samspill.packages.service.store import (
    Published,
    list_published,
    pinned,
    published,
    read_folder,
    rule_book,
)

__all__ = [
    "Appeal", "Archive", "CheckItem", "Correction", "Decide", "Decision", "Document", "DocumentState",
    "Evaluation", "Field", "FieldState", "Gain", "Law", "Letter", "Lookup", "Measure", "MissingItem",
    "Package", "PackageError", "Page", "PageState", "Party", "Published", "Setting", "Settings", "State",
    "Task", "TermPlan", "Transition", "evaluate", "list_published", "persons_to_ask", "pinned",
    "prefill", "publish", "published", "read_folder", "relevant_answers", "rule_book", "set_settings",
    "settings_for", "still_valid",
]  # fmt: skip
