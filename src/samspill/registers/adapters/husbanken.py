"""Husbanken's own register of loans. No form is published (docs/rooms/sandbox.md)."""

from __future__ import annotations

from typing import Any

from samspill.kernel.ids import NationalId
from samspill.registers.adapters.clients import Component, post_persons
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import (
    Json,
    by_person,
    number,
    objects,
    optional_number,
    optional_text,
    text,
)

COMPONENT = Component("husbanken_loans", "husbanken:laan.read")
SOURCE = "Husbanken"


def loans(ask: Ask) -> dict[NationalId, dict[str, Any]]:
    """Return each known person in the shape `husbanken.loans`."""
    wanted = {person.value: person for person in ask.persons}
    question = {"personidentifikatorer": list(wanted)}
    body = post_persons(COMPONENT, "/v1/laan", question, operation="laan")
    entries = by_person(objects(body, "personer"), "personidentifikator", wanted)
    return {
        person: {"loans": [read_loan(loan) for loan in objects(entry, "laan")]}
        for person, entry in entries.items()
    }


def read_loan(loan: Json) -> dict[str, Any]:
    """Translate one loan; `dwelling_share` is the part used for the dwelling, from 0 to 1."""
    parts = {
        "interest": number(loan, "renterAar"),
        "instalments": number(loan, "avdragAar"),
        "fees": number(loan, "gebyrerAar"),
    }
    return {
        "loan_no": optional_text(loan, "laanenummer"),
        "lender": text(loan, "laangiver"),
        "kind": optional_text(loan, "laanetype"),
        "yearly_cost": sum(parts.values()),
        **parts,
        "dwelling_share": number(loan, "andelBolig"),
        "balance": optional_number(loan, "restgjeld"),
    }
