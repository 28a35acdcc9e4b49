"""Columns that hide national numbers, or all they hold, on the way in and show them on the way out.

Statements written by hand go past Django's fields: what they write must pass `writer_of`, and what they read must
pass `reader_of` (`infra.sql.read` does so).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
from django.db import models

from samspill.infra.canonical import canonical_json
from samspill.infra.encryption import numbers, values


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


class SecretField(models.TextField):  # type: ignore[type-arg]
    """A text of which nothing stands as it is; bound to its column, so that it opens in no other."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt what is written; an empty text is stored as one."""
        return values.encrypt(str(value), bound_to=self._bound_to()) if value else value

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """Open what was read."""
        return values.decrypt(value, bound_to=self._bound_to()) if value else value

    def _bound_to(self) -> str:
        return f"{self.model._meta.db_table} {self.column}"  # noqa: SLF001 - Django's documented way


class SecretJSONField(SecretField):
    """JSON of which nothing stands as it is."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt what is written."""
        return None if value is None else super().get_prep_value(canonical_json(value))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        """Open and read what was stored."""
        return None if value is None else json.loads(super().from_db_value(value))


def _hidden(value: Any) -> Any:
    return value if hasattr(value, "as_sql") else numbers.hide_in(value)


Writer = Callable[[Any], Any]


def writer_of(field: models.Field[Any, Any]) -> Writer | None:
    """Return what makes a stored value of a row's, for `compact_json`; None when it is the same."""
    if isinstance(field, AnswersField):
        return _written_answers
    return field.get_prep_value if isinstance(field, ProseField) else None


def _written_answers(value: Any) -> orjson.Fragment:
    """Give answers as JSON that is written already: numbers are searched for in the text, not in every answer."""
    return orjson.Fragment(numbers.hidden_json(value))


Reader = Callable[[Any], Any]


def reader_of(field: models.Field[Any, Any]) -> Reader | None:
    """Return what makes a row's value of what a statement written by hand found; None when it is the same."""
    if isinstance(field, AnswersField):
        return _read_answers
    if isinstance(field, models.JSONField):
        return _read_json
    return _read_prose if isinstance(field, ProseField) else None


def _read_answers(found: str | None) -> Any:
    return None if found is None else json.loads(numbers.show(found))


def _read_json(found: str | None) -> Any:
    return None if found is None else json.loads(found)


def _read_prose(found: str | None) -> str | None:
    return None if found is None else numbers.show(found)
