"""Commands of representation: decide, import, import-freg, client."""

from __future__ import annotations

import argparse
import functools
import json
from typing import TYPE_CHECKING, Any

import attrs
import django

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.site.cli.computing import ready_to_compute
from samspill.site.cli.io import (
    Progress,
    UserError,
    open_input,
    read_values,
    say_on_stderr,
    write_json,
)
from samspill.site.cli.language import as_object

if TYPE_CHECKING:
    from types import ModuleType


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    group = commands.add_parser("mandates", help="who may act for whom")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    decide = verbs.add_parser("decide", help="may this person act for that one (AuthZEN 1.0)")
    decide.add_argument(
        "--world", metavar="FILE", help="decide over the persons and grants of this file alone"
    )
    decide.add_argument("file", nargs="?", default="-")
    decide.set_defaults(command=_decide)
    loading = verbs.add_parser("import", help="load a world of persons and grants, for tests")
    loading.add_argument("file", metavar="FILE")
    loading.set_defaults(command=_import)
    freg = verbs.add_parser("import-freg", help="guardians of a Folkeregisteret person document")
    freg.add_argument("file", nargs="?", default="-")
    freg.set_defaults(command=_import_freg)
    client = verbs.add_parser("client", help="let an organisation's machines ask (AuthZEN 1.0)")
    client.add_argument("org_no", metavar="ORG_NO")
    client.add_argument("--name", required=True)
    client.add_argument(
        "--owner", action="append", required=True, help="of the scopes it asks about"
    )
    client.add_argument("--legal-basis", required=True)
    client.add_argument("--numbers", action="store_true", help="it may use national numbers")
    client.add_argument("--reasons", action="store_true", help="it is told the fine reason")
    client.set_defaults(command=_client)


def _decide(options: argparse.Namespace) -> int:
    mandates = _door(stores=not options.world)
    now = clock.now()
    if options.world:
        world = _world(mandates, options.world)
        answer = functools.partial(mandates.decide_json, world, now=now)
    else:
        answer = functools.partial(mandates.decide_stored_json, now=now)
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


def _import(options: argparse.Namespace) -> int:
    mandates = _door()
    progress = Progress("mandates", "rows")

    def tell(loaded: Any) -> None:
        done = loaded.persons + loaded.grants + loaded.known + loaded.rejected
        progress(done, done)

    with open_input(options.file) as stream:
        loaded = mandates.load_world(stream, progress=tell)
    progress.done()
    told = {"persons": loaded.persons, "grants": loaded.grants, "already_there": loaded.known}
    if not loaded.rejected:
        write_json(told)
        return 0
    faults = [as_object(fault) for fault in loaded.faults]
    for fault in faults:
        say_on_stderr(json.dumps(fault, ensure_ascii=False) + "\n")
    first = faults[0]
    raise UserError(
        "bad_rows",
        "Rows that are not loaded: %(rows)s; grants that are: %(grants)s, and persons: %(persons)s. First: %(said)s",
        where=first["where"],
        remedy="%(first)s Then run the command again: what is in is passed over.",
        rows=loaded.rejected, grants=loaded.grants, persons=loaded.persons,
        said=first["message"], first=first["remedy"],
    )  # fmt: skip


def _world(mandates: ModuleType, path: str) -> Any:
    with open_input(path) as stream:
        worlds = [value for _where, value in read_values(stream)]
    if len(worlds) != 1:
        raise UserError(
            "bad_input",
            "The world is one JSON document.",
            where="--world",
            remedy="Give {persons, scope_parent, grants}",
        )
    return mandates.read_world(worlds[0])


def _client(options: argparse.Namespace) -> int:
    mandates = _door()
    made = mandates.register_client(
        org_no=options.org_no,
        name=options.name,
        owners=options.owner,
        legal_basis=options.legal_basis,
        may_use_numbers=options.numbers,
        sees_reasons=options.reasons,
    )
    write_json({"client": options.org_no, "new": made})
    return 0


def _import_freg(options: argparse.Namespace) -> int:
    mandates = _door(stores=False)
    with open_input(options.file) as stream:
        for _line, value in read_values(stream):
            write_json(mandates.guardians_json(value))
    return 0


def _door(*, stores: bool = True) -> ModuleType:
    """Return the room's service; a command that decides over a file alone needs no jobs and no events."""
    if stores:
        django.setup()
    else:
        ready_to_compute()
    from samspill.mandates import service

    return service
