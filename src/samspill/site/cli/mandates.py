"""Commands of representation: decide, import-freg."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Any

import django

from samspill.kernel.outcome import RefusedError
from samspill.site.cli.io import UserError, open_input, read_values, write_json

if TYPE_CHECKING:
    from types import ModuleType


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    group = commands.add_parser("mandates", help="who may act for whom")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    decide = verbs.add_parser("decide", help="may this person act for that one (AuthZEN 1.0)")
    decide.add_argument("--world", metavar="FILE", required=True, help="persons and grants")
    decide.add_argument("file", nargs="?", default="-")
    decide.set_defaults(command=_decide)
    freg = verbs.add_parser("import-freg", help="guardians of a Folkeregisteret person document")
    freg.add_argument("file", nargs="?", default="-")
    freg.set_defaults(command=_import_freg)


def _decide(options: argparse.Namespace) -> int:
    mandates = _door()
    with open_input(options.world) as stream:
        worlds = [value for _where, value in read_values(stream)]
    if len(worlds) != 1:
        raise UserError(
            "bad_input",
            "The world is one JSON document.",
            where="--world",
            remedy="Give {persons, scope_parent, grants}",
        )
    world = mandates.read_world(worlds[0])
    now = dt.datetime.now(dt.UTC)
    with open_input(options.file) as stream:
        for line, value in read_values(stream):
            try:
                write_json(mandates.decide_json(world, value, now=now))
            except RefusedError as error:
                said = error.refused.as_error()
                where = said["where"] if line == "input" else f"{line}: {said['where']}"
                raise UserError(
                    said["code"], said["message"], where=where, remedy=said["remedy"]
                ) from error
    return 0


def _import_freg(options: argparse.Namespace) -> int:
    mandates = _door()
    with open_input(options.file) as stream:
        for _line, value in read_values(stream):
            write_json(mandates.guardians_json(value))
    return 0


def _door() -> ModuleType:
    django.setup()
    from samspill.mandates import service

    return service
