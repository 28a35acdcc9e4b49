"""The replay of the table of changes, and how names are folded and ordered."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import uuid
from decimal import Decimal

import pytest

from samspill.municipalities import reference
from samspill.municipalities.domain import (
    Change,
    History,
    HistoryError,
    Municipality,
    NotFound,
    Registry,
    Several,
    Unit,
    replay,
    search_key,
    sort_key,
)
from samspill.municipalities.domain.files import read_change, read_listed


def rows(name: str) -> list[dict[str, str]]:
    with (reference.DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LISTED = [read_listed(row) for row in rows("municipalities.csv")]
CHANGES = [read_change(row) for row in rows("municipality_changes.csv")]


@pytest.fixture(scope="module")
def history() -> History:
    return replay(current={i.number: (i.name, i.org_no) for i in LISTED}, changes=CHANGES)


@pytest.fixture(scope="module")
def registry(history: History) -> Registry:
    names = {item.number: item.names for item in LISTED}
    orgs = {item.number: item.org_no for item in LISTED}
    last = {span.unit_id: span for span in history.spans}
    last |= {span.unit_id: span for span in history.spans if span.end is None}
    units = [
        Unit(id_, orgs[s.number], names[s.number]) if s.end is None else Unit(id_, None, ())
        for id_, s in last.items()
    ]
    return Registry(
        units=units,
        spans=history.spans,
        edges=history.edges,
        counties=reference.counties(),
    )


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2012-06-01", 429),
        ("2013-01-01", 428),
        ("2016-12-31", 428),
        ("2017-01-01", 426),
        ("2018-01-01", 422),
        ("2019-12-31", 422),
        ("2020-01-01", 356),
        ("2023-12-31", 356),
        ("2024-01-01", 357),
        ("2026-11-22", 357),
    ],
)
def test_replay_gives_the_number_of_municipalities_of_the_year(
    history: History, day: str, count: int
) -> None:
    assert len(history.alive(dt.date.fromisoformat(day))) == count


def test_replay_ends_with_the_list_of_today(history: History) -> None:
    assert history.alive(dt.date(2026, 1, 1)) == {item.number for item in LISTED}


def test_ids_are_distinct_and_the_same_in_every_replay(history: History) -> None:
    again = replay(current={i.number: (i.name, i.org_no) for i in LISTED}, changes=CHANGES[::-1])
    assert {s.unit_id for s in history.spans} == {s.unit_id for s in again.spans}
    of_today = [s.unit_id for s in history.spans if s.end is None]
    assert len(of_today) == len(set(of_today)) == 357


def test_no_number_has_two_holders_and_no_municipality_two_numbers(
    history: History,
) -> None:
    for key in ("number", "unit_id"):
        by_key: dict[object, list[tuple[dt.date, dt.date]]] = {}
        for s in history.spans:
            period = (s.start or dt.date.min, s.end or dt.date.max)
            by_key.setdefault(getattr(s, key), []).append(period)
        for periods in by_key.values():
            periods.sort()
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(periods))


def test_names_the_missing_number_when_the_table_contradicts_itself() -> None:
    change = Change(dt.date(2020, 1, 1), "0001", "A", "0002", "B", "merger", Decimal(1), "")
    with pytest.raises(HistoryError, match="0002"):
        replay(current={"0003": ("C", None)}, changes=[change])


def one(answer: Municipality | Several | NotFound) -> Municipality:
    assert isinstance(answer, Municipality)
    return answer


def several(answer: Municipality | Several | NotFound) -> Several:
    assert isinstance(answer, Several)
    return answer


def test_a_renumbered_municipality_keeps_its_id(registry: Registry) -> None:
    before, after = dt.date(2019, 1, 1), dt.date(2025, 1, 1)
    assert one(registry.on("2021", before)).number == "2021"
    karasjok = one(registry.on("2021", after))
    assert (karasjok.number, karasjok.official_name) == (
        "5610",
        "Kárášjohka – Karasjok",
    )
    assert karasjok.id == one(registry.on("2021", before)).id
    assert one(registry.on("5437", dt.date(2022, 1, 1))).id == karasjok.id


def test_a_merged_number_resolves_to_what_it_became(registry: Registry) -> None:
    lardal = one(registry.on("0728", dt.date(2025, 1, 1)))
    assert (lardal.number, lardal.name) == ("3909", "Larvik")
    assert one(registry.on("1901", dt.date(2026, 1, 1))).number == "5503"


def test_a_later_number_on_an_earlier_day_gives_what_it_was_made_of(
    registry: Registry,
) -> None:
    parts = several(registry.on("3301", dt.date(2019, 1, 1)))
    assert parts.reason == "merged"
    assert [p.municipality.name for p in parts.parts] == [
        "Drammen",
        "Nedre Eiker",
        "Svelvik",
    ]
    assert one(registry.on("5001", dt.date(2015, 1, 1))).number == "1601"


def test_alesund_split_in_2024_gives_both_with_shares(registry: Registry) -> None:
    assert one(registry.on("1507", dt.date(2023, 12, 31))).name == "Ålesund"
    parts = several(registry.on("1507", dt.date(2024, 1, 1)))
    assert parts.reason == "split"
    assert [(p.municipality.number, p.share) for p in parts.parts] == [
        ("1508", Decimal("0.8621")),
        ("1580", Decimal("0.1379")),
    ]
    assert one(registry.on("1580", dt.date(2022, 5, 1))).number == "1507"
    assert (
        one(registry.on("1508", dt.date(2024, 5, 1))).id
        == one(registry.on("1507", dt.date(2023, 5, 1))).id
    )


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("1850", ["1806", "1875"]),
        ("5012", ["5055", "5056", "5059"]),
        ("1613", ["5055", "5056", "5059"]),
    ],
)
def test_tysfjord_and_snillfjord_have_no_invented_shares(
    registry: Registry, old: str, today: list[str]
) -> None:
    parts = several(registry.on(old, dt.date(2026, 1, 1)))
    assert [part.municipality.number for part in parts.parts] == today
    assert {part.share for part in parts.parts} == {None}


def test_shares_of_a_known_chain_add_up_to_one(registry: Registry) -> None:
    parts = several(registry.on("1504", dt.date(2026, 1, 1)))
    assert sum(part.share or 0 for part in parts.parts) == 1


def test_every_old_number_ends_where_the_table_says(registry: Registry) -> None:
    expected: dict[str, set[str]] = {}
    for row in rows("municipality_changes.csv"):
        if row["type"] not in ("grensejustering", "navneendring"):
            ends = expected.setdefault(row["gammelt_nummer"], set())
            ends.update(row["nummer_2024"].split("|"))
    for number, ends in expected.items():
        answer = registry.on(number, dt.date(2026, 1, 1))
        parts = answer.parts if isinstance(answer, Several) else ()
        found = {part.municipality.number for part in parts} or {one(answer).number}
        assert found == ends, number


@pytest.mark.parametrize(
    ("number", "day", "reason"),
    [
        ("9999", "2026-01-01", "unknown_number"),
        ("2100", "2026-01-01", "unknown_number"),
        ("0301", "2011-12-31", "before_history"),
    ],
)
def test_says_why_a_number_is_not_found(
    registry: Registry, number: str, day: str, reason: str
) -> None:
    answer = registry.on(number, dt.date.fromisoformat(day))
    assert isinstance(answer, NotFound)
    assert answer.reason == reason


def test_county_follows_the_number(registry: Registry) -> None:
    assert one(registry.on("3201", dt.date(2024, 1, 1))).county == "Akershus"
    assert one(registry.on("3024", dt.date(2021, 1, 1))).county == "Viken"
    assert one(registry.on("0219", dt.date(2019, 1, 1))).county == "Akershus"


def found(registry: Registry, text: str) -> list[str]:
    hits = registry.search(text, on=dt.date(2026, 11, 22), limit=10)
    return [hit.municipality.number for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "Kárášjohka",
        "Karasjok",
        "karasjohka",
        "KARASJOHKA",
        "Kárášjohka – Karasjok",
        "5610",
    ],
)
def test_search_finds_karasjok_by_any_spelling(registry: Registry, text: str) -> None:
    first = text.split(" – ", maxsplit=1)[0]
    assert found(registry, first)[0] == "5610"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("snasa", "5041"),
        ("Snåase", "5041"),
        ("traante", "5001"),
        ("porsangu", "5622"),
        ("Yykea", "5536"),
        ("baerum", "3201"),
        ("stientje", "5006"),
        ("aurskog høland", "3226"),
        ("Fuolldá", "1845"),
        ("omasvuono", "5538"),
        ("oslove", "0301"),
    ],
)
def test_search_finds_sami_kven_and_norwegian_names(
    registry: Registry, text: str, number: str
) -> None:
    assert found(registry, text)[0] == number


def test_two_municipalities_of_one_name_are_told_apart_by_county(
    registry: Registry,
) -> None:
    hits = registry.search("Herøy", on=dt.date(2026, 11, 22), limit=10)
    assert [h.municipality.label for h in hits] == [
        "Herøy (Møre og Romsdal)",
        "Herøy (Nordland)",
    ]


def test_a_name_that_is_unique_today_stands_without_county(registry: Registry) -> None:
    assert one(registry.on("1514", dt.date(2026, 1, 1))).label == "Sande"
    assert one(registry.on("0713", dt.date(2019, 1, 1))).label == "Sande (Vestfold)"


def test_search_finds_a_former_municipality_and_says_what_it_became(
    registry: Registry,
) -> None:
    (hit,) = registry.search("Tysfjord", on=dt.date(2026, 11, 22), limit=5)
    assert [m.name for m in hit.became] == ["Narvik", "Hamarøy"]


def test_search_answers_nothing_to_nothing(registry: Registry) -> None:
    assert found(registry, "  – ") == []
    assert found(registry, "Atlantis") == []


def test_exact_name_comes_before_a_longer_one(registry: Registry) -> None:
    assert found(registry, "Os")[0] == "3430"
    assert found(registry, "Våler") == ["3114", "3419", "3110"]


def test_norwegian_letters_come_last_and_in_order() -> None:
    names = ["Ås", "Asker", "Østre Toten", "Ærlig", "Vågå", "Vaksdal", "Zeta"]
    expected = ["Asker", "Vaksdal", "Vågå", "Zeta", "Ærlig", "Østre Toten", "Ås"]
    assert sorted(names, key=sort_key) == expected


def test_sami_letters_stand_by_the_letter_they_look_like() -> None:
    names = [
        "Karlsøy",
        "Kárášjohka",
        "Karasjok",
        "Karmøy",
        "Šuvdi",
        "Tana",
        "Ŧana",
        "Unjárga",
    ]
    expected = [
        "Kárášjohka",
        "Karasjok",
        "Karlsøy",
        "Karmøy",
        "Šuvdi",
        "Tana",
        "Ŧana",
        "Unjárga",
    ]
    assert sorted(names, key=sort_key) == expected


def test_double_a_is_aa_only_in_norwegian() -> None:
    assert sort_key("Aaby") > sort_key("Øyer")
    assert sort_key("Aarborte", language="sma") < sort_key("Alta")


def test_plain_letters_come_before_marked_ones_in_equal_words() -> None:
    assert sort_key("Tana") < sort_key("Tána") < sort_key("Tanb")


def test_order_of_bytes_is_the_order_of_keys(registry: Registry) -> None:
    keys = [sort_key(m.name) for m in registry.all(dt.date(2026, 1, 1))]
    assert sorted(keys) == sorted(keys, key=lambda k: k.encode())


def test_all_of_today_begin_with_a_and_end_with_a_ring(registry: Registry) -> None:
    everyone = registry.all(dt.date(2026, 1, 1))
    assert len(everyone) == 357
    assert everyone[-1].name in {"Åsnes", "Åsane", "Åseral"}
    assert isinstance(everyone[0].id, uuid.UUID)


@pytest.mark.parametrize(
    ("one_way", "other_way"),
    [
        ("Bærum", "baerum"),
        ("Røros", "roros"),
        ("Ål", "Aal"),
        ("Nord-Fron", "nord fron"),
    ],
)
def test_search_key_is_the_same_for_both_spellings(one_way: str, other_way: str) -> None:
    assert search_key(one_way) == search_key(other_way)


def test_names_of_today_are_read_with_language_and_order() -> None:
    by_number = {item.number: item for item in LISTED}
    names = [(name.language, name.text) for name in by_number["5540"].names]
    assert names == [("se", "Gáivuotna"), ("nb", "Kåfjord"), ("fkv", "Kaivuono")]
    several_names = [item for item in LISTED if len(item.names) > 1]
    assert len(several_names) == 29
