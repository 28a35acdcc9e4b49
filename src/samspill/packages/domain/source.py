"""YAML read strictly: 1.2 scalars, no aliases, no double keys, and every value knows its line.

`PackageError` carries every fault found in a folder; nothing is ever half read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import yaml
from attrs import field, frozen

from samspill.rules.errors import LoadError

Path = tuple[str | int, ...]

_TAG: Final = "tag:yaml.org,2002:"


class PackageError(Exception):
    """The folder is not a correct package; `errors` lists every fault."""

    def __init__(self, errors: Sequence[LoadError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: (e.file, e.line, e.key, e.message)))
        super().__init__("\n".join(str(error) for error in self.errors))


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Yaml12(_Base):  # type: ignore[misc]
    """Resolve scalars as YAML 1.2 does: `no` is a text, a date is a text."""

    yaml_implicit_resolvers: Mapping[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", "~n\0"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)",
        "-+.0123456789",
    ),
):
    for _character in _first:
        _Yaml12.yaml_implicit_resolvers.setdefault(  # type: ignore[attr-defined]
            "" if _character == "\0" else _character, []
        ).append((_TAG + _tag, re.compile(rf"^(?:{_pattern})$")))


@frozen
class Document:
    """One YAML file: its value, and the line of every path in it."""

    file: str
    value: Any
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """Return the line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(file: str, content: bytes, errors: list[LoadError]) -> Document | None:
    """Return the file's value with lines, or None when it cannot be read (the faults go in `errors`)."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        errors.append(_fault(file, 1, "", "The file is not UTF-8.", "Save it as UTF-8."))
        return None
    try:
        events = [event for event in yaml.parse(text, Loader=_Yaml12) if _is_alias(event)]
        root = yaml.compose(text, Loader=_Yaml12)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        errors.append(
            _fault(
                file,
                mark.line + 1 if mark else 1,
                "",
                f"This is not YAML: {problem}.",
                "Look at the indentation, colons and quotation marks near this line.",
            )
        )
        return None
    errors.extend(
        _fault(
            file,
            event.start_mark.line + 1 if event.start_mark else 1,
            "",
            "Anchors and aliases (& and *) are not allowed.",
            "Write the value out in both places.",
        )
        for event in events
    )
    if root is None:
        errors.append(_fault(file, 1, "", "The file is empty.", "Write its keys, or delete it."))
    if events or root is None:
        return None
    lines: dict[Path, int] = {}
    before = len(errors)
    value = _Builder(file, lines, errors).build(root, ())
    return None if len(errors) > before else Document(file, value, lines)


def _is_alias(event: Any) -> bool:
    return isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None


def _fault(file: str, line: int, key: str, message: str, remedy: str) -> LoadError:
    return LoadError(file=file, line=line, key=key, message=message, remedy=remedy)


@frozen
class _Builder:
    file: str
    lines: dict[Path, int]
    errors: list[LoadError]

    def build(self, node: Any, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, at)) for at, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _pairs(self, node: Any, path: Path) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key in seen:
                where = dotted((*path, key))
                self.errors.append(
                    _fault(
                        self.file,
                        line,
                        where,
                        f"The key {key!r} stands twice.",
                        "Keep one of them.",
                    )
                )
                continue
            seen.add(key)
            self.lines[(*path, key)] = line
            yield key, self.build(value_node, (*path, key))

    def _scalar(self, node: Any, path: Path) -> Any:
        tag = str(node.tag).removeprefix(_TAG)
        text = str(node.value)
        if tag == "str":
            return text
        if tag == "null":
            return None
        if tag == "bool":
            return text == "true"
        if tag == "int":
            return int(text)
        if tag == "float":
            return float(text)
        line = node.start_mark.line + 1
        self.errors.append(
            _fault(
                self.file, line, dotted(path), f"The tag {node.tag} is not allowed.", "Remove it."
            )
        )
        return None


def dotted(path: Path) -> str:
    """Write a path as people do: `pages[2].fields[0]`.

    >>> dotted(("pages", 2, "id"))
    'pages[2].id'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
