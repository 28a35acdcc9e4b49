"""The lines of cost of a proposal: rows of three fields, with empty ones to write in and more when asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samspill.kernel.outcome import RefusedError
from samspill.settlement.web import page
from samspill.settlement.web.page import number_of

_EMPTY, _MOST = 5, 200
_OWN, _KEY = {"egen", "eigen", "own"}, {"nøkkel", "nøkkelen", "key"}
Row = tuple[str, str, str]


def read(posted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the lines that are typed, in the JSON of `domain.terms`; empty rows are left out.

    Raises:
        RefusedError: kroner that are no number; `where` names the row's field.
    """
    found = []
    for number, (name, payer, kroner) in _typed(posted):
        word = payer.lower()
        known = "own" if word in _OWN else "key" if word in _KEY else payer
        amount = number_of(kroner, f"kroner-{number}")
        row: dict[str, Any] = {"name": name, "payer": known}
        found.append(row if amount is None else {**row, "amount": amount})
    return found


def group(
    request: HttpRequest, *, known: Sequence[Mapping[str, Any]], problem: RefusedError | None
) -> dict[str, Any]:
    """Return the part of the form: rows as typed, else those `known` (`name`, `payer`, `amount`), and empty ones."""
    count = max(_EMPTY, len(known) + 1)
    if request.method == "POST":
        last = max((number for number, _row in _rows(request.POST)), default=0)
        count = last + 1 + (_EMPTY if "more" in request.POST else 0)
    own = [_written(line) for line in known]
    own += [("", "", "")] * (count - len(own))
    at_fault = _in_row(problem, [number for number, _row in _typed(request.POST)])
    rows = [_row_of(request, number, own[number], at_fault) for number in range(min(count, _MOST))]
    return {
        "title": _("Lines of cost and who pays them"),
        "help": _(
            "Who pays: “key” when all share by the cost key, “own” when each pays its own, or the number of a "
            "municipality or an organisation. Leave it empty when nobody pays yet."
        ),
        "rows": rows,
        "fields": [],
    }


def _row_of(
    request: HttpRequest, number: int, own: tuple[str, str, Any], problem: RefusedError | None
) -> dict[str, Any]:
    name, payer, kroner = own
    title = _("Line %(number)s") % {"number": number + 1}

    def ask(key: str, kind: str, label: str, value: Any) -> dict[str, Any]:
        return page.field(
            request, f"{key}-{number}", kind, label, value=value, problem=problem, required=True, row=title
        )  # fmt: skip

    return {
        "title": title,
        "fields": [
            ask("line", "text", _("Line of cost"), name),
            ask("payer", "text", _("Who pays it"), payer),
            ask("kroner", "amount", _("Kroner a year"), kroner),
        ],
    }


def _written(line: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return a line as it stands in the fields."""
    words = {"key": pgettext("payer", "key"), "own": pgettext("payer", "own")}
    payer, amount = str(line.get("payer") or ""), line.get("amount")
    return str(line.get("name") or ""), words.get(payer, payer), "" if amount is None else amount


def _rows(posted: Mapping[str, str]) -> list[tuple[int, Row]]:
    """Return the rows that came with the form, typed in or not."""
    found = []
    for number in range(_MOST):
        names = (f"line-{number}", f"payer-{number}", f"kroner-{number}")
        if any(name in posted for name in names):
            name, payer, kroner = (posted.get(one, "").strip() for one in names)
            found.append((number, (name, payer, kroner)))
    return found


def _typed(posted: Mapping[str, str]) -> list[tuple[int, Row]]:
    return [(number, row) for number, row in _rows(posted) if any(row)]


def _in_row(problem: RefusedError | None, numbers: Sequence[int]) -> RefusedError | None:
    """Return a refusal of `…lines[2].payer` as one of the field it was typed in: `payer-4` where two rows are empty."""
    before, _mark, rest = problem.refused.where.partition("lines[") if problem else ("", "", "")
    place, _end, field = rest.partition("].")
    if problem is None or not place.isdecimal() or int(place) >= len(numbers):
        return problem
    key = {"name": "line", "amount": "kroner"}.get(field, field)
    return RefusedError(attrs.evolve(problem.refused, where=f"{before}{key}-{numbers[int(place)]}"))
