"""What is stored about a person, gathered from every room: the doors of access requests (GDPR article 15).

A room says with `Door` which of its tables hold something about persons and gives them as `Section`s; `site.wiring`
joins the doors, and a test fails when a table with a person in it is in no door. Keys and codes never change (they are
the schema of the JSON); labels are the reader's words.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import attrs
from django.db import connection
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.kernel.actor import Actor
from samspill.kernel.periods import OSLO

About = Literal["me", "others"]


@attrs.frozen(kw_only=True)
class Asked:
    """Whose information is gathered, for whom, and whether places must be left out (SP-24, SP-25).

    `number` is the person's identity number, by which others' applications name them.
    """

    actor: Actor
    person_id: uuid.UUID
    number: str = attrs.field(repr=False)
    hides_places: bool


@attrs.frozen
class Record:
    """One thing that is stored: its data by stable keys, and the same as it is printed."""

    data: Mapping[str, Any]
    title: str = ""
    lines: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class Section:
    """Things of one kind. `about` is `others` for what is theirs and yet the person's by law; `note` says which."""

    key: str
    title: str
    records: tuple[Record, ...]
    about: About = "me"
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the section as it stands in the file."""
        records = [one.data for one in self.records]
        return {"title": self.title, "about": self.about, "note": self.note, "records": records}


@attrs.frozen(kw_only=True)
class Door:
    """What a room holds about persons.

    Args:
        room: its name.
        give: gathers the sections of one person, in the language that is active.
        tables: table → the key of the section it is given in.
        acts: table → columns that name an employee who did something; given as numbers (`acts_of`).
        left_out: table → why it is not given.
    """

    room: str
    give: Callable[[Asked], Iterable[Section]]
    tables: Mapping[str, str] = attrs.field(factory=dict)
    acts: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    left_out: Mapping[str, str] = attrs.field(factory=dict)


_doors: dict[str, Door] = {}


def use(door: Door) -> None:
    """Join a room's door; called by `site.wiring`, and harmless to repeat."""
    _doors[door.room] = door


def doors() -> tuple[Door, ...]:
    """Return every room's door, in the order they were joined."""
    return tuple(_doors.values())


def nothing(asked: Asked) -> tuple[Section, ...]:
    """Give no sections: for a room in which persons stand as employees only."""
    del asked
    return ()


def acts_of(person_id: uuid.UUID) -> list[dict[str, Any]]:
    """Count where a person stands as the employee who did something: table, column, number of rows."""
    found = []
    with connection.cursor() as cursor:
        for door in doors():
            for table, columns in door.acts.items():
                for column in columns:
                    quoted = [connection.ops.quote_name(name) for name in (table, column)]
                    counted = "SELECT count(*) FROM {} WHERE {}::text = %s".format(*quoted)  # noqa: S608 - named in code
                    cursor.execute(counted, [str(person_id)])
                    row = cursor.fetchone()
                    if row and row[0]:
                        found.append({"table": table, "column": column, "rows": row[0]})
    return found


def record(data: Mapping[str, Any], labels: Mapping[str, str | Promise], title: str = "") -> Record:
    """Make a record whose printed lines are the labelled keys that say something, in the order of the labels."""
    lines = tuple(
        (str(label), text)
        for key, label in labels.items()
        if (text := in_words(data.get(key))) != ""
    )
    return Record(data, title, lines)


def in_words(value: Any) -> str:
    """Write a value as it is printed: dates and moments in the reader's language, yes or no, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dt.date):
        return _moment(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {in_words(one)}" for key, one in value.items())
    return ", ".join(map(in_words, value)) if isinstance(value, list | tuple) else str(value)


def _moment(value: dt.date) -> str:
    is_english = get_language() == "en"
    written = "j F Y" if is_english else "j. F Y"
    if not isinstance(value, dt.datetime):
        return date_format(value, written)
    local = value.astimezone(OSLO)
    clock = "%H:%M" if is_english else "%H.%M"
    return f"{date_format(local, written)} {local.strftime(clock)}"
