"""Commands of what is decided together: consequences of initiatives.

What needs nothing but its input reads the pure domain and no more: neither Django nor another room. The commands of
`settlement` and `portfolio` stand in files of their own beside this one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import attrs

from samspill.kernel.outcome import RefusedError
from samspill.site.cli.computing import ready_to_compute
from samspill.site.cli.io import open_input, read_values, write_json

Answer = Callable[[Any], Any]


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    impact = commands.add_parser("impact", help="consequences of initiatives")
    verbs = impact.add_subparsers(required=True, metavar="VERB")
    for name, answer, text in (
        ("npv", _npv, "present value, discount factors and the cost of tax finance"),
        ("distribution", _distribution, "mean, spread and percentiles, exact"),
        ("learn", _learn, "what actuals say about a kind of estimate"),
        ("simulate", _simulate, "cost and hours in each municipality, with uncertainty"),
    ):
        add_verb(verbs, name, text, answer)


def add_verb(verbs: Any, name: str, text: str, answer: Answer) -> None:
    """Add a command that reads JSON (or JSON lines) from FILE and writes an answer for each."""
    parser = verbs.add_parser(name, help=text)
    parser.add_argument("file", nargs="?", default="-")
    parser.set_defaults(command=lambda options: answer_each(options, answer))


def answer_each(options: argparse.Namespace, answer: Answer) -> int:
    """Answer each value of the input, in order; a refusal in JSON lines names the line."""
    with open_input(options.file) as stream:
        for line, value in read_values(stream):
            try:
                write_json(answer(value))
            except RefusedError as error:
                if line == "input":
                    raise
                where = f"{line}: {error.refused.where}"
                raise RefusedError(attrs.evolve(error.refused, where=where)) from error
    return 0


def _npv(value: Any) -> Any:
    from samspill.impact.domain.present_value import npv

    return npv(value)


def _distribution(value: Any) -> Any:
    from samspill.impact.domain.distributions import distribution

    return distribution(value)


def _learn(value: Any) -> Any:
    from samspill.impact.domain.learning import learn

    return learn(value)


def _simulate(value: Any) -> Any:
    """Answer with the municipalities and the assumptions that are shipped, which the service knows."""
    ready_to_compute()
    from samspill.impact.service import simulate_json

    return simulate_json(value)
