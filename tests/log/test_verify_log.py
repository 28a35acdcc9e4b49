"""The stand-alone verifier against a tree written straight from the definition, and against what a cheat would do."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "verify_log.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_log", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = load()


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    return 1 << (n - 1).bit_length() - 1


def root(entries: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word for word."""
    if not entries:
        return sha(b"")
    if len(entries) == 1:
        return sha(b"\x00" + entries[0])
    k = split(len(entries))
    return sha(b"\x01" + root(entries[:k]) + root(entries[k:]))


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(entries) == 1:
        return []
    k = split(len(entries))
    if m < k:
        return [*path(m, entries[:k]), root(entries[k:])]
    return [*path(m - k, entries[k:]), root(entries[:k])]


def proof(m: int, entries: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2."""
    if m == len(entries):
        return [] if whole else [root(entries)]
    k = split(len(entries))
    if m <= k:
        return [*proof(m, entries[:k], whole=whole), root(entries[k:])]
    return [*proof(m - k, entries[k:], whole=False), root(entries[:k])]


ENTRIES = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
"""The test entries that certificate-transparency's own programs use."""


def test_the_published_roots_come_out():
    known = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    entries = [bytes.fromhex(x) for x in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )]  # fmt: skip
    assert entries == ENTRIES
    for size, expected in known.items():
        assert verifier.root_of([verifier.leaf_hash(e) for e in entries[:size]]).hex() == expected


SIZES = st.integers(1, 70)


@given(SIZES, st.data())
def test_every_entry_is_shown_to_be_there_and_nowhere_else(size, data):
    entries = [bytes([n]) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    leaf, steps, top = verifier.leaf_hash(entries[index]), path(index, entries), root(entries)
    assert verifier.root_of([verifier.leaf_hash(e) for e in entries]) == top
    assert verifier.holds_inclusion(leaf, index, size, steps, top)
    other = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))
    assert not verifier.holds_inclusion(leaf, other, size, steps, top)
    assert not verifier.holds_inclusion(verifier.leaf_hash(b"changed"), index, size, steps, top)
    assert not verifier.holds_inclusion(leaf, index, size, [*steps, top], top)
    if steps:
        assert not verifier.holds_inclusion(leaf, index, size, steps[:-1], top)


@given(SIZES, st.data())
def test_a_tree_is_shown_to_have_grown_and_no_fork_passes(size, data):
    entries = [bytes([n]) for n in range(size)]
    old = data.draw(st.integers(1, size))
    steps, before, after = proof(old, entries), root(entries[:old]), root(entries)
    assert verifier.holds_consistency(old, size, steps, before, after)
    forked = [*entries[: old - 1], b"forged", *entries[old:]]
    assert not verifier.holds_consistency(old, size, steps, root(forked[:old]), after)
    assert not verifier.holds_consistency(old, size, proof(old, forked), before, root(forked))
    assert not verifier.holds_consistency(old, size, [*steps, after], before, after)
    if old < size:
        assert not verifier.holds_consistency(size, old, steps, after, before)
        assert not verifier.holds_consistency(old, size, [], before, after)


@pytest.mark.parametrize("cheat", ["removed", "swapped", "inserted", "back-dated", "truncated"])
def test_what_a_cheat_does_gives_another_root(cheat: str):
    entries = [b"a", b"b", b"c", b"d", b"e"]
    changed = {
        "removed": entries[:2] + entries[3:],
        "swapped": [b"b", b"a", *entries[2:]],
        "inserted": [*entries[:2], b"x", *entries[2:]],
        "back-dated": [b"x", *entries],
        "truncated": entries[:-1],
    }[cheat]
    steps = proof(5, [*entries, b"f"])
    top = root([*entries, b"f"])
    assert not verifier.holds_consistency(5, 6, steps, root(changed), top)


def run(command: str, given_json: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), command], input=json.dumps(given_json), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_command_prints_the_root_and_answers_proofs():
    entries = ENTRIES[:7]
    code, out = run("root", {"leaves_hex": [e.hex() for e in entries]})
    assert (code, out.strip()) == (0, root(entries).hex())
    asked = {
        "leaf_hex": entries[4].hex(), "index": 4, "size": 7,
        "proof": [step.hex() for step in path(4, entries)], "root": root(entries).hex(),
    }  # fmt: skip
    assert run("inclusion", asked) == (0, '{"ok": true}\n')
    assert run("inclusion", {**asked, "index": 5}) == (0, '{"ok": false}\n')
    grown = {
        "from": 4, "to": 7, "proof": [step.hex() for step in proof(4, entries)],
        "root_from": root(entries[:4]).hex(), "root_to": root(entries).hex(),
    }  # fmt: skip
    assert run("consistency", grown) == (0, '{"ok": true}\n')
    assert run("consistency", {**grown, "root_to": grown["root_from"]}) == (0, '{"ok": false}\n')


@pytest.mark.parametrize(
    ("command", "asked", "where"),
    [
        ("root", {"leaves_hex": ["zz"]}, "leaves_hex[0]"),
        ("root", {}, "leaves_hex"),
        ("root", [], "-"),
        ("inclusion", {"leaf_hex": "00", "index": -1}, "index"),
        ("inclusion", {"leaf_hex": "00", "index": 0, "size": 1, "proof": ["00"]}, "proof[0]"),
        ("consistency", {"from": 1, "to": 2, "proof": [], "root_from": None}, "root_from"),
    ],
)
def test_bad_input_is_refused_with_its_place(command, asked, where):
    code, out = run(command, asked)
    assert (code, json.loads(out)["error"]["where"]) == (2, where)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["nonsense"], 2),
        (["root", "-", "--nonsense"], 2),
        (["log", "/no/such/folder"], 2),
    ],
)
def test_a_wrong_word_is_an_error_object_too(arguments: list[str], code: int, capsys):
    assert verifier.main(arguments) == code
    assert set(json.loads(capsys.readouterr().out)["error"]) == {
        "code", "message", "where", "remedy",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("log.json", {"names": []}),
        ("checkpoints.jsonl", {"through": 0}),
        ("leaves.jsonl", {"position": 0, "parts": 1, "salts": []}),
        ("leaves.jsonl", []),
        ("loose.jsonl", {"id": "seven"}),
    ],
)
def test_a_log_with_a_part_missing_or_of_the_wrong_kind_is_a_fault(tmp_path, capsys, name, line):
    whole = {"log.json": '{"keys": []}', "checkpoints.jsonl": "", "leaves.jsonl": "", "loose.jsonl": ""}  # fmt: skip
    for file, text in {**whole, name: json.dumps(line)}.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert verifier.main(["log", str(tmp_path)]) == 1
    fault = json.loads(capsys.readouterr().out)["fault"]
    assert fault["code"] == "unreadable"
    assert fault["where"] == str(tmp_path)
