"""Lånekassen: who has a right to student support on a day. No form is published (docs/rooms/sandbox.md).

A student in the sense of bostøtte has a *right* to support, applied for or not. `level` keeps Lånekassen's own word.
"""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, post_persons
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import (
    Json,
    by_person,
    day,
    flag,
    objects,
    optional_number,
    optional_text,
)

COMPONENT = Component("lanekassen", "lanekassen:stotte.read")
SOURCE = "Lånekassen"


def students(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `lanekassen.student`."""
    wanted = {person.value: person for person in ask.persons}
    question = {"personidentifikatorer": list(wanted), "dato": ask.on.isoformat()}
    body = post_persons(COMPONENT, "/v1/stotte", question, operation="stotte")
    entries = by_person(objects(body, "personer"), "personidentifikator", wanted)
    return {person: read_student(entry) for person, entry in entries.items()}


def read_student(entry: Json) -> dict[str, Any]:
    """Translate one person. `enrolled` also when there is no right to support."""
    return {
        "student": flag(entry, "rettTilStoette"),
        "enrolled": flag(entry, "student"),
        "from": day(entry, "fraOgMed"),
        "to": day(entry, "tilOgMed"),
        "level": optional_text(entry, "utdanningsnivaa"),
        "school": optional_text(entry, "laerested"),
        "begun_year": optional_number(entry, "paabegyntAar"),
    }
