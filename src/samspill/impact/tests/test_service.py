"""The service on PostgreSQL: allowed, refused, repeated, concurrent; what must never change."""

import datetime as dt
import functools
import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import translation

from samspill.impact import service
from samspill.impact.domain import checklist
from samspill.impact.service import meeting
from samspill.impact.tests.builders import (
    KS,
    LINES,
    OWNER,
    SECRETARIAT,
    a_lead,
    a_municipality,
    an_initiative,
    described,
    frozen,
    somebody,
)  # fmt: skip
from samspill.infra import events as log
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service as portfolio

pytestmark = pytest.mark.django_db


def refusal(call, *args, **kwargs):
    with pytest.raises(RefusedError) as raised:
        call(*args, **kwargs)
    return raised.value.refused


# ── lines and checklist ──────────────────────────────────────────────────────────────────────


def test_lines_are_saved_as_takes_and_the_same_lines_are_no_new_take():
    view = an_initiative()
    first = service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    again = service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=1)
    second = service.save_lines(OWNER, initiative_id=view.id, lines=LINES[:2], take=1)
    assert (first.take, again.take, second.take) == (1, 1, 2)
    assert len(service.lines_of(view.id, actor=OWNER).lines) == 2


def test_lines_that_cannot_be_read_are_refused_with_their_place():
    view = an_initiative()
    bad = [*LINES, {"key": "x", "quantity": -1}]
    found = refusal(service.save_lines, OWNER, initiative_id=view.id, lines=bad, take=0)
    assert (found.code, found.where) == ("negative_quantity", "initiatives[0].lines[3].quantity")
    assert service.lines_of(view.id, actor=OWNER).take == 0


def test_another_agency_and_another_role_save_nothing():
    view = an_initiative()
    portfolio.publish(OWNER, initiative_id=view.id)
    for actor in (somebody("initiative_owner", "974760673"), KS, a_lead()):
        assert (
            refusal(service.save_lines, actor, initiative_id=view.id, lines=LINES, take=0).status
            == 403
        )


def test_a_working_paper_is_not_there_for_others():
    view = an_initiative()
    assert refusal(service.lines_of, view.id, actor=a_lead()).status == 404
    assert refusal(service.lines_of, view.id).status == 404


