"""Differences in what is calculated: a module that means something else, a parameter that was changed or added."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from samspill.packages.domain import model
from samspill.packages.domain.entries import Entry, Kind
from samspill.packages.domain.source import read_yaml


def rules(old: model.Package, new: model.Package) -> Iterator[Entry]:
    """Compare modules and parameters of two versions."""
    modules = {path for package in (old, new) for path in package.files if path.endswith(".py")}
    for path in sorted(modules):
        before, after = (package.files.get(path) for package in (old, new))
        if _meaning(before) != _meaning(after):
            kind: Kind = "added" if before is None else "removed" if after is None else "changed"
            yield Entry("major", kind, path, "", "what is calculated may change")
        elif before != after:
            yield Entry("patch", "changed", path, "", "only words and layout are changed")
    rates_before, rates_after = _parameters(old), _parameters(new)
    for name in sorted(rates_before.keys() | rates_after.keys()):
        yield from _parameter(name, rates_before.get(name), rates_after.get(name))


def _meaning(content: bytes | None) -> str | None:
    """Give a module without comments and docstrings."""
    if content is None:
        return None
    tree = ast.parse(content)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            del body[0]
    return ast.dump(tree)


def _parameters(package: model.Package) -> dict[str, Any]:
    content = package.files.get("parameters.yaml")
    document = read_yaml("parameters.yaml", content, []) if content is not None else None
    return document.value if document is not None and isinstance(document.value, dict) else {}


def _parameter(name: str, before: Any, after: Any) -> Iterator[Entry]:
    if before == after:
        return
    file = "parameters.yaml"
    if isinstance(before, list) and isinstance(after, list) and _only_added(before, after):
        yield Entry("patch", "added", file, name, "values from a later date are added")
    else:
        kind: Kind = "added" if before is None else "removed" if after is None else "changed"
        yield Entry(
            "major" if before is not None else "minor",
            kind,
            file,
            name,
            "a value that was in force is changed" if before is not None else "a new parameter",
        )


def _only_added(before: list[Any], after: list[Any]) -> bool:
    """Tell whether all that was there stands (its `to` may be set), and the rest is later."""
    dates = [str(entry.get("from")) for entry in before if isinstance(entry, dict)]
    kept = after[: len(before)]
    same = all(
        _without_end(one) == _without_end(other) for one, other in zip(before, kept, strict=False)
    )
    later = all(
        isinstance(entry, dict) and str(entry.get("from")) > max(dates, default="")
        for entry in after[len(before) :]
    )
    return len(after) >= len(before) and same and later


def _without_end(entry: Any) -> Any:
    return (
        {key: value for key, value in entry.items() if key != "to"}
        if isinstance(entry, dict)
        else entry
    )
