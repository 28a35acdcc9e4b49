"""What must hold between the files of a package: what points at something points at something that is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from samspill.packages.domain import model
from samspill.packages.domain.evaluation import columns_of
from samspill.packages.domain.setting_values import setting_fault

Path = tuple[str | int, ...]


@frozen
class Found:
    """A fault and where it stands."""

    file: str
    path: Path
    message: str
    remedy: str
    line: int = 0

    @property
    def key(self) -> str:
        """Write the path as people do."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


def _unknown(file: str, path: Path, what: str, name: str, known: Iterable[str]) -> Found:
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    remedy = (
        f"Did you mean {close[0]!r}?"
        if close
        else f"Declare it, or use one of: {', '.join(names) or 'none yet'}."
    )
    return Found(file, path, f"There is no {what} {name!r}.", remedy)


def _all_fields(fields: Mapping[str, model.Field]) -> Iterator[model.Field]:
    for spec in fields.values():
        yield spec
        yield from _all_fields(spec.fields)


def _field_path(spec: model.Field) -> Path:
    parts = spec.path.split(".")
    return ("fields", *[step for part in parts[:-1] for step in (part, "fields")], parts[-1])


def _service(package: model.Package) -> Iterator[Found]:
    service, file = package.service, "service.yaml"
    if "nb" not in service.languages:
        yield Found(
            file,
            ("languages",),
            "Bokmål (nb) is missing.",
            "Add nb; it is what others fall back on.",
        )
    for language in service.languages:
        if language not in package.texts.languages:
            yield Found(
                file,
                ("languages",),
                f"There is no texts/{language}.yaml.",
                "Add the file, or take the language out.",
            )
    if service.valid_to is not None and service.valid_to < service.valid_from:
        yield Found(
            file, ("valid_to",), "It ends before it begins.", "Let valid_to be after valid_from."
        )
    for name, count in Counter(law.id for law in service.law if law.id).items():
        if count > 1:
            yield Found(
                file,
                ("law",),
                f"The law id {name!r} stands {count} times.",
                "Give each its own id.",
            )


def _laws(package: model.Package) -> Iterator[Found]:
    known = {law.id for law in package.service.law if law.id}
    for file, path, law in _law_uses(package):
        if law is not None and law not in known:
            yield _unknown(file, path, "law in service.yaml with id", law, known)


def _law_uses(package: model.Package) -> Iterator[tuple[str, Path, str | None]]:
    for spec in _all_fields(package.fields):
        yield "data.yaml", (*_field_path(spec), "law"), spec.law
    conditions = package.conditions
    for at, check in enumerate(conditions.checks):
        yield "conditions.yaml", ("checks", at, "law"), check.law
    for at, demand in enumerate(conditions.documents):
        yield "conditions.yaml", ("documents", at, "law"), demand.law
    for at, task in enumerate(package.process.tasks):
        yield "process.yaml", ("tasks", at, "law"), task.law
    if package.process.appeal:
        yield "process.yaml", ("appeal", "law"), package.process.appeal.law
    for name, party in package.parties.items():
        yield "parties.yaml", ("parties", name, "law"), party.law
    for name, document in package.documents.items():
        yield "documents.yaml", ("documents", name, "law"), document.law
    for name, setting in package.settings.items():
        yield "settings.yaml", ("settings", name, "law"), setting.law


def _data(package: model.Package) -> Iterator[Found]:
    for spec in _all_fields(package.fields):
        for message, remedy in _field_faults(spec):
            yield Found("data.yaml", _field_path(spec), message, remedy)


