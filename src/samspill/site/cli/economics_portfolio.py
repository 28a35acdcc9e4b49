"""The command `portfolio optimise`: the best portfolio within budgets and capacity, with its proven gap."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

import attrs

from samspill.kernel.outcome import RefusedError
from samspill.site.cli.computing import ready_to_compute
from samspill.site.cli.io import open_input, read_values, write_json


def register(commands: Any) -> None:
    """Add the command to the parser."""
    portfolio = commands.add_parser("portfolio", help="what to choose before the budget")
    verbs = portfolio.add_subparsers(required=True, metavar="VERB")
    optimise = verbs.add_parser("optimise", help="the best portfolio within budgets and capacity")
    optimise.add_argument("file", nargs="?", default="-", metavar="FILE")
    optimise.set_defaults(command=_optimise)


def _optimise(options: argparse.Namespace) -> int:
    ready_to_compute()
    from samspill.portfolio.service.choosing import optimise_json

    with open_input(options.file) as stream:
        for line, value in read_values(stream):
            try:
                with _nothing_else_on_standard_output():
                    answer = optimise_json(value)
            except RefusedError as error:
                raise _at(error, line) from error
            write_json(answer)
    return 0


def _at(error: RefusedError, line: str) -> RefusedError:
    """Name the line too when there are several."""
    if line == "input":
        return error
    return RefusedError(attrs.evolve(error.refused, where=f"{line}: {error.refused.where}"))


@contextlib.contextmanager
def _nothing_else_on_standard_output() -> Iterator[None]:
    """Send what the solver's C++ prints to standard error: HiGHS 1.12 leaves a line of its own on the way."""
    sys.stdout.flush()
    try:
        output = sys.stdout.fileno()
    except (OSError, ValueError):  # captured by a test: nothing can be printed past it
        yield
        return
    kept = os.dup(output)
    os.dup2(sys.stderr.fileno(), output)
    try:
        yield
    finally:
        os.dup2(kept, output)
        os.close(kept)
