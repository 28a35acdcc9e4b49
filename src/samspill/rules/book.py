"""A rule book, and the policy that holds on one date. The door of the room is in `__init__`.

numpy comes with the first population: a process that decides one case at a time never loads it.
"""

from __future__ import annotations

import bisect
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from samspill.rules.checks import ColumnFault, advice_of, check_column, check_values
from samspill.rules.errors import (
    DateNotCovered,
    InputError,
    InputFault,
    LoadError,
    NotMonotone,
    RuleBookError,
)
from samspill.rules.explain import Explanation, compile_explanation, label
from samspill.rules.graph import Graph, GraphBuilder, change_dates
from samspill.rules.parameters import ParameterReader
from samspill.rules.reach import EITHER, UP
from samspill.rules.scalar import compile_scalar
from samspill.rules.source import SourceReader
from samspill.rules.specs import Coverage, Declared, InputSpec, ParameterSpec, RuleSpec
from samspill.rules.unknown import Analysis, Missing, keys_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from samspill.rules.blocks import Kernel
    from samspill.rules.vector import Column

_RULE_FILES = ("inputs.py", "rules.py", "persons.py")
_PARAMETER_FILE = "parameters.yaml"


@attrs.frozen
class Result:
    """The values asked for; those that `unknown` inputs still decide are left out."""

    values: dict[str, Any]
    unknown: tuple[str, ...] = ()


