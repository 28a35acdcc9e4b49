"""Lists, and two who edit at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.domain import worklist

values = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
forms = st.dictionaries(st.sampled_from("abcd"), values, max_size=4)
NOW = dt.datetime(2026, 8, 3, tzinfo=dt.UTC)


@given(st.uuids(), st.none() | st.dates().map(str), st.sampled_from(["deadline", "oldest"]))
def test_cursor_survives_an_address(case_id: Any, at: str | None, order: str) -> None:
    cursor = worklist.Cursor(order=order, at=at, case_id=case_id)
    assert worklist.Cursor.decode(cursor.encode()) == cursor


@given(st.text())
def test_changed_cursor_is_no_cursor_and_no_crash(text: str) -> None:
    found = worklist.Cursor.decode(text)
    assert found is None or found.encode()


def merge(before: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> Any:
    return worklist.merge_view(
        before=before, theirs=theirs, mine=mine, revision=2, changed_at=NOW, by_role="x"
    )


def test_both_values_are_shown_only_where_both_changed() -> None:
    found = merge({"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 1, "c": 3}, {"a": 5, "b": 6, "c": 1})
    assert [(f.field, f.before, f.theirs, f.mine) for f in found.fields] == [("a", 1, 2, 5)]
    assert found.mergeable == {"b": 6}


@given(forms, forms, forms)
def test_no_edit_is_lost(
    before: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]
) -> None:
    found = merge(before, theirs, mine)
    told = {f.field for f in found.fields} | set(found.mergeable)
    changed = {k for k, v in mine.items() if v != before.get(k) and v != theirs.get(k)}
    assert changed <= told
