#!/usr/bin/env python3
"""Change the decision point in one place at a time, and see whether a test of the rules notices.

    .venv/bin/python scripts/mutate.py                  all of it, two at a time; writes docs/run/mutation.md
    .venv/bin/python scripts/mutate.py --only deciding  one module, nothing written
    .venv/bin/python scripts/mutate.py --module x.py=pkg.x --tests test_x.py --json

Each change (a comparison, `and`/`or`, a number, a name in a table, a returned value, a condition, a statement) is
made on the syntax tree, in memory; the tests run against it in a forked process, where the changed module is what is
imported. A run that fails, or does not end, has killed the change. Words for people (`wanted=`, what `refuse` says)
and types are not changed. What no test can tell apart is listed with its reason in `scripts/mutants_alike.json`
and counts as surviving all the same.

Own, because what decides here stands as much in tables and in properties as in functions: mutmut 3 leaves module
level and decorated functions alone, cosmic-ray starts a process for every change.
"""

from __future__ import annotations

import argparse
import ast
import collections
import concurrent.futures
import contextlib
import copy
import datetime as dt
import importlib.abc
import importlib.machinery
import importlib.util
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "samspill.mandates.domain"
TESTS = {
    "deciding": ("test_deciding_edges.py", "test_deciding.py"),
    "guardians": ("test_reading_domain.py",),
    "reading": ("test_reading_domain.py",),
    "model": ("test_deciding_edges.py", "test_reading_domain.py"),
    "codes": ("test_states.py",),
    "scopes": ("test_states.py",),
    "history": ("test_states.py",),
}
"""Each module, and the tests that must notice a change of it: its own, not whatever may happen to fail."""
REPORT, ALIKE = ROOT / "docs/run/mutation.md", ROOT / "scripts/mutants_alike.json"
PATIENCE_S = 60
LIMIT = 0.9
_WORDS = {"refuse", "_bad", "RefusedError"}
_ORDER: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_SUMS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr, ast.Mod: ast.Mult,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: where, what it was and became, and the whole module with it."""

    name: str
    line: int
    tree: ast.Module


# ── which changes ────────────────────────────────────────────────────────────────────────────────


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every change of a module, each with a name that does not depend on line numbers."""
    tree = ast.parse(source)
    seen: collections.Counter[str] = collections.Counter()
    for where, path, node in _places(tree, "", ()):
        for other in _others(node):
            before, after = _text(node), _text(other)
            if before == after:
                continue
            name = f"{where or 'module'}: {before} → {after}"
            seen[name] += 1
            if seen[name] > 1:
                name += f" ({seen[name]})"
            yield Mutant(name, getattr(node, "lineno", 0), _with(tree, path, other))


def _text(node: ast.AST | None) -> str:
    text = "nothing" if node is None else ast.unparse(node)
    return " ".join(text.split())[:160]


Path_ = tuple[tuple[str, int | None], ...]


