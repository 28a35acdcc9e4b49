"""Decisions over a world that is handed in (a file of persons and grants), and guardians of a person document.

No database is touched here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from samspill.kernel.outcome import refuse
from samspill.mandates.domain.deciding import decide
from samspill.mandates.domain.guardians import ELEMENT, guardians
from samspill.mandates.domain.model import World
from samspill.mandates.domain.reading import as_json, read_question


def decide_json(world: World, query: Any, *, now: dt.datetime) -> dict[str, Any]:
    """Answer one AuthZEN evaluation about a representation over a world.

    Raises:
        RefusedError: the query lacks a field, or one is of the wrong kind.
    """
    return as_json(decide(world, read_question(query, now=now)))


def guardians_json(document: Any) -> list[list[str]]:
    """Return `[[guardian number, "virksomhet:oppgave"], …]` of a person document, sorted, each once.

    Raises:
        RefusedError: it is no person document.
    """
    if not isinstance(document, Mapping):
        raise refuse(
            "bad_input",
            "This is not a person document of Folkeregisteret.",
            where="document",
            remedy="Give one JSON object; guardians stand in %(element)s.",
            values={"element": ELEMENT},
        )
    return [list(pair) for pair in guardians(document)]
