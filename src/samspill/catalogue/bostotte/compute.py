"""The public calculation of bostøtte: JSON in and out, income limits, whole populations as CSV.

Names and shapes are those of the commands `samspill rules compute` and `samspill rules limit`. Everything
wrong with the input is a `Problem` that says what, where and the remedy.
"""

import csv
import datetime as dt
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from samspill.kernel.periods import Month
from samspill.rules import (
    DateNotCovered,
    InputFault,
    InputSpec,
    Policy,
    Problem,
    RuleBook,
    as_rows,
    load,
)

PUBLIC = (
    "kommunenummer",
    "andre_voksne",
    "barn",
    "inntekt_aordning_mnd",
    "kapitalinntekt_aar",
    "naeringsinntekt_aar",
    "utenlandsinntekt_aar",
    "skattefri_leieinntekt_mnd",
    "nettoformue",
    "eieform",
    "ligningsverdi_bolig",
    "husleie_mnd",
    "felleskostnader_mnd",
    "laanekostnader_aar",
    "eiendomsskatt_aar",
    "festeavgift_aar",
    "kommunale_avgifter_aar",
    "oppvarming_inkludert",
    "tilpasset_bolig",
    "ung_ufor",
    "enslig_alderspensjonist",
)
INCOMES = (
    "inntekt_aordning_mnd",
    "kapitalinntekt_aar",
    "naeringsinntekt_aar",
    "utenlandsinntekt_aar",
    "skattefri_leieinntekt_mnd",
)
STEP_KEYS = {
    "navn": "name",
    "verdi": "value",
    "enhet": "unit",
    "formel": "formula",
    "inn": "inputs",
    "hjemmel": "law",
}
_FIGURES = (
    "inntekt_aar",
    "vektet_inntekt_aar",
    "boutgifter_aar",
    "godkjente_boutgifter_aar",
    "egenandel_aar",
    "uavrundet_mnd",
)
_TARGETS = ("kode", "belop_mnd", *_FIGURES)
_AT_THE_CAP = {
    "leie": "husleie_mnd",
    "felleskostnader": "felleskostnader_mnd",
    "selveier": "laanekostnader_aar",
}
_MORE_THAN_ANY_CAP = 10_000_000.0
_HIGHEST_INCOME = 100_000_000
_CHUNK = 65_536


@functools.cache
def book() -> RuleBook:
    """Give the rule book of this package, read and checked once."""
    return load(Path(__file__).parent)


@functools.lru_cache(maxsize=256)
def policy_of(term: str, language: str = "en") -> Policy:
    """Give the rules of a term `YYYY-MM`; raise `Problem` when the term has none."""
    try:
        day = Month.parse(term).first
    except (ValueError, TypeError):
        raise Problem(
            "bad_term", "%(term)s is not a term.", "term", "Write it as YYYY-MM, as in 2026-08.",
            {"term": repr(term)},
        ) from None  # fmt: skip
    return _policy_on(day, language)


def _policy_on(day: dt.date, language: str) -> Policy:
    try:
        return book().on(day)
    except DateNotCovered as refused:
        raise Problem(
            refused.code, refused.reason[language], "term", refused.remedy[language]
        ) from None


def compute_json(
    term: str, obj: Mapping[str, Any], explain: bool = False, language: str = "nb"
) -> dict[str, Any]:
    """Calculate one household; with `explain`, every step in the language.

    Raises:
        Problem: the term has no rules, or the input is wrong.
    """
    policy = policy_of(term)
    inputs = _checked(policy, obj, PUBLIC)
    if not explain:
        return _output(policy.compute(inputs, _TARGETS).values)
    explanation = policy.explain(inputs, _TARGETS, language)
    return _output(explanation.values) | {"forklaring": as_rows(explanation, STEP_KEYS)}


def limit_json(term: str, obj: Mapping[str, Any]) -> dict[str, Any]:
    """Give the highest yearly gross income, in whole kroner, that still gives a payment.

    Housing costs are taken to be at the cap. The limit is None when no income gives a payment.

    Raises:
        Problem: the term has no rules, or the input is wrong or holds incomes.
    """
    policy = policy_of(term)
    given = [name for name in INCOMES if isinstance(obj, Mapping) and name in obj]
    if given:
        raise Problem(
            "income_given",
            "%(name)s is an income, and the limit is what is asked for.",
            given[0],
            "Leave out %(names)s.",
            {"name": given[0], "names": ", ".join(given)},
        )
    inputs = _checked(policy, obj, PUBLIC)
    cost = _AT_THE_CAP[inputs.get("eieform", "leie")]
    limit = policy.solve(
        inputs | {cost: _MORE_THAN_ANY_CAP},
        holds="innvilget",
        unknown="inntekt_aordning_mnd",
        high=_HIGHEST_INCOME,
        at=lambda income: income / 12,
    )
    return {"inntektsgrense_aar": limit}


