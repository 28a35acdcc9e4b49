"""Commands of the rules: compute and limit, for any package that has them."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from typing import Any

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
    module = computing(options.package)
    with open_input(options.file) as stream:
        if options.csv:
            for line in module.compute_csv(options.term, stream):
                sys.stdout.write(line)
            return 0
        for where, value in read_values(stream):
            result = module.compute_json(options.term, value, explain=options.explain)
            _write(result, where)
    return 0


def _limit(options: argparse.Namespace) -> int:
    module = computing(options.package)
    with open_input(options.file) as stream:
        for where, value in read_values(stream):
            _write(module.limit_json(options.term, value), where)
    return 0


def computing(package: str) -> Any:
    """Return the module `catalogue/<package>/compute.py`.

    Raises:
        UserError: no such service, or it has no calculation.
    """
    name = f"samspill.catalogue.{package}.compute"
    if package.isidentifier() and importlib.util.find_spec(f"samspill.catalogue.{package}"):
        if importlib.util.find_spec(name):
            return importlib.import_module(name)
        raise UserError(
            "no_rules",
            f"the service {package} has no calculation",
            where="PACKAGE",
            remedy="Choose a service with rules; `samspill package list` shows them",
        )
    raise UserError(
        "no_package",
        f"there is no service {package!r}",
        where="PACKAGE",
        remedy="`samspill package list` shows the services",
    )


def _write(result: dict[str, Any], where: str) -> None:
    if "error" in result:
        error = result["error"]
        place = error["where"] if where == "input" else f"{where}: {error['where']}"
        raise UserError(error["code"], error["message"], where=place, remedy=error["remedy"])
    write_json(result)
