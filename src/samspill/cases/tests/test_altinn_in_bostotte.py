"""Somebody with a right in Altinn acts for another in bostøtte: over HTTP, against the stand-ins of all registers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from samspill.cases import service as cases
from samspill.cases.models import Case
from samspill.cases.tests.test_bostotte_journey import TENANT, bostotte, walk
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service as mandates
from samspill.mandates.service import sources
from samspill.packages import service as packages
from samspill.registers import health
from samspill.registers.tests.conftest import key_file, running, sandbox
from samspill.sandbox import altinn as stand_in
from samspill.sandbox.testing import Running

pytestmark = pytest.mark.django_db
__all__ = ["bostotte", "key_file", "running", "sandbox"]
AT = dt.datetime(2026, 8, 10, 10, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(minutes=2)
CONTRACT = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def the(sandbox: Running, case: str) -> tuple[Actor, str, str]:
    """Give the applicant of a named case as a citizen, with number and surname."""
    found = sandbox.population.applicant(case)
    number = NationalId.parse(found.national_id, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    actor = Actor(
        kind="citizen", person_id=identity.person_for(number), level="substantial", name=found.name,
        session_id=case, request_id="r", language="nb",
    )  # fmt: skip
    return actor, found.national_id, found.name.split()[-1]


def act_for(helper: Actor, number: str, family: str) -> Actor:
    found = mandates.find(helper, number=number, family=family)
    assert found.source == "altinn"
    chosen = mandates.choose(helper, mandate_id=found.mandate_id, scope="husbanken:bostoette")
    return attrs.evolve(helper, on_behalf_of=chosen.person_id)


def filled_in(actor: Actor) -> cases.DraftView:
    view = walk(actor, cases.start_draft(actor, package_id="bostotte"))
    saved = cases.save_fields(
        actor, draft_id=view.id, revision=view.revision, values=TENANT,
        reasons=dict.fromkeys(TENANT, "Slik er det."),
    )  # fmt: skip
    assert isinstance(saved, cases.DraftView)
    view = walk(actor, saved)
    for document in view.evaluation.documents:
        if document.demanded and not document.delivered and document.owed_by == "applicant":
            cases.attach(
                actor, draft_id=view.id, document=document.id, filename="avtale.pdf", content=CONTRACT
            )  # fmt: skip
    return view


def send(actor: Actor, view: cases.DraftView, package: packages.Package) -> Any:
    declared = tuple(package.form.declaration)
    return cases.submit(actor, draft_id=view.id, idempotency_key="k", declared=declared)


def test_a_right_in_altinn_carries_an_application_and_both_names_stand_in_it(
    sandbox: Running, bostotte: packages.Package
) -> None:
    helper, _, _ = the(sandbox, "self_employed")
    tenant, number, family = the(sandbox, "tenant_with_wealth")
    with clock.frozen(AT):
        acting = act_for(helper, number, family)
        receipt = send(acting, filled_in(acting), bostotte)
    assert isinstance(receipt, cases.Receipt), receipt
    case = Case.objects.get()
    assert (case.applicant_id, case.submitted_by_id) == (tenant.person_id, helper.person_id)
    uses = mandates.uses_of(tenant)
    assert [(one.about_id, one.by) for one in uses if one.about_id] == [(case.id, helper.name)]
    looked = AccessEntry.objects.filter(
        subject_id=tenant.person_id, detail__register="altinn.rights"
    )
    assert looked.exists(), "the one it is about sees that Altinn was asked"


def test_a_right_that_is_taken_back_in_altinn_stops_the_sending(
    sandbox: Running, bostotte: packages.Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper, _, _ = the(sandbox, "self_employed")
    _, number, family = the(sandbox, "tenant_with_wealth")
    with clock.frozen(AT):
        acting = act_for(helper, number, family)
        view = filled_in(acting)
    monkeypatch.setattr(stand_in, "RIGHTS", ())
    with clock.frozen(LATER), pytest.raises(RefusedError) as refused:
        send(acting, view, bostotte)
    assert refused.value.refused.status == 403
    assert Case.objects.count() == 0


def test_when_altinn_is_down_nobody_new_comes_in_and_everybody_can_see_it(
    sandbox: Running,
) -> None:
    health.forget()
    helper, _, _ = the(sandbox, "self_employed")
    _, number, family = the(sandbox, "tenant_with_wealth")
    sandbox.switches.set("altinn", "down")
    with pytest.raises(RefusedError) as refused:
        mandates.find(helper, number=number, family=family)
    assert "municipality" in refused.value.refused.remedy
    told = next(one for one in sources.states() if one.code == "altinn")
    assert told.connected
    assert told.health is not None
    assert told.health.kind == "unavailable"
    health.forget()
