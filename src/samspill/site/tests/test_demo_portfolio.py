"""The demo's portfolio loads through the real services, once, and holds what the pages need to show."""

import datetime as dt
import re
from fractions import Fraction

import pytest
from django.db import transaction

from samspill.cases import events as told
from samspill.cases.tests.term_builders import a_case
from samspill.impact import service as impact
from samspill.impact.domain import checklist
from samspill.impact.service.describing import read
from samspill.infra import clock, events
from samspill.kernel.actor import system
from samspill.packages import service as packages
from samspill.portfolio import service as portfolio
from samspill.portfolio.domain import description
from samspill.portfolio.service import Filters
from samspill.settlement import service as settlement
from samspill.settlement.models import Observation
from samspill.site import demo_people, demo_portfolio, demo_reading, vendors
from samspill.site.preparing import publish_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SECRETARIAT = demo_people.secretariat()


#: One of each path, with what they require: enough to see every page; the files are checked whole by reading.
A_FEW = (
    "fullmakt", "registertilgang", "digital-post-egen", "dodsbo", "skolebytte", "bevilling", "flyttemelding",
    "helsenett-adresse", "helsemeldinger", "bostotte", "startlan", "boligsosial-oversikt", "hjelpemidler", "dialog",
)  # fmt: skip


def quiet(text):
    """Say nothing."""


#: Live cases of the trial year, in the municipalities that tried it: minutes of each.
TRIED = {"0301": 10, "1108": 12, "3201": 11, "4601": 14, "5001": 13}
EACH = 6


def try_out():
    """Let caseworkers check cases in the trial year, as `demo_trial` does by the real way of an application."""
    year = demo_portfolio.trial_year(clock.today())
    package = packages.published("bostotte")
    for place, (number, minutes) in enumerate(TRIED.items()):
        for turn in range(EACH):
            day = dt.date(year, 9, 5 + turn)
            case = a_case(
                package,
                serial=100 + 10 * place + turn,
                number=number,
                term=None,
                submitted=day,
                state="submitted",
            )
            about = {
                "case_id": case.id, "package_id": case.package_id, "package_version": case.package_version,
                "municipality_id": case.municipality_id, "role": "municipality_caseworker",
            }  # fmt: skip
            begun = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
            with clock.frozen(begun):
                events.append(told.CaseOpened(**about), actor=system("test"))
            with clock.frozen(begun + dt.timedelta(minutes=minutes)):
                events.append(told.CaseReady(**about), actor=system("test"))


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """A few initiatives of each kind, loaded once for the module and rolled back after it."""
    few = [one for one in demo_reading.tiltak() if one.slug in A_FEW]
    with django_db_blocker.unblock(), transaction.atomic():
        publish_catalogue()
        try_out()
        yield demo_portfolio.load(say=quiet, rows=few)
        transaction.set_rollback(True)


def story(slug):
    return portfolio.story(slug, actor=SECRETARIAT)


def test_the_files_hold_a_national_portfolio_with_every_path_and_links_that_lead_somewhere():
    rows = demo_reading.tiltak()
    slugs = [one.slug for one in rows]
    assert len(rows) == len(set(slugs)) >= 25
    assert {one.path for one in rows} >= {
        "registered", "relevance", "involved", "assessed", "decided", "agreed", "introducing", "settled",
        "not_relevant", "stopped",
    }  # fmt: skip
    for at, one in enumerate(rows):
        assert set(one.requires) <= set(slugs[:at]), one.slug
        assert set(one.excludes) <= set(slugs), one.slug
    assert set(A_FEW) <= set(slugs)


def test_every_initiative_reads_as_the_register_and_the_calculation_want_it():
    for one in demo_reading.tiltak():
        assert description.faults({**one.values, **one.dates(2028)}) == [], one.slug
        assert read(one.lines), one.slug
        keys = {line["key"].split("-")[0] for line in one.lines} | set(one.no_cost)
        assert keys >= checklist.KEYS, one.slug
        assert portfolio.organisation(one.owner) is not None, one.slug


