"""The format `samspill/1` as values: one frozen class for each thing a package folder can say.

`docs/rooms/packages.md` shows the same as YAML. Every class says which YAML keys it holds; a key of the YAML has the name of the
attribute unless the docstring says otherwise. `Cel` is the text of a condition: CEL over field ids, names of other conditions,
`facts`, `settings`, `documents`, `channel` and `on`. Dates are ISO strings in YAML and `datetime.date` here; durations are ISO texts (`P30D`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from attrs import field, frozen

Cel = str
"""A CEL expression as written in the package, for instance `tenure == 'rented' && rent > 0`."""

Duration = str
"""An ISO 8601 duration as written in the package: `P30D`, `P3W`, `P1M`, `PT15M`."""

FieldType = Literal[
    "text", "integer", "decimal", "amount", "date", "boolean", "choice", "choices", "address", "person",
    "national_id", "org_no", "account", "property", "file", "list", "object",
]  # fmt: skip
Who = Literal["applicant", "municipality", "agency", "register", "party"]
Sensitivity = Literal["ordinary", "special", "protected"]
Source = Literal["citizen", "register", "computed", "caseworker"]
OnFailure = Literal["ask", "wait", "stop"]
Editable = Literal["no", "with_reason", "yes"]
ActorRole = Literal["applicant", "party", "municipality", "agency", "counter", "system"]
CheckLevel = Literal["error", "warning"]


@frozen
class Law:
    """One place in the law: `act` (name or number), `section` (`§ 8`), `url`; `id` is how other files point at it (`law: act8`)."""

    act: str
    section: str = ""
    url: str = ""
    id: str = ""

    def __str__(self) -> str:
        """Show act and section as a citizen would read them."""
        return f"{self.act} {self.section}".strip()


@frozen
class Login:
    """`login: {level, assisted}`: the lowest assurance level, and whether a counter may register for someone without e-ID."""

    level: Literal["none", "substantial", "high"]
    assisted: bool = False


@frozen
class ServiceInfo:
    """`service.yaml`.

    `purpose` and `processing_basis` go into the access log. `contact` is `{name, url, phone}`. `draft_lifetime` is how long an
    unsent draft is kept; `answer_within` what the citizen is promised. `situation` (optional) says which day conditions are judged on:
    `day` (default: the day itself) or `month_start` (the first day of the month applied for).
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


@frozen
class Field:
    """One entry of `fields:` in `data.yaml`, or of `fields:` inside a field of type `list` or `object`.

    `path` is the id, dotted for a sub-field (`members.born`). `optional: true` = may be left empty (else it must be answered when
    shown, unless `conditions.yaml: required` says when). `options` are the values of `choice`/`choices`, each with the text
    `field.<path>.option.<value>`; `code_list` names a list kept elsewhere instead. `fields` are sub-fields (`list` = rows).
    `key` (lists only) names the sub-field that tells rows apart (`national_id`). `value` (with `source: computed`) is CEL.
    `purpose` says why it is asked (a Norwegian sentence for the record of processing; the citizen's text is `field.<path>.why`).
    `law` is a `law.id` of service.yaml. `min_items`/`max_items` for lists, `max_length`/`pattern` for text, `min`/`max` for numbers and dates
    (dates: ISO or `on`). Runtime values: integer → int, decimal and amount → number (NOK), date → ISO text, choices → list of texts, person →
    `{national_id, name}`, address → `{street, postal_code, city, municipality_no, unit_no}`, property → `{municipality_no, cadastral_no, property_no,
    lease_no, unit_no}`, file → id text, list → list of objects, object → object.
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

    On a page with `repeat_for: members` the entries are sub-fields (`members.student`) and CEL may use `item` (the row). `columns`
    (for a list field on an ordinary page) says which sub-fields are shown there; left out = all that no repeated page has.
    """

    field: str
    visible_when: Cel | None = None
    columns: tuple[str, ...] = ()


@frozen
class Page:
    """One entry of `pages:` in `form.yaml`.

    `repeat_for` names a list field: the page is shown once per row (with `visible_when` judged per row, `item` = the row).
    `documents` are the documents that can be added here; `facts` are names of lookups shown read-only with their source.
    Texts: `page.<id>.title`, optional `page.<id>.lead`.
    """

    id: str
    fields: tuple[PageField, ...] = ()
    visible_when: Cel | None = None
    repeat_for: str | None = None
    documents: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