def _field_faults(spec: model.Field) -> Iterator[tuple[str, str]]:
    nested = "." in spec.path
    if spec.type in ("choice", "choices") and not (spec.options or spec.code_list):
        yield "A choice has no options.", "Add `options: [..]`."
    if len(set(spec.options)) != len(spec.options):
        yield "An option stands twice.", "Keep one of them."
    if (spec.type in ("list", "object")) != bool(spec.fields):
        yield (
            "Only a list or an object has sub-fields, and it must have some.",
            "Add `fields:`, or change the type.",
        )
    if nested and spec.type in ("list", "object"):
        yield "A list or object cannot lie inside another.", "Make it a field of its own."
    if spec.key is not None and spec.key not in spec.fields:
        yield f"The key {spec.key!r} is not among its sub-fields.", "Name a sub-field."
    if (spec.source == "computed") != (spec.value is not None):
        yield (
            "A computed field has `source: computed` and a `value`; another has neither.",
            "Add or remove the other one.",
        )
    if nested and spec.value is not None:
        yield "A sub-field cannot be computed.", "Compute it where it is used: age(m.born, on)."
    if (
        isinstance(spec.min, int | float)
        and isinstance(spec.max, int | float)
        and spec.min > spec.max
    ):
        yield "min is over max.", "Swap them."
    if any(isinstance(limit, str) for limit in (spec.min, spec.max)) and spec.type != "date":
        yield "Only a date has a date as limit.", "Write a number."
    if spec.pattern is not None:
        try:
            re.compile(spec.pattern)
        except re.error as error:
            yield f"The pattern is not a regular expression: {error}.", "Correct it."


def _form(package: model.Package) -> Iterator[Found]:
    file = "form.yaml"
    for name, count in Counter(page.id for page in package.form.pages).items():
        if count > 1:
            yield Found(
                file,
                ("pages",),
                f"The page {name!r} stands {count} times.",
                "Give each its own id.",
            )
    for at, page in enumerate(package.form.pages):
        where: Path = ("pages", at)
        if page.repeat_for is not None and not _is_list(package, page.repeat_for):
            yield _unknown(
                file, (*where, "repeat_for"), "list field", page.repeat_for, _lists(package)
            )
            continue
        for entry_at, entry in enumerate(page.fields):
            yield from _entry(package, page, entry, (*where, "fields", entry_at))
        yield from _refer(
            file, (*where, "documents"), "document", page.documents, package.documents
        )
        yield from _refer(file, (*where, "facts"), "lookup", page.facts, package.lookups)


def _entry(
    package: model.Package, page: model.Page, entry: model.PageField, where: Path
) -> Iterator[Found]:
    spec = package.field_at(entry.field)
    if spec is None:
        yield _unknown(
            "form.yaml",
            where,
            "field",
            entry.field,
            [one.path for one in _all_fields(package.fields)],
        )
        return
    if spec.retired:
        yield Found("form.yaml", where, f"{entry.field!r} is retired.", "Take it off the page.")
    if spec.source == "computed":
        yield Found(
            "form.yaml",
            where,
            f"{entry.field!r} is computed and cannot be asked for.",
            "Take it off the page.",
        )
    head = entry.field.split(".")[0]
    in_rows = "." in entry.field and _is_list(package, head)
    if page.repeat_for is not None and not (in_rows and head == page.repeat_for):
        yield Found("form.yaml", where, f"The page is shown for each of {page.repeat_for}, and {entry.field!r} is not in its rows.",
                    f"Write {page.repeat_for}.<sub-field>, or move the field to another page.")  # fmt: skip
    if page.repeat_for is None and in_rows:
        yield Found(
            "form.yaml",
            where,
            f"{entry.field!r} lies in rows.",
            f"Set `repeat_for: {head}`, or show {head} with `columns`.",
        )
    if entry.columns and (spec.type != "list" or not set(entry.columns) <= spec.fields.keys()):
        yield Found(
            "form.yaml",
            (*where, "columns"),
            "A column is not among the list's sub-fields.",
            f"Use: {', '.join(spec.fields)}.",
        )