@attrs.define
class Policy:
    """The rules and rates of one date, ready to calculate. Get it from `RuleBook.on`."""

    graph: Graph
    keys: Mapping[str, Mapping[Any, Any]]
    _compiled: dict[tuple[Any, ...], Any] = attrs.field(factory=dict)

    @property
    def since(self) -> dt.date:
        """The date from which exactly these rules and rates hold."""
        return self.graph.date

    @property
    def inputs(self) -> Mapping[str, InputSpec]:
        """Every input that the book declares."""
        return self.graph.inputs

    @property
    def rules(self) -> dict[str, RuleSpec]:
        """Every rule that holds, in order of calculation."""
        return {name: node.spec for name, node in self.graph.nodes.items()}

    def targets(self, group: str = "") -> tuple[str, ...]:
        """Give the rules that need only inputs of one group (the empty name: the main group)."""
        return tuple(
            name
            for name in self.graph.nodes
            if all(
                self.graph.inputs[given].group == group
                for given in self.graph.inputs_of(self.graph.needed([name]))
            )
        )

    def label(self, name: str, language: str = "nb") -> str:
        """Give the name of a rule or an input in a language."""
        if name in self.graph.nodes:
            return label(self.graph.nodes[name].spec.texts[language])
        spec = self.graph.inputs.get(name)
        return label(spec.texts[language]) if spec else name

    def compute(self, inputs: Mapping[str, Any], targets: Sequence[str] = ()) -> Result:
        """Calculate one case; an input that is absent has its default, None is unanswered.

        Args:
            inputs: values by name; check doubtful ones with `faults` first.
            targets: names of rules; all of the main group when none are given.

        Raises:
            InputError: a name is not known, or a required input is absent.
        """
        function = self._once(("scalar", tuple(targets)), lambda: self._scalar(targets))
        if None in inputs.values():
            return self._partly(inputs, targets)
        return Result(self._call(function, inputs))

    def explain(
        self, inputs: Mapping[str, Any], targets: Sequence[str] = (), language: str = "nb"
    ) -> Explanation:
        """Calculate one case and give every step in words."""
        chosen = tuple(targets)
        function = self._once(
            ("explain", chosen, language), lambda: self._explainer(chosen, language)
        )
        explanation: Explanation = self._call(function, inputs)
        return explanation

    def missing(self, inputs: Mapping[str, Any], target: str) -> Missing:
        """Say which unanswered inputs can still change the target, and its bounds.

        An input that is absent or None is unanswered here, even when it has a default.
        """
        return self._analysis(target).missing(self._known(inputs))

    def faults(
        self,
        inputs: Mapping[str, Any],
        targets: Sequence[str] = (),
        allowed: Mapping[str, InputSpec] | None = None,
    ) -> list[InputFault]:
        """Give everything that is wrong with the values: names, kinds, bounds, codes.

        `allowed` narrows the names that may be given; else all that the book declares.
        """
        specs = self.graph.inputs if allowed is None else allowed
        needed = self._required(tuple(targets))
        return check_values(inputs, specs, self.keys, [name for name in needed if name in specs])

    def advice_of(self, name: str) -> tuple[str, dict[str, str]]:
        """Return what can be given as an input, as a msgid and its values."""
        return advice_of(self.graph.inputs[name])

    def column_faults(self, columns: Mapping[str, npt.NDArray[Any]]) -> list[ColumnFault]:
        """Give the first fault of every column."""
        return [
            fault
            for name, column in columns.items()
            if name in self.graph.inputs
            for fault in check_column(self.graph.inputs[name], column, self.keys.get(name))
        ]

    def codes(self, name: str) -> tuple[str, ...]:
        """Give the texts that the code numbers of a vector stand for."""
        if name in self.graph.nodes:
            return self.graph.nodes[name].spec.options
        return self.graph.inputs[name].options

    def vector(
        self,
        columns: Mapping[str, npt.NDArray[Any]],
        targets: Sequence[str] = (),
        *,
        threads: int | None = None,
    ) -> dict[str, npt.NDArray[Any]]:
        """Calculate a whole population; absent columns have their default.

        A column is an array per household: numbers and counts of any numeric type, flags as bool or 0/1,
        choices as the position in `codes`, keys as whole numbers (`301` for `0301`), lists as an array
        with one column for each element, filled up with 0. Results that are codes come as positions.
        """
        from samspill.rules.blocks import default_threads

        chosen = tuple(targets) or self.targets()
        flat, shapes, size = self._flat(columns, chosen)
        kernel: Kernel = self._once(
            ("vector", chosen, tuple(sorted(shapes.items(), key=lambda item: item[0]))),
            lambda: self._kernel(chosen, shapes),
        )
        return kernel.run(flat, size, threads or default_threads())

    def solve(
        self,
        inputs: Mapping[str, Any],
        *,
        holds: str,
        unknown: str,
        high: int,
        at: Callable[[int], float] = float,
    ) -> int | None:
        """Find the highest whole number whose `at(number)`, put in `unknown`, keeps the rule true.

        Raises:
            NotMonotone: a higher value does not always count against it, so there is no one limit.
        """
        self._must_fall(inputs, holds, unknown)
        function = self._once(("scalar", (holds,)), lambda: self._scalar((holds,)))

        def fails(number: int) -> bool:
            values = self._call(function, {**inputs, unknown: at(number)})
            return not values[holds]

        found = bisect.bisect_left(range(high + 1), x=True, key=fails)
        return found - 1 if found else None

    def _must_fall(self, inputs: Mapping[str, Any], holds: str, unknown: str) -> None:
        known = {n: s.default for n, s in self.graph.inputs.items() if not s.required}
        signs = self._analysis(holds).signs({**known, **inputs, unknown: None})
        if signs.get(unknown) in {UP, EITHER}:
            message = f"{holds} does not fall when {unknown} grows"
            raise NotMonotone(message)

    def _required(self, targets: tuple[str, ...]) -> tuple[str, ...]:
        def find() -> tuple[str, ...]:
            read = self.graph.inputs_of(self.graph.needed(targets or self.targets()))
            return tuple(name for name in read if self.graph.inputs[name].required)

        found: tuple[str, ...] = self._once(("required", targets), find)
        return found

    def _once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = make()
        return found

    def _scalar(self, targets: Sequence[str]) -> Callable[..., dict[str, Any]]:
        chosen = tuple(targets) or self.targets()
        values = ", ".join(f"{name!r}: {name}" for name in chosen)
        return compile_scalar(self.graph, self.graph.needed(chosen), f"{{{values}}}", {})

    def _explainer(self, targets: Sequence[str], language: str) -> Callable[..., Explanation]:
        chosen = tuple(targets) or self.targets()
        return compile_explanation(self.graph, self.graph.needed(chosen), chosen, language)

    def _call(self, function: Callable[..., Any], inputs: Mapping[str, Any]) -> Any:
        try:
            return function(**inputs)
        except (TypeError, KeyError):
            faults = check_values(inputs, self.graph.inputs, self.keys, ())
            faults = faults or self.faults(inputs)
            if not faults:
                raise
            raise InputError(faults) from None

    def _known(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        unknown = [name for name in inputs if name not in self.graph.inputs]
        if unknown:
            raise InputError(check_values(dict.fromkeys(unknown), self.graph.inputs, {}, ()))
        return {name: value for name, value in inputs.items() if value is not None}

    def _partly(self, inputs: Mapping[str, Any], targets: Sequence[str]) -> Result:
        chosen = tuple(targets) or self.targets()
        defaults = {n: s.default for n, s in self.graph.inputs.items() if not s.required}
        asked = {**defaults, **inputs}
        known = self._known(asked)
        values, unknown = {}, dict[str, None]()
        for target in chosen:
            analysis = self._analysis(target)
            open_inputs = analysis.unanswered(known)
            if open_inputs:
                unknown.update(dict.fromkeys(open_inputs))
            else:
                values[target] = analysis.settled(known)
        return Result(values, tuple(unknown))

    def _analysis(self, target: str) -> Analysis:
        def make() -> Analysis:
            function = self._scalar((target,))
            return Analysis(
                self.graph, target, self.keys, lambda inputs: self._call(function, inputs)[target]
            )

        found: Analysis = self._once(("analysis", target), make)
        return found

    def _flat(
        self, columns: Mapping[str, npt.NDArray[Any]], targets: Sequence[str]
    ) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Column], int]:
        self._known(dict.fromkeys(columns))
        read = self.graph.inputs_of(self.graph.needed(targets))
        flat: dict[str, npt.NDArray[Any]] = {}
        shapes: dict[str, Column] = {}
        sizes = {len(column) for column in columns.values()}
        if len(sizes) != 1:
            raise InputError(_sizes(columns))
        for name in read:
            if name in columns:
                shapes[name] = self._add_column(flat, self.graph.inputs[name], columns[name])
        return flat, shapes, sizes.pop()

    def _add_column(
        self, flat: dict[str, npt.NDArray[Any]], spec: InputSpec, column: npt.NDArray[Any]
    ) -> Column:
        import numpy as np

        from samspill.rules.vector import Column

        name = spec.name
        if spec.kind == "numbers":
            wide = column if column.ndim > 1 else column[:, None]
            parts = wide.shape[1]
            flat.update({f"{name}__{n}": wide[:, n] for n in range(parts)})
            return Column(kind="f", parts=parts)
        if spec.kind == "flag":
            flat[name] = column.view(np.bool_) if column.itemsize == 1 else column.astype(np.bool_)
            return Column(kind="b")
        if spec.kind == "key":
            self._check_keys(spec, column)
        flat[name] = column
        if spec.kind == "choice":
            return Column(kind="c")
        return Column(kind="f" if column.dtype == np.float64 else "n")

    def _check_keys(self, spec: InputSpec, column: npt.NDArray[Any]) -> None:
        import numpy as np

        known = [int(key) for key in self.keys.get(spec.name, ())]
        table = np.zeros(max(known, default=0) + 2, np.bool_)
        table[known] = True
        step = 65536
        for start in range(0, len(column), step):
            if not table.take(column[start : start + step], mode="clip").all():
                faults = check_column(spec, column, self.keys.get(spec.name))
                raise InputError([fault.fault for fault in faults])

    def _kernel(self, targets: tuple[str, ...], shapes: Mapping[str, Column]) -> Kernel:
        from samspill.rules.blocks import compile_kernel

        rules = self.graph.needed(targets)
        codes = {n: s.options for n, s in self.graph.inputs.items() if s.kind == "choice"}
        codes |= {n: d.spec.options for n, d in self.graph.nodes.items() if d.spec.options}
        return compile_kernel(self.graph, rules, targets, shapes, codes)


