"""Which resource in Altinn's resource registry carries which scope: data, read strictly.

Altinn decides about resources, we about scopes. A right to a resource is a right within the scopes that the file gives
it and no others; a scope without a resource is one that Altinn cannot be asked about.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from types import MappingProxyType

_COLUMNS = ("scope", "resource", "made_up")
_RESOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_SCOPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9-]+")


class ResourcesError(ValueError):
    """The file of resources cannot be read: the line, and what to write."""


def read(text: str, *, made_up: bool) -> Mapping[str, str]:
    r"""Return the resource of each scope.

    made_up: whether resources that nobody has registered count.

    Raises:
        ResourcesError: another heading, a scope or a resource that cannot be one, or a scope twice.

    >>> dict(read("scope,resource,made_up\nhusbanken:bostoette,hb-bostotte,no", made_up=False))
    {'husbanken:bostoette': 'hb-bostotte'}
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = csv.DictReader(lines)
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        msg = f"The first line must be {','.join(_COLUMNS)}."
        raise ResourcesError(msg)
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        scope, resource, kind = (row[name] or "" for name in _COLUMNS)
        _judge(number, scope, resource, kind, again=scope in found)
        if made_up or kind == "no":
            found[scope] = resource
    return MappingProxyType(found)


def _judge(number: int, scope: str, resource: str, kind: str, *, again: bool) -> None:
    wrong = {
        "scope is owner:task": not _SCOPE.fullmatch(scope),
        "each scope stands once": again,
        "resource is an id of the registry: small letters, digits, - and _": not _RESOURCE.fullmatch(
            resource
        ),
        "made_up is yes or no": kind not in ("yes", "no"),
    }
    for rule, broken in wrong.items():
        if broken:
            msg = f"Row {number}: {rule}."
            raise ResourcesError(msg)
