"""The two pieces of HTML that nearly every save of a page answers with, written in Python.

A template engine takes ten times as long for them: one line for each page of the form, one hidden field for each
question. All that is put in is escaped (`markupsafe`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

_LINE = Markup(
    '<li data-state="%s"><a class="ds-link" href="%s"%s>%s</a>'
    '<span class="s-muted s-small">%s</span></li>'
)
_HERE, _NOTHING = Markup(' aria-current="step"'), Markup("")


def overview_line(*, state: str, url: str, here: bool, title: str, left: str) -> Markup:
    """Write a page's line in the overview: `state` marks it, `left` says how much is left there."""
    return _LINE % (state, url, _HERE if here else _NOTHING, title, left)


def remembered(
    *, shown: Iterable[str], marks: Mapping[str, str], aside: str, swap: bool = False
) -> Markup:
    """Write what a window remembers of what it shows, as hidden fields (see `autosaving`).

    Args:
        shown: paths of the questions.
        marks: path → mark of the value that the window began with.
        aside: mark of the overview beside the form; empty when there is none.
        swap: it takes the place of what the window remembered before.
    """
    fields = [_hidden("_aside", aside)] if aside else []
    fields += [_hidden("_shown", path) for path in shown]
    fields += [_hidden("_was", f"{path}={mark}") for path, mark in marks.items()]
    swapped = ' hx-swap-oob="true"' if swap else ""
    return Markup(f'<div id="vist" hidden{swapped}>{"".join(fields)}</div>')  # noqa: S704 - escaped


def _hidden(name: str, value: str) -> str:
    """Write a hidden field; `name` is ours, the value is escaped (Markup's own `%` takes ten times as long)."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def short_word(*, wrong: str, saved: str) -> Markup:
    """Write the word beside the field that saved itself: what is wrong with it, or that it is saved."""
    return (
        Markup('<span class="s-wrong">{}</span>').format(wrong) if wrong else Markup.escape(saved)
    )
