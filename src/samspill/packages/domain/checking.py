"""Everything that must hold before a package may be published, with file, line, key and remedy for each fault.

Shapes are checked by `reading`, expressions by `compiling`; here is what must hold between the files, the
texts, the rules and the examples.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import asdict, field, frozen

from samspill.packages.domain import model, texting
from samspill.packages.domain.cel_run import Expression, World
from samspill.packages.domain.compiling import Compiled, SiteFault, try_compile
from samspill.packages.domain.cross_checks import FAULTS
from samspill.packages.domain.findings import Found
from samspill.packages.domain.reading import ReadResult, read
from samspill.packages.domain.running import Difference, Ran, differences, run_example
from samspill.packages.domain.worlds import world_of
from samspill.rules import RuleBook, RuleBookError, load_files
from samspill.rules.errors import LoadError

Coverage = texting.Coverage


@frozen
class ExampleResult:
    """How one example went."""

    id: str
    title: str
    differences: tuple[Difference, ...]
    ran: Ran | None = field(repr=False)

    @property
    def passed(self) -> bool:
        """Tell whether everything expected was found."""
        return not self.differences


@frozen
class CheckReport:
    """What a check found.

    `package` is there when it can be published: no errors, and the owner's languages complete. `warnings` are
    what should be better and stops nothing.
    """

    errors: tuple[LoadError, ...]
    coverage: Mapping[str, Coverage]
    examples: tuple[ExampleResult, ...] = ()
    package: model.Package | None = field(default=None, repr=False)
    warnings: tuple[LoadError, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Write it as the command line does."""
        package = self.package
        told = {"error": as_error(self.errors)} if self.errors else {}
        return {
            **told,
            "ok": self.ok,
            "package": {"id": package.id, "version": package.version, "sha256": package.sha256}
            if package
            else None,
            "errors": [asdict(error) for error in self.errors],
            "warnings": [asdict(warning) for warning in self.warnings],
            "coverage": {
                language: {"share": round(one.share, 4), "missing": list(one.missing)}
                for language, one in self.coverage.items()
            },
            "examples": {
                "passed": sum(one.passed for one in self.examples),
                "of": len(self.examples),
            },
        }


def as_error(errors: Sequence[LoadError]) -> dict[str, str]:
    """Give the error object of the commands for a broken package: the first fault, and how many there are."""
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return {
        "code": "bad_package",
        "message": first.message + more,
        "where": f"{first.file}:{first.line}" + (f" {first.key}" if first.key else ""),
        "remedy": first.remedy,
    }


ScopeFault = Callable[[str], str]
"""Why a scope opens nothing: `unknown`, `retired` or `not_yet`; '' when it does. The room of mandates knows."""


def check_files(
    files: Mapping[str, bytes], *, scope_fault: ScopeFault = lambda _code: ""
) -> CheckReport:
    """Check a folder's files (path → bytes) in full; `scope_fault` judges the scopes of mandates that open it."""
    result = read(files)
    if result.package is None:
        return CheckReport(result.errors, {})
    package = result.package
    errors = [_located(result, found) for check in FAULTS for found in check(package)]
    errors.extend(_located(result, found) for found in _mandate_scopes(package, scope_fault))
    if errors:  # what follows stands on the files pointing at each other rightly
        return CheckReport(_sorted(errors), texting.coverage(package))
    compiled, site_faults = try_compile(package)
    errors.extend(_of_site(result, fault) for fault in site_faults)
    errors.extend(_warmed(result, compiled))
    errors.extend(_located(result, found) for found in unreachable_pages(compiled))
    book, rule_errors = rule_book_of(package)
    if (
        rule_errors
    ):  # texts, letters and examples speak of what the rules give: the cause is told alone
        return CheckReport(_sorted([*errors, *rule_errors]), texting.coverage(package))
    errors.extend(_located(result, found) for found in texting.faults(package, book))
    errors.extend(_located(result, found) for found in texting.letter_faults(package, book))
    if book is not None:
        errors.extend(_located(result, found) for found in _rule_names(package, book))
    examples: tuple[ExampleResult, ...] = ()
    if not errors:
        examples = run_examples(package, book)
        errors.extend(_of_example(result, one) for one in examples if not one.passed)
    return CheckReport(
        _sorted(errors),
        texting.coverage(package),
        examples,
        None if errors else package,
        _sorted([_located(result, found) for found in texting.warnings(package)]),
    )


_SCOPE_FAULTS: Final = {
    "unknown": (
        "is not a known scope of mandates",
        "Write one of the codes in docs/rooms/mandates.md",
    ),
    "retired": (
        "is retired and gives no right any more",
        "Write the code that has taken its place",
    ),
    "not_yet": ("is not in use yet", "Wait for its first day, or take it out"),
}


def _mandate_scopes(package: model.Package, scope_fault: ScopeFault) -> Iterator[Found]:
    for at, code in enumerate(package.service.mandate_scopes):
        fault = _SCOPE_FAULTS.get(scope_fault(code))
        if fault is not None:
            yield Found(
                "service.yaml", ("mandate_scopes", at), f"{code!r} {fault[0]}.", f"{fault[1]}."
            )


