"""The words of insight: portfolio's names of states and the like, size classes, and what stands for a hidden figure."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samspill.portfolio.service.words import (
    CHOICES,
    CRITERIA,
    FORMS,
    LEGAL,
    LIFE_EVENTS,
    PHASES,
    POSITIONS,
    QUESTIONS,
    SECTORS,
    SIDES,
    STANDINGS,
    STATE_COLORS,
    STATES,
    VERDICTS,
)
from samspill.portfolio.service.words import SIZES as _BY_SIZE

__all__ = [
    "CHOICES", "CRITERIA", "FEWER", "FORMS", "KINDS", "LEGAL", "LIFE_EVENTS", "PHASES", "POSITIONS", "QUESTIONS",
    "ROLES", "SECTORS", "SIDES", "SIZES", "STANDINGS", "STATES", "STATE_COLORS", "VERDICTS", "word",
]  # fmt: skip

#: Size classes, the smallest first (`domain.sizes.BOUNDS`).
SIZES: tuple[str | Promise, ...] = tuple(_BY_SIZE.values())
#: Roles whose hours are counted (the assumption sets' keys).
ROLES: Mapping[str, Promise] = {
    "project_lead": _("Project leader"),
    "it": _("IT"),
    "caseworker": _("Caseworkers"),
    "staff": _("Staff functions"),
    "leader": _("Leaders"),
    "other": _("Others"),
}
#: Kinds of estimate (the assumption sets' reference classes).
KINDS: Mapping[str, Promise] = {
    "quality_assured": _("Large quality-assured project"),
    "it_project": _("IT project"),
    "municipal_introduction": _("Introduction in municipalities"),
    "hours_freed": _("Hours that were to be freed"),
}
FEWER = _("fewer than %(number)s cases")


def word(words: Mapping[str, str | Promise], key: str) -> str:
    """Return the word for a key; the key itself when there is none."""
    return str(words.get(key, key))
