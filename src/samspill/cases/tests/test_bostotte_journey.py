"""The real package through the same door: every ordinary example of bostøtte can be written and sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import samspill.catalogue.bostotte
from samspill.cases import service as cases
from samspill.cases.models import Application, Case, TermEntry
from samspill.cases.tests.builders import Registers, a_citizen, a_number
from samspill.infra import clock
from samspill.kernel.actor import system
from samspill.packages import service as packages

pytestmark = pytest.mark.django_db
FOLDER = Path(next(iter(samspill.catalogue.bostotte.__path__)))
NOW = dt.date(2026, 8, 10)


@pytest.fixture
def bostotte(db: None) -> packages.Package:
    packages.publish(FOLDER, actor=system("test"))
    return packages.published("bostotte", on=NOW)


TENANT = {
    "bor_i_boligen": True,
    "flere_bor_her": False,
    "forstegangstjeneste": False,
    "studerer": False,
    "boligtype": "leilighet",
    "bofellesskap": False,
    "boforhold": "leie_privat",
    "egen_inngang": True,
    "eget_bad": True,
    "eget_kjokken": True,
    "utleier_navn": "Utleier AS",
    "utleier_familie": False,
    "husleie_mnd": 8200,
    "husleie_fra": "2024-01-01",
    "skriftlig_avtale": True,
    "oppvarming": "helt",
    "soker_tilpasset": False,
    "inntekt_stemmer": True,
    "refusjon_etterbetaling": False,
    "kapitalinntekt_aar": 0,
    "naeringsinntekt_aar": 0,
    "utenlandsinntekt_aar": 0,
    "skattefri_leieinntekt_mnd": 0,
    "utenlandsk_pensjon": False,
    "formue_utilgjengelig": False,
    "nettoformue": 0,
    "har_konto": False,
    "malform": "nb",
    "brev_pa_papir": False,
    "hvem_soker": "selv",
    "transport": False,
}


def know_everything(known: Registers) -> None:
    number = a_number(1).value
    known.replies["matrikkelen.dwelling"] = {
        number: {
            "address_id": "77",
            "unit_no": "H0101",
            "building_type": "143",
            "approved": True,
            "holiday_home": False,
            "institution": False,
        }
    }
    known.replies["lanekassen.student"] = {number: {"student": False}}
    known.replies["nav.benefits"] = {
        number: {"young_disabled": False, "student_exempting": False, "benefits": []}
    }
    known.replies["skatteetaten.income"] = {
        number: {"month": "2026-07", "total": 11000, "items": []}
    }
    known.replies["skatteetaten.tax_settlement"] = {number: {"year": 2025, "net_wealth": 0}}


def walk(actor, view):
    """Open every page that is shown, as a browser does, so that its registers are asked."""
    for page in [p.key for p in view.evaluation.pages if p.visible]:
        view = cases.show_page(actor, draft_id=view.id, page=page)
    return view


def test_a_tenant_applies_and_is_told_an_amount_before_sending(known, bostotte) -> None:
    know_everything(known)
    with clock.frozen(NOW):
        me = a_citizen()
        view = walk(me, cases.start_draft(me, package_id="bostotte"))
        saved = cases.save_fields(me, draft_id=view.id, revision=view.revision, values=TENANT)
        assert isinstance(saved, cases.DraftView)
        view = walk(me, saved)
        result = cases.check(me, draft_id=view.id)
        assert [item.id for item in result.missing if item.blocks] == []
        assert result.errors == ()
        assert result.indication.amount > 0
        assert result.indication.explanation.steps
        declared = tuple(bostotte.form.declaration)
        receipt = cases.submit(me, draft_id=view.id, idempotency_key="k", declared=declared)
        assert isinstance(receipt, cases.Receipt), receipt
    case = Case.objects.get()
    assert (case.state, case.municipality_no_at_submission, case.unit != "protected") == (
        "submitted",
        "1108",
        True,
    )
    assert TermEntry.objects.get().term == dt.date(2026, 8, 1)
    assert Application.objects.get().answers["husleie_mnd"] == 8200
    assert case.tasks.filter(key="kontroll").exists()


def test_unanswered_is_listed_and_the_amount_is_an_interval_or_open(known, bostotte) -> None:
    know_everything(known)
    with clock.frozen(NOW):
        me = a_citizen()
        view = walk(me, cases.start_draft(me, package_id="bostotte"))
        result = cases.check(me, draft_id=view.id)
    assert not result.may_submit
    assert "boforhold" in {item.id for item in result.missing}
    assert result.indication.amount is None
    assert result.indication.unanswered


@pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig"])
def test_a_protected_person_can_send_without_a_place(known, bostotte, grade) -> None:
    know_everything(known)
    known.know(1, protection=grade)
    with clock.frozen(NOW):
        me = a_citizen()
        view = walk(me, cases.start_draft(me, package_id="bostotte"))
        saved = cases.save_fields(me, draft_id=view.id, revision=view.revision, values=TENANT)
        view = walk(me, saved)
        receipt = cases.submit(
            me, draft_id=view.id, idempotency_key="k", declared=tuple(bostotte.form.declaration)
        )
        assert isinstance(receipt, cases.Receipt), [m.id for m in receipt.missing]
    case = Case.objects.get()
    assert (case.municipality_id, case.unit, case.protected) == (None, "protected", True)