def compute_csv(term: str, source: TextIO, target: TextIO) -> int:
    """Calculate a population: one row in, one row out, in order; give the number of rows.

    The header names inputs, and `id` when wanted, which is repeated. Several capital incomes are divided
    by a semicolon. An empty cell has the default. Nothing is written after the first row that is wrong.

    Raises:
        Problem: the term has no rules, or a cell is wrong (`where` is line and column).
    """
    policy = policy_of(term)
    reader = _lines_of(source)
    header = [name.strip("\ufeff ") for name in next(reader, [])]
    _check_header(header)
    writer = csv.writer(target, lineterminator="\n")
    has_id = "id" in header
    names = [[*(["id"] if has_id else []), "resultat", *_TARGETS]]
    line, written = 2, 0
    while rows := list(itertools.islice(reader, _CHUNK)):
        columns = _columns(policy, header, rows, line)
        results = policy.vector(columns, _TARGETS)
        ids = [row[header.index("id")] for row in rows] if has_id else None
        writer.writerows(itertools.chain(names, _rows(policy, results, ids)))
        names, line, written = [], line + len(rows), written + len(rows)
    writer.writerows(names)
    return written


def _lines_of(source: TextIO) -> Iterator[list[str]]:
    reader = csv.reader(source)
    try:
        yield from reader
    except csv.Error as error:
        remedy = "Write one case on each line, its cells divided by commas."
        raise Problem(
            "bad_csv", "The file is not CSV: %(reason)s.", f"line {reader.line_num}", remedy,
            {"reason": str(error)},
        ) from error  # fmt: skip


def _output(values: Mapping[str, Any]) -> dict[str, Any]:
    """Put the results under their public names."""
    granted = values["kode"] == "V00"
    return {
        "resultat": "innvilget" if granted else "avslag",
        "kode": values["kode"],
        "belop_mnd": int(values["belop_mnd"]),
        **{name: values[name] for name in _FIGURES},
        "parametre": {"versjon": book().version, "hash": book().hash},
    }


