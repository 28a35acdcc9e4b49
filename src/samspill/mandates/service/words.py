"""The text that is shown before a mandate is signed, in plain language; what is signed is found again by its hash."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import attrs
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from samspill.mandates.domain.model import Level
from samspill.mandates.domain.scopes import title

VERSION = "2026-2"
"""Of the wording. Another wording is another version; what was signed keeps its own."""


@attrs.frozen
class Signed:
    """A text and its hash."""

    text: str = attrs.field(repr=False)
    sha256: str
    language: str

    @property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.splitlines()


def mandate_text(
    *,
    giver: str,
    agent: str,
    scopes: Sequence[str],
    level: Level,
    valid_from: dt.date,
    valid_to: dt.date | None,
    may_delegate: bool,
    parties: str,
    language: str,
) -> Signed:
    """Return what is signed. `parties` are identifiers that make the hash one of these two people's."""
    with translation.override(language):
        names = ", ".join(title(scope, language) for scope in scopes)
        lines = [
            _("%(giver)s lets %(agent)s act on their behalf.") % {"giver": giver, "agent": agent},
            _("It is about: %(scopes)s.") % {"scopes": names},
            _may_do(agent, level),
            _period(valid_from, valid_to),
            _passing_on(agent, may_delegate=may_delegate),
            _("%(giver)s can still do everything alone, and sees everything that is done.")
            % {"giver": giver},
            _("Both can end this at any time, and it ends at once."),
        ]
    text = "\n".join(lines)
    stamped = f"{VERSION}\n{language}\n{parties}\n{','.join(scopes)}\n{text}"
    return Signed(text, hashlib.sha256(stamped.encode()).hexdigest(), language)


def day(on: dt.date) -> str:
    """Return a day as the active language writes it, with the month in letters.

    >>> with translation.override("en"): day(dt.date(2026, 11, 23))
    '23 November 2026'
    """
    english = (translation.get_language() or "").startswith("en")
    return date_format(on, "j F Y" if english else "j. F Y")


def _may_do(agent: str, level: Level) -> str:
    if level == "read":
        return _("%(agent)s may see, but not send or change anything.") % {"agent": agent}
    return _("%(agent)s may see, fill in, send and appeal.") % {"agent": agent}


def _period(valid_from: dt.date, valid_to: dt.date | None) -> str:
    first = day(valid_from)
    if valid_to is None:
        return _("It is valid from %(first)s until one of you ends it.") % {"first": first}
    last = day(valid_to)
    return _("It is valid from %(first)s to %(last)s, both days included.") % {
        "first": first,
        "last": last,
    }


def _passing_on(agent: str, *, may_delegate: bool) -> str:
    if may_delegate:
        return _("%(agent)s may pass this on to one other, never more than this.") % {
            "agent": agent
        }
    return _("%(agent)s may not pass this on to others.") % {"agent": agent}