@pytest.mark.django_db(transaction=True)
def test_two_who_save_at_once_do_not_overwrite_each_other():
    view = an_initiative()
    service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    outcomes = []

    def save(quantity):
        try:
            lines = [{**LINES[0], "quantity": quantity}]
            outcomes.append(
                service.save_lines(OWNER, initiative_id=view.id, lines=lines, take=1).take
            )
        except RefusedError as error:
            outcomes.append(error.refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["2", "conflict"]


def test_the_checklist_is_asked_in_full_and_none_needs_a_reason():
    view = an_initiative()
    assert len(service.open_questions(view.id, actor=OWNER)) == len(checklist.QUESTIONS)
    bad = {"archive": {"answer": "none", "why": " "}}
    assert (
        refusal(service.answer_checklist, OWNER, initiative_id=view.id, given=bad).code
        == "reason_needed"
    )
    service.answer_checklist(
        OWNER, initiative_id=view.id, given={"archive": {"answer": "none", "why": "Ingen."}}
    )
    service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    answers = {one.question.key: one.answer for one in service.answers(view.id, actor=OWNER)}
    assert (answers["archive"], answers["adapter"], answers["licence"]) == (
        "none",
        "line",
        "unknown",
    )


# ── assessment ───────────────────────────────────────────────────────────────────────────────


def test_an_assessment_without_lines_or_answers_is_refused():
    view = an_initiative()
    assert refusal(service.assess, OWNER, initiative_id=view.id).code == "no_lines"
    service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    assert refusal(service.assess, OWNER, initiative_id=view.id).code == "checklist_open"


def test_the_same_lines_and_seed_give_the_same_hash():
    view = described()
    first, second = (service.assess(OWNER, initiative_id=view.id, draws=128) for _ in range(2))
    assert first.sha256 == second.sha256
    assert service.assess(OWNER, initiative_id=view.id, draws=128, seed=2).sha256 != first.sha256
    assert (first.number, second.number) == (1, 2)
    assert len(first.figures["by_municipality"]) == 357


def test_the_register_gets_what_its_guards_ask_for():
    view = described()
    made = service.assess(OWNER, initiative_id=view.id, draws=128)
    body = portfolio.evidence(view.id, "assessment", actor=OWNER).body
    assert body["assessment_id"] == str(made.id)
    assert (body["lines"], body["lines_incomplete"], body["municipalities"]) == (3, [], 357)
    assert body["assumption_set"] == made.assumption_set
    from samspill.portfolio.domain.entering import read_figures

    figures = read_figures(body["candidate"])
    assert min(figures.value) == 2027
    assert len(figures.plan["municipal"]) == 10


def test_a_line_without_driver_grade_or_uncertainty_is_named():
    view = an_initiative()
    saved = service.save_lines(
        OWNER, initiative_id=view.id, lines=[{"key": "a", "quantity": 1}], take=0
    )
    assert service.incomplete(saved) == [{"name": "a", "lacks": ["driver", "grade", "uncertainty"]}]


def test_the_way_is_draft_consulted_position_frozen_and_the_first_frozen_is_the_baseline():
    view, first = frozen()
    assert first.state == "frozen"
    assert service.baseline(view.id, actor=OWNER).id == first.id
    second = service.assess(OWNER, initiative_id=view.id, draws=128, seed=9)
    assert refusal(service.freeze, OWNER, assessment_id=second.id).code == "wrong_state"
    service.consult(OWNER, assessment_id=second.id)
    assert (
        refusal(service.take_position, KS, assessment_id=second.id, position="dissent").code
        == "reason_needed"
    )
    assert (
        refusal(service.take_position, OWNER, assessment_id=second.id, position="agreed").code
        == "role_needed"
    )
    service.take_position(KS, assessment_id=second.id, position="dissent", remark="For lavt.")
    service.freeze(OWNER, assessment_id=second.id)
    assert service.baseline(view.id, actor=OWNER).id == first.id
    told = [event.type for event in log.story(view.id)]
    assert told.count("AssessmentFrozen") == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE impact_assessment SET state = 'draft'",
        "UPDATE impact_assessment SET figures = '{}'",
        "UPDATE impact_assessment SET worths = '{}'",
        "DELETE FROM impact_assessment",
        "UPDATE impact_baseline SET at = now()",
        "UPDATE impact_lineset SET lines = '[]'",
        "UPDATE impact_assumptionversion SET body = '{}'",
        "DELETE FROM impact_assumptionversion",
    ],
)
def test_what_was_calculated_is_never_changed_by_hand(change):
    frozen()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_set_that_was_edited_after_its_first_use_is_refused(monkeypatch):
    from samspill.impact import shipped

    view = described()
    version = service.assess(OWNER, initiative_id=view.id, draws=64).assumption_set
    edited = {**shipped.bodies(), version: {**shipped.bodies()[version], "price_year": 1999}}
    monkeypatch.setattr(shipped, "bodies", lambda: edited)
    assert (
        refusal(service.assess, OWNER, initiative_id=view.id, draws=64).code
        == "assumptions_changed"
    )


def test_an_expired_set_is_refused(monkeypatch):
    import datetime as dt

    from samspill.infra import clock

    view = described()
    with clock.frozen(dt.datetime(2031, 1, 1, 12, tzinfo=dt.UTC)):
        assert refusal(service.assess, OWNER, initiative_id=view.id).code == "assumptions_expired"


# ── a municipality ───────────────────────────────────────────────────────────────────────────


def test_a_municipality_corrects_its_own_drivers_and_nobody_elses():
    place, lead = a_municipality(), a_lead()
    service.correct_driver(
        lead, municipality_id=place.id, key="employees", value=5800, source="Lønnssystemet"
    )
    service.correct_driver(
        lead, municipality_id=place.id, key="employees", value=6000, source="Lønnssystemet"
    )
    assert service.current(place.id)["employees"].value == 6000
    assert [one.value for one in service.history(place.id)] == [6000, 5800]
    assert next(f for f in service.facts() if f.number == "1108").employees == 6000
    other = a_municipality("1103")
    found = refusal(
        service.correct_driver, lead, municipality_id=other.id, key="employees", value=1, source="x"
    )
    assert found.status == 403
    for key, value in (
        ("employees", -1),
        ("employees", float("nan")),
        ("cases", 1),
        ("hats", 1),
        ("zone", "9"),
    ):
        assert refusal(
            service.correct_driver, lead, municipality_id=place.id, key=key, value=value, source="x"
        )


