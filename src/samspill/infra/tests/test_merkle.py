"""The tree against the definition of RFC 6962 written out, and against the stand-alone verifier."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samspill.infra.proof import leaf, merkle, offline

SIZES = st.integers(0, 130)


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(entries: list[bytes]) -> bytes:
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = split(len(entries))
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], *, whole: bool = True) -> list[bytes]:
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = split(len(entries))
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


def grown(entries: list[bytes], cuts: list[int]) -> dict[merkle.Node, bytes]:
    """Every full subtree, put there in portions."""
    stored: dict[merkle.Node, bytes] = {}
    size = 0
    for cut in [*sorted(cuts), len(entries)]:
        leaves = [merkle.leaf_hash(entry) for entry in entries[size:cut]]
        for level, first, hashes in merkle.grow(size, stored, leaves):
            stored |= {(level, first + at): value for at, value in enumerate(hashes)}
        size = cut
    return stored


def some(size: int) -> list[bytes]:
    return [str(n).encode() for n in range(size)]


@given(SIZES, st.data())
def test_the_tree_is_the_same_in_whatever_portions_it_grew(size, data):
    entries = some(size)
    cuts = data.draw(st.lists(st.integers(0, size), max_size=5))
    stored = grown(entries, cuts)
    assert merkle.fold([stored[node] for node in merkle.cover(0, size)]) == mth(entries)
    for (level, index), value in stored.items():
        assert value == mth(entries[index << level : (index + 1) << level])


@given(SIZES, st.data())
def test_the_edge_is_enough_to_grow_from_and_is_kept_along(size, data):
    entries = some(size)
    edge: dict[merkle.Node, bytes] = {}
    before = 0
    for cut in [*sorted(data.draw(st.lists(st.integers(0, size), max_size=5))), size]:
        leaves = [merkle.leaf_hash(entry) for entry in entries[before:cut]]
        edge = merkle.edge_after(cut, edge, [*merkle.grow(before, edge, leaves)])
        before = cut
        assert [*edge] == [*merkle.cover(0, cut)]
        assert merkle.fold([*edge.values()]) == mth(entries[:cut])


@given(st.integers(1, 130), st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_convinces(size, data):
    entries = some(size)
    index = data.draw(st.integers(0, size - 1))
    stored = grown(entries, [])
    proof = [merkle.fold([stored[node] for node in step]) for step in merkle.inclusion(index, size)]
    assert proof == path(index, entries)
    leaf = merkle.leaf_hash(entries[index])
    assert offline.holds_inclusion(leaf, index, size, proof, mth(entries))


@given(st.integers(1, 130), st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_convinces(size, data):
    entries = some(size)
    old = data.draw(st.integers(1, size))
    stored = grown(entries, [])
    proof = [merkle.fold([stored[node] for node in step]) for step in merkle.consistency(old, size)]
    assert proof == subproof(old, entries)
    assert offline.holds_consistency(old, size, proof, mth(entries[:old]), mth(entries))


@given(st.integers(1, 2**40), st.data())
def test_a_proof_needs_few_nodes_however_many_leaves(size, data):
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    most = size.bit_length()
    for steps in (merkle.inclusion(index, size), merkle.consistency(old, size)):
        assert len(steps) <= most + 1
        assert sum(len(step) for step in steps) <= 2 * most


def test_what_is_not_in_the_tree_has_no_proof():
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion(index, size)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="not the beginning"):
            merkle.consistency(old, new)
    assert merkle.consistency(0, 3) == merkle.consistency(3, 3) == ()


def an_event(number: int) -> list[object]:
    person = f"00000000-0000-0000-0000-{number:012d}"
    return [
        number, "2026-11-22T12:00:00.000001Z", "read", person if number % 2 else None, "web",
        '["b", "a"]', "employee", 'a "law" \\ § 8', None, "964965137", "permit", "se på æøå\n",
        person, '["leader"]', person, '{"b": 1, "a": "x"}', "abc",
    ]  # fmt: skip


def to_seal(rows: list[list[object]]) -> bytes:
    """The same events as the sealer asks for them: the text of `leaf.SELECT_TO_SEAL`."""
    return b"\x03".join(map(line, rows))


def line(row: list[object]) -> bytes:
    told = dict(zip(leaf.COLUMNS, row, strict=True))
    usual = ("action", "channel", "fields", "actor_kind", "legal_basis", "actor_org_no", "outcome", "purpose",
             "actor_roles")  # fmt: skip
    own = ("case_id", "on_behalf_of", "subject_id", "actor_id", "detail", "request_id")
    together = "\x02".join(str(told[name]) for name in usual)
    columns = [told["id"], told["at"], together, *(told[name] or "" for name in own)]
    return "\x01".join(map(str, columns)).encode()


def alone(rows: list[list[object]], salts: bytes) -> list[bytes]:
    """The leaves one by one."""
    return [
        leaf.leaf_hash(row, salts[at * leaf.SALTS : (at + 1) * leaf.SALTS])
        for at, row in enumerate(rows)
    ]


def test_many_leaves_at_once_are_the_leaves_one_by_one():
    rows = [an_event(number) for number in range(1, 9)]
    for at, name in enumerate(("case_id", "on_behalf_of", "subject_id", "actor_id")):
        rows[at][leaf.COLUMNS.index(name)] = None
        rows[at + 4][leaf.COLUMNS.index(name)] = "00000000-0000-0000-0000-00000000000a"
    for at, request in enumerate(("", "æ-1", 'a"\\\n', "0af")):
        rows[at][leaf.COLUMNS.index("request_id")] = request
    salts = bytes(range(256)) + bytes(range(128))
    assert leaf.leaves(to_seal(rows), salts) == (list(range(1, 9)), alone(rows, salts))


@pytest.mark.parametrize("mark", ["\x01", "\x02", "\x03"])
@pytest.mark.parametrize("column", ["purpose", "request_id", "actor_org_no", "legal_basis"])
def test_events_whose_texts_cannot_be_told_apart_are_refused(mark, column):
    rows = [an_event(number) for number in range(1, 4)]
    rows[1][leaf.COLUMNS.index(column)] = mark
    if (mark, column) == (
        "\x02",
        "request_id",
    ):  # that stands between the values of another column alone
        assert leaf.leaves(to_seal(rows), bytes(144))[1] == alone(rows, bytes(144))
        return
    with pytest.raises(leaf.UnclearError):
        leaf.leaves(to_seal(rows), bytes(144))


def test_an_event_is_opened_by_its_salts_as_the_verifier_reads_it():
    row, salt = an_event(7), bytes(range(leaf.SALTS))
    told = {"id": 7, "at": row[1], "parts": leaf.as_values(row), "salts": leaf.salts_of(salt)}
    assert (
        merkle.leaf_hash(offline.entry_of({**told, "held_back": {}}))
        == leaf.leaves(to_seal([row]), salt)[1][0]
    )
    assert told["parts"]["what"]["purpose"] == "se på æøå\n"
    assert set(told["parts"]["what"]) == {
        "action", "case_id", "channel", "fields", "kind", "legal_basis", "on_behalf_of", "org_no", "outcome",
        "purpose", "subject_id",
    }  # fmt: skip
