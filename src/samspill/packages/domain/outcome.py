"""What the evaluation of one application gives.

Pages and fields, what is missing, what is wrong, what could still change. What one check makes a hundred of is without
slots: as frozen as the others, and made in half the time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from samspill.packages.domain import model


@frozen(slots=False)
class CheckItem:
    """Something wrong (`error` stops submission) or doubtful (`warning`) with an answer.

    `id` is the check's id or the broken rule (`maximum`, `format` …); `path` is the place
    (`members[0].born`). `text` is the package's own text; when it is empty,
    `packages.service.describe(item)` gives the sentence in the user's language.
    """

    id: str
    path: str
    level: model.CheckLevel
    text: str = ""
    limit: Any = None
    law: model.Law | None = None
    page_id: str | None = None
    row: int | None = None


@frozen(slots=False)
class FieldState:
    """A field as it stands on a page.

    `path` is the place (`members[0].born`), `field` the dotted id (`members.born`).

    `visible`: True, False, or None when unanswered fields decide (it is then not shown). `lookup` names the
    register that says something about it, `register_value` what it says, `differs` whether the answer is
    another. `editable` is `yes` when no register fills it.
    """

    path: str
    field: str
    visible: bool | None
    required: bool
    answered: bool
    value: Any
    label: str
    row: int | None = None
    lookup: str | None = None
    register_value: Any = None
    differs: bool = False
    editable: model.Editable = "yes"
    error: CheckItem | None = None


@frozen(slots=False)
class PageState:
    """A page as it stands; only a visible page has fields.

    A repeated page has one state a row: `key` is `member[0]`, `row` its number, `row_key` its key.
    """

    id: str
    key: str
    visible: bool | None
    title: str
    fields: tuple[FieldState, ...] = ()
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    row: int | None = None
    row_key: str | None = None


@frozen(slots=False)
class MissingItem:
    """Something owed: what (`kind`, `id`), where it is given, why, by whom, until when, by which law.

    `id` is a field's place, a document's delivered id (`contract`, `study_plan:<row key>`) or `<party>:<row
    key>`. `until` is set when it may come after the application is sent; without it the application cannot
    be sent before it is there (`blocks`).
    """

    kind: Literal["field", "document", "confirmation", "register"]
    id: str
    page_id: str | None
    label: str
    why_key: str
    why: str
    who: model.Who
    until: dt.date | None = None
    law: model.Law | None = None
    row: int | None = None

    @property
    def blocks(self) -> bool:
        """Tell whether the application cannot be sent without it."""
        return self.until is None and self.who == "applicant"


@frozen
class DocumentState:
    """A document that is demanded (True), not demanded (False) or may be (None), and whether it is there."""

    id: str
    document: str
    demanded: bool | None
    delivered: bool
    owed_by: model.Who
    row: int | None = None


@frozen
class ForDecision:
    """What a decision needs of an application: the rules' inputs, and what is missing."""

    rule_inputs: Mapping[str, Any]
    missing: tuple[MissingItem, ...]


@frozen
class Evaluation:
    """Everything about one application at one moment.

    `relevant` are the answers that count (what is not shown is left out), `computed` the computed fields.
    `deadline` is the last day the application counts for the term asked about. `eligible` is None while it
    cannot be said.
    """

    pages: tuple[PageState, ...]
    missing: tuple[MissingItem, ...]
    errors: tuple[CheckItem, ...]
    could_change: tuple[str, ...]
    rule_inputs: Mapping[str, Any]
    routing: str | None
    documents: tuple[DocumentState, ...] = ()
    eligible: bool | None = True
    deadline: dt.date | None = None
    relevant: Mapping[str, Any] = field(factory=dict)
    computed: Mapping[str, Any] = field(factory=dict)

    @property
    def may_submit(self) -> bool:
        """Tell whether nothing of the applicant's stops the application from being sent."""
        wrong = any(item.level == "error" for item in self.errors)
        return (
            not wrong
            and self.eligible is not False
            and not any(item.blocks for item in self.missing)
        )

    def page(self, key: str) -> PageState | None:
        """Find a page by key (`dwelling`, `member[0]`)."""
        return next((page for page in self.pages if page.key == key), None)
