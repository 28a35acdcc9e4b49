"""Which texts a package needs, which are there in which language, and what is wrong with its letters."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from samspill.packages.domain import letter_template as template
from samspill.packages.domain import model, protecting
from samspill.packages.domain.findings import Found
from samspill.rules import RuleBook

STATE_LANGUAGES: Final = ("nb", "nn")
_DATA_ROOTS: Final = frozenset(
    {
        "answers",
        "facts",
        "inputs",
        "values",
        "steps",
        "decision",
        "case",
        "service",
        "missing",
        "on",
        "documents",
    }
)


@frozen
class Coverage:
    """How much of the texts a language has: letters count as one text each."""

    language: str
    needed: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        """Give the share that is there (0–1)."""
        return 1.0 if not self.needed else (self.needed - len(self.missing)) / self.needed


def needed_keys(package: model.Package) -> list[str]:
    """List the text keys that the package must have, each once, in order."""
    return list(dict.fromkeys(_needed(package)))


def _needed(package: model.Package) -> Iterator[str]:
    yield from ("service.title", "service.lead")
    yield from protecting.needed_texts(package)
    if package.conditions.eligible:
        yield "service.not_eligible"
    for page in package.form.pages:
        yield f"page.{page.id}.title"
    yield from (f"declaration.{name}" for name in package.form.declaration)
    for spec in package.fields.values():
        yield from _field_keys(spec)
    for name in package.documents:
        yield from (f"document.{name}.label", f"document.{name}.why")
    for name in package.parties:
        yield from (f"party.{name}.label", f"party.{name}.why")
    for name in package.lookups:
        yield from (f"register.{name}.label", f"register.{name}.down")
    yield from (check.text for check in package.conditions.checks)
    yield from (f"unit.{route.unit}.label" for route in package.conditions.routing)
    yield from (f"setting.{name}.label" for name in package.settings)
    yield from _process_keys(package.process)
    if package.gains:
        yield from (f"measure.{measure.name}.label" for measure in package.gains.measures)


def _field_keys(spec: model.Field) -> Iterator[str]:
    if spec.retired:
        return
    yield f"field.{spec.path}.label"
    yield from (f"field.{spec.path}.option.{option}" for option in spec.options)
    if spec.pattern:
        yield f"field.{spec.path}.pattern"
    for sub in spec.fields.values():
        yield from _field_keys(sub)


def _process_keys(process: model.Process) -> Iterator[str]:
    yield from (f"state.{name}.label" for name in process.states)
    yield from (f"event.{move.event}.label" for move in process.transitions)
    yield from (f"task.{task.id}.label" for task in process.tasks)
    for decision in process.decisions:
        yield f"outcome.{decision.outcome}.label"
        yield from (f"code.{code}.label" for code in decision.codes)
    if process.appeal and process.appeal.second_instance:
        yield process.appeal.second_instance


def coverage(package: model.Package) -> dict[str, Coverage]:
    """Report, for each declared language, which needed texts and letters it lacks; optional texts of nb count."""
    nb = package.texts.languages.get("nb", {})
    keys = list(dict.fromkeys([*needed_keys(package), *nb]))
    letters = [f"letters/{name}" for name in package.letters]
    found = {}
    for language in dict.fromkeys([*package.service.languages, *STATE_LANGUAGES]):
        texts = package.texts.languages.get(language, {})
        missing = [key for key in keys if key not in texts]
        missing += [
            f"letters/{name}"
            for name, letter in package.letters.items()
            if language not in letter.bodies
        ]
        found[language] = Coverage(language, len(keys) + len(letters), tuple(missing))
    return found


def faults(package: model.Package, book: RuleBook | None) -> Iterator[Found]:
    """Give the texts that are missing in a declared language, and those that belong to nothing."""
    del book
    for language, covered in coverage(package).items():
        if language in package.service.languages:
            for key in covered.missing:
                yield _missing(key, language)
    if package.service.decided_by == "agency" and "nn" not in package.service.languages:
        yield Found(
            "service.yaml",
            ("languages",),
            "A state form must be in both nb and nn.",
            "Add nn, with texts/nn.yaml.",
        )
    known = _prefixes(package)
    for language, texts in package.texts.languages.items():
        for key in texts:
            if _belongs_to_nothing(key, texts, known):
                yield Found(
                    f"texts/{language}.yaml",
                    tuple(key.split(".")),
                    "The text belongs to nothing in the package.",
                    "Correct the key, or remove it.",
                )


def _belongs_to_nothing(
    key: str, texts: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> bool:
    """Tell whether nothing in the package has such a text, or words for employees stand alone."""
    group, _, rest = key.partition(".")
    strange = group in known and not any(
        rest == name or rest.startswith(name + ".") for name in known[group]
    )
    return strange or model.plain_key(key) not in texts


#: Words that speak to the reader. In `dykk` and `dere` the applicant's household is spoken to.
_YOU: Final = {
    "nb": re.compile(r"\b(du|deg|din|di|ditt|dine|dere|deres)\b", re.IGNORECASE),
    "nn": re.compile(r"\b(du|deg|din|di|ditt|dine|dykk|dykkar)\b", re.IGNORECASE),
    "en": re.compile(r"\b(you|your|yours|yourself)\b", re.IGNORECASE),
}
#: What employees read of each kind of text; all else is for the applicant alone.
_READ_BY_STAFF: Final = {
    "field": ("label",), "document": ("label", "why"), "task": ("label", "help"), "state": ("label",),
    "code": ("label",), "event": ("label",),
}  # fmt: skip


def warnings(package: model.Package) -> Iterator[Found]:
    """Give the texts that employees read and that speak to the applicant, with no words for employees."""
    caseworkers = set(_caseworkers_fields(package.fields))
    for language, texts in package.texts.languages.items():
        you = _YOU.get(language)
        for key, text in texts.items():
            if you is None or not you.search(text) or not _is_read_by_staff(key, caseworkers):
                continue
            stem, _, name = key.rpartition(".")
            wanted = f"{model.STAFF}{name}"
            if f"{stem}.{wanted}" not in texts:
                yield Found(
                    f"texts/{language}.yaml",
                    tuple(key.split(".")),
                    "The text speaks to the applicant, and employees read it too.",
                    f"Add {wanted} beside it, in words for employees.",
                )


def _is_read_by_staff(key: str, caseworkers: Collection[str]) -> bool:
    group, _, rest = key.partition(".")
    stem, _, name = rest.rpartition(".")
    return name in _READ_BY_STAFF.get(group, ()) and not (group == "field" and stem in caseworkers)


def _caseworkers_fields(fields: Mapping[str, model.Field]) -> Iterator[str]:
    for spec in fields.values():
        if spec.source == "caseworker":
            yield spec.path
        yield from _caseworkers_fields(spec.fields)


def _missing(key: str, language: str) -> Found:
    if key.startswith("letters/"):
        return Found(
            f"{key}.{language}.md",
            (),
            "The letter is not there in this language.",
            "Write it, or take the language out of service.yaml.",
        )
    return Found(
        f"texts/{language}.yaml", tuple(key.split(".")), f"The text {key!r} is missing.", "Add it."
    )


def _prefixes(package: model.Package) -> Mapping[str, Sequence[str]]:
    process = package.process
    return {
        "field": list(_field_paths(package.fields)),
        "page": [page.id for page in package.form.pages],
        "document": list(package.documents),
        "party": list(package.parties),
        "register": list(package.lookups),
        "task": [task.id for task in process.tasks],
        "state": list(process.states),
        "outcome": [decision.outcome for decision in process.decisions],
        "setting": list(package.settings),
        "declaration": list(package.form.declaration),
        "protected": protecting.TEXTS if package.service.protected else (),
    }


def _field_paths(fields: Mapping[str, model.Field]) -> Iterator[str]:
    for spec in fields.values():
        yield spec.path
        yield from _field_paths(spec.fields)


# ---------------------------------------------------------------------- letters


def letter_faults(package: model.Package, book: RuleBook | None) -> Iterator[Found]:
    """Check every letter's tags: understood, closed, and speaking of things that are there."""
    known = _known_names(package, book)
    for letter in package.letters.values():
        for language, body in letter.bodies.items():
            file = f"letters/{letter.id}.{language}.md"
            try:
                parts = template.parse(body)
            except template.TemplateError as error:
                yield Found(file, (), error.message, error.remedy, error.line)
                continue
            for line, message in _tag_faults(parts, known, package, {}):
                yield Found(file, (), message, "Correct the name.", line)


