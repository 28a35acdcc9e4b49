"""The municipality's leader sees what the cases really took, beside what was claimed before."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.system import System
from tests.journeys.conftest import OSLO

pytestmark = pytest.mark.browser


def test_measured_time_stands_beside_the_claim(
    page: Page, system: System, month: dict[str, Any]
) -> None:
    assert len(month["cases"]) > 5  # enough for a line to show its figures
    people.log_in_employee(page, system, f"leder-{OSLO}", to="/gevinst/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Målt gevinst: Bostøtte")
    expect(page.locator("main")).to_contain_text("Ingen fører timer")
    expect(page.locator("main")).to_contain_text("Kilde:")
    page.get_by_label("Kommuner").select_option(label="Bare vår")
    page.get_by_role("button", name="Vis", exact=True).click()
    table = page.locator("main table").last
    for _ in range(30):  # the worker reads the events in its own time
        if table.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(table.locator("tbody tr").first).to_contain_text("Oslo")
    assert {row.inner_text().split("\t")[0] for row in table.locator("tbody tr").all()} == {"Oslo"}
    answer = page.request.get(f"{system.address}/gevinst/csv/?tjeneste=bostotte")
    lines = list(csv.reader(io.StringIO(answer.text().removeprefix("﻿"))))
    assert len(lines) > 1
    for case in month["cases"]:
        assert case["applicant"] not in answer.text()
        assert case["number"] not in answer.text()