def _asked_somewhere(package: model.Package) -> Iterator[Found]:
    """Check that every living field gets its value from somewhere."""
    on_pages = {entry.field for page in package.form.pages for entry in page.fields}
    for page in package.form.pages:
        for entry in page.fields:
            if _is_list(package, entry.field):
                on_pages |= {f"{entry.field}.{column}" for column in columns_of(package, entry)}
            elif (
                package.field_at(entry.field) is not None
                and package.fields[entry.field.split(".")[0]].type == "object"
            ):
                on_pages |= {
                    f"{entry.field}.{sub}"
                    for sub in package.fields[entry.field.split(".")[0]].fields
                }
    filled = set(_filled_by_registers(package))
    by_tasks = {path for task in package.process.tasks for path in task.fields}
    places = {"citizen": on_pages, "register": on_pages | filled, "caseworker": by_tasks | on_pages}
    for spec in _all_fields(package.fields):
        parent = package.fields[spec.path.split(".")[0]]
        if spec.retired or parent.retired or spec.source == "computed":
            continue
        if spec.source == "caseworker" and spec.optional:  # may be set in any case, without a task
            continue
        if spec.path not in places[spec.source] and not any(
            path.startswith(spec.path + ".") for path in places[spec.source]
        ):
            remedy = {
                "citizen": "Put it on a page.",
                "register": "Fill it in registers.yaml.",
                "caseworker": "Let a task fill it.",
            }
            yield Found(
                "data.yaml",
                _field_path(spec),
                "The field gets its value from nowhere.",
                remedy[spec.source],
            )


def _filled_by_registers(package: model.Package) -> Iterator[str]:
    for lookup in package.lookups.values():
        for target, out in lookup.out.items():
            yield target
            if isinstance(out, model.ListOut):
                yield from (f"{target}.{sub}" for sub in out.fields)


def _conditions(package: model.Package) -> Iterator[Found]:
    file, conditions = "conditions.yaml", package.conditions
    for name in conditions.conditions.keys() & (
        package.fields.keys() | {"facts", "settings", "documents", "channel", "on", "item"}
    ):
        yield Found(
            file,
            ("conditions", name),
            f"{name!r} is already the name of a field or of something given.",
            "Choose another name.",
        )
    for path in conditions.required:
        if package.field_at(path) is None:
            yield _unknown(
                file,
                ("required", path),
                "field",
                path,
                [spec.path for spec in _all_fields(package.fields)],
            )
    for at, check in enumerate(conditions.checks):
        yield from _check(package, check, ("checks", at))
    for at, demand in enumerate(conditions.documents):
        yield from _refer(
            file, ("documents", at, "document"), "document", [demand.document], package.documents
        )
        yield from _rows(package, file, ("documents", at, "for_each"), demand.for_each)
    for at, route in enumerate(conditions.routing):
        last = at == len(conditions.routing) - 1
        if last is not (route.when is None):
            yield Found(
                file,
                ("routing", at),
                "The last route, and only that, has no `when`.",
                "Let the last one take the rest.",
            )


def _check(package: model.Package, check: model.Check, where: Path) -> Iterator[Found]:
    file = "conditions.yaml"
    if package.field_at(check.field) is None:
        yield _unknown(
            file,
            (*where, "field"),
            "field",
            check.field,
            [spec.path for spec in _all_fields(package.fields)],
        )
    yield from _rows(package, file, (*where, "for_each"), check.for_each)


def _lookups(package: model.Package) -> Iterator[Found]:
    file, pages = "registers.yaml", {page.id for page in package.form.pages}
    for name, lookup in package.lookups.items():
        where: Path = ("lookups", name)
        yield from _refer(
            file,
            (*where, "when"),
            "page",
            [when[5:] for when in lookup.when if when.startswith("page:")],
            pages,
        )
        for who in lookup.persons:
            if who != "applicant":
                yield from _rows(package, file, (*where, "persons"), who)
                if _is_list(package, who) and lookup.person_field not in package.fields[who].fields:
                    yield _unknown(
                        file,
                        (*where, "person_field"),
                        "sub-field",
                        lookup.person_field,
                        package.fields[who].fields,
                    )
        for target, out in lookup.out.items():
            yield from _out(package, lookup, target, out, (*where, "out", target))