def test_holds_initiatives_in_every_state(loaded):
    found = portfolio.list_initiatives(Filters(size=100), actor=SECRETARIAT).items
    states = {one.state for one in found}
    assert loaded.initiatives == len(found) == len(A_FEW)
    assert {
        "registered", "relevance", "involved", "prioritised", "decided", "agreed", "introducing", "realising",
        "not_relevant", "stopped",
    } <= states  # fmt: skip


def test_is_loaded_once(loaded):
    assert demo_portfolio.load_if_empty(say=quiet) is None


def test_the_sides_disagree_on_one_and_ks_is_silent_on_another(loaded):
    assert story("digital-post-egen").initiative.relevance.state == "disagreement"
    assert story("dodsbo").initiative.relevance.state == "silence"
    assert story("boligsosial-oversikt").initiative.relevance.state == "waiting"


def test_involvement_tells_what_changed(loaded):
    told = story("bostotte").involvements
    assert told
    assert all(one.influences for one in told)


def test_a_round_was_decided_against_the_suggestion_with_reasons(loaded):
    rounds = portfolio.list_rounds(actor=SECRETARIAT)
    decided = [one for one in rounds if one.state == "decided"]
    departing = [
        line
        for one in decided
        for line in one.candidates
        if line.chosen_start != line.suggested_start
    ]
    assert len(decided) == 1
    assert departing
    assert all(line.reason for line in departing)
    assert any(one.state == "open" and one.suggestion for one in rounds)
    assert all(one.deadline.month == 1 for one in rounds)


def test_every_open_round_s_suggestion_has_a_proven_gap(loaded):
    for one in portfolio.list_rounds(actor=SECRETARIAT):
        assert one.suggestion["gap"] < 0.01
        assert one.suggestion["value"] >= one.suggestion["greedy_value"]


def test_ks_has_its_own_figures_beside_the_owner_s(loaded):
    (figure,) = story("startlan").dissents[0].figures
    # The owner's is no number of its own: it is what the lines come to, some 500 hours a municipality.
    assert 100_000 < figure["owner"] < 300_000
    assert figure["ks"] == 2 * figure["owner"]


def test_agreements_are_signed_and_a_year_is_settled(loaded):
    initiative = portfolio.get("bostotte", actor=SECRETARIAT)
    (agreement,) = settlement.list_agreements(SECRETARIAT, initiative_id=initiative.id)
    assert agreement.state == "signed"
    assert loaded.settled == 1
    assert len(settlement.list_settlements(SECRETARIAT, agreement_id=agreement.id)) == 1


def saved_minutes():
    """Return what the cases of the trial saved, beside the 22 minutes of the claim."""
    return sum(EACH * (22 - minutes) for minutes in TRIED.values())


