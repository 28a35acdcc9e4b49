"""A refusal on a page: in the reader's words, with the status it has, on the page where the act was tried."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.kernel.outcome import Refused, RefusedError

_BAD, _NOT_FOUND, _UNREADABLE = 400, 404, 422
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
Response = TypeVar("Response", bound=HttpResponseBase)


def in_words(refused: Refused) -> str:
    """Return a refusal and its remedy as sentences in the page's language; texts among the values are translated."""
    values = told(refused.values)
    texts = [_(text) for text in (refused.message, refused.remedy) if text]
    return " ".join(ended(text % values if values else text) for text in texts)


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a sentence has them: words in the page's language, a day (`2026-12-07`) as people write it."""
    return {
        name: _told(value) if isinstance(value, str) else value for name, value in values.items()
    }


def _told(text: str) -> str:
    try:
        day = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        return _(text) if text else text
    english = (get_language() or "").startswith("en")
    return date_format(day, "j F Y" if english else "j. F Y")


def ended(text: str) -> str:
    """Return a sentence with its full stop.

    >>> ended("Write a number"), ended("Is it so?")
    ('Write a number.', 'Is it so?')
    """
    return text if text.endswith((".", "?", "!")) else f"{text}."


def status_of(refused: Refused) -> int:
    """Return the status of a page that shows a refusal: what is wrong in a form is 422, whatever the API calls it."""
    return _UNREADABLE if refused.status == _BAD else refused.status


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    told: Mapping[str, object],
    problem: RefusedError | None = None,
) -> HttpResponse:
    """Draw a page that says what was done or refused just now; a refusal with the status it has.

    Args:
        request: what is answered; `?gjort=` says what was done.
        template: the page.
        context: what it shows.
        told: what may have been done, each in a sentence.
        problem: what was refused.
    """
    drawn = {"done": told.get(request.GET.get("gjort", ""), ""), **context}
    if problem is None:
        return render(request, template, drawn)
    drawn |= {"problem": in_words(problem.refused), "done": ""}
    return render(request, template, drawn, status=status_of(problem.refused))


def act(
    do: Callable[[], object],
    *,
    then: str,
    done: str,
    again: Callable[[RefusedError], Response],
) -> Response | HttpResponseRedirect:
    """Do one thing and go to `then`, which says that it is done; a refusal is shown on the page it came from.

    Raises:
        RefusedError: what the act is about is not found.
    """
    try:
        do()
    except RefusedError as error:
        if error.refused.status == _NOT_FOUND:
            raise
        return again(error)
    mark = "&" if "?" in then else "?"
    return redirect(f"{then}{mark}gjort={done}")
