"""Folkeregisteret's person document → guardians and their tasks.

What the register really sends is untidy: the same element twice, a task twice, elements that no longer hold,
guardians without a number, and the shape that stopped on 1 November 2023. None of it stops an import; none of it gives
a right that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from samspill.mandates.domain.codes import guardian_codes, normal

ELEMENT = "vergemaalEllerFremtidsfullmakt"


def guardians(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (guardian's number, "virksomhet:oppgave") of what holds now: sorted, each once.

    Elements that are not current, guardians without a number, and tasks that are unknown or retired give nothing.
    """
    known = {code for code, row in guardian_codes().items() if not row.retired}
    found = {
        (number, code)
        for element in _mappings(document.get(ELEMENT))
        if element.get("erGjeldende") is True
        for guardian in _mappings(element.get("verge"))
        if isinstance(number := guardian.get("foedselsEllerDNummer"), str) and number
        for code in _tasks(guardian)
        if code in known
    }
    return sorted(found)


def _tasks(guardian: Mapping[str, Any]) -> Iterator[str]:
    for area in _mappings(guardian.get("tjenesteomraade")):
        owner, task = area.get("vergeTjenestevirksomhet"), area.get("vergeTjenesteoppgave")
        if isinstance(owner, str) and isinstance(task, str):
            yield normal(f"{owner}:{task}")


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, or the one object that stands where a list may."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield item
