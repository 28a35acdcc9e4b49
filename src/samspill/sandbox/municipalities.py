"""The municipalities the sandbox spreads its people over (a copy of names, numbers and populations)."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class SandboxMunicipality(NamedTuple):
    """A municipality as the stand-ins know it."""

    number: str
    name: str
    unique_name: str
    county: str
    org_no: str
    inhabitants: int
    language: str


@cache
def all_municipalities() -> tuple[SandboxMunicipality, ...]:
    """Give all 357, in order of number."""
    text = files(__package__).joinpath("data/municipalities.csv").read_text("utf-8")
    return tuple(
        SandboxMunicipality(
            row["kommunenummer"],
            row["navn"],
            row["navn_unikt"],
            row["fylkesnavn"],
            row["organisasjonsnummer"],
            int(row["folketall_2026"]),
            row["maalform"],
        )
        for row in csv.DictReader(text.splitlines())
    )


@cache
def by_number() -> dict[str, SandboxMunicipality]:
    """Give the municipalities by their number."""
    return {m.number: m for m in all_municipalities()}