def rule_book_of(package: model.Package) -> tuple[RuleBook | None, list[LoadError]]:
    """Load the package's rules, if it has any."""
    if not package.has_rules():
        return None, []
    try:
        return load_files(package.files), []
    except RuleBookError as error:
        return None, list(error.errors)


def run_examples(
    package: model.Package, book: RuleBook | None, settings: Mapping[str, object] | None = None
) -> tuple[ExampleResult, ...]:
    """Run every example of a package, with a municipality's settings when given."""
    results = []
    for example in package.examples:
        ran = run_example(package, example, book, settings=settings)
        results.append(
            ExampleResult(example.id, example.title, tuple(differences(example, ran)), ran)
        )
    return tuple(results)


def _sorted(errors: list[LoadError]) -> tuple[LoadError, ...]:
    return tuple(sorted(set(errors), key=lambda e: (e.file, e.line, e.key, e.message)))


def _located(result: ReadResult, found: Found) -> LoadError:
    return LoadError(
        file=found.file,
        line=found.line or result.line(found.file, *found.path),
        key=found.key,
        message=found.message,
        remedy=found.remedy,
    )


def _of_site(result: ReadResult, fault: SiteFault) -> LoadError:
    file, *path = fault.key
    found = Found(str(file), tuple(path), fault.fault.message, fault.fault.remedy)
    return _located(result, found)


def _warmed(result: ReadResult, compiled: Compiled) -> Iterator[LoadError]:
    for key, expression in compiled.expressions.items():
        try:
            expression.warm()
        except (ValueError, TypeError) as error:
            first = (str(error).splitlines() or [""])[0]
            file, *path = key
            yield _located(
                result,
                Found(
                    str(file), tuple(path), f"CEL refuses it: {first}", "Write it in another way."
                ),
            )


_MOST_WORLDS: Final = 4096


def unreachable_pages(compiled: Compiled) -> Iterator[Found]:
    """Find pages that no combination of yes, no and choices can show; other answers are left open."""
    package = compiled.package
    for at, page in enumerate(package.form.pages):
        key = ("form.yaml", "pages", at, "visible_when")
        expression = compiled.expressions.get(key)
        if expression is None or "item" in expression.reads:
            continue
        if not any(expression.ask(world) is not False for world in _worlds(compiled, expression)):
            yield Found(
                "form.yaml",
                key[1:],
                f"The page {page.id!r} can never be shown.",
                "Correct visible_when, or remove the page.",
            )


def _worlds(compiled: Compiled, expression: Expression) -> Iterator[World]:
    fields = compiled.package.fields
    asked: dict[str, tuple[object, ...]] = {}
    for name in sorted(expression.reads & fields.keys()):
        spec = fields[name]
        values = (
            (True, False)
            if spec.type == "boolean"
            else spec.options
            if spec.type == "choice"
            else ()
        )
        if values:
            asked[name] = values
    days = (
        compiled.package.service.valid_from,
        compiled.package.service.valid_to or dt.date(2100, 1, 1),
    )
    combinations = itertools.product(*asked.values())
    for chosen in itertools.islice(combinations, _MOST_WORLDS):
        for day in days:
            yield world_of(compiled, dict(zip(asked, chosen, strict=True)), {}, on=day)


def _rule_names(package: model.Package, book: RuleBook) -> Iterator[Found]:
    """Check that every input mapped exists, and that what decides is a rule, on every date that something changes."""
    covered = book.coverage
    changes = sorted({max(day, covered.start) for day in book.changes if day <= covered.end})
    inputs: set[str] = set()
    for day in changes:
        policy = book.on(day)
        inputs |= set(policy.inputs)
        yield from _deciders(package, set(policy.rules), f"on {day.isoformat()}")
    for name in package.conditions.inputs.keys() - inputs:
        yield Found(
            "conditions.yaml",
            ("inputs", name),
            f"The rules have no input {name!r}.",
            "Remove it, or correct the name.",
        )


def _deciders(package: model.Package, rules: set[str], when: str) -> Iterator[Found]:
    decide = package.process.result
    if decide is None:
        return
    path: tuple[str | int, ...] = ("terms", "decide") if package.process.terms else ("decide",)
    for key, name in (("code", decide.code), ("amount", decide.amount)):
        if name is not None and name not in rules:
            yield Found(
                "process.yaml",
                (*path, key),
                f"There is no rule {name!r} {when}.",
                "Name a rule of rules.py.",
            )


def _of_example(result: ReadResult, example: ExampleResult) -> LoadError:
    told = "; ".join(str(difference) for difference in example.differences)
    file = f"examples/{example.id}.yaml"
    remedy = "Correct the example if it is wrong, else the package."
    return LoadError(
        file=file, line=result.line(file, "expect"), key="expect", message=f"{told}.", remedy=remedy
    )
