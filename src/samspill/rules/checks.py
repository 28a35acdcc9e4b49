"""Check values and columns given to the rules, strictly: unknown names, kinds, bounds, codes, numbers."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from samspill.rules.errors import InputFault
from samspill.rules.specs import InputSpec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_KIND_WORDS = {
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
    "choice": "one of the codes",
    "key": "a text of digits",
    "numbers": "a list of numbers",
}
_SHOWN = 40


def check_values(
    inputs: Mapping[str, Any],
    specs: Mapping[str, InputSpec],
    keys: Mapping[str, Mapping[Any, Any]],
    needed: Iterable[str],
) -> list[InputFault]:
    """Give every fault of one case; None is unanswered and not a fault."""
    faults = [_unknown(name, specs) for name in inputs if name not in specs]
    for name, value in inputs.items():
        if name in specs and value is not None:
            faults.extend(check_value(specs[name], value, keys.get(name)))
    absent = (n for n in needed if specs[n].required and inputs.get(n) is None)
    faults.extend(_absent(specs[name]) for name in absent)
    return faults


def _absent(spec: InputSpec) -> InputFault:
    remedy = f"Give {spec.name} as {_KIND_WORDS[spec.kind]}."
    return _fault("missing", spec.name, f"{spec.name} is not given.", remedy)


def _unknown(name: str, specs: Mapping[str, InputSpec]) -> InputFault:
    close = difflib.get_close_matches(name, specs, n=1)
    guess = f"Did you mean {close[0]}?" if close else f"Known keys: {', '.join(specs)}."
    return InputFault(
        code="unknown_key", where=name, message=f"{name} is not a key of this input.", remedy=guess
    )


def check_value(
    spec: InputSpec, value: Any, keys: Mapping[Any, Any] | None = None
) -> list[InputFault]:
    """Give the faults of one value."""
    match spec.kind:
        case "flag":
            return [] if isinstance(value, bool) else [_wrong_type(spec, value)]
        case "choice":
            return _check_code(spec, value, spec.options)
        case "key":
            return _check_code(spec, value, () if keys is None else tuple(keys))
        case "numbers":
            return _check_list(spec, value)
        case _:
            return _check_number(spec, value, spec.name)


def _wrong_type(spec: InputSpec, value: Any, where: str = "") -> InputFault:
    return InputFault(
        code="wrong_type",
        where=where or spec.name,
        message=f"{where or spec.name} is {_show(value)}.",
        remedy=f"Give {_KIND_WORDS[spec.kind]}.",
    )


def _check_code(spec: InputSpec, value: Any, allowed: Sequence[Any]) -> list[InputFault]:
    if not isinstance(value, str):
        return [_wrong_type(spec, value)]
    if value in allowed:
        return []
    close = difflib.get_close_matches(value, allowed, n=1)
    listed = ", ".join(allowed) if len(allowed) <= 10 else "a code that the rules know, as text"  # noqa: PLR2004
    guess = f"Did you mean {close[0]}? " if close and spec.kind == "choice" else ""
    return [
        InputFault(
            code="unknown_code",
            where=spec.name,
            message=f"{value!r} is not known as {spec.name}.",
            remedy=f"{guess}Use {listed}.",
        )
    ]


def _check_list(spec: InputSpec, value: Any) -> list[InputFault]:
    if not isinstance(value, list | tuple):
        return [_wrong_type(spec, value)]
    faults = []
    for number, part in enumerate(value):
        faults.extend(_check_number(spec, part, f"{spec.name}[{number}]"))
    return faults


def _check_number(spec: InputSpec, value: Any, where: str) -> list[InputFault]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [_wrong_type(spec, value, where)]
    if not _is_finite(value):
        return [
            _fault("not_finite", where, f"{where} is {_show(value)}.", "Give an ordinary number.")
        ]
    if spec.kind == "count" and value != int(value):
        return [_wrong_type(spec, value, where)]
    if spec.low is not None and value < spec.low:
        remedy = f"The lowest that can be given is {spec.low:g}."
        return [_fault("too_low", where, f"{where} is {_show(value)}.", remedy)]
    if spec.high is not None and value > spec.high:
        remedy = f"The highest that can be given is {spec.high:,.0f}.".replace(",", " ")
        return [_fault("too_high", where, f"{where} is {_show(value)}.", remedy)]
    return []


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond the largest float
        return False


def _fault(code: str, where: str, message: str, remedy: str) -> InputFault:
    return InputFault(code=code, where=where, message=message, remedy=remedy)


def _show(value: Any) -> str:
    words = {str: "a text", bool: "true or false", list: "a list", dict: "an object"}
    return words.get(type(value)) or _shortened(str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@attrs.frozen
class ColumnFault:
    """The first fault of a column, and the row it is in (counted from 0)."""

    row: int
    fault: InputFault


def describe(spec: InputSpec) -> str:
    """Say in words what can be given."""
    words = _KIND_WORDS[spec.kind]
    if spec.kind == "choice":
        return f"one of {', '.join(spec.options)}"
    if spec.kind == "key":
        return "a code that the rules know, as text"
    if spec.low is not None and spec.low >= 0 and spec.high is not None:
        return f"{words} from {spec.low:g} to {spec.high:,.0f}".replace(",", " ")
    return words


def check_column(
    spec: InputSpec, column: npt.NDArray[Any], keys: Mapping[Any, Any] | None = None
) -> list[ColumnFault]:
    """Give the first fault of a column, or nothing."""
    import numpy as np

    if spec.kind == "key":
        bad = ~np.isin(column, np.array(sorted(int(key) for key in keys or ())))
    elif spec.kind == "choice":
        bad = (column < 0) | (column >= len(spec.options))
    elif spec.kind == "flag":
        bad = (column != 0) & (column != 1)
    else:
        bad = _bad_numbers(spec, column)
    if not bad.any():
        return []
    row = int(np.unravel_index(int(np.argmax(bad)), bad.shape)[0])
    message = f"{column[row]} cannot stand in {spec.name}."
    where = f"{spec.name}, row {row}"
    return [ColumnFault(row, _fault("bad_value", where, message, f"Give {describe(spec)}."))]


def _bad_numbers(spec: InputSpec, column: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    import numpy as np

    bad: npt.NDArray[np.bool_] = np.logical_not(np.isfinite(column))
    if spec.low is not None:
        bad |= column < spec.low
    if spec.high is not None:
        bad |= column > spec.high
    if spec.kind == "count":
        bad |= column != np.floor(column)
    return bad
