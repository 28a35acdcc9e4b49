"""Bring the rows up to the reference files. Idempotent; one query when nothing has changed."""

from __future__ import annotations

import csv
import hashlib
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from samspill.infra import clock
from samspill.municipalities import models
from samspill.municipalities.domain import (
    Edge,
    Figure,
    History,
    Name,
    replay,
    search_key,
    sort_key,
)
from samspill.municipalities.domain.files import Listed, read_change, read_listed

DATA = Path(__file__).parent / "data"
_FILES = ("municipalities.csv", "municipality_changes.csv")
#: Raised when the way from files to rows changes, so that installed rows are made anew.
_REVISION = b"1"
_LOCK = 5_105_357


def load() -> bool:
    """Make the rows agree with the files; tell whether anything was written."""
    sha256 = _sha256()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if models.ReferenceLoad.objects.filter(sha256=sha256).exists():
            return False
        today = listed()
        changes = [read_change(row) for row in _rows("municipality_changes.csv")]
        current = {item.number: (item.name, item.org_no) for item in today}
        _write(today, replay(current=current, changes=changes))
        models.ReferenceLoad.objects.update_or_create(
            id=1, defaults={"sha256": sha256, "loaded_at": clock.now()}
        )
    return True


def listed() -> list[Listed]:
    """Return today's list as the files have it, without a database."""
    return [read_listed(row) for row in _rows("municipalities.csv")]


def counties() -> dict[str, str]:
    """Return the name of each county by its number, through all years (a number is never reused)."""
    return {row["fylkesnummer"]: row["fylkesnavn"] for row in _rows("counties.csv")}


def _sha256() -> str:
    digest = hashlib.sha256(_REVISION)
    for name in _FILES:
        digest.update((DATA / name).read_bytes())
    return digest.hexdigest()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write(listed: Iterable[Listed], history: History) -> None:
    """Replace names, numbers, changes and figures; municipalities themselves are only added.

    Cases point at municipalities, so a row once there stays, also if a file forgets it.
    """
    models.MunicipalityName.objects.all().delete()
    models.MunicipalityNumber.objects.all().delete()
    models.Succession.objects.all().delete()
    models.MunicipalityFigure.objects.all().delete()
    by_number = {item.number: item for item in listed}
    now = {span.unit_id: by_number[span.number] for span in history.spans if span.end is None}
    _write_units(history, now)
    models.MunicipalityNumber.objects.bulk_create(
        models.MunicipalityNumber(
            municipality_id=span.unit_id,
            number=span.number,
            name=span.name,
            validity=DateRange(span.start, span.end),
        )
        for span in history.spans
    )
    models.Succession.objects.bulk_create(_succession(edge) for edge in history.edges)
    models.MunicipalityFigure.objects.bulk_create(
        _figure(id_, figure) for id_, item in now.items() for figure in item.figures
    )


def _write_units(history: History, now: dict[uuid.UUID, Listed]) -> None:
    last_names = {span.unit_id: span.name for span in history.spans}
    models.Municipality.objects.bulk_create(
        (
            models.Municipality(id=id_, org_no=now[id_].org_no if id_ in now else None)
            for id_ in last_names
        ),
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["org_no"],
    )
    models.MunicipalityName.objects.bulk_create(
        models.MunicipalityName(
            municipality_id=id_,
            language=name.language,
            text=name.text,
            position=position,
            search_key=search_key(name.text),
            sort_key=sort_key(name.text, language=name.language),
        )
        for id_, last in last_names.items()
        for position, name in enumerate(now[id_].names if id_ in now else (Name("nb", last),))
    )


def _succession(edge: Edge) -> models.Succession:
    change = edge.change
    return models.Succession(
        old_id=edge.old_id,
        new_id=edge.new_id,
        on_date=change.on,
        old_number=change.old_no,
        old_name=change.old_name,
        new_number=change.new_no,
        new_name=change.new_name,
        kind=change.kind,
        share=change.share,
        status=change.status,
        note=change.note,
    )


def _figure(municipality_id: uuid.UUID, figure: Figure) -> models.MunicipalityFigure:
    word = figure.value if isinstance(figure.value, str) else None
    return models.MunicipalityFigure(
        municipality_id=municipality_id,
        key=figure.key,
        year=figure.year,
        number=None if isinstance(figure.value, str) else figure.value,
        word=word,
        source=figure.source,
        status=figure.status,
    )
