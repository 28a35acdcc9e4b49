"""Reading and writing of commands: JSON in, JSON out, errors as objects, progress on standard error."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from samspill.kernel.outcome import ToldError
from samspill.site.cli.language import error_object, spoken

_LAST_PORT = 65535


class UserError(Exception):
    """Something the caller can mend."""

    def __init__(
        self, code: str, message: str, *, where: str = "", remedy: str = "", **values: Any
    ) -> None:
        """Keep what is wrong; message and remedy are msgids, and `values` fills their placeholders."""
        super().__init__(message)
        self.code, self.message, self.where, self.remedy = code, message, where, remedy
        self.values = values

    @classmethod
    def of(cls, error: ToldError, *, where: str = "") -> UserError:
        """Return what is wrong with the installation as what a caller can mend."""
        told = error.refused
        return cls(
            error.code, told.message, where=told.where or where, remedy=told.remedy, **told.values
        )

    def as_json(self) -> dict[str, str]:
        """Return the error object of the interfaces, in the language of the command."""
        return error_object(
            self.code, self.message, where=self.where, remedy=self.remedy, values=self.values
        )


def count(text: str) -> int:
    """Return a number of things given as an option; one at least.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        msg = f"{text!r} is not a whole number from 1"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def port(text: str) -> int:
    """Return a port given as an option.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) <= _LAST_PORT:
        msg = f"{text[:40]!r} is not a port, from 1 to {_LAST_PORT}"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def open_input(name: str) -> TextIO:
    """Return the stream of FILE, or standard input for `-`."""
    if name == "-":
        return sys.stdin
    try:
        return Path(name).open(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(
            "no_file",
            "%(name)s cannot be read: %(reason)s",
            where=name,
            remedy="Give the path of a JSON file, or - and the JSON on standard input",
            name=name,
            reason=error.strerror,
        ) from error


def read_values(stream: TextIO) -> Iterator[tuple[str, Any]]:
    """Yield (where, value): one JSON document, or one for each line (JSON lines)."""
    text = stream.read().removeprefix("\ufeff")
    try:
        yield "input", _value_of(text, "input")
    except json.JSONDecodeError as whole:
        lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2 or not _is_json(lines[0][1]):  # noqa: PLR2004 - one line is a document
            raise _not_json(whole, f"line {whole.lineno}, column {whole.colno}") from whole
        for number, line in lines:
            try:
                value = _value_of(line, f"line {number}")
            except json.JSONDecodeError as error:
                raise _not_json(error, f"line {number}, column {error.colno}") from error
            yield f"line {number}", value


def write_json(value: Any) -> None:
    """Write one line of JSON to standard output; what its encoding cannot say is written as JSON's escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, or a terminal that is not UTF-8
        text = json.dumps(value, allow_nan=False)
    sys.stdout.write(text + "\n")


def say_on_stderr(text: str) -> None:
    """Write a message for people to standard error, whatever its characters."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))


class Progress:
    """A line on standard error that says how far a long job has come; silent for short ones."""

    _AFTER_S = 1.0
    _EVERY_S = 0.5

    def __init__(self, what: str, unit: str = "") -> None:
        self._what, self._unit = what, unit
        self._began = self._last = time.monotonic()
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Show `done` of `total`."""
        now = time.monotonic()
        if now - self._began < self._AFTER_S or (now - self._last < self._EVERY_S and done < total):
            return
        self._last, self._shown = now, True
        share = 100 * done / total if total else 100.0
        left = (now - self._began) * (total - done) / done if done else 0.0
        shown = spoken(
            "%(what)s: %(done)s of %(total)s %(unit)s (%(share)s %%), %(left)s s left",
            what=spoken(self._what),
            unit=spoken(self._unit) if self._unit else "",
            done=done,
            total=total,
            share=f"{share:.0f}",
            left=f"{left:.0f}",
        )
        say_on_stderr(f"\r  {shown}  ")
        sys.stderr.flush()

    def done(self, text: str = "") -> None:
        """End the line."""
        if self._shown:
            sys.stderr.write("\n")
        if text:
            sys.stderr.write(f"  {text}\n")


def _is_json(line: str) -> bool:
    try:
        _value_of(line, "line 1")
    except json.JSONDecodeError:
        return False
    return True


def _value_of(text: str, where: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        JSONDecodeError: it is not JSON. UserError: it is, and larger than Python reads.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise UserError(
            "nested_too_deep",
            "Lists or objects stand inside each other more deeply than anything that is meant here.",
            where=where,
            remedy="Give the JSON that the command describes",
        ) from error
    except ValueError as error:  # Python refuses whole numbers of thousands of digits
        raise UserError(
            "number_too_long",
            "A whole number has more digits than any figure that is meant here.",
            where=where,
            remedy="Check the figure and its unit",
        ) from error


def _not_json(error: json.JSONDecodeError, where: str) -> UserError:
    return UserError(
        "not_json",
        "the input is not JSON: %(reason)s",
        where=where,
        remedy="Give one JSON document, or one on each line",
        reason=error.msg,
    )
