"""What must hold between the files of a package: what points at something points at something that is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from samspill.packages.domain import model
from samspill.packages.domain.evaluation import columns_of
from samspill.packages.domain.findings import (
    Found,
    Path,
    all_fields,
    field_path,
    is_list,
    lists,
    refer,
    rows_of,
    unknown,
)
from samspill.packages.domain.process_checks import process_faults
from samspill.packages.domain.protecting import protected_faults
from samspill.packages.domain.setting_values import setting_fault


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
    chosen_in = package.fields.get(service.letter_language or "")
    if service.letter_language and (
        chosen_in is None or not set(chosen_in.options) & set(service.languages)
    ):
        yield Found(
            file,
            ("letter_language",),
            "It is no field whose options are languages of the service.",
            "Name a choice field with options such as nb, nn and en.",
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
            yield unknown(file, path, "law in service.yaml with id", law, known)


def _law_uses(package: model.Package) -> Iterator[tuple[str, Path, str | None]]:
    for spec in all_fields(package.fields):
        yield "data.yaml", (*field_path(spec), "law"), spec.law
    conditions, process = package.conditions, package.process
    listed: tuple[
        tuple[str, str, Sequence[model.Check | model.DocumentDemand | model.Task]], ...
    ] = (
        ("conditions.yaml", "checks", conditions.checks),
        ("conditions.yaml", "documents", conditions.documents),
        ("process.yaml", "tasks", process.tasks),
    )
    for file, key, items in listed:
        yield from ((file, (key, at, "law"), item.law) for at, item in enumerate(items))
    named: tuple[tuple[str, Mapping[str, model.Party | model.Document | model.Setting]], ...] = (
        ("parties", package.parties),
        ("documents", package.documents),
        ("settings", package.settings),
    )
    for key, table in named:
        yield from ((f"{key}.yaml", (key, name, "law"), item.law) for name, item in table.items())
    if process.appeal:
        yield "process.yaml", ("appeal", "law"), process.appeal.law


def _data(package: model.Package) -> Iterator[Found]:
    for spec in all_fields(package.fields):
        for message, remedy in _field_faults(spec):
            yield Found("data.yaml", field_path(spec), message, remedy)


def _field_faults(spec: model.Field) -> Iterator[tuple[str, str]]:
    yield from _choice_faults(spec)
    yield from _nesting_faults(spec)
    yield from _limit_faults(spec)
    if (spec.source == "computed") != (spec.value is not None):
        message = "A computed field has `source: computed` and a `value`; another has neither."
        yield message, "Add or remove the other one."


def _choice_faults(spec: model.Field) -> Iterator[tuple[str, str]]:
    if spec.type in ("choice", "choices") and not (spec.options or spec.code_list):
        yield "A choice has no options.", "Add `options: [..]`."
    if len(set(spec.options)) != len(spec.options):
        yield "An option stands twice.", "Keep one of them."


def _nesting_faults(spec: model.Field) -> Iterator[tuple[str, str]]:
    nested, grouped = "." in spec.path, spec.type in ("list", "object")
    if grouped != bool(spec.fields):
        message = "Only a list or an object has sub-fields, and it must have some."
        yield message, "Add `fields:`, or change the type."
    if nested and grouped:
        yield "A list or object cannot lie inside another.", "Make it a field of its own."
    if nested and spec.value is not None:
        yield "A sub-field cannot be computed.", "Compute it where it is used: age(m.born, on)."
    if spec.key is not None and spec.key not in spec.fields:
        yield f"The key {spec.key!r} is not among its sub-fields.", "Name a sub-field."


def _limit_faults(spec: model.Field) -> Iterator[tuple[str, str]]:
    limits = [limit for limit in (spec.min, spec.max) if limit is not None]
    numbers = [limit for limit in limits if not isinstance(limit, str)]
    if numbers != sorted(numbers):
        yield "min is over max.", "Swap them."
    if len(numbers) < len(limits) and spec.type != "date":
        yield "Only a date has a date as limit.", "Write a number."
    try:
        re.compile(spec.pattern or "")
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
        if page.repeat_for is not None and not is_list(package, page.repeat_for):
            yield unknown(
                file, (*where, "repeat_for"), "list field", page.repeat_for, lists(package)
            )
            continue
        for entry_at, entry in enumerate(page.fields):
            yield from _entry(package, page, entry, (*where, "fields", entry_at))
        yield from refer(file, (*where, "documents"), "document", page.documents, package.documents)
        yield from refer(file, (*where, "facts"), "lookup", page.facts, package.lookups)


def _entry(
    package: model.Package, page: model.Page, entry: model.PageField, where: Path
) -> Iterator[Found]:
    file, spec = "form.yaml", package.field_at(entry.field)
    if spec is None:
        paths = [one.path for one in all_fields(package.fields)]
        yield unknown(file, where, "field", entry.field, paths)
        return
    if spec.retired:
        yield Found(file, where, f"{entry.field!r} is retired.", "Take it off the page.")
    if spec.source == "computed":
        message = f"{entry.field!r} is computed and cannot be asked for."
        yield Found(file, where, message, "Take it off the page.")
    yield from _row_entry(package, page, entry, where)
    if entry.columns and (spec.type != "list" or not set(entry.columns) <= spec.fields.keys()):
        message = "A column is not among the list's sub-fields."
        yield Found(file, (*where, "columns"), message, f"Use: {', '.join(spec.fields)}.")


def _row_entry(
    package: model.Package, page: model.Page, entry: model.PageField, where: Path
) -> Iterator[Found]:
    """Check that sub-fields of rows stand on pages that are repeated for them, and only they do."""
    head, dot, _ = entry.field.partition(".")
    in_rows = bool(dot) and is_list(package, head)
    if page.repeat_for is not None and not (in_rows and head == page.repeat_for):
        rows = page.repeat_for
        message = f"The page is shown for each of {rows}, and {entry.field!r} is not in its rows."
        remedy = f"Write {rows}.<sub-field>, or move the field to another page."
        yield Found("form.yaml", where, message, remedy)
    if page.repeat_for is None and in_rows:
        remedy = f"Set `repeat_for: {head}`, or show {head} with `columns`."
        yield Found("form.yaml", where, f"{entry.field!r} lies in rows.", remedy)


_REMEDIES: Final = {
    "citizen": "Put it on a page.",
    "register": "Fill it in registers.yaml.",
    "caseworker": "Let a task fill it.",
}


def _asked_somewhere(package: model.Package) -> Iterator[Found]:
    """Check that every living field gets its value from somewhere."""
    on_pages = set(_on_pages(package))
    places = {
        "citizen": on_pages,
        "register": on_pages | set(_filled_by_registers(package)),
        "caseworker": on_pages | {path for task in package.process.tasks for path in task.fields},
    }
    for spec in all_fields(package.fields):
        parent = package.fields[spec.path.split(".", maxsplit=1)[0]]
        free = (
            spec.source == "caseworker" and spec.optional
        )  # may be set in any case, without a task
        if spec.retired or parent.retired or free or spec.source == "computed":
            continue
        if not any(f"{path}.".startswith(f"{spec.path}.") for path in places[spec.source]):
            message = "The field gets its value from nowhere."
            yield Found("data.yaml", field_path(spec), message, _REMEDIES[spec.source])


def _on_pages(package: model.Package) -> Iterator[str]:
    for entry in (entry for page in package.form.pages for entry in page.fields):
        yield entry.field
        spec = package.fields.get(entry.field)
        if spec is not None and spec.type in ("list", "object"):
            shown = columns_of(package, entry) if spec.type == "list" else spec.fields
            yield from (f"{entry.field}.{sub}" for sub in shown)


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
            yield unknown(
                file,
                ("required", path),
                "field",
                path,
                [spec.path for spec in all_fields(package.fields)],
            )
    for at, check in enumerate(conditions.checks):
        yield from _check(package, check, ("checks", at))
    for at, demand in enumerate(conditions.documents):
        yield from refer(
            file, ("documents", at, "document"), "document", [demand.document], package.documents
        )
        yield from rows_of(package, file, ("documents", at, "for_each"), demand.for_each)
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
        yield unknown(
            file,
            (*where, "field"),
            "field",
            check.field,
            [spec.path for spec in all_fields(package.fields)],
        )
    yield from rows_of(package, file, (*where, "for_each"), check.for_each)


def _lookups(package: model.Package) -> Iterator[Found]:
    file, pages = "registers.yaml", {page.id for page in package.form.pages}
    for name, lookup in package.lookups.items():
        where: Path = ("lookups", name)
        yield from refer(
            file,
            (*where, "when"),
            "page",
            [when[5:] for when in lookup.when if when.startswith("page:")],
            pages,
        )
        for who in lookup.persons:
            if who != "applicant":
                yield from rows_of(package, file, (*where, "persons"), who)
                if is_list(package, who) and lookup.person_field not in package.fields[who].fields:
                    yield unknown(
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
        yield unknown(
            file,
            where,
            "field",
            target,
            [one.path for one in all_fields(package.fields) if not one.retired],
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
        and is_list(package, target.split(".", maxsplit=1)[0])
        and target.split(".", maxsplit=1)[0] not in lookup.persons
    ):
        yield Found(
            file,
            where,
            f"Nobody in {target.split('.', maxsplit=1)[0]} is asked about.",
            f"Add {target.split('.', maxsplit=1)[0]} to `persons`.",
        )


def _parties(package: model.Package) -> Iterator[Found]:
    file, paths = "parties.yaml", {spec.path for spec in all_fields(package.fields)}
    for name, party in package.parties.items():
        where: Path = ("parties", name)
        spec = package.fields.get(party.who)
        if spec is None or spec.type not in ("list", "person"):
            yield unknown(
                file, (*where, "who"), "list or person field", party.who, [*lists(package)]
            )
        yield from refer(file, (*where, "sees"), "field", party.sees, paths)
        yield from refer(file, (*where, "must_confirm"), "field", party.must_confirm, paths)
        for key, letter in (("letter", party.letter), ("ask", party.ask)):
            named = [letter] if letter else []
            yield from refer(file, (*where, key), "letter", named, package.letters)
        if party.inform and party.letter is None:
            yield Found(
                file, where, "Somebody is to be informed, without a letter.", "Add `letter:`."
            )


def _rest(package: model.Package) -> Iterator[Found]:
    events = {move.event for move in package.process.transitions} | {"submitted", "decided"}
    for at, receiver in enumerate(package.delivery.receivers):
        yield from refer("delivery.yaml", ("receivers", at, "on"), "event", [receiver.on], events)
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
        yield from refer(file, ("answers",), "field", example.answers, package.fields)
        yield from refer(file, ("facts",), "lookup", example.facts, package.lookups)
        yield from refer(file, ("unavailable",), "lookup", example.unavailable, package.lookups)
        yield from refer(
            file,
            ("documents",),
            "document",
            [one.split(":")[0] for one in example.documents],
            package.documents,
        )
        yield from refer(file, ("settings",), "setting", example.settings, package.settings)
    if not package.examples:
        yield Found(
            "examples",
            (),
            "The package has no example.",
            "Add examples/<id>.yaml with one ordinary case.",
        )


FAULTS: Final[tuple[Callable[[model.Package], Iterator[Found]], ...]] = (
    _service,
    protected_faults,
    _laws,
    _data,
    _form,
    _asked_somewhere,
    _conditions,
    _lookups,
    _parties,
    process_faults,
    _rest,
)
