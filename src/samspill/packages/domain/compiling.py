"""Every expression of a package, checked against its fields and ready to run.

`compile_package` is cached by the hash of the package; `faults` gives what is wrong with the expressions of
a package being written.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from attrs import evolve, field, frozen

from samspill.packages.domain import cel_syntax as syntax
from samspill.packages.domain import model
from samspill.packages.domain.cel_run import Expression, compile_expression
from samspill.packages.domain.cel_types import (
    ANY,
    ANY_LIST,
    DATE,
    TEXT,
    Fault,
    Scope,
    Type,
    of_field,
    of_setting,
)
from samspill.packages.domain.schema import AnswerValidator

Key = tuple[str | int, ...]
"""Where an expression stands: file, then the path of keys in it."""


@frozen
class Site:
    """An expression of a package: where it stands, its text, whose row `item` is, and what it must give."""

    key: Key
    source: str
    rows_of: str | None = None
    gives: Literal["condition", "value"] = "condition"


@frozen
class SiteFault:
    """What is wrong with the expression at a place."""

    key: Key
    fault: Fault


@frozen(eq=False)
class Compiled:
    """A package ready to be evaluated.

    `order` is the fields in an order where each comes after those its showing depends on. `columns`, `labels` and
    `told` keep what evaluations have found out, of these texts alone (so they do not go with `evolve`).
    """

    package: model.Package
    expressions: Mapping[Key, Expression]
    order: tuple[str, ...]
    validator: AnswerValidator
    named: Mapping[str, Expression] = field(repr=False)
    scope: Scope = field(repr=False)
    adhoc: dict[str, Expression] = field(factory=dict, repr=False)
    columns: dict[model.PageField, tuple[str, ...]] = field(factory=dict, repr=False)
    labels: dict[tuple[str, str], str] = field(factory=dict, init=False, repr=False)
    told: dict[tuple[str, str | None, str], tuple[str, str, str, model.Law | None]] = field(
        factory=dict, init=False, repr=False
    )

    def at(self, *key: str | int) -> Expression | None:
        """Give the expression that stands at a place, if any."""
        return self.expressions.get(key)

    @functools.cached_property
    def places(self) -> Mapping[str, tuple[tuple[int, int], ...]]:
        """Give, for each field path, the (page, entry) where it is asked."""
        found: dict[str, list[tuple[int, int]]] = {}
        for at, page in enumerate(self.package.form.pages):
            for entry_at, entry in enumerate(page.fields):
                found.setdefault(entry.field, []).append((at, entry_at))
        return {path: tuple(places) for path, places in found.items()}

    @functools.cached_property
    def register_sources(self) -> Mapping[str, tuple[tuple[str, str | model.ListOut], ...]]:
        """Give, for each field path, the lookups that say something about it and where in the reply."""
        found: dict[str, list[tuple[str, str | model.ListOut]]] = {}
        for name, lookup in self.package.lookups.items():
            for target, out in lookup.out.items():
                paths = (
                    [f"{target}.{sub}" for sub in out.fields]
                    if isinstance(out, model.ListOut)
                    else [target]
                )
                for path in paths:
                    found.setdefault(path, []).append((name, out))
        return {path: tuple(sources) for path, sources in found.items()}


CHANNELS: Final = ("digital", "paper", "counter")
_ROW_FILES: Final = "reply"


def sites(package: model.Package) -> Iterator[Site]:
    """Give every expression of a package."""
    yield from _form_sites(package.form)
    yield from _condition_sites(package.conditions)
    for name, spec in package.fields.items():
        if spec.value is not None:
            yield Site(("data.yaml", "fields", name, "value"), spec.value, gives="value")
    for at, move in enumerate(package.process.transitions):
        yield from _site(("process.yaml", "transitions", at, "when"), move.when)
    for at, task in enumerate(package.process.tasks):
        yield from _site(("process.yaml", "tasks", at, "when"), task.when, task.for_each)
    for name, party in package.parties.items():
        rows = party.who if _is_list(package, party.who) else None
        yield from _site(("parties.yaml", "parties", name, "when"), party.when, rows)
    for name, lookup in package.lookups.items():
        yield from _lookup_sites(name, lookup)


def _site(key: Key, source: str | None, rows_of: str | None = None) -> Iterator[Site]:
    if source is not None:
        yield Site(key, source, rows_of)


def _form_sites(form: model.Form) -> Iterator[Site]:
    for at, page in enumerate(form.pages):
        where: Key = ("form.yaml", "pages", at)
        yield from _site((*where, "visible_when"), page.visible_when, page.repeat_for)
        for entry_at, entry in enumerate(page.fields):
            yield from _site(
                (*where, "fields", entry_at, "visible_when"), entry.visible_when, page.repeat_for
            )


def _condition_sites(conditions: model.Conditions) -> Iterator[Site]:
    file = "conditions.yaml"
    for name, source in conditions.conditions.items():
        yield Site((file, "conditions", name), source, gives="value")
    for path, source in conditions.required.items():
        yield Site((file, "required", path), source, path.split(".")[0] if "." in path else None)
    yield from _site((file, "eligible"), conditions.eligible)
    for at, check in enumerate(conditions.checks):
        yield Site((file, "checks", at, "when"), check.when, check.for_each)
    for at, demand in enumerate(conditions.documents):
        yield Site((file, "documents", at, "when"), demand.when, demand.for_each)
    for at, route in enumerate(conditions.routing):
        yield from _site((file, "routing", at, "when"), route.when)
    for name, source in conditions.inputs.items():
        yield Site((file, "inputs", name), source, gives="value")


def _lookup_sites(name: str, lookup: model.Lookup) -> Iterator[Site]:
    where: Key = ("registers.yaml", "lookups", name)
    lists = [who for who in lookup.persons if who != "applicant"]
    yield from _site((*where, "person_when"), lookup.person_when, lists[0] if lists else None)
    for target, out in lookup.out.items():
        if isinstance(out, model.ListOut):
            yield from _site((*where, "out", target, "where"), out.where, _ROW_FILES)


def _is_list(package: model.Package, name: str) -> bool:
    spec = package.fields.get(name)
    return spec is not None and spec.type == "list"


@frozen(eq=False)
class _Named:
    """Named conditions and computed fields: where each stands, and when checked, its expression."""

    keys: dict[str, Key] = field(factory=dict)
    expressions: dict[str, Expression] = field(factory=dict)


def _named(package: model.Package, scope: Scope) -> tuple[Scope, _Named, list[SiteFault]]:
    """Check the named expressions in the order they need each other; each then has its type in the scope."""
    sources: dict[str, tuple[Key, str]] = {
        name: (("conditions.yaml", "conditions", name), source)
        for name, source in package.conditions.conditions.items()
    }
    for name, spec in package.fields.items():
        if spec.value is not None:
            sources[name] = (("data.yaml", "fields", name, "value"), spec.value)
    named = _Named({name: key for name, (key, _) in sources.items()})
    needs, wrong = _needs(sources)
    for circle in _circles(needs):
        fault = Fault(
            f"It goes in a circle: {' → '.join(circle)}.", "Let one of them stand on its own.", 1
        )
        wrong.append(SiteFault(sources[circle[0]][0], fault))
        for name in circle:
            needs.pop(name, None)
    for name in (one for one in _sorted(needs) if one in needs):  # the others are told already
        found = compile_expression(sources[name][1], scope, named=named.expressions)
        scope = scope.having(**{name: ANY if isinstance(found, list) else found.type})
        if isinstance(found, list):
            wrong.extend(SiteFault(sources[name][0], fault) for fault in found)
            continue
        named.expressions[name] = found
    rest = {name: ANY for name in sources if name not in scope.types}
    return scope.having(**rest), named, wrong


def _needs(sources: Mapping[str, tuple[Key, str]]) -> tuple[dict[str, set[str]], list[SiteFault]]:
    needs, wrong = {}, []
    for name, (key, source) in sources.items():
        try:
            needs[name] = syntax.names(syntax.parse(source)) & sources.keys()
        except syntax.CelSyntaxError as error:
            wrong.append(
                SiteFault(
                    key, Fault(str(error), "Look at brackets, quotes and operators.", error.column)
                )
            )
    return needs, wrong


def _names(package: model.Package) -> dict[str, Type]:
    fields = {
        name: of_field(spec)
        for name, spec in package.fields.items()
        if not spec.retired and spec.value is None
    }
    facts = {
        name: Type("object") if lookup.single else ANY_LIST
        for name, lookup in package.lookups.items()
    }
    settings = {name: of_setting(setting) for name, setting in package.settings.items()}
    return {
        **fields,
        "facts": Type("object", keys=facts),
        "settings": Type("object", keys=settings),
        "documents": Type("list", item=TEXT),
        "channel": Type("text", options=CHANNELS),
        "on": DATE,
    }


def _circles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Find circles among names, each once, written from where it was entered back to it."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> None:
        if name in trail:
            found.append([*trail[trail.index(name) :], name])
        elif name in edges and name not in done:
            for other in sorted(edges[name]):
                walk(other, [*trail, name])
            done.add(name)

    for name in edges:
        walk(name, [])
    return found


def try_compile(package: model.Package) -> tuple[Compiled, list[SiteFault]]:
    """Compile all expressions, and give what is wrong with them."""
    scope, named, wrong = _named(package, Scope(_names(package)))
    expressions: dict[Key, Expression] = {
        named.keys[name]: one for name, one in named.expressions.items()
    }
    done = set(named.keys.values())
    for site in sites(package):
        if site.key in done:
            continue
        found = compile_expression(
            site.source, _scope_at(site, scope), list_path=_list_path(site), named=named.expressions
        )
        if isinstance(found, list):
            wrong.extend(SiteFault(site.key, fault) for fault in found)
        elif site.gives == "condition" and found.type.kind not in ("bool", "any"):
            message = f"A condition is true or false, and this is {found.type.words()}."
            wrong.append(SiteFault(site.key, Fault(message, "Compare it with something.", 1)))
        else:
            expressions[site.key] = found
    order, circles = _order(package, expressions)
    wrong.extend(circles)
    return Compiled(
        package, expressions, order, AnswerValidator.of(package), named.expressions, scope
    ), wrong


def _list_path(site: Site) -> str:
    return "" if site.rows_of in (None, _ROW_FILES) else str(site.rows_of)


def _scope_at(site: Site, scope: Scope) -> Scope:
    if site.rows_of is None:
        return scope
    rows = scope.types.get(site.rows_of)
    row = ANY if rows is None or rows.item is None else rows.item
    return scope.having(item=row)


def _order(
    package: model.Package, expressions: Mapping[Key, Expression]
) -> tuple[tuple[str, ...], list[SiteFault]]:
    """Put the top-level fields in an order where showing depends on earlier ones only."""
    needs: dict[str, set[str]] = {name: set() for name in package.fields}
    first_site: dict[str, Key] = {}
    for at, page in enumerate(package.form.pages):
        page_key: Key = ("form.yaml", "pages", at, "visible_when")
        for entry_at, entry in enumerate(page.fields):
            name = entry.field.split(".")[0]
            entry_key: Key = ("form.yaml", "pages", at, "fields", entry_at, "visible_when")
            for key in (page_key, entry_key):
                if key in expressions and name in needs:
                    needs[name] |= expressions[key].reads & package.fields.keys()
                    first_site.setdefault(name, key)
            if "." in entry.field and name in needs:
                needs[name].discard(name)  # rows decide about themselves from left to right
    circles = _circles(needs)
    wrong = [
        SiteFault(
            first_site[circle[0]],
            Fault(
                f"Showing goes in a circle: {' → '.join(circle)}.",
                "Let one of them be shown without asking for the other.",
                1,
            ),
        )
        for circle in circles
    ]
    return _sorted(needs), wrong


def _sorted(needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    done: dict[str, None] = {}

    def visit(name: str, trail: frozenset[str]) -> None:
        if name in done or name in trail:
            return
        for other in sorted(needs.get(name, ())):
            visit(other, trail | {name})
        done[name] = None

    for name in needs:
        visit(name, frozenset())
    return tuple(done)


class NotCompilableError(Exception):
    """The package has expressions that cannot be run; it was not checked before it was used."""


_cache: dict[str, Compiled] = {}
_read_otherwise: dict[str, Compiled] = {}
_MOST: Final = 64


def compile_package(package: model.Package) -> Compiled:
    """Return the package ready to be evaluated, cached by its hash; its texts are those of the one given.

    Raises:
        NotCompilableError: an expression is wrong (a package that passed check never raises it).
    """
    found = _cache.get(package.sha256)
    if found is None:
        found, wrong = try_compile(package)
        if wrong:
            raise NotCompilableError("; ".join(f"{one.key}: {one.fault.message}" for one in wrong))
        while len(_cache) >= _MOST:
            _cache.pop(next(iter(_cache)), None)
        _cache[package.sha256] = found
    return found if found.package is package else _with_texts_of(package, found)


def _with_texts_of(package: model.Package, found: Compiled) -> Compiled:
    """Give the same with another reading of the package, as employees read it; the last one is kept."""
    other = _read_otherwise.get(package.sha256)
    if other is None or other.package is not package:
        while len(_read_otherwise) >= _MOST:
            _read_otherwise.pop(next(iter(_read_otherwise)), None)
        other = _read_otherwise[package.sha256] = evolve(found, package=package)
    return other
