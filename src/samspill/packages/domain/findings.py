"""How a fault between files is told, and the few questions that all checks between files ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from attrs import frozen

from samspill.packages.domain import model

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


def unknown(file: str, path: Path, what: str, name: str, known: Iterable[str]) -> Found:
    """Say that a name is not there, with the nearest that is."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    remedy = (
        f"Did you mean {close[0]!r}?"
        if close
        else f"Declare it, or use one of: {', '.join(names) or 'none yet'}."
    )
    return Found(file, path, f"There is no {what} {name!r}.", remedy)


def all_fields(fields: Mapping[str, model.Field]) -> Iterator[model.Field]:
    """Give all fields, with sub-fields."""
    for spec in fields.values():
        yield spec
        yield from all_fields(spec.fields)


def field_path(spec: model.Field) -> Path:
    """Give where a field stands in data.yaml."""
    parts = spec.path.split(".")
    return ("fields", *[step for part in parts[:-1] for step in (part, "fields")], parts[-1])


def refer(
    file: str, path: Path, what: str, used: Iterable[str], known: Iterable[str]
) -> Iterator[Found]:
    """Check that every name used is known."""
    names = set(known)
    for name in used:
        if name not in names:
            yield unknown(file, path, what, name, names)


def rows_of(package: model.Package, file: str, path: Path, name: str | None) -> Iterator[Found]:
    """Check that a name is a list whose rows have a key."""
    if name is None:
        return
    if not is_list(package, name):
        yield unknown(file, path, "list field", name, lists(package))
    elif package.fields[name].key is None:
        yield Found(
            file, path, f"The rows of {name!r} have no key.", "Add `key:` to the list in data.yaml."
        )


def is_list(package: model.Package, name: str) -> bool:
    """Tell whether a name is a list field."""
    return name in package.fields and package.fields[name].type == "list"


def lists(package: model.Package) -> list[str]:
    """Name the list fields."""
    return [name for name, spec in package.fields.items() if spec.type == "list"]
