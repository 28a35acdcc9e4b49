"""Statements that a connection keeps planned, asked through libpq without a cursor in between.

A cursor of psycopg costs more Python than a small statement costs PostgreSQL. Here a statement is prepared once on each
connection under a name of ours, and then one call of libpq sends the values and takes the answer (it waits without
holding Python's lock). The kinds of values, the errors and the rows are psycopg's own.

Cursors on the same connection then prepare nothing themselves: psycopg would otherwise let the connection forget all
prepared statements, ours too, after a roll-back.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from typing import Any, Final

import attrs
import psycopg
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus

_KEPT: Final = "_samspill_prepared"
_MOST: Final = 400
WHO_ACTS: Final = (
    "person", "persons", "municipality", "packages", "organisation", "cleared", "scope",
)  # fmt: skip
"""What a statement can say of who acts: settings `samspill.<name>` of the connection (`infra.isolation`)."""
_SAYING: Final = "set_config('samspill."
_SAYS: Final = b"_says"
_SAID: Final = "_samspill_said"
_names = itertools.count()
_MARK: Final = re.compile("%s|%%")
_UUID: Final = psycopg.adapters.types["uuid"].oid
_FORGOTTEN: Final = frozenset({"26000", "0A000"})
"""The statement is not there any more, or its table has another shape than when it was planned."""


class Ids(bytes):
    """Many identifiers as PostgreSQL keeps a `uuid[]`: their texts it would read letter by letter."""

    @classmethod
    def of(cls, texts: Collection[str]) -> Ids:
        """Pack identifiers that are written as usual: 36 characters each.

        >>> len(Ids.of([])), len(Ids.of(["019a0000-0000-7000-8000-000000000001"]))
        (12, 40)
        """
        kind = f"{1 if texts else 0:08x}00000000{_UUID:08x}"
        if not texts:
            return cls.fromhex(kind)
        each = "00000010"  # the length of what follows
        packed = each + each.join(texts).replace("-", "")
        return cls.fromhex(f"{kind}{len(texts):08x}00000001{packed}")


class _IdsDumper(Dumper):
    format, oid = Format.BINARY, psycopg.adapters.types["uuid"].array_oid

    def dump(self, obj: Ids) -> Ids:
        """Give what is packed already."""
        return obj


psycopg.adapters.register_dumper(Ids, _IdsDumper)


def ask(connection: Any, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows, if it has any; `%s` stands for each value.

    Raises:
        psycopg.Error: as a cursor would.
    """
    begin(connection)
    kept = _kept_by(connection)
    reader = kept.reader
    given = reader.dump_sequence(values, [PyFormat.AUTO] * len(values))
    key = (statement, reader.types)
    name = kept.names.get(key)
    if name is None:
        name = _prepare(connection, kept.names, key)
    if name.endswith(_SAYS):
        connection.__dict__[_SAID] = True
    result = connection.pgconn.exec_prepared(name, given, reader.formats)
    if result.status == ExecStatus.TUPLES_OK:
        reader.set_pgresult(result)
        found: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
        reader.set_pgresult(None)
        return found
    if result.status == ExecStatus.COMMAND_OK:
        return []
    raise _error(connection, result, kept.names)


_FORGET: Final = "SELECT " + ", ".join(f"{_SAYING}{name}', '', false)" for name in WHO_ACTS)


def forget_who_acts(connection: Any) -> None:
    """Unsay who acts, if a statement has said it (`infra.isolation`), before another request is given the connection.

    A connection that cannot be told is closed: inside a transaction the unsaying would be taken back with it.
    """
    if not connection.__dict__.get(_SAID):
        return
    if not connection.autocommit or connection.pgconn.transaction_status != TransactionStatus.IDLE:
        connection.close()
        return
    try:
        ask(connection, _FORGET, ())
    except psycopg.Error:
        connection.close()
    connection.__dict__[_SAID] = False


@attrs.define
class _Kept:
    """What a connection keeps: the names of its statements, and what reads and writes values of each kind."""

    reader: Any  # a Transformer: it finds out once how each kind of value is read and written
    names: dict[Any, bytes] = attrs.field(factory=dict)


def _kept_by(connection: Any) -> _Kept:
    kept: _Kept | None = connection.__dict__.get(_KEPT)
    if kept is None:
        connection.prepare_threshold = None
        kept = connection.__dict__[_KEPT] = _Kept(Transformer(connection))
    return kept


def begin(connection: Any) -> None:
    """Begin a transaction where one is wanted and none has begun, as psycopg does before its statements."""
    if connection.autocommit or connection.pgconn.transaction_status != TransactionStatus.IDLE:
        return
    result = connection.pgconn.exec_(b"BEGIN")
    if result.status != ExecStatus.COMMAND_OK:
        raise _error(connection, result, {})


def _prepare(
    connection: Any, kept: dict[Any, bytes], key: tuple[str, tuple[int, ...] | None]
) -> bytes:
    if len(kept) >= _MOST:
        connection.pgconn.exec_(b"DEALLOCATE ALL")
        kept.clear()
    statement, types = key
    name = f"samspill_{next(_names)}".encode() + (_SAYS if _SAYING in statement else b"")
    result = connection.pgconn.prepare(name, _numbered(statement).encode(), types)
    if result.status != ExecStatus.COMMAND_OK:
        raise _error(connection, result, {})
    kept[key] = name
    return name


def _numbered(statement: str) -> str:
    """Write a statement's places as PostgreSQL does.

    >>> _numbered("SELECT %s, 7 %% 2, %s")
    'SELECT $1, 7 % 2, $2'
    """
    count = iter(range(1, len(statement)))
    return _MARK.sub(lambda mark: "%" if mark[0] == "%%" else f"${next(count)}", statement)


def _error(connection: Any, result: Any, kept: dict[Any, bytes]) -> psycopg.Error:
    error: psycopg.Error = psycopg.errors.error_from_result(
        result, encoding=connection.info.encoding
    )
    if connection.pgconn.status != ConnStatus.OK and not isinstance(
        error, psycopg.OperationalError
    ):
        return psycopg.OperationalError(str(error))
    if error.sqlstate in _FORGOTTEN and kept:
        connection.pgconn.exec_(b"DEALLOCATE ALL")
        kept.clear()
    return error