def _places(node: ast.AST, where: str, path: Path_) -> Iterator[tuple[str, Path_, ast.AST]]:
    """Walk what may be changed: not docstrings, annotations, decorators, types or words for people."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        items = value if isinstance(value, list) else [value]
        for at, child in enumerate(items):
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            step = (*path, (name, at if isinstance(value, list) else None))
            inner = where
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = f"{where}.{child.name}".strip(".")
            yield inner, step, child
            yield from _places(child, inner, step)


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.keyword) and node.arg in ("wanted", "remedy", "law"):
        return True
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
        return True  # a type
    return isinstance(node, ast.Call) and _called(node) in (*_WORDS, "cast", "TypeVar")


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _others(node: ast.AST) -> Iterator[ast.AST | None]:
    """Yield what may stand in the place of a node."""
    change = _CHANGES.get(type(node))
    if change is not None:
        yield from change(node)


def _compare(node: Any) -> Iterator[ast.AST]:
    for at, operator in enumerate(node.ops):
        for other in _ORDER.get(type(operator), ()):
            changed = copy.deepcopy(node)
            changed.ops[at] = other()
            yield changed


def _bool_op(node: Any) -> Iterator[ast.AST]:
    changed = copy.deepcopy(node)
    changed.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield changed
    for at in range(len(node.values)):
        rest = [value for n, value in enumerate(node.values) if n != at]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _unary(node: Any) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _bin_op(node: Any) -> Iterator[ast.AST]:
    other = _SUMS.get(type(node.op))
    if other is not None:
        yield ast.BinOp(node.left, other(), node.right)


def _constant(node: Any) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str):
        yield ast.Constant(f"X{value}X" if value else "X")


def _returned(node: Any) -> Iterator[ast.AST]:
    if node.value is not None and not (
        isinstance(node.value, ast.Constant) and node.value.value is None
    ):
        yield ast.Return(ast.Constant(None))


def _condition(node: Any) -> Iterator[ast.AST]:
    for value in (True, False):
        changed = copy.deepcopy(node)
        changed.test = ast.Constant(value)
        yield changed


def _if_exp(node: Any) -> Iterator[ast.AST]:
    yield from (node.body, node.orelse)


def _listed(node: Any) -> Iterator[ast.AST]:
    """Leave one out of a table."""
    if len(node.elts) > 1 and not isinstance(getattr(node, "ctx", None), ast.Store):
        for at in range(len(node.elts)):
            changed = copy.deepcopy(node)
            del changed.elts[at]
            yield changed


def _mapped(node: Any) -> Iterator[ast.AST]:
    for at in range(len(node.keys)):
        changed = copy.deepcopy(node)
        del changed.keys[at], changed.values[at]
        yield changed


def _loop(node: Any) -> Iterator[ast.AST]:
    for at in range(len(node.ifs)):
        changed = copy.deepcopy(node)
        del changed.ifs[at]
        yield changed


def _statement(node: Any) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call | ast.Yield):
        yield ast.Pass()


_CHANGES: dict[type[ast.AST], Any] = {
    ast.Compare: _compare, ast.BoolOp: _bool_op, ast.UnaryOp: _unary, ast.BinOp: _bin_op,
    ast.Constant: _constant, ast.Return: _returned, ast.If: _condition, ast.IfExp: _if_exp, ast.Tuple: _listed,
    ast.List: _listed, ast.Set: _listed, ast.Dict: _mapped, ast.comprehension: _loop, ast.Expr: _statement,
    ast.Continue: lambda _node: iter([ast.Break()]),
}  # fmt: skip


def _with(tree: ast.Module, path: Path_, other: ast.AST | None) -> ast.Module:
    changed = copy.deepcopy(tree)
    node: Any = changed
    for name, at in path[:-1]:
        node = getattr(node, name) if at is None else getattr(node, name)[at]
    name, at = path[-1]
    if at is None:
        setattr(node, name, other)
    else:
        getattr(node, name)[at] = other
    return ast.fix_missing_locations(changed)


# ── one change against the tests ─────────────────────────────────────────────────────────────────


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Give the changed module when it is imported."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, fullname: str, *_where: Any) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=self.path)

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self.path
        exec(self.code, module.__dict__)  # noqa: S102 - our own source


def survives(tree: ast.Module, *, name: str, path: Path, tests: Sequence[str]) -> bool:
    """Run the tests over a changed module in a forked process; tell whether they all pass."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(_run(tree, name, path, tests))
        os._exit(2)
    _pid, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def _run(tree: ast.Module, name: str, path: Path, tests: Sequence[str]) -> int:
    import pytest

    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(PATIENCE_S)  # what does not end is killed by it
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    sys.meta_path.insert(0, _Changed(name, str(path), compile(tree, str(path), "exec")))
    sys.path.insert(0, str(path.parent if "." not in name else ROOT / "src"))
    alone = ["-c", os.devnull, "--rootdir", str(ROOT), "--noconftest", "-p", "no:cacheprovider"]
    quiet = ["-q", "-x", "--tb=no", "-W", "error", "--import-mode=importlib"]
    return int(pytest.main([*alone, *quiet, *tests]))


