"""The format `samspill/1` as values: one frozen class for each thing a package folder can say.

`docs/rooms/packages.md` shows the same as YAML. Every class says which YAML keys it holds; a key of the
YAML has the name of the attribute unless the docstring says otherwise. `Cel` is the text of a condition:
CEL over field ids, names of other conditions, `facts`, `settings`, `documents`, `channel` and `on`. Dates
are ISO strings in YAML and `datetime.date` here; durations are ISO texts (`P30D`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from attrs import evolve, field, frozen

from samspill.packages.domain.model_process import (
    ActorRole,
    Appeal,
    Archive,
    Cel,
    Correction,
    Decide,
    Decision,
    Delivery,
    Duration,
    Gain,
    Letter,
    Measure,
    Process,
    Recalculation,
    Receiver,
    Retest,
    Setting,
    State,
    Task,
    TermPlan,
    Transition,
)

FieldType = Literal[
    "text", "integer", "decimal", "amount", "date", "boolean", "choice", "choices", "address", "person",
    "national_id", "org_no", "account", "property", "file", "list", "object",
]  # fmt: skip
Who = Literal["applicant", "municipality", "agency", "register", "party"]
Sensitivity = Literal["ordinary", "special", "protected"]
Source = Literal["citizen", "register", "computed", "caseworker"]
OnFailure = Literal["ask", "wait", "stop"]
Editable = Literal["no", "with_reason", "yes"]
CheckLevel = Literal["error", "warning"]
#: What the name of a text begins with when it is the words for employees: `staff_label` beside `label`.
STAFF = "staff_"


@frozen
class Law:
    """One place in the law: `act` (name or number), `section` (`§ 8`), `url`.

    `id` is how other files point at it (`law: act8`).
    """

    act: str
    section: str = ""
    url: str = ""
    id: str = ""

    def __str__(self) -> str:
        """Show act and section as a citizen would read them."""
        return f"{self.act} {self.section}".strip()


@frozen
class Login:
    """`login: {level, assisted}`.

    The lowest assurance level, and whether a counter may register for someone without e-ID.
    """

    level: Literal["none", "substantial", "high"]
    assisted: bool = False


@frozen
class Protected:
    """`protected: {digital, phone, address}`: what holds for those whose address is strictly confidential (SP-28).

    `digital` says whether the owner approves that they apply here. `phone` and `address` reach the safe contact,
    whose name is the text `protected.contact`.
    """

    digital: bool
    phone: str
    address: str = ""


@frozen
class ServiceInfo:
    """`service.yaml`.

    `purpose` and `processing_basis` go into the access log. `contact` is `{name, url, phone}`.
    `draft_lifetime` is how long an unsent draft is kept; `answer_within` what the citizen is promised.
    `situation` (optional) says which day conditions are judged on: `day` (default: the day itself) or
    `month_start` (the first day of the month applied for). `letter_language` (optional) names the
    field in which the applicant chooses the language of letters; without it letters are in the
    language that the application was begun in. Without `protected` (optional) nobody whose address is
    strictly confidential applies here.
    """

    format: str
    id: str
    version: str
    valid_from: date
    owner: str
    law: tuple[Law, ...]
    processing_basis: str
    purpose: str
    audience: Literal["person", "organisation", "anonymous"]
    decided_by: Literal["municipality", "agency"]
    login: Login
    languages: tuple[str, ...]
    draft_lifetime: Duration
    prepared_by: Literal["municipality", "agency"] = "municipality"
    mandate_scopes: tuple[str, ...] = ()
    valid_to: date | None = None
    answer_within: Duration | None = None
    contact: Mapping[str, str] = field(factory=dict)
    situation: Literal["day", "month_start"] = "day"
    letter_language: str | None = None
    protected: Protected | None = None


@frozen
class Field:
    """One entry of `fields:` in `data.yaml`, or of `fields:` inside a field of type `list` or `object`.

    `path` is the id, dotted for a sub-field (`members.born`). `optional: true` = may be left empty (else it
    must be answered when shown, unless `conditions.yaml: required` says when). `options` are the values of
    `choice`/`choices`, each with the text `field.<path>.option.<value>`; `code_list` names a list kept
    elsewhere instead. `fields` are sub-fields (`list` = rows). `key` (lists only) names the sub-field that
    tells rows apart (`national_id`). `value` (with `source: computed`) is CEL. `purpose` says why it is
    asked (a Norwegian sentence for the record of processing; the citizen's text is `field.<path>.why`).
    `law` is a `law.id` of service.yaml. `min_items`/`max_items` for lists, `max_length`/`pattern` for text,
    `min`/`max` for numbers and dates (dates: ISO or `on`). Runtime values: integer → int, decimal and
    amount → number (NOK), date → ISO text, choices → list of texts, person → `{national_id, name}`, address
    → `{street, postal_code, city, municipality_no, unit_no}`, property → `{municipality_no, cadastral_no,
    property_no, lease_no, unit_no}`, file → id text, list → list of objects, object → object.
    """

    id: str
    path: str
    type: FieldType
    min: float | str | None = None
    max: float | str | None = None
    pattern: str | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    options: tuple[str, ...] = ()
    code_list: str | None = None
    fields: Mapping[str, Field] = field(factory=dict)
    key: str | None = None
    value: Cel | None = None
    optional: bool = False
    sensitivity: Sensitivity = "ordinary"
    purpose: str = ""
    law: str | None = None
    source: Source = "citizen"
    visible_to: tuple[Who, ...] = ("applicant", "municipality", "agency")
    retired: bool = False


@frozen
class PageField:
    """One entry of `fields:` of a page: an id, or `{field, visible_when, columns}`.

    On a page with `repeat_for: members` the entries are sub-fields (`members.student`) and CEL may use
    `item` (the row). `columns` (for a list field on an ordinary page) says which sub-fields are shown
    there; left out = all that no repeated page has.
    """

    field: str
    visible_when: Cel | None = None
    columns: tuple[str, ...] = ()


@frozen
class Page:
    """One entry of `pages:` in `form.yaml`.

    `repeat_for` names a list field: the page is shown once per row (with `visible_when` judged per row,
    `item` = the row). `documents` are the documents that can be added here; `facts` are names of lookups
    shown read-only with their source. Texts: `page.<id>.title`, optional `page.<id>.lead`.
    """

    id: str
    fields: tuple[PageField, ...] = ()
    visible_when: Cel | None = None
    repeat_for: str | None = None
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@frozen
class Form:
    """`form.yaml`.

    `pages`, `summary: true` (show all answers before sending) and `declaration: [ids]` (texts
    `declaration.<id>`).
    """

    pages: tuple[Page, ...]
    summary: bool = True
    declaration: tuple[str, ...] = ()


@frozen
class Check:
    """One entry of `checks:` in `conditions.yaml`: when `when` is met, `text` (a text key) is shown at `field`.

    `level: error` stops submission, `warning` does not. `for_each: members` judges it per row with `item`.
    `field` may be a dotted sub-field.
    """

    id: str
    when: Cel
    field: str
    level: CheckLevel
    text: str
    for_each: str | None = None
    law: str | None = None


@frozen
class DocumentDemand:
    """One entry of `documents:` in `conditions.yaml`: `document` is demanded when `when` is met.

    YAML key `from` (here `owed_by`) says who owes it. `for_each: members` demands one per row (delivered id
    `contract:<row key>`). Text why: `document.<id>.why`.
    """

    document: str
    when: Cel
    owed_by: Who = "applicant"
    for_each: str | None = None
    law: str | None = None


@frozen
class Route:
    """One entry of `routing:` in `conditions.yaml`.

    The first whose `when` is met (or has none) gives the receiving `unit`.
    """

    unit: str
    when: Cel | None = None


@frozen
class Conditions:
    """`conditions.yaml`.

    `conditions: {name: CEL}` · `required: {field path: CEL}` (required only when met) · `checks` ·
    `documents` · `routing` · `inputs: {rule input name: CEL}` (maps answers and facts to the inputs of
    rules.py; an input whose CEL is unknown is left out) · `eligible` (optional CEL: may apply at all; texts
    `service.not_eligible`).
    """

    conditions: Mapping[str, Cel] = field(factory=dict)
    required: Mapping[str, Cel] = field(factory=dict)
    checks: tuple[Check, ...] = ()
    documents: tuple[DocumentDemand, ...] = ()
    routing: tuple[Route, ...] = ()
    inputs: Mapping[str, Cel] = field(factory=dict)
    eligible: Cel | None = None


@frozen
class ListOut:
    """An `out` value that fills a list.

    `{list: <path to list in the reply>, key: <sub-field>, fields: {sub-field: path}, where: CEL}`.

    Rows are matched by `key`; a row that the citizen added stays, a row that the register has is filled.
    `where` may use `item` (the reply's row).
    """

    list: str
    key: str
    fields: Mapping[str, str]
    where: Cel | None = None


@frozen
class Lookup:
    """One entry of `lookups:` in `registers.yaml`; the reply is `facts.<name>`.

    `register` is a name of the registers room (`folkeregisteret.person`). `when` is one or a list of
    `start`, `page:<id>`, `submit`, `decision`. `persons` is who it is asked about: `[applicant]` (default)
    or with lists, `[applicant, members]` (each row's `person_field`, default `national_id`). With only
    `applicant`, `facts.<name>` is the reply's data; else it is a list of the data, each with `person` =
    `applicant` or the row's key. `person_when` (CEL over `item`) leaves out persons (children); it is not
    asked for the applicant. `period` is `on`, `month`, `previous_month`, `year` or `previous_year`. `out:
    {field: path}` prefills fields: `field` (applicant's reply), `members.student` (each row's own reply) or
    a list field with a `ListOut`. `on_failure`: ask the citizen, wait, or stop. `editable`: may a prefilled
    answer be changed. Extra parameters go in `in` (here `params`). Texts: `register.<name>.label` (source
    shown), `.down`.
    """

    name: str
    register: str
    legal_basis: str
    purpose: str
    when: tuple[str, ...]
    on_failure: OnFailure
    out: Mapping[str, str | ListOut] = field(factory=dict)
    params: Mapping[str, Any] = field(factory=dict)
    persons: tuple[str, ...] = ("applicant",)
    person_field: str = "national_id"
    person_when: Cel | None = None
    period: Literal["on", "month", "previous_month", "year", "previous_year"] = "on"
    fresh_for: Duration = "PT0S"
    editable: Editable = "no"
    show_source: bool = True

    @property
    def single(self) -> bool:
        """Tell whether `facts.<name>` is one object (only the applicant is asked about)."""
        return self.persons == ("applicant",)


@frozen
class Party:
    """One entry of `parties:` in `parties.yaml`: somebody besides the applicant.

    `who` is a list field (each row is one person) or a `person` field. `sees` are field paths shown to the
    party; `must_confirm` field paths the party must confirm, within `within`, when `when` is met (`item` =
    the row); `inform: true` = is told that data were fetched (letter `letter`); `ask` is the letter to the
    applicant when all that is asked for is about these persons, in place of the letter `request`. Texts:
    `party.<id>.label`, `party.<id>.why`.
    """

    id: str
    who: str
    sees: tuple[str, ...] = ()
    must_confirm: tuple[str, ...] = ()
    within: Duration | None = None
    when: Cel | None = None
    inform: bool = False
    letter: str | None = None
    ask: str | None = None
    law: str | None = None


@frozen
class Document:
    """One entry of `documents:` in `documents.yaml`.

    `types` of `pdf`, `jpeg`, `png`; `by` who may add it; `later: true` = the application may be sent
    without it, and it is owed within `later_within`. Texts: `document.<id>.label`, `.why`, optional
    `.hint`.
    """

    id: str
    types: tuple[str, ...] = ("pdf", "jpeg", "png")
    max_size_mb: int = 10
    max_files: int = 5
    by: tuple[Who, ...] = ("applicant",)
    later: bool = False
    later_within: Duration | None = None
    sensitivity: Sensitivity = "ordinary"
    law: str | None = None


@frozen
class Expected:
    """`expect:` of an example; only what is written is compared.

    `missing` is a list of ids (`field path`, `document:<id>`, `confirmation:<party>`; a row as
    `members[0].student`), `errors` of check ids, `pages` of visible page ids, `inputs` of rule inputs
    (subset), `values` of rule values (subset), `code`, `amount` (NOK), `unit`, `states` the path of states,
    `letters` of letter ids, `could_change` field ids (all must be there).
    """

    missing: tuple[str, ...] | None = None
    errors: tuple[str, ...] | None = None
    pages: tuple[str, ...] | None = None
    inputs: Mapping[str, Any] = field(factory=dict)
    values: Mapping[str, Any] = field(factory=dict)
    code: str | None = None
    amount: float | None = None
    unit: str | None = None
    states: tuple[str, ...] | None = None
    letters: tuple[str, ...] | None = None
    could_change: tuple[str, ...] | None = None


@frozen
class Example:
    """One file `examples/<id>.yaml`.

    `title`, `source`, `on` (date), `answers`, `facts` (replies by lookup; `unavailable: [lookups]`),
    `expect`.

    Register replies prefill answers first (by `out`), `answers` come on top. `documents` are delivered
    document ids, `confirmed` party ids, `settings` municipal values, `inputs` rule inputs given directly on
    top of those computed, `events` process events to walk after submission.
    """

    id: str
    title: str
    source: str
    on: date
    answers: Mapping[str, Any] = field(factory=dict)
    facts: Mapping[str, Any] = field(factory=dict)
    unavailable: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(factory=dict)
    inputs: Mapping[str, Any] = field(factory=dict)
    events: tuple[str, ...] = ()
    expect: Expected = field(factory=Expected)


@frozen
class Texts:
    """`texts/<lang>.yaml`, flattened to dotted keys: language → key → text."""

    languages: Mapping[str, Mapping[str, str]]

    def get(self, key: str, language: str) -> str:
        """Give the text in the language, else in bokmål, else the key itself (check refuses that)."""
        for name in (language, "nb"):
            text = self.languages.get(name, {}).get(key)
            if text is not None:
                return text
        return key

    def find(self, key: str, language: str) -> str | None:
        """Give an optional text, or None when no language has it."""
        text = self.get(key, language)
        return None if text == key else text

    def for_staff(self) -> Texts:
        """Give the texts as employees read them: `staff_<name>` in the place of `<name>` where it stands."""
        return Texts(
            {
                name: {**texts, **{plain_key(k): t for k, t in texts.items() if plain_key(k) != k}}
                for name, texts in self.languages.items()
            }
        )


def plain_key(key: str) -> str:
    """Give the key that a text for employees stands in the place of; any other key as it is.

    >>> plain_key("field.rent.staff_label"), plain_key("field.rent.label")
    ('field.rent.label', 'field.rent.label')
    """
    stem, _, name = key.rpartition(".")
    return f"{stem}.{name.removeprefix(STAFF)}" if name.startswith(STAFF) and stem else key


@frozen(eq=False)
class Package:
    """A whole package, read and found correct. Two are the same when `sha256` is the same.

    `sha256` is of the whole folder; `files` is path → bytes as published (rules.py and parameters.yaml are
    loaded from there by `rules`).
    """

    service: ServiceInfo
    fields: Mapping[str, Field]
    form: Form
    process: Process
    texts: Texts
    sha256: str
    conditions: Conditions = field(factory=Conditions)
    lookups: Mapping[str, Lookup] = field(factory=dict)
    parties: Mapping[str, Party] = field(factory=dict)
    documents: Mapping[str, Document] = field(factory=dict)
    letters: Mapping[str, Letter] = field(factory=dict)
    delivery: Delivery = field(factory=Delivery)
    archive: Archive | None = None
    settings: Mapping[str, Setting] = field(factory=dict)
    gains: Gain | None = None
    examples: tuple[Example, ...] = ()
    files: Mapping[str, bytes] = field(factory=dict, repr=False)
    _staff: dict[str, Package] = field(factory=dict, repr=False)

    @property
    def id(self) -> str:
        """Give the id of the service."""
        return self.service.id

    @property
    def version(self) -> str:
        """Give the version of the package (semver)."""
        return self.service.version

    def text(self, key: str, language: str) -> str:
        """Give a text of the package by key; see `Texts.get`."""
        return self.texts.get(key, language)

    def for_staff(self) -> Package:
        """Give the same package with the texts that employees read (made once)."""
        found = self._staff.get("read")
        if found is None:
            memory: dict[str, Package] = {}
            found = evolve(self, texts=self.texts.for_staff(), staff=memory)
            memory["read"] = self._staff["read"] = found
        return found

    def law(self, law_id: str | None) -> Law | None:
        """Find the law that an item points at."""
        return next((law for law in self.service.law if law.id == law_id), None) if law_id else None

    def field_at(self, path: str) -> Field | None:
        """Find a field by dotted path (`members.born`)."""
        head, _, rest = path.partition(".")
        found = self.fields.get(head)
        while found is not None and rest:
            head, _, rest = rest.partition(".")
            found = found.fields.get(head)
        return found

    def has_rules(self) -> bool:
        """Tell whether the package calculates."""
        return "rules.py" in self.files

    def __eq__(self, other: object) -> bool:
        """Compare by content hash."""
        return isinstance(other, Package) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        """Hash by content hash."""
        return hash(self.sha256)


__all__ = [
    "ActorRole",
    "Appeal",
    "Archive",
    "Cel",
    "Check",
    "CheckLevel",
    "Conditions",
    "Correction",
    "Decide",
    "Decision",
    "Delivery",
    "Document",
    "DocumentDemand",
    "Duration",
    "Editable",
    "Example",
    "Expected",
    "Field",
    "FieldType",
    "Form",
    "Gain",
    "Law",
    "Letter",
    "ListOut",
    "Login",
    "Lookup",
    "Measure",
    "OnFailure",
    "Package",
    "Page",
    "PageField",
    "Party",
    "Process",
    "Recalculation",
    "Receiver",
    "Retest",
    "Route",
    "Sensitivity",
    "ServiceInfo",
    "Setting",
    "Source",
    "State",
    "Task",
    "TermPlan",
    "Texts",
    "Transition",
    "Who",
]
