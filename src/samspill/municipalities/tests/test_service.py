"""The door, on real rows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from samspill.infra import clock
from samspill.municipalities import models, service
from samspill.municipalities.domain import Municipality, Several

pytestmark = pytest.mark.django_db


def test_reference_data_are_there_after_migrate() -> None:
    assert (
        models.MunicipalityNumber.objects.filter(validity__contains=dt.date(2026, 1, 1)).count()
        == 357
    )
    assert (
        models.MunicipalityNumber.objects.filter(validity__contains=dt.date(2015, 1, 1)).count()
        == 428
    )


def test_loading_again_writes_nothing() -> None:
    with connection.execute_wrapper(_refuse_writes):
        assert service.load_reference() is False


def _refuse_writes(execute: object, sql: str, *rest: object) -> object:
    assert not sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")), sql
    return execute(sql, *rest)  # type: ignore[operator]


def test_a_new_version_of_the_files_replaces_the_rows_and_keeps_the_ids() -> None:
    before = set(models.Municipality.objects.values_list("id", flat=True))
    models.ReferenceLoad.objects.update(sha256="older")
    models.MunicipalityName.objects.filter(text="Karasjok").update(text="wrong")
    assert service.load_reference() is True
    assert set(models.Municipality.objects.values_list("id", flat=True)) == before
    assert models.MunicipalityName.objects.filter(text="Karasjok").exists()


def test_the_database_refuses_two_holders_of_a_number() -> None:
    other = models.MunicipalityNumber.objects.get(number="0301").municipality_id
    with pytest.raises(IntegrityError), transaction.atomic():
        models.MunicipalityNumber.objects.create(
            municipality_id=other,
            number="1103",
            name="X",
            validity=DateRange(dt.date(2025, 1, 1), None),
        )


def test_resolves_on_the_day_asked() -> None:
    with clock.frozen(dt.date(2026, 11, 22)):
        now = service.current("1507")
    assert isinstance(now, Several)
    then = service.on("1507", dt.date(2022, 1, 1))
    assert isinstance(then, Municipality)
    assert service.by_id(then.id, date=dt.date(2026, 1, 1)) == service.current("1508")


def test_finds_by_organisation_number() -> None:
    oslo = service.by_org_no("958935420")
    assert oslo is not None
    assert (oslo.number, oslo.official_name) == ("0301", "Oslo – Oslove")
    assert service.by_org_no("000000000") is None


def test_a_figure_has_source_year_and_status() -> None:
    oslo = service.by_org_no("958935420")
    assert oslo is not None
    people = service.figure(oslo.id, "population", 2026)
    assert people is not None
    assert (people.value, people.year, people.status) == (
        Decimal(728714),
        2026,
        "published",
    )
    assert "Statistisk sentralbyrå" in people.source
    assert service.figure(oslo.id, "population", 1999) is None


def test_every_municipality_has_its_figures() -> None:
    population = models.MunicipalityFigure.objects.filter(key="population", year=2026)
    assert population.count() == 357
    assert sum(row.number or 0 for row in population) == 5_627_400
    forms = models.MunicipalityFigure.objects.filter(key="language_form")
    assert forms.filter(word="nynorsk").count() == 89


def test_default_language_follows_the_written_form() -> None:
    volda, oslo = service.current("1577"), service.current("0301")
    assert isinstance(volda, Municipality)
    assert isinstance(oslo, Municipality)
    assert service.default_language(volda.id) == "nn"
    assert service.default_language(oslo.id) == "nb"


def test_answers_without_the_database_when_loaded_once() -> None:
    service.current("0301")
    with connection.execute_wrapper(_refuse_all):
        assert isinstance(service.on("1103", dt.date(2020, 6, 1)), Municipality)
        assert service.search("Kárášjohka")[0].municipality.number == "5610"


def _refuse_all(execute: object, sql: str, *rest: object) -> object:
    raise AssertionError(sql)


def test_all_current_are_ordered_by_the_stored_key_too() -> None:
    with clock.frozen(dt.date(2026, 11, 22)):
        listed = [m.names[0].text for m in service.all_current()]
    alive = models.MunicipalityNumber.objects.filter(validity__contains=dt.date(2026, 11, 22))
    stored = models.MunicipalityName.objects.filter(
        position=0, municipality__in=alive.values("municipality")
    ).order_by("sort_key", "municipality__numbers__number")
    seen = list(dict.fromkeys(stored.values_list("municipality_id", "text")))
    assert [text for _, text in seen] == listed
