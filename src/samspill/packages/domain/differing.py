"""What differs between two versions of a package, and whether it is a patch, a minor or a major step.

Text is patch; a new optional field or page, or a relaxed rule, is minor; a removed or retyped field, a new
demand, and changed eligibility or duty are major. Where the tool cannot tell whether a changed rule is
stricter, it says major.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from samspill.packages.domain import model, protecting
from samspill.packages.domain.entries import LEVELS, Entry, Kind, Level, short
from samspill.packages.domain.rule_differences import rules
from samspill.packages.domain.setting_values import version_tuple


@frozen
class Diff:
    """All differences between two versions, and the step that they ask for."""

    old_version: str
    new_version: str
    entries: tuple[Entry, ...]

    @property
    def level(self) -> Level:
        """Give the largest step among the differences (patch when there are none)."""
        return max((entry.level for entry in self.entries), key=LEVELS.index, default="patch")

    @property
    def step(self) -> Level | None:
        """Give the step that the version numbers take; None when the new one is not later."""
        old, new = version_tuple(self.old_version), version_tuple(self.new_version)
        if new <= old:
            return None
        return "major" if new[0] > old[0] else "minor" if new[1] > old[1] else "patch"

    @property
    def step_is_enough(self) -> bool:
        """Tell whether the version number rises as much as the differences ask for."""
        return self.step is not None and LEVELS.index(self.step) >= LEVELS.index(self.level)

    def as_json(self) -> dict[str, Any]:
        """Write it as the command line does."""
        entries = [attrs.asdict(entry) for entry in self.entries]
        return {
            "from": self.old_version,
            "to": self.new_version,
            "level": self.level,
            "entries": entries,
        }


def diff(old: model.Package, new: model.Package) -> Diff:
    """Compare two versions of a package."""
    found = [entry for part in _PARTS for entry in part(old, new)]
    found.sort(key=lambda entry: (-LEVELS.index(entry.level), entry.file, entry.key))
    return Diff(old.version, new.version, tuple(found))


def _tables(
    file: str,
    prefix: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    added: Level,
    removed: Level,
    what: str,
) -> Iterator[Entry]:
    for key in old.keys() - new.keys():
        yield Entry(removed, "removed", file, f"{prefix}{key}", f"{what} is removed")
    for key in new.keys() - old.keys():
        yield Entry(added, "added", file, f"{prefix}{key}", f"{what} is added")


def _values(
    file: str,
    prefix: str,
    old: Any,
    new: Any,
    levels: Mapping[str, Level],
    default: Level,
    *,
    skip: tuple[str, ...] = (),
) -> Iterator[Entry]:
    """Compare two values of the same class attribute by attribute."""
    for spec in attrs.fields(type(old)):
        if spec.name in skip:
            continue
        before, after = getattr(old, spec.name), getattr(new, spec.name)
        if before != after:
            level = levels.get(spec.name, default)
            yield Entry(
                level,
                "changed",
                file,
                f"{prefix}{spec.name}",
                f"{short(before)} → {short(after)}",
            )


def _service(old: model.Package, new: model.Package) -> Iterator[Entry]:
    levels: dict[str, Level] = {
        "law": "minor",
        "contact": "patch",
        "valid_from": "patch",
        "valid_to": "patch",
        "answer_within": "minor",
        "languages": "minor",
    }
    yield from _values(
        "service.yaml",
        "",
        old.service,
        new.service,
        levels,
        "major",
        skip=("version", "protected"),
    )
    yield from protecting.protected_differences(old, new)


def _fields(old: model.Package, new: model.Package) -> Iterator[Entry]:
    yield from _field_tables("", old.fields, new.fields)


def _field_tables(
    prefix: str, old: Mapping[str, model.Field], new: Mapping[str, model.Field]
) -> Iterator[Entry]:
    for key in old.keys() - new.keys():
        yield Entry(
            "major", "removed", "data.yaml", f"fields.{prefix}{key}", "the field is removed"
        )
    for key in new.keys() - old.keys():
        demanded = new[key].source == "citizen" and not new[key].optional
        text = (
            "a new question that must be answered"
            if demanded
            else "a new field that nobody must fill in"
        )
        yield Entry(
            "major" if demanded else "minor", "added", "data.yaml", f"fields.{prefix}{key}", text
        )
    for key in old.keys() & new.keys():
        yield from _field(f"fields.{prefix}{key}.", old[key], new[key])
        yield from _field_tables(f"{prefix}{key}.", old[key].fields, new[key].fields)


_WIDER: Final = {"min": -1, "min_items": -1, "max": 1, "max_items": 1, "max_length": 1}
_OF_OTHERS: Final = (*_WIDER, "optional", "options", "retired", "fields", "id", "path")


def _field(prefix: str, old: model.Field, new: model.Field) -> Iterator[Entry]:
    file = "data.yaml"
    yield from _limits(prefix, old, new)
    if old.optional != new.optional:
        text = "may be left empty" if new.optional else "must be answered"
        level: Level = "minor" if new.optional else "major"
        yield Entry(level, "changed", file, f"{prefix}optional", text)
    for option in set(old.options) - set(new.options):
        yield Entry("major", "removed", file, f"{prefix}options", f"{option} is removed")
    for option in set(new.options) - set(old.options):
        yield Entry("minor", "added", file, f"{prefix}options", f"{option} is added")
    if old.retired != new.retired:
        text = "the field is retired" if new.retired else "the field is used again"
        yield Entry("major", "changed", file, f"{prefix}retired", text)
    levels: dict[str, Level] = {"purpose": "minor", "law": "minor", "visible_to": "minor"}
    yield from _values(file, prefix, old, new, levels, "major", skip=_OF_OTHERS)


def _limits(prefix: str, old: model.Field, new: model.Field) -> Iterator[Entry]:
    for name, wider in _WIDER.items():
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        level: Level = "major" if _cuts(after, before, -wider) else "minor"
        text = f"{short(before)} → {short(after)}"
        yield Entry(level, "changed", "data.yaml", prefix + name, text)


def _form(old: model.Package, new: model.Package) -> Iterator[Entry]:
    before, after = ({page.id: page for page in package.form.pages} for package in (old, new))
    yield from _tables(
        "form.yaml", "pages.", before, after, added="minor", removed="minor", what="the page"
    )
    for key in before.keys() & after.keys():
        levels: dict[str, Level] = {
            "visible_when": "major" if _asks_for_much(new, after[key]) else "minor"
        }
        yield from _values("form.yaml", f"pages.{key}.", before[key], after[key], levels, "minor")
    if [page for page in before if page in after] != [page for page in after if page in before]:
        yield Entry("patch", "changed", "form.yaml", "pages", "the pages come in another order")
    for name in set(new.form.declaration) - set(old.form.declaration):
        yield Entry(
            "major", "added", "form.yaml", f"declaration.{name}", "a new declaration to agree to"
        )
    for name in set(old.form.declaration) - set(new.form.declaration):
        yield Entry(
            "minor", "removed", "form.yaml", f"declaration.{name}", "a declaration is removed"
        )


def _asks_for_much(package: model.Package, page: model.Page) -> bool:
    specs = [package.field_at(entry.field) for entry in page.fields]
    return any(
        spec is not None and spec.source == "citizen" and not spec.optional for spec in specs
    )


def _conditions(old: model.Package, new: model.Package) -> Iterator[Entry]:
    file, before, after = "conditions.yaml", old.conditions, new.conditions
    yield from _tables(
        file,
        "conditions.",
        before.conditions,
        after.conditions,
        added="patch",
        removed="patch",
        what="the condition",
    )
    for name in before.conditions.keys() & after.conditions.keys():
        if before.conditions[name] != after.conditions[name]:
            yield Entry(
                "major", "changed", file, f"conditions.{name}", "what hangs on it may change"
            )
    for name in before.required.keys() | after.required.keys():
        yield from _required(name, before.required.get(name), after.required.get(name), new)
    if before.eligible != after.eligible:
        relaxed = after.eligible is None
        yield Entry(
            "minor" if relaxed else "major", "changed", file, "eligible", "who may apply is changed"
        )
    yield from _checks(before, after)
    yield from _demands(before, after)
    if before.routing != after.routing:
        yield Entry("minor", "changed", file, "routing", "cases go to other units")
    for name in before.inputs.keys() | after.inputs.keys():
        if before.inputs.get(name) != after.inputs.get(name):
            kind: Kind = (
                "added"
                if name not in before.inputs
                else "removed"
                if name not in after.inputs
                else "changed"
            )
            yield Entry(
                "major", kind, file, f"inputs.{name}", "what the rules are given is changed"
            )


def _required(
    name: str, before: str | None, after: str | None, new: model.Package
) -> Iterator[Entry]:
    if before == after:
        return
    spec = new.field_at(name)
    was_always = before is None and spec is not None and not spec.optional
    relaxed = was_always or (after is None and spec is not None and spec.optional)
    yield Entry(
        "minor" if relaxed else "major",
        "changed",
        "conditions.yaml",
        f"required.{name}",
        "when it must be answered is changed",
    )


def _checks(old: model.Conditions, new: model.Conditions) -> Iterator[Entry]:
    before, after = ({check.id: check for check in conditions.checks} for conditions in (old, new))
    for key in before.keys() | after.keys():
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        stops = other is not None and other.level == "error"
        kind: Kind = "added" if one is None else "removed" if other is None else "changed"
        yield Entry(
            "major" if stops else "minor",
            kind,
            "conditions.yaml",
            f"checks.{key}",
            "it can stop an application" if stops else "it stops nothing",
        )


def _demands(old: model.Conditions, new: model.Conditions) -> Iterator[Entry]:
    for demand in set(old.documents) - set(new.documents):
        yield Entry(
            "minor",
            "removed",
            "conditions.yaml",
            f"documents.{demand.document}",
            "a demand is removed",
        )
    for demand in set(new.documents) - set(old.documents):
        yield Entry(
            "major",
            "added",
            "conditions.yaml",
            f"documents.{demand.document}",
            "a new or changed demand",
        )


def _lookups(old: model.Package, new: model.Package) -> Iterator[Entry]:
    yield from _tables(
        "registers.yaml",
        "lookups.",
        old.lookups,
        new.lookups,
        added="major",
        removed="minor",
        what="the look-up",
    )
    levels: dict[str, Level] = {
        "fresh_for": "minor",
        "on_failure": "minor",
        "editable": "minor",
        "show_source": "minor",
        "when": "minor",
        "out": "minor",
    }
    for key in old.lookups.keys() & new.lookups.keys():
        yield from _values(
            "registers.yaml", f"lookups.{key}.", old.lookups[key], new.lookups[key], levels, "major"
        )


def _people(old: model.Package, new: model.Package) -> Iterator[Entry]:
    yield from _tables(
        "parties.yaml",
        "parties.",
        old.parties,
        new.parties,
        added="major",
        removed="minor",
        what="the party",
    )
    for key in old.parties.keys() & new.parties.keys():
        yield from _values(
            "parties.yaml",
            f"parties.{key}.",
            old.parties[key],
            new.parties[key],
            {"letter": "patch", "ask": "patch", "law": "minor"},
            "major",
        )
    yield from _tables(
        "documents.yaml",
        "documents.",
        old.documents,
        new.documents,
        added="minor",
        removed="major",
        what="the document",
    )
    for key in old.documents.keys() & new.documents.keys():
        yield from _values(
            "documents.yaml",
            f"documents.{key}.",
            old.documents[key],
            new.documents[key],
            {"law": "minor", "max_size_mb": "minor", "max_files": "minor"},
            "major",
        )


def _process(old: model.Package, new: model.Package) -> Iterator[Entry]:
    file, before, after = "process.yaml", old.process, new.process
    states = before.states, after.states
    yield from _tables(file, "states.", *states, added="minor", removed="major", what="the state")
    for name in before.states.keys() & after.states.keys():
        one, other = before.states[name], after.states[name]
        yield from _values(file, f"states.{name}.", one, other, {"waits_for": "minor"}, "major")
    for move in set(before.transitions) - set(after.transitions):
        yield _step("major", "removed", move)
    for move in set(after.transitions) - set(before.transitions):
        yield _step("minor", "added", move)
    tasks = [{task.id: task for task in process.tasks} for process in (before, after)]
    yield from _tables(file, "tasks.", *tasks, added="minor", removed="minor", what="the task")
    for name in tasks[0].keys() & tasks[1].keys():
        yield from _values(file, f"tasks.{name}.", tasks[0][name], tasks[1][name], {}, "minor")
    skip = ("states", "transitions", "tasks")
    yield from _values(file, "", before, after, {}, "major", skip=skip)


def _step(level: Level, kind: Kind, move: model.Transition) -> Entry:
    way = f"{' or '.join(move.from_states)} → {move.to}"
    return Entry(level, kind, "process.yaml", f"transitions.{move.event}", way)


def _settings(old: model.Package, new: model.Package) -> Iterator[Entry]:
    yield from _tables(
        "settings.yaml",
        "settings.",
        old.settings,
        new.settings,
        added="minor",
        removed="major",
        what="the setting",
    )
    for key in old.settings.keys() & new.settings.keys():
        one, other = old.settings[key], new.settings[key]
        narrowed = (
            one.type != other.type
            or not set(one.options) <= set(other.options)
            or _is_narrower(one, other)
        )
        if one != other:
            text = "less may be set" if narrowed else "more may be set, or another default"
            yield Entry(
                "major" if narrowed else "minor",
                "changed",
                "settings.yaml",
                f"settings.{key}",
                text,
            )


def _is_narrower(old: model.Setting, new: model.Setting) -> bool:
    limits = ((new.min, old.min, 1), (new.max, old.max, -1), (new.max_length, old.max_length, -1))
    return any(_cuts(after, before, sign) for after, before, sign in limits)


def _cuts(after: Any, before: Any, sign: int) -> bool:
    """Tell whether a limit allows less than before; `sign` is 1 for a lower limit, -1 for an upper one."""
    if after is None or after == before:
        return False
    if before is None or type(after) is not type(before):
        return True
    return bool((after > before) == (sign > 0))


def _words(old: model.Package, new: model.Package) -> Iterator[Entry]:
    for language in sorted(old.texts.languages.keys() | new.texts.languages.keys()):
        before, after = (package.texts.languages.get(language, {}) for package in (old, new))
        file = f"texts/{language}.yaml"
        yield from _tables(file, "", before, after, added="patch", removed="patch", what="the text")
        for key in before.keys() & after.keys():
            if before[key] != after[key]:
                yield Entry(
                    "patch", "changed", file, key, f"{short(before[key])} → {short(after[key])}"
                )
    yield from _tables(
        "letters", "", old.letters, new.letters, added="minor", removed="minor", what="the letter"
    )
    for key in old.letters.keys() & new.letters.keys():
        if old.letters[key] != new.letters[key]:
            yield Entry("patch", "changed", "letters", key, "the words of the letter are changed")


def _rest(old: model.Package, new: model.Package) -> Iterator[Entry]:
    for file, before, after in (
        ("delivery.yaml", old.delivery, new.delivery),
        ("archive.yaml", old.archive, new.archive),
        ("gains.yaml", old.gains, new.gains),
    ):
        if before != after:
            yield Entry("minor", "changed", file, "", "it is changed")
    if old.examples != new.examples:
        yield Entry("patch", "changed", "examples", "", "the examples are changed")


_PARTS: Final[tuple[Callable[[model.Package, model.Package], Iterator[Entry]], ...]] = (
    _service,
    _fields,
    _form,
    _conditions,
    _lookups,
    _people,
    _process,
    _settings,
    _words,
    _rest,
    rules,
)
