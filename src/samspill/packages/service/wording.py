"""Wrong answers in words, in the language in use; the package's own text wins."""

from __future__ import annotations

from django.utils.translation import gettext as _

from samspill.packages.domain.letter_template import date, number
from samspill.packages.domain.outcome import CheckItem

_DATES = ("too_early", "too_late")


def sentence(item: CheckItem, language: str) -> str:
    """Return one sentence that says what is wrong with an answer and what to write instead."""
    if item.text:
        return item.text
    limit = item.limit
    if limit is not None:
        limit = date(limit, language) if item.id in _DATES else number(limit, language)
    return _sentences().get(item.id, _("This answer cannot be used. Write it in another way.")) % {
        "limit": limit
    }


def _sentences() -> dict[str, str]:
    return {
        "minimum": _("The number is too small. Write %(limit)s or more."),
        "maximum": _("The number is too large. Write %(limit)s or less."),
        "multipleOf": _("Write the amount with at most two decimals."),
        "maxLength": _("The text is too long. Write at most %(limit)s characters."),
        "minItems": _("Add at least %(limit)s."),
        "maxItems": _("There are too many. At most %(limit)s can be added."),
        "uniqueItems": _("The same choice is made twice. Remove one of them."),
        "enum": _("Choose one of the alternatives."),
        "type": _("This is not the kind of answer that is asked for. Write it in another way."),
        "pattern": _("The answer is not written as it should be. Check it once more."),
        "format": _("The number or date is not right. Check each digit."),
        "required": _("Something is missing in this answer. Fill in all of it."),
        "too_early": _("The date is too early. Write %(limit)s or later."),
        "too_late": _("The date is too late. Write %(limit)s or earlier."),
        "unknown_field": _("This is not asked for in this service."),
    }