def test_a_correction_changes_no_other_municipality():
    view = described()
    before = service.assess(OWNER, initiative_id=view.id, draws=128).figures["by_municipality"]
    service.correct_driver(
        a_lead(), municipality_id=a_municipality().id, key="zone", value="3", source="x"
    )
    after = service.assess(OWNER, initiative_id=view.id, draws=128).figures["by_municipality"]
    assert before == after


def test_a_municipality_sees_its_own_figures_and_load():
    view, assessment = frozen()
    lead, place = a_lead(), a_municipality()
    own = service.for_municipality(place.id, actor=lead)
    kroner = assessment.figures["by_municipality"]["1108"]
    assert own[0].kroner[3] == pytest.approx(kroner["mean"], rel=1e-5)
    service.set_capacity(
        lead, municipality_id=place.id, role="project_lead", hours=100, source="Avdelingen"
    )
    load = service.change_load(place.id, actor=lead)
    assert load.roles == ("project_lead",)
    assert load.grades == ("expert",)
    assert load.collisions[0].colour == "over"
    assert load.titles[load.collisions[0].asked[0][0]] == view.title


def test_a_collision_says_its_months_and_that_one_person_carries_it():
    frozen()
    second, _assessment = frozen(title="Felles arkiv", window_from=dt.date(2027, 9, 15))
    lead, place = a_lead(), a_municipality()
    service.set_capacity(
        lead, municipality_id=place.id, role="project_lead", hours=100, source="Avdelingen"
    )
    load = service.change_load(place.id, actor=lead)
    one = next(found for found in load.collisions if found.year == 2027)
    assert str(second.id) in [id_ for id_, _hours in one.asked]
    with translation.override("nb"):
        assert meeting.months_of(load, one) == "Innføres samtidig: september–desember."
        said = meeting.key_persons(load, str.upper)
    assert "1 687,5 timer" in said.reckoned.replace("\xa0", " ")
    assert [line.replace("\xa0", " ") for line in said.roles] == [
        "PROJECT_LEAD: 100 timer ledig, 5,9 % av årsverket til én heltidsansatt. Kommunens eget tall."
    ]
    service.set_capacity(
        lead, municipality_id=place.id, role="project_lead", hours=1700, source="Avdelingen"
    )
    assert meeting.key_persons(service.change_load(place.id, actor=lead), str) is None


def test_the_country_has_a_value_for_every_municipality():
    frozen()
    assert len(service.country("net_per_inhabitant")) == 357
    assert max(service.country("load", 2027).values()) > 0
    assert refusal(service.country, "hats").code == "unknown_choice"


def test_each_years_net_per_inhabitant_sums_to_that_of_all_years():
    _view, assessment = frozen()
    years = service.years_assessed()
    assert (years[0], years[-1]) == (assessment.first_year, assessment.last_year)
    whole = service.country("net_per_inhabitant")["1108"]
    parts = [service.country("net_per_inhabitant_year", year)["1108"] for year in (2026, *years)]
    assert parts[0] == 0.0
    assert sum(parts) == pytest.approx(whole, rel=1e-5)
    # the adapter is paid once, in 2027: 900 × 85 785^0.6 × e^(ln 1.3 + 0.5²/2), divided on 85 785
    assert parts[1] == pytest.approx(900 * 85785**-0.4 * 1.3 * 2.718281828**0.125, rel=1e-4)
    own = service.for_municipality(a_municipality().id)[0]
    assert own.by_year[2027][0] == pytest.approx(parts[1] * 85785, rel=1e-5)


def test_years_that_were_not_kept_are_worked_out_again(monkeypatch):
    from samspill.impact import models

    frozen()
    kept = service.country("net_per_inhabitant_year", 2027)
    real = models.Assessment.from_db.__func__

    def without(cls, db, names, values):
        row = real(cls, db, names, values)
        row.yearly = b""
        return row

    monkeypatch.setattr(models.Assessment, "from_db", classmethod(without))
    assert service.country("net_per_inhabitant_year", 2027) == pytest.approx(kept, rel=1e-5)


