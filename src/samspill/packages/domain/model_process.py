"""The format `samspill/1`, second part: what happens after the form. Import these names from `model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

Cel = str
"""A CEL expression as written in the package, for instance `tenure == 'rented' && rent > 0`."""

Duration = str
"""An ISO 8601 duration as written in the package: `P30D`, `P3W`, `P1M`, `PT15M`."""

ActorRole = Literal["applicant", "party", "municipality", "agency", "counter", "system"]


@frozen
class State:
    """One entry of `states:` in `process.yaml`: `{waits_for, final, label text state.<id>.label}`.

    `waits_for` is who must act now (shown on my page): `applicant`, `municipality`, `agency`, `system`.
    Optional text `state.<id>.next` says what happens next.
    """

    id: str
    waits_for: Literal["applicant", "party", "municipality", "agency", "system", "nobody"] = (
        "nobody"
    )
    final: bool = False


@frozen
class Transition:
    """One entry of `transitions:` in `process.yaml`.

    YAML `{from: state or [states], to, event, when, by: [..]}`; `from` is `from_states` here.
    """

    from_states: tuple[str, ...]
    to: str
    event: str
    by: tuple[ActorRole, ...]
    when: Cel | None = None


@frozen
class Task:
    """One entry of `tasks:` in `process.yaml`: something a role must do in the case.

    `fields` are field paths the caseworker fills (`source: caseworker`); `when` demands it only then (left
    out = always); `state` is where it opens; `deadline` counts from there; `blocks: true` (default) = the
    case cannot leave the state before it is done. `shows` are field paths laid beside it. `for_each:
    members` makes one per row. Texts: `task.<id>.label`, optional `task.<id>.help`.
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

    `codes` are the result codes (values of the rule named in `terms.decide.code`, or of
    `process.decide.code`) that give this outcome; empty = chosen by the caseworker. Texts:
    `outcome.<outcome>.label`, and `code.<code>.label` for every code.
    """

    outcome: str
    letter: str
    appeal_within: Duration | None = None
    four_eyes: bool = False
    codes: tuple[str, ...] = ()
    state: str | None = None


@frozen
class Decide:
    """`decide: {code, amount, granted}`.

    Which rule gives the result code, which the amount (NOK), and which codes grant.
    """

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

    `rejected` are the codes after which the same term may be corrected; `codes` maps the outcome of the
    corrected decision to the code it then carries (V00 → R00); `window` counts from the deadline,
    `letter_answer` is the time that the letter gives.
    """

    codes: Mapping[str, str]
    window: Duration
    letter_answer: Duration
    rejected: tuple[str, ...] = ()


@frozen
class Recalculation:
    """`recalculation: {smallest_payment, smallest_reclaim}`: names of dated parameters (NOK) of the rule book.

    Below them nothing is moved.
    """

    smallest_payment: str
    smallest_reclaim: str


@frozen
class TermPlan:
    """`terms:` in `process.yaml`, for services that are decided month by month.

    Days are days of the month: `situation_day` and `deadline_day` in the term month, `payment_day` in the
    next (working day before). `paper_deadline: same_day|next_working_day`. `carry_over` are codes that go
    on to the next term by themselves. `stop_events` are happenings that stop the case (`moved`, `ended`,
    `dead`). `automatic: true` = decided by the month's run. `first_term` is `YYYY-MM`. `missing_code` is
    the code given when something is still missing at the run.

    `open_tasks` says what the run does with a case that lacks something after the time to answer, while a
    blocking task of it is open: `hold` (default) waits for whom the task belongs to and reminds them, so that
    nobody is decided over their head; `decide` gives the `missing_code` all the same.

    `ask_first` are codes that a case which goes on by itself is not given before its applicant was asked for
    these fields (code → field paths): a register has changed since the applicant wrote, and they are heard
    first (forvaltningsloven §§ 16 and 17). Of a list, the rows that no register knows any more are asked about.
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
    open_tasks: Literal["hold", "decide"] = "hold"
    ask_first: Mapping[str, tuple[str, ...]] = field(factory=dict)


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
    """`process.yaml`.

    `initial` state, `states`, `transitions`, `tasks`, `decisions`, `decide` or `terms`, `appeal`,
    `information_within`.

    `decide` (same keys as in terms) is for services decided once by rules. `information_within` is the time
    given when asked for more.
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
    """The letters `letters/<id>.<lang>.md` of one id.

    `bodies` is language → Markdown with the template syntax of `docs/rooms/packages.md`.
    """

    id: str
    bodies: Mapping[str, str]


@frozen
class Receiver:
    """One entry of `receivers:` in `delivery.yaml`: who gets what, when.

    `to` of `workspace`, `rest`, `fiks_io`, `svarut`, `archive`; `format` of `json`, `pdf`, `arkivmelding`;
    `on` is a process event; `address` is a setting key or address; `retry_budget` is how long it is tried;
    `owner` who is told when it fails.
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

    `type` of `integer`, `decimal`, `amount`, `boolean`, `text`, `choice`, `date`. `law` is where the limit
    stands. Texts: `setting.<key>.label`, optional `setting.<key>.help`. In CEL it is `settings.<key>`.
    Receive on/off and temporary closure exist always and are not declared.
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
    """One entry of `measures:` in `gains.yaml`: the time between two events, for a `role`.

    Text: `measure.<name>.label`.
    """

    name: str
    from_event: str
    to_event: str
    role: str = ""


@frozen
class Gain:
    """`gains.yaml`.

    `before: {minutes_municipality, minutes_agency, minutes_citizen, source, status}` (a claim), `measures`,
    `idle_after`, `who_gains`.
    """

    minutes_municipality: float
    minutes_agency: float
    minutes_citizen: float
    source: str
    status: str
    measures: tuple[Measure, ...] = ()
    idle_after: Duration = "PT15M"
    who_gains: tuple[str, ...] = ()