def test_hours_are_estimated_measured_and_taken_out(loaded):
    initiative = portfolio.get("bostotte", actor=SECRETARIAT)
    total = settlement.hours(initiative.id, actor=SECRETARIAT).total
    assert total.measured + total.taken_out == Fraction(saved_minutes(), 60)
    assert total.taken_out == sum(
        Fraction(EACH * (22 - minutes) // 12, 10) for minutes in TRIED.values()
    )


def test_every_measured_hour_comes_from_live_cases_and_nobody_reported_any(loaded):
    assert {row.source for row in Observation.objects.all()} == {"cases"}
    assert sum(row.cases for row in Observation.objects.all()) == EACH * len(TRIED)


def test_the_claim_of_the_country_is_overtaken_by_an_estimate_that_says_what_it_rests_on(loaded):
    initiative = portfolio.get("bostotte", actor=SECRETARIAT)
    (one,) = settlement.national(initiative.id, actor=SECRETARIAT)
    assert (one.is_over, one.found.cases, one.found.municipalities) == (
        True,
        EACH * len(TRIED),
        len(TRIED),
    )
    assert one.found.hours == pytest.approx(139_014 * saved_minutes() / EACH / len(TRIED) / 60)
    assert one.found.p10 < one.found.hours < one.found.p90
    assert "Husbankens årsrapport" in one.source


def test_the_settled_year_is_of_the_live_cases_and_teaches_the_next_estimate(loaded):
    initiative = portfolio.get("bostotte", actor=SECRETARIAT)
    actuals = impact.actuals_of(initiative.id, actor=SECRETARIAT)
    hours = [one for one in actuals if one.line == "kontroll"]
    assert {one.cases for one in hours} == {EACH}
    assert all(one.scaled_to > one.cases and one.grade == "measured" for one in hours)
    # 12 of the claimed 21.6 minutes were left: between 8 and 12 of them are saved
    assert all(0.35 < one.value / one.expected < 0.6 for one in hours)
    newest = impact.assessments(initiative.id, actor=SECRETARIAT)[0]
    assert newest.state == "frozen"
    assert newest.figures["learnt"]["hours_freed"]["actuals"] == len(TRIED)


def test_a_window_chosen_too_late_stands_without_budget_coverage(loaded):
    windows = story("registertilgang").windows
    assert any(one.without_cover for one in windows)
    assert any(one.choice == "confirmed" and not one.without_cover for one in windows)
    assert any(one.choice == "declined" for one in story("fullmakt").windows)


def test_claims_stand_with_status_and_source():
    references = {one.slug: one.values["references"] for one in demo_reading.tiltak()}
    claims = [
        ref["title"]
        for refs in references.values()
        for ref in refs
        if ref["title"].startswith("Påstand")
    ]
    assert len(claims) == len(demo_reading.common()["claims"]) == 4
    assert all("ikke etterprøvd" in title or "avløses" in title for title in claims)


def test_every_line_has_a_source_or_is_marked_as_assumption():
    for one in demo_reading.tiltak():
        for line in one.lines:
            assert line["source"], (one.slug, line["key"])
            assert line["grade"] == "assumption" or not line["source"].startswith("Forutsetning")


#: What is no figure to source: paragraphs of laws, years, and numbers of versions.
_NO_FIGURE = re.compile(r"§+ ?[\d–-]+(?: ?[a-z]\b)?(?:(?:,| og) [\d–-]+)*|\b(?:19|20)\d\d\b")
_SAYS_WHENCE = (
    "(forutsetning i demoen)",
    ": forutsetning i demoen)",
    "Påstand",
    "(Husbanken)",
    "(Forbrukerrådet",
)


def test_every_figure_in_a_text_of_the_demo_names_its_source_or_says_that_it_is_a_claim():
    for row in demo_reading.written():
        sourced = {one["question"] for one in row.get("references", ())}
        for name, text in {"summary": row["summary"]["nb"], **row["questions"]}.items():
            for sentence in re.split(r"(?<=[.;]) ", text):
                if re.search(r"\d", _NO_FIGURE.sub("", sentence)) and name not in sourced:
                    assert any(mark in sentence for mark in _SAYS_WHENCE), (row["slug"], sentence)


def test_what_is_made_up_for_the_demo_is_marked_where_it_is_read():
    process, common = demo_reading.process(), demo_reading.common()
    contested = [figure for one in process["dissent"].values() for figure in one["figures"]]
    agreed = [one["operations"]["nb"] for one in process["settlement"].values()]
    for said in [*(figure["name"] for figure in contested), *agreed]:
        assert any(mark in said for mark in _SAYS_WHENCE), said
    assert common["introduction"]["source"].startswith("Forutsetning")
    assert "oppdiktet" in process["vendors"]["source"]
    gain = process["settlement"]["bostotte"]["gain"]
    assert {"baseline_source", "country_source", "hour_price_source"} <= gain.keys()


def test_rounds_are_seen_from_today():
    names = [(one.name, one.budget_year) for one in demo_portfolio._winters(clock.today())]
    assert [name for name, _ in names] == ["previous", "current"]
    assert demo_portfolio._winters(clock.today())[1].deadline >= clock.today()


def test_some_municipalities_state_their_vendors_and_the_comparison_rests_on_them(loaded):
    one = portfolio.get("bostotte", actor=SECRETARIAT)
    stated = vendors.of_initiative(one.id)
    assert 20 <= len(stated) < 357
    assert len(set(stated.values())) > 1
