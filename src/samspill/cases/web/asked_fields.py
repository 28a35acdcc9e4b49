"""The fields that an applicant is asked for after sending, drawn on the case's page and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from samspill.cases.domain import answers as paths
from samspill.cases.service import wording
from samspill.cases.service.values import RequestView
from samspill.cases.web import presenting
from samspill.cases.web.case_page import as_page
from samspill.cases.web.form_fields import Drawing, Parsed, draw, parse
from samspill.packages.service import FieldState, Package, PageState

_WHOLE = ("list", "file")


def page_of(package: Package, answers: Mapping[str, Any], request: RequestView) -> PageState:
    """Return the fields of a request as a page, each with its answer; a row's field says whose it is."""
    states = [
        state
        for item in request.items
        if item.get("kind") == "field"
        and (state := _state(package, answers, str(item["id"]))) is not None
    ]
    return as_page("asked", tuple(states))


def blocks(page: PageState, package: Package, parsed: Parsed | None = None) -> list[dict[str, Any]]:
    """Return the drawn fields of a request; their ids are set apart from those of the whole form."""
    drawing = Drawing(package=package, language=presenting.language(), parsed=parsed)
    drawn = draw(page, drawing)
    for block in drawn:
        block["id"] = f"svar-{block['id']}"
    return drawn


def read(page: PageState, package: Package, posted: QueryDict) -> Parsed:
    """Read the fields of a request from a posted form."""
    return parse(page, package, posted)


def _state(package: Package, answers: Mapping[str, Any], path: str) -> FieldState | None:
    try:
        spec, value = package.field_at(paths.field_path(path)), paths.get(answers, path)
    except (paths.BadPathError, IndexError, KeyError, TypeError):
        return None
    if spec is None or spec.retired or spec.type in _WHOLE:
        return None
    label = package.text(f"field.{spec.path}.label", presenting.language())
    return FieldState(
        path=path,
        field=spec.path,
        visible=True,
        required=True,
        answered=value is not None,
        value=value,
        label=f"{_whose(package, answers, path)}{label}",
    )


def _whose(package: Package, answers: Mapping[str, Any], path: str) -> str:
    """Return the name of the row, to stand before the label."""
    name = wording.whose(package, answers, path, presenting.language())
    return f"{name}: " if name else ""
