"""The pure part of writing an application: paths, merging, receipts, protection, timeline."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.cases.domain import answers as paths
from samspill.cases.domain import places, protection, receipt, timeline
from samspill.cases.domain.merge import merge
from samspill.cases.domain.terms import TermRules
from samspill.kernel.periods import Duration, Month

PATHS = st.sampled_from(
    ["rent", "rent_from", "members[0].name", "members[0].age", "members[1].name", "home.floor"]
)
VALUES = st.one_of(st.none(), st.integers(0, 3), st.sampled_from(["a", "b"]))
WRITES = st.dictionaries(PATHS, VALUES, max_size=4).filter(
    lambda w: "members[1].name" not in w or "members[0].name" in w
)


@attrs.frozen
class AStep:
    name: str
    inputs: dict[str, object]


class TestPaths:
    def test_reads_what_was_written(self) -> None:
        written = paths.put({"members": [{"name": "A"}]}, "members[1].name", "B")
        assert written == {"members": [{"name": "A"}, {"name": "B"}]}
        assert paths.get(written, "members[1].name") == "B"

    def test_leaves_the_earlier_answers_as_they_were(self) -> None:
        before = {"members": [{"name": "A"}]}
        paths.put(before, "members[0].name", "B")
        assert before == {"members": [{"name": "A"}]}

    @pytest.mark.parametrize(
        "path", ["", "Rent", "a..b", "a[x]", "a[-1]", "../x", "a b", "a[0", "a" * 3 + "[9999]"]
    )
    def test_refuses_what_no_form_posts(self, path: str) -> None:
        with pytest.raises(paths.BadPathError):
            paths.segments(path)

    def test_refuses_a_row_far_beyond_the_end(self) -> None:
        with pytest.raises(paths.BadPathError):
            paths.put({}, "members[5].name", "A")

    def test_takes_row_keys_out_of_what_is_logged(self) -> None:
        assert paths.without_rows("study_plan:17912099997") == "study_plan"


class TestMerge:
    def test_two_tabs_on_different_fields_both_win(self) -> None:
        first = merge(answers={}, field_revisions={}, revision=1, base=1, offered={"rent": 1})
        second = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=1,
            offered={"floor": 2},
        )
        assert second.answers == {"rent": 1, "floor": 2}
        assert not second.clashes

    def test_two_tabs_on_the_same_field_clash_and_show_both(self) -> None:
        first = merge(answers={}, field_revisions={}, revision=1, base=1, offered={"rent": 1})
        second = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=1,
            offered={"rent": 2, "floor": 3},
        )
        assert (second.clashes["rent"].saved, second.clashes["rent"].offered) == (1, 2)
        assert second.answers == {"rent": 1, "floor": 3}

    def test_a_row_clashes_with_its_whole_list(self) -> None:
        first = merge(
            answers={"members": [{"name": "A"}]},
            field_revisions={},
            revision=1,
            base=1,
            offered={"members": []},
        )
        second = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=1,
            offered={"members[0].name": "B"},
        )
        assert set(second.clashes) == {"members[0].name"}

    def test_emptying_a_field_that_was_never_answered_is_saved_once(self) -> None:
        first = merge(answers={}, field_revisions={}, revision=1, base=1, offered={"rent": None})
        again = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=first.revision,
            offered={"rent": None},
        )
        assert again.revision == first.revision

    @given(one=WRITES, two=WRITES)
    def test_nothing_is_lost_and_nothing_is_overwritten_unseen(self, one: dict, two: dict) -> None:
        first = merge(answers={}, field_revisions={}, revision=1, base=1, offered=one)
        second = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=1,
            offered=two,
        )
        for path, value in one.items():
            if not any(paths.overlap(path, other) for other in two):
                assert paths.get(second.answers, path) == value
        for path, value in two.items():
            if path in second.clashes:
                assert second.clashes[path].offered == value
            else:
                assert paths.get(second.answers, path) == value

    @given(offered=WRITES)
    def test_saving_twice_changes_nothing_the_second_time(self, offered: dict) -> None:
        first = merge(answers={}, field_revisions={}, revision=1, base=1, offered=offered)
        again = merge(
            answers=first.answers,
            field_revisions=first.field_revisions,
            revision=first.revision,
            base=1,
            offered=offered,
        )
        assert again.revision == first.revision
        assert again.answers == first.answers
        assert not again.clashes


class TestReceiptCode:
    @given(st.binary(min_size=16, max_size=16))
    def test_is_read_back_in_any_dress(self, raw: bytes) -> None:
        code = receipt.code_from(raw)
        assert receipt.normal_form(code) == code
        assert receipt.normal_form(code.lower().replace("-", " ")) == code

    @given(st.binary(min_size=16, max_size=16), st.integers(0, 16), st.integers(1, 30))
    def test_finds_every_single_wrong_symbol(self, raw: bytes, place: int, step: int) -> None:
        plain = receipt.code_from(raw).replace("-", "")
        wrong = receipt.ALPHABET[(receipt.ALPHABET.index(plain[place]) + step) % 31]
        assert receipt.normal_form(plain[:place] + wrong + plain[place + 1 :]) is None

    @given(st.binary(min_size=16, max_size=16), st.integers(0, 16), st.integers(0, 16))
    def test_finds_every_exchange_of_two_symbols(self, raw: bytes, a: int, b: int) -> None:
        plain = list(receipt.code_from(raw).replace("-", ""))
        swapped = plain.copy()
        swapped[a], swapped[b] = swapped[b], swapped[a]
        found = receipt.normal_form("".join(swapped))
        assert (found is not None) == (swapped == plain)

    @pytest.mark.parametrize(
        "text", ["", "hello", "2222-2222-2222-2222", "0" * 17, "💥" * 17, "2" * 5000]
    )
    def test_refuses_what_is_no_code(self, text: str) -> None:
        assert receipt.normal_form(text) is None

    def test_needs_enough_randomness(self) -> None:
        with pytest.raises(ValueError, match="16 random bytes"):
            receipt.code_from(b"short")


@attrs.frozen
class AField:
    path: str
    type: str
    fields: dict = attrs.field(factory=dict)


@attrs.frozen
class ALookup:
    out: dict


GRADES = st.sampled_from(
    ["ugradert", "klientadresse", "fortrolig", "strengtFortrolig", None, "new-word"]
)


class TestProtection:
    @given(st.lists(GRADES, min_size=1), GRADES)
    def test_one_more_person_never_makes_it_laxer(self, grades: list, more: str | None) -> None:
        before, after = protection.strictest(grades), protection.strictest([*grades, more])
        assert not (protection.hides_address(before) and not protection.hides_address(after))
        assert not (
            protection.needs_compartment(before) and not protection.needs_compartment(after)
        )

    @given(GRADES)
    def test_what_is_not_known_is_handled_as_the_strictest(self, grade: str | None) -> None:
        strict = grade not in ("ugradert", "klientadresse", "fortrolig")
        assert protection.needs_compartment(protection.strictest([grade])) is strict

    def test_a_reply_without_places_has_no_place_left(self) -> None:
        reply = {
            "name": {"full": "Kari"},
            "address": {"street": "Storgata 1", "municipality_no": "1108"},
            "members": [{"name": "Per", "mobile": "90000000", "shared_residence": True}],
            "items": [{"payer": "Skolen", "amount": 5}],
        }
        assert protection.without_places(reply) == {
            "name": {"full": "Kari"},
            "address": None,
            "members": [{"name": "Per", "mobile": None, "shared_residence": True}],
            "items": [{"payer": None, "amount": 5}],
        }

    def test_fields_of_place_are_found_by_type_and_by_what_fills_them(self) -> None:
        fields = {
            "home": AField("home", "address"),
            "phone": AField("phone", "text"),
            "rent": AField("rent", "amount"),
            "members": AField("members", "list", {"lives": AField("members.lives", "address")}),
        }
        found = places.place_fields(fields, [ALookup({"phone": "mobile"})])
        assert found == {"home", "phone", "members.lives"}
        answers = {
            "home": {"street": "x"},
            "rent": 1,
            "members": [{"lives": {"a": 1}, "name": "A"}],
        }
        assert places.answers_without(answers, found) == {"rent": 1, "members": [{"name": "A"}]}

    def test_steps_made_from_a_place_alone_or_reading_such_a_one_are_left_out(self) -> None:
        steps = [
            AStep("group", {"municipality": "0301", "groups": [1, 2]}),
            AStep("household", {"persons": 2}),
            AStep("cap", {"group": 1, "persons": 2, "caps": [1, 2]}),
            AStep("counted", {"cap": 90, "costs": 80}),
        ]
        shown = places.steps_without(steps, {"municipality"}, {"municipality", "persons", "costs"})
        assert [step.name for step in shown] == ["household", "counted"]
        assert places.steps_without(steps, set(), {"municipality", "persons"}) == steps

    def test_inputs_that_read_a_place_are_known_by_field_or_by_part(self) -> None:
        inputs = {"a": "home.floor", "b": "other.municipality_no", "c": "homely + 1", "d": "rent"}
        assert places.place_inputs(inputs, {"home", "members.address"}) == {"a", "b"}


RULES = TermRules(
    situation_day=1,
    deadline_day=25,
    paper_next_working_day=True,
    payment_day=20,
    granted=frozenset({"V00"}),
    carry_over=frozenset({"V00"}),
    retest=frozenset(),
    retest_times=0,
    corrects={},
    correctable=frozenset(),
    correction_window=Duration(months=1),
    letter_answer=Duration(days=21),
    stop_events=frozenset(),
    automatic=True,
)


class TestTimeline:
    def test_says_when_the_decision_and_the_money_come(self) -> None:
        lines = timeline.term_timeline(
            rules=RULES,
            term=Month(2026, 8),
            received_on=dt.date(2026, 8, 10),
            today=dt.date(2026, 8, 11),
            channel="digital",
            decided_on=None,
        )
        shown = {line.key: (line.on, line.done) for line in lines}
        assert shown["received"] == (dt.date(2026, 8, 10), True)
        assert shown["deadline"] == (dt.date(2026, 8, 25), False)
        assert shown["payment"] == (dt.date(2026, 9, 18), False)  # the 20th is a Sunday
        assert next(line for line in lines if line.key == "decision").at_latest

    def test_is_in_order_of_time(self) -> None:
        lines = timeline.term_timeline(
            rules=RULES,
            term=Month(2026, 8),
            received_on=dt.date(2026, 8, 10),
            today=dt.date(2026, 9, 30),
            channel="digital",
            decided_on=dt.date(2026, 9, 10),
            information_by=dt.date(2026, 8, 31),
        )
        assert [line.on for line in lines] == sorted(line.on for line in lines)

    def test_a_closed_case_promises_nothing(self) -> None:
        lines = timeline.term_timeline(
            rules=RULES,
            term=Month(2026, 8),
            received_on=dt.date(2026, 8, 10),
            today=dt.date(2026, 8, 11),
            channel="digital",
            decided_on=None,
            is_open=False,
        )
        assert {line.key for line in lines}.isdisjoint({"decision", "payment"})

    def test_three_weeks_to_appeal_and_a_year_to_be_forwarded(self) -> None:
        deadline = timeline.appeal_deadline(dt.date(2026, 9, 15), "P3W")
        assert deadline == dt.date(2026, 10, 6)
        assert timeline.last_chance(deadline) == dt.date(2027, 10, 6)