def _sizes(columns: Mapping[str, npt.NDArray[Any]]) -> list[InputFault]:
    lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
    return [
        InputFault(
            code="lengths_differ",
            where="columns",
            said="the columns have different lengths or there are none: %(lengths)s.",
            advice="Give one value for each household in every column.",
            values={"lengths": lengths},
        )
    ]


@attrs.define
class RuleBook:
    """A package's rules and rates through time; checked complete when loaded."""

    declared: Declared
    hash: str
    _policies: dict[dt.date, Policy] = attrs.field(factory=dict)
    _changes: tuple[dt.date, ...] = ()

    @property
    def version(self) -> str:
        """The version that the book gives itself."""
        return self.declared.coverage.version

    @property
    def coverage(self) -> Coverage:
        """The dates that the book answers for."""
        return self.declared.coverage

    @property
    def parameters(self) -> Mapping[str, ParameterSpec]:
        """Every parameter with its dated values."""
        return self.declared.parameters

    @property
    def changes(self) -> tuple[dt.date, ...]:
        """Every date on which a rule or a rate changes."""
        return self._changes

    def on(self, date: dt.date) -> Policy:
        """Give the policy of a date; the same one for all dates between two changes.

        Raises:
            DateNotCovered: the rules or the rates of the date are not known; it says why.
        """
        covered = self.declared.coverage
        if not covered.start <= date <= covered.end:
            early = date < covered.start
            raise DateNotCovered(
                on=date,
                code="term_before_rules" if early else "term_after_rates",
                reason=covered.before if early else covered.after,
                remedy=covered.remedy,
            )
        return self._policies[self._changes[bisect.bisect_right(self._changes, date) - 1]]


