"""The seven commands that others script against: every key in and out, and whatever is wrong answered with its place.

Shapes: the interfaces page as it stands in docs/plans/0002, section 4.
"""

from __future__ import annotations

import copy
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from samspill.impact import service as impact
from samspill.kernel.outcome import RefusedError
from samspill.portfolio.service.choosing import optimise_json
from samspill.settlement import service as settlement
from samspill.site.cli import main

LINE = {
    "key": "people", "name": "Opplæring", "bearer": "municipality", "category": "one_off_cost", "role": "it",
    "driver": "inhabitants", "quantity": 10, "unit": "NOK", "elasticity": 0.6, "start": 2027, "ramp": [0.5, 0.5],
    "end": 2030, "uncertainty": {"low": 0.8, "mode": 1, "high": 1.5}, "grade": "assumption", "factor": "f",
    "source": "Forutsetning",
}  # fmt: skip
HOURS = {"quantity": 3, "unit": "hours", "uncertainty": {"p10": 0.5, "p90": 2, "municipal": 0.3}}
#: Each command with every key it knows, and with as few as it needs.
FULL: dict[str, dict[str, Any]] = {
    "impact npv": {
        "base_year": 2026,
        "rate_steps": [{"from": 2026, "rate": 0.04}, {"from": 2067, "rate": 0.03}],
        "cashflow": [{"years": [2027, 2036], "amount": 100}, {"year": 2026, "amount": -500}],
        "tax_share": 0.2,
        "public_net": [{"year": 2027, "amount": -10}],
    },
    "impact distribution": {"kind": "pert", "low": 1, "mode": 2, "high": 5},
    "impact learn": {
        "y": [0.1, 0.2, -0.3, 0.4],
        "sigma": [0.1, 0.2, 0.1, 0.3],
        "prior_mu_sd": 1,
        "prior_tau_scale": 0.5,
    },
    "impact simulate": {
        "initiatives": [{"id": "a", "start": 2027, "lines": [LINE, HOURS]}],
        "municipalities": ["0301", {"number": "1103", "inhabitants": 100, "employees": 3}],
        "years": [2027, 2029],
        "draws": 64,
        "seed": 1,
        "assumptions": {"correlation": 0.2},
    },
    "settlement share": {
        "key": "shapley",
        "total": 137,
        "parties": [
            {"id": "A", "inhabitants": 1000, "cases": 3, "own": 5, "capacity_cost": 10, "vendor": "v"},
            {"id": "B", "inhabitants": 2000, "cases": 3, "own": 5, "capacity_cost": 20},
        ],
        "fixed": 100,
        "adapters": {"v": 7},
        "exponent": 0.6,
        "equal_share": 0.3,
    },
    "settlement tariff": {
        "tariff": {
            "join": [{"below": 1500, "fee": 10}, {"below": None, "fee": 20}],
            "per_inhabitant_once": 1,
            "year_fixed": 2,
            "month_fixed": 3,
            "per_inhabitant_year": 4,
            "per_inhabitant_month": 0.5,
            "steps": [{"below": 5000, "year": 3}],
        },
        "inhabitants": 1000,
    },
    "portfolio optimise": {
        "initiatives": [
            {"id": "a", "value": 5, "cost": [1, 2], "load": [1, 1], "requires": ["b"], "excludes": ["c"]},
            {"id": "b", "value": 1, "cost": [1, 1], "load": [0, 1]},
            {"id": "c", "value": 1, "cost": [1, 1], "load": [0, 1], "mandatory": True},
        ],
        "budgets": [3, 4],
        "load_limit": [3, 3],
        "time_limit_s": 2,
    },
}  # fmt: skip
FEW: dict[str, dict[str, Any]] = {
    "impact npv": {"base_year": 2026, "cashflow": [{"year": 2027, "amount": 104}]},
    "impact distribution": {"kind": "lognormal", "p10": 1, "p90": 5},
    "impact learn": {"y": [1, 2, 3, 4], "sigma": [1, 1, 1, 1]},
    "impact simulate": {
        "initiatives": [{"id": "a", "lines": [{"quantity": 2}]}],
        "municipalities": ["0301"],
        "years": [2027, 2028],
        "draws": 64,
        "seed": 1,
    },
    "settlement share": {"key": "equal", "total": 10, "parties": [{"id": "A"}, {"id": "B"}]},
    "settlement tariff": {"tariff": {"year_fixed": 2}, "inhabitants": 1000},
    "portfolio optimise": {"initiatives": [{"id": "a", "value": 1, "cost": 1}], "budgets": [1]},
}
#: What the interfaces page promises in each answer.
PROMISED = {
    "impact npv": {"npv", "factors"},
    "impact distribution": {"mean", "sd", "p10", "p50", "p85", "p90"},
    "impact learn": {"theta", "mu", "tau"},
    "impact simulate": {"total", "by_year", "by_municipality", "by_initiative", "load", "hash"},
    "settlement share": {"shares", "total", "tests"},
    "settlement tariff": {"once", "year", "per_inhabitant"},
    "portfolio optimise": {"value", "chosen", "gap", "greedy_value", "bound", "shadow_prices", "excluded"},
}  # fmt: skip
DOORS: dict[str, Callable[[Any], Any]] = {
    "impact npv": impact.npv_json,
    "impact distribution": impact.distribution_json,
    "impact learn": impact.learn_json,
    "impact simulate": impact.simulate_json,
    "settlement share": settlement.share_json,
    "settlement tariff": settlement.tariff_json,
    "portfolio optimise": optimise_json,
}
Path_ = tuple[str | int, ...]
NONSENSE = (None, -1, "x", "\ud800", True, [], {}, math.nan, -math.inf, 1e-320, 1e300, 10**400)


