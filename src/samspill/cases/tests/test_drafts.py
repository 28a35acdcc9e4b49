"""Writing an application: begin, prefill, save, two tabs, protected people, registers that are down."""

# ruff: noqa: ARG002 - a fixture that prepares the registers is asked for by its name
from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection

from samspill.cases import service as cases
from samspill.cases.models import Draft
from samspill.cases.service import retention
from samspill.cases.tests.builders import ANSWERS, STAVANGER, a_citizen, a_member, a_number
from samspill.infra import clock
from samspill.infra import events as event_log
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allotment")]
NOW = dt.date(2026, 8, 10)


@pytest.fixture(autouse=True)
def _today():
    with clock.frozen(NOW):
        yield


def refused(call, *args, **kwargs) -> str:
    with pytest.raises(RefusedError) as caught:
        call(*args, **kwargs)
    return caught.value.refused.code


def log(outcome: str = "permit") -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM infra_access_entry WHERE outcome = %s", [outcome])
        return cursor.fetchone()[0]


def written(purpose: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM infra_access_entry WHERE purpose = %s", [purpose])
        return cursor.fetchone()[0]


def story(draft_id) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM infra_event WHERE key = %s ORDER BY id", [draft_id])
        return [row[0] for row in cursor.fetchall()]


class TestStart:
    def test_is_prefilled_with_source_and_pinned(self, known) -> None:
        known.know(1, members=(a_member(2),))
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert view.answers["home"]["street"] == "Storgata 1"
        assert view.answers["members"][0]["name"] == "Per Prøve2"
        assert {(o.name, o.status) for o in view.lookups} == {
            ("person", "found"),
            ("household", "found"),
        }
        assert all(o.source and o.fetched_at for o in view.lookups)
        assert view.package.version == "1.0.0"
        assert str(view.term) == "2026-08"
        assert story(view.id) == ["DraftStarted"]

    def test_starting_again_goes_on_with_the_same_draft(self, known) -> None:
        first = cases.start_draft(a_citizen(), package_id="allotment")
        again = cases.start_draft(a_citizen(), package_id="allotment")
        assert again.id == first.id

    def test_refuses_a_weak_login_and_an_employee(self, known) -> None:
        assert (
            refused(cases.start_draft, a_citizen(level="none"), package_id="allotment")
            == "login_too_weak"
        )
        assert (
            refused(cases.start_draft, a_citizen(kind="employee"), package_id="allotment")
            == "login_needed"
        )
        assert not Draft.objects.exists()

    def test_after_the_deadline_it_counts_for_the_next_month(self, known) -> None:
        with clock.frozen(dt.date(2026, 8, 26)):
            view = cases.start_draft(a_citizen(), package_id="allotment")
        assert (str(view.term), view.situation_on) == ("2026-09", dt.date(2026, 9, 1))

    def test_a_register_that_is_down_is_told_and_the_citizen_answers(self, known) -> None:
        known.down = {"folkeregisteret.household"}
        view = cases.start_draft(a_citizen(), package_id="allotment")
        outcome = next(o for o in view.lookups if o.name == "household")
        assert (outcome.status, outcome.on_failure, outcome.text_key) == (
            "unavailable",
            "ask",
            "register.household.down",
        )
        known.down = set()
        reopened = cases.open_draft(a_citizen(), draft_id=view.id)
        assert next(o for o in reopened.lookups if o.name == "household").status == "found"


class TestSave:
    def test_saves_and_resumes_on_the_same_field(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        saved = cases.save_fields(
            a_citizen(),
            draft_id=view.id,
            revision=view.revision,
            values={"has_shed": True},
            position={"page": "home", "field": "shed_size"},
        )
        assert isinstance(saved, cases.DraftView)
        opened = cases.open_draft(a_citizen(session_id="another day"), draft_id=view.id)
        assert opened.answers["has_shed"] is True
        assert opened.position == {"page": "home", "field": "shed_size"}
        assert story(view.id) == ["DraftStarted", "DraftSaved"]

    def test_two_tabs_on_different_fields_merge(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        for values in ({"has_shed": True}, {"fee": 300}):
            saved = cases.save_fields(
                a_citizen(), draft_id=view.id, revision=view.revision, values=values
            )
            assert isinstance(saved, cases.DraftView)
        assert (saved.answers["has_shed"], saved.answers["fee"]) == (True, 300)

    def test_two_tabs_on_the_same_field_get_both_values_to_choose_from(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        cases.save_fields(
            a_citizen(), draft_id=view.id, revision=view.revision, values={"fee": 300}
        )
        clash = cases.save_fields(
            a_citizen(),
            draft_id=view.id,
            revision=view.revision,
            values={"fee": 400, "note": "hei"},
        )
        assert isinstance(clash, cases.Conflict)
        assert clash.fields == {"fee": cases.Both(saved=300, offered=400)}
        assert clash.draft.answers["note"] == "hei"
        chosen = cases.save_fields(
            a_citizen(), draft_id=view.id, revision=clash.draft.revision, values={"fee": 400}
        )
        assert isinstance(chosen, cases.DraftView)

    def test_refuses_what_is_not_the_applicants_to_write(self, known) -> None:
        known.know(1, members=(a_member(2),))
        view = cases.start_draft(a_citizen(), package_id="allotment")

        def save(**values):
            return cases.save_fields(
                a_citizen(), draft_id=view.id, revision=view.revision, values=values
            )

        assert refused(save, soil="clay") == "not_yours_to_answer"
        assert refused(save, unknown=1) == "unknown_field"
        assert refused(save, **{"a[": 1}) == "unknown_field"
        assert refused(save, home={"street": "Elsewhere"}) == "register_holds"
        assert refused(save, members=[]) == "reason_needed"
        assert refused(save, note="x" * 300_000) == "too_large"

    def test_what_a_register_said_is_changed_with_a_reason(self, known) -> None:
        known.know(1, members=(a_member(2),))
        view = cases.start_draft(a_citizen(), package_id="allotment")
        saved = cases.save_fields(
            a_citizen(),
            draft_id=view.id,
            revision=view.revision,
            values={"members": []},
            reasons={"members": "moved out in July"},
        )
        assert saved.answers["members"] == []
        assert saved.reasons == {"members": "moved out in July"}
        assert cases.open_draft(a_citizen(), draft_id=view.id).answers["members"] == []

    def test_a_row_can_be_added_to_what_a_register_said(self, known) -> None:
        known.know(1, members=(a_member(2),))
        view = cases.start_draft(a_citizen(), package_id="allotment")
        saved = cases.save_fields(
            a_citizen(), draft_id=view.id, revision=view.revision, values={"members[1].name": "Ola"}
        )
        assert [row["name"] for row in saved.answers["members"]] == ["Per Prøve2", "Ola"]

    def test_anothers_draft_looks_like_none_and_the_try_is_logged(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        known.know(9)
        assert refused(cases.open_draft, a_citizen(9), draft_id=view.id) == "not_found"
        assert log("deny") == 1

    def test_a_revision_from_nowhere_is_refused(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        code = refused(
            cases.save_fields, a_citizen(), draft_id=view.id, revision=99, values={"fee": 1}
        )
        assert code == "unknown_revision"


class TestCheck:
    def test_tells_what_is_missing_why_and_who_owes_it(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        result = cases.check(a_citizen(), draft_id=view.id)
        assert not result.may_submit
        owed = {item.id: (item.who, item.why) for item in result.missing}
        assert owed["fee"] == ("applicant", "Fordi støtten er halvparten av avgiften")
        assert "shed_size" not in owed
        assert story(view.id)[-1] == "MissingTold"

    def test_a_document_that_may_come_later_has_a_date(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        cases.save_fields(
            a_citizen(), draft_id=view.id, revision=view.revision, values={**ANSWERS, "fee": 600}
        )
        result = cases.check(a_citizen(), draft_id=view.id)
        assert result.may_submit
        assert [(m.id, m.until) for m in result.missing] == [("invoice", dt.date(2026, 8, 31))]

    def test_gives_an_amount_with_its_calculation_when_all_is_known(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        before = cases.check(a_citizen(), draft_id=view.id).indication
        assert before.amount is None
        assert before.unanswered == ("fee_month",)
        cases.save_fields(a_citizen(), draft_id=view.id, revision=view.revision, values=ANSWERS)
        after = cases.check(a_citizen(), draft_id=view.id).indication
        assert (after.code, after.amount) == ("yes", 200)
        assert [step.name for step in after.explanation.steps] == ["support", "code"]

    def test_waits_for_a_register_that_the_service_needs(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        known.down = {"krr.contact"}
        cases.show_page(a_citizen(), draft_id=view.id, page="costs")
        cases.save_fields(a_citizen(), draft_id=view.id, revision=view.revision, values=ANSWERS)
        result = cases.check(a_citizen(), draft_id=view.id)
        assert [o.name for o in result.waiting_for_registers] == ["contact"]
        assert not result.may_submit
        known.down = set()
        cases.open_draft(a_citizen(), draft_id=view.id)
        assert cases.check(a_citizen(), draft_id=view.id).may_submit


def everything_stored(draft_id) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT d::text FROM cases_draft d WHERE id = %s", [draft_id])
        return cursor.fetchone()[0]


class TestProtectedAddress:
    @pytest.mark.parametrize("grade", ["fortrolig", "strengtFortrolig"])
    def test_no_place_is_kept_shown_or_asked_for(self, known, grade) -> None:
        known.know(1, protection=grade)
        view = cases.start_draft(a_citizen(), package_id="allotment")
        cases.show_page(a_citizen(), draft_id=view.id, page="costs")
        view = cases.open_draft(a_citizen(), draft_id=view.id)
        assert view.address_hidden
        assert {"home", "phone"} <= view.hidden_fields
        assert view.municipality_id is None
        stored = everything_stored(view.id)
        for place in ("Storgata", "4306", "+4790000000"):
            assert place not in stored
        assert "home" not in {m.id for m in cases.check(a_citizen(), draft_id=view.id).missing}
        code = refused(
            cases.save_fields,
            a_citizen(),
            draft_id=view.id,
            revision=view.revision,
            values={"home": {"street": "Hemmelig 1"}},
        )
        assert code == "address_protected"

    def test_a_child_with_protection_protects_the_case(self, known) -> None:
        known.know(1, members=(a_member(2, protection="strengtFortrolig"),))
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert view.address_hidden
        assert "Storgata" not in everything_stored(view.id)

    def test_a_member_added_by_hand_is_graded_too(self, known) -> None:
        known.know(3, protection="strengtFortrolig")
        view = cases.start_draft(a_citizen(), package_id="allotment")
        cases.save_fields(
            a_citizen(),
            draft_id=view.id,
            revision=view.revision,
            values={"members": [{"national_id": a_number(3).value, "name": "B"}]},
        )
        opened = cases.open_draft(a_citizen(session_id="new login"), draft_id=view.id)
        assert opened.address_hidden
        assert "Storgata" not in everything_stored(view.id)

    def test_an_unknown_grade_hides_and_keeps_nothing_new(self, known) -> None:
        known.down = {"folkeregisteret.person"}
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert view.address_hidden
        assert "Storgata" not in everything_stored(view.id)
        known.down = set()
        opened = cases.open_draft(a_citizen(), draft_id=view.id)
        assert not opened.address_hidden
        assert opened.answers["home"]["street"] == "Storgata 1"

    def test_a_bad_hour_of_the_register_destroys_no_draft(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        known.down = {"folkeregisteret.person"}
        hidden = cases.open_draft(a_citizen(session_id="new login"), draft_id=view.id)
        assert hidden.address_hidden
        assert "home" not in hidden.answers
        known.down = set()
        shown = cases.open_draft(a_citizen(session_id="third login"), draft_id=view.id)
        assert shown.answers["home"]["street"] == "Storgata 1"

    def test_a_grade_that_arrives_takes_away_what_was_kept(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert "Storgata" in everything_stored(view.id)
        known.know(1, protection="strengtFortrolig")
        cases.open_draft(a_citizen(session_id="new login"), draft_id=view.id)
        assert "Storgata" not in everything_stored(view.id)

    def test_the_municipality_follows_the_address(self, known) -> None:
        known.know(1, municipality_no=STAVANGER)
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert view.municipality_id is not None


class TestRetention:
    def test_notice_once_then_deleted_with_count_and_hash(self, known) -> None:
        from samspill.cases.models import Deletion

        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert view.expires_at.date() == dt.date(2026, 9, 9)
        with clock.frozen(dt.date(2026, 9, 4)):
            assert len(cases.notify_expiring(system("t"))) == 1
            assert cases.notify_expiring(system("t")) == []
            assert cases.delete_expired(system("t")) == 0
        with clock.frozen(dt.date(2026, 9, 10)):
            assert cases.delete_expired(system("t")) == 1
            assert cases.delete_expired(system("t")) == 0
        row = Deletion.objects.get()
        assert (row.kind, row.package_id, row.count, len(row.sha256)) == (
            "draft",
            "allotment",
            1,
            64,
        )
        assert not Draft.objects.exists()
        assert story(view.id) == ["DraftStarted", "DraftExpiring", "DraftExpired"]

    def test_the_owner_is_told_on_my_page_until_the_next_visit(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        assert not cases.my_cases(a_citizen()).drafts[0].told
        with clock.frozen(dt.date(2026, 9, 4)):
            cases.notify_expiring(system("t"))
            event = next(e for e in event_log.story(view.id) if e.type == "DraftExpiring")
            retention.tell(event)
            retention.tell(event)
            assert cases.my_cases(a_citizen()).drafts[0].told
            assert written("tell of a deletion to come") == 1
            cases.open_draft(a_citizen(), draft_id=view.id)
            assert not cases.my_cases(a_citizen()).drafts[0].told
            retention.tell(event)
            assert not cases.my_cases(a_citizen()).drafts[0].told

    def test_nothing_is_deleted_that_nobody_was_told_of(self, known) -> None:
        cases.start_draft(a_citizen(), package_id="allotment")
        with clock.frozen(dt.date(2026, 10, 1)):
            assert cases.delete_expired(system("t")) == 0
            assert len(cases.notify_expiring(system("t"))) == 1
            assert cases.delete_expired(system("t")) == 0
        with clock.frozen(dt.date(2026, 10, 8)):
            assert cases.delete_expired(system("t")) == 1

    def test_a_deletion_is_proved_in_the_access_log(self, known) -> None:
        cases.start_draft(a_citizen(), package_id="allotment")
        with clock.frozen(dt.date(2026, 9, 4)):
            cases.notify_expiring(system("t"))
        with clock.frozen(dt.date(2026, 9, 11)):
            cases.delete_expired(system("t"))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT detail::text FROM infra_access_entry "
                "WHERE purpose = 'delete unsent applications'"
            )
            [(detail,)] = cursor.fetchall()
        assert json.loads(detail)["count"] == 1
        assert len(json.loads(detail)["sha256"]) == 64

    def test_a_visit_gives_a_new_lifetime(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        with clock.frozen(dt.date(2026, 9, 5)):
            opened = cases.open_draft(a_citizen(), draft_id=view.id)
        assert opened.expires_at.date() == dt.date(2026, 10, 5)

    def test_ones_own_draft_can_be_deleted(self, known) -> None:
        view = cases.start_draft(a_citizen(), package_id="allotment")
        cases.discard_draft(a_citizen(), draft_id=view.id)
        assert not Draft.objects.exists()
        assert refused(cases.open_draft, a_citizen(), draft_id=view.id) == "not_found"
