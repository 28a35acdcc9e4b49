"""What must hold in process.yaml: states that are reached and left, tasks, decisions and terms that point rightly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from samspill.packages.domain import model
from samspill.packages.domain.findings import Found, Path, all_fields, refer, rows_of


def process_faults(package: model.Package) -> Iterator[Found]:
    """Check the whole of process.yaml."""
    file, process = "process.yaml", package.process
    states = process.states
    yield from refer(file, ("initial",), "state", [process.initial], states)
    for at, move in enumerate(process.transitions):
        yield from refer(file, ("transitions", at, "from"), "state", move.from_states, states)
        yield from refer(file, ("transitions", at, "to"), "state", [move.to], states)
    reached = _reached(process)
    for name, state in states.items():
        if name not in reached and process.initial in states:
            yield Found(
                file, ("states", name), "No transition leads here.", "Add one, or remove the state."
            )
        if not state.final and not any(name in move.from_states for move in process.transitions):
            yield Found(
                file,
                ("states", name),
                "Nothing leads out of the state.",
                "Add a transition, or `final: true`.",
            )
    yield from _tasks(package)
    yield from _decisions(package)


def _reached(process: model.Process) -> set[str]:
    reached = {
        process.initial,
        *(decision.state for decision in process.decisions if decision.state),
    }
    while True:
        further = {
            move.to for move in process.transitions if reached & set(move.from_states)
        } - reached
        if not further:
            return reached
        reached |= further


def _tasks(package: model.Package) -> Iterator[Found]:
    file, paths = "process.yaml", {spec.path for spec in all_fields(package.fields)}
    for at, task in enumerate(package.process.tasks):
        where: Path = ("tasks", at)
        yield from refer(file, (*where, "state"), "state", [task.state], package.process.states)
        yield from refer(file, (*where, "fields"), "field", task.fields, paths)
        yield from refer(file, (*where, "shows"), "field", task.shows, paths)
        yield from rows_of(package, file, (*where, "for_each"), task.for_each)
        for path in task.fields:
            spec = package.field_at(path)
            if spec is not None and spec.source != "caseworker":
                yield Found(
                    file,
                    (*where, "fields"),
                    f"{path!r} is not filled by caseworkers.",
                    "Set `source: caseworker`, or put it in `shows`.",
                )


def _decisions(package: model.Package) -> Iterator[Found]:
    file, process = "process.yaml", package.process
    for at, decision in enumerate(process.decisions):
        where: Path = ("decisions", at)
        state = [decision.state] if decision.state else []
        yield from refer(file, (*where, "letter"), "letter", [decision.letter], package.letters)
        yield from refer(file, (*where, "state"), "state", state, process.states)
    codes = Counter(code for decision in process.decisions for code in decision.codes)
    for code, count in codes.items():
        if count > 1:
            message = f"The code {code} gives {count} outcomes."
            yield Found(file, ("decisions",), message, "Let each code give one.")
    yield from _deciding(package, codes)
    if process.terms is not None:
        yield from _terms(process.terms, codes)
        paths = {spec.path for spec in all_fields(package.fields)}
        for code, asked in process.terms.ask_first.items():
            yield from refer(file, ("terms", "ask_first", code), "field", asked, paths)


def _deciding(package: model.Package, codes: Mapping[str, int]) -> Iterator[Found]:
    file, process = "process.yaml", package.process
    if process.decide is not None and process.terms is not None:
        message = "Both `decide` and `terms` say how it is decided."
        yield Found(file, ("decide",), message, "Keep `terms.decide`.")
    if process.result is None:
        return
    where: Path = ("terms", "decide") if process.terms else ("decide",)
    if not package.has_rules():
        message = "It is decided by rules, and there is no rules.py."
        yield Found(file, where, message, "Add rules.py.")
    granted = process.result.granted
    yield from refer(file, (*where, "granted"), "decision with the code", granted, codes)


def _terms(plan: model.TermPlan, codes: Mapping[str, int]) -> Iterator[Found]:
    what, file = "decision with the code", "process.yaml"
    yield from refer(file, ("terms", "carry_over"), what, plan.carry_over, codes)
    if plan.retest:
        yield from refer(file, ("terms", "retest", "codes"), what, plan.retest.codes, codes)
    if plan.correction:
        yield from refer(
            file, ("terms", "correction", "rejected"), what, plan.correction.rejected, codes
        )
        yield from refer(
            file,
            ("terms", "correction", "codes"),
            what,
            [*plan.correction.codes, *plan.correction.codes.values()],
            codes,
        )
    yield from refer(file, ("terms", "ask_first"), what, plan.ask_first, codes)
    if plan.missing_code:
        yield from refer(file, ("terms", "missing_code"), what, [plan.missing_code], codes)
