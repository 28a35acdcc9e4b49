"""The assessment of privacy: made from the declaration, answered, approved with four eyes, asked for at the gate."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.packages.domain import privacy_assessment as domain
from samspill.packages.models import PrivacyAssessment
from samspill.packages.service import store
from samspill.packages.tests.builders import a_folder, checked, edited
from samspill.packages.tests.test_service import put

OWNER = "942114184"
CATALOGUE = Path(__file__).parents[2] / "catalogue"


def employee(role: str, org_no: str = OWNER) -> Actor:
    return Actor(kind="employee", person_id=new_id(), org_no=org_no, roles=frozenset({role}))


def full(assessment: packages.AssessmentView, after: int = 2) -> dict[str, Any]:
    """Answers to everything that is asked."""
    risk = {"likelihood": 3, "consequence": 3, "measures": "Logges", "likelihood_after": after, "consequence_after": after}  # fmt: skip
    return {
        "texts": dict.fromkeys(packages.QUESTIONS, "Vurdert."),
        "risks": {one.key: risk for one in assessment.risks},
    }


def prepared(files: dict[str, bytes] | None = None) -> packages.AssessmentView:
    return packages.prepare_assessment(system("test"), package=checked(files or a_folder()))


def submitted(writer: Actor) -> packages.AssessmentView:
    made = prepared()
    packages.write_assessment(writer, assessment_id=made.id, revision=1, answers=full(made))
    return packages.submit_assessment(writer, assessment_id=made.id)


@pytest.fixture
def production(settings: Any) -> None:
    settings.SAMSPILL = {**settings.SAMSPILL, "environment": "production"}


@pytest.mark.django_db
def test_a_draft_is_made_once_for_what_is_declared() -> None:
    first = prepared()
    later = edited(a_folder(), "service.yaml", "version: 0.1.0", "version: 0.1.1")
    assert prepared(later).id == first.id
    assert (first.state, first.number) == ("draft", 1)
    assert {one.key for one in first.lacking} >= {"necessity", "snooping"}


@pytest.mark.django_db
def test_what_is_approved_holds_until_the_declaration_changes() -> None:
    writer, leader = employee("agency_caseworker"), employee("agency_leader")
    made = submitted(writer)
    done = packages.decide_assessment(leader, assessment_id=made.id, approve=True, note="")
    assert (done.state, done.decided_role) == ("approved", "agency_leader")
    assert packages.is_approved(checked(a_folder()))
    changed = edited(a_folder(), "service.yaml", "purpose: ", "purpose: Ny ")
    assert not packages.is_approved(checked(changed))
    again = prepared(changed)
    assert (again.number, again.state, again.changed) == (2, "draft", ("purpose",))
    assert again.answers == done.answers


@pytest.mark.django_db
def test_nobody_approves_what_they_have_written_in() -> None:
    writer, leader, other = employee("agency_caseworker"), employee("agency_leader"), employee("agency_leader")  # fmt: skip
    made = prepared()
    packages.write_assessment(leader, assessment_id=made.id, revision=1, answers={})
    packages.write_assessment(writer, assessment_id=made.id, revision=2, answers=full(made))
    packages.submit_assessment(writer, assessment_id=made.id)
    with pytest.raises(RefusedError, match="four_eyes"):
        packages.decide_assessment(leader, assessment_id=made.id, approve=True, note="")
    with pytest.raises(RefusedError, match="not_owner"):
        packages.decide_assessment(writer, assessment_id=made.id, approve=True, note="")
    with pytest.raises(RefusedError, match="not_owner"):
        packages.decide_assessment(employee("agency_leader", "991825827"), assessment_id=made.id, approve=True, note="")  # fmt: skip
    packages.decide_assessment(other, assessment_id=made.id, approve=True, note="")
    with pytest.raises(RefusedError, match="assessment_closed"):
        packages.decide_assessment(other, assessment_id=made.id, approve=True, note="")


@pytest.mark.django_db
def test_the_database_holds_four_eyes_and_what_is_decided() -> None:
    made = submitted(employee("agency_caseworker"))
    row = PrivacyAssessment.objects.get(pk=made.id)
    with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
        PrivacyAssessment.objects.filter(pk=made.id).update(
            state="approved", decided_by=row.submitted_by, decided_at=row.submitted_at
        )
    packages.decide_assessment(
        employee("agency_leader"), assessment_id=made.id, approve=True, note=""
    )
    for statement in ("UPDATE packages_privacy_assessment SET note = 'x'", "DELETE FROM packages_privacy_assessment"):  # fmt: skip
        with (
            pytest.raises(DatabaseError, match="never"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db
def test_what_lacks_or_stays_high_is_not_sent() -> None:
    writer, made = employee("agency_caseworker"), prepared()
    with pytest.raises(RefusedError, match="assessment_lacks"):
        packages.submit_assessment(writer, assessment_id=made.id)
    high = packages.write_assessment(writer, assessment_id=made.id, revision=1, answers=full(made, after=3))  # fmt: skip
    assert {one.what for one in high.lacking} == {"high_risk"}
    with pytest.raises(RefusedError, match="assessment_lacks"):
        packages.submit_assessment(writer, assessment_id=made.id)


@pytest.mark.django_db
def test_two_who_write_at_once_are_told() -> None:
    made = prepared()
    packages.write_assessment(
        employee("agency_leader"), assessment_id=made.id, revision=1, answers={}
    )
    with pytest.raises(RefusedError, match="changed_since"):
        packages.write_assessment(employee("agency_leader"), assessment_id=made.id, revision=1, answers={})  # fmt: skip


@pytest.mark.django_db
def test_what_is_sent_back_says_why_and_goes_on_as_a_new_draft() -> None:
    writer, leader = employee("agency_caseworker"), employee("agency_leader")
    made = submitted(writer)
    with pytest.raises(RefusedError, match="no_reason"):
        packages.decide_assessment(leader, assessment_id=made.id, approve=False, note=" ")
    packages.decide_assessment(leader, assessment_id=made.id, approve=False, note="Spør brukerne.")
    newest, returned = packages.assessments("trial")
    assert (newest.state, newest.number, newest.answers) == ("draft", 2, returned.answers)
    assert (returned.state, returned.note) == ("returned", "Spør brukerne.")


@pytest.mark.django_db
@pytest.mark.usefixtures("production")
def test_production_publishes_nothing_without_approval_and_says_where(tmp_path: Path) -> None:
    store._loaded.cache_clear()
    folder = put(tmp_path, a_folder())
    with pytest.raises(RefusedError, match="assessment_not_approved") as caught:
        packages.publish(folder, actor=system("publish"))
    told = caught.value.refused.as_error()
    assert (
        told["where"] == "/arbeid/personvern/"
    )  # a service never published has no page of its own
    assert "not approved" in told["message"]
    writer, (made,) = employee("agency_caseworker"), packages.assessments("trial")
    packages.write_assessment(writer, assessment_id=made.id, revision=1, answers=full(made))
    packages.submit_assessment(writer, assessment_id=made.id)
    packages.decide_assessment(
        employee("agency_leader"), assessment_id=made.id, approve=True, note=""
    )
    assert packages.publish(folder, actor=system("publish")).is_new
    asks_more = edited(a_folder(), "service.yaml", "Behandle søknad", "Noe som ikke er vurdert")
    with pytest.raises(RefusedError, match="assessment_not_approved") as caught:
        packages.publish(put(tmp_path, asks_more, "2.0.0"), actor=system("publish"))
    assert caught.value.refused.where == "/personvern/trial/vurdering/"


@pytest.mark.django_db
def test_what_is_shipped_is_answered_whole_and_is_a_draft() -> None:
    folder = CATALOGUE / "bostotte"
    package = packages.check(folder).package
    assert package is not None
    made = packages.prepare_assessment(system("test"), package=package, folder=folder)
    assert made.state == "draft"
    assert made.lacking == ()
    assert {one.key for one in made.risks} == set(made.answers.risks)
    assert made.answers.texts["dpo_advice"].startswith("UTKAST")


@given(
    part=st.sampled_from(["purpose", "items", "sources", "recipients", "retention", "automatic"]),
)
def test_every_part_of_the_declaration_counts(part: str) -> None:
    basis = domain.basis_of(checked(a_folder()))
    other = copy.deepcopy(basis)
    other[part] = "something else"
    assert sha256_of(other) != sha256_of(basis)
    assert domain.changed_parts(basis, other) == (part,)


@pytest.mark.parametrize(
    "given_",
    [
        {"texts": {"unknown": "x"}},
        {"texts": {"necessity": 3}},
        {"texts": {"necessity": "x" * 5001}},
        {"risks": {"wrong": {"likelihood": 5}}},
        {"risks": {"wrong": {"surprise": 1}}},
        {"risks": {"wrong": "high"}},
        {"risks": []},
    ],
)
def test_answers_of_another_shape_are_refused_with_the_place(given_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"texts|risks"):
        domain.read_answers(given_)
