"""What lies beside a service in its folder and is never published: is it of use to the service as it is now?

`demo.yaml`: how made-up people of the demo answer, and how long a caseworker takes. `dpia.yaml`: the draft of what
people answer in the assessment of privacy. Both name fields and risks of the package, which may have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from samspill.packages.domain import model
from samspill.packages.domain.findings import Found, all_fields
from samspill.packages.domain.privacy_assessment import basis_of, read_answers, risks_of
from samspill.packages.domain.shapes import or_list
from samspill.packages.domain.source import read_yaml
from samspill.rules.errors import LoadError

DEMO, ASSESSMENT = "demo.yaml", "dpia.yaml"
BESIDE: Final = (DEMO, ASSESSMENT)
_ASSESSED: Final = ("texts", "risks")
_HABITS: Final = ("pace_s", "profiles", "everybody", "caseworker")
_NUMBERS: Final = ("integer", "decimal", "amount")
_PAIR: Final = 2
_Path = tuple[str | int, ...]


def faults_beside(package: model.Package, files: Mapping[str, bytes]) -> tuple[LoadError, ...]:
    """Return what is wrong with the files beside a package, each with line, key and remedy.

    Args:
        package: the service as it was read.
        files: those of `BESIDE` that are there, path → bytes.
    """
    errors: list[LoadError] = []
    checks: dict[str, Callable[[model.Package, Any], Iterator[Found]]] = {
        DEMO: _of_demo,
        ASSESSMENT: _of_assessment,
    }
    for name, check in checks.items():
        document = read_yaml(name, files[name], errors) if name in files else None
        if document is not None:
            errors.extend(
                LoadError(
                    file=name,
                    line=document.line(found.path),
                    key=found.key,
                    message=found.message,
                    remedy=found.remedy,
                )
                for found in check(package, document.value)
            )
    return tuple(errors)


# ── how made-up people answer ─────────────────────────────────────────────────────────────


def _of_demo(package: model.Package, given: Any) -> Iterator[Found]:
    if not isinstance(given, Mapping) or set(given) != set(_HABITS):
        message = f"The keys are not {', '.join(_HABITS)}."
        yield Found(DEMO, (), message, "Write these four, and no others.")
        return
    if not _is_span(given["pace_s"]) or given["pace_s"][0] < 1:
        message = f"{given['pace_s']!r} is not a span of seconds."
        yield Found(DEMO, ("pace_s",), message, "Write two whole numbers, the least first.")
    yield from _of_profiles(package, given["profiles"])
    for name in ("everybody", "caseworker"):
        yield from _of_answers(package, (name,), given[name])


def _of_profiles(package: model.Package, given: Any) -> Iterator[Found]:
    if not isinstance(given, list) or not given:
        yield Found(DEMO, ("profiles",), "There are no profiles.", "Write a list of them.")
        return
    for at, profile in enumerate(given):
        path: _Path = ("profiles", at)
        if not isinstance(profile, Mapping) or set(profile) != {"weight", "answers"}:
            yield Found(DEMO, path, "The keys are not weight and answers.", "Write these two.")
            continue
        if not _is_whole(profile["weight"]) or profile["weight"] < 1:
            message = f"{profile['weight']!r} is not a weight."
            yield Found(DEMO, (*path, "weight"), message, "Write a whole number from 1.")
        yield from _of_answers(package, (*path, "answers"), profile["answers"])


def _of_answers(package: model.Package, path: _Path, given: Any) -> Iterator[Found]:
    if not isinstance(given, Mapping):
        yield Found(DEMO, path, "This is no list of answers.", "Write field: answer on each line.")
        return
    fields = {spec.path: spec for spec in all_fields(package.fields)}
    for name, value in given.items():
        here = (*path, name)
        if name not in fields:
            message = f"There is no field {name!r}."
            yield Found(DEMO, here, message, "Correct the name, or remove the line.")
        elif value is not None and (wanted := _unfit(fields[name], value)):
            yield Found(DEMO, here, f"{value!r} is no answer to it.", f"Write {wanted}.")


def _unfit(spec: model.Field, value: Any) -> str:
    """Say what would be an answer to a field, or nothing when the value is one that the demo can give or draw."""
    among = value if isinstance(value, list) and value else [value]
    if spec.type == "boolean":
        return "" if isinstance(value, bool) else "true or false"
    if spec.type in _NUMBERS:
        fits = _is_span(value) or _is_number(value)
        return "" if fits else "a number, or a span of two whole ones with the least first"
    if spec.type == "choice" and spec.options:
        return "" if all(one in spec.options for one in among) else or_list(spec.options)
    return "" if all(isinstance(one, str) for one in among) else "a text, or a list of texts"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or isinstance(value, float)


def _is_span(value: Any) -> bool:
    whole = isinstance(value, list) and len(value) == _PAIR and all(map(_is_whole, value))
    return whole and bool(value[0] <= value[1])


# ── the assessment of privacy ─────────────────────────────────────────────────────────────


def _of_assessment(package: model.Package, given: Any) -> Iterator[Found]:
    if not isinstance(given, Mapping) or not set(given) <= set(_ASSESSED):
        message = f"The keys are not {' and '.join(_ASSESSED)}."
        yield Found(ASSESSMENT, (), message, "Write these two, and no others.")
        return
    try:
        answers = read_answers(given)
    except ValueError as error:
        where, _, why = str(error).partition(": ")
        path = tuple(where.split(".")) if why else ()
        yield Found(ASSESSMENT, path, f"{(why or where).capitalize()}.", "Correct the answer.")
        return
    raised = {risk.key for risk in risks_of(basis_of(package))}
    for key in answers.risks:
        if key not in raised:
            message = f"The service raises no risk {key!r}."
            yield Found(
                ASSESSMENT,
                ("risks", key),
                message,
                f"Remove it, or write one of {', '.join(sorted(raised))}.",
            )