def _out(
    package: model.Package, lookup: model.Lookup, target: str, out: str | model.ListOut, where: Path
) -> Iterator[Found]:
    file, spec = "registers.yaml", package.field_at(target)
    if spec is None or spec.retired:
        yield _unknown(
            file,
            where,
            "field",
            target,
            [one.path for one in _all_fields(package.fields) if not one.retired],
        )
        return
    if isinstance(out, model.ListOut):
        if spec.type != "list" or spec.key != out.key:
            yield Found(
                file,
                where,
                f"{target!r} is not a list with the key {out.key!r}.",
                "Use the `key` of the list in data.yaml.",
            )
        elif not out.fields.keys() <= spec.fields.keys():
            yield Found(
                file,
                where,
                "It fills a sub-field that is not there.",
                f"Use: {', '.join(spec.fields)}.",
            )
    elif (
        "." in target
        and _is_list(package, target.split(".", maxsplit=1)[0])
        and target.split(".", maxsplit=1)[0] not in lookup.persons
    ):
        yield Found(
            file,
            where,
            f"Nobody in {target.split('.', maxsplit=1)[0]} is asked about.",
            f"Add {target.split('.', maxsplit=1)[0]} to `persons`.",
        )


def _parties(package: model.Package) -> Iterator[Found]:
    file, paths = "parties.yaml", {spec.path for spec in _all_fields(package.fields)}
    for name, party in package.parties.items():
        where: Path = ("parties", name)
        spec = package.fields.get(party.who)
        if spec is None or spec.type not in ("list", "person"):
            yield _unknown(
                file, (*where, "who"), "list or person field", party.who, [*_lists(package)]
            )
        yield from _refer(file, (*where, "sees"), "field", party.sees, paths)
        yield from _refer(file, (*where, "must_confirm"), "field", party.must_confirm, paths)
        yield from _refer(
            file,
            (*where, "letter"),
            "letter",
            [party.letter] if party.letter else [],
            package.letters,
        )
        if party.inform and party.letter is None:
            yield Found(
                file, where, "Somebody is to be informed, without a letter.", "Add `letter:`."
            )


def _process(package: model.Package) -> Iterator[Found]:
    file, process = "process.yaml", package.process
    states = process.states
    yield from _refer(file, ("initial",), "state", [process.initial], states)
    for at, move in enumerate(process.transitions):
        yield from _refer(file, ("transitions", at, "from"), "state", move.from_states, states)
        yield from _refer(file, ("transitions", at, "to"), "state", [move.to], states)
    reached = _reached(process)
    for name, state in states.items():
        if name not in reached and process.initial in states:
            yield Found(
                file, ("states", name), "No transition leads here.", "Add one, or remove the state."
            )
        if not state.final and not any(name in move.from_states for move in process.transitions):
            yield Found(
                file,
                ("states", name),
                "Nothing leads out of the state.",
                "Add a transition, or `final: true`.",
            )
    yield from _tasks(package)
    yield from _decisions(package)


def _reached(process: model.Process) -> set[str]:
    reached = {
        process.initial,
        *(decision.state for decision in process.decisions if decision.state),
    }
    while True:
        further = {
            move.to for move in process.transitions if reached & set(move.from_states)
        } - reached
        if not further:
            return reached
        reached |= further


def _tasks(package: model.Package) -> Iterator[Found]:
    file, paths = "process.yaml", {spec.path for spec in _all_fields(package.fields)}
    for at, task in enumerate(package.process.tasks):
        where: Path = ("tasks", at)
        yield from _refer(file, (*where, "state"), "state", [task.state], package.process.states)
        yield from _refer(file, (*where, "fields"), "field", task.fields, paths)
        yield from _refer(file, (*where, "shows"), "field", task.shows, paths)
        yield from _rows(package, file, (*where, "for_each"), task.for_each)
        for path in task.fields:
            spec = package.field_at(path)
            if spec is not None and spec.source != "caseworker":
                yield Found(
                    file,
                    (*where, "fields"),
                    f"{path!r} is not filled by caseworkers.",
                    "Set `source: caseworker`, or put it in `shows`.",
                )