@frozen
class Form:
    """`form.yaml`: `pages`, `summary: true` (show all answers before sending) and `declaration: [ids]` (texts `declaration.<id>`)."""

    pages: tuple[Page, ...]
    summary: bool = True
    declaration: tuple[str, ...] = ()


@frozen
class Check:
    """One entry of `checks:` in `conditions.yaml`: when `when` is met, `text` (a text key) is shown at `field`.

    `level: error` stops submission, `warning` does not. `for_each: members` judges it per row with `item`. `field` may be a dotted sub-field.
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

    YAML key `from` (here `owed_by`) says who owes it. `for_each: members` demands one per row (delivered id `contract:<row key>`).
    Text why: `document.<id>.why`.
    """

    document: str
    when: Cel
    owed_by: Who = "applicant"
    for_each: str | None = None
    law: str | None = None


@frozen
class Route:
    """One entry of `routing:` in `conditions.yaml`: the first whose `when` is met (or has none) gives the receiving `unit`."""

    unit: str
    when: Cel | None = None


@frozen
class Conditions:
    """`conditions.yaml`.

    `conditions: {name: CEL}` · `required: {field path: CEL}` (required only when met) · `checks` · `documents` · `routing` ·
    `inputs: {rule input name: CEL}` (maps answers and facts to the inputs of rules.py; an input whose CEL is unknown is left out) ·
    `eligible` (optional CEL: may apply at all; texts `service.not_eligible`).
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
    """An `out` value that fills a list: `{list: <path to list in the reply>, key: <sub-field>, fields: {sub-field: path}, where: CEL}`.

    Rows are matched by `key`; a row that the citizen added stays, a row that the register has is filled. `where` may use `item` (the reply's row).
    """

    list: str
    key: str
    fields: Mapping[str, str]
    where: Cel | None = None


@frozen
class Lookup:
    """One entry of `lookups:` in `registers.yaml`; the reply is `facts.<name>`.

    `register` is a name of the registers room (`folkeregisteret.person`). `when` is one or a list of `start`, `page:<id>`, `submit`, `decision`.
    `persons` is who it is asked about: `[applicant]` (default) or with lists, `[applicant, members]` (each row's `person_field`, default
    `national_id`). With only `applicant`, `facts.<name>` is the reply's data; else it is a list of the data, each with `person` = `applicant`
    or the row's key. `person_when` (CEL over `item`) leaves out persons (children); it is not asked for the applicant.
    `period` is `on`, `month`, `previous_month`, `year` or `previous_year`. `out: {field: path}` prefills fields: `field` (applicant's reply),
    `members.student` (each row's own reply) or a list field with a `ListOut`. `on_failure`: ask the citizen, wait, or stop.
    `editable`: may a prefilled answer be changed. Extra parameters go in `in` (here `params`). Texts: `register.<name>.label` (source shown), `.down`.
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

    `who` is a list field (each row is one person) or a `person` field. `sees` are field paths shown to the party; `must_confirm` field paths
    the party must confirm, within `within`, when `when` is met (`item` = the row); `inform: true` = is told that data were fetched (letter
    `letter`). Texts: `party.<id>.label`, `party.<id>.why`.
    """

    id: str
    who: str
    sees: tuple[str, ...] = ()
    must_confirm: tuple[str, ...] = ()
    within: Duration | None = None
    when: Cel | None = None
    inform: bool = False
    letter: str | None = None
    law: str | None = None


@frozen
class Document:
    """One entry of `documents:` in `documents.yaml`.

    `types` of `pdf`, `jpeg`, `png`; `by` who may add it; `later: true` = the application may be sent without it, and it is owed within
    `later_within`. Texts: `document.<id>.label`, `.why`, optional `.hint`.
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
class State:
    """One entry of `states:` in `process.yaml`: `{waits_for, final, label text state.<id>.label}`.

    `waits_for` is who must act now (shown on my page): `applicant`, `municipality`, `agency`, `system`. Optional text `state.<id>.next` says what happens next.
    """

    id: str
    waits_for: Literal["applicant", "party", "municipality", "agency", "system", "nobody"] = (
        "nobody"
    )
    final: bool = False


@frozen
class Transition:
    """One entry of `transitions:` in `process.yaml`: YAML `{from: state or [states], to, event, when, by: [..]}`; `from` is `from_states` here."""

    from_states: tuple[str, ...]
    to: str
    event: str
    by: tuple[ActorRole, ...]
    when: Cel | None = None


@frozen
class Task:
    """One entry of `tasks:` in `process.yaml`: something a role must do in the case.

    `fields` are field paths the caseworker fills (`source: caseworker`); `when` demands it only then (left out = always); `state` is where it
    opens; `deadline` counts from there; `blocks: true` (default) = the case cannot leave the state before it is done. `shows` are field
    paths laid beside it. `for_each: members` makes one per row. Texts: `task.<id>.label`, optional `task.<id>.help`.
    """

    id: str
    role: str
    state: str
    deadline: Duration | None = None
    fields: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    when: Cel | None = None
    blocks: bool = True
    for_each: str | None = None
    law: str | None = None


@frozen
class Decision:
    """One entry of `decisions:` in `process.yaml`: an outcome with its letter.

    `codes` are the result codes (values of the rule named in `terms.decide.code`, or of `process.decide.code`) that give this outcome; empty
    = chosen by the caseworker. Texts: `outcome.<outcome>.label`, and `code.<code>.label` for every code.
    """

    outcome: str
    letter: str
    appeal_within: Duration | None = None
    four_eyes: bool = False
    codes: tuple[str, ...] = ()
    state: str | None = None


@frozen
class Decide:
    """`decide: {code, amount, granted}`: which rule gives the result code, which the amount (NOK), and which codes grant."""

    code: str
    amount: str | None
    granted: tuple[str, ...]


@frozen
class Retest:
    """`retest: {codes, times}`: these refusals are tested again by themselves so many terms."""

    codes: tuple[str, ...]
    times: int


@frozen
class Correction:
    """`correction: {rejected, codes, window, letter_answer}`.

    `rejected` are the codes after which the same term may be corrected; `codes` maps the outcome of the corrected decision to the code it
    then carries (V00 → R00); `window` counts from the deadline, `letter_answer` is the time that the letter gives.
    """

    codes: Mapping[str, str]
    window: Duration
    letter_answer: Duration
    rejected: tuple[str, ...] = ()


@frozen
class Recalculation:
    """`recalculation: {smallest_payment, smallest_reclaim}`: names of dated parameters (NOK) of the rule book; below them nothing is moved."""

    smallest_payment: str
    smallest_reclaim: str


@frozen
class TermPlan:
    """`terms:` in `process.yaml`, for services that are decided month by month.

    Days are days of the month: `situation_day` and `deadline_day` in the term month, `payment_day` in the next (working day before).
    `paper_deadline: same_day|next_working_day`. `carry_over` are codes that go on to the next term by themselves. `stop_events` are
    happenings that stop the case (`moved`, `ended`, `dead`). `automatic: true` = decided by the month's run. `first_term` is `YYYY-MM`.
    `missing_code` is the code given when something is still missing at the run.
    """

    situation_day: int
    deadline_day: int
    payment_day: int
    decide: Decide
    paper_deadline: Literal["same_day", "next_working_day"] = "same_day"
    carry_over: tuple[str, ...] = ()
    retest: Retest | None = None
    correction: Correction | None = None
    recalculation: Recalculation | None = None
    stop_events: tuple[str, ...] = ()
    automatic: bool = False
    first_term: str | None = None
    missing_code: str | None = None


@frozen
class Appeal:
    """`appeal: {to, within, reviewed_by, second_instance}`: where an appeal goes; `second_instance` is a text key."""

    to: Literal["municipality", "agency"]
    within: Duration
    reviewed_by: Literal["municipality", "agency"]
    second_instance: str | None = None
    law: str | None = None


@frozen
class Process:
    """`process.yaml`: `initial` state, `states`, `transitions`, `tasks`, `decisions`, `decide` or `terms`, `appeal`, `information_within`.

    `decide` (same keys as in terms) is for services decided once by rules. `information_within` is the time given when asked for more.
    """

    initial: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    tasks: tuple[Task, ...] = ()
    decisions: tuple[Decision, ...] = ()
    decide: Decide | None = None
    terms: TermPlan | None = None
    appeal: Appeal | None = None
    information_within: Duration = "P3W"

    @property
    def result(self) -> Decide | None:
        """Give the rules that decide, whether month by month or once."""
        return self.terms.decide if self.terms else self.decide


@frozen
class Letter:
    """The letters `letters/<id>.<lang>.md` of one id: `bodies` is language → Markdown with the template syntax of `docs/rooms/packages.md`."""

    id: str
    bodies: Mapping[str, str]


@frozen
class Receiver:
    """One entry of `receivers:` in `delivery.yaml`: who gets what, when.

    `to` of `workspace`, `rest`, `fiks_io`, `svarut`, `archive`; `format` of `json`, `pdf`, `arkivmelding`; `on` is a process event;
    `address` is a setting key or address; `retry_budget` is how long it is tried; `owner` who is told when it fails.
    """

    id: str
    to: Literal["workspace", "rest", "fiks_io", "svarut", "archive"]
    on: str
    format: Literal["json", "pdf", "arkivmelding"] = "json"
    address: str | None = None
    retry_budget: Duration = "P2D"
    owner: str = "agency"


@frozen
class Delivery:
    """`delivery.yaml`: `receivers`."""

    receivers: tuple[Receiver, ...] = ()


@frozen
class Archive:
    """`archive.yaml`: `classification`, `access_code`, `access_law`, `retention: {draft, case, log}` (durations)."""

    classification: str
    access_code: str = ""
    access_law: str = ""
    retention: Mapping[str, Duration] = field(factory=dict)


@frozen
class Setting:
    """One entry of `settings:` in `settings.yaml`: what a municipality may set, with type, limits and default.

    `type` of `integer`, `decimal`, `amount`, `boolean`, `text`, `choice`, `date`. `law` is where the limit stands. Texts: `setting.<key>.label`,
    optional `setting.<key>.help`. In CEL it is `settings.<key>`. Receive on/off and temporary closure exist always and are not declared.
    """

    key: str
    type: Literal["integer", "decimal", "amount", "boolean", "text", "choice", "date"]
    default: Any
    min: float | str | None = None
    max: float | str | None = None
    options: tuple[str, ...] = ()
    max_length: int | None = None
    law: str | None = None


@frozen
class Measure:
    """One entry of `measures:` in `gains.yaml`: the time between two events, for a `role`. Text: `measure.<name>.label`."""

    name: str
    from_event: str
    to_event: str
    role: str = ""


@frozen
class Gain:
    """`gains.yaml`: `before: {minutes_municipality, minutes_agency, minutes_citizen, source, status}` (a claim), `measures`, `idle_after`, `who_gains`."""

    minutes_municipality: float
    minutes_agency: float
    minutes_citizen: float
    source: str
    status: str
    measures: tuple[Measure, ...] = ()
    idle_after: Duration = "PT15M"
    who_gains: tuple[str, ...] = ()


@frozen
class Expected:
    """`expect:` of an example; only what is written is compared.

    `missing` is a list of ids (`field path`, `document:<id>`, `confirmation:<party>`; a row as `members[0].student`), `errors` of check ids,
    `pages` of visible page ids, `inputs` of rule inputs (subset), `values` of rule values (subset), `code`, `amount` (NOK), `unit`,
    `states` the path of states, `letters` of letter ids, `could_change` field ids (all must be there).
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
    """One file `examples/<id>.yaml`: `title`, `source`, `on` (date), `answers`, `facts` (replies by lookup; `unavailable: [lookups]`), `expect`.

    Register replies prefill answers first (by `out`), `answers` come on top. `documents` are delivered document ids, `confirmed` party
    ids, `settings` municipal values, `inputs` rule inputs given directly on top of those computed, `events` process events to walk after submission.
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
        """Give the text in the language, else in bokmål, else the key itself (check refuses a package where that happens)."""
        for name in (language, "nb"):
            text = self.languages.get(name, {}).get(key)
            if text is not None:
                return text
        return key

    def find(self, key: str, language: str) -> str | None:
        """Give an optional text, or None when no language has it."""
        text = self.get(key, language)
        return None if text == key else text


@frozen(eq=False)
class Package:
    """A whole package, read and found correct. Two are the same when `sha256` is the same.

    `sha256` is of the whole folder; `files` is path → bytes as published (rules.py and parameters.yaml are loaded from there by `rules`).
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
