"""The verification code of a receipt: cannot be guessed, and a slip of the pen is found at once.

Sixteen random symbols of an alphabet of 31 (no I, L, O, 0 or 1: they are misread) are 79 bits; the
seventeenth is a check symbol modulo 31, which is prime, so that every single wrong symbol and every
exchange of two symbols is found.
"""

from __future__ import annotations

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 16
_BASE = len(ALPHABET)
_BYTES = 16


def code_from(random_bytes: bytes) -> str:
    """Make the code from sixteen random bytes.

    >>> code_from(bytes(16))
    '2222-2222-2222-2222-2'

    Raises:
        ValueError: fewer than sixteen bytes were given.
    """
    if len(random_bytes) < _BYTES:
        msg = f"{_BYTES} random bytes are needed, {len(random_bytes)} were given"
        raise ValueError(msg)
    number = int.from_bytes(random_bytes[:_BYTES], "big")
    symbols = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, _BASE)
        symbols.append(ALPHABET[digit])
    body = "".join(symbols)
    return _grouped(body + _check_symbol(body))


def normal_form(text: str) -> str | None:
    """Give the code as we store it, or None when it cannot be a code (a slip, or never was one).

    >>> normal_form("2222 2222 2222 2222 2")
    '2222-2222-2222-2222-2'
    >>> normal_form("2222-2222-2222-2223-2") is None
    True
    """
    plain = "".join(c for c in text.upper() if c not in " -\u2010\u2011\u2013\t")
    if len(plain) != _LENGTH + 1 or any(c not in ALPHABET for c in plain):
        return None
    if _check_symbol(plain[:_LENGTH]) != plain[_LENGTH]:
        return None
    return _grouped(plain)


def _check_symbol(body: str) -> str:
    total = sum((place + 1) * ALPHABET.index(symbol) for place, symbol in enumerate(body))
    return ALPHABET[total % _BASE]


def _grouped(plain: str) -> str:
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))
