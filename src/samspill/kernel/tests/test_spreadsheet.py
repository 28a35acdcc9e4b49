"""CSV that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from samspill.kernel import spreadsheet

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"])) | st.integers() | st.none()


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=4))
def test_every_cell_is_read_again_and_none_begins_a_formula(rows: list[list[object]]):
    read = list(csv.reader(io.StringIO(spreadsheet.table(rows), newline="")))
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        ["" if cell is None else str(cell).removeprefix("'") for cell in row] for row in rows
    ]
    for cell in (cell for row in read for cell in row):
        assert cell[:1] not in {"=", "+", "@"}
        assert cell[:1] != "-" or cell[1:2].isdigit()


def test_formulas_of_all_kinds_are_disarmed_and_amounts_are_not():
    cells = ["=1", "+47", "@sum", "\tx", "-cmd", "-12.50", -3, "a=1"]
    disarmed = ["'=1", "'+47", "'@sum", "'\tx", "'-cmd", "-12.50", -3, "a=1"]
    assert [spreadsheet.harmless(cell) for cell in cells] == disarmed
