"""The present value at 5, 10 and 15 years of effects: one formula, only a longer span; beside the hashed figures."""

import attrs
import pytest

from samspill.impact import models, service, shipped
from samspill.impact.domain import summary
from samspill.impact.domain.facts import Facts
from samspill.impact.domain.simulation import Request, read_initiatives, simulate
from samspill.impact.tests.builders import OWNER, described, frozen
from samspill.kernel.ids import new_id
from samspill.portfolio.tests.web import a_browser, text_of

FIRST = 2026
PLACES = (Facts("1001", 1000, county="A"), Facts("1002", 3000, county="A"))


def an_outcome(*lines, starts=None):
    item = read_initiatives([{"id": "a", "start": FIRST, "lines": list(lines)}], "initiatives")[0]
    item = attrs.evolve(item, starts=starts or {})
    parameters = shipped.newest().parameters()
    return simulate(Request((item,), PLACES, (FIRST, FIRST + 9), 64, 1, parameters))


def worths(*lines, starts=None):
    return summary.worths(an_outcome(*lines, starts=starts), shipped.newest())


def discounted(amounts):
    """Return the sum in kroner of the first year at 4 %, the first year undiscounted."""
    return sum(amount / 1.04**at for at, amount in enumerate(amounts))


def test_each_span_is_reckoned_by_hand_to_its_last_year():
    cost = {"category": "one_off_cost", "bearer": "agency", "driver": "one", "quantity": 1000}
    gain = {"category": "income", "bearer": "municipality", "driver": "one", "quantity": 50,
            "ramp": [0, 0.5, 1]}  # fmt: skip
    found = worths(cost | {"key": "c"}, gain | {"key": "g"})
    assert list(found) == ["5", "10", "15"]
    for years, one in found.items():
        flow = [-1000, 50, *[100] * (int(years) - 2)]
        by_hand = discounted(flow)
        assert one["npv"] == pytest.approx(by_hand, rel=1e-8)
        assert one["npv_with_tax_cost"] == pytest.approx(1.2 * by_hand, rel=1e-8)


def test_what_citizens_and_vendors_gain_carries_no_cost_of_tax_finance_in_any_span():
    found = worths({"key": "g", "category": "income", "bearer": "vendor", "quantity": 7})
    assert [one["tax_cost_npv"] for one in found.values()] == [0, 0, 0]
    assert found["15"]["npv"] == pytest.approx(discounted([7] * 15), rel=1e-8)


def test_a_line_that_ends_adds_nothing_after_and_one_that_begins_late_is_in_the_longer_spans_only():
    ends = {"key": "e", "category": "yearly_cost", "driver": "one", "quantity": 1, "end": 2029}
    late = {"key": "l", "category": "yearly_cost", "driver": "one", "quantity": 1, "start": 2037}
    short, ten, long = (one["npv"] for one in worths(ends).values())
    assert short == ten == long == pytest.approx(-discounted([2] * 4), rel=1e-8)
    short, ten, long = (one["npv"] for one in worths(late).values())
    assert (short, ten) == (0, 0)
    assert long == pytest.approx(-discounted([0] * 11 + [2] * 4), rel=1e-8)


def test_a_municipality_that_begins_late_has_its_later_years_in_the_longer_span():
    line = {"key": "l", "category": "yearly_cost", "driver": "one", "quantity": 1}
    found = worths(line, starts={"1002": FIRST + 12})
    assert found["10"]["npv"] == pytest.approx(-discounted([1] * 10), rel=1e-8)
    assert found["15"]["npv"] == pytest.approx(-discounted([1] * 12 + [2] * 3), rel=1e-8)


def test_the_span_of_the_simulation_gives_what_its_figures_hold_and_the_shorter_follows_from_them():
    line = {"key": "l", "category": "yearly_cost", "driver": "inhabitants", "quantity": 11.3,
            "elasticity": 0.6, "uncertainty": {"p10": 0.5, "p90": 2}}  # fmt: skip
    outcome = an_outcome(line, starts={"1001": FIRST + 2})
    figures = summary.summary(outcome, shipped.newest())
    found = summary.worths(outcome, shipped.newest())
    kept = summary.kept_worths(figures, shipped.newest())
    assert found["10"] == pytest.approx(figures["worth"], rel=1e-8)
    assert list(kept) == ["5", "10"]
    for years, one in kept.items():
        assert one == pytest.approx(found[years], rel=1e-7)


@pytest.mark.django_db
def test_other_spans_change_neither_the_figures_nor_their_hash(monkeypatch):
    view = described()
    first = service.assess(OWNER, initiative_id=view.id, draws=64)
    monkeypatch.setattr(summary, "YEARS_BESIDE", (3, 20))
    second = service.assess(OWNER, initiative_id=view.id, draws=64)
    assert (first.sha256, first.figures) == (second.sha256, second.figures)
    assert set(first.worths) == {"5", "10", "15"}
    assert set(second.worths) == {"3", "10", "20"}


@pytest.mark.django_db
def test_the_page_shows_three_spans_and_says_where_an_older_calculation_has_two():
    view, made = frozen()
    page = f"/konsekvens/{view.id}/resultat/"
    shown = text_of(a_browser(OWNER).get(f"{page}{made.id}/"))
    for span in ("5 years, 2027–2031", "10 years, 2027–2036", "15 years, 2027–2041"):
        assert span in shown
    assert "calculate anew to see 15 years" not in shown
    row = models.Assessment.objects.get(id=made.id)
    row.id, row.number, row.worths = new_id(), row.number + 1, {}
    row.save(force_insert=True)
    older = service.figures(row.id, actor=OWNER)
    for years, one in older.worths.items():
        assert one == pytest.approx(made.worths[years], rel=1e-7)
    shown = text_of(a_browser(OWNER).get(f"{page}{row.id}/"))
    assert "10 years, 2027–2036" in shown
    assert "15 years, " not in shown
    assert "calculate anew to see 15 years" in shown
