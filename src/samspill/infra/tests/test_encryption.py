"""Numbers hidden in texts and answers, values bound to their row, and the file of keys."""

from __future__ import annotations

import base64
import json
import re
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.infra.encryption import keyring, numbers, values
from samspill.infra.encryption.keyring import KeyringError

NUMBER = "02819090052"
_PIECES = st.lists(
    st.sampled_from(
        (
            NUMBER,
            "028190 90052",
            "028190\u00a090052",
            "12345678901",
            "~n.",
            "~",
            "n.",
            ".",
            "abc",
            "7",
            " ",
            '"',
            "\\",
            "å",
        )
    ),
    max_size=12,
).map("".join)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _PIECES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_PIECES, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def path(tmp_path, settings):
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path}
    return tmp_path / keyring.FILE


@given(_PIECES)
def test_what_was_hidden_is_shown_as_it_was(text: str) -> None:
    assert numbers.show(numbers.hide(text)) == text


@settings(max_examples=40)
@given(_JSON)
def test_answers_come_back_as_they_were_also_from_serialised_text(value: object) -> None:
    stored = json.dumps(numbers.hide_in(value), ensure_ascii=False)
    assert json.loads(numbers.show(stored)) == value
    assert not re.search(rf"(?<!\d){NUMBER}(?!\d)", stored)


@settings(max_examples=60)
@given(_JSON)
def test_a_value_is_serialised_with_the_numbers_of_its_strings_hidden(value: object) -> None:
    given = {"value": value, "whole": [int(NUMBER), float(f"1.{NUMBER}")]}
    stored = numbers.hidden_json(given)
    assert json.loads(numbers.show(stored)) == given
    assert not re.search(rf'"[^"]*(?<!\d){NUMBER}(?!\d)[^"]*"', stored), "only as a number of JSON"
    assert json.loads(stored)["whole"] == given["whole"], "a number of JSON stays one"


def test_a_number_is_hidden_in_every_shape_people_write_and_as_the_name_of_a_field() -> None:
    for text in (NUMBER, "om 028190 90052.", "028190\u00a090052", f"x{NUMBER}y"):
        assert "90052" not in numbers.hide(text)
    assert NUMBER not in json.dumps(numbers.hide_in({NUMBER: {"deep": [{"er": NUMBER}]}}))
    assert numbers.hide("1028190900521") == "1028190900521", "thirteen digits are another number"


def test_nobody_can_write_a_token() -> None:
    token = numbers.hide(NUMBER)
    assert numbers.show(numbers.hide(token)) == token, (
        "it is shown as it was written, and not opened"
    )


def test_the_same_number_is_another_ciphertext_every_time() -> None:
    assert numbers.hide(NUMBER) != numbers.hide(NUMBER)


def test_a_value_opens_in_its_own_row_only_and_when_nothing_was_changed() -> None:
    value = values.encrypt(NUMBER, bound_to="row 1")
    assert values.decrypt(value, bound_to="row 1") == NUMBER
    key, _, rest = value.partition(".")
    flipped = f"{key}.{'B' if rest[0] == 'A' else 'A'}{rest[1:]}"
    for changed, row in (
        (value, "row 2"),
        (flipped, "row 1"),
        (value[:-4], "row 1"),
        (f"{key}.", "row 1"),
    ):
        with pytest.raises(values.NotOpened):
            values.decrypt(changed, bound_to=row)


def test_the_hash_needs_the_key() -> None:
    one, other = keyring.new_key("hash"), keyring.new_key("hash")
    assert values.keyed_hash(NUMBER, key=one) == values.keyed_hash(NUMBER, key=one)
    assert values.keyed_hash(NUMBER, key=one) != values.keyed_hash(NUMBER, key=other)


def test_the_file_is_made_for_its_owner_only_and_never_over_another(path) -> None:
    keyring.make_file(path)
    before = path.read_bytes()
    keyring.make_file(path)
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(
        base64.urlsafe_b64encode(k.secret).decode() not in repr(k) for k in keyring.ring().keys
    )


def test_a_changed_file_is_read_again_and_old_keys_go_on_reading(path) -> None:
    first = values.encrypt(NUMBER, bound_to="x")
    old = keyring.ring()
    new = keyring.new_key("encrypt")
    keyring.replace_file(path, [new, *old.keys])
    second = values.encrypt(NUMBER, bound_to="x")
    assert [values.key_of(first), values.key_of(second)] == [old.writes.id, new.id]
    assert values.decrypt(first, bound_to="x") == values.decrypt(second, bound_to="x") == NUMBER
    keyring.replace_file(path, [new, *old.hashing])
    with pytest.raises(KeyringError, match=old.writes.id):
        values.decrypt(first, bound_to="x")


@pytest.mark.parametrize(
    "spoilt",
    ["encrypt x\n", "encrypt 00000000 QUJD\n", "encrypt 00000000 ??\n", "other a b\n", "# none\n"],
)
def test_a_file_that_does_not_hold_is_refused_and_the_secret_is_not_said(path, spoilt) -> None:
    path.write_text(spoilt)
    with pytest.raises(KeyringError) as refused:
        keyring.ring()
    assert "QUJD" not in str(refused.value)


def test_an_id_that_is_not_the_secrets_is_found(path) -> None:
    keyring.make_file(path)
    use, key_id, secret = path.read_text().splitlines()[1].split()
    path.write_text(path.read_text().replace(f"{use} {key_id} ", f"{use} 00000000 "))
    with pytest.raises(KeyringError, match="00000000") as refused:
        keyring.ring()
    assert secret not in str(refused.value)


def test_production_does_not_make_keys_by_itself(path, settings) -> None:
    settings.SAMSPILL = {**settings.SAMSPILL, "environment": "production"}
    with pytest.raises(KeyringError, match="samspill keys make"):
        values.encrypt(NUMBER, bound_to="x")
    assert not path.exists()


def test_another_source_takes_the_files_place() -> None:
    ring = keyring.Keyring((keyring.new_key("encrypt"), keyring.new_key("hash")))

    class Service:
        def ring(self) -> keyring.Keyring:
            return ring

    keyring.use_source(Service())
    try:
        assert values.key_of(values.encrypt(NUMBER, bound_to="x")) == ring.writes.id
    finally:
        keyring.use_source(None)
