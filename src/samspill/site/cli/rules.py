"""Commands of the rules: compute and limit, for any package that has them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from samspill.rules import Problem, calculator
from samspill.site.cli.io import UserError, open_input, read_values, write_json


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    rules = commands.add_parser("rules", help="compute with a service's rules")
    verbs = rules.add_subparsers(required=True, metavar="VERB")
    compute = verbs.add_parser("compute", help="the amount of a household, or of a population")
    compute.add_argument("--explain", action="store_true", help="with every step")
    compute.add_argument("--csv", action="store_true", help="CSV in, CSV out")
    limit = verbs.add_parser("limit", help="the highest income that still gives a payment")
    for parser, command in ((compute, _compute), (limit, _limit)):
        parser.add_argument("package")
        parser.add_argument("--term", required=True, metavar="YYYY-MM")
        parser.add_argument("file", nargs="?", default="-")
        parser.set_defaults(command=command)


def _compute(options: argparse.Namespace) -> int:
    service = _service(options.package)
    if not options.csv:
        return _each(
            options,
            lambda value: service.compute_json(options.term, value, explain=options.explain),
        )
    with open_input(options.file) as stream:
        try:
            service.compute_csv(options.term, stream, sys.stdout)
        except Problem as problem:
            raise _user_error(problem, problem.where) from problem
    return 0


def _limit(options: argparse.Namespace) -> int:
    service = _service(options.package)
    return _each(options, lambda value: service.limit_json(options.term, value))


def _each(options: argparse.Namespace, answer: Callable[[Any], Mapping[str, Any]]) -> int:
    with open_input(options.file) as stream:
        for line, value in read_values(stream):
            try:
                write_json(answer(value))
            except Problem as problem:
                where = problem.where if line == "input" else f"{line}: {problem.where}"
                raise _user_error(problem, where) from problem
    return 0


def _service(package: str) -> Any:
    try:
        return calculator(package)
    except Problem as problem:
        raise _user_error(problem, "PACKAGE") from problem


def _user_error(problem: Problem, where: str) -> UserError:
    values = {**problem.values, "more": problem.more} if problem.more else problem.values
    return UserError(problem.code, problem.said, where=where, remedy=problem.advice, **values)