def load(path: Path) -> RuleBook:
    """Read and check the rule book in a package folder.

    Raises:
        RuleBookError: with every fault found, each with file, line, key and remedy.
    """
    names = (*_RULE_FILES, _PARAMETER_FILE)
    return load_files({n: (path / n).read_bytes() for n in names if (path / n).is_file()})


def load_files(files: Mapping[str, bytes]) -> RuleBook:
    """Read and check the rule book of a published package from its files; others are left alone.

    Raises:
        RuleBookError: with every fault found, each with file, line, key and remedy.
    """
    declared, digest = _read(files)
    changes = change_dates(declared)
    errors: list[LoadError] = []
    policies: dict[dt.date, Policy] = {}
    for date in changes:
        builder = GraphBuilder(declared, date)
        graph = builder.build()
        errors.extend(builder.errors)
        if graph is not None:
            policies[date] = Policy(graph, keys_of(graph))
    if errors:
        raise RuleBookError(_first_of_each(errors))
    return RuleBook(declared, digest, policies, changes)


def _read(files: Mapping[str, bytes]) -> tuple[Declared, str]:
    source, parameters = SourceReader(), ParameterReader()
    digest = hashlib.sha256()
    lacking = [name for name in ("rules.py", _PARAMETER_FILE) if name not in files]
    if lacking:
        raise RuleBookError([_no_file(name) for name in lacking])
    for name in (*_RULE_FILES, _PARAMETER_FILE):
        if name in files:
            digest.update(name.encode() + b"\0" + files[name] + b"\0")
            reader = parameters if name == _PARAMETER_FILE else source
            reader.read(name, files[name])
    errors = [*source.errors, *parameters.errors]
    if source.coverage is None or errors:
        raise RuleBookError(errors or [_no_coverage()])
    declared = Declared(
        coverage=source.coverage,
        inputs=source.inputs,
        rules=tuple(source.rules),
        parameters=parameters.parameters,
        sources=parameters.sources,
    )
    return declared, digest.hexdigest()


def _no_file(name: str) -> LoadError:
    return LoadError(
        file=name, line=1, key=name, message="the file is not there.", remedy=f"Write {name}."
    )


def _no_coverage() -> LoadError:
    return LoadError(
        file="rules.py",
        line=1,
        key="rulebook",
        message="the book does not say which dates it covers.",
        remedy="Write rulebook(version=..., start=..., end=..., before=..., after=..., remedy=...).",
    )


def _first_of_each(errors: Iterable[LoadError]) -> list[LoadError]:
    """Keep one of the faults that differ only in date."""
    seen: dict[tuple[str, int, str, str], LoadError] = {}
    for error in errors:
        text = error.message.split(": ", 1)[-1]
        seen.setdefault((error.file, error.line, error.key, text), error)
    return list(seen.values())
