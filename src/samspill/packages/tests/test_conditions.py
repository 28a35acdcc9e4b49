"""Conditions have three answers, are type-checked before anybody applies, and name what could still change them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.packages.domain.cel_run import Expression, World, compile_expression
from samspill.packages.domain.cel_types import BOOL, DATE, INT, NUM, TEXT, Scope, Type

ROW = Type("object", keys={"born": DATE, "student": BOOL, "amount": NUM})
TYPES = {
    "a": BOOL, "b": BOOL, "c": BOOL, "rent": NUM, "n": INT, "tenure": Type("text", options=("rented", "owned")),
    "members": Type("list", item=ROW), "facts": Type("object", keys={"income": Type("list", item=Type("any")), "person": Type("object")}),
    "on": DATE, "note": TEXT, "moved": DATE,
}  # fmt: skip
SCOPE = Scope(TYPES)


def compiled(source: str) -> Expression:
    found = compile_expression(source, SCOPE)
    assert isinstance(found, Expression), [fault.message for fault in found]
    return found


def world(answers: dict[str, Any] | None = None, facts: dict[str, Any] | None = None) -> World:
    return World(answers or {}, facts or {}, {}, [], "2026-08-01")


@pytest.mark.parametrize(
    ("source", "answers", "expected"),
    [
        ("a", {}, None),
        ("a", {"a": True}, True),
        ("!a", {}, None),
        ("a && b", {"a": False}, False),
        ("a && b", {"b": False}, False),
        ("a && b", {"a": True}, None),
        ("a || b", {"b": True}, True),
        ("a || b", {"a": False}, None),
        ("tenure == 'rented'", {}, None),
        ("tenure != 'rented'", {}, None),
        ("tenure == null", {}, True),
        ("tenure != null && tenure == 'owned'", {}, False),
        ("null != tenure", {"tenure": "owned"}, True),
        ("rent * 12 > 100000", {"rent": 9000.0}, True),
        ("rent > n", {"rent": 9.5, "n": 9}, True),
        ("n / 2 == 1", {"n": 3}, True),
        ("n / 0 == 1", {"n": 3}, None),
        ("a ? b : c", {"a": True, "b": False}, False),
        ("a ? b : c", {"b": False}, None),
        ("a ? b : c", {"b": True, "c": True}, None),
        ("members.exists(m, m.student)", {"members": [{}, {"student": True}]}, True),
        ("members.exists(m, m.student)", {"members": [{}, {"student": False}]}, None),
        ("members.exists(m, m.student)", {"members": []}, False),
        ("members.exists(m, m.student)", {}, None),
        ("members.all(m, m.student)", {"members": [{}, {"student": False}]}, False),
        ("members.all(m, m.student)", {"members": [{}, {"student": True}]}, None),
        ("members.exists_one(m, m.student)", {"members": [{"student": True}, {"student": False}]}, True),
        ("count(members.filter(m, m.student)) == 1", {"members": [{"student": True}, {}]}, None),
        ("count(members.filter(m, age(m.born, on) >= 18)) == 1", {"members": [{"born": "2008-08-01", "born__age": 18}, {"born": "2008-08-02", "born__age": 17}]}, True),
        ("members[0].student", {"members": [{"student": True}]}, True),
        ("members[1].student", {"members": [{"student": True}]}, None),
        ("n in [1, 2]", {"n": 2}, True),
        ("tenure in ['rented', 'owned']", {}, None),
        ("moved <= on", {"moved": "2026-07-31"}, True),
        ("month(on) == '2026-08' && year(on) == 2026", {}, True),
        ("days(moved, on) == 1", {"moved": "2026-07-31"}, True),
        ("max0(rent - 10) == 0", {"rent": 3.0}, True),
        ("round(rent) == 3", {"rent": 2.5}, True),
        ("sum(members.map(m, m.amount)) == 3", {"members": [{"amount": 1.0}, {"amount": 2.0}]}, True),
        ("sum(members.map(m, m.amount)) == 3", {"members": [{"amount": 1.0}, {}]}, None),
        ("sum(members.map(m, m.student, m.amount)) == 2", {"members": [{"student": False}, {"student": True, "amount": 2.0}]}, True),
        ("min(members.map(m, m.amount)) > 0", {"members": []}, None),
        ("note.matches('[0-9]+') && size(note) == 3", {"note": "123"}, True),
        ("note + 'x' == 'ax'", {"note": "a"}, True),
        ("has(note) && a", {}, False),
    ],
)  # fmt: skip
def test_answers_true_false_or_unknown(
    source: str, answers: dict[str, Any], expected: bool | None
) -> None:
    assert compiled(source).ask(world(answers)) is expected


def test_replies_of_registers_may_be_null_or_absent() -> None:
    own = compiled("facts.person != null && facts.person.address.city == 'Oslo'")
    assert own.ask(world()) is False
    assert own.ask(world(facts={"person": {}})) is None
    assert own.ask(world(facts={"person": {"address": {"city": "Oslo"}}})) is True
    income = compiled("sum(facts.income.map(i, i.total)) * 12 / 3")
    assert income.value(world(facts={"income": [{"total": 5}, {"total": 2.5}]})) == 30
    assert income.value(world()) is None


def test_a_reply_of_the_wrong_kind_makes_unknown_and_not_a_fault() -> None:
    assert compiled("facts.person.age > 18 || a").ask(
        world({"a": True}, {"person": {"age": "old"}})
    ) in (True, None)
    assert compiled("facts.person.age > 18").ask(world(facts={"person": {"age": "old"}})) is None


@pytest.mark.parametrize(
    ("source", "words", "remedy"),
    [
        ("tenure == 'rentd'", "not among the options", "rented or owned"),
        ("tenure in ['rented', 'x']", "not among the options", "rented or owned"),
        ("rent > 'x'", "no order", "two numbers"),
        ("rent == 'x'", "is compared with", "same kind"),
        ("moved == '1.8.2026'", "not a date", "2026-08-01"),
        ("foo", "neither a field nor a condition", "Known here"),
        ("tenur == 'rented'", "neither a field", "Did you mean 'tenure'?"),
        ("members.student", "has no part called", ".exists"),
        ("members.exists(m, m.studnt)", "no 'studnt'", "Did you mean 'student'?"),
        ("members.exists(a, a.student)", "already the name", "Use a letter"),
        ("members.map(m, m.amount)[0].x", "has no part called", ""),
        ("sum(members)", "list of numbers", ".map"),
        ("sum(rent)", "needs a list", ""),
        ("agee(moved, on)", "no function agee()", "Did you mean 'age'?"),
        ("age(moved)", "takes 2 values", "docs/rooms/packages.md"),
        ("a + b", "works on numbers", "Use numbers"),
        ("rent && a", "needs true/false", "Compare it"),
        ("a ? 1 : 'x'", "The two answers are", "same kind"),
        ("a &&", "where a value was expected", "brackets"),
        ("a b", "was expected", "brackets"),
        ("a == 'x", "has no meaning", "brackets"),
        ("members.exists(m)", "takes a name and an expression", "brackets"),
        ("note.matches('(')", "regular expression", "brackets"),
    ],
)  # fmt: skip
def test_refuses_what_does_not_fit(source: str, words: str, remedy: str) -> None:
    found = compile_expression(source, SCOPE)
    assert isinstance(found, list)
    assert words in found[0].message, found
    assert remedy in found[0].remedy, found


def test_nesting_has_an_end() -> None:
    for source in ("(" * 5000 + "a" + ")" * 5000, "!" * 5000 + "a"):
        found = compile_expression(source, SCOPE)
        assert isinstance(found, list)
        assert "too deep" in found[0].message


def test_names_what_could_change_and_only_that() -> None:
    it = compiled("a && (tenure == 'rented' || members.exists(m, m.student))")
    assert it.could_change(world()) == {"a", "tenure", "members"}
    assert it.could_change(world({"a": True, "members": [{}]})) == {"tenure", "members.student"}
    assert it.could_change(world({"a": True, "members": [{"student": False}]})) == {"tenure"}
    choice = compiled("a ? rent > 1 : n > 1")
    assert choice.could_change(world({"a": True})) == {"rent"}
    assert choice.could_change(world()) == {"a", "rent", "n"}


# ---------------------------------------------------------------------- against a second, plain reckoning

_FLAGS = ("a", "b", "c")
_ATOMS = st.sampled_from([*_FLAGS, "true", "false"])
_TREES = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(st.just("!"), inner),
        st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
        st.tuples(st.just("?"), inner, inner, inner),
        st.tuples(st.sampled_from(["==null", "!=null"]), st.sampled_from(_FLAGS)),
    ),
    max_leaves=12,
)


def _written(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    op, *parts = tree
    if op == "!":
        return f"!({_written(parts[0])})"
    if op in ("==null", "!=null"):
        return f"({parts[0]} {op[:2]} null)"
    if op == "?":
        return "(" + f"{_written(parts[0])} ? {_written(parts[1])} : {_written(parts[2])}" + ")"
    return f"({_written(parts[0])} {op} {_written(parts[1])})"


def _kleene(tree: Any, flags: dict[str, bool]) -> bool | None:
    if isinstance(tree, str):
        return {"true": True, "false": False}.get(tree, flags.get(tree))
    op, *parts = tree
    if op in ("==null", "!=null"):
        return (parts[0] not in flags) == (op == "==null")
    values = [_kleene(part, flags) for part in parts]
    if op == "!":
        return None if values[0] is None else not values[0]
    if op == "?":
        return None if values[0] is None else values[1] if values[0] else values[2]
    decides = op == "||"
    if decides in values:
        return decides
    return None if None in values else not decides


_SOME = st.fixed_dictionaries({}, optional=dict.fromkeys(_FLAGS, st.booleans()))


@settings(max_examples=300, deadline=None)
@given(tree=_TREES, flags=_SOME)
def test_follows_the_tables_of_kleene(tree: Any, flags: dict[str, bool]) -> None:
    assert compiled(_written(tree)).ask(world(flags)) is _kleene(tree, flags)


@settings(max_examples=200, deadline=None)
@given(tree=_TREES, flags=_SOME, more=st.fixed_dictionaries(dict.fromkeys(_FLAGS, st.booleans())))
def test_an_answer_that_is_not_named_changes_nothing(
    tree: Any, flags: dict[str, bool], more: dict[str, bool]
) -> None:
    if any(mark in _written(tree) for mark in ("== null", "!= null")):
        return  # asks whether it is answered, so any answer may change it
    it = compiled(_written(tree))
    before = it.ask(world(flags))
    named = it.could_change(world(flags)) if before is None else set()
    further = {**{name: value for name, value in more.items() if name not in named}, **flags}
    assert it.ask(world(further)) is before
