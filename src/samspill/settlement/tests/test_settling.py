"""Gain plans, observations from live cases and reports, hours taken out, and the settlement of a year."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from samspill.cases import events as told
from samspill.cases.tests.builders import Registers, known
from samspill.cases.tests.term_builders import a_case, ferry
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.actor import system
from samspill.kernel.outcome import RefusedError
from samspill.packages.service import Package
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.builders import CITIZEN, HUSBANKEN, KS_COORDINATOR, OWNER, lead
from samspill.settlement import service
from samspill.settlement.models import (
    CaseMeasure,
    Observation,
    Settlement,
    SettlementLine,
    Statement,
)
from samspill.settlement.service import observing
from samspill.settlement.service.gains import observed_hours
from samspill.settlement.tests.builders import (
    LARGE,
    SETTLING_DAY,
    SMALL,
    a_gain,
    a_plan,
    all_sign,
    an_agreement,
    published,
)

__all__ = ["ferry", "known"]
pytestmark = pytest.mark.django_db


def refused(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(RefusedError) as error:
        call(*args, **kwargs)
    return error.value.refused.code


def worked(case: Any, minutes: int, *, on: dt.date = dt.date(2026, 9, 10)) -> list[log.Stored]:
    """Let a caseworker work on a case and decide it; return its events."""
    about = {
        "case_id": case.id, "package_id": case.package_id, "package_version": case.package_version,
        "municipality_id": case.municipality_id,
    }  # fmt: skip
    start = dt.datetime.combine(on, dt.time(9), tzinfo=dt.UTC)
    for minute in range(0, minutes + 1, 5):
        with clock.frozen(start + dt.timedelta(minutes=minute)):
            log.append(
                told.CaseOpened(**about, role="municipality_caseworker"), actor=system("test")
            )
    with clock.frozen(start + dt.timedelta(minutes=minutes)):
        log.append(
            told.DecisionMade(**about, role="system", decision_id=case.id, term="2026-08", code="V00", amount_ore=0),
            actor=system("test"),
        )  # fmt: skip
    return log.story(case.id)


def observe_all(events: list[log.Stored]) -> None:
    heard = {kind.__name__ for kind in observing.HEARS}
    for event in events:
        if event.type in heard:
            service.observe(event)


def a_case_gain(initiative: Any, package: Package, **changes: Any) -> Any:
    return a_gain(initiative.id, package_id=package.id, **changes)


def test_live_cases_measure_the_gain_by_themselves(known: Registers, ferry: Package):
    initiative = published()
    item = a_case_gain(initiative, ferry)
    for serial, minutes in ((1, 10), (2, 20)):
        observe_all(worked(a_case(ferry, known, serial=serial), minutes))
    found = Observation.objects.get(item=item)
    assert (found.cases, found.total, found.source) == (2, 30, "cases")
    # 2 cases × (22 − 15) minutes
    assert observed_hours(item, found) == Fraction(14, 60)
    shown = service.hours(initiative.id)
    assert shown.total.measured == Fraction(14, 60)


def test_an_event_seen_twice_counts_once(known: Registers, ferry: Package):
    item = a_case_gain(published(), ferry)
    events = worked(a_case(ferry, known), 10)
    observe_all(events)
    observe_all(events)
    assert Observation.objects.get(item=item).cases == 1
    assert CaseMeasure.objects.count() == 1


def test_a_case_before_the_effect_is_baseline_and_not_gain(known: Registers, ferry: Package):
    a_case_gain(published(), ferry, effect_from="2026-10-01", targets=[])
    observe_all(worked(a_case(ferry, known), 10))
    assert not Observation.objects.exists()


def test_a_case_that_comes_under_protection_leaves_no_trace(known: Registers, ferry: Package):
    a_case_gain(published(), ferry)
    case = a_case(ferry, known)
    events = worked(case, 10)
    observe_all(events)
    case.municipality_id, case.protection = None, "strengtFortrolig"
    case.save()
    observe_all(events)
    assert not CaseMeasure.objects.exists()
    assert not Observation.objects.exists()


def test_returns_for_missing_information_are_counted(known: Registers, ferry: Package):
    item = a_case_gain(
        published(), ferry, indicator="returns_per_case", realised_as="not_taken", hour_price=0
    )
    case = a_case(ferry, known)
    log.append(
        told.InformationRequested(
            case_id=case.id, package_id=ferry.id, package_version=ferry.version, role="x", request_id=case.id
        ),
        actor=system("test"),
    )  # fmt: skip
    observe_all(worked(case, 10))
    assert Observation.objects.get(item=item).value == 1
    assert service.hours(item.initiative_id).total.total == 0


@pytest.mark.parametrize(
    ("indicator", "adds", "value"),
    [
        ("documents_per_case", ["DocumentAdded", "DocumentAdded"], 2),
        ("documents_per_case", [], 0),
        ("share_digital", [], 1),
        ("share_digital", ["PaperRegistered"], 0),
    ],
)
def test_attachments_that_are_left_and_the_share_that_is_digital_are_counted_and_free_no_hour(
    known: Registers, ferry: Package, indicator: str, adds: list[str], value: int
):
    item = a_case_gain(
        published(), ferry, indicator=indicator, realised_as="not_taken", hour_price=0
    )
    case = a_case(ferry, known)
    about = {"case_id": case.id, "package_id": ferry.id, "package_version": ferry.version}
    for name in adds:
        more = {"attachment_id": case.id, "document": "x"} if name == "DocumentAdded" else {}
        log.append(getattr(told, name)(**about, role="counter", **more), actor=system("test"))
    observe_all(worked(case, 10))
    assert Observation.objects.get(item=item).value == value
    assert service.hours(item.initiative_id).total.total == 0


def test_no_second_gain_counts_the_same_hour(ferry: Package):
    initiative = published()
    a_case_gain(initiative, ferry)
    assert refused(a_case_gain, initiative, ferry) == "hour_counted_twice"
    assert a_case_gain(initiative, ferry, group="agency")


def test_a_step_that_the_service_does_not_measure_is_refused(ferry: Package):
    assert refused(a_case_gain, published(), ferry, step="dreaming") == "unknown_step"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"effect_from": "2024-06-01"}, "baseline_not_before"),
        ({"line_authority": False}, "owner_without_authority"),
        ({"hour_price": 0}, "hour_price_missing"),
        ({"group": "citizen"}, "no_budget"),
        ({"realised_as": "moved"}, "moved_to_missing"),
        ({"targets": [{"year": 2024, "value": 1}]}, "target_before_effect"),
        ({"targets": [{"year": 2026, "value": -1}]}, "negative"),
        ({"targets": [{"year": 2026, "value": 1}, {"year": 2026, "value": 1}]}, "duplicate_year"),
        ({"owner_org_no": "123"}, "wrong_kind"),
        ({"baseline": None}, "wrong_kind"),
        ({"indicator": "joy"}, "unknown_choice"),
        ({"name": "x" * 201}, "too_long"),
        ({"action": "a\x00"}, "wrong_kind"),
        ({"targets": [{"year": 2026, "cases": 10**12, "value": 1}]}, "too_large"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(changes: dict[str, Any], code: str):
    assert refused(a_gain, published().id, **changes) == code


def test_the_baseline_is_fixed_once_something_is_measured(known: Registers, ferry: Package):
    initiative = published()
    item = a_case_gain(initiative, ferry)
    observe_all(worked(a_case(ferry, known), 10))
    changed = a_plan(package_id=ferry.id, targets=[{"year": 2027, "cases": 10, "value": 11}])
    service.plan_gain(OWNER, initiative_id=initiative.id, plan_json=changed, item_id=item.id)
    changed["baseline"]["value"] = 40
    assert refused(
        service.plan_gain, OWNER, initiative_id=initiative.id, plan_json=changed, item_id=item.id
    ) == "baseline_is_fixed"  # fmt: skip


def test_only_the_owner_plans_and_only_a_lead_reports():
    initiative = published()
    item = a_gain(initiative.id)
    assert refused(service.plan_gain, KS_COORDINATOR, initiative_id=initiative.id, plan_json=a_plan()) == "role_needed"  # fmt: skip
    report = {"item_id": item.id, "year": 2026, "cases": 3, "value": Decimal(10)}
    assert refused(service.report_observation, OWNER, **report) == "role_needed"
    assert refused(service.report_observation, CITIZEN, **report) == "role_needed"
    assert service.report_observation(lead(SMALL), **report).source == "report"
    assert service.report_observation(lead(SMALL), **report).cases == 3
    assert Observation.objects.count() == 1


def test_what_is_measured_by_itself_is_not_reported(known: Registers, ferry: Package):
    item = a_case_gain(published(), ferry)
    observe_all(worked(a_case(ferry, known), 10))
    with clock.frozen(dt.date(2026, 11, 1)):
        assert refused(
            service.report_observation, lead(LARGE), item_id=item.id, year=2026, cases=9, value=Decimal(1)
        ) == "measured_by_itself"  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"year": 2024}, "bad_year"),
        ({"year": 2100}, "bad_year"),
        ({"cases": -1}, "negative"),
        ({"value": Decimal(-1)}, "negative"),
        ({"value": Decimal("NaN")}, "negative"),
        ({"cases": 10**12}, "too_large"),
        ({"value": Decimal(10**12)}, "too_large"),
    ],
)
def test_a_report_that_cannot_be_right_is_refused(changes: dict[str, Any], code: str):
    item = a_gain(published().id)
    report = {"item_id": item.id, "year": 2026, "cases": 3, "value": Decimal(10), **changes}
    assert refused(service.report_observation, lead(SMALL), **report) == code


def test_hours_are_taken_out_once_and_not_more_than_are_measured():
    item = a_gain(published().id)
    with clock.frozen(dt.date(2026, 12, 1)):
        service.report_observation(lead(SMALL), item_id=item.id, year=2026, cases=60, value=Decimal(12))  # fmt: skip
        service.take_out(lead(SMALL), item_id=item.id, year=2026, hours=Decimal(6))
        assert refused(service.take_out, lead(SMALL), item_id=item.id, year=2026, hours=Decimal(5)) == "more_than_measured"  # fmt: skip
        assert refused(service.take_out, lead(LARGE), item_id=item.id, year=2026, hours=Decimal(1)) == "more_than_measured"  # fmt: skip
        total = service.hours(item.initiative_id).total
    # planned 200, measured 10, of which 6 are taken out
    assert (total.estimated, total.measured, total.taken_out) == (190, 4, 6)


def test_a_gain_that_is_not_taken_is_not_taken_out():
    item = a_gain(published().id, realised_as="not_taken")
    assert refused(service.take_out, lead(SMALL), item_id=item.id, year=2026, hours=Decimal(1)) == "not_taken"  # fmt: skip


def test_the_register_is_told_of_the_plan():
    initiative = published()
    a_gain(initiative.id)
    told_ = portfolio.evidence(initiative.id, "gain_plan", actor=OWNER)
    assert told_ is not None
    assert told_.body["items"][0]["owner"] == "Avdelingsdirektør, bostøtte"


def a_settled_year(**changes: Any) -> Settlement:
    view = an_agreement(**changes)
    item = a_gain(view.initiative_id)
    all_sign(view)
    with clock.frozen(dt.date(2026, 12, 1)):
        service.report_observation(lead(SMALL), item_id=item.id, year=2026, cases=60, value=Decimal(12))  # fmt: skip
    with clock.frozen(SETTLING_DAY):
        return service.settle(OWNER, agreement_id=view.id, year=2026)


def test_a_year_is_settled_to_the_ore():
    made = a_settled_year()
    shown = service.settlement(made.id)
    by_party = {one.party: one for one in shown.statements}
    # key 100 000, Husbanken's own line 250 000, tariffs 2 × 1000 a year and 2 kroner a head to join
    assert sum(one.ore("share") for one in shown.statements) == 350_000_00
    assert by_party[HUSBANKEN].ore("due") == 250_000_00
    assert by_party[SMALL].ore("tariff_year") == 1000_00
    assert made.due_ore == sum(one.ore("due") for one in shown.statements)
    # 60 cases × 10 minutes = 10 hours × 600 kroner; half is withdrawn
    assert by_party[SMALL].ore("gain_realised") == 6000_00
    assert by_party[SMALL].ore("gain_withdrawn") == 3000_00
    for one in shown.statements:
        causes = one.ore("by_volume") + one.ore("by_rate") + one.ore("by_timing")
        assert causes == one.ore("gain_realised") - one.ore("gain_planned")


def test_settling_twice_is_one_settlement():
    made = a_settled_year()
    with clock.frozen(SETTLING_DAY):
        again = service.settle(OWNER, agreement_id=made.agreement_id, year=2026)
    assert again.id == made.id
    assert Settlement.objects.count() == 1


@pytest.mark.parametrize("model", [Settlement, SettlementLine, Statement])
def test_a_settled_year_is_never_changed(model: Any):
    a_settled_year()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(id=model.objects.first().id)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.all().delete()


def test_a_year_is_not_settled_early_nor_outside_nor_unsigned_nor_by_others():
    view = an_agreement()
    assert refused(service.settle, OWNER, agreement_id=view.id, year=2026) == "not_signed_by_all"
    all_sign(view)
    with clock.frozen(dt.date(2026, 12, 31)):
        assert refused(service.settle, OWNER, agreement_id=view.id, year=2026) == "too_early"
    with clock.frozen(SETTLING_DAY):
        assert refused(service.settle, OWNER, agreement_id=view.id, year=2025) == "outside_period"
        assert refused(service.settle, lead(SMALL), agreement_id=view.id, year=2026) == "role_needed"  # fmt: skip


def test_the_one_that_left_pays_no_more_and_the_rest_share_it():
    view = an_agreement(exit_notice_months=1, tariff=None)
    all_sign(view)
    with clock.frozen(dt.date(2026, 6, 1)):
        service.withdraw_from(lead(SMALL), agreement_id=view.id, reason="")
    with clock.frozen(dt.date(2028, 3, 2)):
        first = service.settle(OWNER, agreement_id=view.id, year=2026)
        second = service.settle(OWNER, agreement_id=view.id, year=2027)
    assert {one.party for one in first.statements.all()} == {SMALL, LARGE, HUSBANKEN}
    assert {one.party for one in second.statements.all()} == {LARGE, HUSBANKEN}
    shares = {one.party: one.ore("share") for one in service.settlement(second.id).statements}
    assert shares[LARGE] == 100_000_00


def test_pooled_gains_still_close():
    made = a_settled_year(gain_key="pooled")
    shown = service.settlement(made.id)
    realised = {one.party: one.ore("gain_realised") for one in shown.statements}
    assert sum(realised.values()) == 6000_00
    assert realised[LARGE] > 0
    for one in shown.statements:
        causes = one.ore("by_volume") + one.ore("by_rate") + one.ore("by_timing")
        assert causes == one.ore("gain_realised") - one.ore("gain_planned")


def test_an_agreement_follows_merged_and_split_municipalities():
    """2020: Forsand (1129) and Sandnes (1102) became Sandnes (1108); Snillfjord (5012) was split in three."""
    with clock.frozen(dt.date(2019, 5, 1)):
        view = an_agreement(
            first_year=2019, last_year=2021, tariff=None, lines=[], others=[], split_rule="equal",
            sharing={"key": "equal", "total": 400, "parties": ["1129", "1102", "5012", "0301"]},
        )  # fmt: skip
        for one in view.parties:
            service.sign(lead(one.party), agreement_id=view.id, version=1)
    with clock.frozen(dt.date(2021, 3, 2)):
        before = service.settle(OWNER, agreement_id=view.id, year=2019)
        after = service.settle(OWNER, agreement_id=view.id, year=2020)
    shares = {one.party: one.ore("share") for one in service.settlement(before.id).statements}
    assert shares == {"1129": 100_00, "1102": 100_00, "5012": 100_00, "0301": 100_00}
    carried = {one.party: one.ore("share") for one in service.settlement(after.id).statements}
    assert carried["1108"] == 200_00
    assert carried["0301"] == 100_00
    assert "1129" not in carried
    assert "5012" not in carried
    assert sum(carried.values()) == 400_00
    assert len(carried) == 5


def test_a_statement_is_a_page_a_pdf_and_csv():
    made = a_settled_year()
    view = service.statement(SMALL, 2026, agreement_id=made.agreement_id)
    lines = service.statement_csv(view).splitlines()
    assert lines[0].startswith("agreement,year,party")
    assert any("gain_realised" in line and ",6000," in line for line in lines)
    (gain,) = [row for row in csv.DictReader(lines) if row["kind"] == "gain"]
    assert (gain["nok"], int(gain["cases"]), float(gain["hours"])) == (
        "6000",
        view.gains[0]["cases"],
        view.gains[0]["hours"],
    )
    labels = {}
    for language in ("nb", "nn", "en"):
        with translation.override(language):
            rows = csv.DictReader(service.statement_csv(view).splitlines())
            labels[language] = [row["label"] for row in rows if row["kind"] != "gain"]
    assert len({tuple(said) for said in labels.values()}) == 3
    assert all(all(said) for said in labels.values())
    for language in ("nb", "nn", "en"):
        assert service.statement_pdf(view, language).startswith(b"%PDF-")
    whole = service.settlement_csv(service.settlement(made.id)).splitlines()
    assert len(whole) == 4
    assert refused(service.statement, "4601", 2026, agreement_id=made.agreement_id) == "not_found"


def test_the_settlement_tells_the_register_what_was_realised():
    made = a_settled_year()
    about = made.agreement.initiative_id
    told_ = portfolio.evidence(about, "actual", actor=OWNER)
    assert told_ is not None
    assert told_.body["nok"] == 6000.0


def test_live_cases_count_in_the_settlement_with_their_start(known: Registers, ferry: Package):
    """Begun 10 September: timing is the rest of the year; the deviation still sums."""
    view = an_agreement()
    a_gain(view.initiative_id, package_id=ferry.id)
    all_sign(view)
    observe_all(worked(a_case(ferry, known), 12))
    with clock.frozen(SETTLING_DAY):
        made = service.settle(OWNER, agreement_id=view.id, year=2026)
    one = service.statement(LARGE, 2026, agreement_id=view.id)
    assert one.gains[0]["cases"] == 1
    assert one.ore("gain_realised") == 120_00  # 22 − 10 minutes at 600 kroner an hour
    assert one.ore("by_timing") < 0
    assert made.realised_ore == 120_00


def test_cases_finished_before_the_gain_was_planned_are_measured_too(
    known: Registers, ferry: Package
):
    worked(a_case(ferry, known), 10)
    item = a_case_gain(published(), ferry)
    assert not Observation.objects.exists()
    assert observing.measure_again(item.id) == 1
    observing.measure_again(item.id)
    assert Observation.objects.get(item=item).cases == 1


def test_a_gain_that_is_ended_lets_another_count_its_hours(known: Registers, ferry: Package):
    initiative = published()
    item = a_case_gain(initiative, ferry)
    assert refused(service.end_gain, KS_COORDINATOR, item_id=item.id) == "role_needed"
    service.end_gain(OWNER, item_id=item.id)
    observe_all(worked(a_case(ferry, known), 10))
    assert not Observation.objects.exists()
    assert a_case_gain(initiative, ferry)
