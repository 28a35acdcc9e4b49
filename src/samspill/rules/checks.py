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
_A_CODE = "a code that the rules know, as text"
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
    return _fault(
        "missing", spec.name, "%(name)s is not given.", "Give %(name)s as %(kind)s.",
        name=spec.name, kind=_KIND_WORDS[spec.kind],
    )  # fmt: skip


def _unknown(name: str, specs: Mapping[str, InputSpec]) -> InputFault:
    close = difflib.get_close_matches(name, specs, n=1)
    guess = "Did you mean %(close)s?" if close else "Known keys: %(known)s."
    return _fault(
        "unknown_key", name, "%(name)s is not a key of this input.", guess,
        name=name, close="".join(close), known=", ".join(specs),
    )  # fmt: skip


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
    place = where or spec.name
    return _fault(
        "wrong_type", place, "%(place)s is %(value)s.", "Give %(kind)s.",
        place=place, value=_show(value), kind=_KIND_WORDS[spec.kind],
    )  # fmt: skip


def _check_code(spec: InputSpec, value: Any, allowed: Sequence[Any]) -> list[InputFault]:
    if not isinstance(value, str):
        return [_wrong_type(spec, value)]
    if value in allowed:
        return []
    close = difflib.get_close_matches(value, allowed, n=1)
    listed = ", ".join(allowed) if len(allowed) <= 10 else _A_CODE  # noqa: PLR2004
    guess = close and spec.kind == "choice"
    return [
        _fault(
            "unknown_code", spec.name, "%(value)s is not known as %(name)s.",
            "Did you mean %(close)s? Use %(listed)s." if guess else "Use %(listed)s.",
            value=repr(value), name=spec.name, close="".join(close), listed=listed,
        )
    ]  # fmt: skip


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
        return [_far("not_finite", where, value, "Give an ordinary number.")]
    if spec.kind == "count" and value != int(value):
        return [_wrong_type(spec, value, where)]
    if spec.low is not None and value < spec.low:
        low = f"{spec.low:g}"
        return [_far("too_low", where, value, "The lowest that can be given is %(low)s.", low=low)]
    if spec.high is not None and value > spec.high:
        high = _spaced(spec.high)
        return [
            _far("too_high", where, value, "The highest that can be given is %(high)s.", high=high)
        ]
    return []


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond the largest float
        return False


def _far(code: str, where: str, value: float, advice: str, **values: str) -> InputFault:
    return _fault(
        code, where, "%(place)s is %(value)s.", advice, place=where, value=_show(value), **values
    )


def _fault(code: str, where: str, said: str, advice: str, **values: str) -> InputFault:
    return InputFault(code=code, where=where, said=said, advice=advice, values=values)


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


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


def advice_of(spec: InputSpec) -> tuple[str, dict[str, str]]:
    """Return what can be given, as a msgid and its values."""
    kind = _KIND_WORDS[spec.kind]
    if spec.kind == "choice":
        return "Give one of %(options)s.", {"options": ", ".join(spec.options)}
    if spec.kind == "key":
        return "Give %(kind)s.", {"kind": _A_CODE}
    if spec.low is not None and spec.low >= 0 and spec.high is not None:
        bounds = {"low": f"{spec.low:g}", "high": _spaced(spec.high)}
        return "Give %(kind)s from %(low)s to %(high)s.", {"kind": kind, **bounds}
    return "Give %(kind)s.", {"kind": kind}


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
    advice, values = advice_of(spec)
    fault = _fault(
        "bad_value", f"{spec.name}, row {row}", "%(value)s cannot stand in %(name)s.", advice,
        value=str(column[row]), name=spec.name, **values,
    )  # fmt: skip
    return [ColumnFault(row, fault)]


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