@pytest.fixture
def asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[str, Any], tuple[int, Any]]:
    """Run a command on a value and return its exit code and answer; anything else written fails."""
    file = tmp_path / "in.json"

    def run(command: str, value: Any) -> tuple[int, Any]:
        file.write_text(json.dumps(value))
        code = main([*command.split(), str(file)])
        return code, json.loads(capsys.readouterr().out)

    return run


def places(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the way to every value inside a value, its own first."""
    yield at
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inside:
        yield from places(item, (*at, key))


def changed(value: Any, at: Path_, to: Any) -> Any:
    """Return the value with another one at a place."""
    if not at:
        return to
    whole = copy.deepcopy(value)
    inside = whole
    for key in at[:-1]:
        inside = inside[key]
    inside[at[-1]] = to
    return whole


@pytest.mark.parametrize("command", FULL)
def test_every_key_of_the_interface_is_taken_and_given(command, asked):
    for given in (FULL[command], FEW[command]):
        code, answer = asked(command, given)
        assert code == 0, answer
        assert answer.keys() >= PROMISED[command]
        assert answer == json.loads(json.dumps(DOORS[command](given)))


def with_nulls(few: Any, full: Any) -> Any:
    """Return the value with every key that it lacks, beside one that has all, as null."""
    if isinstance(few, dict) and isinstance(full, dict):
        both = {key: with_nulls(item, full.get(key)) for key, item in few.items()}
        return dict.fromkeys(full) | both
    if isinstance(few, list) and isinstance(full, list):
        return [with_nulls(item, full[0]) for item in few]
    return few


@pytest.mark.parametrize("command", FULL)
def test_null_is_as_left_out(command, asked):
    nulls = with_nulls(FEW[command], FULL[command])
    assert "null" in json.dumps(nulls) or command == "impact distribution"
    both = [asked(command, given) for given in (nulls, FEW[command])]
    for code, answer in both:
        assert code == 0, answer
        answer.pop("hash", None)
    assert both[0] == both[1]


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("command", FULL)
def test_nonsense_in_any_place_is_refused_with_its_place_or_answered_in_numbers(command):
    """Each place meets a third of the nonsense; as the command calls it, without its reading of files."""
    refused: list[dict[str, str]] = []
    ways = [at for at in places(FULL[command]) if at != ("municipalities",)]
    for number, at in enumerate(ways):
        for nonsense in NONSENSE[number % 3 :: 3]:
            try:
                json.dumps(DOORS[command](changed(FULL[command], at, nonsense)), allow_nan=False)
            except RefusedError as error:
                refused.append(error.refused.as_error())
    assert [said for said in refused if not all(said.values())] == []
    assert len(refused) > 2 * len(ways)


NAMED: list[tuple[str, Path_, Any, str, str]] = [
    ("impact simulate", ("initiatives", 0, "lines", 0, "quantity"), -1, "negative_quantity", "initiatives[0].lines[0].quantity"),
    ("impact simulate", ("municipalities", 0), "9999", "unknown_municipality", "municipalities[0]"),
    ("impact simulate", ("initiatives", 0, "lines", 1, "uncertainty", "p10"), 3, "not_in_order", "initiatives[0].lines[1].uncertainty.p10"),
    ("impact simulate", ("initiatives", 0, "lines", 0, "quantity"), math.nan, "not_finite", "initiatives[0].lines[0].quantity"),
    ("impact simulate", ("initiatives", 0, "lines", 1, "key"), "people", "given_twice", "initiatives[0].lines[1].key"),
    ("impact distribution", ("low",), 3, "not_in_order", "input.low"),
    ("impact learn", ("sigma",), [1], "unequal_length", "sigma"),
    ("impact npv", ("public_net",), False, "not_a_list", "public_net"),
    ("settlement share", ("parties", 1, "id"), "A", "duplicate_party", "parties[1].id"),
    ("settlement share", ("parties", 0, "own"), -1, "negative", "parties[0].own"),
    ("settlement share", ("parties", 0, "inhabitants"), 1e-320, "wrong_kind", "parties[0].inhabitants"),
    ("settlement tariff", ("inhabitants",), 0, "not_whole", "inhabitants"),
    ("portfolio optimise", ("initiatives", 1, "requires"), ["a"], "requires_circle", "initiatives[0].requires"),
    ("portfolio optimise", ("budgets",), [3], "unequal_length", "initiatives[0].cost"),
    ("portfolio optimise", ("initiatives", 0, "value"), math.inf, "not_finite", "initiatives[0].value"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "at", "to", "code", "where"), NAMED)
def test_the_error_names_the_place(command, at, to, code, where, asked):
    exit_code, answer = asked(command, changed(FULL[command], at, to))
    assert exit_code == 2
    assert (answer["error"]["code"], answer["error"]["where"]) == (code, where)


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_a_spread_beyond_all_numbers_is_refused_and_not_answered_with_infinity(asked):
    line = {**LINE, "quantity": 1e15, "elasticity": 1, "uncertainty": [1, 1e5, 1e15]}
    code, answer = asked(
        "impact simulate", changed(FULL["impact simulate"], ("initiatives", 0, "lines", 0), line)
    )
    assert (code, answer["error"]["code"]) == (2, "too_large")


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("settlement share", {"key": "equal", "total": 1, "parties": [{"id": "a"}, {"id": "b"}]}),
        ("settlement tariff", {"tariff": {"year_fixed": 3}, "inhabitants": 1}),
        ("impact distribution", {"kind": "lognormal", "p10": 50, "p90": 200}),
    ],
)
def test_what_only_computes_reads_neither_django_nor_other_rooms(words: str, given: object):
    code = (
        "import sys; from samspill.site.cli import main; code = main(sys.argv[1:]); "
        "room = sys.argv[1]; rooms = {name.split('.')[1] for name in sys.modules "
        "if name.startswith('samspill.') and name.count('.') > 1}; "
        "from django.apps import apps; "
        "sys.exit(code or apps.ready or bool(rooms - {room, 'site', 'infra', 'rules', 'kernel'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()], input=json.dumps(given), text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
