"""The keys of every YAML file of a package: which there are, which must be there, and what they become."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from samspill.packages.domain import model
from samspill.packages.domain.protecting import PROTECTED
from samspill.packages.domain.shapes import (
    BAD,
    ID,
    Cursor,
    Parser,
    anything,
    boolean,
    day_duration,
    duration,
    identifier,
    integer,
    iso_date,
    list_of,
    loose_text,
    matching,
    number,
    number_or_date,
    one_of,
    one_or_list,
    optional,
    optional_date,
    path_text,
    plain_table,
    record,
    required,
    table,
    text,
)

_ROLES: Final = (
    "municipality_caseworker",
    "municipality_leader",
    "agency_caseworker",
    "agency_leader",
    "counter",
)


_WHO: Final = one_of("applicant", "municipality", "agency", "register", "party")


_LANGUAGE: Final = one_of("nb", "nn", "en", "se")


_RESERVED_SUBFIELDS: Final = frozenset({"label", "hint", "help", "why", "option", "pattern"})


_FIELD_TYPES: Final = (
    "text",
    "integer",
    "decimal",
    "amount",
    "date",
    "boolean",
    "choice",
    "choices",
    "address",
    "person",
    "national_id",
    "org_no",
    "account",
    "property",
    "file",
    "list",
    "object",
)


def named(key: str, make: Callable[[str], Parser]) -> Parser:
    """Parse `{key: {name: …}}` into name → value."""
    return record(lambda found: found, required(key, table(make, ID), to="found"))


_SEMVER: Final = matching(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)", "Write three numbers: 1.0.0."
)


_ORG_NO: Final = matching(r"\d{9}", "Write the nine digits of the organisation number, in quotes.")


SERVICE: Final = record(
    model.ServiceInfo,
    required("format", one_of("samspill/1")),
    required("id", identifier),
    required("version", _SEMVER),
    required("valid_from", iso_date),
    optional("valid_to", optional_date),
    required("owner", _ORG_NO),
    required(
        "law",
        list_of(
            record(
                model.Law,
                required("act", text),
                optional("section", loose_text),
                optional("url", loose_text),
                optional("id", identifier),
            )
        ),
    ),
    required("processing_basis", text),
    required("purpose", text),
    required("audience", one_of("person", "organisation", "anonymous")),
    required("decided_by", one_of("municipality", "agency")),
    optional("prepared_by", one_of("municipality", "agency")),
    required(
        "login",
        record(
            model.Login,
            required("level", one_of("none", "substantial", "high")),
            optional("assisted", boolean),
        ),
    ),
    optional("mandate_scopes", list_of(text)),
    required("languages", list_of(_LANGUAGE)),
    required("draft_lifetime", day_duration),
    optional("answer_within", day_duration),
    optional("contact", table(lambda _name: text)),
    optional("situation", one_of("day", "month_start")),
    optional("letter_language", identifier),
    optional("protected", PROTECTED),
)


def fields_under(prefix: str) -> Parser:
    """Parse the fields under a path (empty: the top) by id."""

    def named(name: str) -> Parser:
        path = f"{prefix}.{name}" if prefix else name

        def parse(cursor: Cursor) -> Any:
            if prefix and name in _RESERVED_SUBFIELDS:
                return cursor.fault(
                    f"A sub-field cannot be called {name!r}.",
                    "It is the name of a text; choose another.",
                )
            if name in ("facts", "settings", "documents", "channel", "on", "item"):
                return cursor.fault(
                    f"A field cannot be called {name!r}.",
                    "Conditions use the name; choose another.",
                )
            return _field(name, path)(cursor)

        return parse

    return table(named, ID)


def _later(path: str) -> Parser:
    """Parse sub-fields; made when they are met, since a field may have fields."""

    def parse(cursor: Cursor) -> Any:
        return fields_under(path)(cursor)

    return parse


def _field(name: str, path: str) -> Parser:
    return record(
        lambda **values: model.Field(id=name, path=path, **values),
        required("type", one_of(*_FIELD_TYPES)),
        optional("min", number_or_date),
        optional("max", number_or_date),
        optional("pattern", text),
        optional("max_length", integer(least=1, most=100_000)),
        optional("min_items", integer(least=0)),
        optional("max_items", integer(least=1, most=1000)),
        optional(
            "options",
            list_of(
                matching(r"[A-Za-z0-9_\-]{1,60}", "Use letters, digits, - and _ (quote numbers).")
            ),
        ),
        optional("code_list", text),
        optional("fields", _later(path)),
        optional("key", identifier),
        optional("value", text),
        optional("optional", boolean),
        optional("sensitivity", one_of("ordinary", "special", "protected")),
        optional("purpose", loose_text),
        optional("law", identifier),
        optional("source", one_of("citizen", "register", "computed", "caseworker")),
        optional("visible_to", list_of(_WHO)),
        optional("retired", boolean),
    )


_PAGE_FIELD_RECORD: Final = record(
    model.PageField,
    required("field", path_text),
    optional("visible_when", text),
    optional("columns", list_of(identifier)),
)


def _page_field(cursor: Cursor) -> Any:
    if isinstance(cursor.value, dict):
        return _PAGE_FIELD_RECORD(cursor)
    path = path_text(cursor)
    return BAD if path is BAD else model.PageField(path)


FORM: Final = record(
    model.Form,
    required(
        "pages",
        list_of(
            record(
                model.Page,
                required("id", identifier),
                optional("fields", list_of(_page_field)),
                optional("visible_when", text),
                optional("repeat_for", identifier),
                optional("documents", list_of(identifier)),
                optional("facts", list_of(identifier)),
            )
        ),
    ),
    optional("summary", boolean),
    optional("declaration", list_of(identifier)),
)


CONDITIONS: Final = record(
    model.Conditions,
    optional("conditions", table(lambda _name: text, ID)),
    optional("required", table(lambda _name: text)),
    optional("eligible", text),
    optional(
        "checks",
        list_of(
            record(
                model.Check,
                required("id", identifier),
                required("when", text),
                required("field", path_text),
                required("level", one_of("error", "warning")),
                required("text", text),
                optional("for_each", identifier),
                optional("law", identifier),
            )
        ),
    ),
    optional(
        "documents",
        list_of(
            record(
                model.DocumentDemand,
                required("document", identifier),
                required("when", text),
                optional("from", _WHO, to="owed_by"),
                optional("for_each", identifier),
                optional("law", identifier),
            )
        ),
    ),
    optional(
        "routing",
        list_of(record(model.Route, required("unit", identifier), optional("when", text))),
    ),
    optional("inputs", table(lambda _name: text)),
)


_REPLY_PATH: Final = matching(
    r"[A-Za-z_][\w]*(\.[A-Za-z_][\w]*)*", "Write a path in the reply: name.full."
)


_LIST_OUT: Final = record(
    model.ListOut,
    required("list", _REPLY_PATH),
    required("key", identifier),
    required("fields", table(lambda _name: _REPLY_PATH, ID)),
    optional("where", text),
)


def _out(_name: str) -> Parser:
    return lambda cursor: (_LIST_OUT if isinstance(cursor.value, dict) else _REPLY_PATH)(cursor)


def lookup(name: str) -> Parser:
    """Parse one entry of `lookups:`."""
    return record(
        lambda **values: model.Lookup(name=name, **values),
        required("register", matching(r"[a-z]+\.[a-z_]+", "Write it as folkeregisteret.person.")),
        required("legal_basis", text),
        required("purpose", text),
        required(
            "when",
            one_or_list(
                matching(
                    r"start|submit|decision|page:[a-z][a-z0-9_]*",
                    "Write start, submit, decision or page:<id>.",
                )
            ),
        ),
        required("on_failure", one_of("ask", "wait", "stop")),
        optional("out", table(_out)),
        optional("in", plain_table, to="params"),
        optional("persons", list_of(identifier)),
        optional("person_field", identifier),
        optional("person_when", text),
        optional("period", one_of("on", "month", "previous_month", "year", "previous_year")),
        optional("fresh_for", duration),
        optional("editable", one_of("no", "with_reason", "yes")),
        optional("show_source", boolean),
    )


def party(name: str) -> Parser:
    """Parse one entry of `parties:`."""
    return record(
        lambda **values: model.Party(id=name, **values),
        required("who", identifier),
        optional("sees", list_of(path_text)),
        optional("must_confirm", list_of(path_text)),
        optional("within", day_duration),
        optional("when", text),
        optional("inform", boolean),
        optional("letter", identifier),
        optional("ask", identifier),
        optional("law", identifier),
    )


def document(name: str) -> Parser:
    """Parse one entry of `documents:`."""
    return record(
        lambda **values: model.Document(id=name, **values),
        optional("types", list_of(one_of("pdf", "jpeg", "png"))),
        optional("max_size_mb", integer(least=1, most=50)),
        optional("max_files", integer(least=1, most=50)),
        optional("by", list_of(_WHO)),
        optional("later", boolean),
        optional("later_within", day_duration),
        optional("sensitivity", one_of("ordinary", "special", "protected")),
        optional("law", identifier),
    )


_BY: Final = one_of("applicant", "party", "municipality", "agency", "counter", "system")


def _decide(code: str, granted: tuple[str, ...], amount: str | None = None) -> model.Decide:
    return model.Decide(code, amount, granted)


_DECIDE: Final = record(
    _decide,
    required("code", path_text),
    optional("amount", path_text),
    required("granted", list_of(text)),
)


_TERMS: Final = record(
    model.TermPlan,
    required("situation_day", integer(least=1, most=28)),
    required("deadline_day", integer(least=1, most=31)),
    required("payment_day", integer(least=1, most=31)),
    required("decide", _DECIDE),
    optional("paper_deadline", one_of("same_day", "next_working_day")),
    optional("carry_over", list_of(text)),
    optional(
        "retest",
        record(
            model.Retest,
            required("codes", list_of(text)),
            required("times", integer(least=1, most=24)),
        ),
    ),
    optional(
        "correction",
        record(
            model.Correction,
            required("codes", table(lambda _name: text)),
            required("window", day_duration),
            required("letter_answer", day_duration),
            optional("rejected", list_of(text)),
        ),
    ),
    optional(
        "recalculation",
        record(
            model.Recalculation,
            required("smallest_payment", text),
            required("smallest_reclaim", text),
        ),
    ),
    optional("stop_events", list_of(identifier)),
    optional("automatic", boolean),
    optional("first_term", matching(r"\d{4}-(0[1-9]|1[0-2])", "Write it as 2021-06.")),
    optional("missing_code", text),
    optional("open_tasks", one_of("hold", "decide")),
    optional("ask_first", table(lambda _name: list_of(text))),
)


def _state(name: str) -> Parser:
    return record(
        lambda **values: model.State(id=name, **values),
        optional(
            "waits_for", one_of("applicant", "party", "municipality", "agency", "system", "nobody")
        ),
        optional("final", boolean),
    )


PROCESS: Final = record(
    model.Process,
    required("initial", identifier),
    required("states", table(_state, ID)),
    required(
        "transitions",
        list_of(
            record(
                model.Transition,
                required("from", one_or_list(identifier), to="from_states"),
                required("to", identifier),
                required("event", identifier),
                required("by", one_or_list(_BY)),
                optional("when", text),
            )
        ),
    ),
    optional(
        "tasks",
        list_of(
            record(
                model.Task,
                required("id", identifier),
                required("role", one_of(*_ROLES)),
                required("state", identifier),
                optional("deadline", day_duration),
                optional("fields", list_of(path_text)),
                optional("shows", list_of(path_text)),
                optional("when", text),
                optional("blocks", boolean),
                optional("for_each", identifier),
                optional("law", identifier),
            )
        ),
    ),
    optional(
        "decisions",
        list_of(
            record(
                model.Decision,
                required("outcome", identifier),
                required("letter", identifier),
                optional("appeal_within", day_duration),
                optional("four_eyes", boolean),
                optional("codes", list_of(text)),
                optional("state", identifier),
            )
        ),
    ),
    optional("decide", _DECIDE),
    optional("terms", _TERMS),
    optional(
        "appeal",
        record(
            model.Appeal,
            required("to", one_of("municipality", "agency")),
            required("within", day_duration),
            required("reviewed_by", one_of("municipality", "agency")),
            optional("second_instance", text),
            optional("law", identifier),
        ),
    ),
    optional("information_within", day_duration),
)


DELIVERY: Final = record(
    model.Delivery,
    required(
        "receivers",
        list_of(
            record(
                model.Receiver,
                required("id", identifier),
                required("to", one_of("workspace", "rest", "fiks_io", "svarut", "archive")),
                required("on", identifier),
                optional("format", one_of("json", "pdf", "arkivmelding")),
                optional("address", text),
                optional("retry_budget", duration),
                optional("owner", one_of("municipality", "agency")),
            )
        ),
    ),
)


ARCHIVE: Final = record(
    model.Archive,
    required("classification", text),
    optional("access_code", loose_text),
    optional("access_law", loose_text),
    optional("retention", table(lambda _name: day_duration)),
)


def setting(name: str) -> Parser:
    """Parse one entry of `settings:`."""
    return record(
        lambda **values: model.Setting(key=name, **values),
        required(
            "type", one_of("integer", "decimal", "amount", "boolean", "text", "choice", "date")
        ),
        required("default", anything),
        optional("min", number_or_date),
        optional("max", number_or_date),
        optional("options", list_of(text)),
        optional("max_length", integer(least=1, most=10_000)),
        optional("law", identifier),
    )


def _gain(before: Mapping[str, Any], **rest: Any) -> model.Gain:
    return model.Gain(**before, **rest)


GAINS: Final = record(
    _gain,
    required(
        "before",
        record(
            dict,
            required("minutes_municipality", number),
            required("minutes_agency", number),
            required("minutes_citizen", number),
            required("source", text),
            required("status", text),
        ),
    ),
    optional(
        "measures",
        list_of(
            record(
                model.Measure,
                required("name", identifier),
                required("from_event", text),
                required("to_event", text),
                optional("role", one_of(*_ROLES, "applicant")),
            )
        ),
    ),
    optional("idle_after", duration),
    optional("who_gains", list_of(one_of("citizen", "municipality", "agency", "state"))),
)


_EXPECTED: Final = record(
    model.Expected,
    optional("missing", list_of(text)),
    optional("errors", list_of(identifier)),
    optional("pages", list_of(text)),
    optional("inputs", plain_table),
    optional("values", plain_table),
    optional("code", text),
    optional("amount", number),
    optional("unit", identifier),
    optional("states", list_of(identifier)),
    optional("letters", list_of(identifier)),
    optional("could_change", list_of(text)),
)


def example(name: str) -> Parser:
    """Parse one example file."""
    return record(
        lambda **values: model.Example(id=name, **values),
        required("title", text),
        required("source", text),
        required("on", iso_date),
        optional("answers", plain_table),
        optional("facts", plain_table),
        optional("unavailable", list_of(identifier)),
        optional("documents", list_of(text)),
        optional("confirmed", list_of(text)),
        optional("settings", plain_table),
        optional("inputs", plain_table),
        optional("events", list_of(identifier)),
        optional("expect", _EXPECTED),
    )
