"""The answer to a page that saved by itself: only what the window does not show already.

The window tells in its hidden fields what it shows: the questions (`_shown`), what it began with (`_was`), and a mark
of the overview beside the form (`_aside`). So nothing is drawn that would come out the same, which is nearly all.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from samspill.cases.web import markup, presenting, saving
from samspill.cases.web.form_fields import Drawing, drawn_states, is_read_only, wrong_in
from samspill.cases.web.form_reading import fingerprint
from samspill.packages.service import Field, FieldState, PageState

Drawn = dict[str, tuple[FieldState, Field]]


def answer(
    request: HttpRequest, saved: saving.Saved, page: PageState, drawing: Drawing
) -> HttpResponse | None:
    """Answer with a short word and what has changed; None when other questions came to show.

    Args:
        request: the POST of a page that saved by itself.
        saved: how the save went.
        page: the page as it now stands.
        drawing: how the page is drawn.
    """
    drawn = {state.path: (state, spec) for state, spec in drawn_states(page, drawing)}
    inputs = [path for path, pair in drawn.items() if not is_read_only(*pair, drawing)]
    if sorted(inputs) != sorted(request.POST.getlist("_shown")):
        return None
    others = (path for path in inputs if path not in saved.marks)
    marks = {path: fingerprint(drawn[path][1], drawn[path][0].value) for path in others}
    wrong = next(_wrong(drawn, saving.field_of(request), drawing), "")
    overview = presenting.overview(saved.view, page.key)
    said = markup.short_word(wrong=wrong, saved=_("Saved")) + markup.remembered(
        shown=inputs, marks={**marks, **saved.marks}, aside=overview.mark, swap=True
    )
    if request.POST.get("_aside") == overview.mark:
        return HttpResponse(said)
    context = {**presenting.overview_context(saved.view, overview), "swap": True}
    return HttpResponse(said + render_to_string("cases/_aside_missing.html", context))


def _wrong(drawn: Drawn, name: str, drawing: Drawing) -> Iterator[str]:
    """Give what is wrong with the field that was just saved."""
    for path, (state, _spec) in drawn.items():
        if name == path or name.startswith(f"{path}."):
            found = wrong_in(state, drawing)
            yield found["text"] if found else ""
