"""Read `parameters.yaml`: dated values with unit, status and source, strictly.

`name: [{from, to?, value, unit, status, source, known?, note?}]`, and one block `sources:` that says what
each source is. Every fault carries file, line, key and remedy.
"""

import datetime as dt
import itertools
import math
from collections.abc import Mapping
from typing import Any

import attrs
import yaml

from samspill.rules.errors import LoadError
from samspill.rules.specs import ParameterSpec, ParameterValue

STATUSES = ("verbatim", "derived_checked", "derived", "reported", "unverified")
_NEEDED = {"from", "value", "unit", "status", "source"}
_ALLOWED = _NEEDED | {"to", "known", "note"}


class _Fault(Exception):  # noqa: N818 (says what is, not that it is an error)
    def __init__(self, line: int, key: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.parts = (line, key, message, remedy)


@attrs.define
class ParameterReader:
    """Gather parameters and sources; every fault goes into `errors`."""

    errors: list[LoadError] = attrs.field(factory=list)
    parameters: dict[str, ParameterSpec] = attrs.field(factory=dict)
    sources: dict[str, str] = attrs.field(factory=dict)
    _file: str = ""

    def read(self, name: str, content: bytes) -> None:
        """Read one file."""
        self._file = name
        try:
            root = yaml.compose(content.decode("utf-8"), Loader=yaml.SafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            self._add(line, name, f"the file is not YAML: {error}", "Correct the syntax.")
            return
        if not isinstance(root, yaml.MappingNode):
            self._add(1, name, "the file is not a mapping.", "Write `name: [...]`.")
            return
        for key, node in self._pairs(root, name):
            self._block(key, node)

    def _add(self, line: int, key: str, message: str, remedy: str) -> None:
        self.errors.append(
            LoadError(file=self._file, line=line, key=key, message=message, remedy=remedy)
        )

    def _pairs(self, node: yaml.MappingNode, where: str) -> list[tuple[str, yaml.Node]]:
        """Give keys with their nodes; a key written twice is a fault."""
        seen: dict[str, int] = {}
        pairs = []
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in seen:
                self._add(
                    line, f"{where}.{key}", f"is also in line {seen[key]}.", "Keep one of them."
                )
                continue
            seen[key] = line
            pairs.append((key, value_node))
        return pairs

    def _block(self, key: str, node: yaml.Node) -> None:
        line = node.start_mark.line + 1
        if key == "sources":
            self.sources = {name: str(_plain(text)) for name, text in self._sources(node)}
            return
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self._add(line, key, "is not a list of dated values.", "Write `- {from: ..., ...}`.")
            return
        values = []
        for entry in node.value:
            try:
                values.append(self._value(key, entry))
            except _Fault as fault:
                self._add(*fault.parts)
        self._in_order(key, values)
        self.parameters[key] = ParameterSpec(
            name=key,
            values=tuple(sorted(values, key=lambda v: v.start)),
            file=self._file,
            line=line,
        )

    def _sources(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            return self._pairs(node, "sources")
        self._add(node.start_mark.line + 1, "sources", "is not a mapping.", "Write `F26: text`.")
        return []

    def _value(self, key: str, node: yaml.Node) -> ParameterValue:
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            raise _Fault(line, key, "is not a dated value.", "Write `- {from: ..., value: ...}`.")
        entry = {name: _plain(value) for name, value in self._pairs(node, key)}
        lacking, unknown = _NEEDED - set(entry), set(entry) - _ALLOWED
        if lacking:
            raise _Fault(line, key, f"lacks {_and(lacking)}.", "Fill in every one of them.")
        if unknown:
            raise _Fault(
                line, key, f"has {_and(unknown)}, which is not known.", f"Use {_and(_ALLOWED)}."
            )
        if entry["status"] not in STATUSES:
            raise _Fault(
                line,
                key,
                f"status {entry['status']!r} is not known.",
                f"Use {', '.join(STATUSES)}.",
            )
        return ParameterValue(
            start=_date(entry["from"], "from", key, line),
            end=_date(entry["to"], "to", key, line) if "to" in entry else None,
            value=_checked(entry["value"], key, line),
            unit=_unit(entry["unit"], entry["value"], key, line),
            status=entry["status"],
            source=self._known_sources(entry["source"], key, line),
            known=_date(entry["known"], "known", key, line) if "known" in entry else None,
            note=str(entry.get("note", "")),
            line=line,
        )

    def _known_sources(self, source: Any, key: str, line: int) -> tuple[str, ...]:
        names = tuple(str(name) for name in (source if isinstance(source, list) else [source]))
        unknown = [name for name in names if name not in self.sources]
        if unknown or not names:
            raise _Fault(
                line,
                key,
                f"the source {_and(unknown) or '(none)'} is not in the block sources.",
                "Add it at the top of the file, before the values.",
            )
        return names

    def _in_order(self, key: str, values: list[ParameterValue]) -> None:
        ordered = sorted(values, key=lambda v: v.start)
        for earlier, later in itertools.pairwise(ordered):
            overlaps = earlier.end is not None and earlier.end >= later.start
            if overlaps or earlier.start == later.start:
                self._add(
                    later.line,
                    key,
                    f"the value from {later.start} overlaps the one from {earlier.start} "
                    f"(line {earlier.line}).",
                    "Change from or to, so that one value holds on each date.",
                )


def _and(words: Any) -> str:
    return ", ".join(sorted(words))


def _plain(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def _date(value: Any, name: str, key: str, line: int) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise _Fault(line, key, f"{name} {value!r} is not a date.", "Write it as 2026-06-01.")


def _number(value: Any, key: str, line: int) -> float | int | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _Fault(line, key, f"{value!r} is not a number or a code.", "Write a number.")
    if isinstance(value, float) and not math.isfinite(value):
        raise _Fault(line, key, f"{value!r} is not a finite number.", "Write a number.")
    return value


def _checked(value: Any, key: str, line: int) -> Any:
    if isinstance(value, dict):
        return {name: _number(part, key, line) for name, part in value.items()}
    if isinstance(value, list):
        return tuple(_number(part, key, line) for part in value)
    if isinstance(value, str):
        raise _Fault(line, key, f"{value!r} is a text.", "Write a number, a list or a mapping.")
    return _number(value, key, line)


def _unit(unit: Any, value: Any, key: str, line: int) -> str | Mapping[Any, str]:
    if isinstance(unit, str):
        return unit
    if isinstance(unit, dict) and isinstance(value, dict) and set(unit) == set(value):
        return {name: str(text) for name, text in unit.items()}
    raise _Fault(
        line, key, f"the unit {unit!r} does not fit the value.", "Write one unit, or one per key."
    )
