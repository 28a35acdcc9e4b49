"""Rows brought under the key that writes, in batches; begun again it goes on with what is left.

Which columns there are is read out of the models: whoever uses the fields of `fields` has nothing to declare. A batch
is a transaction, and a row that somebody has written to in the meantime is left for the next round. Rows that are
never changed (a trigger refuses it) may be written to if nothing but tokens differs: see `without_tokens` in the
migrations of the rooms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import attrs
from django.apps import apps
from django.db import connection, models, transaction

from samspill.infra.encryption import fields, keyring, numbers, values

_AT_A_TIME = 500
Say = Callable[[str, int], None]


@attrs.frozen
class Column:
    """A column that holds ciphertext: its table, key and name, and how a value is renewed."""

    table: str
    key: str
    name: str
    kind: str  # tokens | secret | jsonb

    @property
    def where(self) -> str:
        """How the column is called in what is told."""
        return f"{self.table}.{self.name}"

    def renewed(self, value: str) -> str:
        """Return a stored value under the key that writes."""
        if self.kind != "secret":
            return numbers.under_the_key_that_writes(value)
        return values.renewed(value, bound_to=f"{self.table} {self.name}")

    def keys_in(self, value: str) -> list[str]:
        """Return the ids of the keys that a stored value stands under, once for each."""
        return [values.key_of(value)] if self.kind == "secret" else numbers.keys_in(value)


def columns() -> list[Column]:
    """Return every column of our models that hides numbers or all it holds."""
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:  # noqa: SLF001 - Django's documented way
            kind = _KINDS.get(type(field))
            if kind is not None and model._meta.pk is not None:  # noqa: SLF001
                meta = model._meta  # noqa: SLF001
                found.append(Column(meta.db_table, str(meta.pk.column), str(field.column), kind))
    return found


_KINDS: dict[type[models.Field], str] = {  # type: ignore[type-arg]
    fields.AnswersField: "jsonb",
    fields.ProseField: "text",
    fields.SecretField: "secret",
    fields.SecretJSONField: "secret",
}


def rows_by_key() -> dict[str, Counter[str]]:
    """Count rows by column and key, over all columns; each is read once from end to end."""
    counts = {}
    for column in columns():
        found: Counter[str] = Counter()
        for batch in _batches(column, ""):
            for _, value in batch:
                found.update(set(column.keys_in(value)))
        counts[column.where] = found
    return counts


def renew(*, say: Say) -> int:
    """Bring every value under the key that writes; return how many rows were written.

    Args:
        say: called with a column's name and the rows of it that are done, after each batch.
    """
    return sum(_renew(column, say) for column in columns())


def _renew(column: Column, say: Say) -> int:
    done = 0
    for batch in _batches(column, keyring.ring().writes.id):
        done += _write(column, [(pk, value, column.renewed(value)) for pk, value in batch])
        say(column.where, done)
    return done


def _batches(column: Column, but: str) -> Iterator[list[tuple[str, str]]]:
    """Give the rows with ciphertext, by their key; those under the one key alone are left out by the database."""
    last: str | None = None
    mark = "" if column.kind == "secret" else numbers.MARK
    pattern = rf"{mark.replace('.', '[.]')}(?!{but}[.])" if but else mark.replace(".", "[.]")
    anchored = f"^{pattern}" if column.kind == "secret" else pattern
    name = f'"{column.name}"::text'
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column.key}::text, {name} FROM {column.table} "  # noqa: S608 - our own names
                f"WHERE {name} ~ %s AND (%s::text IS NULL OR {column.key}::text > %s) "
                f"ORDER BY {column.key}::text LIMIT %s",
                [anchored, last, last, _AT_A_TIME],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _write(column: Column, changed: list[tuple[str, str, str]]) -> int:
    """Store renewed values, each only where the old one still stands."""
    cast = "::jsonb" if column.kind == "jsonb" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL samspill.new_keys = 'on'")
        cursor.execute(
            f'UPDATE {column.table} t SET "{column.name}" = one.new{cast} '  # noqa: S608 - our own names
            "FROM unnest(%s::text[], %s::text[], %s::text[]) one(pk, old, new) "
            f'WHERE t.{column.key}::text = one.pk AND t."{column.name}"::text = one.old',
            [list(part) for part in zip(*changed, strict=True)],
        )
        return int(cursor.rowcount)
