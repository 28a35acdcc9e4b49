"""Columns that hide national numbers on the way in and show them on the way out.

Statements written by hand go past Django's fields: what they write must come from `stored`, and what they read must
pass `numbers.show` (`infra.sql.read` does so).
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from samspill.infra.encryption import numbers


class AnswersField(models.JSONField):
    """JSON in which no national number stands as it is."""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Hide the numbers of what is written, and of what is looked for (a number is never found by it)."""
        return super().get_db_prep_value(_hidden(value), connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Show the numbers of what was read."""
        shown = numbers.show(value) if isinstance(value, str) else value
        return super().from_db_value(shown, expression, connection)


class ProseField(models.TextField):  # type: ignore[type-arg]
    """A text in which no national number stands as it is."""

    def get_prep_value(self, value: Any) -> Any:
        """Hide the numbers of what is written."""
        prepared = super().get_prep_value(value)
        return numbers.hide(prepared) if isinstance(prepared, str) else prepared

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """Show the numbers of what was read."""
        return numbers.show(value) if isinstance(value, str) else value


def _hidden(value: Any) -> Any:
    return value if hasattr(value, "as_sql") else numbers.hide_in(value)


def stored(field: models.Field[Any, Any], value: Any) -> Any:
    """Return a row's value as a statement written by hand must store it."""
    if isinstance(field, AnswersField):
        return numbers.hide_in(value)
    if isinstance(field, ProseField):
        return field.get_prep_value(value)
    return value


def read(field: models.Field[Any, Any], value: Any) -> Any:
    """Return a value as a statement written by hand found it: JSON read, numbers shown."""
    if isinstance(value, str) and isinstance(field, AnswersField | ProseField):
        value = numbers.show(value)
    if isinstance(field, models.JSONField) and value is not None:
        return json.loads(value)
    return value
