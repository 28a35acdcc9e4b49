"""What rows are called outside the application: by our own ids of persons, never by identity numbers.

A document, a task or a confirmation of one row carries the row's name in its id, and ids go to places where
an identity number must not: columns, events, the access log, forms (SP-13).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django.conf import settings

from samspill.identity import service as identity
from samspill.kernel.ids import NationalId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from samspill.packages.service import Field, Package


def names_of(package: Package, answers: Mapping[str, Any]) -> dict[str, str]:
    """Give our own ids of the persons in the rows that ids are made of, by identity number.

    Empty, and no question to the database, for a package that makes no ids of such rows.
    """
    numbers = {
        number
        for listed, key in _keyed_by_number(package)
        for row in answers.get(listed) or ()
        if isinstance(row, dict) and (number := _number(row.get(key))) is not None
    }
    if not numbers:
        return {}
    return {n.value: str(found) for n, found in identity.person_ids_for(numbers).items()}


@functools.lru_cache(maxsize=64)
def _keyed_by_number(package: Package) -> tuple[tuple[str, str], ...]:
    """Give the lists that ids are made of, with the sub-field that is their key, where it is a number."""
    wanted = {demand.for_each for demand in package.conditions.documents}
    wanted |= {task.for_each for task in package.process.tasks}
    wanted |= {party.who for party in package.parties.values() if party.must_confirm}
    keys = ((listed, _key_of(package, listed)) for listed in sorted(filter(None, wanted)))
    return tuple((listed, key.id) for listed, key in keys if key and key.type == "national_id")


def _key_of(package: Package, listed: str) -> Field | None:
    spec = package.fields[listed]
    return spec.fields.get(spec.key or "")


def _number(text: Any) -> NationalId | None:
    if not isinstance(text, str):
        return None
    found = NationalId.parse(
        text,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    return found if isinstance(found, NationalId) else None
