"""Which fields of a package tell where a person is, and answers without them (SP-24)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from samspill.cases.domain.protection import is_place_key

_PLACE_TYPES = ("address", "property")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


class FieldLike(Protocol):
    """What is read of a field of a package."""

    @property
    def path(self) -> str:
        """The dotted path."""

    @property
    def type(self) -> Any:
        """The type."""

    @property
    def fields(self) -> Mapping[str, Any]:
        """Sub-fields by id."""


class LookupLike(Protocol):
    """What is read of a look-up of a package."""

    @property
    def out(self) -> Mapping[str, Any]:
        """What fills which field."""


def place_fields(fields: Mapping[str, FieldLike], lookups: Iterable[LookupLike]) -> frozenset[str]:
    """Give the paths of fields that hold a place: by their type, or by what fills them."""
    found = set(_by_type(fields))
    for lookup in lookups:
        for target, source in lookup.out.items():
            if isinstance(source, str):
                if is_place_key(source.rsplit(".", 1)[-1]):
                    found.add(target)
            else:
                found |= {
                    f"{target}.{sub}"
                    for sub, path in source.fields.items()
                    if is_place_key(path.rsplit(".", 1)[-1])
                }
    return frozenset(found)


class StepLike(Protocol):
    """What is read of a step of a calculation."""

    @property
    def name(self) -> str:
        """The rule's name."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the rule was given, by name: inputs, other rules and parameters."""


S = TypeVar("S", bound=StepLike)


def place_inputs(inputs: Mapping[str, str], fields: Collection[str]) -> frozenset[str]:
    """Name the inputs of the rules that are read from a place.

    Args:
        inputs: name → the expression that gives it (`conditions.yaml: inputs`).
        fields: the paths of fields that hold a place.

    >>> sorted(place_inputs({"no": "home.municipality_no", "rent": "rent * 12"}, {"home"}))
    ['no']
    """
    heads = {path for path in fields if "." not in path}
    return frozenset(
        name
        for name, expression in inputs.items()
        if any(word in heads or is_place_key(word) for word in _WORD.findall(expression))
    )


def steps_without(steps: Sequence[S], hidden: Collection[str], inputs: Collection[str]) -> list[S]:
    """Leave out the steps that tell of a place: made from places alone, or reading such a one.

    A group of municipalities is made from the municipality alone; a limit that is looked up by group reads it.
    What is made from the limit is shown: a reason for the amount must be given (forvaltningsloven § 25).

    Args:
        steps: in the order in which they were taken.
        hidden: the inputs that hold a place (`place_inputs`).
        inputs: all inputs of the rules; what a step reads besides them and other steps are parameters.
    """
    made = places_made(steps, hidden, inputs)
    return [step for step in steps if step.name not in made and not made & set(step.inputs)]


def places_made(
    steps: Sequence[StepLike], hidden: Collection[str], inputs: Collection[str]
) -> frozenset[str]:
    """Name the hidden inputs, and every step that is made from them and parameters alone."""
    known = {*inputs, *(step.name for step in steps)}
    made = set(hidden)
    for step in steps:
        reads = known & set(step.inputs)
        if reads and reads <= made:
            made.add(step.name)
    return frozenset(made)


def answers_without(answers: Mapping[str, Any], paths: frozenset[str]) -> dict[str, Any]:
    """Give the answers with the values at the paths (without row numbers) taken out."""
    return {key: _without(value, key, paths) for key, value in answers.items() if key not in paths}


def municipality_no(
    answers: Mapping[str, Any], fields: Mapping[str, FieldLike], person: Mapping[str, Any] | None
) -> str | None:
    """Give the number of the dwelling's municipality: what was answered, else where one is registered.

    The first field of the package of type `property` or `address` that is answered counts.
    """
    for kind in ("property", "address"):
        for field in fields.values():
            value = answers.get(field.path) if field.type == kind else None
            if value and isinstance(value, Mapping) and value.get("municipality_no"):
                return str(value["municipality_no"])
    address = (person or {}).get("address")
    number = address.get("municipality_no") if isinstance(address, Mapping) else None
    return str(number) if number else None


def _by_type(fields: Mapping[str, FieldLike]) -> Iterable[str]:
    for field in fields.values():
        if field.type in _PLACE_TYPES:
            yield field.path
        yield from _by_type(field.fields)


def _without(value: Any, path: str, paths: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _without(inner, f"{path}.{key}", paths)
            for key, inner in value.items()
            if f"{path}.{key}" not in paths
        }
    if isinstance(value, list):
        return [_without(inner, path, paths) for inner in value]
    return value