def test_the_load_falls_in_the_window_the_municipality_has_chosen():
    six = ("problem", "measures", "principles", "effects", "recommendation", "preconditions")
    view, _ = frozen(questions=dict.fromkeys(six, "Svar."))
    portfolio.move(OWNER, initiative_id=view.id, to="relevance")
    lead, place = a_lead(), a_municipality()
    planned = service.country("load", 2027)
    choose = functools.partial(portfolio.choose_window, lead, initiative_id=view.id)
    choose(choice="planned", starts_on=dt.date(2029, 3, 1), ends_on=dt.date(2029, 8, 31))
    load = service.change_load(place.id, actor=lead)
    hours = {year: row[0] for year, row in zip(load.years, load.hours, strict=True)}
    assert (hours[2027], hours[2028]) == (0, 0)
    assert hours[2029] > 100
    assert load.windows[str(view.id)] == (dt.date(2029, 3, 1), dt.date(2029, 8, 31))
    after = service.country("load", 2027)
    assert after.pop("1108") == 0 < planned.pop("1108")
    assert after == planned
    assert service.country("load", 2029)["1108"] > 0
    choose(choice="declined", starts_on=None, ends_on=None, remark="Ikke nå.")
    assert not any(map(any, service.change_load(place.id, actor=lead).hours))


# ── learning ─────────────────────────────────────────────────────────────────────────────────


def report(view, number, value, line="adapter", year=2027):
    return service.report_actual(
        a_lead(number), initiative_id=view.id, line=line, municipality_id=a_municipality(number).id,
        year=year, value=value, source="Regnskapet",
    )  # fmt: skip


def test_at_most_five_figures_a_year_are_asked_for():
    for n in range(3):
        frozen(title=f"Tiltak {n}")
        asked = service.asked(a_municipality().id, 2027, actor=a_lead())
    assert len(asked) == 5
    assert asked[0].unit == "hours"


def test_without_actuals_the_class_is_as_shipped_and_with_many_it_is_what_they_say():
    view, _ = frozen()
    plain = service.posterior("municipal_introduction")
    assert plain.after == plain.before
    for number in ("1108", "1103", "0301", "4601", "5001", "3301"):
        expected = report(view, number, 1.0).expected
        report(view, number, 3 * expected)
    learnt = service.posterior("municipal_introduction")
    assert (learnt.actuals, learnt.initiatives) == (6, 1)
    assert learnt.before.mu < learnt.after.mu < 1.1
    assert learnt.after.municipal < learnt.before.municipal


def test_the_next_estimate_starts_from_what_was_learnt():
    view, first = frozen()
    for number in ("1108", "1103", "0301"):
        report(view, number, 5 * report(view, number, 1.0).expected)
    after = service.assess(SECRETARIAT, initiative_id=view.id, draws=256)
    assert after.figures["total"]["mean"] > 1.1 * first.figures["total"]["mean"]


def test_calibration_counts_the_actuals_under_each_percentile():
    view, _ = frozen()
    row = report(view, "1108", 1.0)
    report(view, "1103", 1e12)
    points = {point.said: point for point in service.calibration(row.forecaster).points}
    assert row.p50 < row.p85
    assert (points[0.5].held, points[0.85].held, points[0.85].n) == (0.5, 0.5, 2)


def test_calibration_is_told_for_each_owner_and_class_with_how_sure_it_is():
    view, _ = frozen()
    for number in ("1108", "1103", "0301"):
        report(view, number, 1.0)
        report(view, number, 1.0, line="project_lead-1")
    whole, one = service.calibrations()
    assert (whole.reference_class, whole.n, one.reference_class, one.n) == ("", 6, "municipal_introduction", 3)  # fmt: skip
    assert whole.is_few
    point = one.points[0]
    # Wilson: all 3 of 3 under P50; with z = 1.645 the true share is from 3 / (3 + 1.645²) = 0.526 to 1
    assert (point.held, point.low, point.high) == (1.0, pytest.approx(3 / (3 + 1.6448536**2)), 1.0)
    assert not point.fits


def test_another_municipality_cannot_report_and_an_unknown_line_is_refused():
    view, _ = frozen()
    given = {
        "initiative_id": view.id,
        "municipality_id": a_municipality().id,
        "year": 2027,
        "value": 1.0,
        "source": "x",
    }
    assert refusal(service.report_actual, a_lead("1103"), line="adapter", **given).status == 403
    assert refusal(service.report_actual, a_lead(), line="hat", **given).code == "unknown_line"
