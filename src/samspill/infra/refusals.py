"""A refusal on a page: in the reader's words, with the status it has, on the page where the act was tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samspill.kernel.outcome import Refused, RefusedError

_BAD, _NOT_FOUND, _UNREADABLE = 400, 404, 422
Response = TypeVar("Response", bound=HttpResponseBase)


def in_words(refused: Refused) -> str:
    """Return a refusal and its remedy as sentences in the page's language; texts among the values are translated."""
    values = {name: _(v) if isinstance(v, str) and v else v for name, v in refused.values.items()}
    texts = [_(text) for text in (refused.message, refused.remedy) if text]
    return " ".join(ended(text % values if values else text) for text in texts)


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
