"""Scope codes as dated data: what may be given, what covers what, and what each is called.

An unknown code is never an error here: it simply covers nothing and is shown as it is written.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import attrs

from samspill.mandates.domain.codes import guardian_codes, normal


@attrs.frozen
class Scope:
    """One scope: `owner:task`, what covers it, the life situation it belongs to, and its names."""

    code: str
    parent: str
    life: str
    valid_from: dt.date
    titles: Mapping[str, str]


@cache
def scopes() -> Mapping[str, Scope]:
    """Return all scopes by code, in the order of the file."""
    text = (files("samspill.mandates") / "data" / "scopes.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({row["code"]: _scope(row) for row in csv.DictReader(lines)})


def _scope(row: Mapping[str, str]) -> Scope:
    titles = {language: row[language] for language in ("nb", "nn", "en")}
    valid_from = dt.date.fromisoformat(row["valid_from"])
    return Scope(row["code"], row["parent"], row["life"], valid_from, MappingProxyType(titles))


@cache
def scope_parents() -> Mapping[str, str]:
    """Return the tree: scope → the scope that covers it."""
    return MappingProxyType({one.code: one.parent for one in scopes().values() if one.parent})


def offered(on: dt.date) -> list[Scope]:
    """Return what a citizen may give a mandate for on a date."""
    return [one for one in scopes().values() if one.life and one.valid_from <= on]


def fault_of(code: str, on: dt.date) -> str:
    """Return why a service cannot be opened by a scope on a date: `unknown`, `retired`, `not_yet`; '' when it can.

    >>> fault_of("husbanken:bostoette", dt.date(2026, 8, 1)), fault_of("skatteetaten:innkreving", dt.date(2026, 8, 1))
    ('', 'retired')
    """
    ours, guardians = scopes().get(code), guardian_codes().get(normal(code))
    if guardians is not None and guardians.retired and ours is None:
        return "retired"
    begins = [one.valid_from for one in (ours, guardians) if one is not None]
    if not begins:
        return "unknown"
    return "" if min(begins) <= on else "not_yet"


def title(code: str, language: str) -> str:
    """Return the name of a scope; the code itself when nobody has named it.

    >>> title("husbanken:bostoette", "nn")
    'Bustøtte'
    """
    known = scopes().get(code)
    return known.titles.get(language, known.titles["nb"]) if known is not None else code
