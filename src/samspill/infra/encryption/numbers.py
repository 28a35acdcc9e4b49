"""National numbers inside texts and answers: in the database a token stands in each one's place.

    {"national_id": "~n.3f9ac21b.Q2x…~"}

Whatever looks like a number is hidden (eleven digits, also as six and five), whether its check digits hold or not: a
number that was mistyped is somebody's too. Hiding and showing are exact opposites, also for a text in which somebody
wrote what looks like a token. A token can stand in any row: sending moves answers from the draft to the application
without opening them, so it is not bound to one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import attrs

from samspill.infra.canonical import compact_json, plain
from samspill.infra.encryption import keyring, values
from samspill.infra.encryption.keyring import Key

MARK = "~n."
END = "~"
_BOUND_TO = "number in a text"
# The first digit comes before what is asked of it, so that the library looks for it in a table and tries nowhere else.
_DIGITS = r"(?<!\d\d)\d{5}[ \u00a0]?\d{5}(?!\d)"
#: The same, said after six digits, so that next to nothing is asked where there are fewer: the text may be long.
_NUMBER = re.compile(r"\d\d{5}(?<!\d{7})[ \u00a0]?\d{5}(?!\d)", re.ASCII)
#: The mark itself is hidden as well, so that nobody can write a token.
_HIDDEN = re.compile(r"[\d~](?:(?<=\d)" + _DIGITS + r"|(?<=~)n\.)", re.ASCII)
_TOKEN = re.compile(r"~n\.([a-z0-9-]+\.[A-Za-z0-9_-]+)~")
_SHORTEST = 11
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in b"0123456789")
_NUMBERLESS = frozenset({int, float, bool, type(None)})


def hide(text: str) -> str:
    """Return a text with a token for every national number.

    >>> hide("of 17 and 1234567 nothing is hidden")
    'of 17 and 1234567 nothing is hidden'
    """
    if not _may_hold(text) or not _HIDDEN.search(text):
        return text
    key = keyring.ring().writes
    return _HIDDEN.sub(lambda found: _token(key, found.group()), text)


def _may_hold(text: str) -> bool:
    """Tell whether a text has digits enough for a number, or the mark: a long text has neither nearly always.

    The pattern looks at each character; taking all but the digits away is a hundred times cheaper.
    """
    if MARK in text:
        return True
    return len(text.encode("utf-8", "surrogatepass").translate(None, _NO_DIGITS)) >= _SHORTEST


def _token(key: Key, text: str) -> str:
    return f"{MARK}{values.encrypt_with(key, text, bound_to=_BOUND_TO)}{END}"


def blotted(text: str) -> str:
    """Return a text with every national number made unreadable for ever: for logs that no key may open again.

    >>> blotted("about 01010112345, not 17")
    'about ···········, not 17'
    """
    return _NUMBER.sub("·" * _SHORTEST, text)


def show(text: str) -> str:
    """Return the text as it was before `hide`; serialised JSON too, for no token needs escaping there.

    Raises:
        NotOpened: a token was changed.
        KeyringError: a token's key is not among those in use.
    """
    if MARK not in text:
        return text
    ring = keyring.ring()
    return _TOKEN.sub(
        lambda found: values.decrypt_with(ring, found.group(1), bound_to=_BOUND_TO), text
    )


def hide_in(value: Any) -> Any:
    """Return JSON with every national number hidden, in names of fields too; the given value is left as it is."""
    kind = type(value)  # the kinds that JSON is read into first: this is walked on every submission
    if kind is str:
        return hide(value) if len(value) >= _SHORTEST or MARK in value else value
    if kind is dict:
        return {_hidden_name(name): hide_in(one) for name, one in value.items()}
    if kind is list:
        return [hide_in(one) for one in value]
    return value if kind in _NUMBERLESS else _hide_in_other(value)


def _hidden_name(name: Any) -> str:
    text = name if type(name) is str else str(name)
    return hide(text) if len(text) >= _SHORTEST or MARK in text else text


def _hide_in_other(value: Any) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(str(name)): hide_in(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [hide_in(one) for one in value]
    return hide_in(attrs.asdict(value)) if attrs.has(type(value)) else value


def hidden_json(value: Any) -> str:
    """Return a value as compact JSON with every national number hidden: `hide_in`, serialised.

    A month's run writes this for every case, so the value is not walked but searched when it is text: a number after an
    odd count of quotation marks stands in a string or a name, as long as nothing had to be escaped.

    >>> hidden_json({"of": [17, 1.46153846153, "1234567"]})
    '{"of":[17,1.46153846153,"1234567"]}'
    """
    text = _compact(value)
    if "\\" in text or MARK in text:
        return _compact(hide_in(value))
    if not _NUMBER.search(text):
        return text
    key = keyring.ring().writes
    quotes = place = 0

    def replaced(found: re.Match[str]) -> str:
        nonlocal quotes, place
        quotes += text.count('"', place, found.start())
        place = found.start()
        return _token(key, found.group()) if quotes % 2 else found.group()

    return _NUMBER.sub(replaced, text)


def _compact(value: Any) -> str:
    return compact_json(value, default=_plain)


def _plain(value: Any) -> Any:
    try:
        return plain(value)
    except TypeError:
        return str(value)


def hide_json(text: str) -> str:
    """Return serialised JSON with every national number in it hidden."""
    return json.dumps(hide_in(json.loads(text)), ensure_ascii=False)


def under_the_key_that_writes(text: str) -> str:
    """Return a stored text with every token under the key that writes; the same text when all are."""
    ring = keyring.ring()

    def renewed(found: re.Match[str]) -> str:
        if values.key_of(found.group(1)) == ring.writes.id:
            return found.group()
        return _token(ring.writes, values.decrypt_with(ring, found.group(1), bound_to=_BOUND_TO))

    return _TOKEN.sub(renewed, text)


def keys_in(text: str) -> list[str]:
    """Return the ids of the keys that the tokens of a stored text stand under."""
    return [values.key_of(found) for found in _TOKEN.findall(text)]
