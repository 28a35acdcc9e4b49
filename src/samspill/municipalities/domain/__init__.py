"""Pure knowledge of municipalities: values, names, and their history as a replay of changes."""

from samspill.municipalities.domain.history import (
    Change,
    Edge,
    History,
    HistoryError,
    Span,
    replay,
)
from samspill.municipalities.domain.model import (
    Figure,
    Former,
    Hit,
    Municipality,
    Name,
    NotFound,
    Part,
    Several,
)
from samspill.municipalities.domain.names import search_key, sort_key
from samspill.municipalities.domain.registry import Registry, Unit

__all__ = [
    "Change",
    "Edge",
    "Figure",
    "Former",
    "History",
    "HistoryError",
    "Hit",
    "Municipality",
    "Name",
    "NotFound",
    "Part",
    "Registry",
    "Several",
    "Span",
    "Unit",
    "replay",
    "search_key",
    "sort_key",
]
