"""The charts' own few words in the reader's language; their context keeps them apart from other rooms' short words."""

from __future__ import annotations

from django.utils.translation import pgettext


def word(text: str) -> str:
    """Return a text of the charts in the reader's language."""
    return pgettext("chart", text)
