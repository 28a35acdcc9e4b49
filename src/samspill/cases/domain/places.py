"""Which fields of a package tell where a person is, and answers without them (SP-24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from samspill.cases.domain.protection import is_place_key

_PLACE_TYPES = ("address", "property")


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
            if isinstance(value, Mapping) and value.get("municipality_no"):
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
