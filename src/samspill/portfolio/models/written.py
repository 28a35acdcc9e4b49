"""What one party wrote: in which language, and its wordings in the others."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from samspill.portfolio.domain.wording import LANGUAGES


class Written(models.Model):
    """A row with one text that somebody wrote in a language; it may stand in the others too.

    language is empty for what was written before languages were asked for. translations: {language: text}.
    """

    language = models.CharField(max_length=2, blank=True, default="")
    translations = models.JSONField(default=dict, blank=True)

    class Meta:
        """Columns only."""

        abstract = True


def in_known_language(name: str) -> models.CheckConstraint:
    """Return the constraint that a text is in a language of ours, or that nobody said."""
    return models.CheckConstraint(
        condition=Q(language__in=("", *LANGUAGES)), name=f"{name}_language_known"
    )
