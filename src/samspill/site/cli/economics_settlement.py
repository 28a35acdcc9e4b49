"""Commands of settlement: share a joint cost by a key, and price a tariff.

They store nothing and ask nobody, so they read the room's pure domain and no more: neither Django nor another room.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import attrs

from samspill.kernel.outcome import RefusedError
from samspill.site.cli.io import open_input, read_values, write_json


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    settlement = commands.add_parser("settlement", help="share costs and price tariffs")
    verbs = settlement.add_subparsers(required=True, metavar="VERB")
    share = verbs.add_parser("share", help="divide a joint cost by a key, and test the key")
    share.set_defaults(command=_share)
    tariff = verbs.add_parser("tariff", help="what a tariff costs a party of some size")
    tariff.set_defaults(command=_tariff)
    for parser in (share, tariff):
        parser.add_argument("file", nargs="?", default="-")


def _share(options: argparse.Namespace) -> int:
    from samspill.settlement.domain.share import share_json

    return _each(options, share_json)


def _tariff(options: argparse.Namespace) -> int:
    from samspill.settlement.domain.tariff import tariff_json

    return _each(options, tariff_json)


def _each(options: argparse.Namespace, answer: Callable[[Any], Any]) -> int:
    with open_input(options.file) as stream:
        for line, value in read_values(stream):
            try:
                write_json(answer(value))
            except RefusedError as error:
                raise _at(line, error) from error
    return 0


def _at(line: str, error: RefusedError) -> RefusedError:
    """Say which line of JSON lines the refusal is about."""
    if line == "input":
        return error
    return RefusedError(attrs.evolve(error.refused, where=f"{line}: {error.refused.where}"))
