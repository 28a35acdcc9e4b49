"""JSON: search and resolve municipalities. Mounted by `site` under `/api/v1/municipalities`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from samspill.infra import clock
from samspill.municipalities import service
from samspill.municipalities.domain import Municipality, NotFound, Several

router = Router(tags=["municipalities"])


class Search(Schema):
    """What is searched for."""

    q: str = Field(
        min_length=1, max_length=80, description="A name, the beginning of one, or a number"
    )


@router.get(
    "",
    summary="Find municipalities by any official name, former name or number",
    auth=None,
    response={200: dict[str, Any], (400, 422): dict[str, Any]},
)
def search(
    request: HttpRequest,  # noqa: ARG001 - ninja passes it by this name
    query: Query[Search],
) -> dict[str, Any]:
    """Return up to 50 matches, best first; `became` names what a former municipality is now."""
    hits = service.search(query.q, limit=service.MAX_HITS)
    return {
        "query": query.q,
        "hits": [
            {**as_json(hit.municipality), "matched": hit.matched, "became": _numbers(hit.became)}
            for hit in hits
        ],
    }


@router.get(
    "/{number}",
    summary="Resolve a municipality number on a day",
    auth=None,
    response={200: dict[str, Any], (400, 404, 422): dict[str, Any]},
)
def resolve(
    request: HttpRequest,  # noqa: ARG001 - ninja passes it by this name
    number: str,
    on: dt.date | None = None,
) -> Status[dict[str, Any]]:
    """Return who answers to the number on the day (today if none is given), with figures when it is one."""
    day = on or clock.today()
    found = service.on(number, day)
    if isinstance(found, NotFound):
        return Status(404, {"error": _not_found(found)})
    if isinstance(found, Several):
        return Status(200, {"result": "several", "on": day.isoformat(), **_several(found)})
    figures = [{**_figure(figure), "status": figure.status} for figure in service.figures(found.id)]
    one = {**as_json(found), "language": service.default_language(found.id), "figures": figures}
    return Status(200, {"result": "one", "on": day.isoformat(), "municipality": one})


def as_json(municipality: Municipality) -> dict[str, Any]:
    """Return a municipality as JSON."""
    return {
        "id": str(municipality.id),
        "number": municipality.number,
        "name": municipality.name,
        "official_name": municipality.official_name,
        "label": municipality.label,
        "names": [{"language": name.language, "text": name.text} for name in municipality.names],
        "county": {"number": municipality.county_no, "name": municipality.county},
        "org_no": municipality.org_no,
        "valid_from": _day(municipality.valid_from),
        "valid_to": _day(municipality.valid_to),
    }


def _several(found: Several) -> dict[str, Any]:
    parts = [
        {
            "municipality": as_json(part.municipality),
            "share": None if part.share is None else float(part.share),
        }
        for part in found.parts
    ]
    return {"reason": found.reason, "parts": parts}


def _figure(figure: service.Figure) -> dict[str, Any]:
    value = figure.value if isinstance(figure.value, str) else float(figure.value)
    return {"key": figure.key, "value": value, "year": figure.year, "source": figure.source}


def _not_found(found: NotFound) -> dict[str, str]:
    if found.reason == "before_history":
        message = "The history of municipalities is known from 2012-01-01 on."
        return _error("municipality.before_history", message, "on", "Ask for a later day.")
    message = "No municipality has or had this number."
    remedy = "Write four digits, or search by name with ?q=."
    return _error("municipality.unknown", message, "number", remedy)


def _error(code: str, message: str, where: str, remedy: str) -> dict[str, str]:
    return {"code": code, "message": message, "where": where, "remedy": remedy}


def _numbers(municipalities: tuple[Municipality, ...]) -> list[str]:
    return [municipality.number for municipality in municipalities]


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
