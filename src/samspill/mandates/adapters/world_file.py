"""Read a world of persons and grants piece by piece: a file of a million grants takes the memory of one.

The file is one JSON object, `{"persons": {id: {…}}, "scope_parent": {…}, "grants": [{…}]}`, on any number
of lines. What is not JSON stops the reading with its line; what a piece holds is judged by the caller.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

import attrs

from samspill.kernel.outcome import RefusedError, refuse

_CHUNK = 1 << 18
_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder()


@attrs.frozen
class Piece:
    """One value of a part (`persons`, `scope_parent`, `grants`): its key or number, its line, and the value."""

    part: str
    key: str
    line: int
    value: Any

    @property
    def where(self) -> str:
        """Say where it stands: `line 12: grants[3]`."""
        place = f"grants[{self.key}]" if self.part == "grants" else f"{self.part}.{self.key}"
        return f"line {self.line}: {place}"


@attrs.define
class WorldFile:
    """Reads one stream, forwards only."""

    stream: TextIO
    _text: str = ""
    _at: int = 0
    _line: int = 1
    _ended: bool = False

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece in the order of the file.

        Raises:
            RefusedError: it is not JSON, or not an object of the known parts.
        """
        self._take("{")
        while self._peek() != "}":
            part = self._value()
            self._take(":")
            if part not in ("persons", "scope_parent", "grants"):
                raise self._bad(str(part)[:40], "persons, scope_parent or grants")
            yield from self._list() if part == "grants" else self._members(part)
            if self._peek() == ",":
                self._take(",")
        self._take("}")
        if self._peek():
            raise self._bad("the end", "one JSON object")

    def _members(self, part: str) -> Iterator[Piece]:
        self._take("{")
        while self._peek() != "}":
            key, line = self._value(), self._line
            self._take(":")
            yield Piece(part, str(key), line, self._value())
            if self._peek() == ",":
                self._take(",")
        self._take("}")

    def _list(self) -> Iterator[Piece]:
        self._take("[")
        number = 0
        while self._peek() != "]":
            line = self._line
            yield Piece("grants", str(number), line, self._value())
            number += 1
            if self._peek() == ",":
                self._take(",")
        self._take("]")

    def _peek(self) -> str:
        """Return the next character that is not blank; '' at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, mark: str) -> None:
        if self._peek() != mark:
            raise self._bad(self._peek() or "the end", "JSON", mark)
        self._at += 1

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if self._more():
                    continue
                raise self._bad("a value", "JSON") from None
            if end < len(self._text) or not self._more():  # a number could go on in the next chunk
                self._line += self._text.count("\n", self._at, end)
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, and forget what has been read; False at the end."""
        if self._ended:
            return False
        chunk = self.stream.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not chunk
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _bad(self, place: str, wanted: str, mark: str = "") -> RefusedError:
        return refuse(
            "not_json",
            "The file cannot be read from here on.",
            where=f"line {self._line}: {place}",
            remedy="Write JSON with %(mark)s here." if mark else "Write %(wanted)s.",
            values={"wanted": wanted, "mark": mark},
        )
