"""Scope codes as data: how many there are, since when, and what each must hold."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from samspill.mandates.domain.codes import current, guardian_codes
from samspill.mandates.domain.scopes import fault_of, scopes

TODAY, BEFORE = dt.date(2026, 11, 22), dt.date(2025, 12, 31)
SINCE_2026 = {
    "namsmannen:tvangsfullbyrdelseOgForliksraadet",
    "skatteetaten:innkrevingOgTvangsfullbyrdelse",
}


def test_there_are_42_current_and_8_retired_guardian_codes():
    codes = guardian_codes().values()
    assert Counter(one.retired for one in codes) == {False: 42, True: 8}
    assert sum(one.needs_consent for one in codes) == 12
    assert {one.code for one in codes if one.altinn_id == ""} == {
        one.code for one in codes if one.retired
    }


def test_each_code_has_its_first_day_and_gives_a_right_from_then_on():
    codes = guardian_codes().values()
    first = {one.code: one.valid_from for one in codes}
    assert {code for code, day in first.items() if day == dt.date(2026, 1, 1)} == SINCE_2026
    assert set(first.values()) == {dt.date(2023, 11, 1), dt.date(2026, 1, 1)}
    assert sum(current(one.code, TODAY) is not None for one in codes) == 42
    assert sum(current(one.code, BEFORE) is not None for one in codes) == 40
    assert not any(current(one.code, dt.date(2023, 10, 31)) for one in codes)


def test_a_scope_of_ours_that_the_register_knows_is_spelt_as_the_register_does():
    owners = {code.partition(":")[0] for code in guardian_codes()}
    ours = {code for code in scopes() if code.partition(":")[0] in owners}
    assert ours <= set(guardian_codes())


def test_parents_are_scopes_themselves_and_every_scope_has_its_names_and_first_day():
    for one in scopes().values():
        assert not one.parent or one.parent in scopes()
        assert all(one.titles.values())
        assert "*" not in one.code
        assert fault_of(one.code, TODAY) == ""
        assert fault_of(one.code, dt.date(2020, 1, 1)) == "not_yet"
    assert fault_of("husbanken:bostotte", TODAY) == "unknown"
    assert all(
        fault_of(one.code, TODAY) == "retired" for one in guardian_codes().values() if one.retired
    )
