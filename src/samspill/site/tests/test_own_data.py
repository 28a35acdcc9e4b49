"""Everything about a person: no table is forgotten, nothing of others comes with it, nobody else comes to it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import attrs
import jsonschema_rs
import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import translation

from samspill.cases.models import Attachment, Case, Message
from samspill.cases.tests.builders import Registers, a_citizen, a_member, a_number, a_person, known
from samspill.cases.tests.term_builders import a_case, a_caseworker, ferry, run_day
from samspill.infra import clock, own_data
from samspill.infra.models import AccessEntry, OwnDataRequest
from samspill.kernel.actor import Actor
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError
from samspill.packages.service import Package
from samspill.site import own_data as requests
from samspill.site import own_data_schema

__all__ = ["ferry", "known", "run_day"]

#: UUID columns that name no person.
NO_PERSON = {
    "case_id",
    "grant_id",
    "mandate_id",
    "entry_id",
    "initiative_id",
    "round_id",
    "municipality_id",
    "file_id",
    "pdf_file_id",
    "evidence_file",
    "cursor",
    "key",
    "owner_id",
    "subject_id",
    "grantor_id",
    "about_id",
    "on_behalf_of",
}
"""`owner_id`, `subject_id`, `grantor_id`, `about_id`, `on_behalf_of` do, and their tables are given by them."""
BY_PERSON = {
    "owner_id",
    "subject_id",
    "grantor_id",
    "about_id",
    "on_behalf_of",
    "case_id",
    "grant_id",
    "persons",
}


def tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("samspill.")]


def personal() -> set[str]:
    """Tables that hold something about a person: by a reference to a person, or to such a table."""
    found = {"identity_person"}
    while True:
        more = {
            model._meta.db_table
            for model in tables()
            for field in model._meta.get_fields()
            if (getattr(field, "many_to_one", False) or getattr(field, "one_to_one", False))
            and not field.auto_created
            and field.related_model._meta.db_table in found
        }
        more |= {
            model._meta.db_table
            for model in tables()
            for field in model._meta.concrete_fields
            if field.name in BY_PERSON and not field.primary_key
        }
        if more <= found:
            return found
        found |= more


def test_every_table_with_a_person_in_it_is_given_or_says_why_not():
    given = {table for door in own_data.doors() for table in (*door.tables, *door.left_out)}
    assert personal() - given == set(), "say in the room's own_data.py how these are given"


def test_every_column_that_names_somebody_is_given_or_counted():
    acts = {
        (t, c) for door in own_data.doors() for t, columns in door.acts.items() for c in columns
    }
    found = {
        (model._meta.db_table, field.column)
        for model in tables()
        for field in model._meta.concrete_fields
        if isinstance(field, models.UUIDField)
        and not field.primary_key
        and not field.is_relation
        and field.name not in NO_PERSON
    }
    assert found - acts == set(), "say in the room's own_data.py which of these name an employee"
    columns = {
        (model._meta.db_table, f.column) for model in tables() for f in model._meta.concrete_fields
    }
    assert acts <= columns


@pytest.fixture
def me(ferry: Package, known: Registers, run_day: None) -> Case:
    """A case of person 1 in which person 2 stands, with a message and a file."""
    case = a_case(ferry, known)
    Message.objects.create(
        id=new_id(),
        case=case,
        sender="municipality",
        receiver="applicant",
        text="Vi mangler kontrakten.",
        sent_at=clock.now(),
    )
    for withheld, name in (("", "kontrakt.pdf"), ("fvl_18a", "internt.pdf")):
        Attachment.objects.create(
            case=case,
            document="contract",
            why="notat",
            withheld=withheld,
            file_id=new_id(),
            filename=name,
            media_type="application/pdf",
            size=10,
            added_by=new_id(),
            role="applicant",
            added_at=clock.now(),
        )
    return case


def made(person: uuid.UUID, language: str = "nb") -> dict[str, Any]:
    with translation.override(language):
        content, pdf = requests.made_for(person, language=language)
    assert pdf.startswith(b"%PDF-")
    found: dict[str, Any] = json.loads(content)
    fits(found)
    return found


def fits(found: dict[str, Any]) -> None:
    """Everything that is made is as the published schema says."""
    told = json.loads(Client().get("/" + requests.SCHEMA).content)
    jsonschema_rs.Draft202012Validator(told, validate_formats=True).validate(found)
    assert found["schema"] == told["$id"]


def records(found: dict[str, Any], key: str) -> list[Any]:
    rows: list[Any] = found["sections"][key]["records"]
    return rows


@pytest.mark.django_db
def test_holds_the_case_with_the_source_of_each_answer(me: Case):
    found = made(me.applicant_id)
    (case,) = records(found, "cases.cases")
    assert case["id"] == str(me.id)
    assert {one["field"] for one in case["answers"]} >= {"home", "trips", "account"}
    assert all(one["source"]["kind"] for one in case["answers"])
    assert case["register_facts"]["person"]["data"]["name"]["full"] == "Kari Prøve1"
    assert [one["text"] for one in case["messages"]] == ["Vi mangler kontrakten."]
    names = {one["name"] for one in case["attachments"]}
    assert names == {"kontrakt.pdf", "Holdt tilbake etter loven"}
    assert "internt.pdf" not in json.dumps(found)
    assert [one["package"] for one in found["services"]] == ["ferry"]
    assert found["services"][0]["retention"]["draft"]
    assert records(found, "identity.person")[0]["national_id"] == a_number(1).value
    assert records(found, "infra.looks")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: found.pop("made_at"),
        lambda found: found.update(language="fr"),
        lambda found: found["sections"]["cases.cases"].update(about="somebody"),
        lambda found: found["sections"]["cases.cases"].pop("records"),
        lambda found: found["services"][0].pop("retention"),
        lambda found: found.update(more=1),
    ],
)
def test_the_published_schema_refuses_another_shape(me: Case, spoil: Any):
    found = made(me.applicant_id)
    spoil(found)
    with pytest.raises(jsonschema_rs.ValidationError):
        fits(found)


@pytest.mark.django_db
def test_the_published_schema_names_every_kind_of_section(me: Case):
    told = own_data_schema.schema()["properties"]["sections"]["properties"]
    assert {key for door in own_data.doors() for key in door.tables.values()} == set(told)
    assert set(told) <= set(made(me.applicant_id)["sections"])


@pytest.mark.django_db
def test_every_section_is_there_in_every_language_with_the_same_keys(me: Case):
    keys = [set(made(me.applicant_id, language)["sections"]) for language in ("nb", "nn", "en")]
    promised = {key for door in own_data.doors() for key in door.tables.values()}
    assert keys[0] == keys[1] == keys[2]
    assert promised <= keys[0]


@pytest.mark.django_db
def test_nothing_of_another_person_comes_with_it(me: Case, ferry: Package, known: Registers):
    a_case(ferry, known, serial=7)
    text = json.dumps(made(me.applicant_id), ensure_ascii=False)
    assert a_number(7).value not in text
    assert "Kari Prøve7" not in text
    assert str(a_person(7)) not in text


@pytest.mark.django_db
@pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig"])
def test_no_place_is_told_of_a_protected_person(
    ferry: Package, known: Registers, run_day: None, grade: str
):
    case = a_case(ferry, known)
    known.know(1, protection=grade)
    found = made(case.applicant_id)
    assert found["address_hidden"]
    text = json.dumps(found)
    for place in ("Storgata", "4306", "Sandnes"):
        assert place not in text


@pytest.mark.django_db
def test_a_register_that_is_down_counts_as_protected(me: Case, known: Registers):
    known.down.add("folkeregisteret.person")
    assert "Storgata" not in json.dumps(made(me.applicant_id))


@pytest.mark.django_db
def test_one_button_makes_one_request_and_it_lies_ready_for_a_week(me: Case):
    citizen = a_citizen(1)
    first, again = requests.ask(citizen), requests.ask(citizen)
    assert first.id == again.id
    assert (first.state, first.answer_by) == ("waiting", clock.today() + dt.timedelta(days=30))
    with pytest.raises(RefusedError, match="not_found"):
        requests.fetch(citizen, request_id=first.id, kind="json")
    assert requests.make(first.id)
    assert not requests.make(first.id)
    (ready,) = requests.requests_of(citizen)
    assert (ready.state, ready.share) == ("ready", 100)
    content = requests.fetch(citizen, request_id=first.id, kind="json")
    assert json.loads(content)["format"] == "samspill-own-data/1"
    assert requests.fetch(citizen, request_id=first.id, kind="pdf").startswith(b"%PDF-")
    assert ready.expires_at is not None
    with clock.frozen(ready.expires_at + dt.timedelta(seconds=1)):
        with pytest.raises(RefusedError, match="not_found"):
            requests.fetch(citizen, request_id=first.id, kind="json")
        assert requests.forget_old() == 1
    assert OwnDataRequest.objects.get(pk=first.id).json is None


@pytest.mark.django_db
def test_nobody_else_comes_to_it_and_each_try_is_in_the_log(me: Case):
    asked = requests.ask(a_citizen(1))
    requests.make(asked.id)
    agent = attrs.evolve(a_citizen(5), on_behalf_of=me.applicant_id)
    for stranger in (a_citizen(5), agent, a_caseworker()):
        with pytest.raises(RefusedError, match=r"not_found|login_needed"):
            requests.fetch(stranger, request_id=asked.id, kind="json")
    assert AccessEntry.objects.filter(outcome="deny", purpose=requests.PURPOSE).count() == 3
    requests.fetch(a_citizen(1), request_id=asked.id, kind="json")
    entry = AccessEntry.objects.filter(purpose=requests.PURPOSE, subject_id=me.applicant_id).latest(
        "id"
    )
    assert (entry.action, entry.outcome, entry.legal_basis) == (
        "export",
        "permit",
        "personvernforordningen artikkel 15",
    )


def at_counter(actor: Actor, serial: int = 1, **changes: Any) -> requests.Request:
    given = {"number": a_number(serial).value, "reason": "Har ikke e-ID", "is_present": True}
    return requests.ask_at_counter(actor, **{**given, **changes})


@pytest.mark.django_db
def test_an_employee_prints_it_at_the_counter_with_a_reason_that_the_person_sees(me: Case):
    worker = a_caseworker()
    asked = at_counter(worker)
    requests.make(asked.id)
    assert requests.fetch(worker, request_id=asked.id, kind="pdf").startswith(b"%PDF-")
    with pytest.raises(RefusedError, match="not_found"):
        requests.fetch(a_caseworker(serial=901), request_id=asked.id, kind="pdf")
    told = AccessEntry.objects.filter(
        subject_id=me.applicant_id, purpose=requests.PURPOSE, actor_id=worker.person_id
    )
    assert [one.action for one in told.order_by("id")] == ["export", "print"]
    assert told.earliest("id").detail == {"reason": "Har ikke e-ID"}


@pytest.mark.django_db
def test_the_counter_answers_of_a_protected_person_as_of_an_unknown_one(me: Case, known: Registers):
    known.know(1, protection="strengtFortrolig")
    told = []
    for serial in (1, 20):
        with pytest.raises(RefusedError) as caught:
            at_counter(a_caseworker(), serial)
        told.append(caught.value.refused)
    assert told[0] == told[1]
    assert told[0].code == "nothing_to_print"
    cleared = attrs.evolve(a_caseworker(), roles=frozenset({"protected_caseworker"}))
    assert at_counter(cleared).state == "waiting"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_present": False}, "not_present"),
        ({"reason": "  "}, "no_reason"),
        ({"reason": "x" * 501}, "no_reason"),
        ({"number": "12345678901"}, "nothing_to_print"),
    ],
)
def test_the_counter_refuses(me: Case, changes: dict[str, Any], code: str):
    with pytest.raises(RefusedError, match=code):
        at_counter(a_caseworker(), **changes)


@pytest.mark.django_db
def test_an_employee_does_not_print_their_own(me: Case):
    own = attrs.evolve(a_caseworker(), person_id=a_person(1))
    with pytest.raises(RefusedError, match="own_matter"):
        at_counter(own)


@pytest.mark.django_db
def test_others_in_the_application_stand_apart_with_their_numbers_cut(
    ferry: Package, known: Registers, run_day: None
):
    from samspill.cases.service.own_answers import masked, row_about

    assert masked([{"national_id": a_number(2).value, "n": {"national_id": None}}]) == [
        {"national_id": a_number(2).value[:6] + "*****", "n": {"national_id": ""}}
    ]
    facts = {
        "income": {
            "data": [{"person": a_number(2).value, "total": 1}, {"person": "applicant", "total": 2}]
        }
    }
    mine = row_about(ferry, {}, facts, a_number(2).value)
    assert [one["total"] for one in mine["facts"]["income"]["data"]] == [1]
    assert a_member(2)["national_id"] == a_number(2).value