def _checked(policy: Policy, obj: Any, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Give the input when it is right; raise the first fault as a `Problem`."""
    if not isinstance(obj, Mapping):
        raise Problem(
            "wrong_type", "The input is not an object.", "input", 'Give {"kommunenummer": "0301"}.'
        )
    specs = _specs(policy.since, allowed)
    empty = [name for name, value in obj.items() if value is None]
    if empty:
        raise Problem(
            "wrong_type", "%(name)s is null.", empty[0], "Give a value or leave the key out.",
            {"name": empty[0]},
        )  # fmt: skip
    faults = policy.faults(obj, _TARGETS, specs)
    if faults:
        raise _problem(faults)
    incomes, adults = obj.get("kapitalinntekt_aar", ()), 1 + obj.get("andre_voksne", 0)
    if len(incomes) > adults:
        raise _too_many_incomes(len(incomes), adults)
    return dict(obj)


@functools.lru_cache(maxsize=64)
def _specs(since: dt.date, names: tuple[str, ...]) -> dict[str, InputSpec]:
    inputs = book().on(since).inputs
    return {name: inputs[name] for name in names}


def _problem(faults: Sequence[InputFault]) -> Problem:
    first = faults[0]
    return Problem(
        first.code, first.said, first.where, first.advice, first.values, more=len(faults) - 1
    )


def _too_many_incomes(count: int, adults: int, where: str = "kapitalinntekt_aar") -> Problem:
    return Problem(
        "too_many_incomes",
        "kapitalinntekt_aar has %(count)s amounts for %(adults)s adults.",
        where,
        "Give one amount for each adult, the applicant first.",
        {"count": str(count), "adults": str(adults)},
    )


def _check_header(header: Sequence[str]) -> None:
    known = {*PUBLIC, "id"}
    for name in header:
        if name not in known:
            raise Problem(
                "unknown_key",
                "%(name)s is not a column of this input.",
                "line 1",
                "Use %(names)s, and id.",
                {"name": repr(name), "names": ", ".join(PUBLIC)},
            )
    if len(set(header)) != len(header):
        raise Problem("twice", "A column stands twice in the header.", "line 1", "Remove one.")
    if "kommunenummer" not in header:
        raise Problem(
            "missing", "The column kommunenummer is missing.", "line 1", "Add kommunenummer."
        )


def _columns(
    policy: Policy, header: Sequence[str], rows: Sequence[Sequence[str]], line: int
) -> dict[str, npt.NDArray[Any]]:
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise Problem(
                "bad_row",
                "The row has %(cells)s cells, the header %(header)s.",
                f"line {line + number}",
                "Give one cell for each column.",
                {"cells": str(len(row)), "header": str(len(header))},
            )
    columns: dict[str, npt.NDArray[Any]] = {}
    for place, name in enumerate(header):
        if name != "id":
            cells = [row[place].strip() for row in rows]
            columns[name] = _Column(policy, name, line).read(cells)
    _check_adults(columns, line)
    return columns


def _check_adults(columns: Mapping[str, npt.NDArray[Any]], line: int) -> None:
    incomes = columns.get("kapitalinntekt_aar")
    if incomes is None:
        return
    others = columns.get("andre_voksne", np.zeros(len(incomes)))
    used = np.where(incomes != 0, np.arange(1, incomes.shape[1] + 1), 0).max(axis=1)
    wrong = np.flatnonzero(used > 1 + others)
    if wrong.size:
        row = int(wrong[0])
        where = f"line {line + row}, kapitalinntekt_aar"
        raise _too_many_incomes(int(used[row]), int(1 + others[row]), where)


class _Column:
    """Read the cells of one column strictly."""

    def __init__(self, policy: Policy, name: str, line: int) -> None:
        self._spec = policy.inputs[name]
        self._policy = policy
        self._line = line

    def read(self, cells: Sequence[str]) -> npt.NDArray[Any]:
        column = self._parse(cells)
        for fault in self._policy.column_faults({self._spec.name: column}):
            raise self._wrong(fault.row, cells)
        return column

    def _parse(self, cells: Sequence[str]) -> npt.NDArray[Any]:
        match self._spec.kind:
            case "numbers":
                return self._lists(cells)
            case "flag":
                flags = {"true": True, "false": False, "1": True, "0": False}
                return np.array(self._look_up(cells, flags), np.bool_)
            case "choice":
                words = {word: place for place, word in enumerate(self._spec.options)}
                return np.array(self._look_up(cells, words), np.uint8)
            case "key":
                keys = {key: int(key) for key in self._policy.keys[self._spec.name]}
                return np.array(self._look_up(cells, keys), np.int32)
            case _:
                return self._numbers(cells)

    def _look_up(self, cells: Sequence[str], words: Mapping[str, Any]) -> list[Any]:
        if not self._spec.required:
            default = self._spec.default
            words = {**words, "": words.get(default, default)}
        values = [words.get(cell, words.get(cell.lower())) for cell in cells]
        if None in values:
            raise self._wrong(values.index(None), cells)
        return values

    def _numbers(self, cells: Sequence[str]) -> npt.NDArray[np.float64]:
        if not all(map(_is_plain, cells)):
            raise self._wrong(list(map(_is_plain, cells)).index(False), cells)
        try:
            return np.array([cell or self._spec.default for cell in cells], np.float64)
        except ValueError:
            raise self._wrong(_first_not_a_number(cells), cells) from None

    def _lists(self, cells: Sequence[str]) -> npt.NDArray[np.float64]:
        parts = [cell.split(";") if cell else [] for cell in cells]
        widest = max((len(part) for part in parts), default=0)
        column = np.zeros((len(cells), max(widest, 1)), order="F")
        for row, part in enumerate(parts):
            if not _is_plain(cells[row]):
                raise self._wrong(row, cells)
            try:
                column[row, : len(part)] = [float(text) for text in part]
            except ValueError:
                raise self._wrong(row, cells) from None
        return column

    def _wrong(self, row: int, cells: Sequence[str]) -> Problem:
        advice, values = self._policy.advice_of(self._spec.name)
        return Problem(
            "bad_value",
            "%(value)s cannot stand in %(name)s.",
            f"line {self._line + row}, {self._spec.name}",
            advice,
            {"value": repr(cells[row]), "name": self._spec.name, **values},
        )


def _is_plain(cell: str) -> bool:
    """Tell whether a number is written as others write it: Python also reads 1_000 and digits of other scripts."""
    return cell.isascii() and "_" not in cell


def _first_not_a_number(cells: Sequence[str]) -> int:
    for place, cell in enumerate(cells):
        try:
            float(cell or 0)
        except ValueError:
            return place
    return 0


def _rows(
    policy: Policy, results: Mapping[str, npt.NDArray[Any]], ids: Sequence[str] | None
) -> Iterable[tuple[Any, ...]]:
    codes = [policy.codes("kode")[code] for code in results["kode"].tolist()]
    words = ["innvilget" if code == "V00" else "avslag" for code in codes]
    amounts = results["belop_mnd"].astype(np.int64).tolist()
    figures = [results[name].tolist() for name in _FIGURES]
    leading = [] if ids is None else [ids]
    return zip(*leading, words, codes, amounts, *figures, strict=True)