_Known = Mapping[str, frozenset[str] | None]


def _known_names(package: model.Package, book: RuleBook | None) -> _Known:
    inputs, values = set(package.conditions.inputs), set()
    if book is not None:
        policy = book.on(
            min(book.coverage.end, max(book.coverage.start, package.service.valid_from))
        )
        inputs |= set(policy.inputs)
        values = set(policy.rules)
    return {
        **dict.fromkeys(_DATA_ROOTS),
        "answers": frozenset(package.fields),
        "facts": frozenset(package.lookups),
        "inputs": frozenset(inputs),
        "values": frozenset(values),
    }


def _tag_faults(
    parts: Sequence[template.Part],
    known: _Known,
    package: model.Package,
    loops: Mapping[str, model.Field | None],
) -> Iterator[tuple[int, str]]:
    for part in parts:
        if isinstance(part, template.Words):
            continue
        alone = isinstance(part, template.Choice) and len(part.path) == 1
        if not (alone and part.path[0] in package.conditions.conditions):
            message = _path_fault(part.path, known, loops)
            if message:
                yield part.line, message
        if isinstance(part, template.Choice):
            yield from _tag_faults(part.then, known, package, loops)
            yield from _tag_faults(part.other, known, package, loops)
        elif isinstance(part, template.Loop):
            rows = (
                package.fields.get(part.path[1])
                if part.path[0] == "answers" and len(part.path) > 1
                else None
            )
            yield from _tag_faults(part.body, known, package, {**loops, part.name: rows})


def _path_fault(path: Sequence[str], known: _Known, loops: Mapping[str, model.Field | None]) -> str:
    head = path[0]
    if head in loops:
        rows = loops[head]
        if rows is not None and len(path) > 1 and path[1] not in rows.fields:
            return f"The rows of {rows.id} have no {path[1]!r}."
        return ""
    if head not in known:
        return f"{head!r} is neither a condition nor something a letter is given."
    names = known[head]
    if names is not None and len(path) > 1 and path[1] not in names:
        return f"There is no {head}.{path[1]}."
    return ""