def _decisions(package: model.Package) -> Iterator[Found]:
    file, process = "process.yaml", package.process
    for at, decision in enumerate(process.decisions):
        where: Path = ("decisions", at)
        yield from _refer(file, (*where, "letter"), "letter", [decision.letter], package.letters)
        yield from _refer(
            file,
            (*where, "state"),
            "state",
            [decision.state] if decision.state else [],
            process.states,
        )
    codes = Counter(code for decision in process.decisions for code in decision.codes)
    for code, count in codes.items():
        if count > 1:
            yield Found(
                file,
                ("decisions",),
                f"The code {code} gives {count} outcomes.",
                "Let each code give one.",
            )
    if process.decide is not None and process.terms is not None:
        yield Found(
            file,
            ("decide",),
            "Both `decide` and `terms` say how it is decided.",
            "Keep `terms.decide`.",
        )
    if process.result is not None:
        if not package.has_rules():
            yield Found(
                file,
                ("terms",) if process.terms else ("decide",),
                "It is decided by rules, and there is no rules.py.",
                "Add rules.py.",
            )
        yield from _refer(file, ("terms", "decide", "granted") if process.terms else ("decide", "granted"), "decision with the code",
                          process.result.granted, codes)  # fmt: skip
    if process.terms is not None:
        yield from _terms(process.terms, codes)


def _terms(plan: model.TermPlan, codes: Mapping[str, int]) -> Iterator[Found]:
    what, file = "decision with the code", "process.yaml"
    yield from _refer(file, ("terms", "carry_over"), what, plan.carry_over, codes)
    if plan.retest:
        yield from _refer(file, ("terms", "retest", "codes"), what, plan.retest.codes, codes)
    if plan.correction:
        yield from _refer(
            file, ("terms", "correction", "rejected"), what, plan.correction.rejected, codes
        )
        yield from _refer(
            file,
            ("terms", "correction", "codes"),
            what,
            [*plan.correction.codes, *plan.correction.codes.values()],
            codes,
        )
    if plan.missing_code:
        yield from _refer(file, ("terms", "missing_code"), what, [plan.missing_code], codes)


def _rest(package: model.Package) -> Iterator[Found]:
    events = {move.event for move in package.process.transitions} | {"submitted", "decided"}
    for at, receiver in enumerate(package.delivery.receivers):
        yield from _refer("delivery.yaml", ("receivers", at, "on"), "event", [receiver.on], events)
    for key, setting in package.settings.items():
        message = setting_fault(setting, setting.default)
        if message:
            yield Found(
                "settings.yaml",
                ("settings", key, "default"),
                f"The default is outside the limits: {message}",
                "Change the default.",
            )
    for example in package.examples:
        file = f"examples/{example.id}.yaml"
        yield from _refer(file, ("answers",), "field", example.answers, package.fields)
        yield from _refer(file, ("facts",), "lookup", example.facts, package.lookups)
        yield from _refer(file, ("unavailable",), "lookup", example.unavailable, package.lookups)
        yield from _refer(
            file,
            ("documents",),
            "document",
            [one.split(":")[0] for one in example.documents],
            package.documents,
        )
        yield from _refer(file, ("settings",), "setting", example.settings, package.settings)
    if not package.examples:
        yield Found(
            "examples",
            (),
            "The package has no example.",
            "Add examples/<id>.yaml with one ordinary case.",
        )


def _refer(
    file: str, path: Path, what: str, used: Iterable[str], known: Iterable[str]
) -> Iterator[Found]:
    names = set(known)
    for name in used:
        if name not in names:
            yield _unknown(file, path, what, name, names)


def _rows(package: model.Package, file: str, path: Path, name: str | None) -> Iterator[Found]:
    if name is None:
        return
    if not _is_list(package, name):
        yield _unknown(file, path, "list field", name, _lists(package))
    elif package.fields[name].key is None:
        yield Found(
            file, path, f"The rows of {name!r} have no key.", "Add `key:` to the list in data.yaml."
        )


def _is_list(package: model.Package, name: str) -> bool:
    return name in package.fields and package.fields[name].type == "list"


def _lists(package: model.Package) -> list[str]:
    return [name for name, spec in package.fields.items() if spec.type == "list"]


FAULTS: Final[tuple[Callable[[model.Package], Iterator[Found]], ...]] = (
    _service, _laws, _data, _form, _asked_somewhere, _conditions, _lookups, _parties, _process, _rest,
)  # fmt: skip