def _prepare() -> None:
    """Load what does not change before the forks, and let random tests be the same for every change."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import hypothesis
    import pytest  # noqa: F401

    sys.path.insert(0, str(ROOT / "src"))
    for name in ("samspill.kernel.outcome", "samspill.kernel.periods"):
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(name)
    hypothesis.settings.register_profile(
        "mutate", derandomize=True, max_examples=25, deadline=None, database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )  # fmt: skip
    hypothesis.settings.load_profile("mutate")


def judge(name: str, path: Path, tests: Sequence[str]) -> tuple[int, list[Mutant]]:
    """Return how many changes of a module there are, and those that no test noticed.

    Raises:
        SystemExit: the tests fail without any change.
    """
    source = path.read_text(encoding="utf-8")
    if not survives(ast.parse(source), name=name, path=path, tests=tests):
        sys.exit(f"The tests fail over {path.name} as it stands: mend them first.")
    found, lived = 0, []
    for one in mutants(source):
        found += 1
        if survives(one.tree, name=name, path=path, tests=tests):
            lived.append(one)
            print(f"survived {path.stem}:{one.line} {one.name}", file=sys.stderr, flush=True)
    return found, lived


def _judged(module: str) -> tuple[str, int, list[tuple[str, int]]]:
    tests = [str(ROOT / "src/samspill/mandates/tests" / name) for name in TESTS[module]]
    path = ROOT / "src" / Path(*PACKAGE.split(".")) / f"{module}.py"
    found, lived = judge(f"{PACKAGE}.{module}", path, tests)
    return module, found, [(one.name, one.line) for one in lived]


# ── the report ───────────────────────────────────────────────────────────────────────────────────


def _report(results: list[tuple[str, int, list[tuple[str, int]]]]) -> str:
    reasons = json.loads(ALIKE.read_text(encoding="utf-8"))
    found = sum(one[1] for one in results)
    lived = sum(len(one[2]) for one in results)
    lines = [
        "# Mutation test of the decision point",
        "",
        (
            f"{dt.datetime.now(dt.UTC):%Y-%m-%d}: **{found - lived} of {found} changes killed, "
            f"{1 - lived / found:.1%}** (at least {LIMIT:.0%}). Made by `make mutate`; "
            "`scripts/mutate.py` says what is changed and what is not."
        ),
        "",
        "| module | changes | killed | share |",
        "|---|---|---|---|",
        *(
            f"| `{module}` | {count} | {count - len(left)} | {1 - len(left) / count:.1%} |"
            for module, count, left in results
        ),
        "",
        "## Those that live, and why",
        "",
        *(
            f"- `{module}` {name.replace('|', '¦')}. {reasons.get(f'{module}.{name}', '**Not explained.**')}"
            for module, _count, left in results
            for name, _line in left
        ),
    ]
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mutation test of the decision point.")
    parser.add_argument("--only", choices=tuple(TESTS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--module", help="FILE=NAME of another module")
    parser.add_argument("--tests", nargs="*", default=[])
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Judge, report, and return 1 when less than nine of ten are killed."""
    asked = _arguments()
    _prepare()
    if asked.module:
        file, _, name = asked.module.partition("=")
        found, lived = judge(name, Path(file).resolve(), asked.tests)
        print(json.dumps({"found": found, "survived": [one.name for one in lived]}))
        return 0
    chosen = (asked.only,) if asked.only else tuple(TESTS)
    context = multiprocessing.get_context("fork")  # what is loaded is loaded once
    with concurrent.futures.ProcessPoolExecutor(asked.jobs, mp_context=context) as pool:
        results = list(pool.map(_judged, chosen))
    text = _report(results)
    if asked.only:
        print(text)
    else:
        REPORT.write_text(text, encoding="utf-8")
        print(f"Written: {REPORT.relative_to(ROOT)}")
    found, lived_count = sum(one[1] for one in results), sum(len(one[2]) for one in results)
    return 0 if found and 1 - lived_count / found >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
